/* Files that a program's text names, or that it was seen to open: what of them may be its store. */
#include "client/libpq.h"
#include "client/trust_inner.h"
#include "client/trust_read.h"

#include <string.h>

/* A file of the text counts where it holds a CA and no private key: with one it is what the client shows. Revocation lists in it
 * are kept in any case: they say something only of a certificate that is on them. */
static bool is_hint(const trust_program *p, trust_store *store, const char *path)
{
    bytes_view file;
    if (!file_read(p->arena, path, 4 * 1024 * 1024, &file))
        return false;
    keystore read = keystore_read(p->arena, file, TRUST_USUAL_PASSWORD);
    trust_keep_revocations(p->arena, store, &read, path);
    if (read.has_private_key)
        return false;
    for (size_t i = 0; i < read.num_certificates && i < TRUST_SOURCES_MAX; i++)
        if (certificate_is_root(read.certificates[i]) || certificate_is_authority(read.certificates[i]))
            return true;
    return false;
}

/* Node.js takes the store of an option `ca`: "ca: x", "opts.ca = x", or "ca" alone among the options. A variable of that name that
 * is but declared is none. */
static bool node_gives_ca(const trust_program *p)
{
    for (const char *at = strstr(p->text, "ca"); at != NULL; at = strstr(at + 1, "ca")) {
        const char *before = at, *after = at + strlen("ca");
        bool is_quoted = at > p->text && (at[-1] == '\'' || at[-1] == '"') && *after == at[-1];
        before -= is_quoted ? 1 : 0;
        after += is_quoted ? 1 : 0;
        while (before > p->text && strchr(" \t\r\n", before[-1]) != NULL)
            before--;
        after += strspn(after, " \t\r\n");
        char left = before > p->text ? before[-1] : ' ';
        bool is_option =
            (left == '{' || left == ',' || left == '(') && (*after == ':' || *after == ',' || *after == '}' || *after == ')');
        if (is_option || (left == '.' && *after == '=') || (is_quoted && *after == ']'))
            return true;
    }
    /* With these it may leave for a reason that is no store's. */
    if (program_text_has(p, "minDHSize") || program_text_has(p, "checkServerIdentity"))
        return true;
    return program_text_has(p, "setDefaultCACertificates") || program_text_has(p, "addCACert");
}

/* What libpq is told by no argument (its manual, "sslcrl"). */
static void find_revocations_of_libpq(const trust_program *p, trust_store *store)
{
    const char *named = program_variable(p, "PGSSLCRL"), *home = program_variable(p, "HOME");
    if (!libpq_is_used(p->client) || (named == NULL && home == NULL))
        return;
    const char *path = named != NULL ? program_path(p, named) : arena_printf(p->arena, "%s/.postgresql/root.crl", home);
    (void)is_hint(p, store, path);
}

/* What leads to that path in an argument: "--ca=", or "--ca " where it is the argument before; NULL where it is no option. */
static const char *option_before(const trust_program *p, size_t at, const char *path)
{
    static const char of_options[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";
    const char *argument = p->process->argv[at], *last = at > 1 ? p->process->argv[at - 1] : "", *value = strchr(argument, '=');
    bool is_whole = strcmp(program_path(p, argument), path) == 0;
    bytes_view option = is_whole ? bytes_from_text(last) : bytes_until(bytes_from_text(argument), '=');
    if (!is_whole && (value == NULL || strcmp(program_path(p, value + 1), path) != 0))
        return NULL;
    const char *text = bytes_to_text(p->arena, option);
    return text[0] == '-' && strspn(text, of_options) == strlen(text) ? arena_printf(p->arena, "%s%c", text, is_whole ? ' ' : '=')
                                                                      : NULL;
}

/* "ca" as in "--cacert" or "-CAfile", but not as in "certificate". */
static bool has_letters_of_ca(bytes_view option)
{
    static const char certificate[] = "certificate";
    for (size_t at = 0; at < option.len; at++) {
        bytes_view rest = bytes_slice(option, at, option.len);
        if (bytes_start_with_ignoring_case(rest, certificate))
            at += sizeof certificate - 2;
        else if (bytes_start_with_ignoring_case(rest, "ca"))
            return true;
    }
    return false;
}

/* An option of the certificate that the client shows: with its key in a file of its own, a self-signed one looks like a root. */
static bool is_for_own_certificate(const char *option)
{
    static const char *const of_own[] = {"cert", "crt", "client"}, *const of_trust[] = {"trust", "root", "server", "peer",
                                                                                        "verify"};
    bytes_view name = bytes_from_text(option);
    bool is_own = false, is_trust = has_letters_of_ca(name);
    for (size_t i = 0; i < sizeof of_own / sizeof *of_own; i++)
        is_own = is_own || bytes_contain_ignoring_case(name, of_own[i]);
    for (size_t i = 0; i < sizeof of_trust / sizeof *of_trust; i++)
        is_trust = is_trust || bytes_contain_ignoring_case(name, of_trust[i]);
    return is_own && !is_trust;
}

/* A program that runs no text names it by an argument, whatever that one means to it. */
static void note_argument(const trust_program *p, const trust_store *store, trust_source *source)
{
    const char *const *argv = p->process == NULL ? NULL : p->process->argv;
    for (size_t i = 1; store->runtime == RUNTIME_OTHER && argv != NULL && argv[0] != NULL && argv[i] != NULL; i++) {
        const char *before = option_before(p, i, source->path);
        if (before == NULL || is_for_own_certificate(before))
            continue;
        source->before = before;
        source->named = bytes_to_text(p->arena, bytes_from(before, strlen(before) - 1));
        source->argument = i;
    }
}

void trust_find_hints(const trust_program *p, trust_store *store, bool takes_stores)
{
    find_revocations_of_libpq(p, store);
    size_t from = 0;
    for (const char *path = program_next_file(p, &from); path != NULL; path = program_next_file(p, &from)) {
        trust_source *source = is_hint(p, store, path) && takes_stores
                                   ? trust_source_add(p, store, path, (trust_source){.form = TRUST_FILE, .origin = TRUST_FROM_TEXT})
                                   : NULL;
        if (source == NULL)
            continue;
        store->has_hint = true;
        note_argument(p, store, source);
    }
    store->hint_replaces = store->has_hint && (store->runtime == RUNTIME_NODE || store->runtime == RUNTIME_PERL);
    store->hint_is_given = store->has_hint && (store->runtime == RUNTIME_NODE ? node_gives_ca(p) : program_text_has(p, "SSL_ca"));
}

void trust_find_opened(const trust_program *p, trust_store *store)
{
    const char *const *list = p->process->opened_files;
    for (; *list != NULL; list++) {
        const char *ending = strrchr(base_name(*list), '.');
        bool may_be = (ending != NULL && (strstr(".pem.crt.cer.cert.p12.jks.crl.0", ending) != NULL)) ||
                      strcmp(base_name(*list), "cacerts") == 0 || strcmp(base_name(*list), "cert9.db") == 0;
        if (may_be && is_hint(p, store, *list))
            trust_source_add(
                p, store, *list,
                (trust_source){.form = strstr(*list, ".p12") != NULL || strstr(*list, ".jks") != NULL ? TRUST_KEYSTORE : TRUST_FILE,
                               .origin = TRUST_FROM_OPENED});
    }
}
