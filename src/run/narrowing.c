#include "run/narrowing.h"

#include <string.h>

#define SOURCE_LEN_MAX ((size_t)1024 * 1024)

typedef struct option_row {
    enum runtime runtime;
    enum narrowed what;
    const char *option; /* an argument that is this, or begins with it and '=' */
    bool takes_value;   /* the next argument is its value */
} option_row;

/* curl(1), openssl-s_client(1), wget's manual, gnutls-cli(1), node(1), the JSSE reference guide. */
static const option_row option_rows[] = {
    {RUNTIME_CURL, NARROWED_VERSION, "--tls-max", true},
    {RUNTIME_CURL, NARROWED_VERSION, "--tlsv1.3", false},
    {RUNTIME_CURL, NARROWED_VERSION, "--tlsv1.2", false},
    {RUNTIME_CURL, NARROWED_VERSION, "--tlsv1.1", false},
    {RUNTIME_CURL, NARROWED_VERSION, "--tlsv1.0", false},
    {RUNTIME_CURL, NARROWED_CIPHER, "--ciphers", true},
    {RUNTIME_CURL, NARROWED_CIPHER, "--tls13-ciphers", true},
    {RUNTIME_CURL, NARROWED_GROUP, "--curves", true},
    {RUNTIME_CURL, NARROWED_ALPN, "--no-alpn", false},
    {RUNTIME_OPENSSL, NARROWED_VERSION, "-max_protocol", true},
    {RUNTIME_OPENSSL, NARROWED_VERSION, "-min_protocol", true},
    {RUNTIME_OPENSSL, NARROWED_VERSION, "-tls1_3", false},
    {RUNTIME_OPENSSL, NARROWED_VERSION, "-tls1_2", false},
    {RUNTIME_OPENSSL, NARROWED_VERSION, "-tls1_1", false},
    {RUNTIME_OPENSSL, NARROWED_VERSION, "-tls1", false},
    {RUNTIME_OPENSSL, NARROWED_VERSION, "-no_tls1_3", false},
    {RUNTIME_OPENSSL, NARROWED_VERSION, "-no_tls1_2", false},
    {RUNTIME_OPENSSL, NARROWED_CIPHER, "-cipher", true},
    {RUNTIME_OPENSSL, NARROWED_CIPHER, "-ciphersuites", true},
    {RUNTIME_OPENSSL, NARROWED_GROUP, "-groups", true},
    {RUNTIME_OPENSSL, NARROWED_GROUP, "-curves", true},
    {RUNTIME_OPENSSL, NARROWED_SCHEME, "-sigalgs", true},
    {RUNTIME_OPENSSL, NARROWED_NAME, "-noservername", false},
    {RUNTIME_OPENSSL, NARROWED_ALPN, "-alpn", true},
    {RUNTIME_WGET, NARROWED_VERSION, "--secure-protocol", true},
    {RUNTIME_WGET, NARROWED_CIPHER, "--ciphers", true},
    {RUNTIME_WGET, NARROWED_GROUP, "--ciphers", true},
    {RUNTIME_GNUTLS_CLI, NARROWED_VERSION, "--priority", true},
    {RUNTIME_GNUTLS_CLI, NARROWED_CIPHER, "--priority", true},
    {RUNTIME_GNUTLS_CLI, NARROWED_GROUP, "--priority", true},
    {RUNTIME_GNUTLS_CLI, NARROWED_SCHEME, "--priority", true},
    {RUNTIME_GNUTLS_CLI, NARROWED_NAME, "--disable-sni", false},
    {RUNTIME_GNUTLS_CLI, NARROWED_ALPN, "--alpn", true},
    {RUNTIME_NODE, NARROWED_VERSION, "--tls-max-v1.2", false},
    {RUNTIME_NODE, NARROWED_VERSION, "--tls-min-v1.3", false},
    {RUNTIME_NODE, NARROWED_CIPHER, "--tls-cipher-list", true},
    {RUNTIME_JAVA, NARROWED_VERSION, "-Djdk.tls.client.protocols", false},
    {RUNTIME_JAVA, NARROWED_VERSION, "-Dhttps.protocols", false},
    {RUNTIME_JAVA, NARROWED_CIPHER, "-Djdk.tls.client.cipherSuites", false},
    {RUNTIME_JAVA, NARROWED_CIPHER, "-Dhttps.cipherSuites", false},
    {RUNTIME_JAVA, NARROWED_GROUP, "-Djdk.tls.namedGroups", false},
    {RUNTIME_JAVA, NARROWED_SCHEME, "-Djdk.tls.client.SignatureSchemes", false},
    {RUNTIME_JAVA, NARROWED_NAME, "-Djsse.enableSNIExtension", false},
};

