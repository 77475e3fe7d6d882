/*
 * Remedies that follow from this machine: the line of the file that forbids it, the package that has a newer one, another client
 * that gets through. Ownership: in the arena given. It may block for as long as other_client_find.
 */
#ifndef TLSWHY_RUN_MACHINE_REMEDIES_H
#define TLSWHY_RUN_MACHINE_REMEDIES_H

#include "causes/evidence.h"
#include "causes/verdict.h"

/* Adds them to a verdict whose why is known. */
void remedies_of_machine(arena *a, verdict *v, const evidence *e);

#endif
