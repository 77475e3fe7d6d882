/*
 * Chance, all of it from one seed: splitmix64. Ownership: a value.
 */
#ifndef TLSWHY_TESTS_SIM_DICE_H
#define TLSWHY_TESTS_SIM_DICE_H

#include "base/bytes.h"

typedef struct dice {
    uint64_t state;
} dice;

uint64_t dice_next(dice *d);
size_t dice_below(dice *d, size_t bound);                                 /* 0 to bound - 1; bound above 0 */
bool dice_says(dice *d, unsigned percent);                                /* true in so many of a hundred */
code_list dice_some(dice *d, arena *a, code_list list, unsigned percent); /* each with that chance, in order */
void dice_bytes(void *dice_pointer, uint8_t *out, size_t len);

#endif
