/* Where clients look for what they trust, and what they come to: processes made up here, files in a folder of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/trust_store.h"
#include "issue.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct world {
    arena *a;
    issued_chain chain;
    char folder[64];
    char root[128], intermediate[128], keystore[128];
    process_snapshot process;
    client client;
} world;

static void write_pem(const char *path, X509 *certificate)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(PEM_write_X509(f, certificate), 1);
    fclose(f);
}

static void write_keystore(const char *path, X509 *certificate)
{
    FILE *f = fopen(path, "w");
    STACK_OF(X509) *list = sk_X509_new_null();
    sk_X509_push(list, certificate);
    PKCS12 *store = PKCS12_create("changeit", "trusted", NULL, NULL, list, 0, NID_aes_256_cbc, 0, 0, 0);
    assert_non_null(store);
    assert_int_equal(i2d_PKCS12_fp(f, store), 1);
    PKCS12_free(store);
    sk_X509_free(list);
    fclose(f);
}

static int set_up(void **state)
{
    world *w = calloc(1, sizeof *w);
    w->a = arena_new();
    w->chain = issue_chain(w->a);
    snprintf(w->folder, sizeof w->folder, "/tmp/test-trust-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->root, sizeof w->root, "%s/root.pem", w->folder);
    snprintf(w->intermediate, sizeof w->intermediate, "%s/intermediate.pem", w->folder);
    snprintf(w->keystore, sizeof w->keystore, "%s/trust.p12", w->folder);
    write_pem(w->root, w->chain.root.certificate);
    write_pem(w->intermediate, w->chain.intermediate.certificate);
    write_keystore(w->keystore, w->chain.root.certificate);
    w->process = (process_snapshot){.pid = 1, .exe = "/usr/bin/program", .working_directory = w->folder};
    w->client = (client){.process = &w->process, .program = "program"};
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    unlink(w->root);
    unlink(w->intermediate);
    unlink(w->keystore);
    rmdir(w->folder);
    issued_chain_free(&w->chain);
    arena_free(w->a);
    free(w);
    return 0;
}

static const trust_store *found(world *w, enum runtime runtime, enum library_kind library, const char *const *argv,
                                const char *const *environment)
{
    w->process.argv = argv;
    w->process.environment = environment;
    w->client.runtime = runtime;
    w->client.library.kind = library;
    return trust_store_find(w->a, &w->client);
}

static const trust_source *source_named(const trust_store *store, const char *named)
{
    for (size_t i = 0; i < store->num_sources; i++)
        if (store->sources[i].named != NULL && strcmp(store->sources[i].named, named) == 0)
            return &store->sources[i];
    fail_msg("no source is named %s", named);
    return NULL;
}

static const client_judgement *judged(world *w, const trust_store *store, size_t num_sent, const char *host)
{
    bytes_view *sent = ARENA_ARRAY(w->a, 2, bytes_view);
    sent[0] = w->chain.leaf.der;
    sent[1] = w->chain.intermediate.der;
    trust_flight *flight = ARENA_NEW(w->a, trust_flight);
    *flight = (trust_flight){.certificates = sent, .num_certificates = num_sent};
    return trust_store_judge(w->a, store, flight, host, ISSUE_NOW, NULL, 0);
}

static void a_variable_names_a_file_that_does_not_exist(void **state)
{
    const char *environment[] = {"SSL_CERT_FILE=/nonexistent/ca.pem", "SSL_CERT_DIR=/nonexistent", NULL};
    const char *argv[] = {"python3", "-c", "pass", NULL};
    const trust_store *store = found(*state, RUNTIME_PYTHON, LIBRARY_OPENSSL, argv, environment);
    const trust_source *source = source_named(store, "SSL_CERT_FILE");
    assert_string_equal(source->path, "/nonexistent/ca.pem");
    assert_false(source->exists);
    assert_int_equal(store->num_anchors, 0);
    assert_string_equal(trust_source_text(((world *)*state)->a, source), "/nonexistent/ca.pem (SSL_CERT_FILE): does not exist");
}

static void an_argument_of_curl_names_its_file(void **state)
{
    world *w = *state;
    const char *argv[] = {"curl", "--cacert", "root.pem", "https://localhost/", NULL};
    const trust_store *store = found(w, RUNTIME_CURL, LIBRARY_GNUTLS, argv, NULL);
    assert_string_equal(source_named(store, "--cacert")->path, w->root);
    assert_true(store->is_certain);
    assert_int_equal(judged(w, store, 2, "localhost")->trust->num_findings, 0);
}

static void a_file_that_the_text_names_is_a_hint(void **state)
{
    world *w = *state;
    const char *argv[] = {"python3", "-c", arena_printf(w->a, "ctx.load_verify_locations('%s')", w->root), NULL};
    const trust_store *store = found(w, RUNTIME_PYTHON, LIBRARY_OPENSSL, argv, NULL);
    assert_true(store->has_hint);
    assert_false(store->is_certain);
    assert_int_equal(judged(w, store, 2, "localhost")->trust->num_findings, 0);
}

static void a_file_that_nodes_text_names_replaces_its_own_roots(void **state)
{
    world *w = *state;
    const char *argv[] = {"node", "-e", arena_printf(w->a, "o.ca = [require('fs').readFileSync(\"%s\")]", w->root), NULL};
    const trust_store *store = found(w, RUNTIME_NODE, LIBRARY_OPENSSL, argv, NULL);
    assert_true(store->hint_replaces);
    assert_int_equal(store->num_anchors, 1);
}

static void a_keystore_of_java_is_read(void **state)
{
    world *w = *state;
    const char *argv[] = {"java", arena_printf(w->a, "-Djavax.net.ssl.trustStore=%s", w->keystore),
                          "-Djavax.net.ssl.trustStorePassword=changeit", "Get.java", NULL};
    const trust_store *store = found(w, RUNTIME_JAVA, LIBRARY_JSSE, argv, NULL);
    assert_int_equal(store->num_anchors, 1);
    assert_int_equal(store->sources[0].num_roots, 1);
    assert_int_equal(judged(w, store, 2, "localhost")->trust->num_findings, 0);
}

/* Java sees no more of a PKCS #12 store than what is in clear. */
static void a_keystore_that_java_was_told_no_password_for_is_empty(void **state)
{
    world *w = *state;
    const char *trust = arena_printf(w->a, "-Djavax.net.ssl.trustStore=%s", w->keystore),
               *argv[] = {"java", trust, "Get.java", NULL};
    const trust_store *store = found(w, RUNTIME_JAVA, LIBRARY_JSSE, argv, NULL);
    assert_int_equal(store->num_anchors, 0);
    assert_true(store->sources[0].exists && store->sources[0].lacks_password);
    const char *nothing[] = {"java", trust, "-Djavax.net.ssl.trustStorePassword=", "Get.java", NULL};
    assert_true(found(w, RUNTIME_JAVA, LIBRARY_JSSE, nothing, NULL)->sources[0].lacks_password);
    const char *by_variable[] = {"JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStorePassword=changeit", NULL};
    store = found(w, RUNTIME_JAVA, LIBRARY_JSSE, argv, by_variable);
    assert_int_equal(store->num_anchors, 1);
    const char *wrong[] = {"java", trust, "-Djavax.net.ssl.trustStorePassword=other", "Get.java", NULL};
    store = found(w, RUNTIME_JAVA, LIBRARY_JSSE, wrong, NULL);
    assert_int_equal(store->num_anchors, 0);
    assert_false(store->sources[0].lacks_password);
}

