/*
 * The key schedule of TLS 1.0 to 1.2 (RFC 2246, 5 and RFC 5246, 5), on libcrypto.
 * Pure but for libcrypto's memory. Ownership: the caller owns what is written to.
 */
#ifndef TLSWHY_CRYPTO_PRF_H
#define TLSWHY_CRYPTO_PRF_H

#include "crypto/suite_tls12.h"

#define MASTER_SECRET_LEN ((size_t)48)
#define VERIFY_DATA_LEN ((size_t)12)
#define PRF_HASH_LEN_MAX ((size_t)48)

/* The hash of PRF and transcript at that version: MD5 and SHA-1 joined before TLS 1.2. libcrypto's name. */
const char *prf_hash(const suite_tls12 *suite, uint16_t version);
/* Hash of the messages so far: `*len` bytes. */
bool prf_transcript_hash(const char *hash, bytes_view messages, uint8_t out[PRF_HASH_LEN_MAX], size_t *len) MUST_CHECK;
bool prf(const char *hash, bytes_view secret, const char *label, bytes_view seed, uint8_t *out, size_t len) MUST_CHECK;

#endif
