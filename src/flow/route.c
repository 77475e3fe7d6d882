#include "flow/route.h"

#include "flow/preamble_kinds.h"

#include <string.h>
#include <strings.h>

#define XMPP_SERVER_PORT 5269
#define XMPP_PORT 5222
#define LOGIN_LEN_MAX ((size_t)255) /* RFC 1929, 2 */

typedef struct scheme_row {
    const char *prefix;
    enum protocol proxy;
    uint16_t port;
} scheme_row;

static const scheme_row scheme_rows[] = {
    {"http://", PROTOCOL_HTTP_CONNECT, 3128}, {"socks5://", PROTOCOL_SOCKS5, 1080},  {"socks5h://", PROTOCOL_SOCKS5, 1080},
    {"socks4://", PROTOCOL_SOCKS4, 1080},     {"socks4a://", PROTOCOL_SOCKS4, 1080},
};

typedef struct starttls_row {
    const char *name;
    enum protocol protocol;
    bool is_xmpp_server;
    uint16_t port; /* IANA's, of what begins in clear */
} starttls_row;

static const starttls_row starttls_rows[] = {
    {"smtp", PROTOCOL_SMTP, false, 25},
    {"lmtp", PROTOCOL_LMTP, false, 24},
    {"imap", PROTOCOL_IMAP, false, 143},
    {"pop3", PROTOCOL_POP3, false, 110},
    {"ftp", PROTOCOL_FTP, false, 21},
    {"ldap", PROTOCOL_LDAP, false, 389},
    {"xmpp", PROTOCOL_XMPP, false, 5222},
    {"xmpp-server", PROTOCOL_XMPP, true, XMPP_SERVER_PORT},
    {"postgres", PROTOCOL_POSTGRESQL, false, 5432},
    {"postgresql", PROTOCOL_POSTGRESQL, false, 5432},
    {"mysql", PROTOCOL_MYSQL, false, 3306},
    {"sieve", PROTOCOL_SIEVE, false, 4190},
    {"nntp", PROTOCOL_NNTP, false, 119},
    {"irc", PROTOCOL_IRC, false, 6667},
    {"rdp", PROTOCOL_RDP, false, 3389},
};

const char *route_starttls_names(void)
{
    return "smtp, lmtp, imap, pop3, ftp, ldap, xmpp, xmpp-server, postgres, mysql, sieve, nntp, irc, rdp";
}

static const scheme_row *scheme_find(const char *url)
{
    for (size_t i = 0; i < sizeof scheme_rows / sizeof *scheme_rows; i++)
        if (strncasecmp(url, scheme_rows[i].prefix, strlen(scheme_rows[i].prefix)) == 0)
            return &scheme_rows[i];
    return NULL;
}

static int hex_digit(int byte)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = byte <= 0 ? NULL : strchr(digits, byte >= 'A' && byte <= 'F' ? byte + ('a' - 'A') : byte);
    return at == NULL ? -1 : (int)(at - digits);
}

/* Percent-encoding undone (RFC 3986, 2.1). What has a zero in it ends there. */
static char *decoded(arena *a, bytes_view v)
{
    char *out = ARENA_ARRAY(a, v.len + 1, char);
    size_t len = 0;
    for (size_t i = 0; i < v.len; i++) {
        int high = hex_digit(bytes_at(v, i + 1)), low = hex_digit(bytes_at(v, i + 2));
        bool is_encoded = bytes_at(v, i) == '%' && high >= 0 && low >= 0;
        out[len++] = (char)(is_encoded ? high << 4 | low : bytes_at(v, i));
        i += is_encoded ? 2 : 0;
    }
    return out;
}

/* "user" or "user:password" */
static bool take_login(arena *a, bytes_view login, route *out, error *e)
{
    bytes_view user = bytes_until(login, ':');
    out->user = decoded(a, user);
    out->password = decoded(a, bytes_slice(login, user.len + 1, login.len));
    if (strlen(out->user) <= LOGIN_LEN_MAX && strlen(out->password) <= LOGIN_LEN_MAX)
        return true;
    return error_set(e, ERROR_USAGE, "--proxy: a user name and a password have at most %zu bytes", LOGIN_LEN_MAX);
}

/* A word that names a host: no blank, no slash, no control byte. */
static bool is_host(const char *host)
{
    for (const char *c = host; *c != '\0'; c++)
        if (*c <= ' ' || *c == '/' || *c == '@' || *c == 0x7f)
            return false;
    return host[0] != '\0';
}

