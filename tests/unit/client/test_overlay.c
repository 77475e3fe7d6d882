/* How a client is made to offer something else: the right way for each, and never one that switches verification off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/overlay.h"
#include "registry/registry.h"

#include <string.h>

static const char *const environment[] = {"NODE_OPTIONS=--max-old-space-size=100", "PATH=/usr/bin", NULL};
static char command_name[] = "program", curl_name[] = "/usr/bin/curl", openssl_name[] = "openssl", s_client_word[] = "s_client",
            ciphers_word[] = "--ciphers";

static const wish cap = {.version_max = VERSION_TLS12};

/* The ways for a client whose own argv is `argv`, in a command that is `command`. */
static size_t ways_of(arena *a, enum runtime runtime, enum library_kind kind, const char *version, const char *const *argv,
                      char *const *command, const wish *wanted, overlay *ways, size_t max)
{
    process_snapshot *process = ARENA_NEW(a, process_snapshot);
    client *c = ARENA_NEW(a, client);
    *process = (process_snapshot){.exe = "/usr/bin/program", .environment = environment, .argv = argv};
    *c = (client){.process = process, .runtime = runtime, .program = "program", .library = {.kind = kind, .version = version}};
    overlay_subject subject = {.client = c, .command = command};
    return overlay_ways(a, &subject, wanted, ways, max);
}

static const char *content_of(arena *a, const overlay *way, size_t index)
{
    return bytes_to_text(a, way->files[index].content);
}

static void python_gets_a_configuration_of_its_own(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    char *const command[] = {command_name, NULL};
    assert_true(ways_of(a, RUNTIME_PYTHON, LIBRARY_OPENSSL, "3.0.22", NULL, command, &cap, ways, 3) >= 1);
    assert_string_equal(ways[0].variables[0].name, "OPENSSL_CONF");
    assert_non_null(strstr(content_of(a, &ways[0], 0), "MaxProtocol = TLSv1.2"));
    assert_non_null(strstr(overlay_in_folder(a, ways[0].variables[0].value, "/tmp/f"), "/tmp/f/openssl.cnf"));
    arena_free(a);
}

static void an_openssl_that_reads_no_defaults_gets_none(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    char *const command[] = {command_name, NULL};
    assert_int_equal(ways_of(a, RUNTIME_OTHER, LIBRARY_OPENSSL, "1.0.2d", NULL, command, &cap, ways, 3), 0);
    arena_free(a);
}

static void curl_gets_an_argument_where_it_is_the_command(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    static const char *const argv[] = {"/usr/bin/curl", NULL};
    char *const direct[] = {curl_name, NULL}, *const inside[] = {command_name, NULL};
    assert_true(ways_of(a, RUNTIME_CURL, LIBRARY_OPENSSL, "3.0.22", argv, direct, &cap, ways, 3) >= 1);
    assert_string_equal(ways[0].argv[1], "--tls-max");
    assert_string_equal(ways[0].argv[2], "1.2");
    assert_null(ways[0].argv[3]);
    assert_true(ways_of(a, RUNTIME_CURL, LIBRARY_OPENSSL, "3.0.22", argv, inside, &cap, ways, 3) >= 1);
    assert_string_equal(ways[0].variables[0].name, "CURL_HOME");
    assert_non_null(strstr(content_of(a, &ways[0], 0), "tls-max = \"1.2\""));
    arena_free(a);
}

/* "!" takes a suite away for good, wherever it stands, and DEFAULT does so itself (ciphers(1)). */
static void a_suite_is_added_to_a_list_that_takes_it_away(void **state)
{
    (void)state;
    static const struct {
        const char *own, *becomes;
    } lists[] = {
        {NULL, "ALL:-COMPLEMENTOFDEFAULT:ECDHE-RSA-CAMELLIA256-SHA384"},
        {"DEFAULT", "ALL:-COMPLEMENTOFDEFAULT:ECDHE-RSA-CAMELLIA256-SHA384"},
        {"DEFAULT@SECLEVEL=1", "ALL:-COMPLEMENTOFDEFAULT:@SECLEVEL=1:ECDHE-RSA-CAMELLIA256-SHA384"},
        {"!CAMELLIA:HIGH:!aNULL:@STRENGTH", "HIGH:@STRENGTH:-CAMELLIA:-aNULL:ECDHE-RSA-CAMELLIA256-SHA384"},
        {"ECDHE+AESGCM", "ECDHE+AESGCM:ECDHE-RSA-CAMELLIA256-SHA384"},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        arena *a = arena_new();
        overlay ways[3];
        wish more = {.suites = codes_one(a, 0xC077)};
        char *const command[] = {curl_name, lists[i].own == NULL ? NULL : ciphers_word,
                                 bytes_to_text(a, bytes_from_text(lists[i].own == NULL ? "" : lists[i].own)), NULL};
        assert_true(ways_of(a, RUNTIME_CURL, LIBRARY_OPENSSL, "3.0.22", (const char *const *)command, command, &more, ways, 3) >=
                    1);
        assert_string_equal(ways[0].argv[1], "--ciphers");
        assert_string_equal(ways[0].argv[2], lists[i].becomes);
        arena_free(a);
    }
}

