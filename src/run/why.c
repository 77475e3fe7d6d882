#include "run/why.h"

#include "causes/change.h"
#include "client/capability.h"
#include "client/default_hello.h"
#include "client/settings.h"
#include "registry/registry.h"
#include "run/narrowing.h"

#include <string.h>

enum { EXTENSION_EXTENDED_MASTER_SECRET = 23, EXTENSION_SERVER_NAME = 0 };

/* What the client lacks, by the cause that says so. */
typedef struct lack_row {
    const char *cause;
    enum change_kind change;
    enum ability ability;
    enum narrowed narrowed;
    enum setting_topic topic;
} lack_row;

static const lack_row lack_rows[] = {
    {"client-version-too-old", CHANGE_VERSION_RAISED, ABILITY_VERSION, NARROWED_VERSION, SETTING_VERSION},
    {"server-version-too-old", CHANGE_VERSION_LOWERED, ABILITY_VERSION, NARROWED_VERSION, SETTING_VERSION},
    {"no-shared-cipher", CHANGE_SUITES_ADDED, ABILITY_CIPHER, NARROWED_CIPHER, SETTING_CIPHER},
    {"no-shared-group", CHANGE_GROUPS_ADDED, ABILITY_GROUP, NARROWED_GROUP, SETTING_GROUP},
    {"no-shared-signature-algorithm", CHANGE_SCHEMES_ADDED, ABILITY_SCHEME, NARROWED_SCHEME, SETTING_SCHEME},
    {"sni-missing", CHANGE_NAME_ADDED, ABILITY_EXTENSION, NARROWED_NAME, SETTING_OTHER},
    {"alpn-mismatch", CHANGE_ALPN_REMOVED, ABILITY_EXTENSION, NARROWED_ALPN, SETTING_OTHER},
    {"ems-required", CHANGE_EXTENDED_MASTER_SECRET, ABILITY_EXTENSION, NARROWED_VERSION, SETTING_OTHER},
};

typedef struct lack {
    const lack_row *row;
    code_list codes;           /* any of them would do */
    const char *name;          /* "TLS 1.2", "secp521r1" ... */
    const client_hello *hello; /* the failed one */
} lack;

static const change *change_of_kind(const change_set *set, enum change_kind kind)
{
    for (size_t i = 0; set != NULL && i < set->num_changes; i++)
        if (set->changes[i].kind == kind)
            return &set->changes[i];
    return NULL;
}

static const char *suite_name(arena *a, uint16_t code)
{
    const cipher_suite_row *row = cipher_suite_find(code);
    return row != NULL && row->openssl_name != NULL ? arena_printf(a, "%s (%s)", row->openssl_name, row->name)
                                                    : cipher_suite_name(a, code);
}

static const char *lack_name(arena *a, const lack *l)
{
    enum { NAMES_MAX = 3 };
    switch (l->row->change) {
    case CHANGE_VERSION_RAISED:
    case CHANGE_VERSION_LOWERED:
        return code_names(a, l->codes, version_name, NAMES_MAX);
    case CHANGE_SUITES_ADDED:
        return code_names(a, l->codes, suite_name, NAMES_MAX);
    case CHANGE_GROUPS_ADDED:
        return code_names(a, l->codes, group_name, NAMES_MAX);
    case CHANGE_SCHEMES_ADDED:
        return code_names(a, l->codes, signature_scheme_name, NAMES_MAX);
    case CHANGE_NAME_ADDED:
        return "the server name (SNI)";
    case CHANGE_ALPN_REMOVED:
        return "another protocol (ALPN)";
    default:
        return "the extended master secret";
    }
}

static code_list codes_of(arena *a, const change *c)
{
    switch (c->kind) {
    case CHANGE_VERSION_RAISED:
    case CHANGE_VERSION_LOWERED:
        return codes_one(a, c->code);
    case CHANGE_NAME_ADDED:
        return codes_one(a, EXTENSION_SERVER_NAME);
    case CHANGE_EXTENDED_MASTER_SECRET:
        return codes_one(a, EXTENSION_EXTENDED_MASTER_SECRET);
    default:
        return c->codes;
    }
}

