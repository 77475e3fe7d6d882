/*
 * The socket that stands in for a task's towards the server: of the same family, bound as the task's is, with the options that the
 * network sees. Ownership: a descriptor returned is the caller's.
 */
#ifndef TLSWHY_TRACE_UPSTREAM_H
#define TLSWHY_TRACE_UPSTREAM_H

#include "base/error.h"
#include "net/address.h"

/* What keeps a task's socket from being led through us: a literal for people, or NULL where nothing does. `silent` where there is
 * nothing to tell either: it is no TCP, or its connect will fail by itself. */
const char *upstream_obstacle(int task_socket, uint64_t network_cookie, bool *silent);

/* The network namespace that a socket belongs to; 0 where the kernel (before 5.14) does not tell. */
uint64_t upstream_network_cookie(int fd);

/* A non-blocking socket like the task's, close-on-exec. -1 with errno. */
int upstream_socket(int task_socket) MUST_CHECK;

#endif