static void an_option_of_the_users_is_changed_where_it_stands(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    static char sh[] = "sh", dash_c[] = "-c", code[] = "exec \"$@\"", curl[] = "curl", curves[] = "--curves", x25519[] = "X25519",
                url[] = "https://localhost/";
    static const char *const argv[] = {"curl", "--curves", "X25519", "https://localhost/", NULL};
    char *const command[] = {sh, dash_c, code, sh, curl, curves, x25519, url, NULL};
    wish group = {.groups = codes_one(a, 0x0018)};
    assert_true(ways_of(a, RUNTIME_CURL, LIBRARY_OPENSSL, "3.0.22", argv, command, &group, ways, 3) >= 1);
    assert_string_equal(ways[0].argv[5], "--curves");
    assert_string_equal(ways[0].argv[6], "X25519:P-384");
    assert_string_equal(ways[0].argv[7], "https://localhost/");
    assert_null(ways[0].argv[8]);
    arena_free(a);
}

static void node_keeps_the_options_that_it_had(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    char *const command[] = {command_name, NULL};
    assert_true(ways_of(a, RUNTIME_NODE, LIBRARY_OPENSSL, "3.0.15", NULL, command, &cap, ways, 3) >= 1);
    assert_string_equal(ways[0].variables[0].value, "--max-old-space-size=100 --tls-max-v1.2");
    arena_free(a);
}

static void a_node_of_before_preloads_gets_none(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    char *const command[] = {command_name, NULL};
    wish group = {.groups = codes_one(a, 0x0018)};
    assert_int_equal(ways_of(a, RUNTIME_NODE, LIBRARY_OPENSSL, "1.0.1e", NULL, command, &group, ways, 3), 0);
    assert_int_equal(ways_of(a, RUNTIME_NODE, LIBRARY_OPENSSL, "1.0.2s", NULL, command, &group, ways, 3), 1);
    assert_non_null(strstr(content_of(a, &ways[0], 0), "o.ecdhCurve = 'P-256:P-384'"));
    arena_free(a);
}

/* OpenSSL 3.0 takes no list that names a scheme twice. */
static void no_scheme_stands_twice_in_a_list(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    char *const command[] = {command_name, NULL};
    wish pss = {.schemes = codes_one(a, 0x0804)};
    assert_true(ways_of(a, RUNTIME_PYTHON, LIBRARY_OPENSSL, "3.0.22", NULL, command, &pss, ways, 3) >= 1);
    const char *content = content_of(a, &ways[0], 0), *first = strstr(content, "rsa_pss_rsae_sha256");
    assert_non_null(first);
    assert_null(strstr(first + 1, "rsa_pss_rsae_sha256"));
    assert_null(strstr(content, "RSA-PSS+SHA256"));
    arena_free(a);
}

static void s_client_gets_its_own_option_for_the_one_that_it_had(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    static char tls13[] = "-tls1_3";
    static const char *const argv[] = {"openssl", "s_client", "-tls1_3", NULL};
    char *const command[] = {openssl_name, s_client_word, tls13, NULL};
    assert_true(ways_of(a, RUNTIME_OPENSSL, LIBRARY_OPENSSL, "3.0.22", argv, command, &cap, ways, 3) >= 1);
    assert_string_equal(ways[0].argv[1], "s_client");
    assert_string_equal(ways[0].argv[2], "-max_protocol");
    assert_string_equal(ways[0].argv[3], "TLSv1.2");
    assert_null(ways[0].argv[4]);
    arena_free(a);
}

