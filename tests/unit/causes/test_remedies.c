/* Which remedies are told to whom: by runtime, library, version, and what was proved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causes/remedies.h"
#include "client/client.h"
#include "registry/registry.h"

#include <stdio.h>
#include <string.h>

#define TLS13_LIST "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"

typedef struct world {
    arena *a;
    process_snapshot process;
    client client;
    evidence evidence;
    facts facts;
} world;

static world *world_of(const char *exe, enum runtime runtime, enum library_kind kind, const char *version)
{
    arena *a = arena_new();
    world *w = ARENA_NEW(a, world);
    w->a = a;
    w->process = (process_snapshot){.exe = exe};
    w->client = (client){.process = &w->process, .runtime = runtime, .program = exe, .library = {.kind = kind, .version = version}};
    w->evidence = (evidence){.exe = exe, .client = &w->client, .process = &w->process, .host = "api.example.com", .port = 443};
    w->facts = (facts){.arena = a, .evidence = &w->evidence};
    return w;
}

/* All that is told of a change, in one text, where that is why the client lacks it. */
static const char *told_where(world *w, const cause *c, const change *proved, enum why_kind kind)
{
    client_hello hello = {.cipher_suites = {.num_codes = 0}};
    verdict v = {.cause = c->id};
    w->facts.hello = &hello;
    w->facts.proved = proved;
    w->facts.client_versions = codes_one(w->a, VERSION_TLS10);
    c->tell(&w->facts, proved, &v);
    verdict_keep_remedies(&v, NULL, kind);
    const char *all = "";
    for (size_t i = 0; i < v.num_remedies; i++) {
        const remedy *r = &v.remedies[i];
        all = arena_printf(w->a, "%s%s | %s | %s\n", all, r->text, r->command == NULL ? "" : r->command,
                           r->line == NULL ? "" : r->line);
        assert_true(i == 0 || v.remedies[i - 1].lowers_security <= r->lowers_security);
    }
    return all;
}

static const char *told(world *w, const cause *c, const change *proved)
{
    return told_where(w, c, proved, WHY_UNKNOWN);
}

/* The story that this program is made for. */
static void a_python_on_an_old_openssl_is_told_of_the_library_and_of_no_protocol(void **state)
{
    (void)state;
    world *w = world_of("/opt/python3.5/bin/python3.5", RUNTIME_PYTHON, LIBRARY_OPENSSL, "0.9.8zg");
    change raised = {.kind = CHANGE_VERSION_RAISED, .code = VERSION_TLS12};
    const char *all = told(w, &cause_client_version_too_old, &raised);
    assert_non_null(strstr(all, "OpenSSL 1.0.1"));
    assert_non_null(strstr(all, "the openssl on the PATH does not count"));
    assert_null(strstr(all, "PROTOCOL_"));
    assert_null(strstr(all, "maximum_version"));
    assert_null(strstr(all, "OPENSSL_CONF"));
    arena_free(w->a);
}

static void a_python_whose_code_names_one_protocol_is_told_to_make_another_context(void **state)
{
    (void)state;
    world *w = world_of("/usr/bin/python3.11", RUNTIME_PYTHON, LIBRARY_OPENSSL, "3.0.22");
    change raised = {.kind = CHANGE_VERSION_RAISED, .code = VERSION_TLS13};
    const char *all = told_where(w, &cause_client_version_too_old, &raised, WHY_CODE);
    assert_non_null(strstr(all, "ctx = ssl.create_default_context()"));
    assert_null(strstr(all, "ctx.maximum_version"));
    assert_null(strstr(all, "MaxProtocol"));
    assert_null(strstr(all, "Use a Python"));
    arena_free(w->a);
}

static void what_a_policy_forbids_is_allowed_by_a_file_of_the_programs_own(void **state)
{
    (void)state;
    world *w = world_of("/usr/bin/python3.11", RUNTIME_PYTHON, LIBRARY_OPENSSL, "3.0.22");
    change raised = {.kind = CHANGE_VERSION_RAISED, .code = VERSION_TLS13};
    const char *all = told_where(w, &cause_client_version_too_old, &raised, WHY_POLICY);
    assert_non_null(strstr(all, "MaxProtocol = TLSv1.3"));
    assert_null(strstr(all, "create_default_context"));
    arena_free(w->a);
}

