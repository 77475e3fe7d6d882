/*
 * Asks the kernel whether a TCP socket exists, by its two addresses (NETLINK_SOCK_DIAG, sock_diag(7)).
 */
#ifndef TLSWHY_TRACE_SOCKET_TABLE_H
#define TLSWHY_TRACE_SOCKET_TABLE_H

#include "net/address.h"

/* False only where the kernel says so; a kernel without sock_diag says it of every socket. */
bool socket_table_has(const address *own, const address *peer);

#endif
