#include "run/why.h"

#include "causes/change.h"
#include "client/capability.h"
#include "client/go_defaults.h"
#include "client/library_file.h"
#include "client/settings.h"
#include "registry/registry.h"
#include "run/lack.h"
#include "run/narrowing.h"
#include "run/why_store.h"
#include "wire/extension.h"

#include <ctype.h>
#include <string.h>

/* ---- the library ----------------------------------------------------------------------------------------------------------------
 */

/* Where the library has none of them: the first version that has one, the earliest of all; NULL where none ever had. */
static bool library_is_unable(const client *c, const lack *l, const char **since)
{
    *since = NULL;
    for (size_t i = 0; i < l->codes.num_codes; i++) {
        const char *one;
        if (!library_lacks(&c->library, l->row->ability, l->codes.codes[i], &one))
            return false;
        if (one != NULL && (*since == NULL || version_compare(one, *since) < 0))
            *since = one;
    }
    return l->codes.num_codes > 0;
}

static const char *capitalised(arena *a, const char *text)
{
    char *copy = bytes_to_text(a, bytes_from_text(text));
    copy[0] = (char)(strncmp(text, "this ", 5) == 0 ? 'T' : text[0]);
    return copy;
}

static const char *who(arena *a, const client *c)
{
    const char *runtime = runtime_name(c->runtime);
    return runtime != NULL ? arena_printf(a, "this %s", runtime) : c->program[0] != 0 ? c->program : "this program";
}

static why why_library(arena *a, const client *c, const lack *l, const char *since)
{
    const char *name = library_name(c->library.kind);
    const char *first =
        since == NULL ? "no version of it can" : arena_printf(a, "the first version that can is %s %s", name, since);
    return (why){.kind = WHY_LIBRARY,
                 .is_for_good = since == NULL,
                 .file = c->library.file,
                 .detail = arena_printf(a, "%s uses %s%s%s%s, which cannot do %s: %s.", capitalised(a, who(a, c)), name,
                                        c->library.version == NULL ? "" : " ", c->library.version == NULL ? "" : c->library.version,
                                        c->library.is_inside ? ", built into it" : "", l->name, first)};
}

static why why_build(arena *a, const client *c, const lack *l)
{
    return (why){.kind = WHY_BUILD,
                 .file = c->library.file,
                 .detail =
                     arena_printf(a,
                                  "%s uses %s, a version that can do %s; this build of it was made without: asked for all that "
                                  "it has, it does not offer that.",
                                  capitalised(a, who(a, c)), client_library_text(a, c), l->name)};
}

/* ---- policy ---------------------------------------------------------------------------------------------------------------- */

/* Only letters and digits, in capitals: "TLS 1.3" and "tls1.3" are alike so. */
static const char *plain(arena *a, const char *text)
{
    char *copy = bytes_to_text(a, bytes_from_text(text)), *to = copy;
    for (const char *at = copy; *at != '\0'; at++)
        if (isalnum((unsigned char)*at))
            *to++ = (char)toupper((unsigned char)*at);
    *to = '\0';
    return copy;
}

static bool mentions(arena *a, const setting *s, const lack *l)
{
    const char *value = plain(a, s->value);
    for (size_t i = 0; i < l->codes.num_codes; i++) {
        const cipher_suite_row *suite = l->row->ability == ABILITY_CIPHER ? cipher_suite_find(l->codes.codes[i]) : NULL;
        const char *name = suite != NULL                       ? suite->cipher
                           : l->row->ability == ABILITY_GROUP  ? group_name(a, l->codes.codes[i])
                           : l->row->ability == ABILITY_SCHEME ? signature_scheme_name(a, l->codes.codes[i])
                                                               : version_name(a, l->codes.codes[i]);
        if (name != NULL && strstr(value, plain(a, name)) != NULL)
            return true;
    }
    return false;
}

