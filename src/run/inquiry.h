/*
 * One diagnosis on its way: the engine's waves, asked by a prober. It ends by itself, at its deadline at the latest.
 * Ownership: an inquiry owns its prober; verdict and answers live in the arena given.
 */
#ifndef TLSWHY_RUN_INQUIRY_H
#define TLSWHY_RUN_INQUIRY_H

#include "diagnose/diagnosis.h"
#include "probe/probe.h"

typedef struct inquiry inquiry;
typedef void inquiry_callback(void *user, inquiry *i);

typedef struct inquiry_target {
    const address *addresses;      /* as many as the evidence has, in its order */
    int64_t silence_us;            /* so long an answer is waited for at least, where that is longer than usual; 0: as usual */
    int64_t round_trip_us;         /* as the client's own connection showed it; 0 unknown */
    int64_t deadline_us;           /* absolute, of loop_now_us */
    const preamble_script *script; /* what is said before a hello; NULL: what the client itself said, without credentials */
    key_log_line *key_log;         /* where secrets of the probes go; NULL: nowhere */
    void *key_log_user;
    int64_t gap_us; /* between the beginnings of two connections, at least; 0: none */
} inquiry_target;

/* Begins at once; calls back when decided. `given` and the addresses must outlive it. */
inquiry *inquiry_start(arena *a, loop *l, const evidence *given, const inquiry_target *target, inquiry_callback *decided,
                       void *user);
void inquiry_free(inquiry *i); /* accepts NULL; also in the middle: open probes are closed */

bool inquiry_is_decided(const inquiry *i);
const verdict *inquiry_verdict(const inquiry *i); /* NULL until decided */
size_t inquiry_num_connections(const inquiry *i);

#endif
