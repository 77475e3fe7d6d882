/* Candidates that cost a server much to choose: which of them are left out of the guess, and how they are asked for a round later.
 */
#include "server/hunt_inner.h"

static uint8_t costly_kind(const hunt *h, uint16_t code)
{
    size_t place = hunt_place(h, code);
    return place == 0 ? 0 : h->costly_kinds[place - 1];
}

static bool any_of_kind(const hunt *h, code_list list, uint8_t kind)
{
    for (size_t i = 0; i < list.num_codes; i++)
        if (costly_kind(h, list.codes[i]) == kind)
            return true;
    return false;
}

bool hunt_waits(const hunt *h, code_list seen, code_list guess, size_t at)
{
    uint8_t kind = costly_kind(h, guess.codes[at]);
    guess.num_codes = at;
    return h->costly_way == COSTLY_WAIT && kind != 0 && (any_of_kind(h, seen, kind) || any_of_kind(h, guess, kind));
}

code_list hunt_waiting_ones(const hunt *h)
{
    code_list likely = hunt_likely_ones(h), list = hunt_empty_list(h), open = hunt_in_state(h, CANDIDATE_OPEN);
    bool any = h->costly_way != COSTLY_AS_OTHERS && !h->asked_costly;
    for (size_t i = 0; i < likely.num_codes && any; i++)
        if (costly_kind(h, likely.codes[i]) != 0 && codes_contain(open, likely.codes[i]))
            list.codes[list.num_codes++] = likely.codes[i];
    return list;
}

bool hunt_offers_costly(const hunt *h, code_list offer)
{
    return h->costly_way == COSTLY_ALONE && offer.num_codes == 1 && costly_kind(h, offer.codes[0]) != 0;
}

/* A choice that nothing follows tells nothing of a kind of which none was chosen for good, nor of a server that stumbles. */
static bool is_shown(const hunt *h, code_list taken, uint16_t code)
{
    return h->costly_way == COSTLY_ALONE && !h->stumbles && any_of_kind(h, taken, costly_kind(h, code));
}

void hunt_offer_what_waited(hunt *h, offer_list *out)
{
    code_list waiting = hunt_waiting_ones(h), taken = hunt_in_state(h, CANDIDATE_TAKEN);
    for (size_t i = 0; i < waiting.num_codes; i++) {
        uint16_t code = waiting.codes[i];
        bool is_alone = is_shown(h, taken, code);
        hunt_offer(out, is_alone ? codes_one(h->arena, code) : hunt_suffix(waiting, i));
        if (!is_alone)
            h->costly_kinds[hunt_place(h, code) - 1] = 0;
    }
    h->asked_costly = true;
}
