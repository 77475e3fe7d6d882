#include "run/narrowing.h"

#include "client/narrowing_option.h"
#include "run/program_text.h"

#include <ctype.h>
#include <string.h>

enum { CODE_NAMES_MAX = 16 };

typedef struct code_row {
    enum runtime runtime;
    unsigned narrows;
    const char *names[CODE_NAMES_MAX]; /* most telling first */
} code_row;

/* The ssl module's, pyOpenSSL's, Node.js tls', IO::Socket::SSL's, Ruby openssl's, PHP's, JSSE's and crypto/tls' documentation. */
static const code_row code_rows[] = {
    {RUNTIME_PYTHON,
     NARROWED_VERSION_MAX,
     {"maximum_version", "ssl_maximum_version", "PROTOCOL_TLSv1_2", "PROTOCOL_TLSv1_1", "PROTOCOL_TLSv1", "PROTOCOL_SSLv3",
      "OP_NO_TLSv1_3", "OP_NO_TLSv1_2", "OP_NO_TLSv1_1", "set_max_proto_version", "TLSv1_2_METHOD", "TLSv1_1_METHOD",
      "TLSv1_METHOD", "ssl_version"}},
    {RUNTIME_PYTHON,
     NARROWED_VERSION_MIN,
     {"minimum_version", "ssl_minimum_version", "OP_NO_TLSv1_2", "OP_NO_TLSv1_1", "OP_NO_TLSv1", "PROTOCOL_TLSv1_2",
      "PROTOCOL_TLSv1_1", "set_min_proto_version", "TLSv1_2_METHOD", "TLSv1_1_METHOD", "ssl_version"}},
    {RUNTIME_PYTHON, NARROWED_CIPHER, {"set_ciphers", "set_cipher_list", "DEFAULT_CIPHERS", "ciphers"}},
    {RUNTIME_PYTHON, NARROWED_CIPHER13, {"set_ciphersuites", "set_tls13_ciphersuites", "set_ciphers"}},
    {RUNTIME_PYTHON, NARROWED_GROUP, {"set_ecdh_curve", "set_groups", "set_tmp_ecdh"}},
    {RUNTIME_PYTHON, NARROWED_SCHEME, {"set_client_sigalgs", "set_server_sigalgs", "set_sigalgs", "set_ciphers"}},
    {RUNTIME_PYTHON, NARROWED_NAME, {"server_hostname", "set_tlsext_host_name", "wrap_socket", "wrap_bio"}},
    {RUNTIME_PYTHON, NARROWED_ALPN, {"set_alpn_protocols", "set_alpn_protos", "http2"}},
    {RUNTIME_PYTHON, NARROWED_LEVEL, {"SECLEVEL", "set_ciphers", "set_cipher_list"}},
    {RUNTIME_NODE, NARROWED_VERSION_MAX, {"maxVersion", "secureProtocol", "DEFAULT_MAX_VERSION", "secureOptions"}},
    {RUNTIME_NODE, NARROWED_VERSION_MIN, {"minVersion", "secureProtocol", "DEFAULT_MIN_VERSION", "secureOptions"}},
    {RUNTIME_NODE, NARROWED_ANY_CIPHER, {"ciphers", "DEFAULT_CIPHERS"}},
    {RUNTIME_NODE, NARROWED_GROUP, {"ecdhCurve", "DEFAULT_ECDH_CURVE"}},
    {RUNTIME_NODE, NARROWED_SCHEME, {"sigalgs"}},
    {RUNTIME_NODE, NARROWED_NAME, {"servername"}},
    {RUNTIME_NODE, NARROWED_ALPN, {"ALPNProtocols"}},
    {RUNTIME_NODE, NARROWED_LEVEL, {"SECLEVEL", "minDHSize", "ciphers", "DEFAULT_CIPHERS"}},
    {RUNTIME_PERL, NARROWED_VERSION, {"SSL_version"}},
    {RUNTIME_PERL, NARROWED_CIPHER, {"SSL_cipher_list", "SSL_ciphersuites"}},
    {RUNTIME_PERL, NARROWED_CIPHER13, {"SSL_ciphersuites", "SSL_cipher_list"}},
    {RUNTIME_PERL, NARROWED_GROUP, {"SSL_ecdh_curve"}},
    {RUNTIME_PERL, NARROWED_NAME, {"SSL_hostname"}},
    {RUNTIME_PERL, NARROWED_ALPN, {"SSL_alpn_protocols"}},
    {RUNTIME_PERL, NARROWED_LEVEL, {"SECLEVEL", "SSL_cipher_list"}},
    {RUNTIME_RUBY, NARROWED_VERSION_MAX, {"max_version", "ssl_version", "OP_NO_TLSv1_3", "OP_NO_TLSv1_2"}},
    {RUNTIME_RUBY, NARROWED_VERSION_MIN, {"min_version", "ssl_version", "OP_NO_TLSv1_2", "OP_NO_TLSv1_1", "OP_NO_TLSv1"}},
    {RUNTIME_RUBY, NARROWED_ANY_CIPHER, {"ciphers", "ciphersuites"}},
    {RUNTIME_RUBY, NARROWED_GROUP, {"ecdh_curves"}},
    {RUNTIME_RUBY, NARROWED_NAME, {"hostname"}},
    {RUNTIME_RUBY, NARROWED_ALPN, {"alpn_protocols"}},
    {RUNTIME_RUBY, NARROWED_LEVEL, {"SECLEVEL", "security_level", "ciphers"}},
    {RUNTIME_PHP, NARROWED_VERSION_MAX, {"crypto_method", "max_proto_version", "CURLOPT_SSLVERSION"}},
    {RUNTIME_PHP, NARROWED_VERSION_MIN, {"crypto_method", "min_proto_version", "CURLOPT_SSLVERSION"}},
    {RUNTIME_PHP, NARROWED_ANY_CIPHER, {"ciphers", "CURLOPT_SSL_CIPHER_LIST", "CURLOPT_TLS13_CIPHERS"}},
    {RUNTIME_PHP, NARROWED_GROUP, {"CURLOPT_SSL_EC_CURVES"}},
    {RUNTIME_PHP, NARROWED_NAME, {"peer_name", "SNI_enabled"}},
    {RUNTIME_PHP, NARROWED_ALPN, {"alpn_protocols", "CURLOPT_SSL_ENABLE_ALPN"}},
    {RUNTIME_PHP, NARROWED_LEVEL, {"SECLEVEL", "security_level", "ciphers"}},
    {RUNTIME_JAVA,
     NARROWED_VERSION,
     {"setEnabledProtocols", "setProtocols", "jdk.tls.client.protocols", "https.protocols", "getInstance"}},
    {RUNTIME_JAVA,
     NARROWED_ANY_CIPHER,
     {"setEnabledCipherSuites", "setCipherSuites", "jdk.tls.client.cipherSuites", "https.cipherSuites"}},
    {RUNTIME_JAVA, NARROWED_GROUP, {"setNamedGroups", "jdk.tls.namedGroups"}},
    {RUNTIME_JAVA, NARROWED_SCHEME, {"setSignatureSchemes", "jdk.tls.client.SignatureSchemes"}},
    {RUNTIME_JAVA, NARROWED_NAME, {"setServerNames", "jsse.enableSNIExtension"}},
    {RUNTIME_JAVA, NARROWED_ALPN, {"setApplicationProtocols"}},
    {RUNTIME_GO, NARROWED_VERSION_MAX, {"MaxVersion"}},
    {RUNTIME_GO, NARROWED_VERSION_MIN, {"MinVersion"}},
    {RUNTIME_GO, NARROWED_ANY_CIPHER, {"CipherSuites"}},
    {RUNTIME_GO, NARROWED_GROUP, {"CurvePreferences"}},
    {RUNTIME_GO, NARROWED_NAME, {"ServerName"}},
    {RUNTIME_GO, NARROWED_ALPN, {"NextProtos"}},
};

