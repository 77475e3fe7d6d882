#include "client/narrowing_option.h"

#include <string.h>

/* curl(1), openssl-s_client(1), wget's manual, gnutls-cli(1), node(1), the JSSE reference guide. The most telling first. */
const narrowing_option narrowing_options[] = {
    {RUNTIME_CURL, "--tls-max", true, NARROWED_VERSION_MAX},
    {RUNTIME_CURL, "--tlsv1.3", false, NARROWED_VERSION_MIN},
    {RUNTIME_CURL, "--tlsv1.2", false, NARROWED_VERSION_MIN},
    {RUNTIME_CURL, "--tlsv1.1", false, NARROWED_VERSION_MIN},
    {RUNTIME_CURL, "--tlsv1.0", false, NARROWED_VERSION_MIN},
    {RUNTIME_CURL, "--tlsv1", false, NARROWED_VERSION_MIN},
    {RUNTIME_CURL, "-1", false, NARROWED_VERSION_MIN},
    {RUNTIME_CURL, "--sslv3", false, NARROWED_VERSION_MAX},
    {RUNTIME_CURL, "--ciphers", true, NARROWED_CIPHER | NARROWED_LEVEL},
    {RUNTIME_CURL, "--tls13-ciphers", true, NARROWED_CIPHER13},
    {RUNTIME_CURL, "--curves", true, NARROWED_GROUP},
    {RUNTIME_CURL, "--sigalgs", true, NARROWED_SCHEME},
    {RUNTIME_CURL, "--no-alpn", false, NARROWED_ALPN},
    {RUNTIME_CURL, "--http1.1", false, NARROWED_ALPN},
    {RUNTIME_CURL, "--http1.0", false, NARROWED_ALPN},
    {RUNTIME_CURL, "-0", false, NARROWED_ALPN},
    {RUNTIME_CURL, "--http2", false, NARROWED_ALPN},
    {RUNTIME_CURL, "--http2-prior-knowledge", false, NARROWED_ALPN},
    {RUNTIME_CURL, "--no-npn", false, NARROWED_ALPN},
    {RUNTIME_CURL, "--cacert", true, NARROWED_STORE},
    {RUNTIME_CURL, "--capath", true, NARROWED_STORE},
    {RUNTIME_OPENSSL, "-max_protocol", true, NARROWED_VERSION_MAX},
    {RUNTIME_OPENSSL, "-min_protocol", true, NARROWED_VERSION_MIN},
    {RUNTIME_OPENSSL, "-tls1_3", false, NARROWED_VERSION},
    {RUNTIME_OPENSSL, "-tls1_2", false, NARROWED_VERSION},
    {RUNTIME_OPENSSL, "-tls1_1", false, NARROWED_VERSION},
    {RUNTIME_OPENSSL, "-tls1", false, NARROWED_VERSION},
    {RUNTIME_OPENSSL, "-ssl3", false, NARROWED_VERSION},
    {RUNTIME_OPENSSL, "-no_tls1_3", false, NARROWED_VERSION},
    {RUNTIME_OPENSSL, "-no_tls1_2", false, NARROWED_VERSION},
    {RUNTIME_OPENSSL, "-no_tls1_1", false, NARROWED_VERSION},
    {RUNTIME_OPENSSL, "-no_tls1", false, NARROWED_VERSION},
    {RUNTIME_OPENSSL, "-no_ssl3", false, NARROWED_VERSION_MIN},
    {RUNTIME_OPENSSL, "-cipher", true, NARROWED_CIPHER | NARROWED_LEVEL},
    {RUNTIME_OPENSSL, "-ciphersuites", true, NARROWED_CIPHER13},
    {RUNTIME_OPENSSL, "-groups", true, NARROWED_GROUP},
    {RUNTIME_OPENSSL, "-curves", true, NARROWED_GROUP},
    {RUNTIME_OPENSSL, "-sigalgs", true, NARROWED_SCHEME},
    {RUNTIME_OPENSSL, "-noservername", false, NARROWED_NAME},
    {RUNTIME_OPENSSL, "-alpn", true, NARROWED_ALPN},
    {RUNTIME_OPENSSL, "-CAfile", true, NARROWED_STORE},
    {RUNTIME_OPENSSL, "-CApath", true, NARROWED_STORE},
    {RUNTIME_WGET, "--secure-protocol", true, NARROWED_VERSION},
    {RUNTIME_WGET, "--ciphers", true, NARROWED_ALL_OFFERS | NARROWED_LEVEL},
    {RUNTIME_WGET, "--ca-certificate", true, NARROWED_STORE},
    {RUNTIME_WGET, "--ca-directory", true, NARROWED_STORE},
    {RUNTIME_GNUTLS_CLI, "--x509cafile", true, NARROWED_STORE},
    {RUNTIME_GNUTLS_CLI, "--priority", true, NARROWED_ALL_OFFERS | NARROWED_LEVEL},
    {RUNTIME_GNUTLS_CLI, "--disable-sni", false, NARROWED_NAME},
    {RUNTIME_GNUTLS_CLI, "--alpn", true, NARROWED_ALPN},
    {RUNTIME_GNUTLS_CLI, "--disable-extensions", false, NARROWED_NAME | NARROWED_GROUP | NARROWED_SCHEME},
    {RUNTIME_NODE, "--tls-max-v1.2", false, NARROWED_VERSION_MAX},
    {RUNTIME_NODE, "--tls-min-v1.3", false, NARROWED_VERSION_MIN},
    {RUNTIME_NODE, "--tls-min-v1.2", false, NARROWED_VERSION_MIN},
    {RUNTIME_NODE, "--tls-cipher-list", true, NARROWED_ANY_CIPHER | NARROWED_LEVEL},
    {RUNTIME_JAVA, "-Djdk.tls.client.protocols", false, NARROWED_VERSION},
    {RUNTIME_JAVA, "-Dhttps.protocols", false, NARROWED_VERSION},
    {RUNTIME_JAVA, "-Djdk.tls.client.cipherSuites", false, NARROWED_ANY_CIPHER},
    {RUNTIME_JAVA, "-Dhttps.cipherSuites", false, NARROWED_ANY_CIPHER},
    {RUNTIME_JAVA, "-Djdk.tls.namedGroups", false, NARROWED_GROUP},
    {RUNTIME_JAVA, "-Djdk.tls.client.SignatureSchemes", false, NARROWED_SCHEME},
    {RUNTIME_JAVA, "-Djsse.enableSNIExtension", false, NARROWED_NAME},
    {RUNTIME_JAVA, "-Djdk.tls.disabledAlgorithms", false, NARROWED_ALL_OFFERS | NARROWED_LEVEL},
    {RUNTIME_JAVA, "-Djavax.net.ssl.trustStore", false, NARROWED_STORE},
};
const size_t num_narrowing_options = sizeof narrowing_options / sizeof *narrowing_options;

const narrowing_option *narrowing_option_find(enum runtime runtime, const char *option)
{
    for (size_t i = 0; i < num_narrowing_options; i++)
        if (narrowing_options[i].runtime == runtime && strcmp(narrowing_options[i].option, option) == 0)
            return &narrowing_options[i];
    return NULL;
}
