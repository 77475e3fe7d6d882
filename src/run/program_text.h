/*
 * The text of a program, as far as it is on this machine: what was given with -c or -e, its script, and the files of the user's own
 * that those name. Comments are blanked out, so that nothing that stands there is taken for code; lines stay where they are.
 * Ownership: lives in the arena given.
 */
#ifndef TLSWHY_RUN_PROGRAM_TEXT_H
#define TLSWHY_RUN_PROGRAM_TEXT_H

#include "client/client.h"

#define SOURCES_MAX ((size_t)32)

typedef struct source {
    const char *path; /* NULL: it is an argument itself */
    bytes_view text;
} source;

typedef struct source_list {
    source items[SOURCES_MAX];
    size_t num_items;
} source_list;

/* What was given comes first, then what it names. Empty for a runtime that has no text. */
source_list program_sources(arena *a, const client *c);

/* For tests: a copy with the comments of that runtime's language blanked out. */
bytes_view program_without_comments(arena *a, enum runtime runtime, bytes_view text);

/* The number, from 1, of the line that stands at `offset`. */
int program_line_at(bytes_view text, size_t offset);

#endif
