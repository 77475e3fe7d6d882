/* Arguments of clients that are known: in the command itself where the client is called there; in the client's own rc file; or by
 * a program of the same name that stands first in PATH and calls the real one. */
#include "client/overlay_inner.h"

#include <string.h>
#include <strings.h>

enum { EDITS_MAX = 24, RC_LEN_MAX = 256 * 1024 };

/* One option to be set, or to be left out. */
typedef struct edit {
    const char *option;
    const char *value;          /* NULL: it takes none */
    bool is_joined, is_dropped; /* joined: option=value in one word */
    bool takes_value;           /* of one that is left out */
} edit;

typedef struct edit_list {
    edit edits[EDITS_MAX];
    size_t num_edits;
} edit_list;

static void set_option(edit_list *list, const char *option, const char *value)
{
    if (value != NULL && list->num_edits < EDITS_MAX)
        list->edits[list->num_edits++] = (edit){.option = option, .value = value, .takes_value = true};
}

static void set_joined(edit_list *list, const char *option, const char *value)
{
    if (value != NULL && list->num_edits < EDITS_MAX)
        list->edits[list->num_edits++] = (edit){.option = option, .value = value, .is_joined = true, .takes_value = true};
}

static void set_flag(edit_list *list, const char *option)
{
    if (option != NULL && list->num_edits < EDITS_MAX)
        list->edits[list->num_edits++] = (edit){.option = option};
}

static void drop(edit_list *list, const char *const *options, bool take_value)
{
    for (; *options != NULL && list->num_edits < EDITS_MAX; options++)
        list->edits[list->num_edits++] = (edit){.option = *options, .is_dropped = true, .takes_value = take_value};
}

/* ---- what the client's own arguments say ---------------------------------------------------------------------------------------
 */

static bool is_option(const char *word, const char *option)
{
    size_t len = strlen(option);
    return strncmp(word, option, len) == 0 && (word[len] == 0 || word[len] == '=');
}

/* The value of the last that is there; NULL where none is. */
static const char *own_value(const overlay_asked *q, const char *option)
{
    const char *const *argv = q->client->process->argv, *value = NULL;
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++)
        if (is_option(argv[i], option))
            value = argv[i][strlen(option)] == '=' ? argv[i] + strlen(option) + 1 : argv[i + 1];
    return value;
}

static bool has_option(const overlay_asked *q, const char *option)
{
    const char *const *argv = q->client->process->argv;
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++)
        if (is_option(argv[i], option))
            return true;
    return false;
}

static const char *own_value_of(const overlay_asked *q, const char *one, const char *other)
{
    const char *value = own_value(q, one);
    return value != NULL ? value : own_value(q, other);
}

/* ---- curl -----------------------------------------------------------------------------------------------------------------------
 */

static bool edits_for_curl(const overlay_asked *q, edit_list *list)
{
    enum {
        CAN_WITH_OPENSSL = WISH_SUITES | WISH_GROUPS | WISH_GROUPS_ONLY | WISH_LEVEL | WISH_NO_DHE,
        CAN = WISH_VERSION_MAX | WISH_VERSION_MIN | WISH_NO_ALPN | WISH_TRUST
    };
    static const char *const lowest[] = {"--tlsv1", "--tlsv1.0", "--tlsv1.1", "--tlsv1.2", "--tlsv1.3", "-1", NULL};
    const wish *w = q->wish;
    bool is_openssl = q->client->library.kind == LIBRARY_OPENSSL;
    if (!wish_is_within(w, CAN | (is_openssl ? CAN_WITH_OPENSSL : 0)))
        return false;
    if (w->version_min != 0)
        drop(list, lowest, false);
    set_option(list, "--tls-max", dialect_version(q->arena, DIALECT_NUMBER, w->version_max));
    if (w->version_min != 0)
        set_flag(list, arena_printf(q->arena, "--tlsv%s", dialect_version(q->arena, DIALECT_NUMBER, w->version_min)));
    if (is_openssl) {
        set_option(list, "--ciphers", openssl_cipher_list(q, own_value(q, "--ciphers")));
        set_option(list, "--tls13-ciphers", openssl_tls13_list(q, own_value(q, "--tls13-ciphers")));
        set_option(list, "--curves", openssl_group_list(q, own_value(q, "--curves")));
    }
    if (w->no_alpn)
        set_flag(list, "--no-alpn");
    return true;
}