static void a_keystore_with_another_password_is_not_read(void **state)
{
    world *w = *state;
    FILE *f = fopen(w->keystore, "w");
    fputs("0\x03 no keystore", f);
    fclose(f);
    const char *argv[] = {"java", arena_printf(w->a, "-Djavax.net.ssl.trustStore=%s", w->keystore), NULL};
    const trust_store *store = found(w, RUNTIME_JAVA, LIBRARY_JSSE, argv, NULL);
    assert_int_equal(store->num_anchors, 0);
    assert_non_null(store->sources[0].problem);
}

static void what_the_text_says_sets_the_rules(void **state)
{
    const char *argv[] = {"python3", "-c", "ctx.set_ciphers('DEFAULT@SECLEVEL=0'); ctx.verify_flags |= ssl.VERIFY_X509_STRICT",
                          NULL};
    const trust_store *store = found(*state, RUNTIME_PYTHON, LIBRARY_OPENSSL, argv, NULL);
    assert_int_equal(store->rules.security_level, 0);
    assert_true(store->rules.is_strict);
    assert_null(store->unverified);
}

static const char *write_text(world *w, const char *name, const char *text)
{
    const char *path = arena_printf(w->a, "%s/%s", w->folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    return path;
}

static void the_level_is_told_with_file_and_line(void **state)
{
    world *w = *state;
    const char *path = write_text(
        w, "openssl.cnf", "openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nCipherString=DEFAULT:@SECLEVEL=3\n");
    const char *argv[] = {"curl", "https://localhost/", NULL}, *environment[] = {arena_printf(w->a, "OPENSSL_CONF=%s", path), NULL};
    const trust_store *store = found(w, RUNTIME_CURL, LIBRARY_OPENSSL, argv, environment);
    assert_int_equal(store->rules.security_level, 3);
    assert_int_equal(store->floor.origin, FLOOR_BY_FILE);
    assert_string_equal(store->floor.file, path);
    assert_int_equal(store->floor.line, 7);
    assert_non_null(strstr(store->floor.text, "SECLEVEL=3"));
    unlink(path);
}

static void a_profile_of_gnutls_is_told(void **state)
{
    const char *argv[] = {"gnutls-cli", "--priority", "NORMAL:%PROFILE_MEDIUM", "localhost", NULL};
    const trust_store *store = found(*state, RUNTIME_GNUTLS_CLI, LIBRARY_GNUTLS, argv, NULL);
    assert_int_equal(store->rules.security_level, 2);
    assert_int_equal(store->floor.origin, FLOOR_BY_PROGRAM);
    assert_non_null(strstr(store->groups_floor.text, "%PROFILE_MEDIUM"));
}

static void what_java_disables_is_told_with_its_line(void **state)
{
    world *w = *state;
    const char *path = write_text(w, "own.security", "\njdk.tls.disabledAlgorithms=SSLv3, \\\n    DH keySize < 2048\n");
    const char *argv[] = {"java", arena_printf(w->a, "-Djava.security.properties=%s", path), "Get.java", NULL};
    const trust_store *store = found(w, RUNTIME_JAVA, LIBRARY_JSSE, argv, NULL);
    assert_int_equal(store->groups_floor.line, 2);
    assert_non_null(strstr(store->groups_floor.text, "DH keySize < 2048"));
    assert_non_null(strstr(store->groups_floor.text, "jdk.tls.disabledAlgorithms"));
    unlink(path);
}

static void a_new_python_is_strict(void **state)
{
    world *w = *state;
    const char *argv[] = {"python3", "-c", "ctx = ssl.create_default_context()", NULL};
    w->process.exe = "/opt/versions/3.13.0/bin/python3.13";
    assert_true(found(w, RUNTIME_PYTHON, LIBRARY_OPENSSL, argv, NULL)->rules.is_strict);
    w->process.exe = "/usr/bin/python3.11";
    assert_false(found(w, RUNTIME_PYTHON, LIBRARY_OPENSSL, argv, NULL)->rules.is_strict);
}

static void a_client_that_does_not_verify_is_told(void **state)
{
    const char *argv[] = {"curl", "-sSko", "/dev/null", "https://localhost/", NULL};
    assert_string_equal(found(*state, RUNTIME_CURL, LIBRARY_OPENSSL, argv, NULL)->unverified, "-k");
    const char *other[] = {"curl", "-okeep", "https://localhost/", NULL};
    assert_null(found(*state, RUNTIME_CURL, LIBRARY_OPENSSL, other, NULL)->unverified);
}

static const trust_store *of_lftp(world *w, const char *option, const char *commands)
{
    const char **argv = ARENA_ARRAY(w->a, 4, const char *), **environment = ARENA_ARRAY(w->a, 2, const char *);
    argv[0] = "lftp";
    argv[1] = option;
    argv[2] = commands;
    environment[0] = arena_printf(w->a, "HOME=%s", w->folder);
    w->process.exe = "/usr/bin/lftp";
    w->client.program = "lftp";
    return found(w, RUNTIME_OTHER, LIBRARY_GNUTLS, argv, environment);
}

static void one_that_asks_first_is_told_with_what_switches_it_off(void **state)
{
    world *w = *state;
    const char *argv[] = {"other", "-c", "open https://localhost", NULL};
    assert_false(found(w, RUNTIME_OTHER, LIBRARY_GNUTLS, argv, NULL)->asks_first);
    assert_true(of_lftp(w, "-c", "set ssl:verify-certificate yes; open https://localhost")->asks_first);
    assert_null(of_lftp(w, "-c", "set ssl:verify-certificate yes; open https://localhost")->unverified);
    assert_non_null(of_lftp(w, "-c", "set ssl:verify-certificate no; open https://localhost")->unverified);
    assert_non_null(of_lftp(w, "-c", "set ssl:verify-certificate/localhost off;open https://localhost")->unverified);
    assert_false(of_lftp(w, "-f", "commands")->asks_first);
    assert_true(of_lftp(w, "-e", "open https://localhost; ls; quit ;")->asks_first);
    assert_false(of_lftp(w, "-e", "open https://localhost; ls")->asks_first); /* and more may be typed */
    assert_false(of_lftp(w, "-e", "source more; quit")->asks_first);
    assert_non_null(of_lftp(w, "-e", "set ssl:verify-certificate no; open https://localhost; quit")->unverified);
    assert_false(of_lftp(w, "-c", "source more; open https://localhost")->asks_first);
}

/* Of a process that is gone, or of another user's, /proc tells no program file. */
static void one_whose_program_file_is_not_known_is_no_program_in_particular(void **state)
{
    world *w = *state;
    const char *argv[] = {"lftp", "-c", "set ssl:ca-file root.pem; open https://localhost", NULL};
    w->process.exe = NULL;
    const trust_store *store = found(w, RUNTIME_OTHER, LIBRARY_GNUTLS, argv, NULL);
    assert_false(store->asks_first);
    for (size_t i = 0; i < store->num_sources; i++)
        assert_int_not_equal(store->sources[i].origin, TRUST_FROM_ARGUMENT);
}

static void a_made_up_clock_is_taken_into_account(void **state)
{
    world *w = *state;
    const char *environment[] = {"LD_PRELOAD=/usr/lib/faketime/libfaketime.so.1", "FAKETIME=-10y", NULL};
    const char *argv[] = {"curl", "--cacert", w->root, "https://localhost/", NULL};
    const trust_store *store = found(w, RUNTIME_CURL, LIBRARY_OPENSSL, argv, environment);
    assert_int_equal(store->clock_offset, -10 * 365 * ISSUE_DAY);
    const client_judgement *j = judged(w, store, 2, "localhost");
    assert_non_null(trust_finding_of(j->trust, TRUST_NOT_YET_VALID));
    assert_true(j->would_be_valid_now);
    assert_true(j->is_all_out_of_time);
}

static void a_missing_intermediate_is_found_in_another_store(void **state)
{
    world *w = *state;
    const char *argv[] = {"curl", "--cacert", w->root, "https://localhost/", NULL};
    const char *environment[] = {arena_printf(w->a, "REQUESTS_CA_BUNDLE=%s", w->intermediate), NULL};
    const trust_store *store = found(w, RUNTIME_CURL, LIBRARY_OPENSSL, argv, environment);
    const client_judgement *j = judged(w, store, 1, "localhost");
    assert_int_equal(j->trust->findings[0].kind, TRUST_INCOMPLETE);
    assert_true(j->trust->findings[0].is_certain);
    assert_non_null(j->missing_in);
    assert_string_equal(j->missing_in->path, w->intermediate);
}

static void another_store_would_trust_the_server(void **state)
{
    world *w = *state;
    const char *argv[] = {"curl", "--cacert", w->intermediate, "https://localhost/", NULL};
    const char *environment[] = {arena_printf(w->a, "REQUESTS_CA_BUNDLE=%s", w->root), NULL};
    w->client.runtime = RUNTIME_GNUTLS_CLI;
    const char *gnutls[] = {"gnutls-cli", "--x509cafile", "/etc/hosts", "localhost", NULL};
    const trust_store *store = found(w, RUNTIME_GNUTLS_CLI, LIBRARY_GNUTLS, gnutls, environment);
    const client_judgement *j = judged(w, store, 2, "localhost");
    assert_int_equal(j->trust->findings[0].kind, TRUST_UNKNOWN_ISSUER);
    assert_int_equal(j->num_trusted_by, 1);
    assert_string_equal(j->trusted_by[0]->path, w->root);
    (void)argv;
}

static void a_file_of_the_text_that_is_not_used_may_be_what_trusts(void **state)
{
    world *w = *state;
    const char *argv[] = {"node", "-e", arena_printf(w->a, "if (false) o.ca = readFileSync('%s')", w->root), NULL};
    const char *environment[] = {arena_printf(w->a, "NODE_EXTRA_CA_CERTS=%s", w->intermediate), NULL};
    w->process.exe = write_text(w, "node", "reads NODE_EXTRA_CA_CERTS");
    const trust_store *store = found(w, RUNTIME_NODE, LIBRARY_OPENSSL, argv, environment);
    const client_judgement *j = judged(w, store, 2, "localhost");
    assert_true(j->without_hint);
    assert_int_equal(j->num_trusted_by, 1);
    assert_string_equal(j->trusted_by[0]->path, w->root);
    assert_null(strstr(trust_judged_store_text(w->a, j), "root.pem"));
}

static void a_variable_that_an_old_node_does_not_know_adds_nothing(void **state)
{
    world *w = *state;
    const char *argv[] = {"node", NULL}, *environment[] = {arena_printf(w->a, "NODE_EXTRA_CA_CERTS=%s", w->root), NULL};
    w->process.exe = write_text(w, "old-node", "knows nothing of it");
    const trust_store *store = found(w, RUNTIME_NODE, LIBRARY_OPENSSL, argv, environment);
    assert_int_equal(store->num_sources, 1);
    assert_int_equal(store->sources[0].origin, TRUST_FROM_RUNTIME);
}

static void a_file_of_curls_own_names_the_store_and_the_line(void **state)
{
    world *w = *state;
    const char *home = arena_printf(w->a, "HOME=%s", w->folder), *argv[] = {"curl", "https://localhost/", NULL};
    const char *environment[] = {home, "CURL_CA_BUNDLE=/nonexistent", NULL};
    (void)write_text(w, ".curlrc", arena_printf(w->a, "# ours\ncacert = \"%s\"\n", w->root));
    const trust_store *store = found(w, RUNTIME_CURL, LIBRARY_OPENSSL, argv, environment);
    assert_string_equal(store->sources[0].path, w->root);
    assert_int_equal(store->sources[0].origin, TRUST_FROM_FILE);
    assert_int_equal(store->sources[0].named_at, 2);
    assert_true(trust_source_was_named(&store->sources[0]));
    assert_int_equal(store->sources[0].num_certificates, 1);
}

/* What its sources are, of its variables only. */
static void check_curl(world *w, const char *libcurl, bool reads_file)
{
    const char *file = arena_printf(w->a, "SSL_CERT_FILE=%s", w->root), *folder = arena_printf(w->a, "SSL_CERT_DIR=%s", w->folder);
    const char *argv[] = {"curl", "https://localhost/", NULL}, *both[] = {file, folder, NULL}, *one[] = {file, NULL};
    w->process.exe = write_text(w, "curl", libcurl);
    const trust_store *store = found(w, RUNTIME_CURL, LIBRARY_OPENSSL, argv, both);
    bool has_file = false;
    for (size_t i = 0; i < store->num_sources; i++)
        has_file = has_file || strcmp(store->sources[i].path, w->root) == 0;
    assert_string_equal(store->sources[0].path, w->folder);
    assert_int_equal(has_file, reads_file);
    store = found(w, RUNTIME_CURL, LIBRARY_OPENSSL, argv, one);
    assert_string_equal(store->sources[0].path, w->root);
}

static void a_folder_keeps_an_old_curl_from_reading_the_other_variable(void **state)
{
    check_curl(*state, "libcurl/7.88.1", false);
    check_curl(*state, "libcurl/8.2.0", true);
}

static void a_file_of_lftps_names_the_store_and_whether_it_verifies(void **state)
{
    world *w = *state;
    const char *home = arena_printf(w->a, "HOME=%s", w->folder), *argv[] = {"lftp", "-c", "open https://localhost/", NULL};
    const char *environment[] = {home, NULL};
    w->process.exe = write_text(w, "lftp", "");
    w->client.program = "lftp";
    (void)write_text(
        w, ".lftprc",
        arena_printf(w->a, "# ours\nset net:timeout 5; set ssl:ca-file \"%s\"\nset ssl:verify-certificate/x yes\n", w->root));
    const trust_store *store = found(w, RUNTIME_OTHER, LIBRARY_GNUTLS, argv, environment);
    assert_string_equal(store->sources[0].path, w->root);
    assert_int_equal(store->sources[0].named_at, 2);
    assert_null(store->unverified);
    (void)write_text(w, ".lftprc", "set ssl:verify-certificate no\n");
    store = found(w, RUNTIME_OTHER, LIBRARY_GNUTLS, argv, environment);
    assert_string_not_equal(store->sources[0].path, w->root);
    assert_non_null(strstr(store->unverified, "line 1"));
    argv[2] = arena_printf(w->a, "set ssl:ca-file %s; open https://localhost/", w->root);
    store = found(w, RUNTIME_OTHER, LIBRARY_GNUTLS, argv, environment);
    assert_string_equal(store->sources[0].path, w->root);
}

/* lftp(1): "set ssl:verify-certificate/host no" is for that host alone. */
static void what_lftp_is_told_for_some_hosts_does_not_count_for_all(void **state)
{
    world *w = *state;
    (void)write_text(w, ".lftprc", "set ssl:verify-certificate/internal.lan no\n");
    const trust_store *store = of_lftp(w, "-c", "open https://localhost/");
    assert_null(store->unverified);
    assert_false(store->asks_first); /* the host may be that one */
    (void)write_text(w, ".lftprc", "set ssl:verify-certificate no\nset ssl:verify-certificate/internal.lan yes\n");
    assert_non_null(strstr(of_lftp(w, "-c", "open https://localhost/")->unverified, "line 1"));
    (void)write_text(w, ".lftprc", arena_printf(w->a, "set ssl:ca-file/internal.lan %s\n", w->root));
    store = of_lftp(w, "-c", "open https://localhost/");
    assert_true(store->asks_first);
    assert_string_not_equal(store->sources[0].path, w->root);
    assert_int_equal(unlink(arena_printf(w->a, "%s/.lftprc", w->folder)), 0);
}

/* A program of its own kind, called as its file is. */
static const trust_store *of_program(world *w, const char *name, const char *const *argv, const char *const *environment)
{
    w->process.exe = arena_printf(w->a, "/usr/bin/%s", name);
    w->client.program = name;
    return found(w, RUNTIME_OTHER, LIBRARY_OPENSSL, argv, environment);
}

static void assert_only_store(const world *w, const trust_store *store, enum trust_origin origin, const char *named)
{
    assert_int_equal(store->num_sources, 1);
    assert_string_equal(store->sources[0].path, w->root);
    assert_int_equal(store->sources[0].origin, origin);
    assert_string_equal(store->sources[0].named, named);
    assert_true(store->is_certain);
    assert_false(store->has_hint);
}

static void an_argument_of_a_programs_own_names_its_store_in_every_form(void **state)
{
    world *w = *state;
    const char *apart[] = {"redis-cli", "--tls", "--cacert", w->root, "ping", NULL};
    const char *joined[] = {"mariadb", arena_printf(w->a, "--ssl-ca=%s", w->root), "-e", "select 1", NULL};
    const char *inside[] = {"psql", arena_printf(w->a, "host=localhost sslrootcert=%s sslmode=verify-full", w->root), NULL};
    const char *of_option[] = {"ldapsearch", "-o", arena_printf(w->a, "TLS_CACERT=%s", w->root), NULL};
    const char *other[] = {"SSL_CERT_FILE=/etc/ssl/cert.pem", "PGSSLROOTCERT=/nowhere", "LDAPTLS_CACERT=/nowhere", NULL};
    const trust_store *store = of_program(w, "redis-cli", apart, other);
    assert_only_store(w, store, TRUST_FROM_ARGUMENT, "--cacert");
    assert_string_equal(store->sources[0].before, "--cacert ");
    store = of_program(w, "mariadb", joined, other);
    assert_only_store(w, store, TRUST_FROM_ARGUMENT, "--ssl-ca");
    assert_string_equal(store->sources[0].before, "--ssl-ca=");
    store = of_program(w, "psql", inside, other);
    assert_only_store(w, store, TRUST_FROM_ARGUMENT, "sslrootcert");
    assert_true(store->sources[0].is_inside);
    assert_only_store(w, of_program(w, "ldapsearch", of_option, other), TRUST_FROM_ARGUMENT, "TLS_CACERT");
}

static const char *const *libldap(world *w)
{
    const char **list = ARENA_ARRAY(w->a, 2, const char *);
    list[0] = "/usr/lib/libldap-2.5.so.0";
    return list;
}

static void libldaps_variable_counts_before_its_file(void **state)
{
    world *w = *state;
    const char *argv[] = {"ldapsearch", "-x", NULL};
    const char *conf = write_text(w, "ldap.conf", arena_printf(w->a, "# ours\nTLS_CACERT\t%s\n", w->root));
    const char *by_file[] = {arena_printf(w->a, "LDAPCONF=%s", conf), NULL};
    const char *by_variable[] = {"LDAPTLS_CACERT=/nowhere/ca.pem", by_file[0], "LDAPTLS_REQCERT=allow", NULL};
    w->process.mapped_files = libldap(w);
    const trust_store *store = of_program(w, "ldapsearch", argv, by_file);
    assert_only_store(w, store, TRUST_FROM_FILE, "TLS_CACERT");
    assert_int_equal(store->sources[0].named_at, 2);
    assert_string_equal(store->told_by, "LDAPTLS_CACERT");
    assert_null(store->unverified);
    store = of_program(w, "ldapsearch", argv, by_variable);
    assert_int_equal(store->sources[0].origin, TRUST_FROM_VARIABLE);
    assert_false(store->sources[0].exists);
    assert_string_equal(store->unverified, "LDAPTLS_REQCERT allow");
    const char *joined[] = {"ldapsearch", "-oTLS_REQCERT=never", NULL};
    assert_string_equal(of_program(w, "ldapsearch", joined, by_file)->unverified, "TLS_REQCERT never");
    w->process.mapped_files = NULL;
    assert_int_equal(unlink(conf), 0);
}

static void libldap_takes_its_own_name_for_localhost(void **state)
{
    world *w = *state;
    const char *argv[] = {"ldapsearch", "-x", NULL}, *none[] = {NULL};
    trust_store store = *of_program(w, "ldapsearch", argv, none);
    assert_non_null(store.localhost_is);
    store.localhost_is = "here.example.test";
    assert_string_equal(judged(w, &store, 2, "localhost")->trust->host, "here.example.test");
    assert_true(judged(w, &store, 2, "localhost")->took_own_name);
    assert_string_equal(judged(w, &store, 2, "api.example.test")->trust->host, "api.example.test");
    assert_false(judged(w, &store, 2, "here.example.test")->took_own_name); /* it was asked for that one */
    assert_null(of_program(w, "socat", argv, none)->localhost_is);
}

static void libpq_has_a_file_of_its_own_and_verifies_by_it(void **state)
{
    world *w = *state;
    static const char *const mapped[] = {"/usr/lib/libpq.so.5", NULL};
    const char *home = arena_printf(w->a, "HOME=%s", w->folder), *none[] = {home, NULL}, *argv[] = {"psql", "host=x", NULL};
    const char *full[] = {home, "PGSSLMODE=verify-full", NULL}, *only_ca[] = {"psql", "sslmode=verify-ca", NULL};
    w->process.mapped_files = mapped;
    assert_string_equal(of_program(w, "psql", argv, none)->unverified, "sslmode=prefer");
    const trust_store *store = of_program(w, "psql", argv, full);
    assert_null(store->unverified);
    assert_false(store->rules.ignores_names);
    assert_string_equal(store->sources[0].path, arena_printf(w->a, "%s/.postgresql/root.crt", w->folder));
    assert_int_equal(store->num_anchors, 0);
    assert_true(of_program(w, "psql", only_ca, full)->rules.ignores_names);
    w->process.mapped_files = NULL;
}

/* libgdal and Exim link it, and speak other protocols over TLS by themselves. */
static void a_libpq_that_is_only_mapped_is_not_how_it_verifies(void **state)
{
    world *w = *state;
    static const char *const mapped[] = {"/usr/lib/libpq.so.5", NULL};
    const char *argv[] = {"gdalinfo", "/vsicurl/https://localhost/x.tif", NULL}, *other[] = {"PGSSLROOTCERT=/nowhere", NULL};
    const char *of_postgres[] = {"ogrinfo", "PG:host=localhost dbname=it", NULL};
    w->process.mapped_files = mapped;
    const trust_store *store = of_program(w, "gdalinfo", argv, other);
    assert_null(store->unverified);
    assert_false(store->rules.ignores_names);
    for (size_t i = 0; i < store->num_sources; i++)
        assert_string_not_equal(store->sources[i].path, "/nowhere");
    assert_string_equal(of_program(w, "ogrinfo", of_postgres, other)->unverified, "sslmode=prefer");
    w->process.mapped_files = NULL;
}

static void every_program_of_postgresql_takes_its_connection_string(void **state)
{
    world *w = *state;
    static const char *const programs[] = {"psql", "pg_dump", "pgbench", "vacuumdb", "createdb", "reindexdb"};
    const char *argv[] = {"program", arena_printf(w->a, "sslrootcert=%s sslmode=require", w->root), NULL}, *none[] = {NULL};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        const trust_store *store = of_program(w, programs[i], argv, none);
        assert_only_store(w, store, TRUST_FROM_ARGUMENT, "sslrootcert");
        assert_null(store->unverified);
        assert_true(store->rules.ignores_names);
    }
}

