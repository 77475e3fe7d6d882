/* How a client judges: the strictness, the sizes, whether at all, and by which clock. Its floor: trust_floor.c. */
#include "client/libpq.h"
#include "client/narrowing_option.h"
#include "client/settings_inner.h"
#include "client/trust_inner.h"
#include "client/trust_read.h"

#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The largest Certificate message that each takes: OpenSSL, SSL_MAX_CERT_LIST_DEFAULT; GnuTLS, MAX_HANDSHAKE_PACKET_SIZE; Java,
 * jdk.tls.maxHandshakeMessageSize; Go, maxHandshakeCertificateMsg, and before Go 1.23 maxHandshake (crypto/tls/common.go). */
enum {
    OPENSSL_LEN_MAX = 100 * 1024,
    GNUTLS_LEN_MAX = 128 * 1024,
    JAVA_LEN_MAX = 32 * 1024,
    GO_LEN_MAX = 256 * 1024,
    OLD_GO_LEN_MAX = 64 * 1024,
    GO_1_23 = 12300,
};
/* jdk.tls.maxCertificateChainLength. */
enum { JAVA_CERTIFICATES_MAX = 10 };
enum { VERSION_1_0_1 = 10001, VERSION_1_0_2 = 10002, VERSION_1_1_0 = 10100, PYTHON_3_13 = 313 };

/* ---- strictness ---------------------------------------------------------------------------------------------------------- */

static bool turns_strict_off(const trust_program *p)
{
    return program_text_has(p, "~ssl.VERIFY_X509_STRICT") || program_text_has(p, "~ssl.VerifyFlags.VERIFY_X509_STRICT");
}

/* Since 3.13, create_default_context asks for VERIFY_X509_STRICT and VERIFY_X509_PARTIAL_CHAIN; a bare SSLContext does not. */
static void find_python_rules(const trust_program *p, trust_store *store)
{
    bool is_new = trust_runtime_version(p) >= PYTHON_3_13;
    bool is_bare = program_text_has(p, "SSLContext(") && !program_text_has(p, "create_default_context");
    bool said = program_text_has(p, "VERIFY_X509_STRICT") && !turns_strict_off(p);
    store->rules.is_strict = said || (is_new && !is_bare && !turns_strict_off(p));
    store->rules.ends_at_any_anchor = (is_new && !is_bare) || program_text_has(p, "VERIFY_X509_PARTIAL_CHAIN");
    store->rules.reads_common_name =
        !program_text_has(p, "hostname_checks_common_name = False") && !program_text_has(p, "hostname_checks_common_name=False");
    if (program_text_has(p, "check_hostname = False") || program_text_has(p, "check_hostname=False"))
        store->rules.ignores_names = true;
}

static void find_client_rules(const trust_program *p, trust_store *store)
{
    trust_rules *rules = &store->rules;
    rules->reads_common_name = store->runtime != RUNTIME_GO;
    switch (store->runtime) {
    case RUNTIME_PYTHON:
        find_python_rules(p, store);
        break;
    case RUNTIME_CURL:
        rules->ends_at_any_anchor = true;
        rules->compares_names_last = true;
        rules->wants_staple = program_has_argument(p, "--cert-status");
        break;
    case RUNTIME_OPENSSL:
        rules->is_strict = program_has_argument(p, "-x509_strict");
        rules->ends_at_any_anchor = program_has_argument(p, "-partial_chain");
        store->expected_host = program_option(p, "-verify_hostname");
        if (store->expected_host == NULL)
            store->expected_host = program_option(p, "-verify_ip");
        rules->ignores_names = store->expected_host == NULL;
        break;
    case RUNTIME_GO: /* crypto/x509, Certificate.Verify */
        rules->ends_at_any_anchor = true;
        rules->judges_leaf_first = true;
        break;
    case RUNTIME_JAVA: /* sun.security.ssl.X509TrustManagerImpl.checkTrusted */
        rules->ends_at_any_anchor = true;
        rules->compares_names_last = true;
        break;
    case RUNTIME_RUBY: /* post_connection_check */
        rules->compares_names_last = true;
        break;
    default:
        break;
    }
}

