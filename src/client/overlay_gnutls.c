/* GnuTLS: priority strings, and the file that GNUTLS_SYSTEM_PRIORITY_FILE names ("Priority strings" and "System-wide configuration
 * of the library" in its manual). */
#include "client/overlay_inner.h"

#include <string.h>

enum { FILE_LEN_MAX = 256 * 1024 };

/* ---- priority strings
 * ------------------------------------------------------------------------------------------------------------ */

static const char *plus_each(arena *a, const char *text, dialect_word *word, code_list list)
{
    const char *words = dialect_list(a, DIALECT_GNUTLS, word, list, ":+");
    return words == NULL ? text : arena_printf(a, "%s:+%s", text, words);
}

static const char *with_versions(const overlay_asked *q, const char *text)
{
    const wish *w = q->wish;
    bool is_raised = q->hello != NULL && w->version_max > client_hello_version_max(q->hello);
    for (uint16_t v = VERSION_TLS13; w->version_max != 0 && !is_raised && v > w->version_max; v--)
        text = arena_printf(q->arena, "%s:-%s", text, dialect_version(q->arena, DIALECT_GNUTLS, v));
    if (is_raised)
        text = arena_printf(q->arena, "%s:+%s", text, dialect_version(q->arena, DIALECT_GNUTLS, w->version_max));
    for (uint16_t v = w->version_min; v != 0 && v <= VERSION_TLS12; v++)
        text = arena_printf(q->arena, "%s:+%s", text, dialect_version(q->arena, DIALECT_GNUTLS, v));
    return text;
}

static const char *word_without(uint16_t code)
{
    return code == EXTENSION_TICKET             ? "%NO_TICKETS"
           : code == EXTENSION_ENCRYPT_THEN_MAC ? "%NO_ETM"
           : code == EXTENSION_MASTER_SECRET    ? "%NO_SESSION_HASH"
                                                : NULL;
}

const char *gnutls_priority(const overlay_asked *q, const char *own)
{
    enum {
        CAN = WISH_VERSION_MAX | WISH_VERSION_MIN | WISH_SUITES | WISH_GROUPS | WISH_SCHEMES | WISH_GROUPS_ONLY | WISH_LEVEL |
              WISH_NO_DHE | WISH_LEGACY_SERVER | WISH_WITHOUT | WISH_TRUST
    };
    const wish *w = q->wish;
    arena *a = q->arena;
    const char *text = own != NULL ? own : "NORMAL";
    if (!wish_is_within(w, CAN) || (w->has_without && word_without(w->without) == NULL) || wish_parts(w) == WISH_TRUST)
        return NULL;
    if (w->groups_only.num_codes > 0)
        text = arena_printf(a, "%s:-GROUP-ALL", text);
    text = with_versions(q, text);
    text = plus_each(a, text, dialect_suite, w->suites);
    text = plus_each(a, text, dialect_group, w->groups);
    text = plus_each(a, text, dialect_group, w->groups_only);
    text = plus_each(a, text, dialect_scheme, w->schemes);
    text = w->no_dhe ? arena_printf(a, "%s:-DHE-RSA", text) : text;
    text = w->has_level ? arena_printf(a, "%s:%%PROFILE_VERY_WEAK", text) : text;
    text = w->legacy_server ? arena_printf(a, "%s:%%UNSAFE_RENEGOTIATION", text) : text;
    return w->has_without ? arena_printf(a, "%s:%s", text, word_without(w->without)) : text;
}

/* ---- the system's file
 * ------------------------------------------------------------------------------------------------------------ */

/* Whether a line of the file forbids what is wished. */
static bool line_forbids(const overlay_asked *q, bytes_view line)
{
    const wish *w = q->wish;
    if (bytes_find(line, "disabled-version", 0) < line.len) {
        const char *wished = dialect_version(q->arena, DIALECT_NUMBER, w->version_max != 0 ? w->version_max : w->version_min);
        return wished != NULL && bytes_find(line, arena_printf(q->arena, "tls%s", wished), 0) < line.len;
    }
    bool is_on_suites = bytes_find(line, "tls-disabled-cipher", 0) < line.len ||
                        bytes_find(line, "tls-disabled-mac", 0) < line.len || bytes_find(line, "tls-disabled-kx", 0) < line.len;
    bool is_on_groups = bytes_find(line, "tls-disabled-group", 0) < line.len || bytes_find(line, "disabled-curve", 0) < line.len;
    bool is_on_schemes = bytes_find(line, "secure-sig", 0) < line.len || bytes_find(line, "insecure-sig", 0) < line.len;
    return (is_on_suites && w->suites.num_codes > 0) || (is_on_groups && w->groups.num_codes > 0) ||
           (is_on_schemes && w->schemes.num_codes > 0);
}

/* The user's or the system's own file without the lines that forbid it. */
static const char *own_file(const overlay_asked *q, bool *forbids)
{
    const char *named = process_variable(q->client->process, "GNUTLS_SYSTEM_PRIORITY_FILE"), *text = "";
    bytes_view all;
    *forbids = false;
    if (!file_read(q->arena, named != NULL ? process_path(q->arena, q->client->process, named) : "/etc/gnutls/config", FILE_LEN_MAX,
                   &all))
        return text;
    for (size_t at = 0; at < all.len;) {
        bytes_view line = bytes_until(bytes_slice(all, at, all.len), '\n');
        at += line.len + 1;
        if (line_forbids(q, line))
            *forbids = true;
        else
            text = arena_printf(q->arena, "%s%s\n", text, bytes_to_text(q->arena, line));
    }
    return text;
}

/* Where the file forbids what is wished, no priority string can bring it back. */
bool by_gnutls_own_file(const overlay_asked *q, overlay *out)
{
    bool forbids;
    const char *own = q->client->library.kind == LIBRARY_GNUTLS ? own_file(q, &forbids) : NULL;
    if (own == NULL || !forbids)
        return false;
    overlay_set(out, "GNUTLS_SYSTEM_PRIORITY_FILE", OVERLAY_FOLDER "/gnutls.conf");
    overlay_write(out, "gnutls.conf", own);
    out->how = "a copy of GnuTLS's own configuration without the line that forbids it, which GNUTLS_SYSTEM_PRIORITY_FILE names";
    out->permanent = "To keep it: take that line out, or let GNUTLS_SYSTEM_PRIORITY_FILE name such a copy for this program.";
    return true;
}

/* What is cut there is cut for every program of the library; nothing can be added. */
bool by_gnutls_file(const overlay_asked *q, overlay *out)
{
    const wish *w = q->wish;
    const char *lines = NULL;
    bool forbids;
    if (q->client->library.kind != LIBRARY_GNUTLS)
        return false;
    if (wish_parts(w) == WISH_VERSION_MAX && w->version_max == VERSION_TLS12)
        lines = "[overrides]\ndisabled-version = tls1.3\n";
    else if (wish_parts(w) == WISH_NO_DHE)
        lines = "[overrides]\ntls-disabled-kx = dhe-rsa\n";
    if (lines == NULL)
        return false;
    overlay_set(out, "GNUTLS_SYSTEM_PRIORITY_FILE", OVERLAY_FOLDER "/gnutls.conf");
    overlay_write(out, "gnutls.conf", arena_printf(q->arena, "%s%s", own_file(q, &forbids), lines));
    out->how = "a file that GNUTLS_SYSTEM_PRIORITY_FILE names";
    out->permanent = arena_printf(q->arena, "To keep it: in a file that GNUTLS_SYSTEM_PRIORITY_FILE names for this program: %s.",
                                  overlay_one_line(q->arena, lines));
    return true;
}
