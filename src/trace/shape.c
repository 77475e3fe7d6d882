/*
 * Calls that shape a socket before it is connected: remembered where its equal may have to be made, and always passed. Some tell
 * that it will never be connected, and what for.
 */
#include "trace/state.h"

#include "trace/process.h"
#include <sys/socket.h>

static void remember(trace *t, const notification *n, replica_call call, uint64_t at, uint64_t len)
{
    call.inode = process_socket_inode(n->tid, (int)n->args[0]);
    call.too_large = len > sizeof call.value || !process_read(n->tid, at, call.value, len);
    call.len = call.too_large ? 0 : (socklen_t)len;
    if (call.inode != 0 && t->memory.calls != NULL)
        replica_remember(&t->memory, &call);
    supervisor_pass(t, n->id);
}

void bind_notified(trace *t, const notification *n)
{
    remember(t, n, (replica_call){.is_bind = true}, n->args[1], (uint32_t)n->args[2]);
}

bool notification_is_of_udp(const notification *n)
{
    replica_kind kind;
    return replica_kind_of(n->tid, (int)n->args[0], &kind) && kind.type == SOCK_DGRAM;
}

void option_notified(trace *t, const notification *n)
{
    if (!t->passes_all && quic_is_option((int)n->args[1], (int)n->args[2]) && notification_is_of_udp(n))
        trace_note_unobserved(t, n->pid, "datagrams as of QUIC (HTTP/3)",
                              "a UDP socket was set up as libraries for QUIC do it; where it sends to is not seen");
    remember(t, n, (replica_call){.level = (int)n->args[1], .name = (int)n->args[2]}, n->args[3], (uint32_t)n->args[4]);
}
