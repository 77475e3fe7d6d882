/* Arguments, as they may be shown: what looks like a secret is hidden. Rather a word too many than one too few. */
#include "report/report.h"

#include "report/secret_names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define ARGUMENT_SHOWN_MAX ((size_t)400)
#define ARGUMENT_READ_MAX ((size_t)16 * 1024)
#define HIDDEN "***"
#define BLANKS " \t\r\n"

/* At some place of a text: `keep` bytes may be shown, the `hide` bytes after them may not. Nothing to hide: all is 0. */
typedef struct secret {
    size_t keep, hide;
} secret;

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool is_among(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

static bool ends_with_one_of(const char *word, size_t len, const char *const *ends, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t end_len = strlen(ends[i]);
        if (len >= end_len && strncasecmp(word + len - end_len, ends[i], end_len) == 0)
            return true;
    }
    return false;
}

static bool is_quote(char c)
{
    return c == '\'' || c == '"' || c == '`';
}

static bool is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* ---- values ------------------------------------------------------------------------------------------------------- */

/* Of what a bracket at the text's beginning holds: up to the one that closes it. */
static size_t bracketed_len(const char *text)
{
    size_t depth = 0, at = 0;
    for (char quote = '\0'; text[at] != '\0'; at++) {
        char c = text[at];
        if (quote != '\0' && c == '\\' && text[at + 1] != '\0')
            at++;
        else if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (is_quote(c))
            quote = c;
        else if (strchr("([{", c) != NULL)
            depth++;
        else if (strchr(")]}", c) != NULL && --depth == 0)
            break;
    }
    return at == 0 ? 0 : at - 1;
}

/* A value from `at` on: what its quotes or brackets hold (`Basic('me', 'pw')`, `f"..."`), or else all before one of `ends`. */
static secret value_at(const char *text, size_t at, const char *ends)
{
    size_t word = at;
    while (is_of_word(text[word]) || text[word] == '.')
        word++;
    if (is_quote(text[word]) && word - at <= 2)
        return (secret){word + 1, strcspn(text + word + 1, (char[]){text[word], '\0'})};
    if (text[word] == '(' || (word == at && (text[at] == '[' || text[at] == '{')))
        return (secret){word + 1, bracketed_len(text + word)};
    return (secret){at, strcspn(text + at, ends)};
}

/* ---- options ------------------------------------------------------------------------------------------------------ */

static bool is_secret_option(const char *word, size_t len)
{
    for (size_t i = 0; i < COUNT(secret_options); i++)
        if (strlen(secret_options[i]) == len && strncmp(word, secret_options[i], len) == 0)
            return true;
    return word[0] == '-' && ends_with_one_of(word, len, secret_option_ends, COUNT(secret_option_ends));
}

/* "-u me:pw", "--password=pw", "-ume:pw". `whole`: the text is one argument from its first byte on, so that blanks do not end it.
 */
static secret secret_of_option(const char *text, bool whole)
{
    size_t len = strcspn(text, BLANKS "='\"");
    if (text[0] != '-')
        return (secret){0};
    if (is_secret_option(text, len)) {
        if (text[len] == '=')
            return whole ? (secret){len + 1, strlen(text + len + 1)} : value_at(text, len + 1, BLANKS);
        return text[len] == '\0' ? (secret){0} : value_at(text, len + strspn(text + len, BLANKS), BLANKS);
    }
    bool is_attached = (text[1] == 'u' || text[1] == 'U') && len > 2 && memchr(text, ':', len) != NULL;
    return is_attached ? (secret){2, len - 2} : (secret){0};
}

/* "://user:password@": up to the last '@' before the authority ends. */
static secret secret_of_url(const char *text)
{
    if (strncmp(text, "://", 3) != 0)
        return (secret){0};
    bytes_view authority = bytes_from(text + 3, strcspn(text + 3, "/?#'\"" BLANKS));
    const char *at = memrchr(authority.data, '@', authority.len);
    return at == NULL ? (secret){0} : (secret){3, (size_t)(at - text) - 3};
}

/* ---- names -------------------------------------------------------------------------------------------------------- */

