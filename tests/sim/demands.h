/*
 * A harder world than world.h's: servers of real families, clients narrowed in every respect, obstacles that come together, and
 * some that real servers are known for. Ownership: as in world.h.
 */
#ifndef TLSWHY_TESTS_SIM_DEMANDS_H
#define TLSWHY_TESTS_SIM_DEMANDS_H

#include "world.h"

/* As pair_draw. */
bool hard_pair_draw(arena *a, const hello_store *store, uint64_t seed, enum obstacle wanted, pair *out);

/* Puts an obstacle of this world (OBSTACLE_NAME_STRICT and after) into a pair that works; false where it does not fit. */
bool hard_obstacle_put(enum obstacle o, dice *d, arena *a, pair *p);

#endif
