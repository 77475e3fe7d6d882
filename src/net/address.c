#include "net/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One block seen as either family: what the sockets API means by its casts. */
union socket_address {
    struct sockaddr_storage storage;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* The shortest IPv6 address that Linux takes: RFC 2133's, without a scope. */
#define SOCKADDR_IN6_LEN_MIN (offsetof(struct sockaddr_in6, sin6_scope_id))

static union socket_address open_address(const address *addr)
{
    return (union socket_address){.storage = addr->storage};
}

static address address_of_v4(struct in_addr in, uint16_t port)
{
    union socket_address u = {.v4 = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = in}};
    return (address){.storage = u.storage, .len = sizeof u.v4};
}

static address address_of_v6(struct in6_addr in, uint32_t scope, uint16_t port)
{
    union socket_address u = {.v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in, .sin6_scope_id = scope}};
    return (address){.storage = u.storage, .len = sizeof u.v6};
}

address address_from_sockaddr(const struct sockaddr *sa, socklen_t len)
{
    address out = {0};
    if (sa == NULL || len < sizeof sa->sa_family || len > sizeof out.storage)
        return out;
    memcpy(&out.storage, sa, len);
    sa_family_t family = out.storage.ss_family;
    if ((family == AF_INET && len < sizeof(struct sockaddr_in)) || (family == AF_INET6 && len < SOCKADDR_IN6_LEN_MIN))
        return (address){0};
    out.len = family == AF_INET ? sizeof(struct sockaddr_in) : family == AF_INET6 ? sizeof(struct sockaddr_in6) : len;
    return out;
}

/* "fe80::1%eth0" or "fe80::1%2" (RFC 4007, 11). False where the part after the percent sign is no interface. */
static bool split_scope(const char *text, char *bare, size_t bare_size, uint32_t *scope)
{
    bytes_view whole = bytes_from_text(text);
    bytes_view host = bytes_until(whole, '%');
    *scope = 0;
    int written = snprintf(bare, bare_size, "%.*s", host.len < bare_size ? (int)host.len : (int)bare_size - 1, text);
    if (written < 0 || host.len >= bare_size)
        return false;
    const char *percent = strchr(text, '%');
    if (percent == NULL)
        return true;
    char *end = NULL;
    unsigned long number = strtoul(percent + 1, &end, 10);
    *scope = *end == 0 && end != percent + 1 && number <= UINT32_MAX ? (uint32_t)number : if_nametoindex(percent + 1);
    return *scope != 0;
}

bool address_from_text(const char *text, uint16_t port, address *out)
{
    struct in_addr in;
    struct in6_addr in6;
    char bare[ADDRESS_TEXT_LEN_MAX];
    uint32_t scope = 0;
    *out = (address){0};
    if (inet_pton(AF_INET, text, &in) == 1)
        *out = address_of_v4(in, port);
    else if (split_scope(text, bare, sizeof bare, &scope) && inet_pton(AF_INET6, bare, &in6) == 1)
        *out = address_of_v6(in6, scope, port);
    return out->len != 0;
}

bool address_from_bytes(bytes_view bytes, uint16_t port, address *out)
{
    struct in6_addr in6 = {0};
    for (size_t i = 0; i < sizeof in6.s6_addr && i < bytes.len; i++)
        in6.s6_addr[i] = (uint8_t)bytes_at(bytes, i);
    *out = bytes.len == sizeof(struct in_addr) ? address_of_v4((struct in_addr){in6.s6_addr32[0]}, port)
           : bytes.len == sizeof in6           ? address_of_v6(in6, 0, port)
                                               : (address){0};
    return out->len != 0;
}

/* The IPv6 form of either family, so that both compare as one. False for another family. */
static bool to_v6(const address *addr, struct sockaddr_in6 *out)
{
    union socket_address u = open_address(addr);
    if (addr->len != 0 && u.storage.ss_family == AF_INET6) {
        *out = u.v6;
        return true;
    }
    if (addr->len == 0 || u.storage.ss_family != AF_INET)
        return false;
    *out = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = u.v4.sin_port};
    out->sin6_addr.s6_addr16[5] = 0xffff;
    out->sin6_addr.s6_addr32[3] = u.v4.sin_addr.s_addr;
    return true;
}

char *address_to_text(arena *a, const address *addr)
{
    struct sockaddr_in6 v6;
    char text[ADDRESS_TEXT_LEN_MAX] = "";
    if (!to_v6(addr, &v6))
        return arena_printf(a, "%s", addr->len == 0 ? "no address" : "an address that is not IP");
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
        (void)inet_ntop(AF_INET, &v6.sin6_addr.s6_addr32[3], text, sizeof text);
    else
        (void)inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    char interface[IF_NAMESIZE];
    if (v6.sin6_scope_id == 0)
        return arena_printf(a, "%s", text);
    if (if_indextoname(v6.sin6_scope_id, interface) != NULL)
        return arena_printf(a, "%s%%%s", text, interface);
    return arena_printf(a, "%s%%%u", text, v6.sin6_scope_id);
}

uint16_t address_port(const address *addr)
{
    struct sockaddr_in6 v6;
    return to_v6(addr, &v6) ? ntohs(v6.sin6_port) : 0;
}

bool address_is_loopback(const address *addr)
{
    struct sockaddr_in6 v6;
    if (!to_v6(addr, &v6))
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
        return v6.sin6_addr.s6_addr[12] == IN_LOOPBACKNET;
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

/* A scope that was left out means any. */
static bool hosts_equal(const struct sockaddr_in6 *a, const struct sockaddr_in6 *b)
{
    bool same_scope = a->sin6_scope_id == b->sin6_scope_id || a->sin6_scope_id == 0 || b->sin6_scope_id == 0;
    return same_scope && IN6_ARE_ADDR_EQUAL(&a->sin6_addr, &b->sin6_addr);
}

bool address_equal(const address *a, const address *b)
{
    struct sockaddr_in6 first, second;
    if (to_v6(a, &first) && to_v6(b, &second))
        return first.sin6_port == second.sin6_port && hosts_equal(&first, &second);
    return a->len == b->len && bytes_equal(bytes_from(&a->storage, a->len), bytes_from(&b->storage, b->len));
}

bool address_same_host(const address *a, const address *b)
{
    struct sockaddr_in6 first, second;
    return to_v6(a, &first) && to_v6(b, &second) && hosts_equal(&first, &second);
}