static void leaving_out_is_told_only_where_the_client_was_given_it(void **state)
{
    (void)state;
    static const struct {
        const cause *cause;
        enum change_kind kind;
        uint16_t code;
    } lacking[] = {{&cause_client_version_too_old, CHANGE_VERSION_RAISED, VERSION_TLS13},
                   {&cause_no_shared_cipher, CHANGE_SUITES_ADDED, 0x002F},
                   {&cause_no_shared_group, CHANGE_GROUPS_ADDED, 0x0018}};
    for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++) {
        world *w = world_of("/usr/bin/curl", RUNTIME_CURL, LIBRARY_OPENSSL, "3.0.22");
        change c = {.kind = lacking[i].kind, .code = lacking[i].code, .codes = codes_one(w->a, lacking[i].code)};
        assert_non_null(strstr(told_where(w, lacking[i].cause, &c, WHY_CODE), "Leave out"));
        assert_null(strstr(told_where(w, lacking[i].cause, &c, WHY_CODE), "system_default"));
        assert_null(strstr(told_where(w, lacking[i].cause, &c, WHY_DEFAULT), "Leave out"));
        assert_null(strstr(told(w, lacking[i].cause, &c), "Leave out"));
        arena_free(w->a);
    }
}

static void a_file_that_a_runtime_does_not_read_is_not_told(void **state)
{
    (void)state;
    world *w = world_of("/usr/bin/node", RUNTIME_NODE, LIBRARY_OPENSSL, "3.0.22");
    change added = {.kind = CHANGE_GROUPS_ADDED, .codes = codes_one(w->a, 0x0018)};
    assert_null(strstr(told_where(w, &cause_no_shared_group, &added, WHY_DEFAULT), "OPENSSL_CONF"));
    arena_free(w->a);
}

static void a_list_is_all_that_the_client_offers_and_what_was_proved(void **state)
{
    (void)state;
    world *w = world_of("/usr/bin/java", RUNTIME_JAVA, LIBRARY_JSSE, "17.0.15");
    uint16_t own[] = {0x1301, 0xC02F};
    conversation failed = {.has_hello = true, .hello = {.cipher_suites = codes_from(w->a, own, 2)}};
    w->evidence.failed = &failed;
    change added = {.kind = CHANGE_SUITES_ADDED, .codes = codes_one(w->a, 0x002F)};
    assert_non_null(
        strstr(told(w, &cause_no_shared_cipher, &added),
               "cipherSuites=TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_128_CBC_SHA "));
    arena_free(w->a);
}

static void the_suite_that_was_proved_is_in_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *exe;
        enum runtime runtime;
        enum library_kind kind;
        const char *version, *line;
    } clients[] = {
        {"/usr/bin/python3.12", RUNTIME_PYTHON, LIBRARY_OPENSSL, "3.0.22", "ctx.set_ciphers('DEFAULT:AES128-SHA')"},
        {"/usr/bin/node", RUNTIME_NODE, LIBRARY_OPENSSL, "3.0.22", "ciphers: 'DEFAULT:AES128-SHA'"},
        {"/usr/bin/java", RUNTIME_JAVA, LIBRARY_JSSE, "17.0.15", "-Djdk.tls.client.cipherSuites=TLS_RSA_WITH_AES_128_CBC_SHA"},
        {"/usr/bin/wget", RUNTIME_WGET, LIBRARY_GNUTLS, "3.7.9", "wget --ciphers='NORMAL:+RSA:+AES-128-CBC:+SHA1'"},
        {"/usr/bin/ruby3.1", RUNTIME_RUBY, LIBRARY_OPENSSL, "3.0.22", "http.ciphers = 'DEFAULT:AES128-SHA'"},
        {"/usr/bin/php8.2", RUNTIME_PHP, LIBRARY_OPENSSL, "3.0.22", "'ciphers' => 'DEFAULT:AES128-SHA'"},
        {"/usr/bin/perl", RUNTIME_PERL, LIBRARY_OPENSSL, "3.0.22", "SSL_cipher_list => 'DEFAULT:AES128-SHA'"},
        {"/usr/local/bin/app", RUNTIME_GO, LIBRARY_GO, "1.22.1", "CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}"},
        {"/usr/local/bin/other", RUNTIME_OTHER, LIBRARY_UNKNOWN, NULL,
         "Let the client offer AES128-SHA (TLS_RSA_WITH_AES_128_CBC_SHA)."},
    };
    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
        world *w = world_of(clients[i].exe, clients[i].runtime, clients[i].kind, clients[i].version);
        change added = {.kind = CHANGE_SUITES_ADDED, .codes = codes_one(w->a, 0x002F)};
        const char *all = told(w, &cause_no_shared_cipher, &added);
        if (strstr(all, clients[i].line) == NULL)
            print_error("%s is told:\n%s", clients[i].exe, all);
        assert_non_null(strstr(all, clients[i].line));
        assert_null(strstr(all, "{suite"));
        arena_free(w->a);
    }
}

