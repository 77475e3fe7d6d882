#include "server/hunt.h"

void hunt_init(hunt *h, arena *a, code_list candidates)
{
    *h = (hunt){.arena = a, .candidates = candidates, .guessed = candidates, .guessed_order = ORDER_CLIENT};
    h->states = ARENA_ARRAY(a, candidates.num_codes, enum candidate_state);
    h->likely = ARENA_ARRAY(a, candidates.num_codes, bool);
    h->beats = ARENA_ARRAY(a, candidates.num_codes * candidates.num_codes, bool);
    h->places = ARENA_ARRAY(a, (size_t)UINT16_MAX + 1, uint16_t);
    for (size_t i = 0; i < candidates.num_codes; i++)
        h->places[candidates.codes[i]] = (uint16_t)(i + 1);
}

static code_list empty_list(const hunt *h)
{
    return (code_list){.codes = ARENA_ARRAY(h->arena, h->candidates.num_codes, uint16_t)};
}

static code_list in_state(const hunt *h, enum candidate_state state)
{
    code_list list = empty_list(h);
    for (size_t i = 0; i < h->candidates.num_codes; i++)
        if (h->states[i] == state)
            list.codes[list.num_codes++] = h->candidates.codes[i];
    return list;
}

static void set_state(hunt *h, uint16_t code, enum candidate_state state)
{
    size_t place = h->places[code];
    if (place > 0 && h->states[place - 1] == CANDIDATE_OPEN)
        h->states[place - 1] = state;
}

static code_list suffix_of(code_list list, size_t from)
{
    return (code_list){.codes = list.codes + from, .num_codes = list.num_codes - from};
}

static code_list backwards(const hunt *h)
{
    code_list list = empty_list(h);
    for (size_t i = h->candidates.num_codes; i > 0; i--)
        list.codes[list.num_codes++] = h->candidates.codes[i - 1];
    return list;
}

/* ---- hearing ------------------------------------------------------------------------------------------------------ */

static void keep_sighting(hunt *h, code_list offer, uint16_t chosen)
{
    if (h->num_sightings == h->sightings_capacity) {
        size_t capacity = h->sightings_capacity == 0 ? 64 : 2 * h->sightings_capacity;
        sighting *larger = ARENA_ARRAY(h->arena, capacity, sighting);
        for (size_t i = 0; i < h->num_sightings; i++)
            larger[i] = h->sightings[i];
        h->sightings = larger;
        h->sightings_capacity = capacity;
    }
    h->sightings[h->num_sightings++] = (sighting){.offer = offer, .chosen = chosen};
}

/* Of the whole offered forwards and backwards. */
static void learn_order(hunt *h, code_list offer, uint16_t chosen)
{
    if (offer.num_codes != h->candidates.num_codes || chosen == 0)
        return;
    if (offer.codes[0] == h->candidates.codes[0])
        h->first_forwards = chosen;
    else
        h->first_backwards = chosen;
    if (h->first_forwards != 0 && h->first_backwards != 0)
        h->order = h->first_forwards == h->first_backwards ? ORDER_SERVER : ORDER_CLIENT;
}

/* All that were offered with what was chosen are beaten by it. */
static void learn_preference(hunt *h, code_list offer, uint16_t chosen)
{
    size_t row = h->places[chosen];
    for (size_t i = 0; i < offer.num_codes && row > 0; i++)
        if (h->places[offer.codes[i]] > 0)
            h->beats[(row - 1) * h->candidates.num_codes + h->places[offer.codes[i]] - 1] = true;
}

/* Whether the server passed over one that it takes: then its own order counts too, with suites that are as good to it as others. */
static bool passes_over_what_it_takes(const hunt *h)
{
    for (size_t i = 0; i < h->num_sightings; i++) {
        const sighting *s = &h->sightings[i];
        for (size_t k = 0; k < s->offer.num_codes && s->chosen != 0 && s->offer.codes[k] != s->chosen; k++) {
            size_t place = h->places[s->offer.codes[k]];
            if (place > 0 && h->states[place - 1] == CANDIDATE_TAKEN)
                return true;
        }
    }
    return false;
}

