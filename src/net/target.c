#include "net/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HOST_LEN_MAX ((size_t)253) /* RFC 1035, 2.3.4, without the last dot */

/* A number of 1 to 65535 and nothing else. */
static bool read_port(const char *text, size_t len, uint16_t *out)
{
    unsigned long port = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || port > UINT16_MAX)
            return false;
        port = port * 10 + (unsigned long)(text[i] - '0');
    }
    *out = (uint16_t)port;
    return len > 0 && port >= 1 && port <= UINT16_MAX;
}

/* Without scheme and path, which people paste along. */
static bytes_view authority_of(const char *text)
{
    const char *scheme = strstr(text, "://");
    const char *begin = scheme == NULL ? text : scheme + 3;
    return bytes_from(begin, strcspn(begin, "/?#"));
}

/* Where the port's colon is, or the length: an address in brackets has colons of its own, and so has one without them. */
static size_t port_colon(bytes_view authority)
{
    size_t first = bytes_until(authority, ':').len;
    if (bytes_at(authority, 0) == '[')
        return bytes_find(authority, "]", 0) + 1;
    bool has_more = bytes_find(authority, ":", first + 1) < authority.len;
    return has_more ? authority.len : first;
}

static bool is_host(const char *host)
{
    size_t len = strlen(host);
    if (len == 0 || len > HOST_LEN_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        if (host[i] <= ' ' || host[i] == 0x7f || strchr("@\\\"'<>[]", host[i]) != NULL)
            return false;
    return true;
}

/* RFC 5890, 2.3.2.1: elsewhere than on a screen, a name with other letters is its form that begins with xn--. */
static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text > 0x7f)
            return false;
    return true;
}

static bool fail_at_letters(const char *name, error *e)
{
    return error_set(e, ERROR_USAGE, "%s: a name with other letters than ASCII's is wanted in its form with xn--, as idn2 tells it",
                     name);
}

static bool read_route(arena *a, const network_options *options, route *out, error *e)
{
    return (options->proxy == NULL || route_take_proxy(a, options->proxy, out, e)) &&
           (options->proxy_header == NULL || route_take_proxy_header(options->proxy_header, out, e)) &&
           (options->starttls == NULL || route_take_starttls(options->starttls, out, e));
}

bool target_parse(arena *a, const char *text, uint16_t default_port, const network_options *options, target *out, error *e)
{
    address ignored;
    bytes_view authority = authority_of(text);
    size_t colon = port_colon(authority);
    bool in_brackets = bytes_at(authority, 0) == '[' && colon <= authority.len;
    bytes_view host = in_brackets ? bytes_slice(authority, 1, colon - 2) : bytes_slice(authority, 0, colon);
    *out = (target){.host = bytes_to_text(a, host)};
    if (!read_route(a, options, &out->route, e))
        return false;
    out->port = route_port(&out->route, default_port);
    if (!is_ascii(out->host))
        return fail_at_letters(text, e);
    if (!is_host(out->host))
        return error_set(e, ERROR_USAGE, "%s: HOST or HOST:PORT is wanted, as in example.com:443", text);
    bytes_view port = bytes_slice(authority, colon + 1, authority.len);
    bool has_port = colon < authority.len;
    if (has_port && (bytes_at(authority, colon) != ':' || !read_port((const char *)port.data, port.len, &out->port)))
        return error_set(e, ERROR_USAGE, "%s: the port is a number from 1 to 65535", text);
    if (options->server_name != NULL && !is_ascii(options->server_name))
        return fail_at_letters(options->server_name, e);
    out->host_is_address = address_from_text(out->host, out->port, &ignored);
    const char *name = options->server_name != NULL ? options->server_name : out->host_is_address ? "" : out->host;
    out->server_name = name[0] == '\0' ? NULL : name;
    out->route.domain = out->server_name;
    return true;
}

/* ---- addresses ---------------------------------------------------------------------------------------------------- */

typedef struct resolve_row {
    bytes_view host;
    uint16_t port;
    address address;
} resolve_row;

static bool read_resolve(const char *text, resolve_row *out)
{
    char numeric[ADDRESS_TEXT_LEN_MAX];
    const char *host_end = strchr(text, ':'), *port_end = host_end == NULL ? NULL : strchr(host_end + 1, ':');
    if (port_end == NULL || host_end == text || !read_port(host_end + 1, (size_t)(port_end - host_end - 1), &out->port))
        return false;
    const char *last = port_end + 1;
    size_t len = strlen(last);
    bool in_brackets = last[0] == '[' && last[len - 1] == ']';
    if (in_brackets) {
        last++;
        len -= 2;
    }
    (void)snprintf(numeric, sizeof numeric, "%.*s", (int)len, last);
    out->host = bytes_from(text, (size_t)(host_end - text));
    return len < sizeof numeric && address_from_text(numeric, out->port, &out->address);
}

bool target_resolve_option_check(const char *text, error *e)
{
    resolve_row row;
    return read_resolve(text, &row) ||
           error_set(e, ERROR_USAGE, "--resolve %s: HOST:PORT:ADDRESS is wanted, as in example.com:443:192.0.2.7", text);
}

static bool is_wanted(const address *addr, int family)
{
    return family == AF_UNSPEC || addr->storage.ss_family == family;
}

static void keep(target *t, const address *addresses, size_t num_addresses, int family)
{
    for (size_t i = 0; i < num_addresses; i++)
        if (is_wanted(&addresses[i], family))
            t->addresses[t->num_addresses++] = addresses[i];
}

/* What is connected to: the server, or the proxy. */
static const char *next_host(const target *t)
{
    return route_has_proxy(&t->route) ? t->route.proxy_host : t->host;
}

static uint16_t next_port(const target *t)
{
    return route_has_proxy(&t->route) ? t->route.proxy_port : t->port;
}

static void keep_those_given(target *t, const network_options *options)
{
    const char *host = next_host(t);
    resolve_row row;
    for (size_t i = 0; i < options->num_resolve; i++)
        if (read_resolve(options->resolve[i], &row) && row.port == next_port(t) && strlen(host) == row.host.len &&
            strncasecmp((const char *)row.host.data, host, row.host.len) == 0)
            keep(t, &row.address, 1, options->family);
}

bool target_resolve(arena *a, target *t, const network_options *options, int timeout_ms, error *e)
{
    address *found, itself;
    size_t num_found;
    const char *host = next_host(t), *said = "--resolve names no address of that family";
    const char *family = options->family == AF_INET ? " over IPv4" : options->family == AF_INET6 ? " over IPv6" : "";
    t->num_addresses = 0;
    t->addresses = ARENA_ARRAY(a, NETWORK_RESOLVE_MAX, address);
    keep_those_given(t, options);
    if (t->num_addresses > 0)
        return true;
    if (address_from_text(host, next_port(t), &itself)) {
        keep(t, &itself, 1, options->family);
        said = "it is an address of the other family";
    } else if (address_lookup(a, host, next_port(t), timeout_ms, &found, &num_found, &said) == LOOKUP_FOUND) {
        t->addresses = ARENA_ARRAY(a, num_found, address);
        keep(t, found, num_found, options->family);
    }
    return t->num_addresses > 0 || error_set(e, ERROR_NOT_FOUND, "%s has no address%s: %s", host, family, said);
}
