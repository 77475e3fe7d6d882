/*
 * A server as the user names it: HOST[:PORT], and what the common options of the network say of the way to it.
 * Ownership: texts of the options are the caller's (argv); a target lives in the arena given.
 */
#ifndef TLSWHY_NET_TARGET_H
#define TLSWHY_NET_TARGET_H

#include "base/error.h"
#include "flow/route.h"
#include "net/address.h"

#define NETWORK_RESOLVE_MAX ((size_t)16)

/* One struct for all commands that ask servers. All zero: nothing was said. */
typedef struct network_options {
    const char *server_name;                  /* --sni; NULL: the host, where it is a name; "": none is sent */
    int family;                               /* AF_INET or AF_INET6 of -4 and -6; AF_UNSPEC: both */
    const char *resolve[NETWORK_RESOLVE_MAX]; /* --resolve HOST:PORT:ADDRESS, as given */
    size_t num_resolve;
    double rate;                                 /* --rate: connections that are begun in a second, at most; 0: no bound */
    const char *proxy, *proxy_header, *starttls; /* --proxy, --proxy-protocol, --starttls, as given; NULL: none */
} network_options;

typedef struct target {
    const char *host; /* without brackets */
    uint16_t port;
    bool host_is_address;
    const char *server_name; /* what is to be sent as SNI; NULL: none */
    route route;             /* what is said before the hello: route_script(a, &t->route, t->host, t->port) */
    address *addresses;      /* of target_resolve: the proxy's where the route has one */
    size_t num_addresses;
} target;

/* With --starttls the port of that protocol takes the place of `default_port`. "example.com", "example.com:8443", "192.0.2.7:443",
 * "[2001:db8::1]:443", "2001:db8::1", "https://example.com/path". */
bool target_parse(arena *a, const char *text, uint16_t default_port, const network_options *options, target *out,
                  error *e) MUST_CHECK;
/* Whether a text is a usable HOST:PORT:ADDRESS. */
bool target_resolve_option_check(const char *text, error *e) MUST_CHECK;
/* Fills addresses: those of --resolve, or the host itself, or what the resolver says, within `timeout_ms`; of the family that is
 * wanted. False and a sentence where there is none. Blocking. */
bool target_resolve(arena *a, target *t, const network_options *options, int timeout_ms, error *e) MUST_CHECK;

#endif
