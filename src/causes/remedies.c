#include "causes/remedies.h"

#include "causes/weak.h"
#include "client/capability.h"
#include "client/openssl_list.h"
#include "client/runtime_version.h"
#include "registry/dialect.h"

#include <string.h>

/* ---- selectors ----------------------------------------------------------------------------------------------------------------
 */

static bytes_view trimmed(bytes_view v)
{
    while (v.len > 0 && bytes_at(v, 0) == ' ')
        v = bytes_slice(v, 1, v.len);
    while (v.len > 0 && bytes_at(v, v.len - 1) == ' ')
        v = bytes_slice(v, 0, v.len - 1);
    return v;
}

typedef struct condition {
    bytes_view subject, operator, value; /* "python", ">=", "3.7"; the last two empty where there are none */
} condition;

static condition condition_read(bytes_view text)
{
    static const char *const operators[] = {">=", "<=", "==", "<", ">"};
    static const char version[] = "version ";
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t at = bytes_find(text, operators[i], 0), len = strlen(operators[i]);
        if (at < text.len)
            return (condition){.subject = trimmed(bytes_slice(text, 0, at)),
                               .operator= bytes_from_text(operators[i]),
                               .value = trimmed(bytes_slice(text, at + len, text.len))};
    }
    if (bytes_start_with(text, version)) /* "version 1.3" */
        return (condition){.subject = bytes_slice(text, 0, sizeof version - 2),
                           .operator= bytes_from_text("=="),
                           .value = trimmed(bytes_slice(text, sizeof version - 1, text.len))};
    return (condition){.subject = trimmed(text), .operator= bytes_from(NULL, 0), .value = bytes_from(NULL, 0)};
}

static bool compares(arena *a, const char *version, const condition *c)
{
    if (c->operator.len == 0 || version == NULL)
        return true;
    int order = version_compare(version, bytes_to_text(a, c->value));
    bool or_equal = bytes_at(c->operator, 1) == '=';
    switch (bytes_at(c->operator, 0)) {
    case '<':
        return order < 0 || (or_equal && order == 0);
    case '>':
        return order > 0 || (or_equal && order == 0);
    default:
        return order == 0;
    }
}

static const char *base_name_of(const char *path)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool is_library(bytes_view name, enum library_kind *kind)
{
    for (int k = LIBRARY_OPENSSL; k <= LIBRARY_RUSTLS; k++)
        if (bytes_equal(name, bytes_from_text(library_name((enum library_kind)k)))) {
            *kind = (enum library_kind)k;
            return true;
        }
    return false;
}

static bool ability_of(const change *c, enum ability *what)
{
    switch (c->kind) {
    case CHANGE_VERSION_RAISED:
    case CHANGE_VERSION_LOWERED:
        *what = ABILITY_VERSION;
        return true;
    case CHANGE_SUITES_ADDED:
        *what = ABILITY_CIPHER;
        return true;
    case CHANGE_GROUPS_ADDED:
        *what = ABILITY_GROUP;
        return true;
    case CHANGE_SCHEMES_ADDED:
        *what = ABILITY_SCHEME;
        return true;
    default:
        return false;
    }
}

/* Whether the library surely lacks all that would do; `is_for_good`: and no version of it has any. */
static bool lacks_all(const remedy_subject *s, bool *is_for_good)
{
    const client *c = s->evidence->client;
    enum ability what;
    const char *since;
    *is_for_good = true;
    if (c == NULL || s->change == NULL || !ability_of(s->change, &what))
        return false;
    code_list one = {.codes = &(uint16_t){s->change->code}, .num_codes = 1};
    code_list wanted = what == ABILITY_VERSION ? one : s->change->codes;
    for (size_t i = 0; i < wanted.num_codes; i++) {
        if (!library_lacks(&c->library, what, wanted.codes[i], &since))
            return false;
        *is_for_good = *is_for_good && since == NULL;
    }
    return wanted.num_codes > 0;
}

