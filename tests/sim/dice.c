#include "dice.h"

uint64_t dice_next(dice *d)
{
    uint64_t z = d->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

size_t dice_below(dice *d, size_t bound)
{
    return (size_t)(dice_next(d) % bound);
}

bool dice_says(dice *d, unsigned percent)
{
    return dice_below(d, 100) < percent;
}

code_list dice_some(dice *d, arena *a, code_list list, unsigned percent)
{
    code_list some = {.codes = ARENA_ARRAY(a, list.num_codes, uint16_t)};
    for (size_t i = 0; i < list.num_codes; i++)
        if (dice_says(d, percent))
            some.codes[some.num_codes++] = list.codes[i];
    return some;
}

void dice_bytes(void *dice_pointer, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(dice_next(dice_pointer) >> 32);
}