static void add(narrowing_list *list, narrowing n)
{
    for (size_t i = 0; i < list->num_items; i++)
        if (strcmp(list->items[i].text, n.text) == 0)
            return;
    if (list->num_items < NARROWINGS_MAX)
        list->items[list->num_items++] = n;
}

/* ---- arguments ------------------------------------------------------------------------------------------------------------ */

/* GnuTLS's "@SYSTEM" leads to a string of the system's: a policy, and none of the program's. */
static bool leads_elsewhere(const client *c, const char *text)
{
    return c->library.kind == LIBRARY_GNUTLS && strchr(text, '@') != NULL;
}

/* A script of the command that has the argument in it: its file and line. */
static void find_in_script(arena *a, const client *c, const char *const *command, const char *option, narrowing *n)
{
    const size_t script_len_max = (size_t)256 * 1024;
    bytes_view text;
    for (size_t i = 0; command != NULL && command[i] != NULL && n->file == NULL; i++) {
        bool is_file = command[i][0] != '-' && (i > 0 || strchr(command[i], '/') != NULL); /* else it is looked up on the PATH */
        const char *path = is_file ? process_path(a, c->process, command[i]) : NULL;
        if (path == NULL || !file_read(a, path, script_len_max, &text) || bytes_until(text, 0).len != text.len)
            continue;
        size_t at = bytes_find(text, option, 0);
        if (at < text.len) {
            n->file = path;
            n->line = program_line_at(text, at);
        }
    }
}