/* What follows a name whose end is at `at`: "=x", ": x", "' => 'x'", "'] = 'x'", "', 'x'". */
static secret value_of_name(const char *text, size_t at)
{
    at += is_quote(text[at]) ? 1 : 0;
    at += text[at] == ']' ? 1 : 0;
    at += strspn(text + at, " \t");
    char separator = text[at];
    if (separator == '\0' || strchr("=:,", separator) == NULL)
        return (secret){0};
    at += strspn(text + at, separator == '=' ? "=>" : (char[]){separator, '=', '\0'});
    at += strspn(text + at, " \t");
    if (separator == ',' && !is_quote(text[at]))
        return (secret){0};
    return value_at(text, at, separator == ':' ? "\r\n'\"`" : "&;,)'\"`" BLANKS);
}

/* "token=x", "password: x", "'secret': 'x'". */
static secret secret_of_name(const char *text, char before)
{
    for (size_t i = 0; i < COUNT(secret_names) + COUNT(short_secret_names); i++) {
        bool is_short = i >= COUNT(secret_names);
        const char *name = is_short ? short_secret_names[i - COUNT(secret_names)] : secret_names[i];
        if ((is_short && isalnum((unsigned char)before)) || strncasecmp(text, name, strlen(name)) != 0)
            continue;
        secret found = value_of_name(text, strlen(name));
        if (found.hide > 0)
            return found;
    }
    return (secret){0};
}

/* "login('me', 'pw')", and "basic_auth 'me', 'pw'" of Ruby: all that it is called with. */
static secret secret_of_function(const char *text)
{
    for (size_t i = 0; i < COUNT(secret_functions); i++) {
        size_t at = strlen(secret_functions[i]);
        if (strncasecmp(text, secret_functions[i], at) != 0)
            continue;
        if (text[at] == '(')
            return (secret){at + 1, bracketed_len(text + at)};
        size_t blanks = strspn(text + at, " ");
        if (blanks > 0 && is_quote(text[at + blanks]))
            return (secret){at + blanks, strcspn(text + at + blanks, ";\r\n")};
    }
    return (secret){0};
}

static secret secret_of_scheme(const char *text)
{
    for (size_t i = 0; i < COUNT(secret_schemes); i++) {
        size_t len = strlen(secret_schemes[i]);
        secret found = strncasecmp(text, secret_schemes[i], len) == 0 ? value_at(text, len, "'\"`" BLANKS) : (secret){0};
        if (found.hide >= SCHEME_SECRET_LEN_MIN)
            return found;
    }
    return (secret){0};
}

static secret secret_of_token(const char *text)
{
    for (size_t i = 0; i < COUNT(token_beginnings); i++) {
        size_t len = strlen(token_beginnings[i]), rest;
        if (strncmp(text, token_beginnings[i], len) != 0)
            continue;
        rest = strcspn(text + len, "'\"`&;,)" BLANKS);
        if (rest >= TOKEN_LEN_MIN)
            return (secret){len, rest};
    }
    return (secret){0};
}

/* ---- options of one program ---------------------------------------------------------------------------------------- */

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static bool is_program(const char *word, const program_secret *row)
{
    return strncmp(file_name(word), row->program, strlen(row->program)) == 0;
}

/* Whether the option is what the row says, by the words before it: as in "env A=b mysql -px". */
static bool is_for(const char *const *words, size_t num_words, const program_secret *row)
{
    bool has_verb = row->verb == NULL;
    while (num_words-- > 0) {
        if (is_program(words[num_words], row))
            return has_verb;
        has_verb = has_verb || strcmp(words[num_words], row->verb) == 0;
    }
    return false;
}

static bool is_one_of_following(const char *const *words, size_t num_words, const following_secrets *row)
{
    for (size_t i = 1; i <= row->num && i <= num_words; i++)
        if (strncmp(words[num_words - i], row->word, strlen(row->word)) == 0)
            return is_for(words, num_words - i, &(program_secret){.program = row->program});
    return false;
}

