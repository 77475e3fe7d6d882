/*
 * The certificates that an NSS database (cert9.db) trusts to sign for servers: NSS' lib/softoken/sdb.c says how its objects lie in
 * an SQLite file, PKCS #11 what they are. Ownership: as in keystore.h.
 */
#ifndef TLSWHY_CRYPTO_NSS_DATABASE_H
#define TLSWHY_CRYPTO_NSS_DATABASE_H

#include "base/bytes.h"

/* What the file begins with: it is one of SQLite 3. */
#define NSS_DATABASE_MAGIC "SQLite format 3"

/* A list of DER in the arena, at most `max`; certificates that are there without trust for servers are left out. `*is_read`:
 * whether it is such a database at all. */
size_t nss_database_read(arena *a, bytes_view file, bytes_view *certificates, size_t max, bool *is_read);

#endif
