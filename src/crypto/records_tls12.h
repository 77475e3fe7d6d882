/*
 * Record protection up to TLS 1.2 (RFC 5246, 6.2.3; RFC 7366 for encrypt-then-MAC), on libcrypto.
 * Ownership: `record_keys` owns its cipher until record_keys_free; records live in the arena given.
 */
#ifndef TLSWHY_CRYPTO_RECORDS_TLS12_H
#define TLSWHY_CRYPTO_RECORDS_TLS12_H

#include "crypto/suite_tls12.h"
#include "wire/record.h"

enum { MAC_KEY_LEN_MAX = 48, CIPHER_KEY_LEN_MAX = 32, CIPHER_IV_LEN_MAX = 16 };

/* One direction's part of the key block. */
typedef struct record_key_block {
    uint8_t mac_key[MAC_KEY_LEN_MAX], key[CIPHER_KEY_LEN_MAX], iv[CIPHER_IV_LEN_MAX];
} record_key_block;

typedef struct record_keys record_keys;

/* NULL where this libcrypto does not have the cipher. The suite is copied. */
record_keys *record_keys_new(const suite_tls12 *suite, uint16_t version, bool encrypts_then_macs, bool seals,
                             const record_key_block *block);
void record_keys_free(record_keys *keys); /* wipes them; NULL is fine */

/* The plaintext of one record, in the arena. False where it is not authentic. */
bool record_keys_open(record_keys *keys, arena *a, const record *r, bytes_view *plaintext) MUST_CHECK;
/* A whole protected record with its header. */
bool record_keys_seal(record_keys *keys, arena *a, uint8_t content_type, bytes_view plaintext, bytes_view *out) MUST_CHECK;

#endif
