/*
 * TCP Fast Open (RFC 7413) by sendto(2) or sendmsg(2): a connect that takes the first data along, where this server has given a
 * cookie before. Where it has not, the kernel connects, and takes no data: a socket that does not block is told EINPROGRESS, and
 * whoever asked sends its data when it is connected (tcp_sendmsg_fastopen in net/ipv4/tcp.c). Every program that does this has to
 * know that answer, and it is the one that is given here. Of a socket that blocks the kernel sends the data itself: that is passed.
 */
#include "trace/state.h"

#include "trace/process.h"
#include <fcntl.h>
#include <sys/socket.h>

/* The connect that it is, of a socket that does not block. */
static bool as_connect(const notification *n, const replica_kind *kind, notification *out)
{
    uint64_t at = n->args[4], len = n->args[5];
    size_t pointer_len = n->is_narrow ? sizeof(uint32_t) : sizeof(uint64_t);
    if ((kind->flags & O_NONBLOCK) == 0 ||
        (n->call == WATCHED_SEND_MESSAGE && !process_read_message_name(n->tid, n->args[1], pointer_len, &at, &len)))
        return false;
    *out = *n;
    out->call = WATCHED_CONNECT;
    out->args[1] = at;
    out->args[2] = len;
    return at != 0 && len != 0;
}

void fast_open_notified(trace *t, const notification *n)
{
    replica_kind kind;
    notification own = *n, connect;
    bool is_known = replica_kind_of(n->tid, (int)n->args[0], &kind);
    bool is_stream = !is_known || kind.type == SOCK_STREAM; /* datagrams take no notice of the flag */
    /* Of one that is connected here the kernel's own answer is the right one: EALREADY, EISCONN. */
    bool is_new = channel_find(t, process_socket_inode(n->tid, (int)n->args[0])) == NULL;
    own.pid = n->pid != 0 ? n->pid : process_of_task(n->tid);
    if (!t->passes_all && is_known && is_stream && is_new && as_connect(&own, &kind, &connect)) {
        connect_notified(t, &connect);
        return;
    }
    if (is_new && is_stream)
        trace_note_unobserved(t, own.pid, "TCP Fast Open", "a connection that begins with data is not led through the relay");
    supervisor_pass(t, n->id);
}
