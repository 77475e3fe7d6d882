/*
 * What is known of one failing pair while it is being diagnosed: the evidence, the client's offer, and what probes have shown of
 * the server. The engine fills it; the causes read it. Ownership: lives in the arena of the diagnosis.
 */
#ifndef TLSWHY_CAUSES_FACTS_H
#define TLSWHY_CAUSES_FACTS_H

#include "causes/change.h"
#include "causes/evidence.h"
#include "causes/verdict.h"
#include "probe/answer.h"

/* SSL 3.0 to TLS 1.3, lowest first. */
#define NUM_TRIED_VERSIONS 5
extern const uint16_t tried_versions[NUM_TRIED_VERSIONS];

struct client_judgement; /* client/trust_store.h */

typedef struct facts {
    arena *arena;
    const evidence *evidence;
    const client_hello *hello;   /* as it is replayed; NULL where the client sent none */
    size_t hello_len;            /* bytes of its message */
    code_list client_versions;   /* highest first */
    bool client_states_versions; /* supported_versions was sent: nothing below its lowest is offered */

    answer failure;                         /* the original failure */
    answer control;                         /* the first replay */
    const server_flight *flight_with_offer; /* what it said to a hello that offers post-handshake authentication; NULL: not asked */
    bool was_asked_with_offer;
    const server_flight *flight; /* what the server said to a replay under protection; NULL where it was not read */

    code_list server_versions; /* accepted in a hello of ours that offers one version alone */
    code_list server_versions_refused;
    const conversation *broad[NUM_TRIED_VERSIONS]; /* that conversation, by version; NULL where refused */
    uint16_t shared_version;                       /* the highest that both have; 0 none */
    const conversation *agreeable; /* the one at shared_version, or at the version to raise or lower to; NULL none */
    int broken_extension;          /* one that even our own hellos had to leave out; -1 none */
    bool is_after_hello;           /* the hellos were agreed on when it failed: the causes of what comes after may speak */
    const struct client_judgement
        *judgement;               /* the server's certificates, as this client judges them; NULL where they were not read */
    fetched fetched[FETCHES_MAX]; /* what was fetched for that judgement */
    size_t num_fetched;
    bool takes_guesses; /* nothing firmer was found: what holds only if the client does not use the store that its text names counts
                         */
    bool all_were_refused; /* no hello of ours, of whatever kind, was accepted */
    const change *proved;  /* what is being told; NULL where no change of the hello made the difference */
    bool proved_is_enough; /* nothing else had to be changed with it */
} facts;

/* What the server chose in a conversation of ours; 0 where it is not known (encrypted, or there is none). */
uint16_t chosen_suite(const conversation *c);
uint16_t chosen_group(const conversation *c);
uint16_t chosen_scheme(const conversation *c);

bool facts_client_offers_version(const facts *f, uint16_t version);
bool facts_server_accepts_version(const facts *f, uint16_t version);
uint16_t facts_client_version_max(const facts *f);
/* The lowest version the client is known to offer; 0 where its hello does not say. */
uint16_t facts_client_version_min(const facts *f);

/* All that was fetched. */
size_t fetched_certificates(const facts *f, bytes_view **out);

/* How an answer reads in a report: "alert handshake_failure (40)", "ServerHello TLS 1.2", "connection reset". In `a`. */
const char *answer_text(arena *a, const answer *given);
/* Whether two failures are of the same way: the same alert, or both ends of the stream, or both silence. */
bool answers_alike(const answer *one, const answer *other);
bool answer_accepts(const answer *given);

#endif
