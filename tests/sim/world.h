/*
 * Pairs of a client and a server that fail, for a reason that is known because it was put there.
 * Ownership: a pair lives in the arena given.
 */
#ifndef TLSWHY_TESTS_SIM_WORLD_H
#define TLSWHY_TESTS_SIM_WORLD_H

#include "server.h"

enum obstacle {
    OBSTACLE_CLIENT_TOO_OLD,
    OBSTACLE_SERVER_TOO_OLD,
    OBSTACLE_VERSION_INTOLERANCE,
    OBSTACLE_SSLV2,
    OBSTACLE_FALLBACK,
    OBSTACLE_SUITE,
    OBSTACLE_GROUP,
    OBSTACLE_SCHEME,
    OBSTACLE_NAME_MISSING,
    OBSTACLE_NAME_UNKNOWN,
    OBSTACLE_ALPN,
    OBSTACLE_EMS,
    OBSTACLE_EXTENSION,
    OBSTACLE_GREASE,
    OBSTACLE_SIZE,
    OBSTACLE_RECORD_VERSION,
    OBSTACLE_PIECES,
    OBSTACLE_DROPS_ALL,
    OBSTACLE_SILENCE,
    OBSTACLE_HTTP,
    OBSTACLE_SMTP,
    OBSTACLE_PSK,
    OBSTACLE_ELSEWHERE, /* the server takes the hello: what failed was something else */
    /* Only in the hard world (demands.h): */
    OBSTACLE_NAME_STRICT,
    OBSTACLE_SEGMENTS,
    OBSTACLE_RECORD_ABOVE,
    OBSTACLE_HYBRID_GROUP,
    OBSTACLE_PSS_KEY,
    OBSTACLE_KEY_KIND,
    OBSTACLE_CURVE,
    OBSTACLE_CLIENT_ENDS, /* the server takes the hello, and the client ends the handshake */
    OBSTACLE_COUNT,
};
#define OBSTACLES_PLAIN ((size_t)OBSTACLE_ELSEWHERE + 1)

/* How often the pair behaves so. */
enum steadiness { STEADY, FAILS_BY_CHANCE, ONE_BACKEND, ONE_ADDRESS };

#define HOST_NAME "www.example.com"

typedef struct pair {
    client_hello hello;
    sim_server server;
    sim_server other; /* another backend or address, without the obstacle */
    enum steadiness steadiness;
    unsigned percent; /* of FAILS_BY_CHANCE: answers that are lost; of ONE_BACKEND: answers of the other backend */
    enum obstacle obstacle;
    bool has_second;
    enum obstacle second;
    const char *hello_file;

    /* Of the hard world: */
    const char *family;
    enum obstacle also[2]; /* in the order of naming */
    size_t num_also;
    const char *may_also_be; /* another cause that the catalogue's words fit as well; NULL: none */
    bool may_be_unknown, also_is_open;
    size_t num_addresses;
    size_t client_cut; /* the client sends so many bytes first, and the rest in another segment; 0: all at once */
} pair;

/* The folder's hellos, read once. */
typedef struct hello_store {
    const char *names[128];
    client_hello hellos[128];
    size_t num_hellos;
} hello_store;
bool hello_store_read(arena *a, const char *folder, hello_store *out);

/* Draws a pair that fails for `wanted` (OBSTACLE_COUNT: any). False where this seed gives none: draw another. */
bool pair_draw(arena *a, const hello_store *store, uint64_t seed, enum obstacle wanted, pair *out);

/* The catalogue's id; for OBSTACLE_ELSEWHERE "unknown". */
const char *obstacle_cause(enum obstacle o);

/* Puts an obstacle into a pair that works; false where it does not fit. */
bool obstacle_put(enum obstacle o, dice *d, arena *a, pair *p);

/* A client of the store, somewhat changed. Says in the pair which. */
client_hello client_draw(dice *d, arena *a, const hello_store *store, pair *p);

/* Whether a key for that group can be made: of the hybrids and ML-KEM it cannot. */
bool retry_can_be_followed(uint16_t group);

/* Without an upgrade before. */
bool server_accepts_at_once(arena *a, const sim_server *s, const client_hello *hello);

/* What the pair's server answers, retry included: the bytes of both sides go to `flow` by the caller. */
bool server_accepts(arena *a, const sim_server *s, const client_hello *hello);

#endif
