/*
 * The world after the hellos: a server's flight, a client that judges it and ends the handshake (or is ended), for a reason that is
 * known because it was put there. Around it is what might mislead: other stores, requests for certificates, small groups, alerts
 * that say much, little or nothing. Ownership: a scene lives in the arena given; certificates are issued once, and live as long as
 * the pool.
 */
#ifndef TLSWHY_TESTS_SIM_AFTER_H
#define TLSWHY_TESTS_SIM_AFTER_H

#include "client/trust_store.h"
#include "diagnose/diagnosis.h"
#include "dice.h"

/* How a client says why it gives up. */
enum style {
    STYLE_IN_CLEAR,  /* an alert of its own for each reason, in clear also in TLS 1.3: OpenSSL */
    STYLE_ENCRYPTED, /* one alert for most, encrypted in TLS 1.3: Java */
    STYLE_SILENT,    /* none: Node.js finishes the handshake, judges, and leaves */
};

typedef struct pool {
    arena *arena;
    bytes_view root, other_root, intermediate, no_ca, good, expired, future, other_name, self_signed, for_clients, small_key,
        strict, promised, by_other, by_no_ca, client, client_expired, stranger, old_intermediate, by_old, revoked,
        revocations;      /* the latter is a list that the former is on */
    bytes_view root_name; /* DistinguishedName */
} pool;
/* Issued by libcrypto, so fresh keys each time: nothing in a scene depends on them. */
void pool_make(arena *a, pool *out);

typedef struct scene {
    const char *truth;       /* an id of the catalogue; "unknown" */
    const char *may_also_be; /* another that looks the same from outside; NULL none */
    bool may_be_unknown;
    uint16_t version;
    enum style style;
    conversation failed;
    conversation replayed; /* what a probe with the client's hello sees */
    server_flight flight;
    trust_store trust;
    evidence given;
    bool loses_large_flights, asks_after_handshake, never_finishes;
} scene;

/* Draws a scene. `number` chooses the truth, the seed all else. */
void scene_draw(arena *a, const pool *p, uint64_t seed, size_t number, scene *out);
size_t num_truths(void);
/* What its server answers to a probe. */
answer scene_answer(arena *a, const scene *s, const wanted_probe *asked);

#endif
