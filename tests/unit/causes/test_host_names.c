/* For which names a public CA issues certificates, and what a pattern does not cover. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causes/host_names.h"

#include <string.h>

static void a_public_ca_issues_for_names_below_a_public_domain_alone(void **state)
{
    (void)state;
    assert_true(host_is_public_name("www.example.com"));
    assert_true(host_is_public_name("latest.example.org"));
    static const char *const others[] = {"localhost", "db1",    "127.0.0.1",  "::1",        "api.example.test",
                                         "nas.local", "vm.LAN", "a.internal", "b.home.arpa"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(host_is_public_name(others[i]));
    assert_true(host_is_address("127.0.0.1") && host_is_address("::1"));
    assert_false(host_is_address("1.example") || host_is_address("localhost"));
}

static void a_pattern_stands_for_one_label(void **state)
{
    (void)state;
    arena *a = arena_new();
    const char *names = "www.example.org, *.example.com";
    assert_non_null(
        strstr(host_pattern_text(a, "deep.api.example.com", names), "*.example.com does not cover deep.api.example.com:"));
    assert_non_null(strstr(host_pattern_text(a, "example.com", names), "does not cover example.com itself"));
    assert_null(host_pattern_text(a, "www.example.net", names));
    assert_null(host_pattern_text(a, "notexample.com", names));
    assert_null(host_pattern_text(a, "192.0.2.7", "*.7"));
    assert_null(host_pattern_text(a, "example.com", NULL));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_public_ca_issues_for_names_below_a_public_domain_alone),
        cmocka_unit_test(a_pattern_stands_for_one_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
