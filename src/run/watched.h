/*
 * Ownership: it lives in the arena of its connection and goes with it; inquiries are stopped by run.c.
 * A connection of the run as this room keeps it: what the trace saw, and the evidence made from it.
 */
#ifndef TLSWHY_RUN_WATCHED_H
#define TLSWHY_RUN_WATCHED_H

#include "run/inquiry.h"
#include "run/names.h"
#include "trace/snapshot.h"
#include "trace/trace.h"

#define WATCHED_ADDRESSES_MAX ((size_t)8)

/* What a process was found to be, shared by all of its connections. */
typedef struct known_program {
    struct known_program *next; /* the one before it */
    arena *arena;               /* its own */
    const process_snapshot *snapshot;
    bool has_spoken; /* read when its libraries were loaded for certain */
    size_t num_users;
} known_program;

typedef struct watched {
    const trace_connection *traced; /* NULL: of a name that had no address */
    evidence asked;                 /* as it was when the inquiry began: a snapshot */
    evidence told;                  /* as it is when the report is made */
    address addresses[WATCHED_ADDRESSES_MAX];
    inquiry *inquiry;
    bool is_about_silence;           /* the inquiry began when the server had not answered */
    bool wants_inquiry;              /* waits for its turn */
    struct watched *twin;            /* whose verdict it shares; NULL: none */
    size_t num_more;                 /* that were the same, and are forgotten */
    known_program *program;          /* whose snapshot `process` is */
    const process_snapshot *process; /* at its first byte, or when it connected where it was gone by then */
    bool has_spoken;                 /* process is that of its first byte */
    loop_timer *silence;
    bool silence_over;
    bool was_given_up; /* a trial that was ended for it */
} watched;

typedef struct watched_list {
    watched **items;
    size_t num_items, capacity;
    const trace *trace;      /* whose look-ups are asked for names; NULL: none */
    known_program *programs; /* the newest first; some that nobody uses are kept for the next connection */
    size_t num_begun;        /* connections, with those that are forgotten */
} watched_list;

watched *watched_add(arena *a, watched_list *list, const trace_connection *traced);

/* Evidence of the connection as it is now: host, addresses, names, TCP. `snapshot` copies the conversation, which goes on changing.
 */
void watched_fill_evidence(arena *a, watched *w, const watched_list *all, char *const *argv, bool command_failed, bool snapshot,
                           evidence *out);

/* Reads what the process is, when it connects and again when it has spoken. One reading serves all connections of one program. */
void watched_take_snapshot(watched *w, watched_list *all);

/* One that failed in the same way with the same hello, and is or will be asked about; NULL where there is none. */
watched *watched_twin(const watched *w, const watched_list *all);
/* The same among those that nobody asks about. */
watched *watched_alike(const watched *w, const watched_list *all);

/* It is about to be forgotten: it leaves its program, and waits for nothing. */
void watched_leave(watched *w, watched_list *all);
/* What is left of programs goes with `a`. */
void watched_keep_programs(arena *a, watched_list *all);

#endif
