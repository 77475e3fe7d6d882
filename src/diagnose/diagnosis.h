/*
 * The engine. It takes the evidence of one failed connection, says which probes it wants, is fed their answers, and decides.
 * No I/O, no clock, no randomness of its own.
 *
 * How it proceeds: control and the versions one by one (wave 1); single changes that the causes propose; the smallest set where
 * no single one is enough; five and five in turn. DESIGN.md's "How a cause is proved" is its contract.
 *
 * Ownership: everything lives in the arena given.
 */
#ifndef TLSWHY_DIAGNOSE_DIAGNOSIS_H
#define TLSWHY_DIAGNOSE_DIAGNOSIS_H

#include "causes/change.h"
#include "causes/evidence.h"
#include "causes/verdict.h"
#include "probe/answer.h"

/* What one probe should be. The shell turns it into a `question`: address by index, the preamble by protocol. */
typedef struct wanted_probe {
    const client_hello *hello; /* NULL: connect and listen */
    size_t address_index;      /* into evidence.addresses */
    enum protocol preamble;    /* PROTOCOL_UNKNOWN: the one that the client itself used (if any) is repeated;
                                  PROTOCOL_TLS: none at all; else the upgrade of that protocol */
    bool keeps_chunks;         /* sends the flight in the pieces that the client used */
    enum question_depth depth; /* how far it goes once the hello was taken */
    int64_t delay_us;          /* stagger within the wave */
    bool small_segments;
    bool runs_alone;
    bool waits_long; /* silence is what it asks for: max(1 s, 8 round trips) */
} wanted_probe;

typedef struct diagnosis diagnosis;

diagnosis *diagnosis_new(arena *a, const evidence *evidence, const diagnosis_tools *tools);

/* The next wave: fills `*probes` (in the arena) and returns how many; 0 when decided, or when a file is wanted first. Call again
 * only after diagnosis_feed, or diagnosis_feed_fetched. */
size_t diagnosis_next_wave(diagnosis *d, const wanted_probe **probes);

/* After diagnosis_next_wave returned 0: where a file of certificates is to be fetched from (only where the evidence allows it), to
 * be answered by diagnosis_feed_fetched. NULL: it is decided. */
const char *diagnosis_wanted_file(const diagnosis *d);
/* What was fetched, or why it was not. Its certificates must outlive the diagnosis. */
void diagnosis_feed_fetched(diagnosis *d, const fetched *what);

/* The answers to the last wave, in its order, one for each probe. They must outlive the diagnosis. */
void diagnosis_feed(diagnosis *d, const answer *answers, size_t num_answers);

/* After diagnosis_next_wave returned 0. Never NULL then. */
const verdict *diagnosis_verdict(const diagnosis *d);

#endif
