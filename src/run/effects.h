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
size_t effects_of(arena *a, const verdict *v, const evidence *e, wish out[EFFECTS_MAX]);

/* Both at once; where they wish for different versions, as the second does. */
wish wishes_joined(arena *a, const wish *first, const wish *second);

/* Whether that hello is as wished; false where a hello does not show it (a level, trust). */
bool wish_is_met(arena *a, const wish *w, const client_hello *hello);

/* "TLS 1.2 as the highest version": after "with". */
const char *wish_text(arena *a, const wish *w);
/* What it costs, for those that are weak: for whom and until when; NULL for the others. */
const char *wish_cost(const wish *w);

#endif
