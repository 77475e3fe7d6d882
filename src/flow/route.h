/*
 * How a server is reached: through a proxy or straight, with a PROXY header or without, by an upgrade (STARTTLS) or with TLS from
 * the first byte. From what the user said to the script that is said on each connection before the hello.
 *
 * For a command with --proxy, --proxy-protocol and --starttls: each option's value goes into one `route` by the route_take
 * functions. Then each question goes `to` an address of route.proxy_host and proxy_port where route_has_proxy, and otherwise to one
 * of the server's own; its `script` is route_script. The proxy looks the server's name up: with a proxy there is nothing to look up
 * here but the proxy's name. A route that is all zeros leads straight to a server that begins with TLS, and has a script without
 * steps.
 *
 * Ownership: texts live in the arena given. A password is in the route and in the script that is made from it, and never in a text
 * for people.
 */
#ifndef TLSWHY_FLOW_ROUTE_H
#define TLSWHY_FLOW_ROUTE_H

#include "base/error.h"
#include "flow/preamble.h"

typedef struct route {
    enum protocol proxy; /* HTTP_CONNECT, SOCKS4 or SOCKS5; UNKNOWN: none */
    const char *proxy_host;
    uint16_t proxy_port;
    const char *user, *password; /* NULL: the proxy is not told who asks */
    unsigned proxy_header;       /* version of the PROXY header: 1 or 2; 0: none */
    enum protocol starttls;      /* UNKNOWN: none */
    bool is_xmpp_server;         /* the stream is one between servers */
    const char *domain;          /* that an XMPP stream is opened to; NULL: the host */
} route;

/* "http://proxy.example:3128", "socks5://user:password@[2001:db8::1]"; socks5h, socks4 and socks4a are known too. Without a port it
 * is 3128 for http and 1080 for socks. False and a sentence (without the password) where it is none of these. */
bool route_take_proxy(arena *a, const char *url, route *out, error *e) MUST_CHECK;
/* "v1" or "v2". */
bool route_take_proxy_header(const char *version, route *out, error *e) MUST_CHECK;
/* "smtp", "imap", "postgres" ...: a name of route_starttls_names. */
bool route_take_starttls(const char *name, route *out, error *e) MUST_CHECK;
/* All names that route_take_starttls takes, for a help text: "smtp, lmtp, imap ..." */
const char *route_starttls_names(void);

/* The port of the protocol that is upgraded (25 for SMTP), or `otherwise` where the server begins with TLS. */
uint16_t route_port(const route *r, uint16_t otherwise);

bool route_has_proxy(const route *r);
/* "http://proxy.example:3128", without who asks; NULL where there is no proxy. For people: it is as the user wrote it. */
const char *route_proxy_text(arena *a, const route *r);
/* What is said before the hello to `host` (a name or an address) and `port`. */
preamble_script route_script(arena *a, const route *r, const char *host, uint16_t port);

#endif
