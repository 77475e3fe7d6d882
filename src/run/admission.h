/*
 * Would a client with this hello get in? Its hello is sent as it is, but with fresh randoms, the server's name and keys of ours;
 * where it is refused, the engine finds out why, as it does for a watched command.
 *
 * Ownership: everything lives in the arena given; the target's addresses are borrowed.
 */
#ifndef TLSWHY_RUN_ADMISSION_H
#define TLSWHY_RUN_ADMISSION_H

#include "client/profile.h"
#include "flow/route.h"
#include "report/admission.h"
#include "run/inquiry.h"

typedef struct admission_target {
    const char *host; /* a name, or an address */
    bool host_is_address;
    const char *server_name; /* what the client would send as SNI; NULL: none */
    uint16_t port;
    const address *addresses; /* of the proxy where the route has one; the first is asked first */
    size_t num_addresses;
    const route *route;
    int64_t timeout_us; /* for all of it */
    int64_t begin_us;   /* not before that, of loop_now_us; 0: at once */
    int64_t gap_us;     /* between the beginnings of two connections, at least; 0: none */
    bool only_asks;     /* why it is refused is not wanted */
} admission_target;

typedef struct admission {
    bool is_admitted;         /* the handshake got through to the end that it has without a client certificate */
    bool wants_certificate;   /* ... and the server asked for one */
    uint16_t version, suite;  /* chosen; 0 where none was */
    uint16_t group;           /* 0: none, or not to be seen */
    bytes_view alpn;          /* chosen; empty none */
    bool left_out_resumption; /* its pre_shared_key or early_data was left out: they cannot be remade */
    bool is_silent;           /* the server answered nothing */
    const char *problem;      /* why it could not be found out, though there may be a verdict then; NULL: it was */
    const address *addresses; /* where; of admissions_ask alone */
    size_t num_addresses;
    bool is_passed_over;    /* no connection there, but to others: a client goes on to those */
    evidence evidence;      /* of the one that was refused */
    const verdict *verdict; /* why it was; NULL where it was admitted */
    size_t num_connections;
} admission;

/* Asks at the first address, and runs the loop until it is known. */
admission admission_ask(arena *a, loop *l, const client_hello *hello, const admission_target *target);
/* The same at each address; those that answer alike share one of `out`, which has room for as many as there are addresses. Returns
 * how many came of it. */
size_t admissions_ask(arena *a, loop *l, const client_hello *hello, const admission_target *target, admission *out);
/* What came of it, as reports tell it of that client. Borrows from both. */
admission_told admission_tell(arena *a, const client_profile *p, const admission *came);

#endif
