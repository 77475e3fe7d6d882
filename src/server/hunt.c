#include "server/hunt_inner.h"

enum { FIRST_ROUNDS = 2 }; /* forwards, and backwards: they are asked once */

size_t hunt_place(const hunt *h, uint16_t code)
{
    const uint16_t *page = h->places[code / HUNT_PLACES_PAGE];
    return page == NULL ? 0 : page[code % HUNT_PLACES_PAGE];
}

static void set_place(hunt *h, uint16_t code, uint16_t place)
{
    uint16_t **page = &h->places[code / HUNT_PLACES_PAGE];
    if (*page == NULL)
        *page = ARENA_ARRAY(h->arena, HUNT_PLACES_PAGE, uint16_t);
    (*page)[code % HUNT_PLACES_PAGE] = place;
}

void hunt_init(hunt *h, arena *a, code_list candidates)
{
    *h = (hunt){.arena = a, .candidates = candidates, .guessed = candidates, .guessed_order = ORDER_CLIENT};
    h->states = ARENA_ARRAY(a, candidates.num_codes, enum candidate_state);
    h->likely = ARENA_ARRAY(a, candidates.num_codes, bool);
    h->costly_kinds = ARENA_ARRAY(a, candidates.num_codes, uint8_t);
    h->merits = ARENA_ARRAY(a, candidates.num_codes * candidates.num_codes, uint8_t);
    for (size_t i = 0; i < candidates.num_codes; i++)
        set_place(h, candidates.codes[i], (uint16_t)(i + 1));
}

code_list hunt_empty_list(const hunt *h)
{
    return (code_list){.codes = ARENA_ARRAY(h->arena, h->candidates.num_codes, uint16_t)};
}

code_list hunt_in_state(const hunt *h, enum candidate_state state)
{
    code_list list = hunt_empty_list(h);
    for (size_t i = 0; i < h->candidates.num_codes; i++)
        if (h->states[i] == state)
            list.codes[list.num_codes++] = h->candidates.codes[i];
    return list;
}

static void set_state(hunt *h, uint16_t code, enum candidate_state state)
{
    size_t place = hunt_place(h, code);
    if (place > 0 && (h->states[place - 1] == CANDIDATE_OPEN || state == CANDIDATE_TAKEN))
        h->states[place - 1] = state;
}

code_list hunt_suffix(code_list list, size_t from)
{
    return (code_list){.codes = list.codes + from, .num_codes = list.num_codes - from};
}

/* Those of `list` that are in the other too, as they stand. */
static code_list both(const hunt *h, code_list list, code_list other)
{
    return codes_without(h->arena, list, codes_without(h->arena, list, other));
}

static code_list backwards(const hunt *h, code_list list)
{
    code_list turned = hunt_empty_list(h);
    for (size_t i = list.num_codes; i > 0; i--)
        turned.codes[turned.num_codes++] = list.codes[i - 1];
    return turned;
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
        hunt_learn_merits(h, offer, chosen);
    }
    bool is_believed = !h->stumbles || offer.num_codes == 1;
    for (size_t i = 0; i < offer.num_codes && chosen == 0 && is_believed; i++)
        set_state(h, offer.codes[i], CANDIDATE_REFUSED);
}

static bool was_refused_with_what_is_taken(const hunt *h)
{
    code_list taken = {.codes = ARENA_ARRAY(h->arena, h->num_sightings, uint16_t)};
    for (size_t i = 0; i < h->num_sightings; i++)
        if (h->sightings[i].chosen != 0)
            taken.codes[taken.num_codes++] = h->sightings[i].chosen;
    for (size_t i = 0; i < h->num_sightings; i++)
        if (h->sightings[i].chosen == 0 && both(h, taken, h->sightings[i].offer).num_codes > 0)
            return true;
    return false;
}

/* Takes back what followed from refusals, but for those of offers of one. */
static void doubt_refusals(hunt *h)
{
    bool has_failed = h->saw_internal_error && hunt_in_state(h, CANDIDATE_TAKEN).num_codes > 0;
    if (h->stumbles || h->has_other_reasons || (!has_failed && !was_refused_with_what_is_taken(h)))
        return;
    h->stumbles = true;
    for (size_t i = 0; i < h->candidates.num_codes; i++)
        h->states[i] = CANDIDATE_OPEN;
    for (size_t i = 0; i < h->num_sightings; i++) {
        const sighting *s = &h->sightings[i];
        if (s->chosen != 0)
            set_state(h, s->chosen, CANDIDATE_TAKEN);
        else if (s->offer.num_codes == 1)
            set_state(h, s->offer.codes[0], CANDIDATE_REFUSED);
    }
}

