#include "crypto/key_ring.h"

#include "crypto/key_pair.h"

#include <openssl/dh.h>
#include <openssl/err.h>
#include <stdlib.h>

enum { PAIRS_MAX = 24 };

typedef struct pair {
    uint16_t group;
    EVP_PKEY *key;
    bytes_view public_key; /* in the ring's arena */
} pair;

struct key_ring {
    arena *arena;
    pair pairs[PAIRS_MAX];
    size_t num_pairs;
    key_log_line *log; /* NULL: nowhere */
    void *log_user;
};

key_ring *key_ring_new(void)
{
    arena *a = arena_new();
    key_ring *ring = ARENA_NEW(a, key_ring);
    ring->arena = a;
    return ring;
}

void key_ring_free(key_ring *ring)
{
    if (ring == NULL)
        return;
    for (size_t i = 0; i < ring->num_pairs; i++)
        EVP_PKEY_free(ring->pairs[i].key);
    arena_free(ring->arena);
}

static const pair *pair_of(const key_ring *ring, uint16_t group)
{
    for (size_t i = 0; ring != NULL && i < ring->num_pairs; i++)
        if (ring->pairs[i].group == group)
            return &ring->pairs[i];
    return NULL;
}

static const pair *pair_add(key_ring *ring, uint16_t group)
{
    pair p = {.group = group};
    if (ring->num_pairs == PAIRS_MAX)
        return NULL;
    p.key = key_pair_make(ring->arena, group, &p.public_key);
    if (p.key == NULL)
        return NULL;
    ring->pairs[ring->num_pairs] = p;
    return &ring->pairs[ring->num_pairs++];
}

bool key_ring_share(key_ring *ring, arena *a, uint16_t group, bytes_view *public_key)
{
    const pair *p = pair_of(ring, group);
    if (p == NULL)
        p = pair_add(ring, group);
    *public_key = p == NULL ? bytes_from(NULL, 0) : bytes_copy(a, p->public_key);
    return p != NULL;
}

bool key_ring_knows(const key_ring *ring, uint16_t group, bytes_view public_key)
{
    const pair *p = pair_of(ring, group);
    return p != NULL && bytes_equal(p->public_key, public_key);
}

/* The server's share as a key of the same group. */
static EVP_PKEY *peer_of(const pair *own, bytes_view server_share)
{
    EVP_PKEY *peer = EVP_PKEY_new();
    if (peer != NULL && EVP_PKEY_copy_parameters(peer, own->key) > 0 &&
        EVP_PKEY_set1_encoded_public_key(peer, server_share.data, server_share.len) > 0)
        return peer;
    EVP_PKEY_free(peer);
    return NULL;
}

/* RFC 8446, 7.4.1: the secret of a finite field keeps its leading zeros. */
static bool derive(const pair *own, bytes_view server_share, uint8_t *secret, size_t *len)
{
    EVP_PKEY *peer = peer_of(own, server_share);
    EVP_PKEY_CTX *context = peer == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, own->key, NULL);
    bool is_dh = EVP_PKEY_is_a(own->key, "DH") == 1;
    bool made = context != NULL && EVP_PKEY_derive_init(context) > 0 && (!is_dh || EVP_PKEY_CTX_set_dh_pad(context, 1) > 0) &&
                EVP_PKEY_derive_set_peer(context, peer) > 0 && EVP_PKEY_derive(context, secret, len) > 0;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(peer);
    return made;
}

/* A key encapsulation (ML-KEM and its hybrids): what the server sent is the secret, wrapped for our key. */
static bool decapsulate(const pair *own, bytes_view server_share, uint8_t *secret, size_t *len)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, own->key, NULL);
    bool made = context != NULL && EVP_PKEY_decapsulate_init(context, NULL) > 0 &&
                EVP_PKEY_decapsulate(context, secret, len, server_share.data, server_share.len) > 0;
    EVP_PKEY_CTX_free(context);
    return made;
}

static bool is_encapsulation(uint16_t group)
{
    return (group >= 0x0200 && group <= 0x0202) || (group >= 0x11eb && group <= 0x11ed);
}

bool key_ring_secret(const key_ring *ring, uint16_t group, bytes_view server_share, uint8_t secret[SHARED_SECRET_LEN_MAX],
                     size_t *len)
{
    const pair *own = pair_of(ring, group);
    *len = SHARED_SECRET_LEN_MAX;
    if (own == NULL || server_share.len == 0)
        return false;
    (void)ERR_set_mark();
    bool made = is_encapsulation(group) ? decapsulate(own, server_share, secret, len) : derive(own, server_share, secret, len);
    (void)ERR_pop_to_mark();
    return made;
}

void key_ring_log_to(key_ring *ring, key_log_line *log, void *user)
{
    ring->log = log;
    ring->log_user = user;
}

void key_ring_log(const key_ring *ring, const char *label, bytes_view client_random, bytes_view secret)
{
    if (ring == NULL || ring->log == NULL)
        return;
    arena *a = arena_new();
    ring->log(ring->log_user, arena_printf(a, "%s %s %s", label, bytes_to_hex(a, client_random), bytes_to_hex(a, secret)));
    arena_free(a);
}
