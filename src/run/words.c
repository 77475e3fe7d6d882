#include "run/words.h"

#include "base/bytes.h"
#include <ctype.h>
#include <string.h>
#include <unistd.h>

enum { HOST_LEN_MAX = 253, SCHEME_LEN = 3 };

static bool is_host_byte(int c)
{
    return c >= 0 && (isalnum(c) || c == '.' || c == '-' || c == '_');
}

/* The length of a port and its number, after a ':' at `offset`; 0 where there is none. */
static uint16_t port_at(bytes_view text, size_t offset)
{
    unsigned long port = 0;
    if (bytes_at(text, offset) != ':')
        return 0;
    for (size_t i = offset + 1; isdigit(bytes_at(text, i)) && port <= 65535; i++)
        port = port * 10 + (unsigned long)(bytes_at(text, i) - '0');
    return port <= 65535 ? (uint16_t)port : 0;
}

static size_t host_len_at(bytes_view text, size_t offset)
{
    size_t len = 0;
    while (is_host_byte(bytes_at(text, offset + len)) && len <= HOST_LEN_MAX)
        len++;
    return len <= HOST_LEN_MAX ? len : 0;
}

static size_t add_host(arena *a, named_host *hosts, size_t num, size_t max, bytes_view host, uint16_t port)
{
    if (host.len == 0 || num == max)
        return num;
    char *text = bytes_to_text(a, host);
    for (size_t i = 0; i < num; i++)
        if (strcmp(hosts[i].host, text) == 0 && hosts[i].port == port)
            return num;
    hosts[num] = (named_host){.host = text, .port = port};
    return num + 1;
}

static uint16_t port_of_scheme(bytes_view text, size_t offset)
{
    bool https = offset >= 5 && bytes_start_with_ignoring_case(bytes_slice(text, offset - 5, 5), "https");
    bool http = offset >= 4 && bytes_start_with_ignoring_case(bytes_slice(text, offset - 4, 4), "http");
    return https ? 443 : http ? 80 : 0;
}

/* Past "user:password@", if it stands before the end of the authority. */
static size_t after_userinfo(bytes_view text, size_t offset)
{
    for (size_t i = offset;
         bytes_at(text, i) > ' ' && bytes_at(text, i) != '/' && bytes_at(text, i) != '"' && bytes_at(text, i) != '\''; i++)
        if (bytes_at(text, i) == '@')
            return i + 1;
    return offset;
}

static size_t hosts_in_urls(arena *a, bytes_view text, named_host *hosts, size_t num, size_t max)
{
    for (size_t i = 0; i + SCHEME_LEN < text.len; i++) {
        if (!bytes_start_with(bytes_slice(text, i, SCHEME_LEN), "://"))
            continue;
        size_t at = after_userinfo(text, i + SCHEME_LEN), len = host_len_at(text, at);
        uint16_t port = port_at(text, at + len);
        num = add_host(a, hosts, num, max, bytes_slice(text, at, len), port != 0 ? port : port_of_scheme(text, i));
    }
    return num;
}

/* A whole argument that is HOST:PORT, or a host name with a dot in it. */
static size_t host_in_word(arena *a, bytes_view word, named_host *hosts, size_t num, size_t max)
{
    size_t len = host_len_at(word, 0);
    bytes_view host = bytes_slice(word, 0, len);
    uint16_t port = port_at(word, len);
    bool has_dot = bytes_until(host, '.').len < host.len, is_option = bytes_at(word, 0) == '-' || bytes_at(word, 0) == '.';
    bool is_file = !has_dot || access(bytes_to_text(a, word), F_OK) == 0;
    bool letters = len > 0 && isalpha(bytes_at(host, len - 1));
    if (is_option || (port == 0 && (len != word.len || is_file || !letters)))
        return num;
    return add_host(a, hosts, num, max, host, port);
}

size_t words_hosts(arena *a, const char *const *argv, named_host *hosts, size_t max)
{
    size_t num = 0;
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++)
        num = hosts_in_urls(a, bytes_from_text(argv[i]), hosts, num, max);
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++)
        num = host_in_word(a, bytes_from_text(argv[i]), hosts, num, max);
    return num;
}

/* ---- hosts and ports in code -------------------------------------------------------------------------------------------- */

/* A number that is a port, within a few bytes after a host in quotes, and on the same line: ('localhost', 443). 0 where none. */
static uint16_t port_after(bytes_view text, size_t offset)
{
    enum { NEAR_LEN = 24 };
    for (size_t i = offset; i < offset + NEAR_LEN && i < text.len && bytes_at(text, i) != '\n'; i++) {
        unsigned long port = 0;
        size_t at = i;
        for (; isdigit(bytes_at(text, at)) && port <= 65535; at++)
            port = port * 10 + (unsigned long)(bytes_at(text, at) - '0');
        if (at > i)
            return port <= 65535 ? (uint16_t)port : 0;
    }
    return 0;
}

static bool host_in_code(arena *a, bytes_view text, named_host *out)
{
    for (size_t i = 0; i < text.len; i++) {
        int mark = bytes_at(text, i);
        size_t len = mark == '\'' || mark == '"' ? host_len_at(text, i + 1) : 0;
        bool is_quoted = len > 0 && bytes_at(text, i + 1 + len) == mark && isalnum(bytes_at(text, i + 1));
        uint16_t port = is_quoted ? port_after(text, i + 1 + len + 1) : 0;
        if (port == 0)
            continue;
        *out = (named_host){.host = bytes_to_text(a, bytes_slice(text, i + 1, len)), .port = port};
        return true;
    }
    return false;
}

/* "-p 443 localhost", as gnutls-cli(1) and others have it. */
static bool host_after_port_option(const char *const *argv, named_host *out)
{
    uint16_t port = 0;
    size_t last = 0;
    for (size_t i = 1; argv[i] != NULL; last = i++)
        if ((strcmp(argv[i - 1], "-p") == 0 || strcmp(argv[i - 1], "--port") == 0))
            port = port_after(bytes_from_text(argv[i]), 0);
    bool is_host =
        last > 0 && host_len_at(bytes_from_text(argv[last]), 0) == strlen(argv[last]) && isalnum((unsigned char)argv[last][0]);
    if (port == 0 || !is_host)
        return false;
    *out = (named_host){.host = argv[last], .port = port};
    return true;
}

bool words_endpoint(arena *a, const char *const *argv, named_host *out)
{
    if (argv == NULL || argv[0] == NULL)
        return false;
    if (words_hosts(a, argv, out, 1) == 1 && out->port != 0)
        return true;
    for (size_t i = 1; argv[i] != NULL; i++)
        if (host_in_code(a, bytes_from_text(argv[i]), out))
            return true;
    return host_after_port_option(argv, out);
}

static bool contains_word(bytes_view text, bytes_view word)
{
    for (size_t i = 0; i + word.len <= text.len; i++) {
        bool before = i > 0 && is_host_byte(bytes_at(text, i - 1)), after = is_host_byte(bytes_at(text, i + word.len));
        if (!before && !after && bytes_equal(bytes_slice(text, i, word.len), word))
            return true;
    }
    return false;
}

bool words_contain(const char *const *argv, const char *text)
{
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++)
        if (contains_word(bytes_from_text(argv[i]), bytes_from_text(text)))
            return true;
    return false;
}