/* The value of a setting whose name says what it is. */
static bool is_secret_setting(const char *const *words, size_t num_words)
{
    const char *name = words[num_words - 1];
    bool is_kept = false;
    for (size_t i = 0; i + 1 < num_words; i++)
        is_kept = is_kept || is_among(words[i], setting_verbs, COUNT(setting_verbs));
    return is_kept && strchr(name, '=') == NULL &&
           (ends_with_one_of(name, strlen(name), secret_option_ends, COUNT(secret_option_ends)) ||
            ends_with_one_of(name, strlen(name), secret_names, COUNT(secret_names)));
}

/* Whether the whole word after these is a secret. */
static bool is_next_secret(const char *const *words, size_t num_words)
{
    for (size_t i = 0; i < COUNT(following_rows); i++)
        if (is_one_of_following(words, num_words, &following_rows[i]))
            return true;
    if (num_words > 0 && is_secret_setting(words, num_words))
        return true;
    for (size_t i = 0; num_words > 0 && i < COUNT(program_secrets); i++) {
        const program_secret *row = &program_secrets[i];
        if (!row->is_attached_only && strcmp(words[num_words - 1], row->option) == 0 && is_for(words, num_words, row))
            return true;
    }
    return false;
}

/* "user/password@service": how much is before the password; 0 where it is none. */
static size_t len_before_login(const char *word, const char *const *words, size_t num_words)
{
    const char *name = strncasecmp(word, "userid=", 7) == 0 ? word + 7 : word;
    size_t len = strcspn(name, "/@=-");
    bool is_login = len > 0 && name[len] == '/';
    for (size_t i = 0; is_login && i < num_words; i++)
        if (is_among(file_name(words[i]), login_programs, COUNT(login_programs)))
            return (size_t)(name - word) + len + 1;
    return 0;
}

/* How many bytes of that word may be shown, the rest being a secret; 0: none is. */
static size_t kept_before_secret(const char *word, const char *const *words, size_t num_words)
{
    for (size_t i = 0; i < COUNT(program_secrets); i++) {
        const program_secret *row = &program_secrets[i];
        size_t len = strlen(row->option);
        bool is_option = strchr("-/", row->option[0]) != NULL && strncmp(word, row->option, len) == 0 && word[len] != '\0';
        if (is_option && is_for(words, num_words, row))
            return len;
    }
    const char *colon = strchr(word, ':');
    if (num_words > 0 && colon != NULL && is_among(words[num_words - 1], certificate_options, COUNT(certificate_options)))
        return (size_t)(colon - word) + 1;
    return len_before_login(word, words, num_words);
}

/* "env NAME=a value" in one argument: all behind the sign, blanks or not. */
static size_t len_before_variable(const char *const *argv, size_t at)
{
    size_t first = at, name_len = strcspn(argv[at], "=");
    while (first > 0 && (argv[first - 1][0] == '-' || strchr(argv[first - 1], '=') != NULL))
        first--;
    bool is_variable = first > 0 && strcmp(file_name(argv[first - 1]), "env") == 0 && argv[at][name_len] == '=';
    return is_variable && ends_with_one_of(argv[at], name_len, secret_names, COUNT(secret_names)) ? name_len + 1 : 0;
}

