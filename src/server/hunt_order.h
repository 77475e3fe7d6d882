/*
 * In which order a server has what it takes: what every choice tells of each two. The inside of a hunt, for hunt.c alone.
 * Ownership: lists live in the hunt's arena.
 */
#ifndef TLSWHY_SERVER_HUNT_ORDER_H
#define TLSWHY_SERVER_HUNT_ORDER_H

#include "server/hunt.h"

/* hunt.c: the place of a code among the candidates, plus 1; 0: it is none. */
size_t hunt_place(const hunt *h, uint16_t code);
/* hunt.c: an empty list with room for all candidates; those in that state; those of a list from that place on. */
code_list hunt_empty_list(const hunt *h);
code_list hunt_in_state(const hunt *h, enum candidate_state state);
code_list hunt_suffix(code_list list, size_t from);

void hunt_learn_merits(hunt *h, code_list offer, uint16_t chosen);
/* Those of `others` of which it is not known yet that they are worse than `code`, or equal to it. */
code_list hunt_unsettled(const hunt *h, uint16_t code, code_list others);
/* The list with the unbeaten first, as often as there is one; what nothing tells apart stays as it was. */
code_list hunt_by_merit(const hunt *h, code_list list);

#endif
