/* Variables that a runtime itself reads: where its roots are, Node.js's flags, Go's switches. */
#include "client/capability.h"
#include "client/overlay_inner.h"

#include <string.h>

/* ---- trust
 * ------------------------------------------------------------------------------------------------------------------------- */

/* From each program's manual. `adds`: what is named there is trusted besides the program's own. */
static const struct {
    enum runtime runtime;
    enum library_kind library; /* LIBRARY_UNKNOWN: whatever it is */
    const char *variable;
} trust_variables[] = {
    {RUNTIME_CURL, LIBRARY_UNKNOWN, "CURL_CA_BUNDLE"},      {RUNTIME_GIT, LIBRARY_UNKNOWN, "GIT_SSL_CAINFO"},
    {RUNTIME_NODE, LIBRARY_UNKNOWN, "NODE_EXTRA_CA_CERTS"}, {RUNTIME_PYTHON, LIBRARY_UNKNOWN, "SSL_CERT_FILE"},
    {RUNTIME_PERL, LIBRARY_OPENSSL, "SSL_CERT_FILE"},       {RUNTIME_RUBY, LIBRARY_OPENSSL, "SSL_CERT_FILE"},
    {RUNTIME_PHP, LIBRARY_OPENSSL, "SSL_CERT_FILE"},        {RUNTIME_GO, LIBRARY_UNKNOWN, "SSL_CERT_FILE"},
    {RUNTIME_OPENSSL, LIBRARY_OPENSSL, "SSL_CERT_FILE"},    {RUNTIME_OTHER, LIBRARY_OPENSSL, "SSL_CERT_FILE"},
    {RUNTIME_WGET, LIBRARY_OPENSSL, "SSL_CERT_FILE"},       {RUNTIME_OTHER, LIBRARY_RUSTLS, "SSL_CERT_FILE"},
};

bool overlay_trust_by_variable(const overlay_asked *q, const char *variable, overlay *out)
{
    if (wish_parts(q->wish) != WISH_TRUST)
        return false;
    const char *path = overlay_trust_path(q, out);
    overlay_set(out, variable, path);
    out->how = arena_printf(q->arena, "the variable %s", variable);
    out->permanent =
        q->wish->trust_file == NULL
            ? arena_printf(q->arena, "To keep it: put those certificates into a file in PEM, and let %s name it for this program.",
                           variable)
            : arena_printf(q->arena, "To keep it: set %s=%s for this program.", variable, path);
    return true;
}

bool by_trust_variable(const overlay_asked *q, overlay *out)
{
    const client *c = q->client;
    for (size_t i = 0; !overlay_store_is_told(q) && i < sizeof trust_variables / sizeof *trust_variables; i++)
        if (trust_variables[i].runtime == c->runtime &&
            (trust_variables[i].library == LIBRARY_UNKNOWN || trust_variables[i].library == c->library.kind))
            return overlay_trust_by_variable(q, trust_variables[i].variable, out);
    return false;
}

/* requests takes certifi's store, and no notice of SSL_CERT_FILE: its own variable, where it is what the program uses. */
bool by_requests_variable(const overlay_asked *q, overlay *out)
{
    const char *const *argv = q->client->process->argv;
    bool is_requests = false;
    for (size_t i = 1; q->client->runtime == RUNTIME_PYTHON && argv != NULL && argv[0] != NULL && argv[i] != NULL; i++) {
        bytes_view text;
        const char *path = argv[i][0] == '-' ? NULL : process_path(q->arena, q->client->process, argv[i]);
        is_requests = is_requests || strstr(argv[i], "requests") != NULL || strcmp(argv[i], "pip") == 0;
        if (!is_requests && path != NULL && file_read(q->arena, path, 1024 * 1024, &text))
            is_requests = bytes_find(text, "requests", 0) < text.len || bytes_find(text, "pip._internal", 0) < text.len;
    }
    return is_requests && overlay_trust_by_variable(q, "REQUESTS_CA_BUNDLE", out);
}

/* ---- Node.js' flags
 * ------------------------------------------------------------------------------------------------------------------ */