/* DEFAULT takes away for good what it leaves out (ciphers(1)). */
static void a_suite_that_openssl_leaves_out_is_added_to_a_list_that_lets_it_in(void **state)
{
    (void)state;
    static const struct {
        uint16_t suite;
        const char *version, *line;
    } suites[] = {
        {0xC077, "3.0.22", "curl --ciphers 'ALL:-COMPLEMENTOFDEFAULT:ECDHE-RSA-CAMELLIA256-SHA384' "},
        {0xC0AF, "3.0.22", "curl --ciphers 'ALL:-COMPLEMENTOFDEFAULT:ECDHE-ECDSA-AES256-CCM8' "},
        {0x000A, "1.1.1w", "curl --ciphers 'ALL:-COMPLEMENTOFDEFAULT:DES-CBC3-SHA' "},
        {0x0005, "1.1.1w", "curl --ciphers 'ALL:-COMPLEMENTOFDEFAULT:RC4-SHA:@SECLEVEL=1' "},
        {0x0004, "1.1.1w", "curl --ciphers 'ALL:-COMPLEMENTOFDEFAULT:RC4-MD5:@SECLEVEL=0' "},
        {0x0002, "1.1.1w", "curl --ciphers 'ALL:-COMPLEMENTOFDEFAULT:NULL-SHA:@SECLEVEL=0' "},
        {0x0005, "1.0.2u", "curl --ciphers 'DEFAULT:RC4-SHA' "},
        {0x0009, "1.0.2u", "curl --ciphers 'ALL:-EXPORT:-LOW:-aNULL:-SSLv2:DES-CBC-SHA' "},
        {0xC02F, "3.0.22", "curl --ciphers 'DEFAULT:ECDHE-RSA-AES128-GCM-SHA256' "},
        {0x1304, "3.0.22", "curl --tls13-ciphers " TLS13_LIST ":TLS_AES_128_CCM_SHA256 "},
        {0x1303, "3.0.22", "curl --tls13-ciphers " TLS13_LIST " "},
    };
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        world *w = world_of("/usr/bin/curl", RUNTIME_CURL, LIBRARY_OPENSSL, suites[i].version);
        change added = {.kind = CHANGE_SUITES_ADDED, .codes = codes_one(w->a, suites[i].suite)};
        const char *all = told(w, &cause_no_shared_cipher, &added);
        if (strstr(all, suites[i].line) == NULL)
            print_error("expected %s in:\n%s", suites[i].line, all);
        assert_non_null(strstr(all, suites[i].line));
        arena_free(w->a);
    }
}

