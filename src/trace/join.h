/*
 * Brings a task's socket together with one of ours, over loopback, in two ways.
 *
 * At once: a listener for this one connection. Held: the task's socket is connected to a port whose listener is full and drops
 * every SYN; it stays pending, as towards a slow server, until we connect back from that port: two SYNs cross, a simultaneous open
 * (RFC 9293, 3.5), and the socket becomes writable at that moment. To make it fail instead, it is dissolved; where we cannot reach
 * it any more, the connection is reset as soon as it is up.
 *
 * Ownership: descriptors returned are the caller's to close. All of ours are close-on-exec and non-blocking.
 */
#ifndef TLSWHY_TRACE_JOIN_H
#define TLSWHY_TRACE_JOIN_H

#include "base/error.h"
#include "net/address.h"

/* The two listeners that drop every SYN; a family that loopback does not have is left out (-1). */
typedef struct join_holder {
    int sockets[2]; /* IPv4, IPv6 */
    int fillers[2]; /* what they are full of */
    address addresses[2];
    bool can_look; /* the kernel tells which sockets there are */
} join_holder;

/* False where there is not even an IPv4 loopback: then nothing can be led anywhere. */
bool join_holder_open(join_holder *h, error *e) MUST_CHECK;
void join_holder_close(join_holder *h);

/* Where a socket of a family that wants to go to `to` can be led; false where nowhere. `v6_only`: of the socket. */
bool join_holder_address(const join_holder *h, const address *to, bool v6_only, address *out) MUST_CHECK;

/* Connects the task's socket (whether it blocks or not) to the holder at `at`. True where it is pending now; `*own` is then the
 * task's own address. Else errno says why, and the socket is as before. */
bool join_hold(int task_socket, const address *at, address *own) MUST_CHECK;

/* Connects a socket that has been led to `at` once more, without waiting: 0, or the errno with which the socket answers from its
 * own state. */
int join_again(int task_socket, const address *at);

/* Whether anybody still has a held socket. True where it cannot be told. */
bool join_is_held(const join_holder *h, const address *at, const address *own);

/* Makes a held socket's connect fail: it is ready for everything, with an error, as after a refusal; then join_dissolve makes it
 * fit for another connect. */
void join_refuse(int task_socket);
/* Ends what a task's socket is doing; it is as if fresh, also without an error. */
void join_dissolve(int task_socket);

/* Begins to connect back from the holder's port to a held socket: a socket that becomes writable when they are joined, or fails
 * with ECONNREFUSED where the task has closed its own. -1 with errno. */
int join_release(const address *at, const address *own) MUST_CHECK;

/* The same as join_refuse for a held socket that is out of reach: it is reset before it has ever been up. False where that cannot
 * be done here; it is held as before then. */
bool join_refuse_from_afar(const address *at, const address *own) MUST_CHECK;

/* Connects the task's socket to a listener for it alone, beside the holder at `at`, and returns our end; -1 with errno. */
int join_now(int task_socket, const address *at) MUST_CHECK;

#endif
