/*
 * TCP Fast Open (RFC 7413) by sendto(2) or sendmsg(2): a connect that takes the first data along, where this server has given a
 * cookie before. Where it has not, the kernel connects, and takes no data: a socket that does not block is told EINPROGRESS, and
 * whoever asked sends its data when it is connected (tcp_sendmsg_fastopen in net/ipv4/tcp.c). Every program that does this has to
 * know that answer, and it is the one that is given here. Of a socket that blocks the kernel sends the data itself: that is passed.
 */
#include "trace/state.h"

#include "trace/process.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* The address and its length, out of a struct msghdr in the task's memory: its first two fields. */
static bool read_message_name(const notification *n, uint64_t *at, uint64_t *len)
{
    struct {
        uint64_t name;
        uint32_t name_len;
    } wide = {0};
    struct {
        uint32_t name, name_len;
    } narrow = {0};
    bool ok = n->is_narrow ? process_read(n->tid, n->args[1], &narrow, sizeof narrow)
                           : process_read(n->tid, n->args[1], &wide, offsetof(struct msghdr, msg_namelen) + sizeof wide.name_len);
    *at = n->is_narrow ? narrow.name : wide.name;
    *len = n->is_narrow ? narrow.name_len : wide.name_len;
    return ok;
}

/* The connect that it is, of a socket that does not block and has not been connected here. */
static bool as_connect(const trace *t, const notification *n, notification *out)
{
    replica_kind kind;
    int descriptor = (int)n->args[0];
    uint64_t at = n->args[4], len = n->args[5];
    if (!replica_kind_of(n->tid, descriptor, &kind) || kind.type != SOCK_STREAM || (kind.flags & O_NONBLOCK) == 0)
        return false;
    if (channel_find(t, process_socket_inode(n->tid, descriptor)) != NULL)
        return false; /* the kernel's own answer is the right one: EALREADY, EISCONN */
    if (n->call == WATCHED_SEND_MESSAGE && !read_message_name(n, &at, &len))
        return false;
    *out = *n;
    out->call = WATCHED_CONNECT;
    out->args[1] = at;
    out->args[2] = len;
    return at != 0 && len != 0;
}

/* Whether it is one at all: datagrams take no notice of the flag. */
static bool is_of_a_stream(const notification *n)
{
    replica_kind kind;
    return !replica_kind_of(n->tid, (int)n->args[0], &kind) || kind.type == SOCK_STREAM;
}

void fast_open_notified(trace *t, const notification *n)
{
    notification own = *n, connect;
    own.pid = n->pid != 0 ? n->pid : process_of_task(n->tid);
    if (!t->passes_all && as_connect(t, &own, &connect)) {
        connect_notified(t, &connect);
        return;
    }
    bool is_new = channel_find(t, process_socket_inode(n->tid, (int)n->args[0])) == NULL;
    if (is_new && is_of_a_stream(n))
        trace_note_unobserved(t, own.pid, "TCP Fast Open", "a connection that begins with data is not led through the relay");
    supervisor_pass(t, n->id);
}