typedef struct code_row {
    enum runtime runtime;
    enum narrowed what;
    const char *names[12]; /* most telling first */
} code_row;

/* The ssl module's, Node.js tls', IO::Socket::SSL's and Ruby openssl's documentation. */
static const code_row code_rows[] = {
    {RUNTIME_PYTHON,
     NARROWED_VERSION,
     {"maximum_version", "minimum_version", "PROTOCOL_TLSv1_2", "PROTOCOL_TLSv1_1", "PROTOCOL_TLSv1", "PROTOCOL_SSLv3",
      "ssl_version", "OP_NO_TLSv1_3", "OP_NO_TLSv1_2", "OP_NO_TLSv1_1", "OP_NO_TLSv1"}},
    {RUNTIME_PYTHON, NARROWED_CIPHER, {"set_ciphers", "ciphers"}},
    {RUNTIME_PYTHON, NARROWED_GROUP, {"set_ecdh_curve", "set_groups"}},
    {RUNTIME_PYTHON, NARROWED_SCHEME, {"set_client_sigalgs", "set_ciphers"}},
    {RUNTIME_PYTHON, NARROWED_NAME, {"server_hostname", "wrap_socket"}},
    {RUNTIME_PYTHON, NARROWED_ALPN, {"set_alpn_protocols"}},
    {RUNTIME_NODE, NARROWED_VERSION, {"maxVersion", "minVersion", "secureProtocol", "secureOptions"}},
    {RUNTIME_NODE, NARROWED_CIPHER, {"ciphers"}},
    {RUNTIME_NODE, NARROWED_GROUP, {"ecdhCurve"}},
    {RUNTIME_NODE, NARROWED_SCHEME, {"sigalgs"}},
    {RUNTIME_NODE, NARROWED_NAME, {"servername"}},
    {RUNTIME_NODE, NARROWED_ALPN, {"ALPNProtocols"}},
    {RUNTIME_PERL, NARROWED_VERSION, {"SSL_version"}},
    {RUNTIME_PERL, NARROWED_CIPHER, {"SSL_cipher_list", "SSL_ciphersuites"}},
    {RUNTIME_PERL, NARROWED_GROUP, {"SSL_ecdh_curve"}},
    {RUNTIME_PERL, NARROWED_NAME, {"SSL_hostname"}},
    {RUNTIME_PERL, NARROWED_ALPN, {"SSL_alpn_protocols"}},
    {RUNTIME_RUBY, NARROWED_VERSION, {"max_version", "min_version", "ssl_version"}},
    {RUNTIME_RUBY, NARROWED_CIPHER, {"ciphers"}},
    {RUNTIME_RUBY, NARROWED_GROUP, {"ecdh_curves"}},
    {RUNTIME_RUBY, NARROWED_NAME, {"hostname"}},
    {RUNTIME_RUBY, NARROWED_ALPN, {"alpn_protocols"}},
    {RUNTIME_PHP, NARROWED_VERSION, {"crypto_method"}},
    {RUNTIME_PHP, NARROWED_CIPHER, {"ciphers"}},
    {RUNTIME_PHP, NARROWED_NAME, {"peer_name", "SNI_enabled"}},
    {RUNTIME_PHP, NARROWED_ALPN, {"alpn_protocols"}},
    {RUNTIME_JAVA, NARROWED_VERSION, {"setEnabledProtocols", "setProtocols"}},
    {RUNTIME_JAVA, NARROWED_CIPHER, {"setEnabledCipherSuites", "setCipherSuites"}},
    {RUNTIME_JAVA, NARROWED_NAME, {"setServerNames"}},
    {RUNTIME_JAVA, NARROWED_ALPN, {"setApplicationProtocols"}},
    {RUNTIME_GO, NARROWED_VERSION, {"MaxVersion", "MinVersion"}},
    {RUNTIME_GO, NARROWED_CIPHER, {"CipherSuites"}},
    {RUNTIME_GO, NARROWED_GROUP, {"CurvePreferences"}},
    {RUNTIME_GO, NARROWED_NAME, {"ServerName"}},
    {RUNTIME_GO, NARROWED_ALPN, {"NextProtos"}},
};

