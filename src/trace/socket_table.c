#include "trace/socket_table.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <unistd.h>

typedef struct question {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
} question;

/* What comes back, as far as it is looked at. */
typedef struct answer {
    struct nlmsghdr header;
    union {
        int error; /* negated errno, of NLMSG_ERROR */
        struct inet_diag_msg socket;
        char room[512];
    };
} answer;

/* One block seen as either family: what the sockets API means by its casts. */
union socket_address {
    struct sockaddr_storage storage;
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static in_port_t write_id(const address *a, __be32 out[4])
{
    union socket_address u = {.storage = a->storage};
    if (a->storage.ss_family != AF_INET6) {
        out[0] = u.v4.sin_addr.s_addr;
        return u.v4.sin_port;
    }
    for (size_t i = 0; i < 4; i++)
        out[i] = u.v6.sin6_addr.s6_addr32[i];
    return u.v6.sin6_port;
}

static question ask_for(const address *own, const address *peer)
{
    question q = {
        .header = {.nlmsg_len = sizeof q, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST},
        .request = {.sdiag_family = (uint8_t)own->storage.ss_family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = UINT32_MAX}};
    q.request.id.idiag_sport = write_id(own, q.request.id.idiag_src);
    q.request.id.idiag_dport = write_id(peer, q.request.id.idiag_dst);
    q.request.id.idiag_cookie[0] = q.request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return q;
}

/* False where the table cannot be asked. */
static bool ask(const address *own, const address *peer, answer *got)
{
    question q = ask_for(own, peer);
    *got = (answer){0};
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0)
        return false;
    bool answered = send(fd, &q, sizeof q, 0) == (ssize_t)sizeof q && recv(fd, got, sizeof *got, MSG_DONTWAIT) > 0;
    (void)close(fd);
    return answered;
}

static bool is_missing(const answer *a)
{
    return a->header.nlmsg_type == NLMSG_ERROR && a->error == -ENOENT;
}

static bool is_found(const answer *a)
{
    return a->header.nlmsg_type == SOCK_DIAG_BY_FAMILY && a->header.nlmsg_len >= NLMSG_LENGTH(sizeof a->socket);
}

bool socket_table_has(const address *own, const address *peer)
{
    answer got;
    return !ask(own, peer, &got) || !is_missing(&got);
}

/* A kernel without the table says of every socket that it is missing: ours is asked for first. */
bool socket_table_peer_is_closed(int connected)
{
    union socket_address own, peer;
    socklen_t own_len = sizeof own, peer_len = sizeof peer;
    answer got;
    if (getsockname(connected, &own.any, &own_len) != 0 || getpeername(connected, &peer.any, &peer_len) != 0)
        return false;
    address here = address_from_sockaddr(&own.any, own_len), there = address_from_sockaddr(&peer.any, peer_len);
    if (!ask(&here, &there, &got) || !is_found(&got) || !ask(&there, &here, &got))
        return false;
    return is_missing(&got) || (is_found(&got) && got.socket.idiag_inode == 0);
}
