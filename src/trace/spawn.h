/*
 * Starts a command that carries the filter: fork, the filter in the child, its listener handed to us, exec.
 *
 * The child stays in this process's process group and session, with its terminal, signals and files, as with env(1).
 * Ownership: the descriptors of a `spawned` are the caller's to close.
 */
#ifndef TLSWHY_TRACE_SPAWN_H
#define TLSWHY_TRACE_SPAWN_H

#include "base/error.h"
#include "trace/filter.h"
#include <signal.h>
#include <sys/types.h>

typedef struct spawned {
    pid_t pid;
    int listener;  /* of the seccomp notifications; the child's own execve comes there first */
    int exec_pipe; /* ends without a byte when the command runs; gives an errno (int) when it cannot */
    bool no_new_privs;
    bool wait_killable; /* a notified call is not interrupted by signals once it has been received (5.19) */
} spawned;

/* `signals`: the mask that the command begins with. False and `e` where the child cannot be watched; it has then not run anything
 * and is gone. */
bool spawn_watched(char *const argv[], filter_wants wants, const sigset_t *signals, spawned *out, error *e) MUST_CHECK;

#endif
