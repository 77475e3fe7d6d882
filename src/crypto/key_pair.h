/*
 * The inside of this room: key pairs as libcrypto holds them.
 * Ownership: an EVP_PKEY is the caller's to free.
 */
#ifndef TLSWHY_CRYPTO_KEY_PAIR_H
#define TLSWHY_CRYPTO_KEY_PAIR_H

#include "base/bytes.h"
#include <openssl/evp.h>

/* A fresh pair on a named group, and its public part as a KeyShareEntry carries it (RFC 8446, 4.2.8). NULL where this libcrypto
 * cannot make one. */
EVP_PKEY *key_pair_make(arena *a, uint16_t group, bytes_view *public_key);

#endif
