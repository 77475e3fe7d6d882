/*
 * What stays where tlswhy is killed. A filtered task whose listener is gone gets ENOSYS from each call that is notified, for as
 * long as it lives; so a process of its own holds the listener as well, and does nothing until the one that watches has ended
 * without a word. From then on it lets the kernel make each call as if nobody watched, until no filtered task is left.
 *
 * It is in a session of its own, so that what is sent to the whole job does not meet it.
 */
#ifndef TLSWHY_TRACE_GUARDIAN_H
#define TLSWHY_TRACE_GUARDIAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct guardian {
    uint64_t
        *unanswered; /* shared with the guardian: notifications received and not answered; 0: a free place. NULL: no guardian */
    size_t next;     /* the place that is tried first */
    int life;        /* the guardian sees its other end close when the last process that holds this one has ended; -1: none */
} guardian;

/* Starts one for `listener`. Where it cannot be had the watch goes on without: only a killed tlswhy would be met by it. `size` is
 * that of this kernel's struct seccomp_notif. */
void guardian_start(guardian *g, int listener, size_t size);
void guardian_stop(guardian *g);

/* A notification was received, or answered. One that ended without an answer (its task was interrupted, or is gone) is noticed when
 * its place is needed. */
void guardian_received(guardian *g, int listener, uint64_t id);
void guardian_answered(guardian *g, uint64_t id);

#endif