/* A folder that has a root.crt for libpq in it. */
static const char *home_with_a_root(world *w)
{
    const char *folder = arena_printf(w->a, "%s/.postgresql", w->folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    (void)write_text(w, ".postgresql/root.crt", "none\n");
    return folder;
}

/* The mode is verify-full then, and the file at home does not count. */
static void libpq_told_the_systems_store_compares_names(void **state)
{
    world *w = *state;
    const char *home = arena_printf(w->a, "HOME=%s", w->folder), *folder = home_with_a_root(w);
    const char *plain[] = {"psql", "host=x", NULL}, *argument[] = {"psql", "host=x sslrootcert=system", NULL};
    const char *at_home[] = {home, NULL}, *variable[] = {home, "PGSSLROOTCERT=system", NULL};
    const char *conf = write_text(w, ".pg_service.conf", "[it]\nsslrootcert=system\n"), *service[] = {"psql", "service=it", NULL};
    const trust_store *stores[] = {of_program(w, "psql", argument, at_home), of_program(w, "psql", plain, variable),
                                   of_program(w, "psql", service, at_home)};
    const char *own = arena_printf(w->a, "%s/root.crt", folder);
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        assert_null(stores[i]->unverified);
        assert_false(stores[i]->rules.ignores_names);
        for (size_t k = 0; k < stores[i]->num_sources; k++)
            assert_string_not_equal(stores[i]->sources[k].path, own);
    }
    assert_string_equal(of_program(w, "psql", plain, at_home)->sources[0].path, own);
    assert_null(of_program(w, "psql", plain, at_home)->unverified); /* it is there, so it is used in any mode */
    assert_int_equal(unlink(own) | rmdir(folder) | unlink(conf), 0);
}

