#include "known_keys.h"

#include "crypto/handshake_state.h"

static const secret server_secret = {{1, 2, 3, 4}};

handshake *known_tls13(arena *a, uint16_t suite, bool finishes, traffic_keys *server)
{
    handshake *h = handshake_new(a, NULL, finishes);
    h->suite = suite_parameters_find(suite);
    h->server_secret = h->client_secret = h->handshake_secret = server_secret;
    h->is_protected = true;
    h->compatible = true;
    h->state = READS_FLIGHT;
    if (!traffic_keys_from(h->suite, &server_secret, &h->reading) || !traffic_keys_from(h->suite, &server_secret, &h->writing) ||
        !traffic_keys_from(h->suite, &server_secret, server))
        return NULL;
    return h;
}

bool known_tls13_say(handshake *h, arena *a, traffic_keys *server, uint8_t content_type, bytes_view plaintext)
{
    bytes_view sealed;
    if (!record_seal(server, a, content_type, plaintext, &sealed))
        return false;
    handshake_received(h, sealed);
    return true;
}

handshake *known_tls12(arena *a, uint16_t suite, uint16_t version, bool encrypts_then_macs, record_keys **server)
{
    static const record_key_block block = {{1}, {2}, {3}};
    handshake *h = handshake_new(a, NULL, true);
    block_state *b = &h->block;
    *server = NULL;
    if (!suite_tls12_find(suite, &b->suite, &b->why_not))
        return NULL;
    b->version = version;
    b->hash = prf_hash(&b->suite, version);
    b->reading = record_keys_new(&b->suite, version, encrypts_then_macs, false, &block);
    *server = record_keys_new(&b->suite, version, encrypts_then_macs, true, &block);
    b->writing = record_keys_new(&b->suite, version, encrypts_then_macs, true, &block);
    b->server_changed_cipher = b->reading != NULL && b->writing != NULL;
    h->flight.is_read = h->flight.sent_finished = true;
    h->state = AWAITS_FINISHED;
    return h;
}
