#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_SIZE ((size_t)16 * 1024)

/* Address sanitizer sees overruns only between separate blocks, so under it every allocation is one of its own. */
#if defined(__SANITIZE_ADDRESS__)
#define ONE_BLOCK_EACH 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ONE_BLOCK_EACH 1
#endif
#endif
#ifndef ONE_BLOCK_EACH
#define ONE_BLOCK_EACH 0
#endif

typedef struct chunk {
    struct chunk *next;
    size_t capacity;
    size_t used;
    alignas(max_align_t) unsigned char memory[];
} chunk;

struct arena {
    chunk *newest;
    size_t size;
    arena *children, *sibling; /* adopted ones; the next that the same arena adopted */
};

/* Out of memory is the one failure that no caller could handle better than the operating system's next attempt. */
static void out_of_memory(void)
{
    static const char message[] = "tlswhy: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored;
    _exit(125);
}

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL)
        out_of_memory();
    return memory;
}

arena *arena_new(void)
{
    return allocate(sizeof(arena));
}

void arena_free(arena *a)
{
    if (a == NULL)
        return;
    while (a->children != NULL) {
        arena *child = a->children;
        a->children = child->sibling;
        arena_free(child);
    }
    while (a->newest != NULL) {
        chunk *next = a->newest->next;
        free(a->newest);
        a->newest = next;
    }
    free(a);
}

void arena_adopt(arena *a, arena *child)
{
    child->sibling = a->children;
    a->children = child;
}

static chunk *add_chunk(arena *a, size_t capacity)
{
    chunk *c = allocate(sizeof(chunk) + capacity);
    c->capacity = capacity;
    c->next = a->newest;
    a->newest = c;
    a->size += sizeof(chunk) + capacity;
    return c;
}

void *arena_alloc(arena *a, size_t size)
{
    const size_t alignment = alignof(max_align_t);
    if (size > SIZE_MAX / 2)
        out_of_memory();
    size_t rounded = (size + alignment - 1) / alignment * alignment;
    if (rounded == 0)
        rounded = alignment;
    if (ONE_BLOCK_EACH)
        return add_chunk(a, size == 0 ? 1 : size)->memory;
    chunk *c = a->newest;
    if (c == NULL || c->capacity - c->used < rounded)
        c = add_chunk(a, rounded > CHUNK_SIZE ? rounded : CHUNK_SIZE);
    void *memory = c->memory + c->used;
    c->used += rounded;
    return memory;
}

void *arena_alloc_array(arena *a, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 2 / size)
        out_of_memory();
    return arena_alloc(a, count * size);
}

void *arena_copy(arena *a, const void *data, size_t len)
{
    unsigned char *copy = arena_alloc(a, len + 1);
    if (len != 0)
        memcpy(copy, data, len);
    return copy;
}

char *arena_printf(arena *a, const char *format, ...)
{
    if (format == NULL) /* never; without it gcc's sanitizer build believes it possible, and warns */
        format = "";
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = arena_alloc(a, (size_t)(len < 0 ? 0 : len) + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)(len < 0 ? 0 : len) + 1, format, arguments);
    va_end(arguments);
    return text;
}

size_t arena_size(const arena *a)
{
    return a->size;
}