/* ---- openssl s_client ---------------------------------------------------------------------------------------------------------
 */

static const char *s_client_without(uint16_t code)
{
    return code == EXTENSION_TICKET ? "-no_ticket" : code == EXTENSION_ENCRYPT_THEN_MAC ? "-no_etm" : NULL;
}

static bool edits_for_s_client(const overlay_asked *q, edit_list *list)
{
    enum {
        CAN = WISH_VERSION_MAX | WISH_VERSION_MIN | WISH_SUITES | WISH_GROUPS | WISH_SCHEMES | WISH_GROUPS_ONLY | WISH_LEVEL |
              WISH_NO_DHE | WISH_NO_ALPN | WISH_LEGACY_SERVER | WISH_WITHOUT | WISH_TRUST | WISH_SERVER_NAME
    };
    static const char *const versions[] = {"-ssl3",    "-tls1",      "-tls1_1",    "-tls1_2",    "-tls1_3", "-no_ssl3",
                                           "-no_tls1", "-no_tls1_1", "-no_tls1_2", "-no_tls1_3", NULL};
    static const char *const alpn[] = {"-alpn", NULL}, *const no_name[] = {"-noservername", NULL},
                             *const curves[] = {"-curves", NULL};
    const wish *w = q->wish;
    arena *a = q->arena;
    if (!wish_is_within(w, CAN) || (w->has_without && s_client_without(w->without) == NULL))
        return false;
    if (w->version_max != 0 || w->version_min != 0)
        drop(list, versions, false);
    set_option(list, "-max_protocol", dialect_version(a, DIALECT_OPENSSL, w->version_max));
    set_option(list, "-min_protocol", dialect_version(a, DIALECT_OPENSSL, w->version_min));
    set_option(list, "-cipher", openssl_cipher_list(q, own_value(q, "-cipher")));
    set_option(list, "-ciphersuites", openssl_tls13_list(q, own_value(q, "-ciphersuites")));
    const char *groups = openssl_group_list(q, own_value_of(q, "-groups", "-curves"));
    if (groups != NULL)
        drop(list, curves, true);
    set_option(list, "-groups", groups);
    set_option(list, "-sigalgs", openssl_scheme_list(q, own_value(q, "-sigalgs")));
    if (w->legacy_server)
        set_flag(list, "-legacy_server_connect");
    if (w->has_without)
        set_flag(list, s_client_without(w->without));
    if (w->no_alpn)
        drop(list, alpn, true);
    if (w->server_name != NULL)
        drop(list, no_name, false);
    set_option(list, "-servername", w->server_name);
    return true;
}

/* ---- wget, gnutls-cli -----------------------------------------------------------------------------------------------------------
 */

/* wget's --ciphers is GnuTLS's priority string, or OpenSSL's list, by what it is linked with; with one, --secure-protocol counts no
 * more. */
static bool edits_for_wget(const overlay_asked *q, edit_list *list)
{
    enum {
        CAN = WISH_VERSION_MAX | WISH_VERSION_MIN | WISH_SUITES | WISH_GROUPS | WISH_SCHEMES | WISH_GROUPS_ONLY | WISH_LEVEL |
              WISH_NO_DHE | WISH_LEGACY_SERVER | WISH_WITHOUT | WISH_TRUST
    };
    static const char *const protocol[] = {"--secure-protocol", NULL};
    const wish *w = q->wish;
    bool is_gnutls = q->client->library.kind == LIBRARY_GNUTLS;
    const char *own = own_value(q, "--ciphers");
    if (!wish_is_within(w, is_gnutls ? CAN : WISH_SUITES | WISH_LEVEL | WISH_NO_DHE | WISH_TRUST))
        return false;
    const char *priority = is_gnutls ? gnutls_priority(q, own) : openssl_cipher_list(q, own);
    if (priority == NULL && wish_parts(w) != WISH_TRUST)
        return false;
    if (is_gnutls && priority != NULL)
        drop(list, protocol, false);
    set_joined(list, "--ciphers", priority);
    return true;
}