static void a_gnutls_priority_is_added_to(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    static char name[] = "gnutls-cli", option[] = "--priority", own[] = "NORMAL:-GROUP-ALL:+GROUP-X25519", host[] = "localhost";
    static const char *const argv[] = {"gnutls-cli", "--priority", "NORMAL:-GROUP-ALL:+GROUP-X25519", "localhost", NULL};
    char *const command[] = {name, option, own, host, NULL};
    wish group = {.groups = codes_one(a, 0x0018)};
    assert_true(ways_of(a, RUNTIME_GNUTLS_CLI, LIBRARY_GNUTLS, "3.7.9", argv, command, &group, ways, 3) >= 1);
    assert_string_equal(ways[0].argv[2], "NORMAL:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP384R1");
    arena_free(a);
}

static void a_client_called_by_name_inside_a_script_is_stood_in_for(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[4];
    static const char *const argv[] = {"gnutls-cli", "--priority", "NORMAL:-VERS-TLS1.2", "localhost", NULL};
    static const char *const by_path[] = {"/usr/bin/gnutls-cli", "localhost", NULL};
    char *const command[] = {command_name, NULL};
    wish lower = {.version_min = VERSION_TLS12};
    size_t num = ways_of(a, RUNTIME_GNUTLS_CLI, LIBRARY_GNUTLS, "3.7.9", argv, command, &lower, ways, 4);
    assert_int_equal(num, 1);
    assert_string_equal(ways[0].variables[0].value, OVERLAY_FOLDER ":/usr/bin");
    assert_true(ways[0].files[0].is_program);
    assert_non_null(strstr(content_of(a, &ways[0], 0), "--priority NORMAL:-VERS-TLS1.2:+VERS-TLS1.2 \"$@\""));
    assert_int_equal(ways_of(a, RUNTIME_GNUTLS_CLI, LIBRARY_GNUTLS, "3.7.9", by_path, command, &lower, ways, 4), 0);
    arena_free(a);
}

static void trust_is_made_for_the_run_where_no_file_has_it(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[4];
    char *const command[] = {command_name, NULL};
    bytes_view certificate = bytes_from_text("0123456789");
    wish trusted = {.trust_certificates = &certificate, .num_trust_certificates = 1, .trust_name = "a store"};
    assert_true(ways_of(a, RUNTIME_NODE, LIBRARY_OPENSSL, "3.0.22", NULL, command, &trusted, ways, 4) >= 1);
    assert_string_equal(ways[0].variables[0].name, "NODE_EXTRA_CA_CERTS");
    assert_string_equal(content_of(a, &ways[0], 0), "-----BEGIN CERTIFICATE-----\nMDEyMzQ1Njc4OQ==\n-----END CERTIFICATE-----\n");
    assert_true(ways_of(a, RUNTIME_JAVA, LIBRARY_JSSE, "17.0.15", NULL, command, &trusted, ways, 4) >= 1);
    assert_non_null(strstr(ways[0].variables[0].value, "-Djavax.net.ssl.trustStore=" OVERLAY_FOLDER "/trust.jks"));
    arena_free(a);
}

static const char *const switched_off[] = {"VERIFY_NONE",       "CERT_NONE", "NODE_TLS_REJECT_UNAUTHORIZED", "rejectUnauthorized",
                                           "insecure",          " -k ",      "--no-check-certificate",       "InsecureSkipVerify",
                                           "GIT_SSL_NO_VERIFY", "SSL_VERIFY"};

static void git_gets_its_own_variable_for_the_lowest_version(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    char *const command[] = {command_name, NULL};
    wish lower = {.version_min = VERSION_TLS12};
    assert_true(ways_of(a, RUNTIME_GIT, LIBRARY_GNUTLS, "3.7.9", NULL, command, &lower, ways, 3) >= 1);
    assert_string_equal(ways[0].variables[0].name, "GIT_SSL_VERSION");
    assert_string_equal(ways[0].variables[0].value, "tlsv1.2");
    assert_non_null(strstr(ways[0].permanent, "git config --global http.sslVersion tlsv1.2"));
    arena_free(a);
}

static void a_php_script_gets_a_default_context_and_a_line_none(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    static char php[] = "php", script[] = "a.php", dash_r[] = "-r", code[] = "1;";
    static const char *const with_script[] = {"php", "a.php", NULL}, *const with_code[] = {"php", "-r", "1;", NULL};
    char *const command[] = {php, script, NULL}, *const line[] = {php, dash_r, code, NULL};
    assert_true(ways_of(a, RUNTIME_PHP, LIBRARY_OPENSSL, "3.0.22", with_script, command, &cap, ways, 3) >= 1);
    assert_string_equal(ways[0].variables[0].name, "PHP_INI_SCAN_DIR");
    assert_non_null(strstr(content_of(a, &ways[0], 0), "'crypto_method' => STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT,"));
    assert_true(ways_of(a, RUNTIME_PHP, LIBRARY_OPENSSL, "3.0.22", with_code, line, &cap, ways, 3) >= 1);
    assert_string_equal(ways[0].variables[0].name, "OPENSSL_CONF");
    arena_free(a);
}