/* "TLSv1.2", "1.2", "TLSv1", "SSLv3" as a version; 0 where it is none, or a list. */
static uint16_t version_of_value(arena *a, const char *value)
{
    static const struct {
        const char *ends;
        uint16_t version;
    } rows[] = {{"13", VERSION_TLS13}, {"12", VERSION_TLS12},    {"11", VERSION_TLS11},
                {"10", VERSION_TLS10}, {"TLSV1", VERSION_TLS10}, {"SSLV3", VERSION_SSL3}};
    const char *text = plain(a, value);
    size_t len = strlen(text);
    for (size_t i = 0; len <= 6 && i < sizeof rows / sizeof *rows; i++)
        if (len >= strlen(rows[i].ends) && strcmp(text + len - strlen(rows[i].ends), rows[i].ends) == 0)
            return rows[i].version;
    return 0;
}

/* A limit that leaves out all that would do. */
static bool limits_away(arena *a, const setting *s, const lack *l)
{
    bool is_max = s->narrows == NARROWED_VERSION_MAX, is_min = s->narrows == NARROWED_VERSION_MIN;
    uint16_t limit = l->row->ability == ABILITY_VERSION && (is_max || is_min) ? version_of_value(a, s->value) : 0;
    for (size_t i = 0; i < l->codes.num_codes; i++)
        if (is_max ? l->codes.codes[i] <= limit : l->codes.codes[i] >= limit)
            return false;
    return limit != 0;
}

/* A list of the versions that are allowed (MariaDB's tls_version), or a priority string of GnuTLS's that begins with none, and in
 * which nothing of what would do is named. */
static bool leaves_out(arena *a, const setting *s, const lack *l)
{
    bool is_list = s->narrows == NARROWED_VERSION && strstr(plain(a, s->value), "TLSV1") != NULL;
    bool begins_with_none = strstr(s->value, "-VERS-ALL") != NULL || strstr(s->value, "-VERS-TLS-ALL") != NULL;
    return l->row->ability == ABILITY_VERSION && (is_list || begins_with_none) && !mentions(a, s, l);
}

/* Of several settings on the matter the last that names what is lacking; else the last. */
static const setting *setting_against(arena *a, const setting_list *list, const lack *l)
{
    for (size_t i = list->num_settings; i-- > 0;)
        if ((list->settings[i].narrows & l->narrowed) != 0 && mentions(a, &list->settings[i], l))
            return &list->settings[i];
    return setting_on(list, l->narrowed);
}

static const char *setting_text(arena *a, const setting *s)
{
    if (s->file == NULL)
        return arena_printf(a, "the variable %s (%s)", s->name, s->value);
    return arena_printf(a, "%s%s%s in %s, line %d%s%s%s", s->name, s->value[0] == '\0' ? "" : " = ", s->value, s->file, s->line,
                        s->from == NULL ? "" : " (named by ", s->from == NULL ? "" : s->from, s->from == NULL ? "" : ")");
}

static why why_policy(arena *a, const lack *l, const setting *s)
{
    return (why){.kind = WHY_POLICY,
                 .file = s->file,
                 .line = s->line,
                 .detail = arena_printf(a, "Outside the program, %s forbids %s.", setting_text(a, s), l->name)};
}

/* "RC4" in a list of Java's stands for every RC4 of any size (the JSSE reference guide, "Disabled and restricted cryptographic
 * algorithms"). */
static bool is_listed(arena *a, const char *list, const cipher_suite_row *suite)
{
    char *rest = NULL;
    for (char *word = strtok_r(bytes_to_text(a, bytes_from_text(list)), ", ", &rest); word != NULL;
         word = strtok_r(NULL, ", ", &rest)) {
        size_t len = strlen(word);
        bool is_cipher = suite->cipher != NULL && strncmp(suite->cipher, word, len) == 0 &&
                         (suite->cipher[len] == '\0' || suite->cipher[len] == '_');
        if (is_cipher || (suite->authentication == SUITE_AUTH_ANONYMOUS && strcmp(word, "anon") == 0))
            return true;
    }
    return false;
}

/* Where a list of what is disabled has all of the suites in it: Java would refuse them from a program that asks for them. */
static const setting *setting_that_disables(arena *a, const client *c, const lack *l, const setting_list *list)
{
    const setting *found = NULL;
    for (size_t i = 0; c->library.kind == LIBRARY_JSSE && l->row->ability == ABILITY_CIPHER && i < list->num_settings; i++)
        if (strcmp(list->settings[i].name, "jdk.tls.disabledAlgorithms") == 0)
            found = &list->settings[i];
    for (size_t i = 0; found != NULL && i < l->codes.num_codes; i++) {
        const cipher_suite_row *suite = cipher_suite_find(l->codes.codes[i]);
        if (suite == NULL || !is_listed(a, found->value, suite))
            return NULL;
    }
    return found;
}

