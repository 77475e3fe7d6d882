/*
 * A server of libssl in the same process, without a socket, and a handshake of ours against it.
 * Ownership: a peer owns all of its parts until peer_free.
 */
#ifndef TLSWHY_UNIT_CRYPTO_TLS_PEER_H
#define TLSWHY_UNIT_CRYPTO_TLS_PEER_H

#include "crypto/handshake.h"
#include "registry/registry.h"

#include <openssl/ssl.h>

enum { ALERT_HANDSHAKE_FAILURE = 40, ALERT_CERTIFICATE_REQUIRED = 116 };

typedef struct server_setup {
    uint16_t version;                             /* 0: TLS 1.3 */
    const char *ciphers;                          /* up to TLS 1.2 */
    const char *ciphersuites, *groups, *key_type; /* NULL: libssl's own */
    EVP_PKEY *key;                                /* borrowed; NULL: a fresh one of that type */
    uint16_t suite;                               /* the only one that is offered; 0: many */
    uint64_t options;                             /* SSL_OP_ */
    bool offers_extended_master_secret, offers_encrypt_then_mac;
    bool in_sslv2_format;
    bool wants_certificate;
    bool corrupts; /* one byte of the flight is changed on the way */
} server_setup;

/* Lines of a key log, in the order in which they came. */
enum { KEY_LINES_MAX = 16 };
typedef struct key_lines {
    arena *arena;
    const char *lines[KEY_LINES_MAX];
    size_t num_lines;
} key_lines;

typedef struct peer {
    arena *arena;
    key_ring *keys;
    SSL_CTX *context;
    SSL *server;
    BIO *to_server, *from_server;
    handshake *client;
    key_lines *own_log, *server_log;
} peer;

/* "RSA", "EC", "ED25519", "DSA"; NULL: RSA. The caller's to free. */
EVP_PKEY *peer_key(const char *type);
peer peer_new(const server_setup *s, bool finishes);
void peer_free(peer *p);

client_hello peer_hello(peer *p, const server_setup *s);
void peer_send_hello(peer *p, const client_hello *hello);
/* Whether each line that we logged is one that libssl logged too, and how many there were. */
size_t peer_log_lines_in_common(const peer *p);
/* What the server has to say goes to our side. */
void peer_drain(peer *p);
/* The whole handshake, as far as both go. */
void peer_run(peer *p, const server_setup *s);

#endif
