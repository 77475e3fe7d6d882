/*
 * The key schedule and the record protection of TLS 1.3 (RFC 8446, 5.2 and 7.1), on libcrypto's hashes and AEADs.
 * Pure but for libcrypto's memory. Ownership: nothing is kept; records live in the arena given.
 */
#ifndef TLSWHY_CRYPTO_KEY_SCHEDULE_H
#define TLSWHY_CRYPTO_KEY_SCHEDULE_H

#include "crypto/aead.h"

#define HASH_LEN_MAX ((size_t)48)

/* A suite of TLS 1.3 (RFC 8446, B.4). */
typedef struct suite_parameters {
    uint16_t code;
    const char *hash;   /* libcrypto's name */
    const char *cipher; /* the same */
    size_t hash_len, key_len, tag_len;
    bool is_ccm;
} suite_parameters;
const suite_parameters *suite_parameters_find(uint16_t cipher_suite); /* NULL where it is none of TLS 1.3 */

typedef struct secret {
    uint8_t bytes[HASH_LEN_MAX];
} secret;

/* Transcript-Hash of what was said so far. */
bool transcript_hash(const suite_parameters *suite, bytes_view messages, secret *out) MUST_CHECK;
/* HKDF-Extract; an empty `salt` or `input` stands for zeros of the hash's length. */
bool hkdf_extract(const suite_parameters *suite, bytes_view salt, bytes_view input, secret *out) MUST_CHECK;
/* HKDF-Expand-Label (RFC 8446, 7.1), `len` bytes into `out`, at most HASH_LEN_MAX. */
bool hkdf_expand_label(const suite_parameters *suite, const secret *from, const char *label, bytes_view context, uint8_t *out,
                       size_t len) MUST_CHECK;
/* Derive-Secret with a hash that is already made. */
bool derive_secret(const suite_parameters *suite, const secret *from, const char *label, const secret *hash,
                   secret *out) MUST_CHECK;
/* verify_data of a Finished (RFC 8446, 4.4.4). */
bool finished_data(const suite_parameters *suite, const secret *traffic_secret, const secret *hash, secret *out) MUST_CHECK;

/* Keys of one direction, and the number of the next record. */
typedef struct traffic_keys {
    const suite_parameters *suite;
    uint8_t key[32], iv[AEAD_NONCE_LEN];
    uint64_t sequence;
} traffic_keys;
bool traffic_keys_from(const suite_parameters *suite, const secret *traffic_secret, traffic_keys *out) MUST_CHECK;

/* Opens one protected record: `header` its five bytes, `payload` what follows them. The plaintext with its inner content type,
 * without padding, in the arena. False where it is not authentic. */
bool record_open(traffic_keys *keys, arena *a, bytes_view header, bytes_view payload, uint8_t *content_type,
                 bytes_view *plaintext) MUST_CHECK;
/* A whole protected record with its header. */
bool record_seal(traffic_keys *keys, arena *a, uint8_t content_type, bytes_view plaintext, bytes_view *out) MUST_CHECK;

#endif