static void an_option_that_is_not_known_is_told_by_its_name(void **state)
{
    world *w = *state;
    const char *argv[] = {"program", "--trusted-by", w->root, NULL}, *none[] = {NULL};
    const trust_store *store = of_program(w, "program", argv, none);
    assert_int_equal(store->sources[0].origin, TRUST_FROM_TEXT);
    assert_string_equal(store->sources[0].named, "--trusted-by");
    assert_string_equal(store->sources[0].before, "--trusted-by ");
    assert_false(store->is_certain);
    argv[1] = "--server-ca-certificate";
    assert_string_equal(of_program(w, "program", argv, none)->sources[0].before, "--server-ca-certificate ");
}

/* Its key is in another file. */
static void an_option_of_the_clients_own_certificate_is_none_of_its_store(void **state)
{
    world *w = *state;
    static const char *const options[] = {"--cert", "--client-certificate", "-crt", "--tls.Client"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const char *argv[] = {"program", options[i], w->root, NULL}, *none[] = {NULL};
        assert_null(of_program(w, "program", argv, none)->sources[0].before);
    }
}

static void ncat_verifies_only_where_it_is_told_to(void **state)
{
    world *w = *state;
    const char *plain[] = {"ncat", "--ssl", "localhost", "443", NULL};
    const char *verifies[] = {"ncat", "--ssl", "--ssl-verify", "localhost", "443", NULL}, *none[] = {NULL};
    w->process.exe = write_text(w, "ncat", "");
    assert_non_null(found(w, RUNTIME_OTHER, LIBRARY_OPENSSL, plain, none)->unverified);
    assert_null(found(w, RUNTIME_OTHER, LIBRARY_OPENSSL, verifies, none)->unverified);
}

