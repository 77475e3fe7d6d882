/*
 * Views of bytes, lists of 16-bit codes, and a buffer that grows up to a bound.
 *
 * Ownership: a view borrows; whoever made the bytes keeps them. A `code_list`'s array lives in the arena that made it.
 * A `buffer` owns its memory until buffer_free.
 */
#ifndef TLSWHY_BASE_BYTES_H
#define TLSWHY_BASE_BYTES_H

#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bytes_view {
    const uint8_t *data; /* may be NULL where len is 0 */
    size_t len;
} bytes_view;

bytes_view bytes_from(const void *data, size_t len);
bytes_view bytes_from_text(const char *text); /* without its NUL; NULL gives an empty view */
bytes_view bytes_copy(arena *a, bytes_view v);
bool bytes_equal(bytes_view a, bytes_view b);
bool bytes_start_with(bytes_view v, const char *prefix);               /* octet for octet */
bool bytes_start_with_ignoring_case(bytes_view v, const char *prefix); /* ASCII letters only */
bool bytes_contain_ignoring_case(bytes_view v, const char *text);      /* ASCII letters only */
/* Where `text` first stands in `v`, from `offset` on; v.len where it does not. */
size_t bytes_find(bytes_view v, const char *text, size_t offset);
/* Several texts at once, each of at least two bytes: where the first of any of them stands from `offset` on, and in `*which` which;
 * v.len where none does. Most bytes are passed over unread (Wu and Manber, 1994). */
#define BYTES_FINDER_PAIRS ((size_t)4096)
typedef struct bytes_finder {
    const char *const *texts;
    size_t num_texts;
    size_t len_min;                    /* of the shortest of them, 255 at most */
    uint8_t steps[BYTES_FINDER_PAIRS]; /* by a pair of bytes: how far at least any text's first `len_min` bytes end behind it */
} bytes_finder;
void bytes_finder_init(bytes_finder *f, const char *const *texts, size_t num_texts);
size_t bytes_find_any(bytes_view v, const bytes_finder *f, size_t offset, size_t *which);
/* At most `len` bytes from `offset` on; shorter or empty where `v` ends before. */
bytes_view bytes_slice(bytes_view v, size_t offset, size_t len);
/* The byte at `index`, or -1 past the end. */
int bytes_at(bytes_view v, size_t index);
/* The bytes up to the first `byte` (not included), or all of `v` where it does not occur. */
bytes_view bytes_until(bytes_view v, uint8_t byte);
/* A NUL-terminated copy; bytes that are NUL end it early for C, which is what callers of this want: names to show. */
char *bytes_to_text(arena *a, bytes_view v);
char *bytes_to_hex(arena *a, bytes_view v);

/* Cipher suites, groups, signature schemes, versions: numbers of two bytes, in the order of the wire. */
typedef struct code_list {
    uint16_t *codes;
    size_t num_codes;
} code_list;

bool codes_contain(code_list list, uint16_t code);
code_list codes_from(arena *a, const uint16_t *codes, size_t num_codes);
code_list codes_joined(arena *a, code_list first, code_list second); /* second's codes that first lacks come after */
code_list codes_without(arena *a, code_list list, code_list unwanted);
code_list codes_in_both(arena *a, code_list list, code_list other); /* in list's order */
code_list codes_one(arena *a, uint16_t code);
uint16_t codes_max(code_list list); /* 0 where empty */
uint16_t codes_min(code_list list); /* 0 where empty */

/* A buffer that is given its bound at birth. Past it, appends fail and change nothing. */
typedef struct buffer {
    uint8_t *data;
    size_t len;
    size_t capacity;
    size_t len_max;
} buffer;

void buffer_init(buffer *b, size_t len_max);
void buffer_free(buffer *b);
bool buffer_append(buffer *b, const void *data, size_t len) MUST_CHECK;
/* Takes `len` bytes (at most b->len) away from the front. */
void buffer_consume(buffer *b, size_t len);
/* Takes every `byte` at the end away. */
void buffer_trim(buffer *b, uint8_t byte);
bytes_view buffer_view(const buffer *b);

#endif
