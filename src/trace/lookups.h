/*
 * Names that tasks under watch looked up over UDP, and what name servers answered: so that an address has the name that it was
 * looked up by. Bounded: the LOOKUPS_MAX latest. Pure, but for memory.
 *
 * Ownership: a `lookup_log` owns its memory from its first entry until lookups_free.
 */
#ifndef TLSWHY_TRACE_LOOKUPS_H
#define TLSWHY_TRACE_LOOKUPS_H

#include "net/address.h"
#include "wire/dns_message.h"
#include <sys/types.h>

#define LOOKUPS_MAX ((size_t)512)
#define LOOKUP_NAME_LEN_MAX ((size_t)253)
#define LOOKUP_EXE_LEN_MAX ((size_t)255)
#define LOOKUP_ADDRESSES_MAX ((size_t)8) /* the latest */
#define NAME_SOCKETS_MAX ((size_t)128)

typedef struct trace_lookup {
    char name[LOOKUP_NAME_LEN_MAX + 1];
    int pid;
    char exe[LOOKUP_EXE_LEN_MAX + 1];        /* as far as there is room; empty where it is not known */
    address server;                          /* the last one that was asked */
    int64_t asked_us, answered_us;           /* the last times; answered: 0 where nothing came back */
    bool is_refused;                         /* nothing listens there: the network said so */
    uint8_t code;                            /* the highest that came: enum dns_code */
    address addresses[LOOKUP_ADDRESSES_MAX]; /* port 0 */
    size_t num_addresses;
    uint64_t inode; /* of the socket that asked last */
} trace_lookup;

/* A socket that talks to a name server. */
typedef struct name_socket {
    uint64_t inode; /* 0: none */
    address server;
} name_socket;

typedef struct lookup_log {
    trace_lookup *list; /* a ring once it is full; NULL before the first */
    size_t num, next;
    name_socket sockets[NAME_SOCKETS_MAX]; /* a ring */
    size_t next_socket;
} lookup_log;

void lookups_free(lookup_log *l);
void lookups_add_socket(lookup_log *l, uint64_t inode, const address *server);
/* NULL where the socket is none. */
const name_socket *lookups_find_socket(const lookup_log *l, uint64_t inode);

/* A message that a process sent or is about to receive. What is neither a question nor an answer with a name is passed over:
 * NULL. */
trace_lookup *lookups_note(lookup_log *l, int pid, const name_socket *socket, bytes_view message, int64_t now_us);
/* The socket's questions cannot reach the server. */
void lookups_note_refused(lookup_log *l, uint64_t inode);

#endif
