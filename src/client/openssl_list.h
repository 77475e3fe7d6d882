/*
 * OpenSSL's cipher lists (ciphers(1)), to which a suite is added. A suite that a list takes away for good ("!") is not brought back
 * by naming it behind, and DEFAULT does so with all that OpenSSL leaves out by default. Pure. Ownership: what is returned lives in
 * the arena given.
 */
#ifndef TLSWHY_CLIENT_OPENSSL_LIST_H
#define TLSWHY_CLIENT_OPENSSL_LIST_H

#include "client/client.h"

#define OPENSSL_TLS13_SUITES "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"

/* `own` (NULL: DEFAULT) as it is, and these suites, whatever it takes away. Suites of TLS 1.3 have a list of their own and are
 * passed over; NULL where none is left. `library` may be NULL: not known. */
const char *openssl_list_with(arena *a, const tls_library *library, const char *own, code_list suites);
/* OpenSSL's own list of TLS 1.3 (TLS_DEFAULT_CIPHERSUITES, include/openssl/ssl.h of 3.0), and what of these is not in it: a list of
 * TLS 1.3 replaces the whole. NULL where none of these is of TLS 1.3. */
const char *openssl_tls13_list_with(arena *a, code_list suites);
/* Suites of TLS 1.3 alone, or all others alone. */
code_list suites_of_tls13(arena *a, code_list suites, bool of_tls13);

#endif