static bool edits_for_gnutls_cli(const overlay_asked *q, edit_list *list)
{
    static const char *const alpn[] = {"--alpn", NULL}, *const no_name[] = {"--disable-sni", NULL};
    wish rest = *q->wish;
    rest.no_alpn = false;
    rest.server_name = NULL;
    overlay_asked on_priority = *q;
    on_priority.wish = &rest;
    bool is_more = wish_parts(&rest) != 0 && wish_parts(&rest) != WISH_TRUST;
    const char *priority = is_more ? gnutls_priority(&on_priority, own_value(q, "--priority")) : NULL;
    if (is_more && priority == NULL)
        return false;
    set_option(list, "--priority", priority);
    if (q->wish->no_alpn)
        drop(list, alpn, true);
    if (q->wish->server_name != NULL)
        drop(list, no_name, false);
    set_option(list, "--sni-hostname", q->wish->server_name);
    return true;
}

/* ---- Node.js, Java
 * ---------------------------------------------------------------------------------------------------------------- */

/* Flags of Node.js that are given to it as arguments cannot be outdone by NODE_OPTIONS: they are changed where they stand. */
static bool edits_for_node(const overlay_asked *q, edit_list *list)
{
    static const char *const highest[] = {"--tls-max-v1.2", "--tls-max-v1.3", NULL};
    static const char *const lowest[] = {"--tls-min-v1.0", "--tls-min-v1.1", "--tls-min-v1.2", "--tls-min-v1.3", NULL};
    const wish *w = q->wish;
    const char *own = own_value(q, "--tls-cipher-list");
    bool has_own = own != NULL;
    for (size_t i = 0; highest[i] != NULL; i++)
        has_own = has_own || has_option(q, highest[i]);
    for (size_t i = 0; lowest[i] != NULL; i++)
        has_own = has_own || has_option(q, lowest[i]);
    if (!has_own || !wish_is_within(w, WISH_VERSION_MAX | WISH_VERSION_MIN | WISH_SUITES | WISH_LEVEL | WISH_NO_DHE))
        return false;
    if (w->version_max != 0)
        drop(list, highest, false);
    if (w->version_min != 0)
        drop(list, lowest, false);
    if (w->version_max != 0)
        set_flag(list, arena_printf(q->arena, "--tls-max-v%s", dialect_version(q->arena, DIALECT_NUMBER, w->version_max)));
    if (w->version_min != 0)
        set_flag(list, arena_printf(q->arena, "--tls-min-v%s", dialect_version(q->arena, DIALECT_NUMBER, w->version_min)));
    const char *of_tls13 = openssl_tls13_list(q, own);
    set_joined(list, "--tls-cipher-list", of_tls13 != NULL ? of_tls13 : openssl_cipher_list(q, own));
    return true;
}

static bool edits_for_java(const overlay_asked *q, edit_list *list, overlay *out)
{
    java_property properties[JAVA_PROPERTIES_MAX];
    size_t num = java_properties(q, out, properties);
    for (size_t i = 0; i < num; i++)
        set_joined(list, arena_printf(q->arena, "-D%s", properties[i].name), properties[i].value);
    return num > 0;
}

/* ---- all
 * ------------------------------------------------------------------------------------------------------------------------- */

static const struct {
    enum runtime runtime;
    const char *program; /* the name that it is called by */
    const char *trust;   /* its option for a file of CAs; NULL none */
    bool trust_is_joined;
} programs[] = {
    {RUNTIME_CURL, "curl", "--cacert", false},
    {RUNTIME_OPENSSL, "openssl", "-CAfile", false},
    {RUNTIME_WGET, "wget", "--ca-certificate", true},
    {RUNTIME_GNUTLS_CLI, "gnutls-cli", "--x509cafile", false},
    {RUNTIME_NODE, "node", NULL, false},
    {RUNTIME_JAVA, "java", NULL, false},
};

