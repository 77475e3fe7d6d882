/*
 * What the files of the trust store share. Not for other rooms. Ownership: as in trust_store.h.
 */
#ifndef TLSWHY_CLIENT_TRUST_INNER_H
#define TLSWHY_CLIENT_TRUST_INNER_H

#include "client/trust_program.h"
#include "crypto/keystore.h"

/* How it judges, whether it does, by which clock. */
void trust_find_rules(const trust_program *p, const client *of, trust_store *store);
/* Its security level, and what sets it. */
void trust_find_floor(const trust_program *p, const client *of, trust_store *store);
/* Where it looks. */
void trust_find_sources(const trust_program *p, trust_store *store);
/* `takes_stores`: a file that the text names may be its store; else none but revocation lists are looked for there. */
void trust_find_hints(const trust_program *p, trust_store *store, bool takes_stores);
void trust_find_opened(const trust_program *p, trust_store *store);
/* One more place, read at once; the one that is there already where it is. NULL where `path` is, or there are too many. */
trust_source *trust_source_add(const trust_program *p, trust_store *store, const char *path, trust_source like);
/* Keeps the revocation lists that are in a file of the client's. */
void trust_keep_revocations(arena *a, trust_store *store, const keystore *read, const char *path);
void trust_find_others(const trust_program *p, trust_store *store);
/* "3.13" of "python3.13", of .../versions/3.13.0/bin/python: major * 100 + minor; 0 unknown. */
int trust_runtime_version(const trust_program *p);
/* Python's certifi of that interpreter, or of its environment; NULL none. */
const char *trust_certifi_path(const trust_program *p);
/* "3.0.22" as 30000; 0 unknown. */
int trust_library_version(const trust_store *store);
/* The letter after it: of "1.0.2r" it is r; NUL: there is none. */
char trust_openssl_letter(const trust_store *store);

#endif
