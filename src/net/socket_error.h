/*
 * What became of a connect(2) that was not waited for.
 *
 * Ownership: descriptors stay the caller's.
 */
#ifndef TLSWHY_NET_SOCKET_ERROR_H
#define TLSWHY_NET_SOCKET_ERROR_H

#include <stdbool.h>

/* The socket's pending error, which is taken from it; 0: none. */
int socket_error_take(int fd);

/* Whether such an error tells of a connection that had come up, and was reset then: a SYN that is turned down fails with
 * ECONNREFUSED (RFC 9293, 3.10.7.3; tcp_reset of Linux). */
bool socket_error_is_of_established(int problem);

#endif
