/*
 * Programs whose TLS is another program's: apt fetches by its methods, a proxy of rustup starts its toolchain's program, Debian's
 * wrapper of PostgreSQL the newest version's, a launcher of Java its java. Found from files alone; nothing is run.
 * Ownership: texts live in the arena given.
 */
#ifndef TLSWHY_CLIENT_HELPER_PROGRAM_H
#define TLSWHY_CLIENT_HELPER_PROGRAM_H

#include "trace/snapshot.h"

/* The file that does it for what is called as `path` and is `file` (links followed), and a clause that says how ("fetches by").
 * NULL where it does it by itself. */
const char *helper_program_find(arena *a, const process_snapshot *surroundings, const char *path, const char *file,
                                const char **how);

#endif
