/* Arguments, as they may be shown: what looks like a secret is hidden. Rather a word too many than one too few. */
#include "report/report.h"

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

/* Options whose next word, or what follows their '=', is a secret. */
static const char *const secret_options[] = {
    "-u",
    "--user",
    "--proxy-user",
    "-U",
    "--password",
    "--passwd",
    "--pass",
    "--passphrase",
    "--http-password",
    "--proxy-password",
    "--oauth2-bearer",
    "--token",
    "--api-key",
    "--apikey",
    "--secret",
    "--ftp-password",
    "-pass",
    "-password",
    "-passin",
    "-passout",
    "-storepass",
    "-keypass",
    "--proxy-pass",
    "--aws-sigv4",
    "--psk",
    "-psk",
    "--pskkey",
    "--tlspassword",
    "--cookie",
};

/* Short options that are a secret's for one program, and something else for others: from the manual page of each. */
static const struct {
    const char *program; /* or what its name begins with */
    const char *option;
    bool is_attached_only; /* "-psecret"; "-p" alone asks for it */
} program_secrets[] = {
    {"mysql", "-p", true},       {"mariadb", "-p", true},        {"ldap", "-w", false},       {"redis-cli", "-a", false},
    {"valkey-cli", "-a", false}, {"sshpass", "-p", false},       {"mosquitto_", "-P", false}, {"mongo", "-p", false},
    {"sqlcmd", "-P", false},     {"rabbitmqadmin", "-p", false}, {"swaks", "-ap", false},     {"xfreerdp", "/p:", true},
};

/* Names after which '=' or ':' and a secret follow: in a header, a query, a variable, a literal. Also as the end of a longer name.
 */
static const char *const secret_names[] = {
    "authorization", "cookie",     "password",      "passwd",    "passphrase", "sshpass",    "pwd",
    "secret",        "token",      "api_key",       "apikey",    "api-key",    "access_key", "access-key",
    "secret_key",    "secret-key", "client_secret", "signature", "sig",        "?key",       "&key",
};
static const char *const schemes[] = {"bearer ", "basic "}; /* of an Authorization, wherever it stands (RFC 7617, RFC 6750) */
enum { SCHEME_SECRET_LEN_MIN = 8 };                         /* what is shorter is rather a word of prose */

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool is_among(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

static bool is_quote(char c)
{
    return c == '\'' || c == '"';
}

/* A value from `at` on: what its quotes hold, or else all before one of `ends`. */
static secret value_at(const char *text, size_t at, const char *ends)
{
    if (is_quote(text[at]))
        return (secret){at + 1, strcspn(text + at + 1, text[at] == '"' ? "\"" : "'")};
    return (secret){at, strcspn(text + at, ends)};
}

/* "-u me:pw", "--password=pw", "-ume:pw". `whole`: the text is one argument from its first byte on, so that blanks do not end it.
 */
static secret secret_of_option(const char *text, bool whole)
{
    size_t len = strcspn(text, BLANKS "='\"");
    for (size_t i = 0; text[0] == '-' && i < COUNT(secret_options); i++) {
        size_t option_len = strlen(secret_options[i]);
        if (strncmp(text, secret_options[i], option_len) != 0)
            continue;
        if (option_len == len && text[len] == '=')
            return whole ? (secret){len + 1, strlen(text + len + 1)} : value_at(text, len + 1, BLANKS);
        if (option_len == len && text[len] != '\0')
            return value_at(text, len + strspn(text + len, BLANKS), BLANKS);
        if (option_len == 2 && option_len < len && memchr(text, ':', len) != NULL)
            return (secret){option_len, len - option_len};
    }
    return (secret){0};
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

/* "token=x", "password: x", "'secret': 'x'". */
static secret secret_of_name(const char *text)
{
    for (size_t i = 0; i < COUNT(secret_names); i++) {
        size_t at = strlen(secret_names[i]);
        if (strncasecmp(text, secret_names[i], at) != 0)
            continue;
        at += is_quote(text[at]) ? 1 : 0;
        at += strspn(text + at, " \t");
        char separator = text[at];
        if (separator != '=' && separator != ':')
            continue;
        at += 1 + strspn(text + at + 1, " \t");
        return value_at(text, at, separator == ':' ? "\r\n'\"" : "&;,)'\"" BLANKS);
    }
    return (secret){0};
}

static secret secret_of_scheme(const char *text)
{
    for (size_t i = 0; i < COUNT(schemes); i++) {
        secret found =
            strncasecmp(text, schemes[i], strlen(schemes[i])) == 0 ? value_at(text, strlen(schemes[i]), "'\"" BLANKS) : (secret){0};
        if (found.hide >= SCHEME_SECRET_LEN_MIN)
            return found;
    }
    return (secret){0};
}

/* The first kind that finds something here. `before`: the byte before, 0 at the start. */
static secret secret_here(const char *text, char before)
{
    bool word_begins = before == '\0' || is_quote(before) || strchr(BLANKS ";|&(=", before) != NULL;
    secret found = word_begins ? secret_of_option(text, before == '\0') : (secret){0};
    if (found.hide == 0)
        found = secret_of_url(text);
    if (found.hide == 0)
        found = secret_of_name(text);
    if (found.hide == 0 && !isalnum((unsigned char)before))
        found = secret_of_scheme(text);
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

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* The row of the program that an argument is for: the nearest before it that has one, as in "env A=b mysql ...". COUNT: none. */
static size_t program_row(const char *const *argv, size_t at)
{
    while (at-- > 0)
        for (size_t i = 0; i < COUNT(program_secrets); i++)
            if (strncmp(file_name(argv[at]), program_secrets[i].program, strlen(program_secrets[i].program)) == 0)
                return i;
    return COUNT(program_secrets);
}

char *command_argument_for_display(arena *a, const char *const *argv, size_t at)
{
    const char *previous = at == 0 ? NULL : argv[at - 1];
    size_t row = program_row(argv, at);
    if (row == COUNT(program_secrets))
        return argument_for_display(a, argv[at], previous);
    const char *option = program_secrets[row].option;
    size_t len = strlen(option);
    if (!program_secrets[row].is_attached_only && strcmp(previous, option) == 0)
        return arena_printf(a, "%s", HIDDEN);
    if (strncmp(argv[at], option, len) == 0 && argv[at][len] != '\0')
        return arena_printf(a, "%s%s", option, HIDDEN);
    return argument_for_display(a, argv[at], previous);
}

char *argument_for_display(arena *a, const char *argument, const char *previous)
{
    if (previous != NULL && is_among(previous, secret_options, COUNT(secret_options)))
        return arena_printf(a, "%s", HIDDEN);
    if (previous != NULL && strcmp(previous, "-b") == 0 && strchr(argument, '=') != NULL)
        return arena_printf(a, "%s", HIDDEN); /* curl's cookies; without '=' it is a file */
    const char *read = bytes_to_text(a, bytes_slice(bytes_from_text(argument), 0, ARGUMENT_READ_MAX));
    return text_escape(a, bytes_from_text(with_secrets_hidden(a, without_userinfo(a, read))), ARGUMENT_SHOWN_MAX);
}
