/* Which name an address has, and which name has none. */
#include "../with_arena.h"

#include "run/names.h"

#include <string.h>

static trace_lookup of(int pid, const char *name, const char *to, uint8_t code, int64_t answered_us)
{
    trace_lookup k = {.pid = pid, .code = code, .asked_us = 1, .answered_us = answered_us};
    memcpy(k.name, name, strlen(name));
    assert_true(address_from_text("192.0.2.53", 53, &k.server));
    if (to != NULL)
        assert_true(address_from_text(to, 0, &k.addresses[k.num_addresses++]));
    return k;
}

static void the_processes_own_lookup_names_the_address(void **state)
{
    trace_lookup list[] = {of(1, "early.example", "192.0.2.7", 0, 10), of(2, "other.example", "192.0.2.7", 0, 30),
                           of(1, "late.example", "192.0.2.7", 0, 20), of(1, "elsewhere.example", "192.0.2.8", 0, 40)};
    address to;
    assert_true(address_from_text("192.0.2.7", 443, &to));
    assert_string_equal(names_of_address(*state, (name_list){list, 4}, &to, 1), "late.example");
    assert_string_equal(names_of_address(*state, (name_list){list, 4}, &to, 3), "other.example"); /* nobody's own: the latest */
    assert_true(address_from_text("192.0.2.9", 443, &to));
    assert_null(names_of_address(*state, (name_list){list, 4}, &to, 1));
}

static void a_mapped_address_is_the_same(void **state)
{
    trace_lookup list[] = {of(1, "a.example", "192.0.2.7", 0, 10)};
    address to;
    assert_true(address_from_text("::ffff:192.0.2.7", 443, &to));
    assert_string_equal(names_of_address(*state, (name_list){list, 1}, &to, 1), "a.example");
}

static void a_name_that_one_domain_of_the_search_list_has_did_not_fail(void **state)
{
    trace_lookup list[] = {of(1, "host", NULL, 3, 10), of(1, "host.corp.example", "192.0.2.7", 0, 20),
                           of(1, "hostess", NULL, 3, 30)};
    name_list names = {list, 3};
    (void)state;
    assert_null(names_find_failed(names, "host", 1));
    assert_ptr_equal(names_find_failed(names, "hostess", 1), &list[2]);
    assert_true(names_is_expansion(names, &list[1]));
    assert_false(names_is_expansion(names, &list[2]));
}

static void a_name_that_fails_with_all_domains_fails_once(void **state)
{
    trace_lookup list[] = {of(1, "host.corp.example", NULL, 3, 10), of(1, "host", NULL, 3, 20)};
    name_list names = {list, 2};
    (void)state;
    assert_ptr_equal(names_find_failed(names, "HOST", 0), &list[1]);
    assert_true(names_have(names, "host"));
    assert_false(names_have(names, "hos"));
}

static void the_failure_is_told_as_the_server_told_it(void **state)
{
    trace_lookup no_name = of(1, "a", NULL, 3, 10), silent = of(1, "a", NULL, 0, 0), empty = of(1, "a", NULL, 0, 5),
                 odd = of(1, "a", NULL, 9, 5);
    trace_lookup refused = silent;
    refused.is_refused = true;
    assert_string_equal(names_failure_text(*state, &no_name), "the name server 192.0.2.53 knows no such name (NXDOMAIN)");
    assert_string_equal(names_failure_text(*state, &silent), "the name server 192.0.2.53 did not answer");
    assert_string_equal(names_failure_text(*state, &refused), "no name server listens on 192.0.2.53");
    assert_string_equal(names_failure_text(*state, &empty), "the name server 192.0.2.53 knows the name, but no address of it");
    assert_string_equal(names_failure_text(*state, &odd), "the name server 192.0.2.53 failed with code 9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(the_processes_own_lookup_names_the_address),
        WITH_ARENA(a_mapped_address_is_the_same),
        WITH_ARENA(a_name_that_one_domain_of_the_search_list_has_did_not_fail),
        WITH_ARENA(a_name_that_fails_with_all_domains_fails_once),
        WITH_ARENA(the_failure_is_told_as_the_server_told_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
