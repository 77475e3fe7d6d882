/*
 * Ownership: lives in the arena of the run; timers and inquiries are stopped by run.c.
 * A connection of the run as this room keeps it: what the trace saw, and the evidence made from it.
 */
#ifndef TLSWHY_RUN_WATCHED_H
#define TLSWHY_RUN_WATCHED_H

#include "run/inquiry.h"
#include "run/names.h"
#include "trace/snapshot.h"
#include "trace/trace.h"

#define WATCHED_ADDRESSES_MAX ((size_t)8)

typedef struct watched {
    const trace_connection *traced; /* NULL: of a name that had no address */
    evidence asked;                 /* as it was when the inquiry began: a snapshot */
    evidence told;                  /* as it is when the report is made */
    address addresses[WATCHED_ADDRESSES_MAX];
    inquiry *inquiry;
    bool wants_inquiry;              /* waits for its turn */
    size_t same_as;                  /* number + 1 of the one whose verdict it shares; 0: none */
    const process_snapshot *process; /* at its first byte, or when it connected where it was gone by then */
    bool has_spoken;                 /* process is that of its first byte */
    loop_timer *silence;
    bool silence_over;
} watched;

typedef struct watched_list {
    watched **items;
    size_t num_items, capacity;
    const trace *trace; /* whose look-ups are asked for names; NULL: none */
} watched_list;

watched *watched_add(arena *a, watched_list *list, const trace_connection *traced);

/* Evidence of the connection as it is now: host, addresses, names, TCP. `snapshot` copies the conversation, which goes on changing.
 */
void watched_fill_evidence(arena *a, watched *w, const watched_list *all, char *const *argv, bool command_failed, bool snapshot,
                           evidence *out);

/* Reads what the process is, when it connects and again when it has spoken. One reading serves all connections of one program. */
void watched_take_snapshot(arena *a, watched *w, const watched_list *all);

/* An earlier one that failed in the same way with the same hello; NULL where there is none. */
watched *watched_twin(arena *a, const watched *w, const watched_list *all, size_t *index);

#endif
