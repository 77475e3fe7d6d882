/*
 * Where the dynamic linker would find the libraries of a program, without running it (ld.so(8)): the folders that a file names, the
 * variable, the linker's cache, the usual folders.
 * Ownership: everything lives in the arena given. Files are hostile input, also the cache.
 */
#ifndef TLSWHY_CLIENT_LINKER_H
#define TLSWHY_CLIENT_LINKER_H

#include "client/elf_file.h"

typedef struct linker_entry {
    const char *name, *path;
} linker_entry;

typedef struct linker {
    const char *library_path; /* LD_LIBRARY_PATH; NULL none */
    const linker_entry *cached;
    size_t num_cached;
} linker;

/* `environment`: "NAME=value" each, ends in NULL; may be NULL. Reads /etc/ld.so.cache. */
linker linker_read(arena *a, const char *const *environment);
/* The same of a cache's bytes (glibc's sysdeps/generic/dl-cache.h, "glibc-ld.so.cache1.1"); empty where they are none. */
void linker_cache_read(arena *a, bytes_view cache, linker *out);

/* The files that would be mapped: `files` (the program first; ends in NULL), then what they need, nearest first, each once. Ends in
 * NULL. What is not found is left out. */
const char *const *linker_closure(arena *a, const linker *l, const char *const *files);
/* Where `name` would be found for a program; NULL nowhere. */
const char *linker_find(arena *a, const linker *l, const char *name, const char *program);

#endif
