/*
 * The keys of our own key shares, kept so that a probe can read what the server answers under protection. One pair for each group,
 * made when it is first wanted, and used for all probes of one inquiry: they protect nothing of anybody's.
 * Ownership: a ring owns its keys; public parts are copied into the arena given.
 */
#ifndef TLSWHY_CRYPTO_KEY_RING_H
#define TLSWHY_CRYPTO_KEY_RING_H

#include "base/bytes.h"

/* The longest shared secret: that of an 8192 bit prime (RFC 7919). */
#define SHARED_SECRET_LEN_MAX ((size_t)1024)

typedef struct key_ring key_ring;

key_ring *key_ring_new(void);
void key_ring_free(key_ring *ring); /* wipes the keys; NULL is fine */

/* The ring's public key for a group; false where this libcrypto cannot make one. */
bool key_ring_share(key_ring *ring, arena *a, uint16_t group, bytes_view *public_key) MUST_CHECK;
/* Whether that public key is the ring's own. */
bool key_ring_knows(const key_ring *ring, uint16_t group, bytes_view public_key);
/* The secret that the ring's key and the server's share make (RFC 8446, 7.4): `*len` bytes into `secret`. False where the server's
 * share is no key of that group. */
bool key_ring_secret(const key_ring *ring, uint16_t group, bytes_view server_share, uint8_t secret[SHARED_SECRET_LEN_MAX],
                     size_t *len) MUST_CHECK;

/* Where the secrets of handshakes that are made with this ring go, in the NSS key log format that Wireshark reads: one line at a
 * time, without its end. They are those of our own probes alone; nobody else's are known here. */
typedef void key_log_line(void *user, const char *line);
void key_ring_log_to(key_ring *ring, key_log_line *log, void *user);
/* `ring` may be NULL, or have nowhere to log to. `label`: "CLIENT_RANDOM", "SERVER_HANDSHAKE_TRAFFIC_SECRET" ... */
void key_ring_log(const key_ring *ring, const char *label, bytes_view client_random, bytes_view secret);

#endif
