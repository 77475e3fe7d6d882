#include "client/narrowing_option.h"

#include "client/libpq.h"

#include <string.h>

/* The manuals of socat(1), PostgreSQL ("Database Connection Control Functions"), mariadb(1) ("TLS options"), ncat(1), lftp(1),
 * msmtp(1), nmap(1), ldapsearch(1) ("-o"), redis-cli --help, mosquitto_pub(1), aria2c(1); curl(1), openssl-s_client(1), wget's
 * manual, gnutls-cli(1), node(1), the JSSE reference guide. The most telling first. */
const narrowing_option narrowing_options[] = {
    {RUNTIME_CURL, "--tls-max", true, NARROWED_VERSION_MAX, NULL, false},
    {RUNTIME_CURL, "--tlsv1.3", false, NARROWED_VERSION_MIN, NULL, false},
    {RUNTIME_CURL, "--tlsv1.2", false, NARROWED_VERSION_MIN, NULL, false},
    {RUNTIME_CURL, "--tlsv1.1", false, NARROWED_VERSION_MIN, NULL, false},
    {RUNTIME_CURL, "--tlsv1.0", false, NARROWED_VERSION_MIN, NULL, false},
    {RUNTIME_CURL, "--tlsv1", false, NARROWED_VERSION_MIN, NULL, false},
    {RUNTIME_CURL, "-1", false, NARROWED_VERSION_MIN, NULL, false},
    {RUNTIME_CURL, "--sslv3", false, NARROWED_VERSION_MAX, NULL, false},
    {RUNTIME_CURL, "--ciphers", true, NARROWED_CIPHER | NARROWED_LEVEL, NULL, false},
    {RUNTIME_CURL, "--tls13-ciphers", true, NARROWED_CIPHER13, NULL, false},
    {RUNTIME_CURL, "--curves", true, NARROWED_GROUP, NULL, false},
    {RUNTIME_CURL, "--sigalgs", true, NARROWED_SCHEME, NULL, false},
    {RUNTIME_CURL, "--no-alpn", false, NARROWED_ALPN, NULL, false},
    {RUNTIME_CURL, "--http1.1", false, NARROWED_ALPN, NULL, false},
    {RUNTIME_CURL, "--http1.0", false, NARROWED_ALPN, NULL, false},
    {RUNTIME_CURL, "-0", false, NARROWED_ALPN, NULL, false},
    {RUNTIME_CURL, "--http2", false, NARROWED_ALPN, NULL, false},
    {RUNTIME_CURL, "--http2-prior-knowledge", false, NARROWED_ALPN, NULL, false},
    {RUNTIME_CURL, "--no-npn", false, NARROWED_ALPN, NULL, false},
    {RUNTIME_CURL, "--cacert", true, NARROWED_STORE, NULL, false},
    {RUNTIME_CURL, "--capath", true, NARROWED_STORE, NULL, false},
    {RUNTIME_OPENSSL, "-max_protocol", true, NARROWED_VERSION_MAX, NULL, false},
    {RUNTIME_OPENSSL, "-min_protocol", true, NARROWED_VERSION_MIN, NULL, false},
    {RUNTIME_OPENSSL, "-tls1_3", false, NARROWED_VERSION, NULL, false},
    {RUNTIME_OPENSSL, "-tls1_2", false, NARROWED_VERSION, NULL, false},
    {RUNTIME_OPENSSL, "-tls1_1", false, NARROWED_VERSION, NULL, false},
    {RUNTIME_OPENSSL, "-tls1", false, NARROWED_VERSION, NULL, false},
    {RUNTIME_OPENSSL, "-ssl3", false, NARROWED_VERSION, NULL, false},
    {RUNTIME_OPENSSL, "-no_tls1_3", false, NARROWED_VERSION, NULL, false},
    {RUNTIME_OPENSSL, "-no_tls1_2", false, NARROWED_VERSION, NULL, false},
    {RUNTIME_OPENSSL, "-no_tls1_1", false, NARROWED_VERSION, NULL, false},
    {RUNTIME_OPENSSL, "-no_tls1", false, NARROWED_VERSION, NULL, false},
    {RUNTIME_OPENSSL, "-no_ssl3", false, NARROWED_VERSION_MIN, NULL, false},
    {RUNTIME_OPENSSL, "-cipher", true, NARROWED_CIPHER | NARROWED_LEVEL, NULL, false},
    {RUNTIME_OPENSSL, "-ciphersuites", true, NARROWED_CIPHER13, NULL, false},
    {RUNTIME_OPENSSL, "-groups", true, NARROWED_GROUP, NULL, false},
    {RUNTIME_OPENSSL, "-curves", true, NARROWED_GROUP, NULL, false},
    {RUNTIME_OPENSSL, "-sigalgs", true, NARROWED_SCHEME, NULL, false},
    {RUNTIME_OPENSSL, "-noservername", false, NARROWED_NAME, NULL, false},
    {RUNTIME_OPENSSL, "-alpn", true, NARROWED_ALPN, NULL, false},
    {RUNTIME_OPENSSL, "-CAfile", true, NARROWED_STORE, NULL, false},
    {RUNTIME_OPENSSL, "-CApath", true, NARROWED_STORE, NULL, false},
    {RUNTIME_WGET, "--secure-protocol", true, NARROWED_VERSION, NULL, false},
    {RUNTIME_WGET, "--ciphers", true, NARROWED_ALL_OFFERS | NARROWED_LEVEL, NULL, false},
    {RUNTIME_WGET, "--ca-certificate", true, NARROWED_STORE, NULL, false},
    {RUNTIME_WGET, "--ca-directory", true, NARROWED_STORE, NULL, false},
    {RUNTIME_GNUTLS_CLI, "--x509cafile", true, NARROWED_STORE, NULL, false},
    {RUNTIME_GNUTLS_CLI, "--priority", true, NARROWED_ALL_OFFERS | NARROWED_LEVEL, NULL, false},
    {RUNTIME_GNUTLS_CLI, "--disable-sni", false, NARROWED_NAME, NULL, false},
    {RUNTIME_GNUTLS_CLI, "--alpn", true, NARROWED_ALPN, NULL, false},
    {RUNTIME_GNUTLS_CLI, "--disable-extensions", false, NARROWED_NAME | NARROWED_GROUP | NARROWED_SCHEME, NULL, false},
    {RUNTIME_NODE, "--tls-max-v1.2", false, NARROWED_VERSION_MAX, NULL, false},
    {RUNTIME_NODE, "--tls-min-v1.3", false, NARROWED_VERSION_MIN, NULL, false},
    {RUNTIME_NODE, "--tls-min-v1.2", false, NARROWED_VERSION_MIN, NULL, false},
    {RUNTIME_NODE, "--tls-cipher-list", true, NARROWED_ANY_CIPHER | NARROWED_LEVEL, NULL, false},
    {RUNTIME_JAVA, "-Djdk.tls.client.protocols", false, NARROWED_VERSION, NULL, false},
    {RUNTIME_JAVA, "-Dhttps.protocols", false, NARROWED_VERSION, NULL, false},
    {RUNTIME_JAVA, "-Djdk.tls.client.cipherSuites", false, NARROWED_ANY_CIPHER, NULL, false},
    {RUNTIME_JAVA, "-Dhttps.cipherSuites", false, NARROWED_ANY_CIPHER, NULL, false},
    {RUNTIME_JAVA, "-Djdk.tls.namedGroups", false, NARROWED_GROUP, NULL, false},
    {RUNTIME_JAVA, "-Djdk.tls.client.SignatureSchemes", false, NARROWED_SCHEME, NULL, false},
    {RUNTIME_JAVA, "-Djsse.enableSNIExtension", false, NARROWED_NAME, NULL, false},
    {RUNTIME_JAVA, "-Djdk.tls.disabledAlgorithms", false, NARROWED_ALL_OFFERS | NARROWED_LEVEL, NULL, false},
    {RUNTIME_JAVA, "-Djavax.net.ssl.trustStore", false, NARROWED_STORE, NULL, false},
    {RUNTIME_OTHER, "openssl-max-proto-version", true, NARROWED_VERSION_MAX, "socat", true},
    {RUNTIME_OTHER, "openssl-min-proto-version", true, NARROWED_VERSION_MIN, "socat", true},
    {RUNTIME_OTHER, "max-version", true, NARROWED_VERSION_MAX, "socat", true},
    {RUNTIME_OTHER, "min-version", true, NARROWED_VERSION_MIN, "socat", true},
    {RUNTIME_OTHER, "openssl-method", true, NARROWED_VERSION, "socat", true},
    {RUNTIME_OTHER, "method", true, NARROWED_VERSION, "socat", true},
    {RUNTIME_OTHER, "cipher", true, NARROWED_CIPHER | NARROWED_LEVEL, "socat", true},
    {RUNTIME_OTHER, "ciphers", true, NARROWED_CIPHER | NARROWED_LEVEL, "socat", true},
    {RUNTIME_OTHER, "openssl-cipherlist", true, NARROWED_CIPHER | NARROWED_LEVEL, "socat", true},
    {RUNTIME_OTHER, "no-sni", false, NARROWED_NAME, "socat", true},
    {RUNTIME_OTHER, "nosni", false, NARROWED_NAME, "socat", true},
    {RUNTIME_OTHER, "cipherlist", true, NARROWED_CIPHER | NARROWED_LEVEL, "socat", true},
    {RUNTIME_OTHER, "openssl-no-sni", false, NARROWED_NAME, "socat", true},
    {RUNTIME_OTHER, "cafile", true, NARROWED_STORE, "socat", true},
    {RUNTIME_OTHER, "capath", true, NARROWED_STORE, "socat", true},
    {RUNTIME_OTHER, "openssl-cafile", true, NARROWED_STORE, "socat", true},
    {RUNTIME_OTHER, "openssl-capath", true, NARROWED_STORE, "socat", true},
    {RUNTIME_OTHER, "ssl_max_protocol_version", true, NARROWED_VERSION_MAX, LIBPQ, true},
    {RUNTIME_OTHER, "ssl_min_protocol_version", true, NARROWED_VERSION_MIN, LIBPQ, true},
    {RUNTIME_OTHER, "sslsni", true, NARROWED_NAME, LIBPQ, true},
    {RUNTIME_OTHER, "sslrootcert", true, NARROWED_STORE, LIBPQ, true},
    {RUNTIME_OTHER, "sslmode", true, NARROWED_VERIFICATION, LIBPQ, true},
    {RUNTIME_OTHER, "--tls-version", true, NARROWED_VERSION, "mariadb", false},
    {RUNTIME_OTHER, "--ssl-cipher", true, NARROWED_ANY_CIPHER | NARROWED_LEVEL, "mariadb", false},
    {RUNTIME_OTHER, "--ssl-ca", true, NARROWED_STORE, "mariadb", false},
    {RUNTIME_OTHER, "--ssl-capath", true, NARROWED_STORE, "mariadb", false},
    {RUNTIME_OTHER, "--tls-version", true, NARROWED_VERSION, "mysql", false},
    {RUNTIME_OTHER, "--tls-ciphersuites", true, NARROWED_CIPHER13, "mysql", false},
    {RUNTIME_OTHER, "--ssl-cipher", true, NARROWED_ANY_CIPHER | NARROWED_LEVEL, "mysql", false},
    {RUNTIME_OTHER, "--ssl-ca", true, NARROWED_STORE, "mysql", false},
    {RUNTIME_OTHER, "--ssl-capath", true, NARROWED_STORE, "mysql", false},
    {RUNTIME_OTHER, "--ssl-ciphers", true, NARROWED_CIPHER | NARROWED_LEVEL, "ncat", false},
    {RUNTIME_OTHER, "--ssl-alpn", true, NARROWED_ALPN, "ncat", false},
    {RUNTIME_OTHER, "--ssl-trustfile", true, NARROWED_STORE, "ncat", false},
    {RUNTIME_OTHER, "--tls-priorities", true, NARROWED_ALL_OFFERS | NARROWED_LEVEL, "msmtp", false},
    {RUNTIME_OTHER, "--tls-trust-file", true, NARROWED_STORE, "msmtp", false},
    {RUNTIME_OTHER, "ssl:priority", true, NARROWED_ALL_OFFERS | NARROWED_LEVEL, "lftp", true},
    {RUNTIME_OTHER, "ssl:use-sni", true, NARROWED_NAME, "lftp", true},
    {RUNTIME_OTHER, "ssl:ca-file", true, NARROWED_STORE, "lftp", true},
    {RUNTIME_OTHER, "TLS_CACERT", true, NARROWED_STORE, "ldap", true},
    {RUNTIME_OTHER, "TLS_CACERTDIR", true, NARROWED_STORE, "ldap", true},
    {RUNTIME_OTHER, "TLS_REQCERT", true, NARROWED_VERIFICATION, "ldap", true},
    {RUNTIME_OTHER, "--cacert", true, NARROWED_STORE, "redis-", false},
    {RUNTIME_OTHER, "--cacertdir", true, NARROWED_STORE, "redis-", false},
    {RUNTIME_OTHER, "--cacert", true, NARROWED_STORE, "valkey-", false},
    {RUNTIME_OTHER, "--cacertdir", true, NARROWED_STORE, "valkey-", false},
    {RUNTIME_OTHER, "--cafile", true, NARROWED_STORE, "mosquitto_", false},
    {RUNTIME_OTHER, "--capath", true, NARROWED_STORE, "mosquitto_", false},
    {RUNTIME_OTHER, "--ca-certificate", true, NARROWED_STORE, "aria2c", false},
};
const size_t num_narrowing_options = sizeof narrowing_options / sizeof *narrowing_options;

