/*
 * The inside of a hunt, for its own files alone.
 * Ownership: lists live in the hunt's arena.
 */
#ifndef TLSWHY_SERVER_HUNT_INNER_H
#define TLSWHY_SERVER_HUNT_INNER_H

#include "server/hunt.h"

/* hunt.c: the place of a code among the candidates, plus 1; 0: it is none. */
size_t hunt_place(const hunt *h, uint16_t code);
/* hunt.c: an empty list with room for all candidates; those in that state; those of a list from that place on. */
code_list hunt_empty_list(const hunt *h);
code_list hunt_in_state(const hunt *h, enum candidate_state state);
code_list hunt_suffix(code_list list, size_t from);

/* The offers of a round; there is room for all. */
typedef struct offer_list {
    code_list *offers;
    size_t num_offers, capacity;
} offer_list;
/* An empty one is left out, and what there is no room for: what a server chooses may ask for any number. */
void hunt_offer(offer_list *out, code_list codes);

/* hunt_costly.c: whether the one at that place of the guess is offered alone; offers it so. */
bool hunt_stands_alone(const hunt *h, code_list guess, size_t at);
void hunt_offer_alone(hunt *h, uint16_t code, offer_list *out);
/* Those of which nothing was heard, until they were asked for again; asks for them as for all others. */
code_list hunt_unheard(const hunt *h);
void hunt_offer_unheard(hunt *h, offer_list *out);

/* hunt_order.c: in which order a server has what it takes: what every choice tells of each two. */
void hunt_learn_merits(hunt *h, code_list offer, uint16_t chosen);
/* Those of `others` of which it is not known yet that they are worse than `code`, or equal to it. */
code_list hunt_unsettled(const hunt *h, uint16_t code, code_list others);
/* Whether the client decides between one of the favourites and one that is none. */
bool hunt_has_its_favourites(const hunt *h);
/* Others that are taken and were always preferred to that favourite, or never: in the server's order. */
code_list hunt_in_doubt_beside(const hunt *h, uint16_t favourite, bool are_better);
/* The list with the unbeaten first, as often as there is one; what nothing tells apart stays as it was. */
code_list hunt_by_merit(const hunt *h, code_list list);

#endif
