/*
 * Files that tasks under watch opened: which process, which path. Bounded: OPENED_FILES_MAX; what comes after is counted. Pure, but
 * for memory.
 *
 * Ownership: the paths live in the arena that is set at its beginning; the rest is freed by opened_files_free.
 */
#ifndef TLSWHY_TRACE_OPENED_H
#define TLSWHY_TRACE_OPENED_H

#include "base/arena.h"
#include <stdbool.h>

#define OPENED_FILES_MAX ((size_t)16384)

typedef struct opened_file {
    int pid;
    const char *path;
} opened_file;

typedef struct opened_files {
    arena *arena;      /* of the paths */
    opened_file *list; /* in the order of their opening */
    size_t *slots;     /* open addressing: index + 1 into the list; 0: free */
    size_t num, num_left_out;
} opened_files;

void opened_files_free(opened_files *f);
bool opened_files_have(const opened_files *f, int pid, const char *path);
/* Each once for each process. */
void opened_files_add(opened_files *f, int pid, const char *path);
/* Those of a process, in order: a list that ends in NULL, in the arena given. */
const char *const *opened_files_of(const opened_files *f, arena *a, int pid);

#endif