bool narrowing_option_is_of(const narrowing_option *row, const client *c)
{
    if (row->runtime != c->runtime || row->program == NULL)
        return row->runtime == c->runtime;
    return strcmp(row->program, LIBPQ) == 0 ? libpq_is_used(c) : strncmp(c->program, row->program, strlen(row->program)) == 0;
}

static bool is_option(const char *argument, const char *option)
{
    size_t len = strlen(option);
    return strncmp(argument, option, len) == 0 && (argument[len] == 0 || argument[len] == '=');
}

/* What stands between the words of an argument: of socat's addresses, libpq's strings and URIs, lftp's commands. */
static bool parts_words(int byte)
{
    return byte < 0 || byte == '\0' || strchr(",?& ;'\"", byte) != NULL;
}

/* Where a word may begin: also right behind a short option ("-oTLS_REQCERT=never"). */
static bool begins_word(bytes_view all, size_t at)
{
    return at == 0 || parts_words(bytes_at(all, at - 1)) || (at == 2 && bytes_at(all, 0) == '-');
}

static size_t past_blanks(bytes_view all, size_t at)
{
    while (bytes_at(all, at) == ' ')
        at++;
    return at;
}

static int digit_of(int byte)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = byte <= 0 ? NULL : strchr(digits, byte >= 'A' && byte <= 'F' ? byte - 'A' + 'a' : byte);
    return at == NULL ? -1 : (int)(at - digits);
}

