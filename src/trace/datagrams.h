/*
 * Which sockets of UDP may carry HTTP/3: where their datagrams go is seen at connect(2), sendto(2) and sendmmsg(2). sendmsg(2)
 * sends TCP's data as well and is not notified; so the kernel's table of sockets is looked at now and then after a process has made
 * one, which also tells a socket that stays connected to port 443 from one that getaddrinfo(3) has connected for a moment, to learn
 * its own address (RFC 6724).
 *
 * Ownership: a `datagram_watch` is zeroed at its beginning, and ended by datagrams_stop.
 */
#ifndef TLSWHY_TRACE_DATAGRAMS_H
#define TLSWHY_TRACE_DATAGRAMS_H

#include "net/loop.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { DATAGRAM_MAKERS_MAX = 32, DATAGRAM_SOCKETS_MAX = 64 };

/* A process that has made a socket of UDP. */
typedef struct datagram_maker {
    pid_t pid;       /* 0: none */
    int64_t next_us; /* when its sockets are looked at */
    int64_t wait_us; /* how long it was waited for that: longer each time */
} datagram_maker;

typedef struct datagram_watch {
    datagram_maker makers[DATAGRAM_MAKERS_MAX]; /* a ring */
    size_t next_maker;
    uint64_t suspects[DATAGRAM_SOCKETS_MAX]; /* inodes, connected to port 443 and not known to be used: a ring */
    size_t next_suspect;
    uint64_t known[DATAGRAM_SOCKETS_MAX]; /* inodes, of which it is seen where they send to: a ring */
    size_t next_known;
    loop_timer *look;
} datagram_watch;

#endif
