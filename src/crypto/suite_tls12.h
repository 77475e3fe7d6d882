/*
 * What the keys of a cipher suite of SSL 3.0 to TLS 1.2 are made of: from the registry's row, and libcrypto's names.
 * Ownership: all constant.
 */
#ifndef TLSWHY_CRYPTO_SUITE_TLS12_H
#define TLSWHY_CRYPTO_SUITE_TLS12_H

#include "registry/registry.h"
#include "wire/server_hello.h"

enum protection_mode { PROTECTION_NONE, PROTECTION_STREAM, PROTECTION_CBC, PROTECTION_AEAD };

typedef struct cipher_parameters {
    const char *name; /* the registry's */
    enum protection_mode mode;
    const char *cipher; /* libcrypto's */
    bool is_legacy;     /* libcrypto keeps it in a provider of its own */
    size_t key_len;
    size_t iv_len;       /* CBC: a block; AEAD: what of the nonce comes from the key block */
    size_t explicit_len; /* AEAD: what of the nonce is in the record */
    size_t tag_len;
    bool is_ccm;
} cipher_parameters;

typedef struct suite_tls12 {
    const cipher_suite_row *row;
    enum key_exchange_kind server_key_exchange; /* KEY_EXCHANGE_UNKNOWN: RSA, which has none */
    const cipher_parameters *cipher;
    const char *mac; /* libcrypto's digest; NULL for an AEAD */
    size_t mac_len;
    const char *prf_hash; /* in TLS 1.2 (RFC 5246, 5) */
} suite_tls12;

/* False where its keys cannot be computed here; `*why_not` is then a clause for people. */
bool suite_tls12_find(uint16_t cipher_suite, suite_tls12 *out, const char **why_not) MUST_CHECK;

#endif
