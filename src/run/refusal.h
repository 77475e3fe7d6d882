/*
 * What a client says itself of certificates that it refuses: some do so when the handshake is over, and nothing on the wire tells.
 * Pure, but for the reading; ownership: texts live in the arena given.
 */
#ifndef TLSWHY_RUN_REFUSAL_H
#define TLSWHY_RUN_REFUSAL_H

#include "base/bytes.h"

#define REFUSAL_WORDS_LEN_MAX ((size_t)65536)

/* What it has written to its standard error by now, from its beginning, REFUSAL_WORDS_LEN_MAX at most; `file` takes that. Empty
 * where it is 0, or cannot be read. */
bytes_view refusal_read_words(arena *a, int file);

/* Of what it wrote to its standard error, the first line whose message the catalogue knows as one about the server's certificates;
 * NULL: none is. */
const char *refusal_in_words(arena *a, bytes_view written);

/* The last line of it that is not empty, for people, and not indented where one is not; without blanks around it. NULL: there is
 * none. */
const char *refusal_last_line(arena *a, bytes_view written);

#endif