static bool edits_of_runtime(const overlay_asked *q, edit_list *list, overlay *out)
{
    switch (q->client->runtime) {
    case RUNTIME_CURL:
        return edits_for_curl(q, list);
    case RUNTIME_OPENSSL:
        return edits_for_s_client(q, list);
    case RUNTIME_WGET:
        return edits_for_wget(q, list);
    case RUNTIME_GNUTLS_CLI:
        return edits_for_gnutls_cli(q, list);
    case RUNTIME_NODE:
        return edits_for_node(q, list);
    case RUNTIME_JAVA:
        return edits_for_java(q, list, out);
    default:
        return false;
    }
}

static bool find_edits(const overlay_asked *q, edit_list *list, overlay *out)
{
    *list = (edit_list){.num_edits = 0};
    if (!edits_of_runtime(q, list, out))
        return false;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (programs[i].runtime != q->client->runtime || programs[i].trust == NULL || (wish_parts(q->wish) & WISH_TRUST) == 0)
            continue;
        (programs[i].trust_is_joined ? set_joined : set_option)(list, programs[i].trust, overlay_trust_path(q, out));
    }
    return list->num_edits > 0;
}

/* "--tls-max 1.2, without --tlsv1.3": of what is left out only what is there. */
static const char *edits_text(const overlay_asked *q, const edit_list *list)
{
    const char *set = NULL, *without = NULL;
    for (size_t i = 0; i < list->num_edits; i++) {
        const edit *e = &list->edits[i];
        bool is_set_again = e->is_dropped;
        for (size_t k = 0; k < list->num_edits && is_set_again; k++)
            is_set_again = list->edits[k].is_dropped || strcmp(list->edits[k].option, e->option) != 0;
        if (e->is_dropped && is_set_again && has_option(q, e->option))
            without = without == NULL ? e->option : arena_printf(q->arena, "%s %s", without, e->option);
        if (e->is_dropped)
            continue;
        const char *value = e->value == NULL ? "" : shell_quoted(q->arena, e->value);
        set = arena_printf(q->arena, "%s%s%s%s%s", set == NULL ? "" : set, set == NULL ? "" : " ", e->option,
                           e->value == NULL ? ""
                           : e->is_joined   ? "="
                                            : " ",
                           value);
    }
    if (without == NULL)
        return set == NULL ? "" : set;
    return set == NULL ? arena_printf(q->arena, "no %s", without) : arena_printf(q->arena, "%s, without %s", set, without);
}

static const char *program_called(const overlay_asked *q)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (programs[i].runtime == q->client->runtime)
            return programs[i].program;
    return "the program";
}

static void tell(const overlay_asked *q, const edit_list *list, overlay *out)
{
    const char *text = edits_text(q, list);
    bool is_openssl = q->client->runtime == RUNTIME_OPENSSL;
    out->permanent = arena_printf(q->arena, "To keep it: %s%s with %s.", program_called(q), is_openssl ? " s_client" : "", text);
    out->how = text;
}

/* ---- in the command
 * --------------------------------------------------------------------------------------------------------------- */

static const char *base_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

size_t overlay_place_in_command(const overlay_asked *q, size_t *num_words)
{
    const char *const *argv = q->client->process->argv;
    size_t num = 0, own = 0;
    while (q->command[num] != NULL)
        num++;
    *num_words = num;
    while (argv != NULL && argv[own] != NULL)
        own++;
    if (own == 0 || own > num)
        return num;
    size_t place = num - own;
    bool is_same = strcmp(base_name_of(q->command[place]), base_name_of(argv[0])) == 0;
    for (size_t i = 1; i < own && is_same; i++)
        is_same = strcmp(q->command[place + i], argv[i]) == 0;
    return is_same ? place : num;
}

typedef struct words {
    const char **list;
    size_t num;
} words;

/* How many words from `at` on an edit takes the place of; 0 where it is another one. */
static size_t words_of_edit(const words *w, size_t at, const edit *e)
{
    if (!is_option(w->list[at], e->option))
        return 0;
    return e->takes_value && w->list[at][strlen(e->option)] == 0 && at + 1 < w->num ? 2 : 1;
}

