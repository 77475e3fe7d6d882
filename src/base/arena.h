/*
 * Memory that is given back all at once.
 *
 * Ownership: whatever arena_alloc returns belongs to the arena and lives until arena_free. Nothing in it is freed
 * singly. Running out of memory ends the process with exit status 125: no caller checks for NULL.
 */
#ifndef TLSWHY_BASE_ARENA_H
#define TLSWHY_BASE_ARENA_H

#include "base/error.h"
#include <stddef.h>

typedef struct arena arena;

arena *arena_new(void);
void arena_free(arena *a); /* accepts NULL */

/* From here on `child` is freed with `a`, and not singly. For what another thread has made in an arena of its own. */
void arena_adopt(arena *a, arena *child);

/* `size` zeroed bytes, aligned for any type; never NULL, also for size 0. */
void *arena_alloc(arena *a, size_t size);

/* Space for `count` elements of `size` bytes; ends the process where the product overflows. */
void *arena_alloc_array(arena *a, size_t count, size_t size);

/* A copy of `len` bytes at `data`, with one NUL after it that is not counted. */
void *arena_copy(arena *a, const void *data, size_t len);

/* printf into the arena; the result is NUL-terminated. */
char *arena_printf(arena *a, const char *format, ...) PRINTF_LIKE(2, 3);

/* How many bytes the arena has taken from the system. */
size_t arena_size(const arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, count, type) ((type *)arena_alloc_array((a), (count), sizeof(type)))

#endif
