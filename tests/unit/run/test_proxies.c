/* Proxies of the environment. */
#include "../with_arena.h"

#include "run/proxies.h"

#define READ(a, out, ...) proxies_of(a, &(process_snapshot){.environment = (const char *const[]){__VA_ARGS__, NULL}}, out)

static void the_place_is_read_without_its_credentials(void **state)
{
    named_proxy p[PROXIES_MAX];
    assert_int_equal(READ(*state, p, "HTTPS_PROXY=http://me:p@ss@proxy.example:3128/"), 1);
    assert_string_equal(p[0].variable, "HTTPS_PROXY");
    assert_string_equal(p[0].host, "proxy.example");
    assert_int_equal(p[0].port, 3128);
    assert_int_equal(READ(*state, p, "http_proxy=proxy:8080", "all_proxy=socks5h://[2001:db8::1]:1080"), 2);
    assert_string_equal(p[0].host, "2001:db8::1");
    assert_int_equal(p[0].port, 1080);
    assert_string_equal(p[1].host, "proxy");
}

static void the_arguments_come_before_the_environment(void **state)
{
    named_proxy p[PROXIES_MAX];
    const char *const argv[] = {"curl", "-x", "http://me:p@proxy:3128", "--socks5=[2001:db8::1]:1080", "-proxyless", "-x", NULL};
    const char *const environment[] = {"HTTPS_PROXY=other:8080", NULL};
    assert_int_equal(proxies_of(*state, &(process_snapshot){.argv = argv, .environment = environment}, p), 3);
    assert_string_equal(p[0].variable, "-x");
    assert_string_equal(p[0].host, "proxy");
    assert_string_equal(p[1].variable, "--socks5");
    assert_string_equal(p[1].host, "2001:db8::1");
    assert_string_equal(p[2].variable, "HTTPS_PROXY");
}

static void what_names_no_place_is_none(void **state)
{
    named_proxy p[PROXIES_MAX];
    assert_int_equal(
        READ(*state, p, "HTTPS_PROXY=", "ALL_PROXY=http://", "NO_PROXY=*", "https_proxy=:3128", "http_proxy=http://me@/"), 0);
    assert_int_equal(proxies_of(*state, NULL, p), 0);
}

static void a_connection_is_matched_by_place_and_port(void **state)
{
    named_proxy p[PROXIES_MAX];
    const char *const names[] = {"192.0.2.1", NULL, "Proxy.Example"};
    size_t num = READ(*state, p, "HTTPS_PROXY=http://proxy.example:3128", "ALL_PROXY=http://192.0.2.1");
    assert_string_equal(proxies_variable(p, num, 3128, names, 3), "HTTPS_PROXY");
    assert_string_equal(proxies_variable(p, num, 1080, names, 3), "ALL_PROXY");
    assert_null(proxies_variable(p, num, 8443, names, 3));
    assert_null(proxies_variable(p, num, 3128, names + 1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(the_place_is_read_without_its_credentials),
        WITH_ARENA(the_arguments_come_before_the_environment),
        WITH_ARENA(what_names_no_place_is_none),
        WITH_ARENA(a_connection_is_matched_by_place_and_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
