/*
 * The inside of a survey, shared by the files of this room. Not for other rooms.
 * Ownership: everything lives in the survey's arena.
 */
#ifndef TLSWHY_SERVER_SURVEY_STATE_H
#define TLSWHY_SERVER_SURVEY_STATE_H

#include "server/hunt.h"
#include "server/survey.h"

enum { SURVEY_PROBES_MAX = 2048 };

/* Each hunt is a topic of its own; the rest are single questions. */
enum topic {
    TOPIC_SSL3,
    TOPIC_TLS10,
    TOPIC_TLS11,
    TOPIC_TLS12,
    TOPIC_TLS13,
    TOPIC_GROUPS13,
    TOPIC_GROUPS12,
    TOPIC_FINITE_FIELD, /* groups of RFC 7919 up to TLS 1.2 */
    TOPIC_SCHEMES13,
    TOPIC_SCHEMES12,
    TOPIC_ALPN,
    TOPIC_HUNTS, /* how many of them are hunts */
    TOPIC_SSL2 = TOPIC_HUNTS,
    TOPIC_FACTS,
    TOPIC_CONTROLS,
    TOPIC_COUNT,
};

/* A probe that was not answered, not even by a byte, while others ran; and its answer. */
typedef struct doubt {
    survey_probe asked;
    answer given;
} doubt;

typedef struct silences {
    doubt *doubts;
    size_t num_doubts, num_last;   /* and how many there were when the last were asked again */
    bool is_believed[TOPIC_COUNT]; /* a probe of that topic that ran alone was not answered; of facts each counts for itself */
    bool has_answered;             /* anything, ever */
    bool is_mute;                  /* asked alone, it has never said a byte */
    bool asks_few;                 /* what was silent in company is answered alone: from now on few at a time */
    bool asks_all_again;           /* a probe alone was answered later than those in company were waited for */
    int64_t round_trip_us;         /* the longest that was seen */
    int64_t waited_us;             /* the longest that one in company was waited for in vain */
    int64_t slowest_us;            /* the longest that such an answer took to come */
} silences;

/* A refusal that is not believed yet. */
typedef struct refusal_doubt {
    survey_probe asked;
    answer given;
    size_t num_asked, num_refused; /* so often, and unclearly so often */
    bool is_unclear, is_large, is_over;
    bool is_believed;   /* for want of anything else: nothing but the same came of it */
    bool is_contrary;   /* a refusal that was believed, of an offer with something in it that is taken */
    bool is_of_hybrids; /* is it the hybrid groups that TLS 1.3 is refused for? */
    bool is_flat;       /* of such a one: it is taken in that very version */
    bool is_slow;       /* of such a one: it is asked for once more after a pause */
} refusal_doubt;

/* An alert that was believed to be about an offer. */
typedef struct believed_alert {
    survey_probe asked;
    answer given;
    bool was_checked;
} believed_alert;

typedef struct refusals {
    refusal_doubt *doubts;
    size_t num_doubts;
    bool is_believed[TOPIC_COUNT];  /* unclear refusals of that topic; of facts each counts for itself */
    bool was_believed[TOPIC_COUNT]; /* one of that topic, or of facts, was, since all that rests on them was last asked for */
    bool was_asked_smaller[TOPIC_COUNT];
    bool is_erratic;                     /* what was refused unclearly was answered when it was asked again */
    bool comes_by_chance[UINT8_MAX + 1]; /* of alerts about the offer: it came of what was taken when it was asked again */
    bool starts_over;                    /* what rests on refusals is to be asked for again */
    bool was_asked_quietly, was_asked_slowly;
    bool asks_slowly; /* what was refused whenever it was asked was answered after a pause */
    believed_alert *alerts;
    size_t num_alerts;
    size_t num_contrary[TOPIC_COUNT]; /* so many were asked again */
} refusals;

/* When a habit is asked for: with the first ones, or once the answers to those of the stage before are in. */
enum fact_stage { FACT_AT_ONCE, FACT_LATE, FACT_AGAIN };

enum resumption { BY_TICKET, BY_ID, BY_TICKET_TLS13, RESUMPTION_COUNT };

