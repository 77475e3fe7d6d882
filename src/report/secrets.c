/* Arguments, as they may be shown: what looks like a secret is hidden. */
#include "report/report.h"

#include <string.h>
#include <strings.h>

#define ARGUMENT_SHOWN_MAX ((size_t)400)
#define HIDDEN "***"

/* Options whose next word, or what follows their '=', is a secret. */
static const char *const secret_options[] = {
    "-u",
    "--user",
    "--proxy-user",
    "-U",
    "--password",
    "--passwd",
    "--pass",
    "--http-password",
    "--proxy-password",
    "--oauth2-bearer",
    "--token",
    "--api-key",
    "--apikey",
    "--secret",
    "--ftp-password",
    "-pass",
    "--proxy-pass",
    "--aws-sigv4",
    "--psk",
    "-psk",
    "--pskkey",
    "--tlspassword",
};
/* What a word may hold besides: "Authorization: ...", "token=...", "password=...". */
static const char *const secret_words[] = {
    "authorization:", "cookie:",  "x-api-key:", "x-auth-token:", "token=",     "password=", "passwd=",       "pwd=",
    "secret=",        "api_key=", "apikey=",    "access_key=",   "signature=", "sig=",      "access_token=", "client_secret="};

static bool is_secret_option(const char *word)
{
    for (size_t i = 0; i < sizeof secret_options / sizeof *secret_options; i++)
        if (strcmp(word, secret_options[i]) == 0)
            return true;
    return false;
}

/* "--password=x" to "--password=***"; NULL where it is no such option. */
static const char *option_with_value_hidden(arena *a, const char *word)
{
    const char *equals = strchr(word, '=');
    if (equals == NULL || word[0] != '-')
        return NULL;
    const char *option = bytes_to_text(a, bytes_from(word, (size_t)(equals - word)));
    return is_secret_option(option) ? arena_printf(a, "%s=%s", option, HIDDEN) : NULL;
}

/* The user and password of a URL, before its host, go. */
static const char *url_without_userinfo(arena *a, const char *word)
{
    const char *scheme = strstr(word, "://");
    if (scheme == NULL)
        return word;
    const char *authority = scheme + 3, *at = strchr(authority, '@');
    size_t authority_len = strcspn(authority, "/?# \"'");
    if (at == NULL || (size_t)(at - authority) >= authority_len)
        return word;
    return arena_printf(a, "%s%s%s", bytes_to_text(a, bytes_from(word, (size_t)(authority - word))), HIDDEN, at);
}

/* Everything from a telling word to the end of its value. */
static const char *hide_after_words(arena *a, const char *word)
{
    for (size_t i = 0; i < sizeof secret_words / sizeof *secret_words; i++) {
        const char *found = strcasestr(word, secret_words[i]);
        if (found == NULL)
            continue;
        const char *value = found + strlen(secret_words[i]);
        const char *ends = secret_words[i][strlen(secret_words[i]) - 1] == ':' ? "\r\n'\"" : "&;, \r\n'\"";
        const char *end = value + strcspn(value, ends);
        word = arena_printf(a, "%s%s%s%s", bytes_to_text(a, bytes_from(word, (size_t)(value - word))), ends[0] == '\r' ? " " : "",
                            HIDDEN, end);
    }
    return word;
}

char *argument_for_display(arena *a, const char *argument, const char *previous)
{
    if (previous != NULL && is_secret_option(previous))
        return arena_printf(a, "%s", HIDDEN);
    const char *hidden = option_with_value_hidden(a, argument);
    if (hidden == NULL)
        hidden = hide_after_words(a, url_without_userinfo(a, argument));
    return text_escape(a, bytes_from_text(hidden), ARGUMENT_SHOWN_MAX);
}