static why why_disabled(arena *a, const client *c, const lack *l, const setting *s)
{
    why w = why_policy(a, l, s);
    w.detail = arena_printf(a, "%s Without that, %s does not offer it by default either: its code has to ask for it.", w.detail,
                            who(a, c));
    return w;
}

/* ---- code and default ---------------------------------------------------------------------------------------------------------
 */

static const char *narrowing_text(arena *a, const narrowing *n)
{
    if (n->file == NULL)
        return n->is_argument ? arena_printf(a, "the argument %s", n->text) : n->text;
    return arena_printf(a, "%s (%s, line %d)", n->text, n->file, n->line);
}

static why why_code(arena *a, const client *c, const lack *l, const narrowing_list *list, bool is_address)
{
    const narrowing *n = list->num_items == 0 ? NULL : &list->items[0];
    const char *suspect = narrowing_suspects(c->runtime, l->narrowed), *subject = who(a, c);
    const char *hint = suspect == NULL ? "" : arena_printf(a, ": look for %s", suspect);
    why w = {.kind = WHY_CODE, .file = n == NULL ? NULL : n->file, .line = n == NULL ? 0 : n->line};
    if (l->row->change == CHANGE_ALPN_REMOVED)
        w.detail = arena_printf(a, "By default %s does not ask for those protocols; this program does%s%s.", subject,
                                n == NULL ? hint : ": ", n == NULL ? "" : narrowing_text(a, n));
    else if (l->row->change == CHANGE_NAME_ADDED && n == NULL && is_address)
        w.detail = arena_printf(a, "By default %s sends the name that it is asked for; here it is asked for an address.", subject);
    else if (l->row->change == CHANGE_NAME_ADDED)
        w.detail = n == NULL || !n->is_argument
                       ? arena_printf(a, "By default %s sends a server name; this program does not%s%s%s.", subject, hint,
                                      n == NULL ? "" : " at ", n == NULL ? "" : narrowing_text(a, n))
                       : arena_printf(a, "By default %s sends a server name; %s takes it away.", subject, narrowing_text(a, n));
    else if (n != NULL)
        w.detail = arena_printf(a, "By default %s offers %s; the program itself takes it away: %s.", subject, l->name,
                                narrowing_text(a, n));
    else
        w.detail = arena_printf(a, "By default %s offers %s; the program's own code takes it away%s.", subject, l->name, hint);
    return w;
}

static why why_default(arena *a, const client *c, const lack *l, bool is_able)
{
    const char *library = client_library_text(a, c), *suspect = narrowing_suspects(c->runtime, l->narrowed);
    const char *can = library == NULL ? "" : is_able ? ", although its library can" : ", although its library may well be able to";
    if (l->row->change == CHANGE_ALPN_REMOVED)
        return (why){.kind = WHY_DEFAULT,
                     .detail = arena_printf(a, "%s asks for those protocols by default.", capitalised(a, who(a, c)))};
    return (why){.kind = WHY_DEFAULT,
                 .detail = arena_printf(a, "%s does not offer %s by default%s%s%s%s%s.", capitalised(a, who(a, c)), l->name, can,
                                        library == NULL ? "" : ": it uses ", library == NULL ? "" : library,
                                        suspect == NULL ? "" : ". What changes it is ", suspect == NULL ? "" : suspect)};
}

/* ---- Go, which cannot be asked ----------------------------------------------------------------------------------------------- */

/* What net/http asks for of its own accord (http.Transport): everything else was asked for by the program. */
static bool asks_as_net_http_does(const client_hello *hello)
{
    static const char body[] = "\x00\x0c\x02h2\x08http/1.1";
    const extension *alpn = client_hello_extension(hello, EXTENSION_ALPN);
    return alpn != NULL && bytes_equal(alpn->body, bytes_from(body, sizeof body - 1));
}

