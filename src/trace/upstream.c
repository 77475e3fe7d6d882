#include "trace/upstream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* One block seen as either family: what the sockets API means by its casts. */
union socket_address {
    struct sockaddr_storage storage;
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* An option of the task's socket that the network can see, and the value that means "not set", which need not be copied. */
typedef struct copied_option {
    int level, name, unset;
} copied_option;

/* From ip(7), ipv6(7), tcp(7), socket(7). */
static const copied_option copied_options[] = {
    {SOL_SOCKET, SO_PRIORITY, 0},
    {SOL_SOCKET, SO_MARK, 0},
    {SOL_SOCKET, SO_DONTROUTE, 0},
    {SOL_SOCKET, SO_KEEPALIVE, 0},
    {IPPROTO_IP, IP_TOS, 0},
    {IPPROTO_IP, IP_TTL, 64},
    {IPPROTO_IP, IP_FREEBIND, 0},
    {IPPROTO_IP, IP_TRANSPARENT, 0},
    {IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 0},
    {IPPROTO_IPV6, IPV6_V6ONLY, -1},
    {IPPROTO_IPV6, IPV6_TCLASS, 0},
    {IPPROTO_IPV6, IPV6_UNICAST_HOPS, 64},
    {IPPROTO_TCP, TCP_SYNCNT, 0},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, 0},
    {IPPROTO_TCP, TCP_MAXSEG, 536},
    {IPPROTO_TCP, TCP_KEEPIDLE, 7200},
    {IPPROTO_TCP, TCP_KEEPINTVL, 75},
    {IPPROTO_TCP, TCP_KEEPCNT, 9},
};

static bool get_int(int fd, int level, int name, int *value)
{
    socklen_t len = sizeof *value;
    *value = 0;
    return getsockopt(fd, level, name, value, &len) == 0;
}

uint64_t upstream_network_cookie(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    return getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) == 0 ? cookie : 0;
}

static bool is_bound_to_interface(int fd)
{
    char name[64] = "";
    socklen_t len = sizeof name;
    return getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len) == 0 && len > 0 && name[0] != 0;
}

static bool is_in_use(int fd)
{
    union socket_address u;
    socklen_t len = sizeof u;
    int listens;
    return getpeername(fd, &u.any, &len) == 0 || (get_int(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens) && listens != 0);
}

const char *upstream_obstacle(int task_socket, uint64_t network_cookie, bool *silent)
{
    int type, protocol, fast_open;
    *silent = true;
    if (!get_int(task_socket, SOL_SOCKET, SO_TYPE, &type) || type != SOCK_STREAM)
        return "not a stream socket";
    if (is_in_use(task_socket))
        return "connected or listening already";
    *silent = false;
    if (!get_int(task_socket, SOL_SOCKET, SO_PROTOCOL, &protocol) || protocol != IPPROTO_TCP)
        return protocol == IPPROTO_MPTCP ? "Multipath TCP" : "a transport other than TCP";
    if (network_cookie != 0 && upstream_network_cookie(task_socket) != network_cookie)
        return "another network namespace";
    if (is_bound_to_interface(task_socket))
        return "a socket bound to an interface";
    if (get_int(task_socket, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &fast_open) && fast_open != 0)
        return "TCP Fast Open";
    return NULL;
}

static bool is_any_address(const union socket_address *u)
{
    return u->any.sa_family == AF_INET6 ? IN6_IS_ADDR_UNSPECIFIED(&u->v6.sin6_addr) : u->v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

static bool is_unbound(const union socket_address *u)
{
    return is_any_address(u) && (u->any.sa_family == AF_INET6 ? u->v6.sin6_port : u->v4.sin_port) == 0;
}

/* Two sockets may have one address and port where both say that they reuse it and neither listens; the task's socket says so for
 * the length of this call. A port without an address may as well be what a failed connect has left behind: it is not insisted on.
 */
static bool bind_like(int fd, int task_socket)
{
    union socket_address u = {0};
    socklen_t len = sizeof u;
    int reuse, one = 1;
    if (getsockname(task_socket, &u.any, &len) != 0)
        return false;
    if (is_unbound(&u))
        return true;
    if (!get_int(task_socket, SOL_SOCKET, SO_REUSEADDR, &reuse))
        return false;
    (void)setsockopt(task_socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    bool bound = bind(fd, &u.any, len) == 0;
    (void)setsockopt(task_socket, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
    return bound || is_any_address(&u);
}

static void copy_options(int fd, int task_socket, int family)
{
    for (size_t i = 0; i < sizeof copied_options / sizeof *copied_options; i++) {
        const copied_option *o = &copied_options[i];
        int value;
        if (o->level == IPPROTO_IPV6 && family != AF_INET6)
            continue;
        if (get_int(task_socket, o->level, o->name, &value) && value != o->unset)
            (void)setsockopt(fd, o->level, o->name, &value, sizeof value);
    }
}

int upstream_socket(int task_socket)
{
    int family;
    if (!get_int(task_socket, SOL_SOCKET, SO_DOMAIN, &family))
        return -1;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    if (fd < 0)
        return -1;
    copy_options(fd, task_socket, family);
    if (bind_like(fd, task_socket))
        return fd;
    int saved = errno;
    (void)close(fd);
    errno = saved;
    return -1;
}