static void take_out(words *w, size_t at, size_t count)
{
    w->num -= count;
    for (size_t i = at; i < w->num; i++)
        w->list[i] = w->list[i + count];
}

static void put_in(words *w, size_t at, const char *word)
{
    for (size_t i = w->num++; i > at; i--)
        w->list[i] = w->list[i - 1];
    w->list[at] = word;
}

static void apply(arena *a, words *w, size_t first, const edit *e)
{
    size_t at = w->num, count = 0;
    for (size_t i = first; i < w->num; i++) {
        count = words_of_edit(w, i, e);
        if (count == 0)
            continue;
        take_out(w, i, count);
        at = at > i ? i : at;
        i--;
    }
    if (e->is_dropped)
        return;
    at = at < w->num ? at : first;
    if (e->value != NULL && !e->is_joined)
        put_in(w, at, e->value);
    put_in(w, at, e->is_joined ? arena_printf(a, "%s=%s", e->option, e->value) : e->option);
}

static const char *const *edited_command(const overlay_asked *q, size_t place, size_t num_words, const edit_list *list)
{
    words w = {.list = ARENA_ARRAY(q->arena, num_words + 2 * EDITS_MAX + 1, const char *), .num = num_words};
    for (size_t i = 0; i < num_words; i++)
        w.list[i] = q->command[i];
    bool has_subcommand = q->client->runtime == RUNTIME_OPENSSL && place + 1 < num_words;
    for (size_t i = 0; i < list->num_edits; i++)
        apply(q->arena, &w, place + 1 + has_subcommand, &list->edits[i]);
    w.list[w.num] = NULL;
    return w.list;
}

bool by_arguments(const overlay_asked *q, overlay *out)
{
    edit_list list;
    size_t num_words, place = overlay_place_in_command(q, &num_words);
    if (place == num_words || !find_edits(q, &list, out))
        return false;
    out->argv = edited_command(q, place, num_words, &list);
    tell(q, &list, out);
    return true;
}

/* ---- in the client's rc file
 * ------------------------------------------------------------------------------------------------------ */

/* The user's own, which ours stands in the place of. */
static const char *own_rc(const overlay_asked *q, const char *variable, bool names_folder, const char *file)
{
    const char *named = process_variable(q->client->process, variable), *home = process_variable(q->client->process, "HOME");
    const char *path = named != NULL && !names_folder ? named
                       : named != NULL                ? arena_printf(q->arena, "%s/%s", named, file)
                       : home != NULL                 ? arena_printf(q->arena, "%s/%s", home, file)
                                                      : NULL;
    bytes_view content;
    if (path == NULL || !file_read(q->arena, path, RC_LEN_MAX, &content))
        return "";
    return arena_printf(q->arena, "%s\n", bytes_to_text(q->arena, content));
}

/* curl's: the option without its dashes; wget's: without dashes inside as well. */
static const char *rc_line(arena *a, const edit *e, bool is_wget)
{
    if (!is_wget)
        return e->value == NULL ? arena_printf(a, "%s\n", e->option + 2)
                                : arena_printf(a, "%s = \"%s\"\n", e->option + 2, e->value);
    const char *name = strcmp(e->option, "--ca-certificate") == 0 ? "ca_certificate" : e->option + 2;
    return arena_printf(a, "%s = %s\n", name, e->value);
}

/* A program that curl or wget is called by reads no arguments of ours; the clients themselves read a file that a variable names.
 * What the caller gives them as arguments is stronger. */
