/*
 * Which of a program's arguments, or which line of its code, narrows what its TLS library would offer. Tables of the options and
 * names that do, for each runtime. Ownership: texts live in the arena given.
 */
#ifndef TLSWHY_RUN_NARROWING_H
#define TLSWHY_RUN_NARROWING_H

#include "client/client.h"

enum narrowed { NARROWED_VERSION, NARROWED_CIPHER, NARROWED_GROUP, NARROWED_SCHEME, NARROWED_NAME, NARROWED_ALPN };

typedef struct narrowing {
    const char *text; /* the argument ("--tls-max 1.2"), or the name in the code ("maximum_version"); NULL: none was found */
    const char *file; /* of the code; NULL: it is in the arguments themselves */
    int line;         /* in that file; 0 none */
} narrowing;

narrowing narrowing_find(arena *a, const client *c, enum narrowed what);
/* The names in code or options that would do it, for people: where none was found. NULL where none are known. */
const char *narrowing_suspects(enum runtime runtime, enum narrowed what);

#endif