/* Where the client's order alone counts, what stands before the choice is refused. */
static void refuse_what_was_passed_over(hunt *h)
{
    for (size_t i = 0; i < h->num_sightings; i++) {
        const sighting *s = &h->sightings[i];
        for (size_t k = 0; k < s->offer.num_codes && s->chosen != 0 && s->offer.codes[k] != s->chosen; k++)
            set_state(h, s->offer.codes[k], CANDIDATE_REFUSED);
    }
}

void hunt_hear(hunt *h, code_list offer, uint16_t chosen)
{
    keep_sighting(h, offer, chosen);
    learn_order(h, offer, chosen);
    if (chosen != 0) {
        set_state(h, chosen, CANDIDATE_TAKEN);
        learn_preference(h, offer, chosen);
    }
    for (size_t i = 0; i < offer.num_codes && chosen == 0; i++)
        set_state(h, offer.codes[i], CANDIDATE_REFUSED);
}

void hunt_hear_nothing(hunt *h)
{
    h->lacks_answers = true;
}

/* ---- the server's order ------------------------------------------------------------------------------------------- */

/* Both are candidates. */
static bool beats(const hunt *h, uint16_t better, uint16_t worse)
{
    return h->beats[(size_t)(h->places[better] - 1) * h->candidates.num_codes + h->places[worse] - 1];
}