static void find_options(arena *a, const client *c, const char *const *command, unsigned narrows, narrowing_list *out)
{
    const char *const *argv = c->process->argv;
    for (size_t k = 0; k < num_narrowing_options; k++) {
        const narrowing_option *row = &narrowing_options[k];
        bool is_meant = narrowing_option_is_of(row, c) && (row->narrows & narrows) != 0;
        for (size_t i = 1; is_meant && argv != NULL && argv[0] != NULL && argv[i] != NULL; i++) {
            narrowing n = {.text = narrowing_option_said(a, row, argv[i], argv[i + 1]).text, .is_argument = true};
            if (n.text == NULL || leads_elsewhere(c, n.text))
                continue;
            find_in_script(a, c, command, row->option, &n);
            add(out, n);
        }
    }
}

/* `git -c http.sslVersion=tlsv1.2` reaches the program that connects in this variable (git(1)). */
static void find_git_settings(arena *a, const client *c, unsigned narrows, narrowing_list *out)
{
    static const struct {
        const char *name;
        unsigned narrows;
    } rows[] = {{"http.sslVersion", NARROWED_VERSION},
                {"http.sslCipherList", NARROWED_ALL_OFFERS | NARROWED_LEVEL},
                {"http.sslCAInfo", NARROWED_STORE}};
    bytes_view given = bytes_from_text(process_variable(c->process, "GIT_CONFIG_PARAMETERS"));
    for (size_t i = 0; c->runtime == RUNTIME_GIT && i < sizeof rows / sizeof *rows; i++)
        if ((rows[i].narrows & narrows) != 0 && bytes_contain_ignoring_case(given, rows[i].name))
            add(out, (narrowing){.text = arena_printf(a, "-c %s", rows[i].name), .is_argument = true});
}

/* ---- code ------------------------------------------------------------------------------------------------------------------ */

static bool is_name_byte(int byte)
{
    return isalnum(byte) || byte == '_';
}

/* Where a name stands by itself; text.len where it does not. */
static size_t find_name(bytes_view text, const char *name)
{
    size_t len = strlen(name);
    for (size_t at = bytes_find(text, name, 0); at < text.len; at = bytes_find(text, name, at + 1))
        if (!is_name_byte(at == 0 ? ' ' : bytes_at(text, at - 1)) && !is_name_byte(bytes_at(text, at + len)))
            return at;
    return text.len;
}

static void find_names(const source_list *sources, const code_row *row, narrowing_list *out)
{
    for (size_t i = 0; i < CODE_NAMES_MAX && row->names[i] != NULL; i++)
        for (size_t k = 0; k < sources->num_items; k++) {
            const source *s = &sources->items[k];
            size_t at = find_name(s->text, row->names[i]);
            if (at < s->text.len)
                add(out, (narrowing){
                             .text = row->names[i], .file = s->path, .line = s->path == NULL ? 0 : program_line_at(s->text, at)});
        }
}

narrowing_list narrowing_find(arena *a, const client *c, const char *const *command, unsigned narrows)
{
    narrowing_list list = {.num_items = 0};
    find_options(a, c, command == c->process->argv ? NULL : command, narrows, &list);
    find_git_settings(a, c, narrows, &list);
    source_list sources = program_sources(a, c);
    for (size_t i = 0; i < sizeof code_rows / sizeof *code_rows; i++)
        if (code_rows[i].runtime == c->runtime && (code_rows[i].narrows & narrows) != 0)
            find_names(&sources, &code_rows[i], &list);
    return list;
}

const char *narrowing_suspects(enum runtime runtime, unsigned narrows)
{
    for (size_t i = 0; i < sizeof code_rows / sizeof *code_rows; i++)
        if (code_rows[i].runtime == runtime && (code_rows[i].narrows & narrows) != 0)
            return code_rows[i].names[0];
    for (size_t i = 0; i < num_narrowing_options; i++)
        if (narrowing_options[i].program == NULL && narrowing_options[i].runtime == runtime &&
            (narrowing_options[i].narrows & narrows) != 0)
            return narrowing_options[i].option;
    return NULL;
}
