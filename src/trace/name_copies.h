/*
 * Descriptors of ours for sockets that tasks ask name servers with, where a task's own cannot be reached: the socket was put in its
 * place (replica.h), so this process has it as well, and can look at what it is answered. A few, the latest; each no longer than
 * its task has it, as far as is noticed when the next one comes.
 *
 * Ownership: a `name_copies` owns its descriptors until name_copies_free; zeroed at its beginning.
 */
#ifndef TLSWHY_TRACE_NAME_COPIES_H
#define TLSWHY_TRACE_NAME_COPIES_H

#include <stdint.h>
#include <sys/types.h>

#define NAME_COPIES_MAX 32

typedef struct name_copy {
    uint64_t inode; /* 0: none */
    int ours;
    pid_t tid; /* the task's, and where it had it */
    int descriptor;
} name_copy;

typedef struct name_copies {
    name_copy list[NAME_COPIES_MAX]; /* a ring */
    size_t next;
} name_copies;

/* Takes `copy->ours`. */
void name_copies_add(name_copies *n, const name_copy *copy);
/* Our descriptor for that socket, which stays the list's; -1 where there is none. */
int name_copies_find(const name_copies *n, uint64_t inode);
void name_copies_free(name_copies *n);

#endif