static bool is_unable(const remedy_subject *s)
{
    bool is_for_good;
    return lacks_all(s, &is_for_good);
}

static bool is_never_able(const remedy_subject *s)
{
    bool is_for_good;
    return lacks_all(s, &is_for_good) && is_for_good;
}

static bool text_has(const remedy_subject *s, bytes_view word)
{
    const evidence *e = s->evidence;
    const struct process_snapshot *p = e->process;
    const char *const *argv = p != NULL && p->argv != NULL ? p->argv : e->argv;
    arena *a = arena_new();
    const char *text = bytes_to_text(a, word);
    bool has = e->program_text != NULL && strstr(e->program_text, text) != NULL;
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL && !has; i++)
        has = strstr(argv[i], text) != NULL;
    arena_free(a);
    return has;
}

/* One of its arguments is that program: "-m pip", "/usr/bin/npm". */
static bool runs(const remedy_subject *s, bytes_view name)
{
    const struct process_snapshot *p = s->evidence->process;
    const char *const *argv = p != NULL && p->argv != NULL ? p->argv : s->evidence->argv;
    for (size_t i = 0; argv != NULL && argv[i] != NULL; i++)
        if (bytes_equal(bytes_from_text(base_name_of(argv[i])), name))
            return true;
    return false;
}

static enum protocol protocol_spoken(const evidence *e)
{
    static const struct {
        uint16_t port;
        enum protocol protocol;
    } ports[] = {{25, PROTOCOL_SMTP},  {465, PROTOCOL_SMTP},        {587, PROTOCOL_SMTP},  {143, PROTOCOL_IMAP},
                 {993, PROTOCOL_IMAP}, {110, PROTOCOL_POP3},        {995, PROTOCOL_POP3},  {389, PROTOCOL_LDAP},
                 {636, PROTOCOL_LDAP}, {5432, PROTOCOL_POSTGRESQL}, {3306, PROTOCOL_MYSQL}};
    const conversation *c = e->failed;
    if (c != NULL && c->preamble.protocol != PROTOCOL_UNKNOWN && c->preamble.protocol != PROTOCOL_TLS)
        return c->preamble.protocol;
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        if (ports[i].port == e->port)
            return ports[i].protocol;
    return PROTOCOL_HTTP;
}

static bool speaks(const remedy_subject *s, bytes_view name)
{
    return bytes_equal(name, bytes_from_text(protocol_name(protocol_spoken(s->evidence))));
}

static bool is_on_extension(arena *a, const remedy_subject *s, bytes_view name)
{
    const change *c = s->change;
    return c != NULL && c->kind == CHANGE_EXTENSIONS_REMOVED && c->codes.num_codes == 1 &&
           bytes_equal(bytes_from_text(extension_name(a, c->codes.codes[0])), name);
}

static bool program_is(arena *a, const remedy_subject *s, const condition *c)
{
    const char *program = base_name_of(s->evidence->exe);
    if (program == NULL || !bytes_start_with(bytes_from_text(program), bytes_to_text(a, c->subject)))
        return false;
    return compares(a, s->evidence->client == NULL ? NULL : client_runtime_version(a, s->evidence->client), c);
}

static const char not_word[] = "not ", why_word[] = "why ";

/* Which kinds of why a condition leaves: all of them where it is on something else. */
static unsigned kinds_left_by(bytes_view one)
{
    const unsigned all = (1U << NUM_WHY_KINDS) - 1;
    unsigned named = 0;
    bool is_turned = bytes_start_with(one, not_word);
    bytes_view text = is_turned ? bytes_slice(one, sizeof not_word - 1, one.len) : one;
    if (!bytes_start_with(text, why_word))
        return all;
    for (int k = 0; k < NUM_WHY_KINDS; k++)
        named |= bytes_find(text, why_kind_name((enum why_kind)k), 0) < text.len ? 1U << k : 0;
    return is_turned ? all & ~named : named;
}