static void a_client_that_is_not_known_is_given_the_systems_store(void **state)
{
    world *w = *state;
    const trust_store *store = trust_store_find(w->a, NULL);
    assert_false(store->is_certain);
    assert_true(store->num_sources > 0);
}

int main(void)
{
#define SITUATION(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SITUATION(a_variable_names_a_file_that_does_not_exist),
        SITUATION(an_argument_of_curl_names_its_file),
        SITUATION(a_file_that_the_text_names_is_a_hint),
        SITUATION(a_file_that_nodes_text_names_replaces_its_own_roots),
        SITUATION(a_keystore_of_java_is_read),
        SITUATION(a_keystore_that_java_was_told_no_password_for_is_empty),
        SITUATION(a_keystore_with_another_password_is_not_read),
        SITUATION(what_the_text_says_sets_the_rules),
        SITUATION(the_level_is_told_with_file_and_line),
        SITUATION(a_profile_of_gnutls_is_told),
        SITUATION(what_java_disables_is_told_with_its_line),
        SITUATION(a_file_of_the_text_that_is_not_used_may_be_what_trusts),
        SITUATION(a_new_python_is_strict),
        SITUATION(a_client_that_does_not_verify_is_told),
        SITUATION(one_that_asks_first_is_told_with_what_switches_it_off),
        SITUATION(one_whose_program_file_is_not_known_is_no_program_in_particular),
        SITUATION(a_made_up_clock_is_taken_into_account),
        SITUATION(a_missing_intermediate_is_found_in_another_store),
        SITUATION(another_store_would_trust_the_server),
        SITUATION(a_folder_keeps_an_old_curl_from_reading_the_other_variable),
        SITUATION(a_file_of_lftps_names_the_store_and_whether_it_verifies),
        SITUATION(an_argument_of_a_programs_own_names_its_store_in_every_form),
        SITUATION(libldaps_variable_counts_before_its_file),
        SITUATION(libldap_takes_its_own_name_for_localhost),
        SITUATION(libpq_has_a_file_of_its_own_and_verifies_by_it),
        SITUATION(a_libpq_that_is_only_mapped_is_not_how_it_verifies),
        SITUATION(every_program_of_postgresql_takes_its_connection_string),
        SITUATION(libpq_told_the_systems_store_compares_names),
        SITUATION(an_option_that_is_not_known_is_told_by_its_name),
        SITUATION(an_option_of_the_clients_own_certificate_is_none_of_its_store),
        SITUATION(what_lftp_is_told_for_some_hosts_does_not_count_for_all),
        SITUATION(ncat_verifies_only_where_it_is_told_to),
        SITUATION(a_client_that_is_not_known_is_given_the_systems_store),
        SITUATION(a_variable_that_an_old_node_does_not_know_adds_nothing),
        SITUATION(a_file_of_curls_own_names_the_store_and_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