static void a_server_with_a_key_and_a_certificate_is_not_told_to_get_one(void **state)
{
    (void)state;
    static const struct {
        uint16_t suite;
        bool has_certificate;
    } rows[] = {
        {0x0094, true} /* RSA_PSK */, {0xC01E, true} /* SRP_SHA_RSA */, {0x008C, false} /* PSK */, {0xC01D, false} /* SRP_SHA */};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world *w = world_of("/usr/bin/openssl", RUNTIME_OPENSSL, LIBRARY_OPENSSL, "3.0.22");
        change added = {.kind = CHANGE_SUITES_ADDED, .codes = codes_one(w->a, rows[i].suite)};
        const char *all = told(w, &cause_no_shared_cipher, &added);
        assert_int_equal(strstr(all, "give the server a certificate") == NULL, rows[i].has_certificate);
        assert_int_equal(strstr(all, "suites for its certificate alone") != NULL, rows[i].has_certificate);
        assert_null(strstr(all, "0011"));
        arena_free(w->a);
    }
}

/* The system's store has the CAs of everybody: a name has to be compared then. */
static void psql_without_a_store_is_told_to_compare_names(void **state)
{
    (void)state;
    world *w = world_of("/usr/bin/psql", RUNTIME_OTHER, LIBRARY_OPENSSL, "3.0.22");
    static const unusable_credential missing = {
        .text = "x", .role = CREDENTIAL_TRUST, .file = "/home/me/.postgresql/root.crt", .is_default = true};
    const conversation left = {
        .has_first_end = true, .first_end = SIDE_CLIENT, .preamble = {.protocol = PROTOCOL_POSTGRESQL, .complete = true}};
    w->evidence.unusable = &missing;
    w->evidence.command_failed = true;
    w->evidence.failed = &left;
    verdict v = {0};
    assert_true(cause_trust_store_missing.observe(&w->facts, &v));
    for (size_t i = 0; i < v.num_remedies; i++) {
        const char *command = v.remedies[i].command == NULL ? "" : v.remedies[i].command;
        assert_true(strstr(command, "ca-certificates.crt") == NULL || strstr(command, "PGSSLMODE=verify-full") != NULL);
        assert_true(strstr(command, "install") == NULL || strstr(v.remedies[i].text, "in any sslmode") != NULL);
    }
    assert_true(v.num_remedies >= 3);
    arena_free(w->a);
}

static void a_suite_of_tls13_is_in_no_list_of_the_others(void **state)
{
    (void)state;
    world *w = world_of("/usr/bin/python3.12", RUNTIME_PYTHON, LIBRARY_OPENSSL, "3.0.22");
    change added = {.kind = CHANGE_SUITES_ADDED, .codes = codes_one(w->a, 0x1304)};
    const char *all = told(w, &cause_no_shared_cipher, &added);
    assert_null(strstr(all, "set_ciphers"));
    assert_null(strstr(all, "ssl_ciphers"));
    assert_non_null(strstr(all, "Let the client offer TLS_AES_128_CCM_SHA256."));
    assert_non_null(strstr(all, "ssl_conf_command Ciphersuites " TLS13_LIST ":TLS_AES_128_CCM_SHA256;"));
    arena_free(w->a);
}

/* It may be stricter than what GnuTLS takes by itself. */
static void libldaps_own_priority_string_is_kept(void **state)
{
    (void)state;
    static const char *const strict[] = {"LDAPTLS_CIPHER_SUITE=SECURE256:-VERS-TLS1.3", NULL};
    static const char *const by_option[] = {"ldapsearch", "-o", "TLS_CIPHER_SUITE=SECURE256:-VERS-TLS1.3", NULL};
    world *w = world_of("/usr/bin/ldapsearch", RUNTIME_OTHER, LIBRARY_GNUTLS, "3.8.9");
    change raised = {.kind = CHANGE_VERSION_RAISED, .code = VERSION_TLS13};
    w->process.environment = strict;
    const char *all = told_where(w, &cause_client_version_too_old, &raised, WHY_POLICY);
    assert_non_null(strstr(all, "LDAPTLS_CIPHER_SUITE='SECURE256:+VERS-TLS1.3' ldapsearch"));
    assert_null(strstr(all, "-o TLS_CIPHER_SUITE"));
    w->process.argv = by_option;
    all = told_where(w, &cause_client_version_too_old, &raised, WHY_CODE);
    assert_non_null(strstr(all, "Leave out of -o TLS_CIPHER_SUITE"));
    assert_null(strstr(all, "LDAPTLS_CIPHER_SUITE"));
    arena_free(w->a);
}

