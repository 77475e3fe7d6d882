/* Candidates that cost a server much to choose: which of them are offered alone, and what becomes of those that nothing was heard
 * of.
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

bool hunt_shows_kind_of(const hunt *h, uint16_t code)
{
    return any_of_kind(h, hunt_in_state(h, CANDIDATE_TAKEN), costly_kind(h, code));
}

bool hunt_stands_alone(const hunt *h, code_list guess, size_t at)
{
    uint16_t code = guess.codes[at];
    guess.num_codes = at;
    return h->asks_costly_alone && costly_kind(h, code) != 0 &&
           (hunt_shows_kind_of(h, code) || any_of_kind(h, guess, costly_kind(h, code)));
}

void hunt_offer_alone(hunt *h, uint16_t code, offer_list *out)
{
    if (h->alone.codes == NULL)
        h->alone = hunt_empty_list(h);
    h->alone.codes[h->alone.num_codes++] = code;
    hunt_offer(out, codes_one(h->arena, code));
}

bool hunt_is_of_costly(const hunt *h, code_list offer)
{
    return !h->asked_alone_again && offer.num_codes == 1 && codes_contain(h->alone, offer.codes[0]);
}

code_list hunt_unheard(const hunt *h)
{
    code_list open = hunt_in_state(h, CANDIDATE_OPEN), list = hunt_empty_list(h);
    for (size_t i = 0; i < h->alone.num_codes && !h->asked_alone_again; i++)
        if (codes_contain(open, h->alone.codes[i]))
            list.codes[list.num_codes++] = h->alone.codes[i];
    return list;
}

void hunt_offer_unheard(hunt *h, offer_list *out)
{
    code_list unheard = hunt_unheard(h);
    for (size_t i = 0; i < unheard.num_codes; i++)
        hunt_offer(out, hunt_suffix(unheard, i));
    h->asked_alone_again = true;
}