/* "host", "host:port", "[2001:db8::1]:port"; a slash at the end does no harm. */
static bool take_proxy_address(arena *a, bytes_view rest, uint16_t default_port, route *out, error *e)
{
    bool is_bracketed = bytes_at(rest, 0) == '[';
    size_t host_len = bytes_until(rest, is_bracketed ? ']' : ':').len;
    bytes_view host = is_bracketed ? bytes_slice(rest, 1, host_len - 1) : bytes_slice(rest, 0, host_len);
    bytes_view after = bytes_slice(rest, host_len + (is_bracketed ? 1 : 0), rest.len);
    bytes_view digits = bytes_slice(after, 1, after.len);
    int number = text_number(digits);
    out->proxy_host = bytes_to_text(a, host);
    out->proxy_port = number < 0 ? default_port : (uint16_t)number;
    bool is_port = after.len == 0 || (bytes_at(after, 0) == ':' && number > 0 && number <= 65535 && digits.len <= 5 &&
                                      strspn(bytes_to_text(a, digits), "0123456789") == digits.len);
    bool is_closed = !is_bracketed || bytes_at(rest, host_len) == ']';
    if (is_host(out->proxy_host) && is_port && is_closed)
        return true;
    return error_set(e, ERROR_USAGE,
                     "--proxy: a host is wanted, and a port after it if it is not %u, as in http://proxy.example:3128",
                     default_port);
}

bool route_take_proxy(arena *a, const char *url, route *out, error *e)
{
    const scheme_row *scheme = scheme_find(url);
    if (strncasecmp(url, "https://", 8) == 0)
        return error_set(e, ERROR_USAGE,
                         "--proxy: a proxy that itself wants TLS (https://) is not known; is there an http:// one?");
    if (scheme == NULL)
        return error_set(e, ERROR_USAGE, "--proxy wants http://HOST:PORT or socks5://HOST:PORT (or socks4://)");
    bytes_view rest = bytes_from_text(url + strlen(scheme->prefix));
    while (rest.len > 0 && bytes_at(rest, rest.len - 1) == '/')
        rest = bytes_slice(rest, 0, rest.len - 1);
    size_t login_len = rest.len; /* a password may have an @ in it: the last one counts */
    while (login_len > 0 && bytes_at(rest, login_len - 1) != '@')
        login_len--;
    out->proxy = scheme->proxy;
    out->user = out->password = NULL;
    if (login_len > 0 && !take_login(a, bytes_slice(rest, 0, login_len - 1), out, e))
        return false;
    return take_proxy_address(a, bytes_slice(rest, login_len, rest.len), scheme->port, out, e);
}

bool route_take_proxy_header(const char *version, route *out, error *e)
{
    bool is_first = strcasecmp(version, "v1") == 0, is_second = strcasecmp(version, "v2") == 0;
    out->proxy_header = is_first ? 1 : 2;
    return is_first || is_second || error_set(e, ERROR_USAGE, "--proxy-protocol %s: it is v1 or v2", version);
}

bool route_take_starttls(const char *name, route *out, error *e)
{
    for (size_t i = 0; i < sizeof starttls_rows / sizeof *starttls_rows; i++)
        if (strcasecmp(starttls_rows[i].name, name) == 0) {
            out->starttls = starttls_rows[i].protocol;
            out->is_xmpp_server = starttls_rows[i].is_xmpp_server;
            return true;
        }
    return error_set(e, ERROR_USAGE, "--starttls %s: it is one of %s", name, route_starttls_names());
}

uint16_t route_port(const route *r, uint16_t otherwise)
{
    for (size_t i = 0; i < sizeof starttls_rows / sizeof *starttls_rows; i++)
        if (starttls_rows[i].protocol == r->starttls && starttls_rows[i].is_xmpp_server == r->is_xmpp_server)
            return starttls_rows[i].port;
    return otherwise;
}

bool route_has_proxy(const route *r)
{
    return r->proxy != PROTOCOL_UNKNOWN;
}

static const char *authority_text(arena *a, const char *host, uint16_t port)
{
    return arena_printf(a, strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
}

const char *route_proxy_text(arena *a, const route *r)
{
    if (!route_has_proxy(r))
        return NULL;
    const char *scheme = r->proxy == PROTOCOL_HTTP_CONNECT ? "http" : protocol_name(r->proxy);
    return arena_printf(a, "%s://%s", scheme, authority_text(a, r->proxy_host, r->proxy_port));
}

static preamble_script proxy_script(arena *a, const route *r, const char *authority)
{
    return r->user == NULL ? preamble_script_make(a, r->proxy, authority, "")
                           : preamble_script_with_login(a, r->proxy, authority, r->user, r->password);
}

preamble_script route_script(arena *a, const route *r, const char *host, uint16_t port)
{
    preamble_script script = {.num_steps = 0};
    if (route_has_proxy(r))
        script = proxy_script(a, r, authority_text(a, host, port));
    if (r->proxy_header != 0)
        script = preamble_script_joined(a, script, preamble_script_of_proxy_header(a, r->proxy_header));
    if (r->starttls == PROTOCOL_UNKNOWN)
        return script;
    /* The port between servers is what tells the script that it is a server's stream (RFC 6120, 14.7). */
    const char *name = r->starttls == PROTOCOL_XMPP && r->domain != NULL ? r->domain : host;
    const char *authority = authority_text(a, name,
                                           r->is_xmpp_server              ? XMPP_SERVER_PORT
                                           : r->starttls == PROTOCOL_XMPP ? XMPP_PORT
                                                                          : port);
    return preamble_script_joined(a, script, preamble_script_make(a, r->starttls, authority, name));
}