/* 0: it does not matter. */
static unsigned only_for(const remedy_row *row)
{
    const unsigned all = (1U << NUM_WHY_KINDS) - 1;
    unsigned left = all;
    for (bytes_view rest = bytes_from_text(row->program == NULL ? "" : row->program); rest.len > 0;) {
        bytes_view one = bytes_until(rest, ',');
        left &= kinds_left_by(trimmed(one));
        rest = bytes_slice(rest, one.len + 1, rest.len);
    }
    return left == all ? 0 : left;
}

static bool plain_condition_holds(arena *a, const remedy_subject *s, bytes_view text)
{
    static const char runs_word[] = "runs ", uses[] = "uses ", speaks_word[] = "speaks ", extension_word[] = "extension ";
    condition c = condition_read(text);
    const client *who = s->evidence->client;
    enum library_kind kind;
    if (bytes_equal(c.subject, bytes_from_text("able")))
        return !is_unable(s);
    if (bytes_equal(c.subject, bytes_from_text("unable")))
        return is_unable(s) && !is_never_able(s);
    if (bytes_equal(c.subject, bytes_from_text("never")))
        return is_never_able(s);
    if (bytes_equal(c.subject, bytes_from_text("version")))
        return s->change != NULL && compares(a, dialect_version(a, DIALECT_NUMBER, s->change->code), &c);
    if (bytes_start_with(c.subject, runs_word))
        return runs(s, bytes_slice(c.subject, sizeof runs_word - 1, c.subject.len));
    if (bytes_start_with(c.subject, uses))
        return text_has(s, bytes_slice(c.subject, sizeof uses - 1, c.subject.len));
    if (bytes_start_with(c.subject, speaks_word))
        return speaks(s, bytes_slice(c.subject, sizeof speaks_word - 1, c.subject.len));
    if (bytes_start_with(c.subject, extension_word))
        return is_on_extension(a, s, bytes_slice(c.subject, sizeof extension_word - 1, c.subject.len));
    if (is_library(c.subject, &kind))
        return who != NULL && who->library.kind == kind && compares(a, who->library.version, &c);
    return program_is(a, s, &c);
}

static bool condition_holds(arena *a, const remedy_subject *s, bytes_view text)
{
    bool is_turned = bytes_start_with(text, not_word);
    bytes_view plain = is_turned ? trimmed(bytes_slice(text, sizeof not_word - 1, text.len)) : text;
    return bytes_start_with(plain, why_word) || plain_condition_holds(a, s, plain) != is_turned;
}

bool remedy_row_fits(const remedy_row *row, const remedy_subject *s, bool is_first)
{
    bool fits = true;
    if (row->program == NULL)
        return true;
    arena *a = arena_new();
    for (bytes_view rest = bytes_from_text(row->program); rest.len > 0 && fits;) {
        bytes_view one = bytes_until(rest, ',');
        fits = bytes_equal(trimmed(one), bytes_from_text("else")) ? is_first : condition_holds(a, s, trimmed(one));
        rest = bytes_slice(rest, one.len + 1, rest.len);
    }
    arena_free(a);
    return fits;
}

/* ---- places
 * ---------------------------------------------------------------------------------------------------------------------- */

static const char *code_of_change(arena *a, const change *c, enum change_kind kind, dialect_word *word, enum dialect d)
{
    return c != NULL && c->kind == kind && c->codes.num_codes > 0 ? word(a, d, c->codes.codes[0]) : NULL;
}

/* All that the client offers, and with it what was proved: the list as it would have to be set. */
static const char *list_with(arena *a, const remedy_subject *s, enum change_kind kind, dialect_word *word, enum dialect d)
{
    const conversation *failed = s->evidence->failed;
    const client_hello *hello = failed != NULL && failed->has_hello ? &failed->hello : NULL;
    if (code_of_change(a, s->change, kind, word, d) == NULL)
        return NULL;
    code_list offered = hello == NULL                 ? (code_list){.num_codes = 0}
                        : kind == CHANGE_SUITES_ADDED ? hello->cipher_suites
                        : kind == CHANGE_GROUPS_ADDED ? client_hello_groups(a, hello)
                                                      : client_hello_signature_schemes(a, hello);
    code_list all = codes_joined(a, offered, codes_one(a, s->change->codes.codes[0]));
    return dialect_list(a, d, word, all, dialect_separator(d));
}

