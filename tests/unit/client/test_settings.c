/* What outside a program narrows its offer, with the lines that do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/settings.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHAIN "openssl_conf = a\n[a]\nssl_conf=b\n[ b ]\nsystem_default = c\n[c]\n"

static setting_list read_text(arena *a, const char *text)
{
    setting_list list = {.num_settings = 0};
    openssl_settings_read(a, bytes_from_text(text), "openssl_conf", "/etc/ssl/openssl.cnf", "OPENSSL_CONF", &list);
    return list;
}

static void the_line_that_narrows_is_named(void **state)
{
    (void)state;
    arena *a = arena_new();
    setting_list list = read_text(a, CHAIN "MaxProtocol = TLSv1.2 # old\n");
    const setting *s = setting_on(&list, NARROWED_VERSION_MAX);
    assert_non_null(s);
    assert_string_equal(s->name, "MaxProtocol");
    assert_string_equal(s->value, "TLSv1.2");
    assert_int_equal(s->line, 7);
    assert_string_equal(s->from, "OPENSSL_CONF");
    assert_null(setting_on(&list, NARROWED_CIPHER));
    assert_null(setting_on(&list, NARROWED_VERSION_MIN));
    arena_free(a);
}

static void the_last_of_two_counts_whatever_its_case(void **state)
{
    (void)state;
    arena *a = arena_new();
    setting_list list = read_text(a, CHAIN "MinProtocol=TLSv1\r\n2.minprotocol = TLSv1.3\n");
    assert_string_equal(setting_on(&list, NARROWED_VERSION)->value, "TLSv1.3");
    arena_free(a);
}

static void a_section_that_nothing_leads_to_sets_nothing(void **state)
{
    (void)state;
    arena *a = arena_new();
    setting_list list = read_text(a, CHAIN "MaxProtocol = TLSv1.2\n[unused]\nMaxProtocol = TLSv1.3\n");
    assert_int_equal(list.num_settings, 1);
    assert_string_equal(list.settings[0].value, "TLSv1.2");
    assert_int_equal(read_text(a, "[c]\nMaxProtocol = TLSv1.2\n").num_settings, 0);
    arena_free(a);
}

static void a_line_that_goes_on_is_one_with_its_first_number(void **state)
{
    (void)state;
    arena *a = arena_new();
    setting_list list = read_text(a, CHAIN "CipherString = ECDHE:\\\n  !SHA1\nGroups = X25519\n");
    assert_string_equal(setting_on(&list, NARROWED_CIPHER)->value, "ECDHE:!SHA1");
    assert_int_equal(setting_on(&list, NARROWED_CIPHER)->line, 7);
    assert_int_equal(setting_on(&list, NARROWED_GROUP)->line, 9);
    arena_free(a);
}

static void garbage_sets_nothing(void **state)
{
    (void)state;
    arena *a = arena_new();
    static const char *const garbage[] = {
        "", "\n\n", "=", "= =", "[", "[[[", "# MaxProtocol = TLSv1", ".include", ".include =", "MaxProtocol", "\\", "a = \\\n\\\n"};
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++)
        assert_int_equal(read_text(a, garbage[i]).num_settings, 0);
    arena_free(a);
}

/* ---- files of other clients -------------------------------------------------------------------------------------------------- */

typedef struct place {
    arena *arena;
    char folder[32];
    const char *files[4];
    size_t num_files;
    process_snapshot process;
    client client;
    const char *environment[4];
    const char *argv[4];
} place;

static void place_new(place *p, enum runtime runtime, enum library_kind library)
{
    *p = (place){.arena = arena_new(), .folder = "/tmp/tlswhy-test-XXXXXX", .argv = {"program"}};
    assert_non_null(mkdtemp(p->folder));
    p->process = (process_snapshot){.working_directory = p->folder, .argv = p->argv, .environment = p->environment};
    p->client = (client){.process = &p->process, .runtime = runtime, .program = "", .library = {.kind = library}};
}

