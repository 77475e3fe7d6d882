/*
 * A pipe through which much is moved from one socket to another by splice(2), without being copied here.
 *
 * What it saves depends on its size: over loopback a pipe of the usual 64 KiB is no faster than copying, since it cuts what it
 * moves into smaller pieces; one of a megabyte takes a seventh of the CPU (bench/watching).
 *
 * Ownership: a conduit owns its pipe from conduit_open until conduit_close. SIGPIPE must be ignored: splice(2) has no flag for it.
 */
#ifndef TLSWHY_TRACE_CONDUIT_H
#define TLSWHY_TRACE_CONDUIT_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CONDUITS_MAX 16 /* of a pool: each may hold a megabyte of a slow receiver's */

/* How many are open; of all relays that share it. Zeroed at its beginning, and outlives them. */
typedef struct conduit_pool {
    int num_open;
} conduit_pool;

typedef struct conduit {
    conduit_pool *pool;
    bool is_open;
    int ends[2]; /* read, write */
    size_t size; /* bytes of its pipe, as far as pages are full */
    size_t held; /* bytes that went in and are not out yet */
} conduit;

/* False where there is none to be had now: CONDUITS_MAX are open, or no descriptor or memory for a pipe that is worth it is left.
 */
bool conduit_open(conduit *c, conduit_pool *pool) MUST_CHECK;
/* What it holds is lost. One that is not open stays so. */
void conduit_close(conduit *c);

/* Takes at most `len` bytes in, which is more than 0, from a socket that does not block; the bytes taken, 0 at the stream's end, or
 * -1 with errno. */
ssize_t conduit_fill(conduit *c, int from, size_t len);
/* Gives at most what it holds to a socket that does not block; likewise. More is about to follow at once (MSG_MORE). */
ssize_t conduit_drain(conduit *c, int to);

#endif