/* Of several that would do, one that is offered by default; else the last. */
static go_default default_of_go(const client *c, const lack *l)
{
    go_default is = {.is_offered = false};
    for (size_t i = 0; i < l->codes.num_codes && !is.is_offered; i++)
        is = go_default_of(c->library.version, l->row->ability, l->codes.codes[i]);
    return is;
}

static why why_go_default(arena *a, const client *c, const lack *l, const go_default *is)
{
    why w = why_default(a, c, l, true);
    if (is->setting != NULL)
        w.detail =
            arena_printf(a, "%s; so does GODEBUG=%s=%s in its environment.",
                         bytes_to_text(a, bytes_slice(bytes_from_text(w.detail), 0, strlen(w.detail) - 1)), is->setting, is->value);
    return w;
}

static why why_go(arena *a, const client *c, const lack *l, const narrowing_list *found, const evidence *e)
{
    const char *in_environment = process_variable(c->process, "GODEBUG"), *built_in = NULL;
    if (l->row->change == CHANGE_ALPN_REMOVED)
        return asks_as_net_http_does(l->hello) ? why_default(a, c, l, true) : why_code(a, c, l, found, e->host_is_address);
    go_default is = default_of_go(c, l);
    if (!is.is_offered)
        return why_go_default(a, c, l, &is);
    if (go_debug_changes(a, in_environment, &is))
        return (why){.kind = WHY_POLICY,
                     .detail = arena_printf(a, "Outside the program, the variable GODEBUG (%s=%s) forbids %s.", is.setting,
                                            is.value, l->name)};
    if (is.setting != NULL && c->library.file != NULL)
        built_in = go_debug_in_file(a, c->library.file);
    if (go_debug_changes(a, built_in, &is))
        return (why){
            .kind = WHY_CODE,
            .detail = arena_printf(a, "It was built with GODEBUG %s=%s, by its go.mod or a line //go:debug, which takes away %s.",
                                   is.setting, is.value, l->name)};
    return why_code(a, c, l, found, e->host_is_address);
}

/* Where the runtime cannot be asked: an argument or line that narrows it says enough; else a setting that names what is lacking. */
static why why_without_asking(arena *a, const client *c, const lack *l, const narrowing_list *found, const setting *s,
                              bool is_address)
{
    if (found->num_items > 0)
        return why_code(a, c, l, found, is_address);
    bool excludes = s != NULL && (s->file == NULL || mentions(a, s, l) || limits_away(a, s, l) || leaves_out(a, s, l));
    return excludes ? why_policy(a, l, s) : (why){.kind = WHY_UNKNOWN};
}

static bool may_be_built_without(const lack *l)
{
    return (l->narrowed & NARROWED_CIPHER) != 0 || l->row->ability == ABILITY_VERSION;
}

/* The default hello lacks it as well, with and without policy: asked for all that it has, does the library offer it? */
static why why_default_or_build(arena *a, const client *c, const lack *l, default_hellos *hellos)
{
    client_hello wide;
    bool has_wide = may_be_built_without(l) && default_hellos_wait(hellos, SURROUNDINGS_WIDE, &wide);
    bool is_able = has_wide && lack_is_offered(a, &wide, l);
    bool is_known_version = c->library.kind == LIBRARY_OPENSSL && c->library.version != NULL;
    return has_wide && !is_able && is_known_version ? why_build(a, c, l) : why_default(a, c, l, is_able);
}

/* The first two at the same time, unless something of the program's own is likely to be the answer already. */
static bool wait_for_usual(const evidence *e, const narrowing_list *found, default_hellos *hellos, client_hello *out)
{
    if (e->is_default) {
        *out = e->failed->hello;
        return true;
    }
    default_hellos_begin(hellos, SURROUNDINGS_AS_THEY_ARE);
    if (found->num_items == 0)
        default_hellos_begin(hellos, SURROUNDINGS_WITHOUT_POLICY);
    return default_hellos_wait(hellos, SURROUNDINGS_AS_THEY_ARE, out);
}