static bool find_lack(arena *a, const verdict *v, const evidence *e, lack *out)
{
    if (e->failed == NULL || !e->failed->has_hello)
        return false;
    for (size_t i = 0; i < sizeof lack_rows / sizeof *lack_rows; i++) {
        const change *made = strcmp(lack_rows[i].cause, v->cause) != 0 ? NULL : change_of_kind(v->changes, lack_rows[i].change);
        if (made == NULL)
            continue;
        *out = (lack){.row = &lack_rows[i], .codes = codes_of(a, made), .hello = &e->failed->hello};
        out->name = lack_name(a, out);
        return true;
    }
    return false;
}

/* ---- what another hello offers ------------------------------------------------------------------------------------------------
 */

static bool any_in(code_list wanted, code_list offered)
{
    for (size_t i = 0; i < wanted.num_codes; i++)
        if (codes_contain(offered, wanted.codes[i]))
            return true;
    return false;
}

static bool other_protocols(const client_hello *one, const client_hello *other)
{
    enum { EXTENSION_ALPN = 16 };
    const extension *a = client_hello_extension(one, EXTENSION_ALPN), *b = client_hello_extension(other, EXTENSION_ALPN);
    return a == NULL || b == NULL ? a != b : !bytes_equal(a->body, b->body);
}

static bool offers(arena *a, const client_hello *hello, const lack *l)
{
    switch (l->row->change) {
    case CHANGE_VERSION_RAISED:
    case CHANGE_VERSION_LOWERED:
        return any_in(l->codes, client_hello_versions(a, hello));
    case CHANGE_SUITES_ADDED:
        return any_in(l->codes, hello->cipher_suites);
    case CHANGE_GROUPS_ADDED:
        return any_in(l->codes, client_hello_groups(a, hello));
    case CHANGE_SCHEMES_ADDED:
        return any_in(l->codes, client_hello_signature_schemes(a, hello));
    case CHANGE_ALPN_REMOVED:
        return other_protocols(hello, l->hello);
    default:
        return client_hello_extension(hello, l->codes.codes[0]) != NULL;
    }
}

/* ---- the library ----------------------------------------------------------------------------------------------------------------
 */

/* Where the library has none of them: the first version that has one, the earliest of all. */
static bool library_is_too_old(const client *c, const lack *l, const char **since)
{
    *since = NULL;
    for (size_t i = 0; i < l->codes.num_codes; i++) {
        const char *one;
        if (!library_lacks(&c->library, l->row->ability, l->codes.codes[i], &one))
            return false;
        if (*since == NULL || version_compare(one, *since) < 0)
            *since = one;
    }
    return *since != NULL;
}

static const char *who(arena *a, const client *c)
{
    const char *runtime = runtime_name(c->runtime);
    return runtime != NULL ? arena_printf(a, "this %s", runtime) : c->program[0] != 0 ? c->program : "this program";
}

static why why_library(arena *a, const client *c, const lack *l, const char *since)
{
    const char *name = library_name(c->library.kind);
    return (why){.kind = WHY_LIBRARY,
                 .file = c->library.file,
                 .detail =
                     arena_printf(a, "%s uses %s %s%s, which cannot do %s: the first version that can is %s %s.", who(a, c), name,
                                  c->library.version, c->library.is_inside ? ", built into it" : "", l->name, name, since)};
}

/* ---- policy, code, default
 * -------------------------------------------------------------------------------------------------------- */