static void what_is_weak_is_said_to_be(void **state)
{
    (void)state;
    world *w = world_of("/usr/bin/curl", RUNTIME_CURL, LIBRARY_OPENSSL, "3.0.22");
    remedy_row row = {REMEDY_CLIENT, "curl, able", "Add {suite}.", "$ curl --ciphers {suite.openssl}", LOWERS_NONE};
    change strong = {.kind = CHANGE_SUITES_ADDED, .codes = codes_one(w->a, 0x002F)};
    change weak = {.kind = CHANGE_SUITES_ADDED, .codes = codes_one(w->a, 0x000A)};
    remedy out;
    remedy_subject s = {.evidence = &w->evidence, .change = &strong};
    assert_int_equal(remedies_of_rows(w->a, &row, 1, &s, &out, 1), 1);
    assert_int_equal(out.lowers_security, LOWERS_NONE);
    assert_string_equal(out.command, "curl --ciphers AES128-SHA");
    s.change = &weak;
    assert_int_equal(remedies_of_rows(w->a, &row, 1, &s, &out, 1), 1);
    assert_int_equal(out.lowers_security, LOWERS_THIS_CONNECTION);
    arena_free(w->a);
}

static void a_line_that_is_the_proved_change_was_tried_with_a_hello(void **state)
{
    (void)state;
    world *w = world_of("/usr/bin/curl", RUNTIME_CURL, LIBRARY_OPENSSL, "3.0.22");
    static const remedy_row rows[] = {{REMEDY_CLIENT, "curl", "Add it.", "$ curl --ciphers {suite.openssl}", LOWERS_NONE},
                                      {REMEDY_CLIENT, "curl", "See.", "$ curl --version", LOWERS_NONE},
                                      {REMEDY_SERVER, "speaks http", "Add it.", "ssl_ciphers {suite.openssl};", LOWERS_NONE}};
    change added = {.kind = CHANGE_SUITES_ADDED, .codes = codes_one(w->a, 0x002F)};
    remedy out[3];
    remedy_subject s = {.evidence = &w->evidence, .change = &added, .change_is_enough = true};
    assert_int_equal(remedies_of_rows(w->a, rows, 3, &s, out, 3), 3);
    assert_true(out[0].verified && out[0].is_verified_by_hello);
    assert_false(out[1].verified);
    assert_false(out[2].verified);
    s.change_is_enough = false;
    assert_int_equal(remedies_of_rows(w->a, rows, 3, &s, out, 3), 3);
    assert_false(out[0].verified);
    arena_free(w->a);
}

static bool fits(world *w, const char *selector, bool is_first)
{
    change capped = {.kind = CHANGE_VERSION_CAPPED, .code = VERSION_TLS12};
    remedy_subject s = {.evidence = &w->evidence, .change = &capped};
    remedy_row row = {REMEDY_CLIENT, selector, "text", NULL, LOWERS_NONE};
    return remedy_row_fits(&row, &s, is_first);
}

static void selectors_go_by_program_version_library_and_port(void **state)
{
    (void)state;
    world *w = world_of("/usr/bin/python3.11", RUNTIME_PYTHON, LIBRARY_OPENSSL, "3.0.22");
    assert_true(fits(w, NULL, false));
    assert_true(fits(w, "python >= 3.7", false));
    assert_false(fits(w, "python >= 3.12", false));
    assert_false(fits(w, "python < 3.11", false));
    assert_true(fits(w, "python, OpenSSL >= 1.1.1", false));
    assert_false(fits(w, "python, OpenSSL < 1.1.1", false));
    assert_false(fits(w, "GnuTLS", false));
    assert_true(fits(w, "version 1.2", false));
    assert_false(fits(w, "version < 1.2", false));
    assert_true(fits(w, "speaks http", false));
    assert_true(fits(w, "else", true));
    assert_false(fits(w, "else", false));
    assert_false(fits(w, "not python", false));
    assert_true(fits(w, "not curl, not OpenSSL < 1.1.1", false));
    assert_true(fits(w, "python, why code", false)); /* known later */
    w->evidence.port = 5432;
    assert_true(fits(w, "speaks postgresql", false));
    assert_false(fits(w, "speaks http", false));
    w->evidence.program_text = "import requests";
    assert_true(fits(w, "python, uses requests", false));
    assert_false(fits(w, "python, uses aiohttp", false));
    static const char *const argv[] = {"/usr/bin/python3", "/usr/bin/pip", "install", NULL};
    w->process.argv = argv;
    assert_true(fits(w, "python, runs pip", false));
    assert_false(fits(w, "python, runs pi", false));
    arena_free(w->a);
}

