/*
 * OpenSSL's cipher lists (ciphers(1)), to which a suite is added. A suite that a list takes away for good ("!") is not brought back
 * by naming it behind, and DEFAULT does so with all that OpenSSL leaves out by default. Pure. Ownership: what is returned lives in
 * the arena given.
 */
#ifndef TLSWHY_CLIENT_OPENSSL_LIST_H
#define TLSWHY_CLIENT_OPENSSL_LIST_H

#include "client/client.h"

/* `own` (NULL: DEFAULT) as it is, and these suites, whatever it takes away. Suites of TLS 1.3 have a list of their own and are
 * passed over; NULL where none is left. `library` may be NULL: not known. */
const char *openssl_list_with(arena *a, const tls_library *library, const char *own, code_list suites);
/* Suites of TLS 1.3 alone, or all others alone. */
code_list suites_of_tls13(arena *a, code_list suites, bool of_tls13);

#endif
