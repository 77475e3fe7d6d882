/*
 * One question to a server: where to, what to say first, which hello. One answer: the conversation that came of it.
 * Many at once, in waves. The hello's bytes are ours; no TLS library has a say in them.
 *
 * Ownership: questions and answers live in the arenas that they were given; a prober owns its sockets.
 */
#ifndef TLSWHY_PROBE_PROBE_H
#define TLSWHY_PROBE_PROBE_H

#include "crypto/key_ring.h"
#include "net/address.h"
#include "net/loop.h"
#include "probe/answer.h"

typedef struct question {
    address to;
    preamble_script script;    /* no steps: begin at once */
    const client_hello *hello; /* NULL: connect and listen only (what does the server say by itself?) */
    bytes_view request;        /* without a hello: sent in clear in its place, and all that comes to the end is answer.said */
    size_t *chunk_lens;        /* send the flight in pieces of these lengths, 5 ms apart; the last takes the rest */
    size_t num_chunks;         /* 0 or 1: in one write */
    int64_t delay_us;          /* start so much after its wave began */
    int64_t timeout_us;        /* from when it starts; 0: the prober's default */
    enum question_depth depth;
    key_ring *keys;      /* of the hello's key shares; NULL where there are none of ours: TLS 1.3 is not read then */
    bool small_segments; /* the server is told to send no segment of more than 536 bytes */
    bool stays_at_retry; /* a HelloRetryRequest is answer enough: ANSWER_RETRY, and no second hello */
    bool runs_alone;     /* no other probe to this server at the same time */
    size_t at_once_max;  /* it waits while so many are in flight to this server; 0: the prober's own */
} question;

/* One wave: questions asked at once (at most `at_once_max` in flight to one address and port). */
typedef struct prober prober;
typedef void wave_callback(void *user, const answer *answers, size_t num_answers);

typedef struct probe_settings {
    int64_t timeout_us; /* default for a question */
    size_t at_once_max; /* 16; lowered by itself where a server begins to refuse */
    int64_t pause_us;   /* the first one where a server is asked too often; doubles up to six times as much. 0: 250 ms */
    int64_t gap_us;     /* between the beginnings of two connections to one server, at least; 0: none */
    /* fills `len` bytes; handed in, so that a test is exact. */
    void (*random_bytes)(void *user, uint8_t *out, size_t len);
    void *random_user;
} probe_settings;

prober *prober_new(loop *l, const probe_settings *settings);
void prober_free(prober *p);

/* Asks all questions; calls back once, when the last answer is in, with answers in the order of the questions. The answers live
 * in `a`. One wave at a time for each prober; several probers may share a loop. Fresh randoms are the asker's business.
 * Back-off: where a server that has answered refuses a connection, or closes or resets it without a byte, the prober finds out
 * whether the hello is meant or the number of connections, by asking again what was answered. Where it is the number, it pauses
 * (doubling, up to 1.5 s), asks the refused questions again, and goes on one at a time: prober.c has the rule. */
void prober_ask(prober *p, arena *a, const question *questions, size_t num_questions, wave_callback *done, void *user);

/* Ends a wave before its end, if there is one: calls back with the answers that are in; the others are ANSWER_FAILED. */
void prober_cut(prober *p);

/* How much a server bears, as far as it was seen: one at a time after it had left connections unanswered; with pauses, too. */
enum prober_limit { PROBER_NO_LIMIT, PROBER_ONE_AT_A_TIME, PROBER_WITH_PAUSES };
enum prober_limit prober_limit_of(const prober *p, const address *to);

size_t prober_num_connections(const prober *p); /* made so far, repeats included */

#endif
