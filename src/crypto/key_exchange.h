/*
 * A client's key exchange up to TLS 1.2: what ClientKeyExchange carries, and the premaster secret that both sides then have
 * (RFC 5246, 7.4.7 and 8.1; RFC 8422, 5.7 and 5.10). No key here protects anything of anybody's.
 * Ownership: results live in the arena given.
 */
#ifndef TLSWHY_CRYPTO_KEY_EXCHANGE_H
#define TLSWHY_CRYPTO_KEY_EXCHANGE_H

#include "wire/server_hello.h"

typedef struct key_exchange {
    bytes_view premaster;
    bytes_view message; /* the body of ClientKeyExchange */
} key_exchange;

/* 48 bytes, encrypted to the leaf's RSA key. `offered_version`: legacy_version of the hello. */
bool key_exchange_rsa(arena *a, bytes_view leaf, uint16_t offered_version, key_exchange *out) MUST_CHECK;
/* With the server's prime, generator and public value, whatever they are worth; up to 8192 bits. */
bool key_exchange_dhe(arena *a, const server_key_exchange *server, key_exchange *out) MUST_CHECK;
/* On a named curve that this libcrypto has. */
bool key_exchange_ecdhe(arena *a, const server_key_exchange *server, key_exchange *out) MUST_CHECK;

#endif
