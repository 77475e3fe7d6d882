/*
 * Two connected sockets, between which bytes pass as if there were one connection: ends, half-closes and resets as they are, in
 * both directions; what passes is read along until the flow is settled.
 * Memory: at most RELAY_HELD_LEN_MAX for each direction, and only while the receiver is slow; of a few that move much, a pipe in
 * the kernel (conduit.h). SIGPIPE must be ignored.
 *
 * Ownership: a relay owns both sockets from relay_start on, also where that fails. The flow is the caller's.
 */
#ifndef TLSWHY_TRACE_RELAY_H
#define TLSWHY_TRACE_RELAY_H

#include "flow/conversation.h"
#include "net/loop.h"
#include "trace/conduit.h"

#define RELAY_HELD_LEN_MAX ((size_t)64 * 1024)

typedef struct relay relay;

typedef struct relay_callbacks {
    void (*moved)(void *user); /* the conversation went on */
    void (*over)(void *user);  /* both directions are over and the sockets closed; the relay may be freed here */
    void *user;
} relay_callbacks;

/* Both sockets are connected and non-blocking. NULL where they cannot be watched: they are reset then. */
relay *relay_start(loop *l, int client_socket, int server_socket, flow *f, conduit_pool *pool, const relay_callbacks *callbacks,
                   error *e) MUST_CHECK;
/* The server's socket had failed with that error before it was given to the relay, which took the error away. */
void relay_server_has_reset(relay *r);
/* Passes on what waits now, rather than in its turn. The relay may be over then. */
void relay_catch_up(relay *r);
/* The relay's. */
int relay_server_socket(const relay *r);
/* Accepts NULL. Closes what is open, without a reset: the caller has handed the sockets to another process, or the program ends. */
void relay_free(relay *r);

#endif
