/*
 * The hello that a runtime sends when nothing is asked of it: the same program is started with a line of ours that connects to a
 * socket on loopback, and what it sends there is read. It is answered with nothing, so that no handshake comes about.
 * Ownership: the hello lives in the arena given. It blocks, for DEFAULT_HELLO_TIMEOUT_MS at most; the program is ended then.
 */
#ifndef TLSWHY_CLIENT_DEFAULT_HELLO_H
#define TLSWHY_CLIENT_DEFAULT_HELLO_H

#include "client/client.h"
#include "wire/client_hello.h"

#define DEFAULT_HELLO_TIMEOUT_MS 8000 /* a Java on a busy machine takes seconds to start */

enum surroundings {
    SURROUNDINGS_AS_THEY_ARE,    /* the environment of the process that was watched */
    SURROUNDINGS_WITHOUT_POLICY, /* the same, with the files and variables that set a policy for its library put aside */
    SURROUNDINGS_WIDE,           /* and with every suite and version asked for that its library can be made to offer */
};

/* False where that runtime is none that is known how to be asked, or it sent nothing. */
bool default_hello_capture(arena *a, const client *c, enum surroundings surroundings, client_hello *out) MUST_CHECK;

#endif
