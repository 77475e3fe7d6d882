/*
 * Key shares that a hello carries: real public keys on the groups that libcrypto knows, made fresh.
 * Ownership: bytes live in the arena.
 */
#ifndef TLSWHY_CRYPTO_KEY_SHARE_H
#define TLSWHY_CRYPTO_KEY_SHARE_H

#include "base/bytes.h"

/* A fresh public key for a named group (IANA TLS Supported Groups), in the form that a TLS 1.3 KeyShareEntry carries (RFC 8446,
 * 4.2.8). False where this libcrypto cannot make one (an ML-KEM hybrid before OpenSSL 3.5). */
bool key_share_make(arena *a, uint16_t group, bytes_view *out) MUST_CHECK;
bool key_share_can_make(uint16_t group);
void crypto_random_bytes(void *unused, uint8_t *out, size_t len);

#endif
