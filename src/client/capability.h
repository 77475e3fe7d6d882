/*
 * What a TLS library of a version can do: from which version on it knows a protocol version, a cipher, a group, a signature scheme,
 * an extension. Pure: tables with their sources.
 * Ownership: everything here is constant, or in the arena given.
 */
#ifndef TLSWHY_CLIENT_CAPABILITY_H
#define TLSWHY_CLIENT_CAPABILITY_H

#include "client/client.h"

enum ability {
    ABILITY_VERSION,   /* a protocol version, by its code */
    ABILITY_CIPHER,    /* a cipher suite, by its code */
    ABILITY_GROUP,     /* by its code */
    ABILITY_SCHEME,    /* by its code */
    ABILITY_EXTENSION, /* by its code */
};

/* The first version of that library that has it; NULL where the table does not say (then it is taken to have had it always, or not
 * to be known). */
const char *ability_since(enum library_kind kind, enum ability what, uint16_t code);
/* Whether the library cannot do it: its version is known and below the first that can, which `since` becomes; or no version of it
 * ever could, and `since` is NULL. */
bool library_lacks(const tls_library *library, enum ability what, uint16_t code, const char **since);

/* Compares versions as these libraries number them: 1.0.1 < 1.0.1e < 1.0.2, 0.9.8z < 0.9.8zg. Below, equal or above 0. */
int version_compare(const char *one, const char *other);

#endif
