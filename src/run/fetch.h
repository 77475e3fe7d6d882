/*
 * A missing issuer's certificate, fetched by plain HTTP from where a certificate says that it is to be had (RFC 5280, 4.2.2.1), the
 * way that the failed connection went: through the same proxy, or straight. One GET, at most a megabyte; where the answer leads on,
 * to plain HTTP alone, it is followed a few times. Ownership: a fetch is its asker's until it has called back, or fetch_cancel;
 * what was fetched lives in the arena given.
 */
#ifndef TLSWHY_RUN_FETCH_H
#define TLSWHY_RUN_FETCH_H

#include "causes/verdict.h"
#include "flow/preamble.h"
#include "net/address.h"
#include "net/loop.h"

typedef struct fetch fetch;
typedef void fetch_callback(void *user, const fetched *what);

typedef struct fetch_way {
    const preamble *preamble; /* of the failed connection; NULL none */
    const address *connected; /* what it was connected to: the proxy, where the preamble is one */
    int64_t timeout_us;       /* for all of it, the look-up too */
} fetch_way;

/* Begins at once, and calls back from the loop. */
fetch *fetch_start(arena *a, loop *l, const char *uri, const fetch_way *way, fetch_callback *done, void *user);
void fetch_cancel(fetch *f); /* without calling back; accepts NULL, and one that has called back */

#endif