/* Since 3.0 level 1 has no version below TLS 1.2 (CHANGES.md): who offers one is at level 0 already, and has to stay there. */
static bool is_at_level_0(const remedy_subject *s, const tls_library *library)
{
    const conversation *failed = s->evidence->failed;
    bool is_before_3 = library != NULL && library->version != NULL && version_compare(library->version, "3.0.0") < 0;
    if (is_before_3 || failed == NULL || !failed->has_hello)
        return false;
    uint16_t lowest = client_hello_version_min_stated(&failed->hello);
    return (lowest != 0 && lowest < VERSION_TLS12) || client_hello_version_max(&failed->hello) < VERSION_TLS12;
}

/* OpenSSL's default, and that suite besides; where it has less than the 112 bits of level 2, at the highest level that takes it
 * (SSL_CTX_set_security_level(3)). */
static const char *openssl_list_of(arena *a, const remedy_subject *s)
{
    const change *c = s->change;
    if (c == NULL || c->kind != CHANGE_SUITES_ADDED || c->codes.num_codes == 0)
        return NULL;
    const tls_library *library = s->evidence->client == NULL ? NULL : &s->evidence->client->library;
    const char *list = openssl_list_with(a, library, NULL, codes_one(a, c->codes.codes[0]));
    bool has_levels = library == NULL || library->version == NULL || version_compare(library->version, "1.1.0") >= 0;
    if (list == NULL || !has_levels || !suite_is_below_112_bits(c->codes.codes[0]))
        return list;
    bool is_level_0 = suite_is_below_80_bits(c->codes.codes[0]) || is_at_level_0(s, library);
    return arena_printf(a, "%s:@SECLEVEL=%d", list, is_level_0 ? 0 : 1);
}

/* OpenSSL and who is set as it is have one list for the suites of TLS 1.3, and one for all others: NULL where it is of TLS 1.3. */
static const char *older_suite(arena *a, const change *c)
{
    const char *name = code_of_change(a, c, CHANGE_SUITES_ADDED, dialect_suite, DIALECT_OPENSSL);
    return name != NULL && suites_of_tls13(a, codes_one(a, c->codes.codes[0]), false).num_codes > 0 ? name : NULL;
}

static const char *newer_list(arena *a, const change *c)
{
    bool is_on_suites = c != NULL && c->kind == CHANGE_SUITES_ADDED && c->codes.num_codes > 0;
    return is_on_suites ? openssl_tls13_list_with(a, codes_one(a, c->codes.codes[0])) : NULL;
}

static const char *version_of_change(arena *a, const change *c, enum dialect d)
{
    bool is_on_version =
        c != NULL && (c->kind == CHANGE_VERSION_RAISED || c->kind == CHANGE_VERSION_LOWERED || c->kind == CHANGE_VERSION_CAPPED);
    return is_on_version ? dialect_version(a, d, c->code) : NULL;
}

/* GnuTLS' priority string that libldap's variable has (ldap.conf(5)), with the version, and nothing else of it changed. NULL where
 * it has none, or an option counts more. */
static const char *priority_with_version(arena *a, const remedy_subject *s)
{
    const process_snapshot *p = s->evidence->process;
    const char *own = p == NULL ? NULL : process_variable(p, "LDAPTLS_CIPHER_SUITE");
    const char *version = version_of_change(a, s->change, DIALECT_GNUTLS), *list = NULL;
    for (size_t i = 0; own != NULL && p->argv != NULL && p->argv[i] != NULL; i++)
        if (strstr(p->argv[i], "TLS_CIPHER_SUITE") != NULL)
            return NULL;
    if (own == NULL || version == NULL)
        return NULL;
    char *rest, *text = bytes_to_text(a, bytes_from_text(own));
    for (char *word = strtok_r(text, ":", &rest); word != NULL; word = strtok_r(NULL, ":", &rest)) {
        bool excludes = (word[0] == '-' || word[0] == '!') && strcmp(word + 1, version) == 0;
        if (!excludes)
            list = list == NULL ? word : arena_printf(a, "%s:%s", list, word);
    }
    return list == NULL ? NULL : arena_printf(a, "%s:+%s", list, version);
}

