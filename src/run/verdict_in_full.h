/*
 * What the engine's verdict, which knows nothing of this machine, becomes when the client is looked at: why it lacks what is named,
 * also for each further obstacle; the remedies that are of no help for that reason left out, those of this machine added.
 * Ownership: in the arena given. It may start the client's runtime, and blocks for as long as why_find and remedies_of_machine.
 */
#ifndef TLSWHY_RUN_VERDICT_IN_FULL_H
#define TLSWHY_RUN_VERDICT_IN_FULL_H

#include "causes/evidence.h"
#include "causes/verdict.h"

/* A copy of `v`; `e->client` may be NULL. */
const verdict *verdict_in_full(arena *a, const verdict *v, const evidence *e);

#endif
