/*
 * The hellos that a runtime sends when nothing is asked of it: the same program is started with a line of ours that connects to a
 * socket on loopback, and what it sends there is read. It is answered with nothing, so that no handshake comes about.
 * Ownership: what default_hellos_new gives is ended by default_hellos_end, and lives in the arena given, as do its hellos.
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

typedef struct default_hellos default_hellos;

default_hellos *default_hellos_new(arena *a, const client *c);

/* Starts the program in those surroundings, and does not wait: several are asked at the same time so. Each is started once. */
void default_hellos_begin(default_hellos *d, enum surroundings surroundings);

/* Its hello; begun where it was not, and told again at no cost. It blocks until DEFAULT_HELLO_TIMEOUT_MS after it was begun; one
 * that has come is read also later. False where that runtime is none that is known how to be asked, or it sent nothing. */
bool default_hellos_wait(default_hellos *d, enum surroundings surroundings, client_hello *out) MUST_CHECK;

/* Ends the programs whose hello nobody has waited for. NULL is nothing. */
void default_hellos_end(default_hellos *d);

#endif