static const char *name_to_ask_for(arena *a, const remedy_subject *s)
{
    const evidence *e = s->evidence;
    if (s->given.name != NULL)
        return s->given.name;
    if (s->change != NULL && s->change->kind == CHANGE_NAME_ADDED)
        return bytes_to_text(a, s->change->name);
    return e->num_names > 0 ? e->names[0] : NULL;
}

static const char *place_value(arena *a, const remedy_subject *s, bytes_view name, enum dialect d)
{
    static const struct {
        const char *one, *all;
        enum change_kind kind;
        dialect_word *word;
    } lists[] = {{"suite", "suites", CHANGE_SUITES_ADDED, dialect_suite},
                 {"group", "groups", CHANGE_GROUPS_ADDED, dialect_group},
                 {"scheme", "schemes", CHANGE_SCHEMES_ADDED, dialect_scheme}};
    const evidence *e = s->evidence;
    const change *c = s->change;
    if (bytes_equal(name, bytes_from_text("version")))
        return version_of_change(a, c, d);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (bytes_equal(name, bytes_from_text(lists[i].one)))
            return code_of_change(a, c, lists[i].kind, lists[i].word, d);
        if (bytes_equal(name, bytes_from_text(lists[i].all)))
            return list_with(a, s, lists[i].kind, lists[i].word, d);
    }
    if (bytes_equal(name, bytes_from_text("cipherlist")))
        return openssl_list_of(a, s);
    if (bytes_equal(name, bytes_from_text("priority")))
        return priority_with_version(a, s);
    if (bytes_equal(name, bytes_from_text("ciphersuites")))
        return newer_list(a, c);
    if (bytes_equal(name, bytes_from_text("cipher")))
        return older_suite(a, c);
    if (bytes_equal(name, bytes_from_text("extension")))
        return c != NULL && c->kind == CHANGE_EXTENSIONS_REMOVED && c->codes.num_codes > 0 ? extension_name(a, c->codes.codes[0])
                                                                                           : NULL;
    if (bytes_equal(name, bytes_from_text("host")))
        return e->host != NULL ? e->host : e->num_addresses > 0 ? e->addresses[0] : NULL;
    if (bytes_equal(name, bytes_from_text("port")))
        return e->port == 0 ? NULL : arena_printf(a, "%u", e->port);
    if (bytes_equal(name, bytes_from_text("name")))
        return name_to_ask_for(a, s);
    if (bytes_equal(name, bytes_from_text("key")))
        return s->given.key;
    return bytes_equal(name, bytes_from_text("file")) ? s->given.file : NULL;
}

/* A place is {word} or {word.dialect}; other braces are text ({}, {maxVersion: ...). */
static bool is_place(bytes_view inner)
{
    for (size_t i = 0; i < inner.len; i++)
        if (!((bytes_at(inner, i) >= 'a' && bytes_at(inner, i) <= 'z') || bytes_at(inner, i) == '.'))
            return false;
    return inner.len > 0;
}

/* A line is copied into a shell or a program, and what a server's certificate names may have been chosen for that: hosts are in the
 * letters of hosts; files in quotes have no quote in them, and without quotes nothing that a shell minds. */
static bool may_be_copied(bytes_view name, const char *value, bool is_quoted)
{
#define LETTERS_AND_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    static const char of_hosts[] = LETTERS_AND_DIGITS ".-_:", of_files[] = LETTERS_AND_DIGITS "_-+=./:,@%~";
    bool is_host = bytes_equal(name, bytes_from_text("host")) || bytes_equal(name, bytes_from_text("name"));
    bool is_file = bytes_equal(name, bytes_from_text("file")) || bytes_equal(name, bytes_from_text("key"));
    if (is_host)
        return value[0] != '-' && strspn(value, of_hosts) == strlen(value);
    if (!is_file)
        return true;
    return is_quoted ? strpbrk(value, "'\\\n\r") == NULL : strspn(value, of_files) == strlen(value);
#undef LETTERS_AND_DIGITS
}