/* What the server gave to be resumed by, and whether a handshake that could have brought it was finished. */
typedef struct sessions {
    bytes_view ticket_tls12, id, key_tls13;
    session_ticket ticket_tls13;
    uint16_t suite_tls13, group_tls13;
    bool ticket_finished, id_finished, tls13_finished;
    size_t num_whole[RESUMPTION_COUNT]; /* handshakes that offered it and were whole all the same */
} sessions;

struct survey {
    arena *arena;
    survey_settings settings;
    const diagnosis_tools *tools;
    server server;
    hunt hunts[TOPIC_HUNTS];
    bool is_begun[TOPIC_HUNTS];
    refusal refusals[TOPIC_HUNTS], unknowns[TOPIC_HUNTS]; /* how an offer was refused; why nothing is known of one */
    survey_probe *probes;
    size_t num_probes;
    size_t num_waves;
    size_t facts_wave;     /* in which the habits are asked for; 0: no version is known yet */
    size_t facts_wave_min; /* not before that one */
    bool is_ssl2_asked;
    size_t largest_taken; /* bytes of the largest hello that was answered */
    bool was_reached;     /* some hello was sent to the server, and not only to its port or its proxy */
    silences silences;
    refusals refusals_asked;
    sessions sessions;
    bool minds_hybrids;         /* refusals.c: it refuses hellos with hybrid groups */
    unsigned num_cut;           /* answers that were cut by their deadline in the middle of a record or a message */
    unsigned controls_held;     /* costly.c: of its two so many were answered as it needs */
    unsigned compressed_by;     /* CertificateCompressionAlgorithm of the server's choice; 0 none */
    uint16_t group_forwards;    /* chosen where keys of two groups were sent; 0 none */
    server_fact *earlier_facts; /* before all was asked again */
    size_t num_earlier_facts;
    unsigned fact_place; /* of the fact that is being heard or made */
};

#define SUITE_EMPTY_RENEGOTIATION_INFO ((uint16_t)0x00FF)

/* survey_hello.c: hellos. The version that a hunt is about; what an offer of it looks like. */
uint16_t topic_version(const survey *s, unsigned topic);
code_list topic_candidates(arena *a, unsigned topic);
/* How many of them, the first ones, servers have. */
size_t topic_num_usual(arena *a, unsigned topic);
void topic_hints(hunt *h);
/* After the first answers: what of groups, schemes and protocols is likely. */
void topic_guess_usual(const survey *s, unsigned topic, hunt *h);
/* After the hints were answered: the ones that are likely. `donor`: a hunt of another version whose families are taken over. */
void topic_guess(hunt *h, const hunt *donor);
/* After the guess was asked for: where the server's order is another one, the known one that goes best with what was seen. */
void topic_guess_order_again(hunt *h);
client_hello survey_hello(const survey *s, uint16_t version);
/* Whether a suite of TLS 1.2 is taken whose keys are of a finite-field group. */
bool survey_has_finite_field_suite(const survey *s);
/* The same without groups of ML-KEM. */
client_hello survey_hello_without_hybrids(const survey *s, const client_hello *hello);
client_hello survey_offer(const survey *s, unsigned topic, code_list offer);

/* ssl2.c */
client_hello survey_hello_ssl2(const survey *s);
void survey_hear_ssl2(survey *s, const answer *given);

/* orders.c: the suites that servers have, in OpenSSL's order; and the candidates in the known order that fits best what was seen,
 * as `guessed` where that fits as well as any. `*known`: what that order itself has. */
code_list usual_suites(arena *a);
/* A few of that version, of which nearly every server has one. */
code_list usual_suites_of(arena *a, uint16_t version);
code_list suites_in_likely_order(arena *a, code_list candidates, code_list likely, const hunt *seen, code_list guessed,
                                 code_list *known);

/* survey.c: one more probe of the wave, which may be changed until it goes out; NULL where it has as many as it may have. */
survey_probe *survey_ask(survey *s, const client_hello *hello, enum question_depth depth, unsigned topic, unsigned index,
                         code_list offer);
bool survey_takes(const survey *s, uint16_t version);
/* The highest that is taken, up to `version_max`; 0 none. */
uint16_t survey_highest(const survey *s, uint16_t version_max);