/* The default hello of its surroundings lacks it: is it a policy's doing? */
static why why_policy_default_or_build(arena *a, const client *c, const lack *l, const setting_list *settings,
                                       default_hellos *hellos)
{
    client_hello free_of_policy;
    const setting *s = setting_against(a, settings, l), *disables = setting_that_disables(a, c, l, settings);
    default_hellos_begin(hellos, SURROUNDINGS_WITHOUT_POLICY);
    if (disables == NULL && may_be_built_without(l))
        default_hellos_begin(hellos, SURROUNDINGS_WIDE);
    bool is_policy =
        default_hellos_wait(hellos, SURROUNDINGS_WITHOUT_POLICY, &free_of_policy) && lack_is_offered(a, &free_of_policy, l);
    if (is_policy && s != NULL)
        return why_policy(a, l, s);
    if (is_policy)
        return (why){.kind = WHY_POLICY,
                     .file = settings->file,
                     .detail = arena_printf(a, "A configuration file or variable outside the program forbids %s.", l->name)};
    return disables != NULL ? why_disabled(a, c, l, disables) : why_default_or_build(a, c, l, hellos);
}

static why why_lacks(arena *a, const client *c, const lack *l, const evidence *e, default_hellos *hellos)
{
    client_hello usual;
    narrowing_list found = narrowing_find(a, c, e->argv, l->narrowed);
    setting_list settings = client_settings(a, c);
    /* Not every runtime sends the name of "localhost", as which it is asked. */
    bool says_so = l->row->change == CHANGE_NAME_ADDED && found.num_items > 0 && found.items[0].is_argument;
    if (says_so || !wait_for_usual(e, &found, hellos, &usual))
        return c->library.kind == LIBRARY_GO && c->library.version != NULL
                   ? why_go(a, c, l, &found, e)
                   : why_without_asking(a, c, l, &found, setting_against(a, &settings, l), e->host_is_address);
    return lack_is_offered(a, &usual, l) ? why_code(a, c, l, &found, e->host_is_address)
                                         : why_policy_default_or_build(a, c, l, &settings, hellos);
}

/* No suite list would do, and the library may have it all the same. */
static bool lacks_more_than_the_suite(const lack *l)
{
    return l->row->ability == ABILITY_CIPHER && l->codes.num_codes > 0 && !cipher_suite_goes_by_certificate(l->codes.codes[0]);
}

static why why_without_certificate(arena *a, const client *c, const lack *l)
{
    const cipher_suite_row *row = cipher_suite_find(l->codes.codes[0]);
    bool is_anonymous = row->authentication == SUITE_AUTH_ANONYMOUS;
    return (why){.kind = WHY_DEFAULT,
                 .detail = arena_printf(a, "%s does not offer %s: %s.", capitalised(a, who(a, c)), l->name,
                                        is_anonymous ? "with it nobody proves who the server is"
                                                     : "a client offers it only where it was given what both sides have to know")};
}

/* ---- nothing is left --------------------------------------------------------------------------------------------------------- */

/* All parts that may exclude each other, the program's own first. */
static const char *parts_text(arena *a, const narrowing_list *found, const setting_list *settings, unsigned narrowed)
{
    const char *text = NULL;
    for (size_t i = 0; i < found->num_items; i++)
        text = arena_printf(a, "%s%s%s", text == NULL ? "" : text, text == NULL ? "" : "; ", narrowing_text(a, &found->items[i]));
    for (size_t i = 0; i < settings->num_settings; i++)
        if ((settings->settings[i].narrows & narrowed) != 0)
            text = arena_printf(a, "%s%s%s", text == NULL ? "" : text,
                                text == NULL ? "outside the program, " : "; outside the program, ",
                                setting_text(a, &settings->settings[i]));
    return text;
}

