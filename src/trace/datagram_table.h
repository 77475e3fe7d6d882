/*
 * The kernel's table of UDP sockets (/proc/PID/net/udp and udp6, proc_pid_net(5)).
 *
 * Ownership: nothing is owned.
 */
#ifndef TLSWHY_TRACE_DATAGRAM_TABLE_H
#define TLSWHY_TRACE_DATAGRAM_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct datagram_row {
    uint64_t inode;
    uint16_t own_port, peer_port; /* peer: 0 where it is not connected */
} datagram_row;

/* One line of it; false where it is none. */
bool datagram_row_read(const char *line, datagram_row *out);

/* Of the process's network namespace, those that `is_wanted` says: at most `max` of them. */
size_t datagram_table_read(pid_t pid, bool (*is_wanted)(void *user, const datagram_row *row), void *user, datagram_row *out,
                           size_t max);

/* Whether the kernel gives such a port to a socket that asks for none (ip_local_port_range, ip(7)). */
bool datagram_port_is_given(uint16_t port);

#endif
