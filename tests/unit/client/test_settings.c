/* What an openssl.cnf sets, with its lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/settings.h"

static setting_list read_text(arena *a, const char *text)
{
    setting_list list = {.num_settings = 0};
    openssl_settings_read(a, bytes_from_text(text), "/etc/ssl/openssl.cnf", "OPENSSL_CONF", &list);
    return list;
}

static void the_line_that_narrows_is_named(void **state)
{
    (void)state;
    arena *a = arena_new();
    setting_list list =
        read_text(a, "openssl_conf = a\n[a]\nssl_conf=b\n[b]\nsystem_default = c\n[c]\nMaxProtocol = TLSv1.2 # old\n");
    const setting *s = setting_on(&list, SETTING_VERSION);
    assert_non_null(s);
    assert_string_equal(s->name, "MaxProtocol");
    assert_string_equal(s->value, "TLSv1.2");
    assert_int_equal(s->line, 7);
    assert_string_equal(s->from, "OPENSSL_CONF");
    assert_null(setting_on(&list, SETTING_CIPHER));
    arena_free(a);
}

static void the_last_of_two_counts_whatever_its_case(void **state)
{
    (void)state;
    arena *a = arena_new();
    setting_list list = read_text(a, "MinProtocol=TLSv1\r\nsystem_default.minprotocol = TLSv1.3\n");
    assert_string_equal(setting_on(&list, SETTING_VERSION)->value, "TLSv1.3");
    arena_free(a);
}

static void garbage_sets_nothing(void **state)
{
    (void)state;
    arena *a = arena_new();
    static const char *const garbage[] = {"",         "\n\n",       "=",          "= =", "[", "[[[", "# MaxProtocol = TLSv1",
                                          ".include", ".include =", "MaxProtocol"};
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++)
        assert_int_equal(read_text(a, garbage[i]).num_settings, 0);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_that_narrows_is_named),
        cmocka_unit_test(the_last_of_two_counts_whatever_its_case),
        cmocka_unit_test(garbage_sets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
