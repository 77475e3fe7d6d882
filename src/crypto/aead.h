/*
 * Authenticated encryption as TLS uses it (RFC 5116), on libcrypto: one record at a time. A tag is at the ciphertext's end.
 * Ownership: nothing is kept; the caller owns what is written to.
 */
#ifndef TLSWHY_CRYPTO_AEAD_H
#define TLSWHY_CRYPTO_AEAD_H

#include "base/bytes.h"

#define AEAD_NONCE_LEN ((size_t)12)

typedef struct aead {
    const char *cipher; /* libcrypto's name */
    size_t tag_len;
    bool is_ccm;
} aead;

/* `sealed.len - tag_len` bytes to `out`; false where it is not authentic. */
bool aead_open(const aead *kind, const uint8_t *key, const uint8_t nonce[AEAD_NONCE_LEN], bytes_view header, bytes_view sealed,
               uint8_t *out) MUST_CHECK;
/* `plaintext.len + tag_len` bytes to `out`. */
bool aead_seal(const aead *kind, const uint8_t *key, const uint8_t nonce[AEAD_NONCE_LEN], bytes_view header, bytes_view plaintext,
               uint8_t *out) MUST_CHECK;

#endif
