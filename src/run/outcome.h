/*
 * What became of a connection that was watched: pure, from what was seen of it and of the others.
 */
#ifndef TLSWHY_RUN_OUTCOME_H
#define TLSWHY_RUN_OUTCOME_H

#include "report/report.h"
#include "trace/trace.h"

/* What one connection's own course says, as long as the others are not looked at. */
enum course {
    COURSE_OPEN,          /* still on its way */
    COURSE_FINE,          /* TLS, and the handshake was finished */
    COURSE_LEFT,          /* ... and one side ended it without a word of its own: some verify the certificates only then */
    COURSE_UNANSWERED,    /* ... the client sent data, and ended it before it was answered: some verify only then, too */
    COURSE_UNHEARD,       /* ... the same, but some answer had come, which it cannot have read */
    COURSE_CUT,           /* ... the client sent data, and the server ended it without close_notify */
    COURSE_PLAIN,         /* no TLS on it */
    COURSE_PLAIN_REFUSED, /* in clear, and the answer looks as if TLS was wanted there */
    COURSE_NOT_LED_ON,    /* a proxy or an upgrade was asked for and did not come about: TLS was never begun */
    COURSE_REFUSED,       /* the handshake failed */
    COURSE_SILENT,        /* the hello is without an answer so far */
    COURSE_NOTHING_SAID,  /* connected, and ended by the client before it said anything */
    COURSE_NO_TCP,        /* no TCP connection */
    COURSE_TCP_GIVEN_UP,  /* the client ended it while TCP was connecting */
};

enum course course_of(const trace_connection *c);

/* Of one that is COURSE_LEFT: it was the client, and the server has said nothing against it. */
bool client_left_by_itself(const trace_connection *t);

/* The outcome once the command has ended. `all` are the connections of the run, `own` one of them. A connection that failed because
 * nothing listened is of no account where the command ended well, or where another address served it. */
enum outcome outcome_of(const trace_connection *own, const trace_connection *const *all, size_t num_all, bool command_failed);

/* How the server ended the connection after a handshake that went well, a clause: "reset the connection"; NULL where the client
 * ended it, or where an answer had come before an end that was no reset. */
const char *server_end_after_handshake(const conversation *c);

/* Whether the program's own exit status says that it did get an answer, and what it did not like is that: nothing was cut then.
 * `program`: as it was called. */
bool status_tells_of_an_answer(const char *program, int status);

/* Whether two hellos are the same offer: all but randoms, session ids, keys and GREASE. A client that retries sends such. */
bool hellos_alike(arena *a, const client_hello *one, const client_hello *other);

#endif