/* X509_V_FLAG_NO_ALT_CHAINS(3), HISTORY: since 1.0.1n and 1.0.2b. */
static bool looks_for_another_path(int version, char letter)
{
    return version > VERSION_1_0_2 || (version == VERSION_1_0_2 && letter >= 'b') || (version == VERSION_1_0_1 && letter >= 'n');
}

static void find_library_rules(trust_store *store)
{
    trust_rules *rules = &store->rules;
    int version = trust_library_version(store);
    if (store->library == LIBRARY_GNUTLS) {
        rules->ends_at_any_anchor = true;
        rules->wants_promised_staple = true;
        rules->certificate_message_len_max = GNUTLS_LEN_MAX;
    }
    if (store->library == LIBRARY_OPENSSL) {
        rules->takes_sent_first = version != 0 && version < VERSION_1_1_0;
        rules->takes_no_other = rules->takes_sent_first && !looks_for_another_path(version, trust_openssl_letter(store));
        rules->certificate_message_len_max = OPENSSL_LEN_MAX;
    }
    if (store->runtime == RUNTIME_JAVA) {
        rules->certificate_message_len_max = JAVA_LEN_MAX;
        rules->certificates_max = JAVA_CERTIFICATES_MAX;
    }
    if (store->runtime == RUNTIME_GO)
        rules->certificate_message_len_max = version != 0 && version < GO_1_23 ? OLD_GO_LEN_MAX : GO_LEN_MAX;
}

/* ---- whether at all --------------------------------------------------------------------------------------------------------- */

/* A cluster of curl's short options has that one in it; what takes a value ends the cluster (curl(1)). */
static bool has_short_option(const trust_program *p, char wanted)
{
    static const char with_value[] = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";
    const char *const *list = p->process == NULL ? NULL : p->process->argv;
    for (size_t i = 1; list != NULL && list[0] != NULL && list[i] != NULL; i++) {
        if (list[i][0] != '-' || list[i][1] == '-')
            continue;
        for (const char *at = list[i] + 1; *at != '\0' && strchr(with_value, *at) == NULL; at++)
            if (*at == wanted)
                return true;
    }
    return false;
}

static const struct {
    enum runtime runtime;
    const char *words; /* in its arguments or its text */
} switches_off[] = {
    {RUNTIME_CURL, "--insecure\n"},
    {RUNTIME_WGET, "--no-check-certificate"},
    {RUNTIME_GNUTLS_CLI, "--insecure"},
    {RUNTIME_PYTHON, "ssl.CERT_NONE"},
    {RUNTIME_PYTHON, "verify=False"},
    {RUNTIME_PYTHON, "_create_unverified_context"},
    {RUNTIME_NODE, "rejectUnauthorized: false"},
    {RUNTIME_NODE, "rejectUnauthorized:false"},
    {RUNTIME_PERL, "SSL_VERIFY_NONE"},
    {RUNTIME_RUBY, "VERIFY_NONE"},
};

static bool is_any_of(bytes_view value, const char *const *words, size_t num_words)
{
    for (size_t i = 0; i < num_words; i++)
        if (value.len == strlen(words[i]) && strncasecmp((const char *)value.data, words[i], value.len) == 0)
            return true;
    return false;
}

/* Among its arguments, for some host at least: "set ssl:verify-certificate/example.com no;". */
static bool lftp_is_told(const trust_program *p, const char *name, const char *const *words, size_t num_words)
{
    bytes_view text = bytes_from_text(p->text);
    for (size_t at = bytes_find(text, name, 0); at < text.len; at = bytes_find(text, name, at + 1)) {
        bytes_view line = bytes_until(bytes_until(bytes_slice(text, at, text.len), '\n'), ';');
        bytes_view value = bytes_slice(line, bytes_until(line, ' ').len, line.len);
        while (bytes_at(value, 0) == ' ')
            value = bytes_slice(value, 1, value.len);
        if (is_any_of(bytes_until(value, ' '), words, num_words))
            return true;
    }
    return false;
}

