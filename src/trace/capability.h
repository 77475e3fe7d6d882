/*
 * What this machine lets one process do to its child, tried before the command is started, by a process of its own: a sandbox may
 * end whoever asks (systemd's SystemCallFilter= does).
 * Ownership: what was found is a value; no process outlives the try.
 */
#ifndef TLSWHY_TRACE_CAPABILITY_H
#define TLSWHY_TRACE_CAPABILITY_H

#include "base/error.h"
#include <stddef.h>

typedef struct capability {
    bool copies_descriptors;  /* pidfd_getfd: the command's own sockets can be reached */
    bool reads_memory;        /* process_vm_readv or /proc/PID/mem */
    bool reads_status;        /* /proc/PID/status */
    int start_errno;          /* of a process to try with; 0: it was started */
    int listener_errno;       /* of a filter with user notification; 0: it can be installed */
    size_t notification_size; /* bytes of the kernel's struct seccomp_notif; 0 where it cannot be told */
} capability;

/* Tried once; what this process forks afterwards knows it, too. */
capability capability_probe(void);

/* False, with what to do, where a command cannot be watched at all. */
bool capability_suffices(const capability *c, error *e) MUST_CHECK;
/* Why no filter with a listener can be installed, and what to do. Always false. */
bool capability_explain_listener(error *e, int listener_errno);

#endif
