/*
 * Asks the kernel whether a TCP socket exists, and is held, by its two addresses (NETLINK_SOCK_DIAG, sock_diag(7)).
 */
#ifndef TLSWHY_TRACE_SOCKET_TABLE_H
#define TLSWHY_TRACE_SOCKET_TABLE_H

#include "net/address.h"

/* False only where the kernel says so; a kernel without sock_diag says it of every socket. */
bool socket_table_has(const address *own, const address *peer);
/* Whether no process holds the other end, on this host, of a connected TCP socket any more: it was closed, not only shut down.
 * False where that cannot be known. */
bool socket_table_peer_is_closed(int connected);

#endif