/* NODE_OPTIONS is read since Node.js 8, and knows these flags since 12, when OpenSSL 1.1.1 came. */
bool by_node_options(const overlay_asked *q, overlay *out)
{
    const wish *w = q->wish;
    arena *a = q->arena;
    const client *c = q->client;
    const char *flags = NULL, *version = c->library.version;
    bool knows_them = version != NULL && version_compare(version, "1.1.1") >= 0;
    if (c->runtime != RUNTIME_NODE || !knows_them ||
        !wish_is_within(w, WISH_VERSION_MAX | WISH_VERSION_MIN | WISH_SUITES | WISH_LEVEL | WISH_NO_DHE))
        return false;
    if (w->version_max != 0 && w->version_max < VERSION_TLS12)
        return false;
    if (w->version_max != 0)
        flags =
            overlay_list(a, flags, NULL, arena_printf(a, "--tls-max-v%s", dialect_version(a, DIALECT_NUMBER, w->version_max)), " ");
    if (w->version_min != 0)
        flags =
            overlay_list(a, flags, NULL, arena_printf(a, "--tls-min-v%s", dialect_version(a, DIALECT_NUMBER, w->version_min)), " ");
    const char *list = openssl_cipher_list(q, NULL), *of_tls13 = openssl_tls13_list(q, list);
    if (of_tls13 != NULL || list != NULL)
        flags = overlay_list(a, flags, NULL, arena_printf(a, "--tls-cipher-list=%s", of_tls13 != NULL ? of_tls13 : list), " ");
    overlay_set(out, "NODE_OPTIONS", overlay_list(a, process_variable(c->process, "NODE_OPTIONS"), NULL, flags, " "));
    out->how = arena_printf(a, "NODE_OPTIONS=%s", shell_quoted(a, flags));
    out->permanent = arena_printf(a, "To keep it: start the program with node %s, or set that variable.", flags);
    return true;
}

/* ---- git ----------------------------------------------------------------------------------------------------------------------
 */

/* What these say counts before the options of http.* (git-config(1), "http.sslVersion" and "http.sslCipherList"). Its versions are
 * the lowest ones; GnuTLS does not read the list. */
bool by_git_variable(const overlay_asked *q, overlay *out)
{
    const wish *w = q->wish;
    arena *a = q->arena;
    const char *list = q->client->library.kind == LIBRARY_OPENSSL ? openssl_cipher_list(q, NULL) : NULL;
    const char *version = dialect_version(a, DIALECT_NUMBER, w->version_min);
    bool is_able =
        wish_is_within(w, WISH_VERSION_MIN) || (list != NULL && wish_is_within(w, WISH_VERSION_MIN | WISH_SUITES | WISH_LEVEL));
    if (q->client->runtime != RUNTIME_GIT || !is_able)
        return false;
    if (version != NULL)
        overlay_set(out, "GIT_SSL_VERSION", arena_printf(a, "tlsv%s", version));
    if (list != NULL)
        overlay_set(out, "GIT_SSL_CIPHER_LIST", list);
    const char *first = out->variables[0].name, *value = out->variables[0].value;
    out->how = arena_printf(a, "%s=%s", first, shell_quoted(a, value));
    out->permanent = arena_printf(a, "To keep it: git config --global %s %s.",
                                  version != NULL ? "http.sslVersion" : "http.sslCipherList", shell_quoted(a, value));
    return true;
}

/* ---- Go
 * ------------------------------------------------------------------------------------------------------------------------------ */

/* Go's crypto/tls and crypto/x509 documentation, "GODEBUG": from which version on a switch is there, and from which no more. */
static const struct {
    enum wish_part part;
    const char *value, *since, *until;
} go_switches[] = {
    {WISH_SUITES, "tlsrsakex=1", "1.22", NULL},           {WISH_GROUPS_ONLY, "tlskyber=0", "1.23", "1.24"},
    {WISH_GROUPS_ONLY, "tlsmlkem=0", "1.24", NULL},       {WISH_VERSION_MAX, "tls13=0", "1.12", "1.14"},
    {WISH_VERSION_MIN, "tls10default=1", "1.18", "1.19"}, {WISH_LEVEL, "x509sha1=1", "1.18", "1.24"},
};

bool by_go_debug(const overlay_asked *q, overlay *out)
{
    const char *version = q->client->library.version, *before = process_variable(q->client->process, "GODEBUG");
    if (q->client->runtime != RUNTIME_GO || version == NULL)
        return false;
    for (size_t i = 0; i < sizeof go_switches / sizeof *go_switches; i++) {
        bool is_there = version_compare(version, go_switches[i].since) >= 0 &&
                        (go_switches[i].until == NULL || version_compare(version, go_switches[i].until) < 0);
        if (!is_there || wish_parts(q->wish) != (unsigned)go_switches[i].part)
            continue;
        overlay_set(out, "GODEBUG", overlay_list(q->arena, before, NULL, go_switches[i].value, ","));
        out->how = arena_printf(q->arena, "GODEBUG=%s", go_switches[i].value);
        out->permanent =
            arena_printf(q->arena, "To keep it: set GODEBUG=%s for this program, or //go:debug %s in its main package.",
                         go_switches[i].value, go_switches[i].value);
        return true;
    }
    return false;
}