static why why_nothing(arena *a, const client *c, const evidence *e, default_hellos *hellos)
{
    const unsigned narrowed = NARROWED_VERSION | NARROWED_ANY_CIPHER;
    client_hello any;
    narrowing_list found = narrowing_find(a, c, e->argv, narrowed);
    setting_list settings = client_settings(a, c);
    const setting *s = setting_on(&settings, narrowed);
    const char *parts = parts_text(a, &found, &settings, narrowed);
    default_hellos_begin(hellos, SURROUNDINGS_AS_THEY_ARE);
    if (s != NULL && found.num_items == 0)
        default_hellos_begin(hellos, SURROUNDINGS_WITHOUT_POLICY);
    bool usual = default_hellos_wait(hellos, SURROUNDINGS_AS_THEY_ARE, &any);
    bool is_policy = !usual && s != NULL && default_hellos_wait(hellos, SURROUNDINGS_WITHOUT_POLICY, &any);
    why w = {.kind = is_policy ? WHY_POLICY : usual || found.num_items > 0 ? WHY_CODE : WHY_UNKNOWN};
    w.file = is_policy ? s->file : found.num_items > 0 ? found.items[0].file : NULL;
    w.line = is_policy ? s->line : found.num_items > 0 ? found.items[0].line : 0;
    if (parts != NULL)
        w.detail = arena_printf(a, "What narrows it, and leaves nothing together: %s.", parts);
    else if (usual)
        w.detail = arena_printf(a, "By default %s does have something to offer: its own code takes it away.", who(a, c));
    return w;
}

/* ---- what it accepts ------------------------------------------------------------------------------------------------------------
 */

/* Causes where the client refuses what is weaker than its level. */
static const char *const level_causes[] = {"dh-too-small", "signature-too-weak", "cert-weak"};

static bool is_level_cause(const char *id)
{
    for (size_t i = 0; i < sizeof level_causes / sizeof *level_causes; i++)
        if (strcmp(level_causes[i], id) == 0)
            return true;
    return false;
}

static bool sets_level(const client *c, const char *text)
{
    return c->library.kind != LIBRARY_OPENSSL || strstr(text, "SECLEVEL") != NULL;
}

/* What is held against the group once the handshake is over is no level of the library's. */
static why why_late_floor(arena *a, const narrowing_list *found)
{
    for (size_t i = 0; i < found->num_items; i++)
        if (strcmp(found->items[i].text, "minDHSize") == 0)
            return (why){.kind = WHY_CODE,
                         .file = found->items[i].file,
                         .line = found->items[i].line,
                         .detail = arena_printf(a, "The program itself sets how small a group it takes: %s.",
                                                narrowing_text(a, &found->items[i]))};
    return (why){.kind = WHY_UNKNOWN};
}

static why why_level(arena *a, const client *c, const evidence *e)
{
    narrowing_list found = narrowing_find(a, c, e->argv, NARROWED_LEVEL);
    setting_list settings = client_settings(a, c);
    const char *library = client_library_text(a, c);
    if (e->failed != NULL && e->failed->phase >= PHASE_ESTABLISHED)
        return why_late_floor(a, &found);
    for (size_t i = 0; i < found.num_items; i++)
        if (sets_level(c, found.items[i].text))
            return (why){
                .kind = WHY_CODE,
                .file = found.items[i].file,
                .line = found.items[i].line,
                .detail = arena_printf(a, "The program itself sets how weak it may be: %s.", narrowing_text(a, &found.items[i]))};
    for (size_t i = settings.num_settings; i-- > 0;) {
        const setting *s = &settings.settings[i];
        if ((s->narrows & NARROWED_LEVEL) != 0 && sets_level(c, s->value))
            return (why){.kind = WHY_POLICY,
                         .file = s->file,
                         .line = s->line,
                         .detail = arena_printf(a, "How weak it may be is set outside the program: %s.", setting_text(a, s))};
    }
    if (library == NULL)
        return (why){.kind = WHY_UNKNOWN};
    return (why){.kind = WHY_DEFAULT,
                 .detail = arena_printf(a, "That is the default of the library of %s: %s.", who(a, c), library)};
}

why why_find(arena *a, const verdict *v, const evidence *e, const client *c, default_hellos *hellos)
{
    lack l;
    const char *since;
    if (c == NULL)
        return (why){.kind = WHY_UNKNOWN};
    if (strcmp(v->cause, "nothing-to-offer") == 0)
        return why_nothing(a, c, e, hellos);
    if (why_store_is_asked(v->cause))
        return why_store(a, v->cause, e, c);
    if (is_level_cause(v->cause))
        return why_level(a, c, e);
    if (!lack_find(a, v, e, &l))
        return (why){.kind = WHY_UNKNOWN};
    if (lacks_more_than_the_suite(&l))
        return why_without_certificate(a, c, &l);
    return library_is_unable(c, &l, &since) ? why_library(a, c, &l, since) : why_lacks(a, c, &l, e, hellos);
}