/* Of a part of a URI. */
static const char *decoded(arena *a, bytes_view part)
{
    char *text = ARENA_ARRAY(a, part.len + 1, char);
    size_t len = 0;
    for (size_t i = 0; i < part.len; i++) {
        int high = digit_of(bytes_at(part, i + 1)), low = digit_of(bytes_at(part, i + 2));
        bool is_escape = bytes_at(part, i) == '%' && high >= 0 && low >= 0;
        text[len++] = (char)(is_escape ? high * 16 + low : bytes_at(part, i));
        i += is_escape ? 2 : 0;
    }
    text[len] = '\0';
    return text;
}

/* What stands in quotes from `at` on; libpq's may hold a quote behind a backslash. */
static const char *quoted(arena *a, bytes_view all, size_t at, size_t *end)
{
    char *text = ARENA_ARRAY(a, all.len + 1, char);
    size_t len = 0, i = at + 1;
    for (; i < all.len && bytes_at(all, i) != bytes_at(all, at); i++) {
        i += bytes_at(all, i) == '\\' && i + 1 < all.len;
        text[len++] = (char)bytes_at(all, i);
    }
    text[len] = '\0';
    *end = i < all.len ? i + 1 : i;
    return text;
}

/* The value that begins there (PostgreSQL's manual, "Connection Strings": in quotes, or percent-encoded in a URI). */
static const char *value_at(arena *a, bytes_view all, size_t at, size_t *end)
{
    if (bytes_at(all, at) == '\'' || bytes_at(all, at) == '"')
        return quoted(a, all, at, end);
    for (*end = at; *end < all.len && !parts_words(bytes_at(all, *end));)
        ++*end;
    bytes_view part = bytes_slice(all, at, *end - at);
    return libpq_is_uri(bytes_slice(all, 0, at)) ? decoded(a, part) : bytes_to_text(a, part);
}

