/*
 * What a runtime says of itself when it is asked: an interpreter by a line of ours, a tool by its --version. Only runtimes that are
 * known are asked.
 * Ownership: texts live in the arena given. What they print is hostile input.
 */
#ifndef TLSWHY_CLIENT_OWN_WORDS_H
#define TLSWHY_CLIENT_OWN_WORDS_H

#include "client/client.h"

typedef struct own_words {
    const char *runtime_version; /* "3.11.7"; NULL: not said */
    const char *library;         /* "OpenSSL 3.0.22 7 Apr 2026", "OpenSSL/3.0.22"; NULL: not said */
    const char *module;          /* the file of the module through which the library is reached */
    bool is_built_with;          /* `library` is what it was compiled with, and not what it has loaded */
} own_words;

/* Starts the client's program, for `time_ms` at most. Nothing is said by a runtime that is not known. */
own_words client_own_words(arena *a, const client *c, int64_t time_ms);
/* For tests: what is in that output of it. */
own_words own_words_read(arena *a, enum runtime runtime, bytes_view printed);

/* The version within such a text, by the library's name in it; NULL where it is not there. */
const char *own_words_library_version(arena *a, const own_words *said, enum library_kind kind);

#endif
