/*
 * What a task asks about a socket that is led through us: it is told of the connection that it wanted. The kernel answers for
 * every other socket, and where its own answer is an error.
 */
#include "trace/state.h"

#include "trace/process.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* One block seen as any family: what the sockets API means by its casts. */
union socket_address {
    struct sockaddr_storage storage;
    struct sockaddr any;
};

static channel *channel_of(const trace *t, const notification *n)
{
    return t->channels == NULL ? NULL : channel_find(t, process_socket_inode(n->tid, (int)n->args[0]));
}

/* As the kernel gives out an address: as much as there is room for, and the length that it has. */
static bool write_address(const notification *n, const address *a)
{
    int32_t room;
    if (!process_read(n->tid, n->args[2], &room, sizeof room) || room < 0)
        return false;
    size_t len = (size_t)room < a->len ? (size_t)room : a->len;
    uint32_t full = a->len;
    return (len == 0 || process_write(n->tid, n->args[1], &a->storage, len)) &&
           process_write(n->tid, n->args[2], &full, sizeof full);
}

static void answer_address(trace *t, const notification *n, const address *a)
{
    if (a->len != 0 && supervisor_is_alive(t, n->id) && write_address(n, a))
        (void)supervisor_answer(t, n->id, 0);
    else
        supervisor_pass(t, n->id);
}

static bool is_connected(int fd)
{
    union socket_address u;
    socklen_t len = sizeof u;
    return getpeername(fd, &u.any, &len) == 0;
}

/* Whether the kernel would name a peer of the task's socket, if it were upstream's: no longer once a reset has come, or both ends
 * have been said. Upstream hears first what the task has written, for the answer to that may be the reset. */
static bool has_peer(const trace *t, const notification *n, channel *c)
{
    if (c->relay != NULL)
        relay_catch_up(c->relay);
    if (c->relay != NULL && !is_connected(relay_server_socket(c->relay)))
        return false;
    int fd = supervisor_copy_socket(t, n);
    if (fd < 0)
        return c->relay != NULL;
    bool connected = is_connected(fd);
    (void)close(fd);
    return connected;
}

void peer_name_notified(trace *t, const notification *n)
{
    datagrams_socket_used(t, n, process_socket_inode(n->tid, (int)n->args[0]));
    channel *c = channel_of(t, n);
    enum trace_tcp_state state = c == NULL ? TRACE_CONNECTING : c->connection->tcp_state;
    if (state == TRACE_CONNECT_FAILED) /* it may be up for a moment before it is reset */
        (void)supervisor_answer(t, n->id, ENOTCONN);
    else if (state == TRACE_CONNECTED && has_peer(t, n, c))
        answer_address(t, n, &c->asked);
    else if (state == TRACE_CONNECTED)
        (void)supervisor_answer(t, n->id, ENOTCONN);
    else
        supervisor_pass(t, n->id);
}

void own_name_notified(trace *t, const notification *n)
{
    const channel *c = channel_of(t, n);
    if (c != NULL && (c->held || c->connection->tcp_state == TRACE_CONNECTED))
        answer_address(t, n, &c->local);
    else
        supervisor_pass(t, n->id);
}

/* The socket's own error is that of the connection over loopback: taken away, so that it is not told after the true one. */
static void take_own_error(const trace *t, const notification *n)
{
    int problem = 0;
    socklen_t len = sizeof problem;
    int fd = supervisor_copy_socket(t, n);
    if (fd < 0)
        return;
    (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &len);
    (void)close(fd);
}

void socket_error_notified(trace *t, const notification *n)
{
    channel *c = channel_of(t, n);
    int32_t problem = c != NULL ? c->untold_errno : 0;
    uint32_t room = 0;
    bool told = c != NULL && c->replica && c->connection->tcp_state == TRACE_CONNECT_FAILED; /* its own cannot be taken away */
    bool ours = (problem != 0 || told) && process_read(n->tid, n->args[4], &room, sizeof room) && room >= sizeof problem &&
                supervisor_is_alive(t, n->id);
    uint32_t len = sizeof problem;
    if (!ours || !process_write(n->tid, n->args[3], &problem, sizeof problem) ||
        !process_write(n->tid, n->args[4], &len, sizeof len)) {
        supervisor_pass(t, n->id);
        return;
    }
    take_own_error(t, n);
    if (supervisor_answer(t, n->id, 0))
        c->untold_errno = 0;
}