bool by_rc_file(const overlay_asked *q, overlay *out)
{
    edit_list list;
    bool is_wget = q->client->runtime == RUNTIME_WGET;
    size_t num_words, place = overlay_place_in_command(q, &num_words);
    if (place != num_words || (q->client->runtime != RUNTIME_CURL && !is_wget) || !find_edits(q, &list, out))
        return false;
    const char *content = is_wget ? own_rc(q, "WGETRC", false, ".wgetrc") : own_rc(q, "CURL_HOME", true, ".curlrc");
    for (size_t i = 0; i < list.num_edits; i++) {
        const edit *e = &list.edits[i];
        if (!e->is_dropped && has_option(q, e->option))
            return false;
        if (!e->is_dropped)
            content = arena_printf(q->arena, "%s%s", content, rc_line(q->arena, e, is_wget));
    }
    overlay_write(out, is_wget ? "wgetrc" : ".curlrc", content);
    overlay_set(out, is_wget ? "WGETRC" : "CURL_HOME", is_wget ? OVERLAY_FOLDER "/wgetrc" : OVERLAY_FOLDER);
    tell(q, &list, out);
    out->how = arena_printf(q->arena, "%s in the file that %s names", out->how, is_wget ? "WGETRC" : "CURL_HOME");
    return true;
}

/* ---- by a program of the same name
 * ------------------------------------------------------------------------------------------------- */

/* A shell's pattern list of the words that go, and of those that go with their value. */
static const char *dropped_pattern(arena *a, const edit_list *list, bool take_value)
{
    const char *text = NULL;
    for (size_t i = 0; i < list->num_edits; i++)
        if (list->edits[i].takes_value == take_value)
            text = text == NULL ? list->edits[i].option : arena_printf(a, "%s|%s", text, list->edits[i].option);
    return text;
}

static const char *joined_pattern(arena *a, const edit_list *list)
{
    const char *text = "";
    for (size_t i = 0; i < list->num_edits; i++)
        text = arena_printf(a, "%s%s%s=*", text, i == 0 ? "" : "|", list->edits[i].option);
    return text;
}

static const char *program_text(const overlay_asked *q, const edit_list *list)
{
    arena *a = q->arena;
    bool is_openssl = q->client->runtime == RUNTIME_OPENSSL;
    const char *flags = dropped_pattern(a, list, false), *values = dropped_pattern(a, list, true), *options = "";
    for (size_t i = 0; i < list->num_edits; i++) {
        const edit *e = &list->edits[i];
        const char *value = e->value == NULL ? "" : shell_quoted(a, e->value);
        if (!e->is_dropped)
            options = arena_printf(a, "%s %s%s%s", options, e->option, e->value == NULL ? "" : e->is_joined ? "=" : " ", value);
    }
    const char *real = shell_quoted(a, q->client->process->exe);
    const char *head = arena_printf(a, "#!/bin/sh\n# Of tlswhy, for one run: calls the real program with other options.\n%s%s%s",
                                    is_openssl ? "[ \"$1\" = s_client ] || exec " : "", is_openssl ? real : "",
                                    is_openssl ? " \"$@\"\nshift\n" : "");
    const char *cases = flags == NULL ? "" : arena_printf(a, "    %s) ;;\n", flags);
    if (values != NULL)
        cases = arena_printf(a, "%s    %s) shift; left=$((left - 1)) ;;\n", cases, values);
    return arena_printf(a,
                        "%sleft=$#\nwhile [ \"$left\" -gt 0 ]; do\n    word=$1\n    shift\n    left=$((left - 1))\n"
                        "    case $word in\n%s    %s) ;;\n    *) set -- \"$@\" \"$word\" ;;\n    esac\ndone\n"
                        "exec %s%s%s \"$@\"\n",
                        head, cases, joined_pattern(a, list), real, is_openssl ? " s_client" : "", options);
}

/* Only where it was called by its name: by a path, the real one is found whatever PATH says. */
bool by_program_in_path(const overlay_asked *q, overlay *out)
{
    edit_list list;
    const process_snapshot *p = q->client->process;
    const char *path = process_variable(p, "PATH");
    size_t num_words, place = overlay_place_in_command(q, &num_words);
    bool is_by_name = p->exe != NULL && p->argv != NULL && p->argv[0] != NULL && strchr(p->argv[0], '/') == NULL;
    if (place != num_words || !is_by_name || path == NULL || !find_edits(q, &list, out))
        return false;
    overlay_write(out, p->argv[0], program_text(q, &list));
    out->files[out->num_files - 1].is_program = true;
    overlay_set(out, "PATH", arena_printf(q->arena, OVERLAY_FOLDER ":%s", path));
    tell(q, &list, out);
    return true;
}
