#include "run/proxies.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* curl(1), ENVIRONMENT; the others take the same ones, in small letters, in capitals or both. */
static const char *const variables[] = {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"};

/* What a port may be where the variable does not say: curl's, and those of the schemes. */
static const uint16_t usual_ports[] = {1080, 80, 443, 3128, 8080};

/* "http://user:password@host:3128/" or "host:3128": past the scheme, and past the last '@' of the authority. */
static bytes_view host_and_port_of(const char *value)
{
    const char *scheme = strstr(value, "://"), *start = scheme == NULL ? value : scheme + 3;
    bytes_view authority = bytes_from(start, strcspn(start, "/?#"));
    for (size_t i = authority.len; i > 0; i--)
        if (bytes_at(authority, i - 1) == '@')
            return bytes_slice(authority, i, authority.len);
    return authority;
}

static bool read_proxy(arena *a, const char *value, named_proxy *out)
{
    bytes_view whole = host_and_port_of(value);
    bool is_bracketed = bytes_at(whole, 0) == '[';
    bytes_view host = is_bracketed ? bytes_until(bytes_slice(whole, 1, whole.len), ']') : bytes_until(whole, ':');
    bytes_view rest = bytes_slice(whole, host.len + (is_bracketed ? 2 : 0), whole.len);
    unsigned long port = bytes_at(rest, 0) == ':' ? strtoul(bytes_to_text(a, bytes_slice(rest, 1, rest.len)), NULL, 10) : 0;
    out->host = bytes_to_text(a, host);
    out->port = port <= UINT16_MAX ? (uint16_t)port : 0;
    return host.len > 0;
}

/* The words of an argument that name a proxy: in it after "=", or in the next. */
static const char *const options[] = {
    "-x",
    "--proxy",
    "--preproxy",
    "--proxy1.0",
    "--socks4",
    "--socks4a",
    "--socks5",
    "--socks5-hostname", /* curl(1) */
    "-proxy",            /* openssl-s_client(1) */
    "https_proxy",       /* wget(1): -e https_proxy=... */
    "--https-proxy",     /* npm-config(7), and --proxy */
    "--proxy-server",    /* Chromium */
};

static const char *value_of_option(const char *option, const char *argument, const char *next)
{
    size_t len = strlen(option);
    if (strncmp(argument, option, len) != 0)
        return NULL;
    return argument[len] == '=' ? argument + len + 1 : argument[len] == '\0' ? next : NULL;
}

static const char *option_of(const char *argument, const char *next, const char **value)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        *value = value_of_option(options[i], argument, next);
        if (*value != NULL)
            return options[i];
    }
    return NULL;
}

static size_t proxies_of_arguments(arena *a, const char *const *argv, named_proxy *out, size_t max)
{
    size_t num = 0;
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL && num < max; i++) {
        const char *value, *option = option_of(argv[i], argv[i + 1], &value);
        if (option != NULL && read_proxy(a, value, &out[num]))
            out[num++].variable = option;
    }
    return num;
}

size_t proxies_of(arena *a, const process_snapshot *process, named_proxy out[PROXIES_MAX])
{
    const size_t num_variables = sizeof variables / sizeof *variables;
    size_t num = process == NULL ? 0 : proxies_of_arguments(a, process->argv, out, PROXIES_MAX - num_variables);
    for (size_t i = 0; i < num_variables; i++) {
        const char *value = process_variable(process, variables[i]);
        out[num].variable = variables[i];
        if (value != NULL && read_proxy(a, value, &out[num]))
            num++;
    }
    return num;
}

static bool may_be_port(const named_proxy *p, uint16_t port)
{
    for (size_t i = 0; p->port == 0 && i < sizeof usual_ports / sizeof *usual_ports; i++)
        if (usual_ports[i] == port)
            return true;
    return p->port == port;
}

static bool is_among(const char *host, const char *const *names, size_t num_names)
{
    for (size_t i = 0; i < num_names; i++)
        if (names[i] != NULL && strcasecmp(names[i], host) == 0)
            return true;
    return false;
}

const char *proxies_variable(const named_proxy *proxies, size_t num, uint16_t port, const char *const *names, size_t num_names)
{
    for (size_t i = 0; i < num; i++)
        if (may_be_port(&proxies[i], port) && is_among(proxies[i].host, names, num_names))
            return proxies[i].variable;
    return NULL;
}
