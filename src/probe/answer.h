/*
 * What came of one question to a server. No I/O here: the engine and its tests need no more than this.
 * Ownership: an answer borrows its conversation.
 */
#ifndef TLSWHY_PROBE_ANSWER_H
#define TLSWHY_PROBE_ANSWER_H

#include "flow/conversation.h"
#include "wire/server_flight.h"

/* How far a probe goes once the server has taken the hello. */
enum question_depth {
    DEPTH_HELLO,       /* not at all */
    DEPTH_FLIGHT,      /* the server's flight is read, in TLS 1.3 with the keys given */
    DEPTH_REQUEST,     /* as the next, and then it is waited for a request for a certificate */
    DEPTH_FINISH,      /* and the handshake is finished as a client without a certificate does: what does the server say? */
    DEPTH_LINGER,      /* up to TLS 1.2: the same, and then nothing is said for a while: does the server end it by itself? */
    DEPTH_RENEGOTIATE, /* up to TLS 1.2: it is finished, and then a second hello is sent: does the server take it? */
};

/* How an answer ended, coarsely. The details are in its conversation. */
enum answer_kind {
    ANSWER_ACCEPTED,        /* the server's flight came: it took the hello */
    ANSWER_RETRY,           /* a HelloRetryRequest that could not be followed (a group whose keys we cannot make) */
    ANSWER_ALERT,           /* a fatal alert in clear, before or after a ServerHello */
    ANSWER_ENCRYPTED_ALERT, /* after a TLS 1.3 ServerHello: a protected record of an alert's size, or the end of the stream */
    ANSWER_CLOSED,          /* FIN without an answer, or cut in the middle of one */
    ANSWER_RESET,
    ANSWER_SILENCE,          /* nothing (more) before the deadline */
    ANSWER_PLAIN,            /* something that is not TLS */
    ANSWER_MALFORMED,        /* TLS by its first bytes, then nonsense */
    ANSWER_NOT_CONNECTED,    /* connect failed; errno in connect_errno */
    ANSWER_PREAMBLE_REFUSED, /* the proxy or the STARTTLS command was refused */
    ANSWER_FAILED,           /* a failure of ours (no descriptor left, out of ports); text in `problem` */
};

typedef struct answer {
    enum answer_kind kind;
    alert alert; /* of ANSWER_ALERT */
    int connect_errno;
    const conversation *conversation; /* NULL where not connected */
    const server_flight *flight;      /* what was read after the ServerHello; NULL where that was not asked for */
    int64_t connect_us;               /* from SYN to connected: about one round trip */
    int64_t total_us;
    bytes_view said;         /* of a question that was a request in clear: all that came for it; empty else */
    const char *problem;     /* NULL or in the arena */
    bool ended_before_hello; /* connected, and what comes before TLS was not over when it ended: nothing is known of the hello */
} answer;

/* What an answer amounts to, from its conversation alone. Pure: a simulated world uses it too. */
answer answer_from_conversation(const conversation *c);

#endif
