/*
 * What the command's own look-ups say of an address, and which names have none. Pure.
 * Ownership: texts live in the arena given; the list is borrowed.
 */
#ifndef TLSWHY_RUN_NAMES_H
#define TLSWHY_RUN_NAMES_H

#include "trace/trace.h"

typedef struct name_list {
    const trace_lookup *list;
    size_t num;
} name_list;

/* The name whose look-up led to the address: the process's own, its latest; else that of another process. NULL where none did. */
const char *names_of_address(arena *a, name_list names, const address *to, int pid);

/* Whether a name was looked up in vain by the process (or by any, where pid is 0): it has no address, nor has it with a domain of
 * the resolver's search list. NULL where it was not, or an address came of it. */
const trace_lookup *names_find_failed(name_list names, const char *name, int pid);
/* Whether it was looked up at all. */
bool names_have(name_list names, const char *name);

/* Whether it is another look-up's name with a domain of the search list behind it. */
bool names_is_expansion(name_list names, const trace_lookup *k);

/* What the resolver said: "the name server 127.0.0.1 knows no such name (NXDOMAIN)". */
const char *names_failure_text(arena *a, const trace_lookup *failed);

#endif
