#include "run/why_store.h"

#include "client/trust_store.h"
#include "run/narrowing.h"
#include "run/program_text.h"

#include <string.h>

static const char *const causes[] = {"trust-store-missing", "trust-store-differs", "cert-unknown-issuer", "cert-self-signed"};

bool why_store_is_asked(const char *cause)
{
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (strcmp(causes[i], cause) == 0)
            return true;
    return false;
}

/* What adds to the default and does not take its place says nothing of what is lacking, unless it cannot be used. */
static bool only_adds(const trust_source *s)
{
    return s->origin == TRUST_FROM_VARIABLE && strcmp(s->named, "NODE_EXTRA_CA_CERTS") == 0 && s->num_certificates > 0;
}

static bool is_default(const trust_source *s)
{
    return s->origin == TRUST_FROM_LIBRARY || s->origin == TRUST_FROM_RUNTIME || s->origin == TRUST_FROM_SYSTEM;
}

/* The one that was named, and of these one that cannot be used; else the default; NULL where neither is known. `names_in_vain`:
 * what the text names is not what it uses. */
static const trust_source *telling_source(const trust_store *store, bool names_in_vain)
{
    const trust_source *best = NULL;
    for (size_t i = 0; i < store->num_sources; i++) {
        const trust_source *s = &store->sources[i];
        bool is_named = (trust_source_was_named(s) || (s->origin == TRUST_FROM_TEXT && !names_in_vain)) && !only_adds(s);
        if (is_named && (best == NULL || is_default(best) || (best->num_certificates > 0 && s->num_certificates == 0)))
            best = s;
        else if (is_default(s) && (best == NULL || (is_default(best) && s->num_certificates > best->num_certificates)))
            best = s;
    }
    return best;
}

/* An argument may stand in a script that was run. */
static why by_argument(arena *a, const trust_source *s, const evidence *e, const client *c)
{
    narrowing_list found = narrowing_find(a, c, e->argv, NARROWED_STORE);
    why w = {.kind = WHY_CODE, .detail = arena_printf(a, "It was told so: %s names %s.", s->named, s->path)};
    for (size_t i = 0; i < found.num_items; i++)
        if (found.items[i].is_argument && found.items[i].file != NULL) {
            w.file = found.items[i].file;
            w.line = found.items[i].line;
        }
    return w;
}

static why by_text(arena *a, const trust_source *s, const client *c)
{
    if (s->named != NULL)
        return (why){.kind = WHY_CODE, .detail = arena_printf(a, "It was told so: its argument %s names %s.", s->named, s->path)};
    source_list sources = program_sources(a, c);
    const char *name = strrchr(s->path, '/') == NULL ? s->path : strrchr(s->path, '/') + 1;
    why w = {.kind = WHY_CODE, .detail = arena_printf(a, "Its own code names %s.", s->path)};
    for (size_t i = 0; i < sources.num_items; i++) {
        const source *text = &sources.items[i];
        size_t at = bytes_find(text->text, name, 0);
        if (at < text->text.len && text->path != NULL) {
            w.file = text->path;
            w.line = program_line_at(text->text, at);
            break;
        }
    }
    return w;
}

/* The variables that would change it, by runtime: the manuals of curl, git, Node.js, Java and OpenSSL's X509_get_default_cert_file.
 */
static const char *changed_by(const trust_store *store)
{
    static const struct {
        enum runtime runtime;
        const char *names;
    } rows[] = {
        {RUNTIME_CURL, "--cacert, CURL_CA_BUNDLE"},      {RUNTIME_WGET, "--ca-certificate"},
        {RUNTIME_GIT, "http.sslCAInfo, GIT_SSL_CAINFO"}, {RUNTIME_GNUTLS_CLI, "--x509cafile"},
        {RUNTIME_NODE, "NODE_EXTRA_CA_CERTS"},           {RUNTIME_JAVA, "-Djavax.net.ssl.trustStore"},
        {RUNTIME_GO, "SSL_CERT_FILE, SSL_CERT_DIR"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].runtime == store->runtime)
            return rows[i].names;
    if (store->told_by != NULL)
        return store->told_by;
    return store->library == LIBRARY_OPENSSL ? "SSL_CERT_FILE, SSL_CERT_DIR" : NULL;
}

/* "NODE_EXTRA_CA_CERTS adds /x, and the rest is its default"; else that nothing names one. */
static const char *beginning_of_default(arena *a, const trust_store *store)
{
    for (size_t i = 0; i < store->num_sources; i++)
        if (only_adds(&store->sources[i]))
            return arena_printf(a, "%s adds %s, which does not have it, and the rest is its default", store->sources[i].named,
                                store->sources[i].path);
    return "No argument, variable or file that was seen names another store, so its default counts";
}

static why by_default(arena *a, const trust_store *store, const trust_source *s)
{
    const char *changes = changed_by(store);
    return (why){.kind = WHY_DEFAULT,
                 .detail = arena_printf(a, "%s: %s%s%s%s.", beginning_of_default(a, store), s->path,
                                        s->origin == TRUST_FROM_LIBRARY   ? arena_printf(a, ", compiled into %s", s->named)
                                        : s->origin == TRUST_FROM_RUNTIME ? arena_printf(a, " (%s)", s->named)
                                                                          : ", this system's",
                                        changes == NULL ? "" : ". What would change it: ", changes == NULL ? "" : changes)};
}

why why_store(arena *a, const char *cause, const evidence *e, const client *c)
{
    bool names_in_vain =
        e->trust != NULL && e->trust->hint_replaces && !e->trust->hint_is_given && strcmp(cause, "trust-store-differs") == 0;
    const trust_source *s = e->trust == NULL ? NULL : telling_source(e->trust, names_in_vain);
    if (s == NULL)
        return (why){.kind = WHY_UNKNOWN};
    switch (s->origin) {
    case TRUST_FROM_VARIABLE:
        return (why){.kind = WHY_POLICY, .detail = arena_printf(a, "%s in its environment names %s.", s->named, s->path)};
    case TRUST_FROM_FILE:
        return (why){.kind = WHY_POLICY,
                     .file = s->named_in,
                     .line = s->named_at,
                     .detail = arena_printf(a, "%s in %s, line %d, names %s.", s->named, s->named_in, s->named_at, s->path)};
    case TRUST_FROM_ARGUMENT:
        return by_argument(a, s, e, c);
    case TRUST_FROM_TEXT:
        return by_text(a, s, c);
    case TRUST_FROM_OPENED:
        return (why){.kind = WHY_UNKNOWN};
    default:
        return by_default(a, e->trust, s);
    }
}
