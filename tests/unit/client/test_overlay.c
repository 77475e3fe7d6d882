/* How a client is made to offer something else: the right way for each, and never one that switches verification off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/overlay.h"
#include "registry/registry.h"

#include <string.h>

static const char *const environment[] = {"NODE_OPTIONS=--max-old-space-size=100", NULL};
static const process_snapshot process = {.exe = "/usr/bin/program", .environment = environment};
static char command_name[] = "program", curl_name[] = "/usr/bin/curl", openssl_name[] = "openssl";

static client client_of(enum runtime runtime, enum library_kind kind, const char *version)
{
    return (client){.process = &process, .runtime = runtime, .program = "program", .library = {.kind = kind, .version = version}};
}

static const effect cap = {.kind = EFFECT_VERSION_MAX, .version = VERSION_TLS12};

static void python_gets_a_configuration_of_its_own(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    char *const command[] = {command_name, NULL};
    client c = client_of(RUNTIME_PYTHON, LIBRARY_OPENSSL, "3.0.22");
    assert_int_equal(overlay_ways(a, &c, command, &cap, ways, 3), 1);
    assert_string_equal(ways[0].variable, "OPENSSL_CONF");
    assert_non_null(strstr(ways[0].content, "MaxProtocol = TLSv1.2"));
    assert_non_null(strstr(overlay_in_folder(a, ways[0].value, "/tmp/f"), "/tmp/f/openssl.cnf"));
    arena_free(a);
}

static void an_openssl_that_reads_no_defaults_gets_none(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    char *const command[] = {command_name, NULL};
    client c = client_of(RUNTIME_PYTHON, LIBRARY_OPENSSL, "1.0.2d");
    assert_int_equal(overlay_ways(a, &c, command, &cap, ways, 3), 0);
    arena_free(a);
}

static void curl_gets_an_argument_where_it_is_the_command(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    char *const direct[] = {curl_name, NULL}, *const inside[] = {command_name, NULL};
    client c = client_of(RUNTIME_CURL, LIBRARY_OPENSSL, "3.0.22");
    assert_true(overlay_ways(a, &c, direct, &cap, ways, 3) >= 1);
    assert_string_equal(ways[0].arguments[0], "--tls-max");
    assert_string_equal(ways[0].arguments[1], "1.2");
    assert_true(overlay_ways(a, &c, inside, &cap, ways, 3) >= 1);
    assert_string_equal(ways[0].variable, "CURL_HOME");
    assert_non_null(strstr(ways[0].content, "tls-max = \"1.2\""));
    arena_free(a);
}

static void node_keeps_the_options_that_it_had(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    char *const command[] = {command_name, NULL};
    client c = client_of(RUNTIME_NODE, LIBRARY_OPENSSL, "3.0.15");
    assert_true(overlay_ways(a, &c, command, &cap, ways, 3) >= 1);
    assert_string_equal(ways[0].value, "--max-old-space-size=100 --tls-max-v1.2");
    arena_free(a);
}

static void s_client_gets_its_own_option(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    char *const command[] = {openssl_name, NULL};
    client c = client_of(RUNTIME_OPENSSL, LIBRARY_OPENSSL, "3.0.22");
    assert_true(overlay_ways(a, &c, command, &cap, ways, 3) >= 1);
    assert_string_equal(ways[0].arguments[0], "-max_protocol");
    arena_free(a);
}

/* Whatever is wanted of whichever client: no way may take verification away. */
static void no_way_switches_verification_off(void **state)
{
    (void)state;
    static const char *const off[] = {"VERIFY_NONE",       "CERT_NONE", "NODE_TLS_REJECT_UNAUTHORIZED", "rejectUnauthorized",
                                      "insecure",          " -k ",      "--no-check-certificate",       "InsecureSkipVerify",
                                      "GIT_SSL_NO_VERIFY", "SSL_VERIFY"};
    arena *a = arena_new();
    char *const commands[][2] = {{command_name, NULL}, {curl_name, NULL}, {openssl_name, NULL}};
    for (int runtime = RUNTIME_OTHER; runtime <= RUNTIME_GO; runtime++)
        for (int kind = LIBRARY_UNKNOWN; kind <= LIBRARY_RUSTLS; kind++)
            for (int wanted = EFFECT_VERSION_MAX; wanted <= EFFECT_WITHOUT_ALPN; wanted++)
                for (size_t k = 0; k < 3; k++) {
                    overlay ways[3];
                    client c = client_of((enum runtime)runtime, (enum library_kind)kind, "3.0.22");
                    effect e = {
                        .kind = (enum effect_kind)wanted, .version = VERSION_TLS12, .code = 35, .list = "P-256", .path = "/ca.pem"};
                    size_t num = overlay_ways(a, &c, commands[k], &e, ways, 3);
                    for (size_t i = 0; i < num; i++)
                        for (size_t o = 0; o < sizeof off / sizeof *off; o++) {
                            assert_null(ways[i].value == NULL ? NULL : strstr(ways[i].value, off[o]));
                            assert_null(ways[i].content == NULL ? NULL : strstr(ways[i].content, off[o]));
                            for (size_t n = 0; ways[i].arguments[n] != NULL; n++)
                                assert_int_not_equal(strcmp(ways[i].arguments[n], off[o]), 0);
                        }
                }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(python_gets_a_configuration_of_its_own),
        cmocka_unit_test(an_openssl_that_reads_no_defaults_gets_none),
        cmocka_unit_test(curl_gets_an_argument_where_it_is_the_command),
        cmocka_unit_test(node_keeps_the_options_that_it_had),
        cmocka_unit_test(s_client_gets_its_own_option),
        cmocka_unit_test(no_way_switches_verification_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
