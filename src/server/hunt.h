/*
 * A hunt: which of many candidates (suites, groups, schemes) a server takes, and in whose order, from what it chooses out of
 * offers. Pure: says which offers it wants, is told what was chosen.
 *
 * One answer shows one candidate to be taken, so n of them cost n offers whatever is done; the rest is to lose as few as can be,
 * and to need no answer before the next offer goes out:
 *
 *  1. All candidates forwards, and backwards: the same choice twice is the server's order, another one the client's,
 *     alone or among those that are equal to the server. With them go `hints`, offers of whole families, which show what is likely.
 *  2. What is likely is taken for true, and verified whole in one wave: of the likely ones s1 to sn in the guessed order, each is
 *     offered with those that follow it, and is expected to be chosen. Where the server's order is guessed, it stands last in its
 *     offer: chosen all the same, it is better to the server than all others, and not equal to any. Where the client's is, it
 *     stands first, and the whole backwards is expected to show the last one. The rest goes along as one offer that is expected to
 *     be refused; and what some servers prefer only where the client does (`favourites`), first.
 *  3. Where that went wrong, again with what is now known: what is open in a few disjoint offers (one by one where few are left),
 *     and for the server's order each with those of which it is not known yet that they are worse than it or equal to it. Where
 *     another known order goes better with the answers, step 2 comes again with that (hunt_guess_again).
 *     Where the client decides about one of the favourites, each of them is offered first once more, and last.
 *
 * Candidates that cost the server much can be offered alone in 2, each but the first of its kind (`asks_costly_alone`): who asks
 * may know a way of asking for one that costs it less. What nothing was heard of is asked for in 3 as all others are.
 *
 * Where the guess needs no answer (`guesses_at_once`), 1 and 2 are one wave. So a right guess needs two waves, and n + 1 to n + 3
 * offers and one for each family that is refused. A wrong order costs up to n offers and a wave for each correction. Ownership:
 * lists live in the arena given.
 */
#ifndef TLSWHY_SERVER_HUNT_H
#define TLSWHY_SERVER_HUNT_H

#include "server/server.h"

enum {
    HUNT_PLACES_PAGE = 256,
    HUNT_HINTS_MAX = 16,
    HUNT_ROUNDS_MAX = 14,
    HUNT_OPEN_PARTS = 4,
    HUNT_OPEN_PARTS_MAX = 64,
    HUNT_SINGLES_MAX = 8,
    HUNT_FAVOURITE_OFFERS_MAX = 64,
    HUNT_FOREIGN_MAX = 8,
    HUNT_EQUALS_MAX = 256
};

enum candidate_state { CANDIDATE_OPEN, CANDIDATE_TAKEN, CANDIDATE_REFUSED };

/* Of a second one beside a first that was chosen where both were offered: it stood behind, or before. */
enum merit { MERIT_NO_BETTER = 1, MERIT_WORSE = 2 };

/* An offer that was answered: by `chosen`, or refused where that is 0. */
typedef struct sighting {
    code_list offer;
    uint16_t chosen;
} sighting;

typedef struct hunt {
    arena *arena;
    code_list candidates;
    code_list guessed;                                     /* the same in the order that the server is guessed to have */
    uint16_t *places[(UINT16_MAX + 1) / HUNT_PLACES_PAGE]; /* of the codes among the candidates: hunt_place */
    enum candidate_state *states;
    uint8_t *merits; /* by places: what is known of the one of the column beside the one of the row; enum merit */
    bool *likely;
    uint8_t *costly_kinds; /* from 1, of candidates that cost the server much to choose; 0: of one that does not */
    bool asks_costly_alone;
    code_list alone; /* those that were offered so */
    code_list hints[HUNT_HINTS_MAX];
    size_t num_hints;
    code_list favourites;    /* some servers have them first where the client does, and else in their own order */
    enum server_order order; /* of the whole forwards and backwards alone: hunt_order tells more */
    enum server_order guessed_order;
    bool has_other_reasons;   /* the server passes over what it takes, for a certificate that it likes better: nothing follows from
                                 that */
    bool guesses_at_once;     /* what is likely is known before anything was asked: steps 1 and 2 are one */
    bool asks_backwards_late; /* in the second round: the whole is likely to be refused */
    uint16_t first_forwards, first_backwards;
    sighting *sightings;
    size_t num_sightings, sightings_capacity;
    size_t num_rounds, num_open_rounds;
    size_t num_usual; /* so many of the first candidates are worth an offer of their own each; 0: all */
    bool stumbles;    /* the server breaks off where it could have chosen what it takes: it chose something that it cannot do.
                         What an offer of several is refused for is then not known */
    bool saw_internal_error; /* it said so itself */
    size_t num_foreign;      /* answers that chose what was not offered: where they are many, more will be no other */
    bool asks_open_whole;    /* what is open was refused before, and is likely to be again: it is one offer, next time */
    bool asked_singly;       /* each usual one that was open then had an offer of its own */
    bool asked_guess, asked_alone_again, asked_whose, is_over, lacks_answers;
} hunt;

void hunt_init(hunt *h, arena *a, code_list candidates);
/* The offers of the next round; 0 where it is over. They live in the arena. */
size_t hunt_next(hunt *h, code_list **offers);
/* Whether that offer is of one alone because it costs the server much. */
bool hunt_is_of_costly(const hunt *h, code_list offer);
/* Whether one of its kind was chosen, which shows that the server can do what they need. */
bool hunt_shows_kind_of(const hunt *h, uint16_t code);
/* What came of an offer of the last round: `chosen` of it, or 0: refused. */
void hunt_hear(hunt *h, code_list offer, uint16_t chosen);
/* An offer that nothing is known of: no connection. */
void hunt_hear_nothing(hunt *h);
/* What was refused is open again, and is asked again: its refusals have turned out to tell nothing. */
void hunt_forget_refusals(hunt *h);
/* Those that are likely, and were not refused, in the order that is guessed. */
code_list hunt_likely_ones(const hunt *h);
/* Step 2 again, if that is another order than it was asked in; of what was not seen, those that are `known` to such servers. */
void hunt_guess_again(hunt *h, code_list guessed, code_list known);
/* Whose order counts, as far as it was seen. */
enum server_order hunt_order(const hunt *h);
/* Whether it was seen of any two, and not only of some. */
bool hunt_order_is_settled(const hunt *h);
/* Where the order is mixed: lists of those among which the client's order decides, HUNT_EQUALS_MAX at most. Returns how many. */
size_t hunt_equals(const hunt *h, code_list **lists);
/* What is taken, in the server's order where that counts, else as guessed. */
code_list hunt_taken(const hunt *h);
code_list hunt_refused(const hunt *h);
bool hunt_is_complete(const hunt *h);

#endif