static bool beats_all(const hunt *h, uint16_t better, code_list others)
{
    for (size_t i = 0; i < others.num_codes; i++)
        if (others.codes[i] != better && !beats(h, better, others.codes[i]))
            return false;
    return true;
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

/* The list with the unbeaten first, as often as there is one; what nothing tells apart stays as guessed. */
static code_list by_merit(const hunt *h, code_list list)
{
    code_list sorted = empty_list(h);
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

static bool minds_server_order(const hunt *h)
{
    enum server_order order = h->order == ORDER_UNKNOWN ? h->guessed_order : hunt_order(h);
    return order == ORDER_SERVER || order == ORDER_MIXED;
}

static code_list as_guessed(const hunt *h, code_list list)
{
    code_list sorted = empty_list(h);
    bool *is_in = ARENA_ARRAY(h->arena, h->candidates.num_codes + 1, bool);
    for (size_t i = 0; i < list.num_codes; i++)
        is_in[h->places[list.codes[i]]] = true;
    for (size_t i = 0; i < h->guessed.num_codes; i++)
        if (is_in[h->places[h->guessed.codes[i]]])
            sorted.codes[sorted.num_codes++] = h->guessed.codes[i];
    return sorted;
}

/* ---- offers -------------------------------------------------------------------------------------------------------- */

typedef struct offer_list {
    code_list *offers;
    size_t num_offers;
} offer_list;

static void offer(offer_list *out, code_list codes)
{
    if (codes.num_codes > 0)
        out->offers[out->num_offers++] = codes;
}

static void offer_hints(hunt *h, offer_list *out)
{
    for (size_t i = 0; i < h->num_hints; i++)
        offer(out, h->hints[i]);
    h->num_hints = 0;
}

static code_list likely_ones(const hunt *h)
{
    code_list list = empty_list(h);
    for (size_t i = 0; i < h->candidates.num_codes; i++)
        if (h->likely[i] && h->states[i] != CANDIDATE_REFUSED)
            list.codes[list.num_codes++] = h->candidates.codes[i];
    return as_guessed(h, list);
}

/* Step 2. */
static void offer_the_guess(hunt *h, offer_list *out)
{
    code_list guess = by_merit(h, likely_ones(h)), taken = in_state(h, CANDIDATE_TAKEN);
    code_list rest = codes_without(h->arena, in_state(h, CANDIDATE_OPEN), guess);
    for (size_t i = 0; i < guess.num_codes; i++) {
        code_list suffix = suffix_of(guess, i);
        bool is_known = minds_server_order(h) ? beats_all(h, guess.codes[i], suffix) : codes_contain(taken, guess.codes[i]);
        if (!is_known || (suffix.num_codes == 1 && !codes_contain(taken, guess.codes[i])))
            offer(out, suffix);
    }
    offer(out, rest);
}

/* Step 3: what is open, in disjoint parts; where few are left, one by one: the last such offer was answered, and so may more be. */
static void offer_what_is_open(hunt *h, offer_list *out)
{
    code_list open = in_state(h, CANDIDATE_OPEN);
    size_t parts = HUNT_OPEN_PARTS;
    for (size_t i = 0; i < h->num_open_rounds && parts < HUNT_OPEN_PARTS_MAX; i++)
        parts *= 2;
    h->num_open_rounds++;
    size_t part_len = open.num_codes <= HUNT_SINGLES_MAX ? 1 : (open.num_codes + parts - 1) / parts;
    for (size_t from = 0; from < open.num_codes; from += part_len) {
        code_list part = suffix_of(open, from);
        part.num_codes = part.num_codes < part_len ? part.num_codes : part_len;
        offer(out, part);
    }
}

static void offer_unverified_suffixes(hunt *h, offer_list *out)
{
    code_list order = by_merit(h, as_guessed(h, in_state(h, CANDIDATE_TAKEN)));
    for (size_t i = 0; i + 1 < order.num_codes; i++)
        if (!beats_all(h, order.codes[i], suffix_of(order, i + 1)))
            offer(out, suffix_of(order, i));
}

static bool any_taken(const hunt *h)
{
    return h->first_forwards != 0 || in_state(h, CANDIDATE_TAKEN).num_codes > 0;
}

size_t hunt_next(hunt *h, code_list **offers)
{
    offer_list out = {.offers =
                          ARENA_ARRAY(h->arena, 2 * h->candidates.num_codes + HUNT_HINTS_MAX + HUNT_OPEN_PARTS_MAX + 4, code_list)};
    size_t round = h->num_rounds++;
    *offers = out.offers;
    h->is_over = h->is_over || round >= HUNT_ROUNDS_MAX || h->candidates.num_codes == 0 || (round > 0 && !any_taken(h));
    if (h->is_over)
        return 0;
    if (h->order == ORDER_CLIENT && round > 1 && !h->has_other_reasons && !passes_over_what_it_takes(h))
        refuse_what_was_passed_over(h);
    if (round == 0)
        offer(&out, h->candidates);
    if ((round == 0) != h->asks_backwards_late && round <= 1 && h->candidates.num_codes > 1)
        offer(&out, backwards(h));
    bool may_guess = (round > 0 || h->guesses_at_once) && !h->asked_guess && likely_ones(h).num_codes > 0;
    bool has_hints = h->num_hints > 0;
    if (has_hints)
        offer_hints(h, &out);
    else if (may_guess)
        offer_the_guess(h, &out);
    else if (round > 0)
        offer_what_is_open(h, &out);
    if (!has_hints && !may_guess && round > 0 && minds_server_order(h))
        offer_unverified_suffixes(h, &out);
    h->asked_guess = h->asked_guess || (may_guess && !has_hints);
    h->is_over = out.num_offers == 0;
    return out.num_offers;
}

/* ---- what it came to ------------------------------------------------------------------------------------------------ */

enum server_order hunt_order(const hunt *h)
{
    bool is_mixed = h->order == ORDER_CLIENT && !h->has_other_reasons && passes_over_what_it_takes(h);
    return is_mixed ? ORDER_MIXED : h->order;
}

code_list hunt_taken(const hunt *h)
{
    code_list taken = in_state(h, CANDIDATE_TAKEN);
    enum server_order order = hunt_order(h);
    return order == ORDER_SERVER || order == ORDER_MIXED ? by_merit(h, as_guessed(h, taken)) : taken;
}

bool hunt_is_complete(const hunt *h)
{
    return !h->lacks_answers && in_state(h, CANDIDATE_OPEN).num_codes == 0;
}
