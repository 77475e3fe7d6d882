/*
 * The event loop (libuv), behind what the other rooms need of it: a descriptor that becomes ready, a moment that comes.
 * One thread, one loop. Ownership: whoever starts a watch or timer stops it; loop_free stops what is left.
 * Callbacks may start and stop any watch and timer, their own too.
 */
#ifndef TLSWHY_NET_LOOP_H
#define TLSWHY_NET_LOOP_H

#include "base/error.h"
#include <stdint.h>

typedef struct loop loop;
typedef struct loop_watch loop_watch;
typedef struct loop_timer loop_timer;

/* LOOP_URGENT, alone: nothing but failures (and out-of-band data) is told, where 0 would tell nothing. */
enum { LOOP_READABLE = 1, LOOP_WRITABLE = 2, LOOP_DISCONNECT = 4, LOOP_URGENT = 8 };

/* events < 0: the descriptor failed (a socket error is pending). The watch is then paused; a read may still give what came before
 * the error, and says in the end what it was. */
typedef void loop_ready_callback(void *user, int events);
typedef void loop_timer_callback(void *user);
typedef void loop_signal_callback(void *user, int signal_number);
typedef void loop_child_callback(void *user);

loop *loop_new(error *e) MUST_CHECK;
void loop_free(loop *l);
int64_t loop_now_us(const loop *l); /* monotonic, read afresh; one clock for all: NULL will do */

/* The descriptor stays the caller's, becomes non-blocking, and must outlive the watch; one watch for each descriptor.
 * Returns NULL and fills `e` where it cannot be watched. */
loop_watch *loop_watch_start(loop *l, int fd, int events, loop_ready_callback *ready, void *user, error *e) MUST_CHECK;
/* Other events for the same watch; 0 pauses it. */
void loop_watch_change(loop_watch *w, int events);
void loop_watch_stop(loop_watch *w); /* accepts NULL */

/* Calls back once at `at_us` (absolute, of loop_now_us). */
loop_timer *loop_timer_start(loop *l, int64_t at_us, loop_timer_callback *elapsed, void *user);
void loop_timer_stop(loop_timer *t); /* accepts NULL; must also be called after it elapsed, to free it */

/* Calls back for every delivery of the signal, outside signal context. Deliveries close together may come as one. */
typedef struct loop_signal loop_signal;
loop_signal *loop_signal_start(loop *l, int signal_number, loop_signal_callback *arrived, void *user, error *e) MUST_CHECK;
void loop_signal_stop(loop_signal *s); /* accepts NULL */

/* Waits for one round of events and runs their callbacks. Returns false where nothing is left to wait for. */
bool loop_run_once(loop *l);
/* After fork, in the child that goes on with the loop. */
bool loop_after_fork(loop *l, error *e) MUST_CHECK;

#endif