/* ---- arguments ------------------------------------------------------------------------------------------------------------ */

static bool is_option(const char *argument, const char *option)
{
    size_t len = strlen(option);
    return strncmp(argument, option, len) == 0 && (argument[len] == 0 || argument[len] == '=');
}

static const char *option_in_arguments(arena *a, const client *c, enum narrowed what)
{
    const char *const *argv = c->process->argv;
    for (size_t k = 0; k < sizeof option_rows / sizeof *option_rows; k++) {
        const option_row *row = &option_rows[k];
        for (size_t i = 1; row->runtime == c->runtime && row->what == what && argv != NULL && argv[0] != NULL && argv[i] != NULL;
             i++) {
            if (!is_option(argv[i], row->option))
                continue;
            bool has_value = row->takes_value && strchr(argv[i], '=') == NULL && argv[i + 1] != NULL;
            return has_value ? arena_printf(a, "%s %s", argv[i], argv[i + 1]) : argv[i];
        }
    }
    return NULL;
}

/* ---- code ------------------------------------------------------------------------------------------------------------------ */

static const code_row *code_row_of(enum runtime runtime, enum narrowed what)
{
    for (size_t i = 0; i < sizeof code_rows / sizeof *code_rows; i++)
        if (code_rows[i].runtime == runtime && code_rows[i].what == what)
            return &code_rows[i];
    return NULL;
}

static int line_at(bytes_view text, size_t offset)
{
    int line = 1;
    for (size_t i = 0; i < offset; i++)
        line += bytes_at(text, i) == '\n';
    return line;
}

static const char *name_in(bytes_view text, const code_row *row, int *line)
{
    for (size_t i = 0; i < sizeof row->names / sizeof *row->names && row->names[i] != NULL; i++) {
        size_t at = bytes_find(text, row->names[i], 0);
        if (at == text.len)
            continue;
        *line = line_at(text, at);
        return row->names[i];
    }
    return NULL;
}

/* Text given with -c or -e, and the first argument that is a file that can be read. */
static narrowing code_in_arguments(arena *a, const client *c, const code_row *row)
{
    const char *const *argv = c->process->argv;
    narrowing found = {.text = NULL};
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL && found.text == NULL; i++) {
        bool is_code = strcmp(argv[i - 1], "-c") == 0 || strcmp(argv[i - 1], "-e") == 0 || strcmp(argv[i - 1], "-r") == 0;
        bytes_view source;
        int line = 0;
        if (is_code) {
            found.text = name_in(bytes_from_text(argv[i]), row, &line);
            continue;
        }
        const char *path = argv[i][0] == '-' ? NULL : process_path(a, c->process, argv[i]);
        if (path == NULL || !file_read(a, path, SOURCE_LEN_MAX, &source))
            continue;
        found.text = name_in(source, row, &line);
        if (found.text != NULL)
            found = (narrowing){.text = found.text, .file = path, .line = line};
    }
    return found;
}

narrowing narrowing_find(arena *a, const client *c, enum narrowed what)
{
    const char *option = option_in_arguments(a, c, what);
    const code_row *row = code_row_of(c->runtime, what);
    if (option != NULL)
        return (narrowing){.text = option};
    return row == NULL ? (narrowing){.text = NULL} : code_in_arguments(a, c, row);
}

const char *narrowing_suspects(enum runtime runtime, enum narrowed what)
{
    const code_row *row = code_row_of(runtime, what);
    return row == NULL ? NULL : row->names[0];
}
