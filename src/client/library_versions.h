/*
 * Which protocol versions a TLS library can speak, and what it offers and asks of keys where nothing is set: by its version. Pure:
 * tables with their sources.
 * Ownership: lists live in the arena given.
 */
#ifndef TLSWHY_CLIENT_LIBRARY_VERSIONS_H
#define TLSWHY_CLIENT_LIBRARY_VERSIONS_H

#include "client/client.h"

/* Lowest first; empty where the library or its version is not known. */
code_list library_versions(arena *a, const tls_library *library);

/* The first version of that library that speaks it; NULL where that is not known, or none does. */
const char *library_version_since(enum library_kind kind, uint16_t version);
/* Whether this one is known not to: it is too old, which `*since` mends (else NULL), or it is taken out. Where it is not lacking,
 * `*since` is as above. */
bool library_lacks_version(const tls_library *library, uint16_t version, const char **since);

typedef struct library_default {
    uint16_t version_min, version_max; /* of a client */
    int level;                         /* OpenSSL's security level; -1: there is no such thing */
    const char *source;
} library_default;

/* As its makers ship it: a distribution may build it otherwise. False where that is not known. */
bool library_default_find(const tls_library *library, library_default *out);

#endif
