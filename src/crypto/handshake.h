/*
 * The client side of a handshake, as far as a probe needs it: it reads what the server says, in TLS 1.3 (RFC 8446, 4) under
 * protection, and, where that is wanted, ends the handshake as a client without a certificate would. TLS 1.0 to 1.3. No I/O: bytes
 * in, bytes out.
 *
 * It judges nothing: a certificate that cannot be trusted, a wrong signature, a wrong Finished are noted, and reading goes on.
 * What it cannot compute (in TLS 1.3 a group without a key of ours; earlier a key exchange other than RSA, DHE and ECDHE; SSL 3.0's
 * keys) ends it with a reason.
 *
 * Ownership: lives in the arena given, with all that it returns; the key ring is borrowed.
 */
#ifndef TLSWHY_CRYPTO_HANDSHAKE_H
#define TLSWHY_CRYPTO_HANDSHAKE_H

#include "crypto/key_ring.h"
#include "wire/server_flight.h"

typedef struct handshake handshake;

/* `finishes`: after the server's Finished, ours is to be sent, after an empty Certificate where one was asked for. */
handshake *handshake_new(arena *a, const key_ring *keys, bool finishes);
/* After our Finished, tickets are not taken for an answer: does the server ask for a certificate (RFC 8446, 4.6.2)? */
void handshake_wait_for_request(handshake *h);
/* Up to TLS 1.2: after the server's Finished nothing is said, not even a close_notify: does the server end the connection? */
void handshake_linger(handshake *h);
/* Up to TLS 1.2: after the server's Finished a second hello is sent under protection, as the first was but with a random of its
 * own: with the proof of RFC 5746 where the first said that it knows of it, and without where not. */
void handshake_renegotiate(handshake *h);
/* A hello that was sent, as the records that went out. The second call is for the hello after a retry request. */
void handshake_sent(handshake *h, bytes_view records);
/* What the server sent, cut anywhere. Never fails: see handshake_is_over. */
void handshake_received(handshake *h, bytes_view bytes);
/* The stream has ended. */
void handshake_ended(handshake *h);
/* Bytes that are to be sent now; they are returned once. After all else it is a close_notify: who ends a connection without one may
 * find that its session is not resumed. */
bytes_view handshake_to_send(handshake *h);

/* Nothing more is to be learnt: the flight was read (and, where that is wanted, what the server says to our Finished), or it cannot
 * be. `answered`: the server said something to our Finished. */
bool handshake_is_over(const handshake *h);
/* In TLS 1.3: the Finished went out, and the server has not said anything to it yet: silence is consent. An earlier version's
 * server always answers, with its own; but where it was asked to renegotiate, or to nothing at all, it may say nothing. */
bool handshake_awaits_consent(const handshake *h);
const server_flight *handshake_flight(const handshake *h);

#endif
