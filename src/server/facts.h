/*
 * Habits of a server: each row is one question; its answer may show several facts. Shared by the files of this room that hold rows.
 * Ownership: everything lives in the survey's arena.
 */
#ifndef TLSWHY_SERVER_FACTS_H
#define TLSWHY_SERVER_FACTS_H

#include "server/survey_state.h"

#include <limits.h>

/* Which version a row's hello is of. */
enum fact_version { FACT_HIGHEST, FACT_UP_TO_TLS12 /* the highest of those */, FACT_TLS13 };

typedef struct fact_row {
    enum fact_version version;
    enum question_depth depth;
    enum fact_stage stage;
    size_t num_times; /* it is asked so often at once; 0: once */
    bool in_pieces;   /* the hello in two segments */
    bool (*make)(survey *s,
                 client_hello *hello); /* changes the usual hello of the version; false: not to be asked. NULL: as it is */
    void (*hear)(survey *s, const answer *given);
} fact_row;

typedef struct fact_table {
    const fact_row *rows;
    size_t num_rows;
} fact_table;

/* old_versions.c, sessions.c, certificates.c, tolerance.c */
extern const fact_table facts_of_old_versions, facts_of_sessions, facts_of_certificates, facts_of_tolerance;

enum { LARGE_HELLO_LEN = 4096 }; /* bytes, of the hello by which that is asked */

/* Of what was found while other things were asked for; it is not asked for again, and stays. */
#define FACT_PLACE_LAST UINT_MAX

/* How the server says no to what it does not have to mention: its flight comes, and that is not in it. */
#define FACT_WITHOUT "it goes on without"
/* Where it left before it could have said more. */
#define FACT_LEFT "the server ended the connection after the handshake"

server_fact *fact_add(survey *s, const char *id, const char *label, enum known known, const char *detail);
/* The one with that id; NULL where it is not there. */
server_fact *fact_find(survey *s, const char *id);
/* Whether the hello was taken, as a fact; how it was refused where not. */
void fact_add_taken(survey *s, const char *id, const char *label, const answer *given, const char *detail);
/* What an answer shows where the hello was taken; unknown where not. */
void fact_add_shown(survey *s, const char *id, const char *label, const answer *given, bool shown, const char *detail);

/* Whether a client certificate is asked for and required, and of which issuers. */
void fact_add_client_certificate(survey *s, const answer *given);

/* The ServerHello of an answer; NULL where none came. */
const server_hello *fact_server_hello(const answer *given);
/* Whether the server's hello or its protected extensions have that one. */
bool fact_echoes(const answer *given, uint16_t type);
bool fact_was_taken(const answer *given);

#endif
