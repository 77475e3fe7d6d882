/*
 * What libpq looks for before it says hello: where it was told to verify the server, a file of CAs that has to be there.
 * Ownership: what is returned lives in the arena.
 */
#ifndef TLSWHY_RUN_LIBPQ_H
#define TLSWHY_RUN_LIBPQ_H

#include "causes/evidence.h"
#include "trace/snapshot.h"

/* That file, where it is not there; NULL where it is, or where the process does not use libpq or was not told to verify. `process`
 * may be NULL. */
const unusable_credential *libpq_problem(arena *a, const process_snapshot *process);

#endif
