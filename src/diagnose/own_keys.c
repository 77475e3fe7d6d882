#include "diagnose/own_keys.h"

#include "registry/registry.h"

static bool make(arena *a, const diagnosis_tools *tools, uint16_t group, bytes_view *out)
{
    return tools->make_key_share != NULL && tools->make_key_share(tools->user, a, group, out);
}

bool hello_with_own_keys(arena *a, const diagnosis_tools *tools, const client_hello *hello, client_hello *out)
{
    key_share *shares;
    size_t num_shares = hello_key_shares(a, hello, &shares);
    bool all = true;
    *out = *hello;
    for (size_t i = 0; i < num_shares; i++) {
        bytes_view own;
        if (code_is_grease(shares[i].group))
            continue;
        if (make(a, tools, shares[i].group, &own))
            shares[i].key_exchange = own;
        else
            all = false;
    }
    if (num_shares > 0)
        *out = hello_with_key_shares(a, hello, shares, num_shares);
    return all;
}

static code_list groups_without_keys(arena *a, const diagnosis_tools *tools, code_list groups)
{
    code_list without = {.codes = ARENA_ARRAY(a, groups.num_codes, uint16_t)};
    bytes_view ignored;
    for (size_t i = 0; i < groups.num_codes; i++)
        if (!code_is_grease(groups.codes[i]) && !make(a, tools, groups.codes[i], &ignored))
            without.codes[without.num_codes++] = groups.codes[i];
    return without;
}

client_hello hello_with_own_keys_only(arena *a, const diagnosis_tools *tools, const client_hello *hello)
{
    client_hello out;
    code_list groups = client_hello_groups(a, hello), unmakable = groups_without_keys(a, tools, groups);
    (void)hello_with_own_keys(a, tools, hello, &out);
    out = hello_with_groups(a, &out, codes_without(a, groups, unmakable));
    key_share *shares;
    size_t num_shares = hello_key_shares(a, &out, &shares), num_kept = 0;
    for (size_t i = 0; i < num_shares; i++)
        if (!codes_contain(unmakable, shares[i].group))
            shares[num_kept++] = shares[i];
    return hello_with_key_shares(a, &out, shares, num_kept);
}