#define LFTP_VERIFIES "ssl:verify-certificate"
/* lftp(1): "yes", "true", "1", "on" and "+" are the same, and these are. */
static const char *const lftp_off[] = {"no", "false", "0", "off", "-"};
enum { NUM_LFTP_OFF = sizeof lftp_off / sizeof *lftp_off };

/* One of its files switches it off for some hosts, of which this may be one. */
static bool lftp_trusts_some_hosts(const trust_program *p)
{
    for (size_t i = 0; i < p->settings.num_settings; i++) {
        const setting *one = &p->settings.settings[i];
        if (strncmp(one->name, LFTP_VERIFIES "/", strlen(LFTP_VERIFIES "/")) == 0 &&
            is_any_of(bytes_from_text(one->value), lftp_off, NUM_LFTP_OFF))
            return true;
    }
    return false;
}

/* Whether the last of the commands makes it leave, so that it reads none besides. */
static bool lftp_leaves_after(const char *commands)
{
    static const char *const leaving[] = {"quit", "exit", "bye"};
    bytes_view last = bytes_from_text(commands);
    for (bytes_view rest = last, part; rest.len > 0; rest = bytes_slice(rest, part.len + 1, rest.len)) {
        part = bytes_until(rest, ';');
        last = settings_trimmed(part).len > 0 ? settings_trimmed(part) : last;
    }
    return is_any_of(last, leaving, sizeof leaving / sizeof *leaving);
}

/* Whether its arguments are all that it is told: with -e it goes on with what is typed, unless it was told to leave. */
static bool lftp_is_told_all(const trust_program *p)
{
    const char *commands = program_option(p, "-e");
    bool is_all = program_has_argument(p, "-c") || (commands != NULL && lftp_leaves_after(commands));
    return is_all && !program_text_has(p, "source ");
}

/* It asks before it looks at the certificates. */
static bool asks_first(const trust_program *p)
{
    return program_is(p, "lftp") && lftp_is_told_all(p) && !lftp_trusts_some_hosts(p);
}

/* Of its arguments, or else of the last of its files that says so for all hosts. */
static const char *lftp_unverified(const trust_program *p)
{
    if (lftp_is_told(p, LFTP_VERIFIES, lftp_off, NUM_LFTP_OFF))
        return LFTP_VERIFIES;
    const setting *said = setting_on(&p->settings, NARROWED_VERIFICATION);
    bool is_off = said != NULL && is_any_of(bytes_from_text(said->value), lftp_off, NUM_LFTP_OFF);
    return is_off ? arena_printf(p->arena, "%s in %s, line %d", said->name, said->file, said->line) : NULL;
}

/* ldap.conf(5): "never" asks for no certificate, "allow" takes a bad one. */
static const char *ldap_unverified(const trust_program *p)
{
    static const char *const off[] = {"never", "allow"};
    option_told told = narrowing_option_told(p->arena, p->client, &p->settings, "TLS_REQCERT");
    bool is_off = told.value != NULL && is_any_of(bytes_from_text(told.value), off, sizeof off / sizeof *off);
    return is_off ? arena_printf(p->arena, "%s %s", told.name, told.value) : NULL;
}

static const char *libpq_unverified(const trust_program *p)
{
    libpq_trust told = libpq_trust_find(p->arena, p->client, &p->settings);
    return told.verifies ? NULL : arena_printf(p->arena, "%s=%s", told.mode_name, told.mode);
}

static bool is_libpq(const trust_program *p, const trust_store *store)
{
    return store->runtime == RUNTIME_OTHER && libpq_is_used(p->client);
}

