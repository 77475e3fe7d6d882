/*
 * Bounds what a run keeps: of connections that worked, that were without TLS and that ended otherwise, the first some hundred each
 * are kept whole; of the others a count, and of the latest a short copy, by which the rest is judged.
 *
 * Ownership: a `forgotten` is its owner's; the connections given up go with all that is theirs.
 */
#ifndef TLSWHY_RUN_FORGET_H
#define TLSWHY_RUN_FORGET_H

#include "run/watched.h"

#define FORGET_KEPT_MAX ((size_t)256) /* of each kind */
#define FORGET_COPIES_MAX ((size_t)256)

typedef struct forgotten {
    trace_connection copies[FORGET_COPIES_MAX]; /* a ring */
    size_t num;                                 /* in all */
    size_t num_ok, num_plain, num_others;
    size_t look_at; /* how many are kept before it is worth to look again */
} forgotten;

/* Not within a callback of the trace. Those that an inquiry is about, or will be, are kept. */
void forget_some(forgotten *f, trace *t, watched_list *list);

/* The connections that are kept, and the copies, in the arena. Returns how many. */
size_t forget_all_known(arena *a, const forgotten *f, const trace *t, const trace_connection *const **out);

#endif
