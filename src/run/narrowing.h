/*
 * Which of a program's arguments, or which line of its code, narrows what its TLS library would offer. Tables of the options and
 * names that do, for each runtime. Ownership: texts live in the arena given.
 */
#ifndef TLSWHY_RUN_NARROWING_H
#define TLSWHY_RUN_NARROWING_H

#include "client/settings.h"

#define NARROWINGS_MAX ((size_t)12)

typedef struct narrowing {
    const char *text; /* the argument ("--tls-max 1.2"), or the name in the code ("maximum_version") */
    const char *file; /* where it stands; NULL: in the arguments themselves */
    int line;         /* in that file; 0 none */
    bool is_argument;
} narrowing;

typedef struct narrowing_list {
    narrowing items[NARROWINGS_MAX];
    size_t num_items;
} narrowing_list;

/* All that narrows any of that (bits of enum narrowed), the most telling first. `command` is the command that was watched, which
 * may have started the client: a script with the argument in it is named. */
narrowing_list narrowing_find(arena *a, const client *c, const char *const *command, unsigned narrows);
/* The name in code, or else the option, that would do it, for people: where none was found. NULL where none is known. */
const char *narrowing_suspects(enum runtime runtime, unsigned narrows);

#endif
