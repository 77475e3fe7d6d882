/* A server as the user names it. */
#include "net/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const network_options none = {0};

static void assert_target(const char *text, const char *host, uint16_t port)
{
    arena *a = arena_new();
    target t;
    error e;
    assert_true(target_parse(a, text, 443, &none, &t, &e));
    assert_string_equal(t.host, host);
    assert_int_equal(t.port, port);
    arena_free(a);
}

static void host_and_port_are_read_as_people_write_them(void **state)
{
    (void)state;
    assert_target("example.com", "example.com", 443);
    assert_target("example.com:8443", "example.com", 8443);
    assert_target("192.0.2.7:25", "192.0.2.7", 25);
    assert_target("[2001:db8::1]:8443", "2001:db8::1", 8443);
    assert_target("[2001:db8::1]", "2001:db8::1", 443);
    assert_target("2001:db8::1", "2001:db8::1", 443);
    assert_target("https://example.com:444/path?x", "example.com", 444);
}

static void what_is_no_host_or_port_is_refused_with_a_sentence(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",       ":443", "a:0", "a:65536", "a:99999999999999999999", "a:x", "a:", "a b",
                                        "[::1]x", "[",    "[]",  "user@a"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        arena *a = arena_new();
        target t;
        error e = {.code = ERROR_NONE};
        assert_false(target_parse(a, wrong[i], 443, &none, &t, &e));
        assert_int_equal(e.code, ERROR_USAGE);
        arena_free(a);
    }
}

static void an_address_is_no_server_name_and_sni_says_otherwise(void **state)
{
    (void)state;
    arena *a = arena_new();
    network_options named = {.server_name = "other.example"}, unnamed = {.server_name = ""};
    target t;
    error e;
    assert_true(target_parse(a, "192.0.2.7", 443, &none, &t, &e));
    assert_null(t.server_name);
    assert_true(target_parse(a, "192.0.2.7", 443, &named, &t, &e));
    assert_string_equal(t.server_name, "other.example");
    assert_true(target_parse(a, "example.com", 443, &unnamed, &t, &e));
    assert_null(t.server_name);
    arena_free(a);
}

static void a_name_with_other_letters_is_wanted_as_it_is_sent(void **state)
{
    (void)state;
    arena *a = arena_new();
    target t;
    error e;
    network_options named = {.server_name = "z\xC3\xBCrich.test"};
    assert_false(target_parse(a, "z\xC3\xBCrich.test:443", 443, &none, &t, &e));
    assert_int_equal(e.code, ERROR_USAGE);
    assert_non_null(strstr(e.message, "xn--"));
    assert_false(target_parse(a, "192.0.2.7", 443, &named, &t, &e));
    assert_non_null(strstr(e.message, "xn--"));
    assert_true(target_parse(a, "xn--zrich-kva.test", 443, &none, &t, &e));
    arena_free(a);
}

static void resolve_replaces_the_resolver_for_its_host_and_port(void **state)
{
    (void)state;
    arena *a = arena_new();
    network_options options = {
        .resolve = {"Example.com:443:192.0.2.1", "example.com:443:[2001:db8::1]", "example.com:25:192.0.2.9"}, .num_resolve = 3};
    target t;
    error e;
    assert_true(target_parse(a, "example.com", 443, &options, &t, &e));
    assert_true(target_resolve(a, &t, &options, 100, &e));
    assert_int_equal(t.num_addresses, 2);
    assert_string_equal(address_to_text(a, &t.addresses[1]), "2001:db8::1");
    options.family = AF_INET;
    assert_true(target_resolve(a, &t, &options, 100, &e));
    assert_int_equal(t.num_addresses, 1);
    arena_free(a);
}

static void an_address_of_the_other_family_is_none(void **state)
{
    (void)state;
    arena *a = arena_new();
    network_options options = {.family = AF_INET6};
    target t;
    error e;
    assert_true(target_parse(a, "192.0.2.7", 443, &options, &t, &e));
    assert_false(target_resolve(a, &t, &options, 100, &e));
    assert_non_null(strstr(e.message, "IPv6"));
    arena_free(a);
}

static void resolve_options_that_say_nothing_usable_are_refused(void **state)
{
    (void)state;
    error e;
    assert_true(target_resolve_option_check("a:1:::1", &e));
    assert_false(target_resolve_option_check("a:1", &e));
    assert_false(target_resolve_option_check(":1:192.0.2.1", &e));
    assert_false(target_resolve_option_check("a:x:192.0.2.1", &e));
    assert_false(target_resolve_option_check("a:1:b", &e));
    assert_false(target_resolve_option_check("a:1:", &e));
}

static void a_proxy_is_what_is_connected_to(void **state)
{
    (void)state;
    arena *a = arena_new();
    network_options by_proxy = {.proxy = "http://127.0.0.9:3128", .starttls = "smtp"};
    target t;
    error e;
    assert_true(target_parse(a, "mail.example", 443, &by_proxy, &t, &e));
    assert_int_equal(t.port, 25);
    assert_true(target_resolve(a, &t, &by_proxy, 1000, &e));
    assert_int_equal(t.num_addresses, 1);
    assert_string_equal(address_to_text(a, &t.addresses[0]), "127.0.0.9");
    assert_int_equal(address_port(&t.addresses[0]), 3128);
    assert_true(target_parse(a, "mail.example:587", 443, &by_proxy, &t, &e));
    assert_int_equal(t.port, 587);
    arena_free(a);
}

static void what_is_no_proxy_or_protocol_is_refused(void **state)
{
    (void)state;
    arena *a = arena_new();
    static const network_options wrong[] = {{.proxy = "gopher://a"}, {.proxy_header = "v9"}, {.starttls = "gopher"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        target t;
        error e = {.code = ERROR_NONE};
        assert_false(target_parse(a, "example.com", 443, &wrong[i], &t, &e));
        assert_int_equal(e.code, ERROR_USAGE);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proxy_is_what_is_connected_to),
        cmocka_unit_test(what_is_no_proxy_or_protocol_is_refused),
        cmocka_unit_test(host_and_port_are_read_as_people_write_them),
        cmocka_unit_test(what_is_no_host_or_port_is_refused_with_a_sentence),
        cmocka_unit_test(an_address_is_no_server_name_and_sni_says_otherwise),
        cmocka_unit_test(a_name_with_other_letters_is_wanted_as_it_is_sent),
        cmocka_unit_test(resolve_replaces_the_resolver_for_its_host_and_port),
        cmocka_unit_test(an_address_of_the_other_family_is_none),
        cmocka_unit_test(resolve_options_that_say_nothing_usable_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