static void a_row_whose_places_cannot_be_filled_is_left_out(void **state)
{
    (void)state;
    world *w = world_of("/usr/bin/curl", RUNTIME_CURL, LIBRARY_OPENSSL, "3.0.22");
    remedy_subject s = {.evidence = &w->evidence};
    assert_null(remedy_text_filled(w->a, "Add {suite}.", &s));
    assert_null(remedy_text_filled(w->a, "Ask {host.klingon}.", &s));
    assert_string_equal(remedy_text_filled(w->a, "https://{host}:{port}/ { a: '{}', b }", &s),
                        "https://api.example.com:443/ { a: '{}', b }");
    assert_string_equal(remedy_text_filled(w->a, "open {", &s), "open {");
    arena_free(w->a);
}

/* What a certificate of the server's names goes into lines that are copied. */
static void nothing_that_a_shell_minds_is_filled_in(void **state)
{
    (void)state;
    world *w = world_of("/usr/bin/curl", RUNTIME_CURL, LIBRARY_OPENSSL, "3.0.22");
    static const char *const hostile[] = {"a.example; rm -rf ~", "$(id).example", "a.example' , x='", "-oProxy", "a b"};
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        remedy_subject s = {.evidence = &w->evidence, .given = {.name = hostile[i], .file = hostile[i]}};
        assert_null(remedy_text_filled(w->a, "$ curl https://{name}/", &s));
        assert_true(hostile[i][0] == '-' || remedy_text_filled(w->a, "$ curl --cacert {file}", &s) == NULL);
    }
    remedy_subject spaced = {.evidence = &w->evidence, .given = {.file = "/home/a b/ca.pem"}};
    assert_string_equal(remedy_text_filled(w->a, "load('{file}')", &spaced), "load('/home/a b/ca.pem')");
    assert_null(remedy_text_filled(w->a, "$ curl --cacert {file}", &spaced));
    arena_free(w->a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_python_on_an_old_openssl_is_told_of_the_library_and_of_no_protocol),
        cmocka_unit_test(a_python_whose_code_names_one_protocol_is_told_to_make_another_context),
        cmocka_unit_test(what_a_policy_forbids_is_allowed_by_a_file_of_the_programs_own),
        cmocka_unit_test(leaving_out_is_told_only_where_the_client_was_given_it),
        cmocka_unit_test(a_file_that_a_runtime_does_not_read_is_not_told),
        cmocka_unit_test(a_list_is_all_that_the_client_offers_and_what_was_proved),
        cmocka_unit_test(the_suite_that_was_proved_is_in_the_line),
        cmocka_unit_test(a_suite_that_openssl_leaves_out_is_added_to_a_list_that_lets_it_in),
        cmocka_unit_test(a_server_with_a_key_and_a_certificate_is_not_told_to_get_one),
        cmocka_unit_test(psql_without_a_store_is_told_to_compare_names),
        cmocka_unit_test(a_suite_of_tls13_is_in_no_list_of_the_others),
        cmocka_unit_test(libldaps_own_priority_string_is_kept),
        cmocka_unit_test(what_is_weak_is_said_to_be),
        cmocka_unit_test(a_line_that_is_the_proved_change_was_tried_with_a_hello),
        cmocka_unit_test(selectors_go_by_program_version_library_and_port),
        cmocka_unit_test(a_row_whose_places_cannot_be_filled_is_left_out),
        cmocka_unit_test(nothing_that_a_shell_minds_is_filled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