const char *remedy_text_filled(arena *a, const char *text, const remedy_subject *s)
{
    const char *done = "";
    for (bytes_view rest = bytes_from_text(text); rest.len > 0;) {
        bytes_view before = bytes_until(rest, '{'), after = bytes_slice(rest, before.len + 1, rest.len);
        bytes_view inner = bytes_until(after, '}'), name = bytes_until(inner, '.');
        done = arena_printf(a, "%s%s", done, bytes_to_text(a, before));
        if (before.len == rest.len)
            break;
        if (!is_place(inner)) {
            done = arena_printf(a, "%s{", done);
            rest = after;
            continue;
        }
        enum dialect d = DIALECT_PEOPLE;
        bool is_known = name.len == inner.len || dialect_find(bytes_slice(inner, name.len + 1, inner.len), &d);
        const char *value = is_known ? place_value(a, s, name, d) : NULL;
        bool is_quoted = before.len > 0 && bytes_at(before, before.len - 1) == '\'';
        if (value == NULL || !may_be_copied(name, value, is_quoted))
            return NULL;
        done = arena_printf(a, "%s%s", done, value);
        rest = bytes_slice(after, inner.len + 1, after.len);
    }
    return done;
}

/* ---- rows
 * ------------------------------------------------------------------------------------------------------------------------ */

static bool names_what_was_proved(const char *command)
{
    static const char *const places[] = {"{version", "{suite", "{group", "{scheme", "{extension", "{name", "{cipher", "{priority"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strstr(command, places[i]) != NULL)
            return true;
    return false;
}

/* Whether the row does nothing but the change that was proved: then its hello has been tried. */
static bool is_the_change(const remedy_row *row, const remedy_subject *s)
{
    bool names_it = row->command != NULL && row->program != NULL &&
                    (names_what_was_proved(row->command) || strstr(row->program, "extension ") != NULL);
    return s->change_is_enough && s->change != NULL && row->who != REMEDY_SERVER && names_it && !is_unable(s);
}

static bool fill(arena *a, const remedy_row *row, const remedy_subject *s, remedy *out)
{
    const char *text = row->text == NULL ? s->given.text : remedy_text_filled(a, row->text, s);
    const char *command = row->command == NULL ? NULL : remedy_text_filled(a, row->command, s);
    if (text == NULL || (row->command != NULL && command == NULL))
        return false;
    bool is_weak = s->change != NULL && change_is_weak(s->change) && row->who != REMEDY_SERVER && !is_unable(s);
    bool is_for_shell = command != NULL && strncmp(command, "$ ", 2) == 0;
    *out = (remedy){.who = row->who, .text = text, .lowers_security = row->lowers_security};
    out->verified = out->is_verified_by_hello = is_the_change(row, s);
    out->only_for = only_for(row);
    out->command = is_for_shell ? command + 2 : NULL;
    out->line = is_for_shell ? NULL : command;
    if (is_weak && out->lowers_security == LOWERS_NONE) {
        out->lowers_security = LOWERS_THIS_CONNECTION;
        out->text = arena_printf(a, "%s It is weak: only until the server is renewed.", text);
    }
    return true;
}

size_t remedies_of_rows(arena *a, const remedy_row *rows, size_t num_rows, const remedy_subject *s, remedy *out, size_t max)
{
    size_t num = 0, num_of_client = 0;
    for (size_t i = 0; i < num_rows && num < max; i++)
        if (remedy_row_fits(&rows[i], s, num_of_client == 0) && fill(a, &rows[i], s, &out[num])) {
            num_of_client += out[num].who == REMEDY_CLIENT;
            num++;
        }
    return num;
}