static bool is_ldap(const trust_program *p)
{
    return p->client != NULL && p->process != NULL && p->process->exe != NULL &&
           strncmp(base_name(p->process->exe), "ldap", 4) == 0;
}

/* libldap's ldap_pvt_get_fqdn, as far as it can be told without asking anybody: the name of the machine, and where /etc/hosts has
 * that as a further name, the first one of that line (hosts(5)). */
static const char *own_host_name(arena *a)
{
    enum { NAME_LEN_MAX = 256, HOSTS_LEN_MAX = 1024 * 1024 };
    char name[NAME_LEN_MAX] = "";
    bytes_view hosts;
    if (gethostname(name, sizeof name - 1) != 0)
        return NULL;
    const char *own = arena_printf(a, "%s", name);
    if (!file_read(a, "/etc/hosts", HOSTS_LEN_MAX, &hosts))
        return own;
    while (hosts.len > 0) {
        bytes_view line = bytes_until(hosts, '\n');
        hosts = bytes_slice(hosts, line.len + 1, hosts.len);
        char *rest, *text = bytes_to_text(a, bytes_until(line, '#')), *address = strtok_r(text, " \t\r", &rest);
        const char *first = address == NULL ? NULL : strtok_r(NULL, " \t\r", &rest);
        for (const char *one = first; one != NULL; one = strtok_r(NULL, " \t\r", &rest))
            if (strcmp(one, own) == 0)
                return first;
    }
    return own;
}

/* Programs that are known by their name: ncat(1), socat(1), lftp(1). */
static const char *unverified_by_program(const trust_program *p, const trust_store *store)
{
    if (is_libpq(p, store))
        return libpq_unverified(p);
    if (is_ldap(p))
        return ldap_unverified(p);
    if (p->process != NULL && p->process->exe != NULL && program_has_argument(p, "--insecure") &&
        (strncmp(base_name(p->process->exe), "redis-", 6) == 0 || strncmp(base_name(p->process->exe), "valkey-", 7) == 0))
        return "--insecure";
    if (program_is(p, "ncat") && !program_has_argument(p, "--ssl-verify") && program_option(p, "--ssl-trustfile") == NULL)
        return "ncat without --ssl-verify";
    if (program_is(p, "socat") && (program_text_has(p, "verify=0") || program_text_has(p, "verify=false")))
        return "verify=0";
    return program_is(p, "lftp") ? lftp_unverified(p) : NULL;
}

static const char *unverified(const trust_program *p, const trust_store *store)
{
    for (size_t i = 0; i < sizeof switches_off / sizeof *switches_off; i++)
        if (switches_off[i].runtime == store->runtime && program_text_has(p, switches_off[i].words))
            return bytes_to_text(p->arena, bytes_until(bytes_from_text(switches_off[i].words), '\n'));
    const char *node = program_variable(p, "NODE_TLS_REJECT_UNAUTHORIZED");
    if (store->runtime == RUNTIME_NODE && node != NULL && strcmp(node, "0") == 0)
        return "NODE_TLS_REJECT_UNAUTHORIZED=0";
    if (store->runtime == RUNTIME_GIT && program_variable(p, "GIT_SSL_NO_VERIFY") != NULL)
        return "GIT_SSL_NO_VERIFY";
    if (store->runtime == RUNTIME_CURL && has_short_option(p, 'k'))
        return "-k";
    if (store->runtime == RUNTIME_OPENSSL && !program_has_argument(p, "-verify_return_error"))
        return "s_client without -verify_return_error";
    return unverified_by_program(p, store);
}

/* ---- the end of a stream ------------------------------------------------------------------------------------------------------
 */

enum { OPENSSL_3_0 = 30000, PYTHON_3_10 = 310 };

/* OpenSSL says so since 3.0 (its CHANGES: "unexpected EOF"); Python since 3.10 takes it for the end all the same
 * (suppress_ragged_eofs), as curl, Node.js, Perl's IO::Socket::SSL and PHP do. */
