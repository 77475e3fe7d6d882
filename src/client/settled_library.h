/*
 * Which of two TLS libraries in one file it is: by the hello that the program sends.
 * Ownership: texts live in the arena given.
 */
#ifndef TLSWHY_CLIENT_SETTLED_LIBRARY_H
#define TLSWHY_CLIENT_SETTLED_LIBRARY_H

#include "client/client.h"
#include "wire/client_hello.h"

/* Where rustls is in the file beside another, and the hello is one that rustls sends and the other does not, they change places.
 * True where the hello has told. */
bool library_settle(arena *a, tls_library *library, const client_hello *hello);

/* The client that is in that process, which has sent this hello (NULL: none was seen). */
const client *client_that_sent(arena *a, const process_snapshot *process, const client_hello *hello);

#endif
