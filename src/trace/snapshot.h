/*
 * What a process was when its first hello reached the relay: its program, arguments, environment and mapped files, from /proc. It
 * may be gone a moment later; what could not be read is NULL. Ownership: all of it lives in the arena given.
 */
#ifndef TLSWHY_TRACE_SNAPSHOT_H
#define TLSWHY_TRACE_SNAPSHOT_H

#include "base/bytes.h"

typedef struct process_snapshot {
    int pid;
    const char *exe;               /* what /proc/PID/exe leads to */
    const char *working_directory; /* of the process */
    bool has_own_files;            /* a root folder or a mount namespace other than ours: its paths may mean something else to us */
    /* Each a list that ends in NULL, or NULL where it cannot be read. */
    const char *const *argv;
    const char *const *environment;  /* "NAME=value" */
    const char *const *mapped_files; /* each path once, in the order of their addresses */
    const char *const *opened_files; /* of --trace-files; NULL without */
} process_snapshot;

/* Never NULL; a process that is gone has nothing but its pid. */
const process_snapshot *process_snapshot_read(arena *a, int pid);

/* The value of a variable, or NULL where it is not set or the environment is not known. */
const char *process_variable(const process_snapshot *p, const char *name);
/* A path as the process means it: relative ones from its working directory. */
const char *process_path(arena *a, const process_snapshot *p, const char *path);

/* A file, at most `len_max` bytes of it. False where it cannot be read; errno says why. */
bool file_read(arena *a, const char *path, size_t len_max, bytes_view *out) MUST_CHECK;

#endif
