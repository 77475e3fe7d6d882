/*
 * Signs of QUIC (HTTP/3) on sockets that are never connected, so that nothing is asked of us when they begin: options that hardly
 * anything else sets, and where received datagrams are from. Pure.
 */
#ifndef TLSWHY_TRACE_QUIC_H
#define TLSWHY_TRACE_QUIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An option of setsockopt(2) that a QUIC library sets, as a filter can see it. */
typedef struct quic_option {
    int level, name;
} quic_option;

#define QUIC_OPTIONS_NUM ((size_t)4)
extern const quic_option quic_options[QUIC_OPTIONS_NUM];
bool quic_is_option(int level, int name);

/* The latest sockets whose datagrams were looked at. Zeroed at its beginning. */
#define QUIC_SOCKETS_MAX ((size_t)64)
typedef struct quic_looks {
    uint64_t inodes[QUIC_SOCKETS_MAX]; /* a ring; 0: none */
    uint64_t nums[QUIC_SOCKETS_MAX];   /* of calls that received */
    size_t next;
} quic_looks;

/* Whether to look at what that socket is about to receive: at its first few datagrams, since looking takes some time. */
bool quic_wants_look(quic_looks *q, uint64_t inode);

#endif
