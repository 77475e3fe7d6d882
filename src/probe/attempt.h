/*
 * One connection of a probe: connect, say the preamble, send the hello, follow one HelloRetryRequest, listen until the answer is
 * known or the deadline has come. What to make of it, and whether to ask again, is the prober's business.
 *
 * Ownership: an attempt lives in the arena given, as does its answer's conversation; its socket and timers are its own until it has
 * called back or attempt_cancel. The question is borrowed until then.
 */
#ifndef TLSWHY_PROBE_ATTEMPT_H
#define TLSWHY_PROBE_ATTEMPT_H

#include "probe/probe.h"

/* What a server may send before the attempt gives up on it, bytes. */
#define ATTEMPT_RECEIVED_LEN_MAX ((size_t)1024 * 1024)

typedef struct attempt attempt;

/* `was_answered`: at least one byte came after the preamble. The attempt is over when this is called. */
typedef void attempt_callback(void *user, const answer *answer, bool was_answered);

/* Begins at once; never calls back before it has returned. `timeout_us` is for all of it, from now on. */
attempt *attempt_start(loop *l, arena *a, const question *q, int64_t timeout_us, attempt_callback *done, void *user);
/* Closes the connection without calling back. */
void attempt_cancel(attempt *t);

#endif