static void java_sends_the_name_that_it_was_told_not_to(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    static char java[] = "java", off[] = "-Djsse.enableSNIExtension=false", class[] = "A";
    static const char *const argv[] = {"java", "-Djsse.enableSNIExtension=false", "A", NULL};
    char *const command[] = {java, off, class, NULL};
    wish named = {.server_name = "api.example.com"};
    assert_true(ways_of(a, RUNTIME_JAVA, LIBRARY_JSSE, "17.0.15", argv, command, &named, ways, 3) >= 1);
    assert_string_equal(ways[0].argv[1], "-Djsse.enableSNIExtension=true");
    static const char *const without[] = {"java", "A", NULL};
    char *const plain[] = {java, class, NULL};
    assert_int_equal(ways_of(a, RUNTIME_JAVA, LIBRARY_JSSE, "17.0.15", without, plain, &named, ways, 3), 0);
    arena_free(a);
}

/* s_client's -tls1_2 goes, and as the last word it is said to. */
static void what_is_left_out_is_said_also_where_it_is_the_last_word(void **state)
{
    (void)state;
    arena *a = arena_new();
    overlay ways[3];
    static char flag[] = "-tls1_2";
    static const char *const argv[] = {"openssl", "s_client", "-tls1_2", NULL};
    char *const command[] = {openssl_name, s_client_word, flag, NULL};
    wish raise = {.version_max = VERSION_TLS13};
    assert_true(ways_of(a, RUNTIME_OPENSSL, LIBRARY_OPENSSL, "3.0.22", argv, command, &raise, ways, 3) >= 1);
    assert_non_null(strstr(ways[0].permanent, "without -tls1_2"));
    arena_free(a);
}

static void assert_verifies(arena *a, const overlay *way)
{
    for (size_t o = 0; o < sizeof switched_off / sizeof *switched_off; o++) {
        const char *off = switched_off[o];
        for (size_t i = 0; i < way->num_variables; i++)
            assert_null(strstr(way->variables[i].value, off));
        for (size_t i = 0; i < way->num_files; i++)
            assert_null(strstr(content_of(a, way, i), off));
        for (size_t i = 0; way->argv != NULL && way->argv[i] != NULL; i++)
            assert_null(strstr(way->argv[i], off));
        assert_null(strstr(way->permanent, off));
    }
}

/* Whatever is wanted of whichever client: no way may take verification away. */
static void no_way_switches_verification_off(void **state)
{
    (void)state;
    static const char *const argv[] = {"program", NULL};
    arena *a = arena_new();
    bytes_view certificate = bytes_from_text("0123456789");
    char *const command[] = {command_name, NULL};
    size_t num_seen = 0;
    const wish wishes[] = {cap,
                           {.version_min = VERSION_TLS10, .is_weak = true},
                           {.suites = codes_one(a, 0x002F)},
                           {.groups = codes_one(a, 0x0018)},
                           {.groups_only = codes_one(a, 0x0018)},
                           {.schemes = codes_one(a, 0x0807)},
                           {.has_level = true, .level = 0, .is_weak = true},
                           {.no_dhe = true},
                           {.no_alpn = true},
                           {.legacy_server = true, .is_weak = true},
                           {.not_strict = true},
                           {.has_without = true, .without = 35},
                           {.server_name = "localhost"},
                           {.trust_file = "/ca.pem", .trust_certificates = &certificate, .num_trust_certificates = 1}};
    for (int runtime = RUNTIME_OTHER; runtime <= RUNTIME_GO; runtime++)
        for (int kind = LIBRARY_UNKNOWN; kind <= LIBRARY_RUSTLS; kind++)
            for (size_t k = 0; k < sizeof wishes / sizeof *wishes; k++) {
                overlay ways[6];
                size_t num =
                    ways_of(a, (enum runtime)runtime, (enum library_kind)kind, "3.0.22", argv, command, &wishes[k], ways, 6);
                for (size_t i = 0; i < num; i++)
                    assert_verifies(a, &ways[i]);
                num_seen += num;
            }
    assert_true(num_seen > 100);
    arena_free(a);
}