/* curl takes several letters at once: "-sSu me:pw", "-bname=value". */
static bool is_bundle_for_user(const char *word)
{
    size_t len = strlen(word);
    return len > 2 && word[0] == '-' &&
           strspn(word + 1, "#0123456abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == len - 1 &&
           (word[len - 1] == 'u' || word[len - 1] == 'U');
}

/* ---- a text -------------------------------------------------------------------------------------------------------- */

/* The first kind that finds something here. `before`: the byte before, 0 at the start. */
static secret secret_here(const char *text, char before)
{
    bool word_begins = before == '\0' || is_quote(before) || strchr(BLANKS ";|&(=", before) != NULL;
    secret found = word_begins ? secret_of_option(text, before == '\0') : (secret){0};
    if (found.hide == 0)
        found = secret_of_url(text);
    if (found.hide == 0)
        found = secret_of_name(text, before);
    if (found.hide == 0)
        found = secret_of_function(text);
    if (found.hide == 0 && !isalnum((unsigned char)before))
        found = secret_of_scheme(text);
    if (found.hide == 0 && !is_of_word(before))
        found = secret_of_token(text);
    return found;
}

/* "user:password@host" without a scheme, as curl and proxies take it. */
static const char *without_userinfo(arena *a, const char *text)
{
    size_t user = strcspn(text, ":@/?#'\"" BLANKS);
    const char *at = strrchr(text, '@');
    bool is_one = text[user] == ':' && at != NULL && (size_t)(at - text) > user && strncmp(text + user, "://", 3) != 0 &&
                  text[strcspn(text, BLANKS "'\"")] == '\0';
    return is_one ? arena_printf(a, "%s%s", HIDDEN, at) : text;
}

static const char *with_secrets_hidden(arena *a, const char *text)
{
    buffer shown;
    buffer_init(&shown, ARGUMENT_READ_MAX * 4);
    bool fits = true;
    for (char before = '\0'; *text != '\0' && fits; before = text[-1]) {
        secret found = secret_here(text, before);
        size_t keep = found.hide == 0 ? 1 : found.keep;
        fits = buffer_append(&shown, text, keep);
        if (fits && found.hide > 0)
            fits = buffer_append(&shown, HIDDEN, strlen(HIDDEN));
        text += keep + found.hide;
    }
    const char *result = bytes_to_text(a, buffer_view(&shown));
    buffer_free(&shown);
    return result;
}

/* A script's commands in one argument, as in sh -c "mysql -px": word by word. */
static const char *without_program_secrets(arena *a, const char *text)
{
    enum { WORDS_MAX = 64 };
    const char *words[WORDS_MAX];
    size_t num_words = 0;
    const char *shown = "";
    while (*text != '\0') {
        size_t blanks = strspn(text, BLANKS ";|&()"), len = strcspn(text + blanks, BLANKS ";|&()");
        if (strcspn(text, ";|&()\n") < blanks)
            num_words = 0; /* another command */
        const char *word = arena_printf(a, "%.*s", (int)len, text + blanks);
        size_t keep = kept_before_secret(word, words, num_words);
        bool is_whole = len > 0 && is_next_secret(words, num_words);
        int shown_len = is_whole ? 0 : (int)(keep > 0 ? keep : len);
        shown = arena_printf(a, "%s%.*s%.*s%s", shown, (int)blanks, text, shown_len, word, is_whole || keep > 0 ? HIDDEN : "");
        num_words -= num_words == WORDS_MAX ? 1 : 0;
        words[num_words++] = word;
        text += blanks + len;
    }
    return arena_printf(a, "%s%s", shown, text);
}

char *command_argument_for_display(arena *a, const char *const *argv, size_t at)
{
    const char *previous = at == 0 ? NULL : argv[at - 1];
    static const program_secret curl = {.program = "curl"};
    bool is_curl = is_for(argv, at, &curl);
    size_t keep = kept_before_secret(argv[at], argv, at);
    if (is_next_secret(argv, at) || (is_curl && is_bundle_for_user(previous)))
        return arena_printf(a, "%s", HIDDEN);
    if (is_curl && strncmp(argv[at], "-b", 2) == 0 && strchr(argv[at], '=') != NULL)
        keep = 2;
    keep = keep > 0 ? keep : len_before_variable(argv, at);
    if (keep > 0)
        return arena_printf(a, "%.*s%s", (int)keep, argv[at], HIDDEN);
    return argument_for_display(a, argv[at], previous);
}

char *argument_for_display(arena *a, const char *argument, const char *previous)
{
    if (previous != NULL && is_secret_option(previous, strlen(previous)) && argument[0] != '\0')
        return arena_printf(a, "%s", HIDDEN);
    if (previous != NULL && strcmp(previous, "-b") == 0 && strchr(argument, '=') != NULL)
        return arena_printf(a, "%s", HIDDEN); /* curl's cookies; without '=' it is a file */
    const char *read = bytes_to_text(a, bytes_slice(bytes_from_text(argument), 0, ARGUMENT_READ_MAX));
    read = without_program_secrets(a, without_userinfo(a, read));
    return text_escape(a, bytes_from_text(with_secrets_hidden(a, read)), ARGUMENT_SHOWN_MAX);
}