void hunt_hear_nothing(hunt *h)
{
    h->lacks_answers = true;
}

void hunt_forget_refusals(hunt *h)
{
    size_t num_left = 0;
    for (size_t i = 0; i < h->num_sightings; i++)
        if (h->sightings[i].chosen != 0)
            h->sightings[num_left++] = h->sightings[i];
    for (size_t i = 0; i < h->candidates.num_codes; i++)
        if (h->states[i] == CANDIDATE_REFUSED)
            h->states[i] = CANDIDATE_OPEN;
    h->num_sightings = num_left;
    h->num_open_rounds = 0;
    h->num_rounds = num_left == 0 ? 0 : h->num_rounds < FIRST_ROUNDS ? h->num_rounds : FIRST_ROUNDS;
    h->asked_guess = h->asked_guess && num_left > 0;
    h->asks_open_whole = num_left > 0;
    h->is_over = h->lacks_answers = h->stumbles = h->asked_singly = h->saw_internal_error = false;
}

static bool minds_server_order(const hunt *h)
{
    enum server_order order = hunt_order(h);
    order = order == ORDER_UNKNOWN ? h->order : order;
    order = order == ORDER_UNKNOWN ? h->guessed_order : order;
    return order == ORDER_SERVER || order == ORDER_MIXED;
}

static code_list as_guessed(const hunt *h, code_list list)
{
    code_list sorted = hunt_empty_list(h);
    bool *is_in = ARENA_ARRAY(h->arena, h->candidates.num_codes + 1, bool);
    for (size_t i = 0; i < list.num_codes; i++)
        is_in[hunt_place(h, list.codes[i])] = true;
    for (size_t i = 0; i < h->guessed.num_codes; i++)
        if (is_in[hunt_place(h, h->guessed.codes[i])])
            sorted.codes[sorted.num_codes++] = h->guessed.codes[i];
    return sorted;
}

void hunt_guess_again(hunt *h, code_list guessed, code_list known)
{
    bool is_other = false;
    for (size_t i = 0; i < guessed.num_codes; i++)
        is_other = is_other || guessed.codes[i] != h->guessed.codes[i];
    if (!is_other)
        return;
    h->guessed = guessed;
    h->asked_guess = false;
    for (size_t i = 0; i < h->candidates.num_codes; i++)
        h->likely[i] = h->likely[i] && (h->states[i] == CANDIDATE_TAKEN || codes_contain(known, h->candidates.codes[i]));
}

/* ---- offers -------------------------------------------------------------------------------------------------------- */

void hunt_offer(offer_list *out, code_list codes)
{
    if (codes.num_codes > 0 && out->num_offers < out->capacity)
        out->offers[out->num_offers++] = codes;
}

static void offer_hints(hunt *h, offer_list *out)
{
    for (size_t i = 0; i < h->num_hints; i++)
        hunt_offer(out, h->hints[i]);
    h->num_hints = 0;
}

code_list hunt_likely_ones(const hunt *h)
{
    code_list list = hunt_empty_list(h);
    for (size_t i = 0; i < h->candidates.num_codes; i++)
        if (h->likely[i] && h->states[i] != CANDIDATE_REFUSED)
            list.codes[list.num_codes++] = h->candidates.codes[i];
    return as_guessed(h, list);
}

static bool asks_backwards(const hunt *h)
{
    return h->candidates.num_codes > 1 && h->num_rounds == (h->asks_backwards_late ? 2u : 1u);
}

/* Of the server's order, which is the guess: the one that is expected comes last, so that it is seen to be better than all others.
 */
static void offer_servers_guess(hunt *h, code_list guess, offer_list *out)
{
    code_list taken = hunt_in_state(h, CANDIDATE_TAKEN);
    for (size_t i = 0; i < guess.num_codes; i++) {
        bool is_new = !codes_contain(taken, guess.codes[i]);
        code_list others = hunt_unsettled(h, guess.codes[i], hunt_suffix(guess, i + 1));
        if (is_new || others.num_codes > 0)
            hunt_offer(out, codes_joined(h->arena, backwards(h, others), codes_one(h->arena, guess.codes[i])));
    }
    code_list first = both(h, h->favourites, guess);
    if (first.num_codes > 0 && first.codes[0] != guess.codes[0])
        hunt_offer(out, codes_joined(h->arena, first, guess));
}

