/*
 * What this machine lets one process do to its child, tried on a child of its own before the command is started. (Whether its calls
 * can be notified is tried where it matters: the command's own process installs the filter before its execve, or ends there.)
 */
#ifndef TLSWHY_TRACE_CAPABILITY_H
#define TLSWHY_TRACE_CAPABILITY_H

#include "base/error.h"

typedef struct capability {
    bool copies_descriptors; /* pidfd_getfd: the command's own sockets can be reached */
    bool reads_memory;       /* process_vm_readv or /proc/PID/mem */
} capability;

capability capability_probe(void);

/* False, with what to do, where a command cannot be watched at all. */
bool capability_suffices(const capability *c, error *e) MUST_CHECK;

#endif