/* "ssl_min_protocol_version=TLSv1.3" of a longer argument, with blanks around the '=' or not; lftp parts by a blank alone. */
static option_said word_inside(arena *a, const char *argument, const narrowing_option *row)
{
    bytes_view all = bytes_from_text(argument);
    size_t len = strlen(row->option);
    for (size_t at = bytes_find(all, row->option, 0); at < all.len; at = bytes_find(all, row->option, at + 1)) {
        size_t next = past_blanks(all, at + len), end = at + len;
        bool has_equals = bytes_at(all, next) == '=';
        bool has_value = has_equals || (next > at + len && strcmp(row->program, "lftp") == 0);
        if (!begins_word(all, at) || (!has_value && !parts_words(bytes_at(all, at + len))))
            continue;
        const char *value = has_value ? value_at(a, all, past_blanks(all, next + has_equals), &end) : "";
        return (option_said){.text =
                                 has_value ? arena_printf(a, "%s%c%s", row->option, has_equals ? '=' : ' ', value) : row->option,
                             .value = value[0] != '\0' ? value : NULL,
                             .written = bytes_to_text(a, bytes_slice(all, at, end - at))};
    }
    return (option_said){.text = NULL};
}

option_said narrowing_option_said(arena *a, const narrowing_option *row, const char *argument, const char *next)
{
    if (row->is_inside)
        return word_inside(a, argument, row);
    if (!is_option(argument, row->option))
        return (option_said){.text = NULL};
    const char *equals = strchr(argument, '=');
    if (equals != NULL)
        return (option_said){.text = argument, .value = equals + 1};
    if (!row->takes_value || next == NULL)
        return (option_said){.text = argument};
    return (option_said){.text = arena_printf(a, "%s %s", argument, next), .value = next, .is_in_next = true};
}

const narrowing_option *narrowing_option_find(enum runtime runtime, const char *option)
{
    for (size_t i = 0; i < num_narrowing_options; i++)
        if (narrowing_options[i].runtime == runtime && strcmp(narrowing_options[i].option, option) == 0)
            return &narrowing_options[i];
    return NULL;
}

option_told narrowing_option_told(arena *a, const client *c, const setting_list *settings, const char *option)
{
    const narrowing_option *row = narrowing_option_find(RUNTIME_OTHER, option);
    const setting *said = row == NULL ? NULL : setting_on(settings, row->narrows);
    bool is_of = row != NULL && narrowing_option_is_of(row, c);
    const char *const *argv = c->process->argv;
    option_told told = {.name = option};
    if (said != NULL)
        told = (option_told){.name = said->name, .value = said->value};
    for (size_t i = 1; is_of && argv != NULL && argv[0] != NULL && argv[i] != NULL; i++) {
        const char *value = narrowing_option_said(a, row, argv[i], argv[i + 1]).value;
        if (value != NULL)
            told = (option_told){.name = option, .value = value, .is_argument = true};
    }
    return told;
}