static bool is_softened(const trust_program *p, const trust_store *store)
{
    switch (store->runtime) {
    case RUNTIME_PYTHON:
        return trust_runtime_version(p) >= PYTHON_3_10 && !program_text_has(p, "suppress_ragged_eofs=False");
    case RUNTIME_RUBY:
    case RUNTIME_OTHER:
        return false;
    default:
        return true;
    }
}

static void find_notify(const trust_program *p, trust_store *store)
{
    bool is_openssl = store->library == LIBRARY_OPENSSL && trust_library_version(store) >= OPENSSL_3_0 && !is_softened(p, store);
    const char *version = store->library_version == NULL ? "" : store->library_version;
    if (store->library == LIBRARY_GNUTLS)
        store->insists_on_notify = arena_printf(p->arena, "GnuTLS %s", version);
    else if (store->library == LIBRARY_RUSTLS)
        store->insists_on_notify = arena_printf(p->arena, "rustls %s", version);
    else if (is_openssl)
        store->insists_on_notify = arena_printf(p->arena, "OpenSSL %s (since 3.0)", version);
    store->insists_on_notify_surely = store->runtime != RUNTIME_OTHER;
}

/* ---- the clock ----------------------------------------------------------------------------------------------------------------
 */

/* libfaketime's FAKETIME: "-2y", "+10d", "@2020-01-01 00:00:00", "2020-01-01 00:00:00" (its README). 0 where it is none of these.
 */
static int64_t offset_of(const char *text, int64_t now)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}, {'y', 31536000}};
    struct tm at = {0};
    if (text[0] == '+' || text[0] == '-') {
        char *end;
        double number = strtod(text, &end);
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
            if (*end == units[i].unit || (*end == '\0' && units[i].seconds == 1))
                return (int64_t)(number * (double)units[i].seconds);
        return 0;
    }
    if (strptime(text[0] == '@' ? text + 1 : text, "%Y-%m-%d %H:%M:%S", &at) == NULL)
        return 0;
    return (int64_t)timegm(&at) - now;
}

/* Asked by a process of its own: a sandbox may end whoever touches the clock (systemd's SystemCallFilter= does), even to read. */
static bool is_clock_unsynchronised(void)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct timex t = {0};
        _exit(adjtimex(&t) == TIME_ERROR || (t.status & STA_UNSYNC) != 0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) != 0;
}

static void find_clock(const trust_program *p, trust_store *store)
{
    const char *preload = program_variable(p, "LD_PRELOAD"), *fake = program_variable(p, "FAKETIME");
    bool is_loaded = program_mapped(p, "libfaketime") != NULL || (preload != NULL && strstr(preload, "libfaketime") != NULL);
    if (is_loaded && fake != NULL) {
        store->clock_offset = offset_of(fake, (int64_t)time(NULL));
        store->clock_from = arena_printf(p->arena, "FAKETIME=%s", fake);
    }
    const char *told = store->runtime == RUNTIME_OPENSSL ? program_option(p, "-attime") : NULL;
    if (told != NULL) {
        store->clock_offset = (int64_t)strtoll(told, NULL, 10) - (int64_t)time(NULL);
        store->clock_from = arena_printf(p->arena, "-attime %s", told);
    }
    store->is_clock_unsynchronised = is_clock_unsynchronised();
}

void trust_find_rules(const trust_program *p, const client *of, trust_store *store)
{
    find_client_rules(p, store);
    find_library_rules(store);
    trust_find_floor(p, of, store);
    store->unverified = unverified(p, store);
    if (is_libpq(p, store) && !libpq_trust_find(p->arena, p->client, &p->settings).compares_names)
        store->rules.ignores_names = true;
    store->localhost_is = is_ldap(p) ? own_host_name(p->arena) : NULL;
    store->asks_first = asks_first(p);
    find_clock(p, store);
    find_notify(p, store);
}
