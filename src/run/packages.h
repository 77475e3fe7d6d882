/*
 * What the user would install, by the name that the package manager of this machine, or the one that keeps the program, has for it.
 * Reads /etc/os-release; nothing is run. Ownership: in the arena given.
 */
#ifndef TLSWHY_RUN_PACKAGES_H
#define TLSWHY_RUN_PACKAGES_H

#include "client/client.h"

/* The command that gets a newer one of that program's runtime ("apt-get install python3", "pyenv install 3.12"); NULL where the
 * machine does not tell. */
const char *package_for_runtime(arena *a, const client *c);
/* The command that gets the system's roots; NULL. */
const char *package_for_roots(arena *a);

/* For tests: by the text of an os-release file. */
const char *package_for_roots_of(arena *a, bytes_view os_release);
const char *package_for_runtime_of(arena *a, const client *c, bytes_view os_release);

#endif
