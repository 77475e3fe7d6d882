#include "trace/join.h"

#include "trace/socket_table.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#define ACCEPT_WAIT_MS 200 /* for a connection over loopback that is up already at its other end */

enum { V4, V6 };

/* One block seen as either family: what the sockets API means by its casts. */
union socket_address {
    struct sockaddr_storage storage;
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static union socket_address opened(const address *a)
{
    return (union socket_address){.storage = a->storage};
}

static address address_of(const union socket_address *u)
{
    return (address){.storage = u->storage, .len = u->any.sa_family == AF_INET6 ? sizeof u->v6 : sizeof u->v4};
}

static address loopback(int family, in_port_t port)
{
    union socket_address u = {0};
    if (family == AF_INET6)
        u.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    else
        u.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return address_of(&u);
}

static bool is_mapped(const address *a)
{
    union socket_address u = opened(a);
    return u.any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&u.v6.sin6_addr);
}

/* An IPv4 address as an IPv6 socket names it (RFC 4291, 2.5.5.2). */
static address mapped(const address *a)
{
    union socket_address u = opened(a), out = {0};
    out.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = u.v4.sin_port};
    out.v6.sin6_addr.s6_addr32[2] = htonl(0xffff);
    out.v6.sin6_addr.s6_addr32[3] = u.v4.sin_addr.s_addr;
    return address_of(&out);
}

static address unmapped(const address *a)
{
    union socket_address u = opened(a), out = {0};
    if (!is_mapped(a))
        return *a;
    out.v4 =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = u.v6.sin6_port, .sin_addr.s_addr = u.v6.sin6_addr.s6_addr32[3]};
    return address_of(&out);
}

static bool own_address(int fd, address *out)
{
    union socket_address u = {0};
    socklen_t len = sizeof u;
    if (getsockname(fd, &u.any, &len) != 0)
        return false;
    *out = address_from_sockaddr(&u.any, len);
    return out->len != 0;
}

static int connect_to(int fd, const address *to)
{
    union socket_address u = opened(to);
    return connect(fd, &u.any, to->len);
}

/* A socket bound to `a`; with `share`, one of several with that port. */
static int bound_socket(const address *a, bool share)
{
    union socket_address u = opened(a);
    int fd = socket(u.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    if (fd < 0)
        return -1;
    if (share)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int));
    if (bind(fd, &u.any, a->len) == 0)
        return fd;
    int saved = errno;
    (void)close(fd);
    errno = saved;
    return -1;
}

static void close_keeping_errno(int fd)
{
    int saved = errno;
    (void)close(fd);
    errno = saved;
}

/* ---- the holder -------------------------------------------------------------------------------------------------- */

/* A connection of our own that is never accepted, and no room for another: from now on the listener drops every SYN. (A socket
 * filter that drops all would do as well, but attaching one to a TCP socket is refused to ordinary users by some kernels.) */
static int fill(int listener, address *at)
{
    struct pollfd ready = {.events = POLLOUT};
    if (listen(listener, 0) != 0 || !own_address(listener, at))
        return -1;
    ready.fd = socket(opened(at).any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    if (ready.fd >= 0 && (connect_to(ready.fd, at) == 0 || errno == EINPROGRESS) && poll(&ready, 1, ACCEPT_WAIT_MS) > 0 &&
        connect_to(ready.fd, at) == 0)
        return ready.fd;
    if (ready.fd >= 0)
        close_keeping_errno(ready.fd);
    return -1;
}

static int open_holder(int family, address *at, int *filler)
{
    address any_port = loopback(family, 0);
    int fd = bound_socket(&any_port, true);
    *filler = fd >= 0 ? fill(fd, at) : -1;
    if (*filler >= 0)
        return fd;
    if (fd >= 0)
        close_keeping_errno(fd);
    return -1;
}

bool join_holder_open(join_holder *h, error *e)
{
    *h = (join_holder){.sockets = {-1, -1}, .fillers = {-1, -1}};
    h->sockets[V4] = open_holder(AF_INET, &h->addresses[V4], &h->fillers[V4]);
    if (h->sockets[V4] < 0 && (errno == ENETUNREACH || errno == EADDRNOTAVAIL))
        return error_set(e, ERROR_UNSUPPORTED,
                         "the loopback interface is down here, over which connections are led: ip link set lo up");
    if (h->sockets[V4] < 0)
        return error_set_errno(e, "cannot listen on 127.0.0.1");
    address filler;
    h->can_look =
        own_address(h->fillers[V4], &filler) && socket_table_has(&filler, &h->addresses[V4]) && !socket_table_has(&filler, &filler);
    h->sockets[V6] = open_holder(AF_INET6, &h->addresses[V6], &h->fillers[V6]);
    return true;
}

void join_holder_close(join_holder *h)
{
    for (int i = 0; i < 2; i++) {
        if (h->sockets[i] >= 0)
            (void)close(h->sockets[i]);
        if (h->fillers[i] >= 0)
            (void)close(h->fillers[i]);
        h->sockets[i] = h->fillers[i] = -1;
    }
}

bool join_holder_address(const join_holder *h, const address *to, bool v6_only, address *out)
{
    union socket_address u = opened(to);
    if (u.any.sa_family == AF_INET)
        *out = h->addresses[V4];
    else if (!is_mapped(to) && h->sockets[V6] >= 0)
        *out = h->addresses[V6];
    else if (!v6_only)
        *out = mapped(&h->addresses[V4]);
    else
        return false;
    return true;
}

/* ---- held -------------------------------------------------------------------------------------------------------- */

/* A blocking socket is told not to block for the length of one call: nothing here may wait. */
static int connect_without_waiting(int fd, const address *to)
{
    int flags = fcntl(fd, F_GETFL);
    bool blocks = flags >= 0 && (flags & O_NONBLOCK) == 0;
    if (flags < 0 || (blocks && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0))
        return -1;
    int result = connect_to(fd, to);
    int saved = errno;
    if (blocks)
        (void)fcntl(fd, F_SETFL, flags);
    errno = saved;
    return result;
}

bool join_is_held(const join_holder *h, const address *at, const address *own)
{
    address here = unmapped(own), there = unmapped(at);
    return !h->can_look || socket_table_has(&here, &there);
}

static void disconnect(int task_socket)
{
    union socket_address u = {.any = {.sa_family = AF_UNSPEC}};
    (void)connect(task_socket, &u.any, sizeof u.any);
}

void join_refuse(int task_socket)
{
    disconnect(task_socket);                /* leaves ECONNRESET where it was pending */
    (void)shutdown(task_socket, SHUT_RDWR); /* fails with ENOTCONN and is remembered all the same: poll(2) then says POLLIN, too */
}

void join_dissolve(int task_socket)
{
    int problem;
    socklen_t len = sizeof problem;
    disconnect(task_socket);
    (void)getsockopt(task_socket, SOL_SOCKET, SO_ERROR, &problem, &len);
}

int join_again(int task_socket, const address *at)
{
    return connect_without_waiting(task_socket, at) == 0 ? 0 : errno;
}

bool join_hold(int task_socket, const address *at, address *own)
{
    if (connect_without_waiting(task_socket, at) == 0) {
        errno = EISCONN; /* cannot be: nobody answers there */
        return false;
    }
    return errno == EINPROGRESS && own_address(task_socket, own);
}

int join_release(const address *at, const address *own)
{
    address from = unmapped(at), to = unmapped(own);
    int fd = bound_socket(&from, true);
    if (fd < 0)
        return -1;
    if (connect_to(fd, &to) == 0 || errno == EINPROGRESS)
        return fd;
    close_keeping_errno(fd);
    return -1;
}

/* Whatever comes from a socket of the usual hop limit is dropped before TCP sees it (ip(7), ipv6(7); RFC 5082). */
static bool make_deaf(int fd, int family)
{
    const int hops = 255;
    return family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, &hops, sizeof hops) == 0
                              : setsockopt(fd, IPPROTO_IP, IP_MINTTL, &hops, sizeof hops) == 0;
}

