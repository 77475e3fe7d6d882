#include "server/hunt_inner.h"

/* All that were offered with what was chosen are no better than it; those that the client had put before it are worse. */
void hunt_learn_merits(hunt *h, code_list offer, uint16_t chosen)
{
    size_t row = hunt_place(h, chosen);
    uint8_t merit = MERIT_WORSE;
    for (size_t i = 0; i < offer.num_codes && row > 0; i++) {
        size_t column = hunt_place(h, offer.codes[i]);
        if (offer.codes[i] == chosen)
            merit = MERIT_NO_BETTER;
        else if (column > 0)
            h->merits[(row - 1) * h->candidates.num_codes + column - 1] |= merit;
    }
}

/* What is known of the second beside the first: whether it is no better, or worse. Both are candidates. */
static uint8_t merit(const hunt *h, uint16_t first, uint16_t second)
{
    return h->merits[(hunt_place(h, first) - 1) * h->candidates.num_codes + hunt_place(h, second) - 1];
}

/* Each was chosen where the other was offered too: the client's order decides between them. */
static bool are_equal(const hunt *h, uint16_t one, uint16_t other)
{
    return merit(h, one, other) != 0 && merit(h, other, one) != 0;
}

/* Also where the client has its way at times, but only by putting the worse one first. */
static bool beats(const hunt *h, uint16_t better, uint16_t worse)
{
    bool is_worse = (merit(h, better, worse) & MERIT_WORSE) != 0, is_better = (merit(h, worse, better) & MERIT_WORSE) != 0;
    return (merit(h, better, worse) != 0 && merit(h, worse, better) == 0) || (is_worse && !is_better);
}

code_list hunt_unsettled(const hunt *h, uint16_t code, code_list others)
{
    code_list list = hunt_empty_list(h);
    for (size_t i = 0; i < others.num_codes; i++) {
        uint16_t other = others.codes[i];
        bool is_worse = (merit(h, code, other) & (h->has_other_reasons ? MERIT_WORSE | MERIT_NO_BETTER : MERIT_WORSE)) != 0;
        bool is_settled = other == code || are_equal(h, code, other) || is_worse;
        if (!is_settled)
            list.codes[list.num_codes++] = other;
    }
    return list;
}

static bool any_pair(const hunt *h, bool (*holds)(const hunt *h, uint16_t one, uint16_t other))
{
    code_list taken = hunt_in_state(h, CANDIDATE_TAKEN);
    for (size_t i = 0; i < taken.num_codes; i++)
        for (size_t k = 0; k < taken.num_codes; k++)
            if (i != k && holds(h, taken.codes[i], taken.codes[k]))
                return true;
    return false;
}

static bool is_passed_over(const hunt *h, uint16_t one, uint16_t other)
{
    return (merit(h, one, other) & MERIT_WORSE) != 0;
}

enum server_order hunt_order(const hunt *h)
{
    if (h->has_other_reasons)
        return h->order;
    bool is_servers = any_pair(h, is_passed_over), is_clients = any_pair(h, are_equal);
    return is_servers && is_clients ? ORDER_MIXED : is_servers ? ORDER_SERVER : is_clients ? ORDER_CLIENT : ORDER_UNKNOWN;
}

bool hunt_has_its_favourites(const hunt *h)
{
    code_list taken = hunt_in_state(h, CANDIDATE_TAKEN), others = codes_without(h->arena, taken, h->favourites);
    for (size_t i = 0; i < h->favourites.num_codes; i++)
        for (size_t k = 0; k < others.num_codes; k++)
            if (codes_contain(taken, h->favourites.codes[i]) && are_equal(h, h->favourites.codes[i], others.codes[k]))
                return true;
    return false;
}

code_list hunt_in_doubt_beside(const hunt *h, uint16_t favourite, bool are_better)
{
    code_list others = codes_without(h->arena, hunt_taken(h), h->favourites), list = hunt_empty_list(h);
    for (size_t i = 0; i < others.num_codes; i++) {
        uint16_t better = are_better ? others.codes[i] : favourite, worse = are_better ? favourite : others.codes[i];
        if (is_passed_over(h, better, worse) && merit(h, worse, better) == 0)
            list.codes[list.num_codes++] = others.codes[i];
    }
    return list;
}

/* How many of the list beat each of it. */
static size_t *count_betters(const hunt *h, code_list list)
{
    size_t *counts = ARENA_ARRAY(h->arena, list.num_codes, size_t);
    for (size_t i = 0; i < list.num_codes; i++)
        for (size_t k = 0; k < list.num_codes; k++)
            counts[i] += i != k && beats(h, list.codes[k], list.codes[i]);
    return counts;
}

code_list hunt_by_merit(const hunt *h, code_list list)
{
    code_list sorted = hunt_empty_list(h);
    size_t *num_betters = count_betters(h, list);
    bool *is_sorted = ARENA_ARRAY(h->arena, list.num_codes, bool);
    while (sorted.num_codes < list.num_codes) {
        size_t best = SIZE_MAX;
        for (size_t i = list.num_codes; i > 0; i--)
            if (!is_sorted[i - 1] && (best == SIZE_MAX || num_betters[i - 1] == 0 || num_betters[best] > 0))
                best = i - 1;
        is_sorted[best] = true;
        sorted.codes[sorted.num_codes++] = list.codes[best];
        for (size_t i = 0; i < list.num_codes; i++)
            num_betters[i] -= !is_sorted[i] && beats(h, list.codes[best], list.codes[i]);
    }
    return sorted;
}

bool hunt_order_is_settled(const hunt *h)
{
    enum server_order order = hunt_order(h);
    code_list taken = hunt_taken(h);
    for (size_t i = 0; i + 1 < taken.num_codes && order != ORDER_CLIENT; i++)
        if (hunt_unsettled(h, taken.codes[i], hunt_suffix(taken, i + 1)).num_codes > 0)
            return false;
    return order != ORDER_UNKNOWN;
}

/* Those two, and those that follow in `taken` and are equal to all of them. */
static code_list equal_ones(const hunt *h, code_list taken, size_t first, size_t second)
{
    code_list list = hunt_empty_list(h);
    list.codes[list.num_codes++] = taken.codes[first];
    for (size_t i = second; i < taken.num_codes; i++) {
        bool is_equal = true;
        for (size_t k = 0; k < list.num_codes && is_equal; k++)
            is_equal = are_equal(h, list.codes[k], taken.codes[i]);
        if (is_equal)
            list.codes[list.num_codes++] = taken.codes[i];
    }
    return list;
}

static bool any_has_both(const code_list *lists, size_t num_lists, uint16_t one, uint16_t other)
{
    for (size_t i = 0; i < num_lists; i++)
        if (codes_contain(lists[i], one) && codes_contain(lists[i], other))
            return true;
    return false;
}

/* So many that each two that are equal are in one of them. */
size_t hunt_equals(const hunt *h, code_list **lists)
{
    code_list taken = hunt_order(h) == ORDER_MIXED ? hunt_taken(h) : (code_list){0};
    size_t num = 0;
    *lists = ARENA_ARRAY(h->arena, HUNT_EQUALS_MAX, code_list);
    for (size_t i = 0; i < taken.num_codes; i++)
        for (size_t k = i + 1; k < taken.num_codes && num < HUNT_EQUALS_MAX; k++)
            if (are_equal(h, taken.codes[i], taken.codes[k]) && !any_has_both(*lists, num, taken.codes[i], taken.codes[k]))
                (*lists)[num++] = equal_ones(h, taken, i, k);
    return num;
}
