/*
 * A client that is tried: when the connection that has come about shows that it is content, and needs to be watched no longer.
 * Pure: times are the caller's clock.
 */
#ifndef TLSWHY_RUN_TRIED_H
#define TLSWHY_RUN_TRIED_H

#include "trace/trace.h"

typedef struct tried {
    const trace_connection *connection; /* NULL: none has come about, or what did was lost */
    int64_t until_us;                   /* so long a server may take to refuse in TLS 1.3 what the client has finished */
    int64_t data_us, answer_us;         /* when the client's data and the server's were first there; 0: not yet */
    bool went_well;
} tried;

/* The handshake is over, as far as it was seen, and nobody has left since. */
bool tried_goes_well(const trace_connection *t);

void tried_begin(tried *t, const trace_connection *connection, int64_t now_us);

/* Looks again: bytes that pass once the handshake is over are told by nobody. True where the client is content. */
bool tried_look(tried *t, int64_t now_us);

#endif
