#include "client/narrowing_option.h"

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
    {RUNTIME_OTHER, "ssl_max_protocol_version", true, NARROWED_VERSION_MAX, "psql", true},
    {RUNTIME_OTHER, "ssl_min_protocol_version", true, NARROWED_VERSION_MIN, "psql", true},
    {RUNTIME_OTHER, "sslsni", true, NARROWED_NAME, "psql", true},
    {RUNTIME_OTHER, "sslrootcert", true, NARROWED_STORE, "psql", true},
    {RUNTIME_OTHER, "sslmode", true, NARROWED_VERIFICATION, "psql", true},
    {RUNTIME_OTHER, "ssl_max_protocol_version", true, NARROWED_VERSION_MAX, "pg_", true},
    {RUNTIME_OTHER, "ssl_min_protocol_version", true, NARROWED_VERSION_MIN, "pg_", true},
    {RUNTIME_OTHER, "sslsni", true, NARROWED_NAME, "pg_", true},
    {RUNTIME_OTHER, "sslrootcert", true, NARROWED_STORE, "pg_", true},
    {RUNTIME_OTHER, "sslmode", true, NARROWED_VERIFICATION, "pg_", true},
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
    return row->runtime == c->runtime && (row->program == NULL || strncmp(c->program, row->program, strlen(row->program)) == 0);
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

/* "ssl_min_protocol_version=TLSv1.3" of a longer argument. */
static option_said word_inside(arena *a, const char *argument, const char *option)
{
    bytes_view all = bytes_from_text(argument);
    size_t len = strlen(option);
    for (size_t at = bytes_find(all, option, 0); at < all.len; at = bytes_find(all, option, at + 1)) {
        int after = bytes_at(all, at + len);
        bool has_value = after == '=' || after == ' ';
        if (!parts_words(at == 0 ? ',' : bytes_at(all, at - 1)) || (!has_value && !parts_words(after)))
            continue;
        size_t begin = at + len + has_value;
        while (has_value && begin < all.len && strchr(" '\"", bytes_at(all, begin)) != NULL)
            begin++;
        size_t end = begin;
        while (end < all.len && !parts_words(bytes_at(all, end)))
            end++;
        const char *value = bytes_to_text(a, bytes_slice(all, begin, end - begin));
        return (option_said){.text = has_value ? arena_printf(a, "%s%c%s", option, after, value) : option,
                             .value = has_value && value[0] != '\0' ? value : NULL};
    }
    return (option_said){.text = NULL};
}

option_said narrowing_option_said(arena *a, const narrowing_option *row, const char *argument, const char *next)
{
    if (row->is_inside)
        return word_inside(a, argument, row->option);
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
