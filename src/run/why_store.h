/*
 * Why a client trusts what it trusts, where a verdict says that its store lacks the server's issuer: the variable, the argument,
 * the line of a file or of its code that names its store, or the default. Ownership: texts live in the arena given.
 */
#ifndef TLSWHY_RUN_WHY_STORE_H
#define TLSWHY_RUN_WHY_STORE_H

#include "causes/evidence.h"
#include "causes/verdict.h"
#include "client/client.h"

/* Whether the cause is one of the client's store. */
bool why_store_is_asked(const char *cause);
why why_store(arena *a, const char *cause, const evidence *e, const client *c);

#endif