/* survey_hear.c */
refusal refusal_of(const answer *given);
/* An answer that is neither yes nor no: not reached, or broken off in its middle. */
bool survey_says_nothing(const answer *given);
void survey_hear(survey *s, const survey_probe *asked, const answer *given);
/* The same, but for a refusal that is doubted: that is kept, and asked again. */
void survey_hear_believed(survey *s, const survey_probe *asked, const answer *given);

/* lies.c: what broke the protocol, in a clause; each once. */
void survey_lie(survey *s, const char *what);
/* What of an answer did; and a choice of what was not offered. */
void lies_hear(survey *s, const survey_probe *asked, const answer *given);
void lies_name_choice(survey *s, unsigned topic, uint16_t chosen);

/* costly.c: after the guesses were made: asks what it needs to know, if suites that cost the server much are asked for alone. */
void costly_plan(survey *s);
void costly_hear(survey *s, unsigned which, const answer *given);
/* The same hello so that the server ends it when it has chosen a suite, before it has made a key. */
client_hello costly_hello(const survey *s, const client_hello *hello);
/* Whether what comes of such a one but a ServerHello tells anything; and whether it says that the suite was chosen. */
bool costly_tells(const survey *s, const survey_probe *asked);
bool costly_is_chosen(const survey *s, const survey_probe *asked, const answer *given);

/* silences.c: whether a silence is not to be believed yet; it is kept then, and asked again alone. */
bool silence_is_doubted(survey *s, const survey_probe *asked, const answer *given);
/* After a wave: hears what is believed now. */
void silences_settle(survey *s);
/* Of a server that has never said a byte: it may be slow, or away. */
bool silence_tells_nothing(const survey *s, const answer *given);
/* The probes of a wave of those that are asked again; 0 where there are none. */
size_t silences_ask(survey *s);
/* How many probes at once a server gets that serves one at a time; 0: any number. */
size_t silences_at_once_max(const silences *k);
/* How long a probe that does not run alone may take; 0 while it is not known how far the server is. */
int64_t silences_timeout_us(const silences *k);

/* refusals.c: whether a refusal is not to be believed yet; it is kept then, and asked again. */
bool refusal_is_doubted(survey *s, const survey_probe *asked, const answer *given);
/* After a wave: hears what is believed now. */
void refusals_settle(survey *s);
/* The probes of a wave of those that are asked again; 0 where there are none. */
size_t refusals_ask(survey *s);
/* When nothing else is left to ask: what was refused unclearly and believed once more, after a pause. */
size_t refusals_ask_quietly(survey *s);
/* Where the server answers only what is asked slowly: the probes of the wave one by one, with pauses. */
void refusals_slow_down(survey *s);
/* A refusal that was believed, of an offer with something in it that is taken: is it refused again? */
void refusals_doubt_contrary(survey *s, const survey_probe *asked, const answer *given, bool is_flat);
bool alert_is_about_the_offer(const answer *given);
/* Whether some alert about the offer came of what is taken. */
bool refusals_any_alert_by_chance(const survey *s);
/* Beforehand, so that it costs no wave: of a version that hardly any server has. */
void refusals_ask_smaller(survey *s, unsigned topic);

/* contradictions.c: keeps an alert that a hunt or a habit was refused by. */
void contradictions_keep(survey *s, const survey_probe *asked, const answer *given);
/* After a wave: has those asked again that contradict what is taken. */
void contradictions_find(survey *s);
/* Asks again for all that may rest on refusals that tell nothing. */
void contradictions_start_over(survey *s);
/* In the end: habits that were answered before that, and were refused or not asked any more since. */
void contradictions_put_back_facts(survey *s);

/* application_protocols.c: numbers of our own for the names of ALPN, so that they can be hunted for; 0 is none. */
code_list application_protocols(arena *a);
uint16_t application_protocol_number(bytes_view name); /* 0 for one that is not in the list */

/* facts.c: habits, one question each. */
void facts_ask(survey *s, enum fact_stage stage);
void facts_hear(survey *s, unsigned index, const answer *given);

#endif