static const char *place_file(place *p, const char *name, const char *text)
{
    const char *path = arena_printf(p->arena, "%s/%s", p->folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    (void)fclose(f);
    return p->files[p->num_files++] = path;
}

static void place_free(place *p)
{
    for (size_t i = 0; i < p->num_files; i++)
        (void)unlink(p->files[i]);
    (void)rmdir(p->folder);
    arena_free(p->arena);
}

static void assert_setting(const place *p, unsigned narrows, const char *name, const char *value, int line)
{
    setting_list list = client_settings(p->arena, &p->client);
    const setting *s = setting_on(&list, narrows);
    assert_non_null(s);
    assert_string_equal(s->name, name);
    assert_string_equal(s->value, value);
    assert_int_equal(s->line, line);
}

static void an_included_folder_counts_with_its_own_file_and_line(void **state)
{
    (void)state;
    place p;
    place_new(&p, RUNTIME_PYTHON, LIBRARY_OPENSSL);
    const char *inner = place_file(&p, "10-policy.cnf", "[c]\n\nMaxProtocol = TLSv1.2\n");
    p.environment[0] = "OPENSSL_CONF=openssl.cnf";
    (void)place_file(&p, "openssl.cnf", "openssl_conf = a\n.include .\n[a]\nssl_conf=b\n[b]\nsystem_default = c\n");
    assert_setting(&p, NARROWED_VERSION_MAX, "MaxProtocol", "TLSv1.2", 3);
    setting_list list = client_settings(p.arena, &p.client);
    assert_non_null(strstr(setting_on(&list, NARROWED_VERSION_MAX)->file, "10-policy.cnf"));
    (void)inner;
    place_free(&p);
}

static void an_openssl_before_system_default_has_no_policy(void **state)
{
    (void)state;
    place p;
    place_new(&p, RUNTIME_PYTHON, LIBRARY_OPENSSL);
    p.client.library.version = "1.1.0l";
    p.environment[0] = "OPENSSL_CONF=openssl.cnf";
    (void)place_file(&p, "openssl.cnf", CHAIN "MaxProtocol = TLSv1.2\n");
    assert_int_equal(client_settings(p.arena, &p.client).num_settings, 0);
    place_free(&p);
}

static void a_curlrc_is_read_in_all_its_spellings(void **state)
{
    (void)state;
    place p;
    place_new(&p, RUNTIME_CURL, LIBRARY_UNKNOWN);
    p.environment[0] = arena_printf(p.arena, "CURL_HOME=%s", p.folder);
    (void)place_file(&p, ".curlrc", "# tls-max 1.0\n--tls-max 1.2\nciphers = \"ECDHE\"\ncurves:X25519\ntlsv1.3\n");
    assert_setting(&p, NARROWED_VERSION_MAX, "tls-max", "1.2", 2);
    assert_setting(&p, NARROWED_CIPHER, "ciphers", "ECDHE", 3);
    assert_setting(&p, NARROWED_GROUP, "curves", "X25519", 4);
    assert_setting(&p, NARROWED_VERSION_MIN, "tlsv1.3", "", 5);
    p.argv[1] = "-q";
    assert_int_equal(client_settings(p.arena, &p.client).num_settings, 0);
    place_free(&p);
}

static void a_wgetrc_is_read_whatever_its_dashes(void **state)
{
    (void)state;
    place p;
    place_new(&p, RUNTIME_WGET, LIBRARY_UNKNOWN);
    p.environment[0] = "WGETRC=mine";
    (void)place_file(&p, "mine", "tries = 1\nSecure-Protocol = TLSv1_3\n");
    assert_setting(&p, NARROWED_VERSION_MIN, "Secure-Protocol", "TLSv1_3", 2);
    place_free(&p);
}

static void of_a_gitconfig_the_http_section_counts(void **state)
{
    (void)state;
    place p;
    place_new(&p, RUNTIME_GIT, LIBRARY_UNKNOWN);
    p.environment[0] = arena_printf(p.arena, "HOME=%s", p.folder);
    (void)place_file(&p, ".gitconfig", "[core]\nsslVersion = no\n[http \"https://a/\"]\n\tsslVersion = tlsv1.2\n");
    assert_setting(&p, NARROWED_VERSION, "http.sslVersion", "tlsv1.2", 4);
    place_free(&p);
}

static void of_a_gnutls_file_the_sections_count(void **state)
{
    (void)state;
    place p;
    place_new(&p, RUNTIME_GNUTLS_CLI, LIBRARY_GNUTLS);
    p.environment[0] = "GNUTLS_SYSTEM_PRIORITY_FILE=config";
    (void)place_file(&p, "config",
                     "disabled-version = TLS1.0\n[overrides]\ndisabled-version = TLS1.3\n[priorities]\nSYSTEM = NORMAL\n");
    assert_setting(&p, NARROWED_VERSION, "SYSTEM", "NORMAL", 5);
    setting_list list = client_settings(p.arena, &p.client);
    assert_int_equal(list.num_settings, 2);
    assert_int_equal(list.settings[0].line, 3);
    place_free(&p);
}

static void a_java_overlay_is_found_in_argument_and_variable(void **state)
{
    (void)state;
    place p;
    place_new(&p, RUNTIME_JAVA, LIBRARY_JSSE);
    p.argv[1] = "-Djava.security.properties=my.security";
    (void)place_file(&p, "my.security", "# mine\njdk.tls.disabledAlgorithms=SSLv3, \\\n    TLSv1.3\n");
    assert_setting(&p, NARROWED_VERSION_MAX, "jdk.tls.disabledAlgorithms", "SSLv3, TLSv1.3", 2);
    p.argv[1] = NULL;
    p.environment[0] = "JAVA_TOOL_OPTIONS=-Xmx1g -Djava.security.properties==my.security";
    assert_setting(&p, NARROWED_VERSION_MAX, "jdk.tls.disabledAlgorithms", "SSLv3, TLSv1.3", 2);
    place_free(&p);
}

static void a_word_of_a_variable_is_named_alone(void **state)
{
    (void)state;
    place p;
    place_new(&p, RUNTIME_NODE, LIBRARY_UNKNOWN);
    p.environment[0] = "NODE_OPTIONS=--max-old-space-size=100 --tls-max-v1.2 --tls-min-v1.0";
    assert_setting(&p, NARROWED_VERSION_MAX, "NODE_OPTIONS", "--tls-max-v1.2", 0);
    assert_setting(&p, NARROWED_VERSION_MIN, "NODE_OPTIONS", "--tls-min-v1.0", 0);
    place_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_that_narrows_is_named),
        cmocka_unit_test(the_last_of_two_counts_whatever_its_case),
        cmocka_unit_test(a_section_that_nothing_leads_to_sets_nothing),
        cmocka_unit_test(a_line_that_goes_on_is_one_with_its_first_number),
        cmocka_unit_test(garbage_sets_nothing),
        cmocka_unit_test(an_included_folder_counts_with_its_own_file_and_line),
        cmocka_unit_test(an_openssl_before_system_default_has_no_policy),
        cmocka_unit_test(a_curlrc_is_read_in_all_its_spellings),
        cmocka_unit_test(a_wgetrc_is_read_whatever_its_dashes),
        cmocka_unit_test(of_a_gitconfig_the_http_section_counts),
        cmocka_unit_test(of_a_gnutls_file_the_sections_count),
        cmocka_unit_test(a_java_overlay_is_found_in_argument_and_variable),
        cmocka_unit_test(a_word_of_a_variable_is_named_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
