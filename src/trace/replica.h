/*
 * Where a task's socket cannot be reached, an equal one of ours is put in its place. What makes it equal is remembered from the
 * calls that shaped the task's own: setsockopt(2) and bind(2), which are notified as well then.
 *
 * Ownership: a replica_memory is the caller's; what it remembers is freed by replica_memory_free.
 */
#ifndef TLSWHY_TRACE_REPLICA_H
#define TLSWHY_TRACE_REPLICA_H

#include "net/address.h"
#include <sys/types.h>

#define REPLICA_MEMORY_MAX ((size_t)1024) /* calls; the oldest are forgotten first */
#define REPLICA_VALUE_LEN_MAX ((size_t)32)

typedef struct replica_call {
    uint64_t inode; /* of the task's socket; 0: none */
    bool is_bind;
    bool too_large; /* its value is more than is remembered: no equal socket can be made */
    int level, name;
    socklen_t len;
    unsigned char value[REPLICA_VALUE_LEN_MAX];
} replica_call;

typedef struct replica_memory {
    replica_call *calls; /* a ring */
    size_t next;
} replica_memory;

bool replica_memory_init(replica_memory *m) MUST_CHECK;
void replica_memory_free(replica_memory *m);
void replica_remember(replica_memory *m, const replica_call *call);

/* Of what kind a task's descriptor is; -1 each where it cannot be told. */
typedef struct replica_kind {
    int family, type; /* AF_INET, SOCK_STREAM ... */
    int flags;        /* O_NONBLOCK, O_CLOEXEC */
} replica_kind;

bool replica_kind_of(pid_t tid, int descriptor, replica_kind *out) MUST_CHECK;

/* Whether only this one descriptor leads to the socket, as far as the process itself goes: not another one, and no epoll set, for
 * which a socket put in its place would be a stranger. */
bool replica_is_safe(pid_t pid, int descriptor, uint64_t inode);

/* A socket that is equal to the task's; -1 where none can be made. */
int replica_make(const replica_memory *m, const replica_kind *kind, uint64_t inode) MUST_CHECK;

#endif
