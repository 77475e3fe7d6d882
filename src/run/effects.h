/*
 * What would have to be otherwise on the client for the failure to go away: from the verdict and what made the difference. Pure.
 * Ownership: texts live in the arena given.
 */
#ifndef TLSWHY_RUN_EFFECTS_H
#define TLSWHY_RUN_EFFECTS_H

#include "causes/evidence.h"
#include "causes/verdict.h"
#include "client/overlay.h"

enum { EFFECTS_MAX = 6 };

/* Those that can be tried on a client, what is not weak first; at most EFFECTS_MAX. None where nothing can be done on the client,
 * or only in its code. */
size_t effects_of(arena *a, const verdict *v, const evidence *e, effect out[EFFECTS_MAX]);

/* "offering TLS 1.2 at most": after "with". */
const char *effect_text(arena *a, const effect *e);
/* What it costs, for those that are weak: for whom and until when; NULL for the others. */
const char *effect_cost(const effect *e);

#endif
