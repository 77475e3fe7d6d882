/*
 * Another client of this machine that gets through to the same server: found among what is installed, and tried with a handshake of
 * its own, over which nothing is sent. It blocks, for as long as clients_find and two seconds more at most.
 * Ownership: in the arena given.
 */
#ifndef TLSWHY_RUN_OTHER_CLIENT_H
#define TLSWHY_RUN_OTHER_CLIENT_H

#include "causes/evidence.h"
#include "causes/verdict.h"

/* False where the cause is none that another client could be free of, or none that was tried gets through. `out` is the remedy that
 * names it, with the command that was run. */
bool other_client_find(arena *a, const verdict *v, const evidence *e, remedy *out);

#endif
