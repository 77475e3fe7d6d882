/*
 * What a watched process tells of itself: arguments, variables, the text that it runs.
 * Ownership: borrows from the snapshot; texts are in the arena.
 */
#ifndef TLSWHY_CLIENT_TRUST_PROGRAM_H
#define TLSWHY_CLIENT_TRUST_PROGRAM_H

#include "client/settings.h"
#include "client/trust_store.h"

typedef struct trust_program {
    arena *arena;
    const process_snapshot *process;
    const struct client *client; /* what it is; NULL unknown */
    const char *text; /* the arguments and the script that they name, one after the other; what is said of it is a hint */
    size_t text_len;
    const char *script_folder; /* of the script among them; NULL: there is none */
    setting_list settings;     /* of its own files; empty where they were not read */
} trust_program;

trust_program trust_program_read(arena *a, const process_snapshot *process);

/* Whether its file has that name; false where the file is not known. */
bool program_is(const trust_program *p, const char *name);
/* NULL where it is not set, or set to nothing. */
const char *program_variable(const trust_program *p, const char *name);
/* The value of `--cacert FILE` or `--cacert=FILE`; the last one counts. NULL where it is not there. */
const char *program_option(const trust_program *p, const char *name);
bool program_has_argument(const trust_program *p, const char *argument);
bool program_text_has(const trust_program *p, const char *words);
/* As that process would open it. */
const char *program_path(const trust_program *p, const char *path);
/* The first mapped file whose base name begins so; NULL none. */
const char *program_mapped(const trust_program *p, const char *name);
const char *base_name(const char *path);

/* The next file that the text names and that exists, from `*from` on; NULL where there is no more. */
const char *program_next_file(const trust_program *p, size_t *from);

#endif