/* The command that trusts /ca.pem, words joined by blanks; NULL where no argument is changed. */
static const char *command_with_store(arena *a, const char *program, const char *const *words)
{
    process_snapshot process = {.exe = "/usr/bin/program", .environment = environment, .argv = words};
    client c = {.process = &process, .program = program, .library = {.kind = LIBRARY_OPENSSL}};
    char **command = ARENA_ARRAY(a, 8, char *);
    for (size_t i = 0; words[i] != NULL; i++)
        command[i] = bytes_to_text(a, bytes_from_text(words[i]));
    overlay ways[2];
    const wish trust = {.trust_file = "/ca.pem"};
    const overlay_subject subject = {.client = &c, .command = command};
    size_t num = overlay_ways(a, &subject, &trust, ways, 2);
    const char *text = num == 0 || ways[0].argv == NULL ? NULL : "";
    for (size_t i = 0; text != NULL && ways[0].argv[i] != NULL; i++)
        text = arena_printf(a, "%s%s%s", text, i == 0 ? "" : " ", ways[0].argv[i]);
    assert_true(num <= 1); /* what counts less is not tried */
    return text;
}

static void a_store_is_named_by_the_option_that_names_it_now(void **state)
{
    (void)state;
    arena *a = arena_new();
    const char *apart[] = {"redis-cli", "--cacert", "/old.pem", "ping", NULL}, *none[] = {"redis-cli", "--tls", "ping", NULL};
    const char *inside[] = {"psql", "host=x sslrootcert=/old.pem user=y", NULL};
    const char *joined[] = {"mysql", "--defaults-file=/x", "--ssl-ca=/old.pem", NULL}, *first[] = {"mysql", "--no-defaults", NULL};
    assert_string_equal(command_with_store(a, "redis-cli", apart), "redis-cli --cacert /ca.pem ping");
    assert_string_equal(command_with_store(a, "redis-cli", none), "redis-cli --cacert /ca.pem --tls ping");
    assert_string_equal(command_with_store(a, "psql", inside), "psql host=x sslrootcert=/ca.pem user=y");
    const char *spaced[] = {"psql", "host=x sslrootcert = '/my dir/old.pem' user=y", NULL};
    const char *uri[] = {"psql", "postgresql://x/?sslrootcert=%2Fold.pem&user=y", NULL};
    assert_string_equal(command_with_store(a, "psql", spaced), "psql host=x sslrootcert=/ca.pem user=y");
    assert_string_equal(command_with_store(a, "psql", uri), "psql postgresql://x/?sslrootcert=/ca.pem&user=y");
    assert_string_equal(command_with_store(a, "mariadb", joined), "mysql --defaults-file=/x --ssl-ca=/ca.pem");
    assert_string_equal(command_with_store(a, "mariadb", first), "mysql --no-defaults --ssl-ca /ca.pem");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(python_gets_a_configuration_of_its_own),
        cmocka_unit_test(an_openssl_that_reads_no_defaults_gets_none),
        cmocka_unit_test(curl_gets_an_argument_where_it_is_the_command),
        cmocka_unit_test(node_keeps_the_options_that_it_had),
        cmocka_unit_test(a_suite_is_added_to_a_list_that_takes_it_away),
        cmocka_unit_test(an_option_of_the_users_is_changed_where_it_stands),
        cmocka_unit_test(a_node_of_before_preloads_gets_none),
        cmocka_unit_test(s_client_gets_its_own_option_for_the_one_that_it_had),
        cmocka_unit_test(no_scheme_stands_twice_in_a_list),
        cmocka_unit_test(a_gnutls_priority_is_added_to),
        cmocka_unit_test(a_client_called_by_name_inside_a_script_is_stood_in_for),
        cmocka_unit_test(trust_is_made_for_the_run_where_no_file_has_it),
        cmocka_unit_test(git_gets_its_own_variable_for_the_lowest_version),
        cmocka_unit_test(a_php_script_gets_a_default_context_and_a_line_none),
        cmocka_unit_test(java_sends_the_name_that_it_was_told_not_to),
        cmocka_unit_test(what_is_left_out_is_said_also_where_it_is_the_last_word),
        cmocka_unit_test(a_store_is_named_by_the_option_that_names_it_now),
        cmocka_unit_test(no_way_switches_verification_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
