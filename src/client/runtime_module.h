/*
 * The file through which a runtime reaches its TLS library, where that is not the program itself: Python's _ssl, Perl's SSLeay.so,
 * Ruby's openssl.so, git's git-remote-https, Java's libjvm.so. Found by where each runtime keeps it; nothing is run.
 * Ownership: texts live in the arena given.
 */
#ifndef TLSWHY_CLIENT_RUNTIME_MODULE_H
#define TLSWHY_CLIENT_RUNTIME_MODULE_H

#include "client/client.h"

/* `file`: the program's own, links followed. NULL where there is none (it may be in the program itself). */
const char *runtime_module_find(arena *a, enum runtime runtime, const char *file, const process_snapshot *surroundings);
/* Whether that mapped file is such a module: by the beginning of its name. */
bool runtime_module_is(const char *path);

#endif
