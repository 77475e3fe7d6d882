/*
 * Which program file runs when a name is typed: the PATH, symbolic links, interpreter lines (#!), env(1), the shims of pyenv and
 * its kind, wrappers that end in `exec /a/program`. Nothing is run. Ownership: texts live in the arena given. Scripts are hostile
 * input: bounded.
 */
#ifndef TLSWHY_CLIENT_EXECUTABLE_H
#define TLSWHY_CLIENT_EXECUTABLE_H

#include "trace/snapshot.h"

enum { EXECUTABLE_STEPS_MAX = 8 };

typedef struct executable {
    const char *path;   /* of the program or interpreter, as it is called: links are not followed */
    const char *file;   /* the ELF file, links followed */
    const char *script; /* what the interpreter is given; NULL none */
    /* What was followed on the way, each a clause: "/usr/bin/http is a script for /usr/bin/python3". */
    const char *steps[EXECUTABLE_STEPS_MAX];
    size_t num_steps;
} executable;

/* `name` as typed in a shell with these surroundings (environment and working directory). False with a sentence in `e`:
 * ERROR_NOT_FOUND, ERROR_SYSTEM, ERROR_UNSUPPORTED for what is no program, or a script of which that cannot be told. */
bool executable_find(arena *a, const process_snapshot *surroundings, const char *name, executable *out, error *e) MUST_CHECK;

/* The first file of that name on the PATH that can be run; NULL none. */
const char *executable_on_path(arena *a, const process_snapshot *surroundings, const char *name);

/* Whether two paths lead to one file; false where one of them (or NULL) leads to none. */
bool is_same_file(const char *one, const char *other);

#endif