/* Where the client's order counts: one that the whole backwards is expected to show needs no offer of its own. */
static void offer_clients_guess(hunt *h, code_list guess, bool with_backwards, offer_list *out)
{
    code_list seen = hunt_in_state(h, CANDIDATE_TAKEN), in_order = with_backwards ? backwards(h, h->candidates) : (code_list){0};
    code_list shown = both(h, in_order, guess);
    for (size_t i = 0; i < guess.num_codes; i++) {
        bool is_shown = codes_contain(seen, guess.codes[i]) || (shown.num_codes > 0 && guess.codes[i] == shown.codes[0]);
        if (!is_shown && hunt_stands_alone(h, guess, i))
            hunt_offer_alone(h, guess.codes[i], out);
        else if (!is_shown)
            hunt_offer(out, hunt_suffix(guess, i));
    }
}

/* What is open, and the families that were refused: they cost nothing in it, and may have been refused by chance. */
static code_list the_rest(const hunt *h, code_list guess)
{
    return codes_without(h->arena, codes_without(h->arena, h->candidates, hunt_in_state(h, CANDIDATE_TAKEN)), guess);
}

/* Step 2. */
static void offer_the_guess(hunt *h, offer_list *out)
{
    code_list guess = hunt_by_merit(h, hunt_likely_ones(h));
    bool has_rest = codes_without(h->arena, hunt_in_state(h, CANDIDATE_OPEN), guess).num_codes > 0;
    bool with_backwards = h->asks_backwards_late && asks_backwards(h) && guess.num_codes > 1;
    if (minds_server_order(h)) {
        offer_servers_guess(h, guess, out);
    } else {
        offer_clients_guess(h, guess, with_backwards, out);
        if (with_backwards)
            hunt_offer(out, backwards(h, h->candidates));
    }
    if (has_rest)
        hunt_offer(out, the_rest(h, guess));
}

/* Step 3: what is open, in disjoint parts; where few are left, one by one: the last such offer was answered, and so may more be. */
static void offer_what_is_open(hunt *h, offer_list *out)
{
    code_list open = codes_without(h->arena, hunt_in_state(h, CANDIDATE_OPEN), hunt_unheard(h));
    size_t parts = HUNT_OPEN_PARTS;
    if (open.num_codes == 0)
        return;
    if (h->asks_open_whole) {
        h->asks_open_whole = false;
        hunt_offer(out, open);
        return;
    }
    for (size_t i = 0; i < h->num_open_rounds && parts < HUNT_OPEN_PARTS_MAX; i++)
        parts *= 2;
    h->num_open_rounds++;
    size_t part_len = open.num_codes <= HUNT_SINGLES_MAX ? 1 : (open.num_codes + parts - 1) / parts;
    for (size_t from = 0; from < open.num_codes; from += part_len) {
        code_list part = hunt_suffix(open, from);
        part.num_codes = part.num_codes < part_len ? part.num_codes : part_len;
        hunt_offer(out, part);
    }
}

/* Of a server that stumbles, instead. What is not usual stays open: it would cost hundreds. */
static void offer_singly(hunt *h, offer_list *out)
{
    size_t num_usual = h->num_usual == 0 ? h->candidates.num_codes : h->num_usual;
    for (size_t i = 0; i < num_usual && !h->asked_singly; i++)
        if (h->states[i] == CANDIDATE_OPEN)
            hunt_offer(out, codes_one(h->arena, h->candidates.codes[i]));
    h->asked_singly = true;
}

/* What of the order is not settled; and whose it is, where nothing has shown that. */
static void offer_what_is_unsettled(hunt *h, offer_list *out)
{
    code_list order = hunt_by_merit(h, as_guessed(h, hunt_in_state(h, CANDIDATE_TAKEN)));
    bool minds = minds_server_order(h);
    for (size_t i = 0; i + 1 < order.num_codes && minds; i++) {
        code_list others = hunt_unsettled(h, order.codes[i], hunt_suffix(order, i + 1));
        if (others.num_codes > 0)
            hunt_offer(out, codes_joined(h->arena, backwards(h, others), codes_one(h->arena, order.codes[i])));
    }
    if (!h->asked_whose && order.num_codes > 1 && hunt_order(h) == ORDER_UNKNOWN) {
        hunt_offer(out, backwards(h, order));
        hunt_offer(out, order);
        h->asked_whose = true;
    }
}

static bool was_offered(const hunt *h, code_list offer)
{
    for (size_t i = 0; i < h->num_sightings; i++) {
        code_list seen = h->sightings[i].offer;
        size_t at = 0;
        while (at < offer.num_codes && seen.num_codes == offer.num_codes && seen.codes[at] == offer.codes[at])
            at++;
        if (at == offer.num_codes)
            return true;
    }
    return false;
}

