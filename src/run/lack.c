#include "run/lack.h"

#include "registry/dialect.h"
#include "registry/registry.h"
#include "wire/client_hello.h"
#include "wire/extension.h"

#include <string.h>

static const lack_row lack_rows[] = {
    {"client-version-too-old", CHANGE_VERSION_RAISED, ABILITY_VERSION, NARROWED_VERSION_MAX},
    {"server-version-too-old", CHANGE_VERSION_LOWERED, ABILITY_VERSION, NARROWED_VERSION_MIN},
    {"no-shared-cipher", CHANGE_SUITES_ADDED, ABILITY_CIPHER, NARROWED_ANY_CIPHER},
    {"no-shared-group", CHANGE_GROUPS_ADDED, ABILITY_GROUP, NARROWED_GROUP},
    {"no-shared-signature-algorithm", CHANGE_SCHEMES_ADDED, ABILITY_SCHEME, NARROWED_SCHEME},
    {"sni-missing", CHANGE_NAME_ADDED, ABILITY_EXTENSION, NARROWED_NAME},
    {"alpn-mismatch", CHANGE_ALPN_REMOVED, ABILITY_EXTENSION, NARROWED_ALPN},
    {"ems-required", CHANGE_EXTENDED_MASTER_SECRET, ABILITY_EXTENSION, 0},
};

static const change *change_of_kind(const change_set *set, enum change_kind kind)
{
    for (size_t i = 0; set != NULL && i < set->num_changes; i++)
        if (set->changes[i].kind == kind)
            return &set->changes[i];
    return NULL;
}

static const char *suite_name(arena *a, uint16_t code)
{
    const char *both_names = dialect_suite(a, DIALECT_PEOPLE, code);
    return both_names != NULL ? both_names : cipher_suite_name(a, code);
}

static const char *lack_name(arena *a, const lack *l)
{
    enum { NAMES_MAX = 3 };
    switch (l->row->change) {
    case CHANGE_VERSION_RAISED:
    case CHANGE_VERSION_LOWERED:
        return code_names(a, l->codes, version_name, NAMES_MAX);
    case CHANGE_SUITES_ADDED:
        return code_names(a, l->codes, suite_name, NAMES_MAX);
    case CHANGE_GROUPS_ADDED:
        return code_names(a, l->codes, group_name, NAMES_MAX);
    case CHANGE_SCHEMES_ADDED:
        return code_names(a, l->codes, signature_scheme_name, NAMES_MAX);
    case CHANGE_NAME_ADDED:
        return "the server name (SNI)";
    case CHANGE_ALPN_REMOVED:
        return "another protocol (ALPN)";
    default:
        return "the extended master secret";
    }
}

static code_list codes_of(arena *a, const change *c)
{
    switch (c->kind) {
    case CHANGE_VERSION_RAISED:
    case CHANGE_VERSION_LOWERED:
        return codes_one(a, c->code);
    case CHANGE_NAME_ADDED:
        return codes_one(a, EXTENSION_SERVER_NAME);
    case CHANGE_EXTENDED_MASTER_SECRET:
        return codes_one(a, EXTENSION_EXTENDED_MASTER_SECRET);
    default:
        return c->codes;
    }
}

/* Suites of TLS 1.3 are set by other means than those before. */
static unsigned narrowed_of(const lack_row *row, code_list codes)
{
    const cipher_suite_row *suite =
        row->ability == ABILITY_CIPHER && codes.num_codes > 0 ? cipher_suite_find(codes.codes[0]) : NULL;
    if (suite == NULL)
        return row->narrowed;
    return suite->version_min >= VERSION_TLS13 ? NARROWED_CIPHER13 : NARROWED_CIPHER;
}

/* What the change brought; of a version that the client refused without one, that which the server chose. */
static bool find_codes(arena *a, const lack_row *row, const verdict *v, const evidence *e, code_list *out)
{
    const change *made = change_of_kind(v->changes, row->change);
    bool was_refused = made == NULL && row->change == CHANGE_VERSION_LOWERED && e->failed->has_server_hello;
    if (made == NULL && !was_refused)
        return false;
    *out = was_refused ? codes_one(a, e->failed->server_hello.version) : codes_of(a, made);
    return true;
}

bool lack_find(arena *a, const verdict *v, const evidence *e, lack *out)
{
    code_list codes;
    if (e->failed == NULL || !e->failed->has_hello)
        return false;
    for (size_t i = 0; i < sizeof lack_rows / sizeof *lack_rows; i++) {
        if (strcmp(lack_rows[i].cause, v->cause) != 0 || !find_codes(a, &lack_rows[i], v, e, &codes))
            continue;
        *out = (lack){.row = &lack_rows[i], .codes = codes, .hello = &e->failed->hello};
        out->narrowed = narrowed_of(out->row, codes);
        out->name = lack_name(a, out);
        return true;
    }
    return false;
}

/* ---- what another hello offers ------------------------------------------------------------------------------------------------
 */

static bool any_in(code_list wanted, code_list offered)
{
    for (size_t i = 0; i < wanted.num_codes; i++)
        if (codes_contain(offered, wanted.codes[i]))
            return true;
    return false;
}

static bool other_protocols(const client_hello *one, const client_hello *other)
{
    const extension *a = client_hello_extension(one, EXTENSION_ALPN), *b = client_hello_extension(other, EXTENSION_ALPN);
    return a == NULL || b == NULL ? a != b : !bytes_equal(a->body, b->body);
}

bool lack_is_offered(arena *a, const client_hello *hello, const lack *l)
{
    switch (l->row->change) {
    case CHANGE_VERSION_RAISED:
    case CHANGE_VERSION_LOWERED:
        return any_in(l->codes, client_hello_versions(a, hello));
    case CHANGE_SUITES_ADDED:
        return any_in(l->codes, hello->cipher_suites);
    case CHANGE_GROUPS_ADDED:
        return any_in(l->codes, client_hello_groups(a, hello));
    case CHANGE_SCHEMES_ADDED:
        return any_in(l->codes, client_hello_signature_schemes(a, hello));
    case CHANGE_ALPN_REMOVED:
        return other_protocols(hello, l->hello);
    default:
        return client_hello_extension(hello, l->codes.codes[0]) != NULL;
    }
}
