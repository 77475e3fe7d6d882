/*
 * A survey of one server at one address: says which probes it wants, is fed their answers, and knows in the end what the server
 * accepts. No socket, no clock: time, randomness and the network are handed in. survey.c has the strategy and what it costs.
 * Ownership: everything lives in the arena given; the tools must outlive the survey.
 */
#ifndef TLSWHY_SERVER_SURVEY_H
#define TLSWHY_SERVER_SURVEY_H

#include "causes/change.h"
#include "server/server.h"

typedef struct survey survey;

typedef struct survey_settings {
    bytes_view server_name; /* empty: none is sent */
    bool suites_only;       /* versions and suites, nothing else */
} survey_settings;

typedef struct survey_probe {
    const client_hello *hello;
    enum question_depth depth;
    bool in_pieces;       /* the hello in two segments */
    bool stays_at_retry;  /* as of a question */
    bool stops_at_choice; /* the server may end it when it has chosen a suite: costly.c */
    bool runs_alone;      /* the same: no other probe to this server at the same time */
    size_t at_once_max;   /* the same: not more at once than that; 0: as many as there may be */
    int64_t timeout_us;   /* 0: the asker's own */
    int64_t delay_us;     /* so long after the wave began */
    unsigned topic;       /* whose it is; the rest is that topic's own */
    unsigned index;
    code_list offer;
    size_t doubt;    /* asked again: which refusal is doubted, plus 1; 0: none */
    bool is_smaller; /* of such a one: a smaller offer in its place */
} survey_probe;

survey *survey_new(arena *a, const survey_settings *settings, const diagnosis_tools *tools);
/* The probes of the next wave, to be asked at once in any order; 0 where the survey is over. They live in the arena. */
size_t survey_next_wave(survey *s, const survey_probe **probes) MUST_CHECK;
/* The answers to that wave, in its order. They and their conversations must outlive the survey. */
void survey_feed(survey *s, const answer *answers, size_t num_answers);
/* Whether it was seen to answer only what is asked with pauses. */
bool survey_asks_slowly(const survey *s);
/* Whether the server was seen to serve one connection at a time. */
bool survey_asks_few_at_once(const survey *s);
/* What is known so far; complete after survey_next_wave returned 0. */
const server *survey_server(survey *s);

#endif