static void offer_once(const hunt *h, code_list offer, offer_list *out)
{
    if (!was_offered(h, offer))
        hunt_offer(out, offer);
}

/* Where the client decides about some of the favourites, it may about each: whatever was seen of it stood among others, and for
 * some servers the first of all counts. So it comes last, behind those that were never preferred to it; and first, before those
 * that always were: before all of them, and where that did not help (one may be better for another reason) before each alone. */
static void offer_favourites(const hunt *h, offer_list *out)
{
    code_list taken = both(h, h->favourites, hunt_in_state(h, CANDIDATE_TAKEN));
    size_t num_others = out->num_offers;
    for (size_t i = 0; i < taken.num_codes && hunt_has_its_favourites(h); i++) {
        if (out->num_offers - num_others >= HUNT_FAVOURITE_OFFERS_MAX) /* the rest in the next round */
            return;
        code_list one = codes_one(h->arena, taken.codes[i]);
        code_list better = hunt_in_doubt_beside(h, taken.codes[i], true), worse = hunt_in_doubt_beside(h, taken.codes[i], false);
        code_list before_all = codes_joined(h->arena, one, better);
        for (size_t k = 0; k < better.num_codes && k < HUNT_FAVOURITE_OFFERS_MAX && was_offered(h, before_all); k++)
            offer_once(h, codes_joined(h->arena, one, codes_one(h->arena, better.codes[k])), out);
        if (better.num_codes > 0)
            offer_once(h, before_all, out);
        if (worse.num_codes > 0)
            offer_once(h, codes_joined(h->arena, worse, one), out);
    }
}

static bool any_taken(const hunt *h)
{
    return h->first_forwards != 0 || hunt_in_state(h, CANDIDATE_TAKEN).num_codes > 0;
}

size_t hunt_next(hunt *h, code_list **offers)
{
    size_t capacity = 2 * h->candidates.num_codes + HUNT_HINTS_MAX + HUNT_OPEN_PARTS_MAX + 2 * HUNT_FAVOURITE_OFFERS_MAX + 8;
    offer_list out = {.offers = ARENA_ARRAY(h->arena, capacity, code_list), .capacity = capacity};
    size_t round = h->num_rounds++;
    *offers = out.offers;
    h->is_over = h->is_over || round >= HUNT_ROUNDS_MAX || h->candidates.num_codes == 0 || (round > 0 && !any_taken(h)) ||
                 h->num_foreign >= HUNT_FOREIGN_MAX;
    if (h->is_over)
        return 0;
    doubt_refusals(h);
    if (hunt_order(h) == ORDER_CLIENT && round > 1 && !h->has_other_reasons)
        refuse_what_was_passed_over(h);
    bool may_guess = (round > 0 || h->guesses_at_once) && !h->asked_guess && hunt_likely_ones(h).num_codes > 0;
    bool has_hints = h->num_hints > 0, is_guess = may_guess && !has_hints;
    if (round == 0)
        hunt_offer(&out, h->candidates);
    if (asks_backwards(h) && !(is_guess && h->asks_backwards_late))
        hunt_offer(&out, backwards(h, h->candidates));
    if (has_hints)
        offer_hints(h, &out);
    else if (may_guess)
        offer_the_guess(h, &out);
    else if (round > 0 && h->stumbles)
        offer_singly(h, &out);
    else if (round > 0)
        offer_what_is_open(h, &out);
    if (!has_hints && !may_guess && round > 0) {
        offer_what_is_unsettled(h, &out);
        offer_favourites(h, &out);
    }
    if (h->asked_guess)
        hunt_offer_unheard(h, &out);
    h->asked_guess = h->asked_guess || is_guess;
    h->is_over = out.num_offers == 0;
    return out.num_offers;
}

/* ---- what it came to ------------------------------------------------------------------------------------------------ */

code_list hunt_taken(const hunt *h)
{
    code_list taken = hunt_in_state(h, CANDIDATE_TAKEN);
    enum server_order order = hunt_order(h);
    return order == ORDER_SERVER || order == ORDER_MIXED ? hunt_by_merit(h, as_guessed(h, taken)) : taken;
}

code_list hunt_refused(const hunt *h)
{
    return hunt_in_state(h, CANDIDATE_REFUSED);
}

bool hunt_is_complete(const hunt *h)
{
    return !h->lacks_answers && hunt_in_state(h, CANDIDATE_OPEN).num_codes == 0;
}
