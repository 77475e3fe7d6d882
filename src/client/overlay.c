#include "client/overlay_inner.h"

#include "crypto/keystore.h"

#include <string.h>

unsigned wish_parts(const wish *w)
{
    unsigned parts = 0;
    parts |= w->version_max != 0 ? WISH_VERSION_MAX : 0;
    parts |= w->version_min != 0 ? WISH_VERSION_MIN : 0;
    parts |= w->suites.num_codes > 0 ? WISH_SUITES : 0;
    parts |= w->groups.num_codes > 0 ? WISH_GROUPS : 0;
    parts |= w->schemes.num_codes > 0 ? WISH_SCHEMES : 0;
    parts |= w->groups_only.num_codes > 0 ? WISH_GROUPS_ONLY : 0;
    parts |= w->has_level ? WISH_LEVEL : 0;
    parts |= w->no_dhe ? WISH_NO_DHE : 0;
    parts |= w->no_alpn ? WISH_NO_ALPN : 0;
    parts |= w->legacy_server ? WISH_LEGACY_SERVER : 0;
    parts |= w->not_strict ? WISH_NOT_STRICT : 0;
    parts |= w->has_without ? WISH_WITHOUT : 0;
    parts |= w->server_name != NULL ? WISH_SERVER_NAME : 0;
    parts |= w->trust_file != NULL || w->num_trust_certificates > 0 ? WISH_TRUST : 0;
    return parts;
}

bool wish_is_within(const wish *w, unsigned parts)
{
    unsigned wished = wish_parts(w);
    return wished != 0 && (wished & ~parts) == 0;
}

void overlay_set(overlay *out, const char *variable, const char *value)
{
    if (out->num_variables < OVERLAY_VARIABLES_MAX)
        out->variables[out->num_variables++] = (overlay_variable){.name = variable, .value = value};
}

void overlay_write(overlay *out, const char *name, const char *content)
{
    if (out->num_files < OVERLAY_FILES_MAX)
        out->files[out->num_files++] = (overlay_file){.name = name, .content = bytes_from_text(content)};
}

const char *overlay_trust_path(const overlay_asked *q, overlay *out)
{
    if (q->wish->trust_file != NULL)
        return q->wish->trust_file;
    overlay_write(out, "trust.pem", certificates_to_pem(q->arena, q->wish->trust_certificates, q->wish->num_trust_certificates));
    return OVERLAY_FOLDER "/trust.pem";
}

const char *overlay_list(arena *a, const char *own, const char *usual, const char *more, const char *separator)
{
    const char *first = own != NULL ? own : usual;
    if (more == NULL || first == NULL)
        return more != NULL ? more : first;
    return arena_printf(a, "%s%s%s", first, separator, more);
}

const char *overlay_one_line(arena *a, const char *lines)
{
    char *text = bytes_to_text(a, bytes_from_text(lines)), *rest;
    const char *joined = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        joined = joined == NULL ? line : arena_printf(a, "%s; %s", joined, line);
    return joined == NULL ? "" : joined;
}

const char *shell_quoted(arena *a, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
    if (word[0] != 0 && strspn(word, plain) == strlen(word))
        return word;
    const char *text = "'";
    for (const char *at = word; *at != 0;) {
        size_t len = strcspn(at, "'");
        text = arena_printf(a, "%s%.*s%s", text, (int)len, at, at[len] == 0 ? "" : "'\\''");
        at += len + (at[len] != 0);
    }
    return arena_printf(a, "%s'", text);
}

/* What costs least to understand first: an argument or a variable that the user could give; a module of ours, which does what a
 * line in the program itself would do, after them. Where the program itself takes away what is wished, only the module can help. */
static overlay_way *const usual_order[] = {
    by_gnutls_own_file, by_arguments,         by_rc_file,     by_node_options,   by_php_module,      by_openssl_file,
    by_gnutls_file,     by_requests_variable, by_told_store,  by_trust_variable, by_go_debug,        by_git_variable,
    by_node_module,     by_python_module,     by_perl_module, by_ruby_module,    by_program_in_path, by_java_options,
};
static overlay_way *const order_for_code[] = {
    by_gnutls_own_file, by_arguments,      by_rc_file,    by_node_module,  by_python_module,   by_perl_module,
    by_ruby_module,     by_node_options,   by_php_module, by_openssl_file, by_gnutls_file,     by_requests_variable,
    by_told_store,      by_trust_variable, by_go_debug,   by_git_variable, by_program_in_path, by_java_options,
};
_Static_assert(sizeof usual_order == sizeof order_for_code, "each way stands in both orders");

size_t overlay_ways(arena *a, const overlay_subject *subject, const wish *wanted, overlay *out, size_t max)
{
    size_t num = 0;
    if (subject->client == NULL || subject->client->process == NULL)
        return 0;
    overlay_way *const *order = subject->is_narrowed_by_code ? order_for_code : usual_order;
    overlay_asked q = {.arena = a,
                       .client = subject->client,
                       .command = subject->command,
                       .hello = subject->hello,
                       .wish = wanted,
                       .is_narrowed_by_code = subject->is_narrowed_by_code};
    for (size_t i = 0; i < sizeof usual_order / sizeof *usual_order && num < max; i++) {
        out[num] = (overlay){.how = NULL};
        num += order[i](&q, &out[num]);
    }
    return num;
}

const char *overlay_in_folder(arena *a, const char *text, const char *folder)
{
    bytes_view all = bytes_from_text(text);
    size_t at = bytes_find(all, OVERLAY_FOLDER, 0);
    if (at == all.len)
        return text;
    return arena_printf(a, "%s%s%s", bytes_to_text(a, bytes_slice(all, 0, at)), folder,
                        overlay_in_folder(a, text + at + strlen(OVERLAY_FOLDER), folder));
}
