/*
 * What a program would be if it ran, told from its files: the snapshot that a process of it would give (arguments, environment, the
 * files that would be mapped), and the client that follows from it. Nothing is run.
 * Ownership: everything lives in the arena given.
 */
#ifndef TLSWHY_CLIENT_PROGRAM_H
#define TLSWHY_CLIENT_PROGRAM_H

#include "client/client.h"
#include "client/executable.h"
#include "client/linker.h"

/* The surroundings in which programs are looked for: an environment and this process's working directory. */
typedef struct program_surroundings {
    const process_snapshot *process;
    linker linker;
} program_surroundings;

/* `environment`: "NAME=value" each, ends in NULL; copied. NULL: this process's own. */
program_surroundings program_surroundings_read(arena *a, const char *const *environment);

/* The client that `name` is, as typed in a shell; `found` (may be NULL) is filled with what leads to it. NULL with a sentence in
 * `e` where no program file is found (executable_find), or it is damaged. A program without TLS is a client whose library is
 * LIBRARY_UNKNOWN. */
const client *client_of_program(arena *a, const program_surroundings *s, const char *name, executable *found, error *e) MUST_CHECK;

#endif
