/*
 * Why the client lacks what the verdict names: its library, a policy of the machine, the program's own code and arguments, or what
 * its runtime does by default. Found by evidence: what the library of that version can do, and the hellos that the same runtime
 * sends by default, with and without the policy. Ownership: what is found lives in the arena given. It may start the command's
 * runtime, with a line of ours, and wait for it.
 */
#ifndef TLSWHY_RUN_WHY_H
#define TLSWHY_RUN_WHY_H

#include "causes/evidence.h"
#include "causes/verdict.h"
#include "client/default_hello.h"

/* WHY_UNKNOWN where the verdict names nothing that the client lacks, or it cannot be told. `hellos` are of that client, or both are
 * NULL. */
why why_find(arena *a, const verdict *v, const evidence *e, const client *c, default_hellos *hellos);

#endif