static why why_policy(arena *a, const lack *l, const setting *s)
{
    if (s->file == NULL)
        return (why){.kind = WHY_POLICY, .detail = arena_printf(a, "The variable %s (%s) forbids %s.", s->name, s->value, l->name)};
    return (why){.kind = WHY_POLICY,
                 .file = s->file,
                 .line = s->line,
                 .detail =
                     arena_printf(a, "%s = %s in %s%s%s forbids %s.", s->name, s->value, s->file,
                                  s->from == NULL ? "" : ", which the variable names: ", s->from == NULL ? "" : s->from, l->name)};
}

static why why_code(arena *a, const client *c, const lack *l, const narrowing *found)
{
    const char *suspect = narrowing_suspects(c->runtime, l->row->narrowed), *subject = who(a, c);
    why w = {.kind = WHY_CODE, .file = found->file, .line = found->line};
    if (l->row->change == CHANGE_ALPN_REMOVED)
        w.detail = arena_printf(a, "%s asks for those protocols by itself%s%s.", subject, found->text == NULL ? "" : ": ",
                                found->text == NULL ? "" : found->text);
    else if (l->row->change == CHANGE_NAME_ADDED)
        w.detail = arena_printf(a, "By default %s sends a server name; this program does not%s%s.", subject,
                                suspect == NULL ? "" : ": look for ", suspect == NULL ? "" : suspect);
    else if (found->text != NULL)
        w.detail = arena_printf(a, "By default %s offers %s; the program itself takes it away: %s.", subject, l->name, found->text);
    else
        w.detail = arena_printf(a, "By default %s offers %s; the program's own code takes it away%s%s.", subject, l->name,
                                suspect == NULL ? "" : ": look for ", suspect == NULL ? "" : suspect);
    return w;
}

static why why_default(arena *a, const client *c, const lack *l)
{
    const char *library = client_library_text(a, c);
    return (why){.kind = WHY_DEFAULT,
                 .detail = arena_printf(a, "%s does not offer %s by default%s%s.", who(a, c), l->name,
                                        library == NULL ? "" : ", although it may well be able to: it uses ",
                                        library == NULL ? "" : library)};
}

/* Where the runtime cannot be asked: an argument or line that narrows it says enough; else a setting on that topic. */
static why why_without_asking(arena *a, const client *c, const lack *l, const narrowing *found, const setting *s)
{
    if (found->text != NULL)
        return why_code(a, c, l, found);
    bool excludes = s != NULL && strstr(s->value, l->name) != NULL;
    if (c->library.kind == LIBRARY_JSSE && l->row->ability == ABILITY_VERSION && s != NULL)
        excludes = excludes || strstr(s->value, "TLSv1") != NULL;
    return excludes ? why_policy(a, l, s) : (why){.kind = WHY_UNKNOWN};
}

why why_find(arena *a, const verdict *v, const evidence *e, const client *c)
{
    lack l;
    const char *since;
    client_hello usual, free_of_policy;
    if (c == NULL || !find_lack(a, v, e, &l))
        return (why){.kind = WHY_UNKNOWN};
    if (library_is_too_old(c, &l, &since))
        return why_library(a, c, &l, since);
    narrowing found = narrowing_find(a, c, l.row->narrowed);
    setting_list settings = client_settings(a, c);
    const setting *s = setting_on(&settings, l.row->topic);
    if (!default_hello_capture(a, c, SURROUNDINGS_AS_THEY_ARE, &usual))
        return why_without_asking(a, c, &l, &found, s);
    if (offers(a, &usual, &l))
        return why_code(a, c, &l, &found);
    bool is_policy = default_hello_capture(a, c, SURROUNDINGS_WITHOUT_POLICY, &free_of_policy) && offers(a, &free_of_policy, &l);
    if (is_policy && s != NULL)
        return why_policy(a, &l, s);
    if (is_policy)
        return (why){.kind = WHY_POLICY,
                     .file = settings.file,
                     .detail = arena_printf(a, "A configuration file or variable outside the program forbids %s.", l.name)};
    return why_default(a, c, &l);
}