/* Begins a connection from the holder's port to a held socket and leaves it: at the other end is SYN-RECEIVED (RFC 9293, 3.5). */
static bool knock(const address *from, const address *to, bool is_deaf)
{
    int fd = bound_socket(from, true);
    if (fd < 0)
        return false;
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    bool sent = (!is_deaf || make_deaf(fd, from->storage.ss_family)) && (connect_to(fd, to) == 0 || errno == EINPROGRESS);
    (void)close(fd);
    return sent;
}

/* The held socket's SYN and the first of ours cross, and its answer is not heard: it is on its way up, and to no poll(2) ready. The
 * second SYN is one that it does not expect. It asks what that means (RFC 5961, 4.2), and since nobody knows of its connection any
 * more, it is reset (RFC 9293, 3.10.7.3). Over loopback all of that happens within the calls. */
bool join_refuse_from_afar(const address *at, const address *own)
{
    address from = unmapped(at), to = unmapped(own);
    return knock(&from, &to, true) && knock(&from, &to, false);
}

/* ---- at once ----------------------------------------------------------------------------------------------------- */

/* Anyone on this machine can connect to a port on loopback: only the expected peer is taken. */
static int accept_from(int listener, const address *expected)
{
    for (int tries = 0; tries < 16; tries++) {
        struct pollfd ready = {.fd = listener, .events = POLLIN};
        union socket_address u = {0};
        socklen_t len = sizeof u;
        if (poll(&ready, 1, ACCEPT_WAIT_MS) <= 0)
            break;
        int fd = accept4(listener, &u.any, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            continue;
        address peer = address_from_sockaddr(&u.any, len);
        if (address_equal(&peer, expected))
            return fd;
        (void)close(fd);
    }
    errno = ECONNABORTED;
    return -1;
}

/* The same place as the holder's `at`, with another port. */
static address beside(const address *at, const address *port_of)
{
    union socket_address here = opened(at), there = opened(port_of);
    if (here.any.sa_family == AF_INET6)
        here.v6.sin6_port = there.any.sa_family == AF_INET6 ? there.v6.sin6_port : there.v4.sin_port;
    else
        here.v4.sin_port = there.v4.sin_port;
    return address_of(&here);
}

/* Over loopback the handshake is done within the first call; the second one moves the socket on from "connecting". */
static bool connect_fully(int task_socket, const address *to)
{
    struct pollfd ready = {.fd = task_socket, .events = POLLOUT};
    if (connect_without_waiting(task_socket, to) == 0)
        return true;
    if (errno != EINPROGRESS)
        return false;
    if (poll(&ready, 1, ACCEPT_WAIT_MS) <= 0) {
        errno = ETIMEDOUT;
        return false;
    }
    return connect_without_waiting(task_socket, to) == 0;
}

int join_now(int task_socket, const address *at)
{
    address any_port = loopback(opened(at).any.sa_family == AF_INET6 && !is_mapped(at) ? AF_INET6 : AF_INET, 0), listens, own;
    int listener = bound_socket(&any_port, false), fd = -1;
    if (listener < 0)
        return -1;
    if (listen(listener, 8) == 0 && own_address(listener, &listens)) {
        address to = beside(at, &listens);
        if (connect_fully(task_socket, &to) && own_address(task_socket, &own))
            fd = accept_from(listener, &own);
    }
    close_keeping_errno(listener);
    return fd;
}
