/* TLS 1.3 (RFC 8446): the secrets from the ServerHello on, the messages of the server's flight, and a client's last flight. */
#include "crypto/certificate.h"
#include "crypto/handshake_state.h"
#include "registry/registry.h"
#include "wire/extension.h"
#include "wire/hello_edit.h"

#include <openssl/crypto.h>

enum { HANDSHAKE_COMPRESSED_CERTIFICATE = 25, HANDSHAKE_MESSAGE_HASH = 254 };

static bool hash_so_far(const handshake *h, secret *out)
{
    return transcript_hash(h->suite, buffer_view(&h->transcript), out);
}

/* ---- the hellos ------------------------------------------------------------------------------------------------------- */

/* ClientHello1 stands in the transcript as its hash (RFC 8446, 4.4.1). */
static bool replace_by_hash(handshake *h)
{
    secret hash;
    if (!hash_so_far(h, &hash))
        return false;
    buffer_consume(&h->transcript, h->transcript.len);
    writer w;
    writer_init(&w, MESSAGE_HEADER_LEN + HASH_LEN_MAX);
    write_u8(&w, HANDSHAKE_MESSAGE_HASH);
    write_u24(&w, (uint32_t)h->suite->hash_len);
    write_bytes(&w, bytes_from(hash.bytes, h->suite->hash_len));
    handshake_say(h, buffer_view(&w.out));
    writer_free(&w);
    return true;
}

/* KeyShareEntry server_share (RFC 8446, 4.2.8) */
static bytes_view share_of(const server_hello *hello)
{
    const extension *e = server_hello_extension(hello, EXTENSION_KEY_SHARE);
    reader body = reader_from(e == NULL ? bytes_from(NULL, 0) : e->body), key;
    uint16_t group;
    if (read_u16(&body, "group", &group) && read_vector16(&body, "key_exchange", &key))
        return read_rest(&key);
    return bytes_from(NULL, 0);
}

/* Early Secret, Handshake Secret and both sides' traffic secrets (RFC 8446, 7.1). */
static bool make_secrets(handshake *h, bytes_view shared)
{
    const suite_parameters *suite = h->suite;
    secret early, empty_hash, derived, hash;
    bytes_view none = bytes_from(NULL, 0);
    return hkdf_extract(suite, none, none, &early) && transcript_hash(suite, none, &empty_hash) &&
           derive_secret(suite, &early, "derived", &empty_hash, &derived) &&
           hkdf_extract(suite, bytes_from(derived.bytes, suite->hash_len), shared, &h->handshake_secret) && hash_so_far(h, &hash) &&
           derive_secret(suite, &h->handshake_secret, "c hs traffic", &hash, &h->client_secret) &&
           derive_secret(suite, &h->handshake_secret, "s hs traffic", &hash, &h->server_secret) &&
           traffic_keys_from(suite, &h->server_secret, &h->reading) && traffic_keys_from(suite, &h->client_secret, &h->writing);
}

static bool sent_own_share(const handshake *h, uint16_t group)
{
    key_share *shares;
    size_t num_shares = hello_key_shares(h->arena, &h->hello, &shares);
    for (size_t i = 0; i < num_shares; i++)
        if (shares[i].group == group && key_ring_knows(h->keys, group, shares[i].key_exchange))
            return true;
    return false;
}

static void log_secret(const handshake *h, const char *label, const secret *value)
{
    handshake_log(h, label, bytes_from(value->bytes, h->suite->hash_len));
}

static void begin_protection(handshake *h, const server_hello *hello)
{
    uint8_t shared[SHARED_SECRET_LEN_MAX];
    size_t len;
    if (!sent_own_share(h, hello->group)) {
        handshake_give_up(h, "the server chose a group for which the hello had no key of ours");
        return;
    }
    if (!key_ring_secret(h->keys, hello->group, share_of(hello), shared, &len)) {
        handshake_give_up(h, "the server's key share is no key of its group");
        return;
    }
    h->is_protected = make_secrets(h, bytes_from(shared, len));
    OPENSSL_cleanse(shared, sizeof shared);
    if (!h->is_protected) {
        handshake_give_up(h, "the keys cannot be computed here");
        return;
    }
    log_secret(h, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", &h->client_secret);
    log_secret(h, "SERVER_HANDSHAKE_TRAFFIC_SECRET", &h->server_secret);
    h->state = READS_FLIGHT;
}

void tls13_server_hello(handshake *h, const server_hello *hello, bytes_view message)
{
    h->suite = suite_parameters_find(hello->cipher_suite);
    h->compatible = hello->session_id.len > 0;
    if (h->suite == NULL) {
        handshake_give_up(h, "the server chose a suite that TLS 1.3 does not have");
        return;
    }
    if (hello->is_retry_request && !replace_by_hash(h)) {
        handshake_give_up(h, "the keys cannot be computed here");
        return;
    }
    handshake_say(h, message);
    if (hello->is_retry_request)
        h->state = AWAITS_SECOND_HELLO;
    else
        begin_protection(h, hello);
}

/* ---- the server's flight ---------------------------------------------------------------------------------------------- */

/* 64 blanks, a context string, a zero, the transcript's hash (RFC 8446, 4.4.3). */
static void certificate_verify_came(handshake *h, bytes_view body)
{
    enum { CONTENT_LEN_MAX = 64 + 40 + 48 };
    server_flight *f = &h->flight;
    bytes_view signature;
    secret hash;
    enum parse_status status = certificate_verify_parse(body, &f->signature_scheme, &signature);
    f->has_certificate_verify = status == PARSE_DONE || status == PARSE_NOTE;
    if (!f->has_certificate_verify || f->certificates.num_certificates == 0 || !hash_so_far(h, &hash))
        return;
    writer w;
    writer_init(&w, CONTENT_LEN_MAX);
    for (int i = 0; i < 64; i++)
        write_u8(&w, ' ');
    write_bytes(&w, bytes_from_text("TLS 1.3, server CertificateVerify"));
    write_u8(&w, 0);
    write_bytes(&w, bytes_from(hash.bytes, h->suite->hash_len));
    f->signature_is_right =
        certificate_signature_is_right(f->certificates.certificates[0], f->signature_scheme, buffer_view(&w.out), signature);
    writer_free(&w);
}

static bool make_application_keys(handshake *h)
{
    const suite_parameters *suite = h->suite;
    secret empty_hash, derived, hash, server, client;
    bool made = transcript_hash(suite, bytes_from(NULL, 0), &empty_hash) &&
                derive_secret(suite, &h->handshake_secret, "derived", &empty_hash, &derived) &&
                hkdf_extract(suite, bytes_from(derived.bytes, suite->hash_len), bytes_from(NULL, 0), &h->master_secret) &&
                hash_so_far(h, &hash) && derive_secret(suite, &h->master_secret, "s ap traffic", &hash, &server) &&
                derive_secret(suite, &h->master_secret, "c ap traffic", &hash, &client) &&
                traffic_keys_from(suite, &server, &h->reading) && traffic_keys_from(suite, &client, &h->application_writing);
    if (made) {
        log_secret(h, "SERVER_TRAFFIC_SECRET_0", &server);
        log_secret(h, "CLIENT_TRAFFIC_SECRET_0", &client);
    }
    return made;
}

/* An empty Certificate: no context, an empty list (RFC 8446, 4.4.2). Up to here the server's context is empty in a handshake. */
static void write_empty_certificate(writer *w)
{
    write_u8(w, HANDSHAKE_CERTIFICATE);
    write_u24(w, 4);
    write_u8(w, 0);
    write_u24(w, 0);
}

/* With it the resumption_master_secret is known (RFC 8446, 7.1). */
static bool write_finished(handshake *h, writer *w)
{
    secret hash, data;
    size_t at = w->out.len;
    if (!hash_so_far(h, &hash) || !finished_data(h->suite, &h->client_secret, &hash, &data))
        return false;
    write_u8(w, HANDSHAKE_FINISHED);
    write_u24(w, (uint32_t)h->suite->hash_len);
    write_bytes(w, bytes_from(data.bytes, h->suite->hash_len));
    handshake_say(h, bytes_slice(buffer_view(&w->out), at, w->out.len));
    return hash_so_far(h, &hash) && derive_secret(h->suite, &h->master_secret, "res master", &hash, &h->resumption_secret);
}

/* ChangeCipherSpec where one is expected, then one record with all that is ours to say. */
static bool send_last_flight(handshake *h)
{
    enum { FLIGHT_LEN_MAX = 256 };
    static const uint8_t change_cipher_spec[] = {CONTENT_CHANGE_CIPHER_SPEC, 3, 3, 0, 1, 1};
    writer own, out;
    bytes_view sealed = bytes_from(NULL, 0);
    writer_init(&own, FLIGHT_LEN_MAX);
    if (h->flight.has_certificate_request) {
        write_empty_certificate(&own);
        handshake_say(h, buffer_view(&own.out));
    }
    bool made = write_finished(h, &own) && record_seal(&h->writing, h->arena, CONTENT_HANDSHAKE, buffer_view(&own.out), &sealed);
    writer_free(&own);
    writer_init(&out, FLIGHT_LEN_MAX);
    if (h->compatible)
        write_bytes(&out, bytes_from(change_cipher_spec, sizeof change_cipher_spec));
    write_bytes(&out, sealed);
    return writer_take(&out, h->arena, &h->to_send) && made;
}

static void finished_came(handshake *h, bytes_view message, bytes_view body)
{
    secret hash, expected;
    h->flight.has_finished = true;
    if (hash_so_far(h, &hash) && finished_data(h->suite, &h->server_secret, &hash, &expected))
        h->flight.finished_is_right = bytes_equal(body, bytes_from(expected.bytes, h->suite->hash_len));
    handshake_say(h, message);
    h->flight.is_read = true;
    if (!h->finishes) {
        h->state = FLIGHT_READ;
        return;
    }
    if (!make_application_keys(h) || !send_last_flight(h)) {
        handshake_give_up(h, "the last flight cannot be computed here");
        return;
    }
    h->flight.sent_finished = true;
    h->state = AWAITS_CONSENT;
}

/* CertificateCompressionAlgorithm algorithm; uint24 uncompressed_length; opaque ... (RFC 8879, 4). Who offered it knows why. */
static void compressed_certificate_came(handshake *h, bytes_view body)
{
    reader r = reader_from(body);
    if (!read_u16(&r, "algorithm", &h->flight.compressed_by))
        handshake_note(h, "its CompressedCertificate cannot be read");
}

static void flight_message(handshake *h, uint8_t type, bytes_view message, bytes_view body)
{
    switch (type) {
    case HANDSHAKE_ENCRYPTED_EXTENSIONS:
        handshake_note_unread(h, encrypted_extensions_parse(h->arena, body, &h->flight), "its EncryptedExtensions cannot be read");
        break;
    case HANDSHAKE_CERTIFICATE_REQUEST:
        h->flight.has_certificate_request = true;
        handshake_note_unread(h, certificate_request_tls13_parse(h->arena, body, &h->flight.certificate_request),
                              "its CertificateRequest cannot be read");
        break;
    case HANDSHAKE_CERTIFICATE:
        if (!h->flight.has_certificate)
            handshake_note_unread(h, certificate_tls13_parse(h->arena, body, &h->flight), "its Certificate cannot be read");
        break;
    case HANDSHAKE_COMPRESSED_CERTIFICATE:
        compressed_certificate_came(h, body);
        break;
    case HANDSHAKE_CERTIFICATE_VERIFY:
        if (!h->flight.has_certificate_verify)
            certificate_verify_came(h, body);
        break;
    case HANDSHAKE_FINISHED:
        finished_came(h, message, body);
        return;
    default:
        handshake_note(h, "a message that has no place in a server's flight");
        break;
    }
    handshake_say(h, message);
}

/* The first ticket is kept, with the key that goes with it (RFC 8446, 4.6.1). */
static void ticket_came(handshake *h, bytes_view body)
{
    session_ticket ticket;
    secret key;
    size_t key_len = h->suite->hash_len;
    enum parse_status status = session_ticket_parse(h->arena, body, VERSION_TLS13, &ticket);
    handshake_note_unread(h, status, "its NewSessionTicket cannot be read");
    if (h->flight.num_tickets++ > 0 || status == PARSE_BAD || !h->flight.sent_finished ||
        !hkdf_expand_label(h->suite, &h->resumption_secret, "resumption", ticket.nonce, key.bytes, key_len))
        return;
    h->flight.ticket = ticket;
    h->flight.resumption_key = bytes_copy(h->arena, bytes_from(key.bytes, key_len));
}

static void say_goodbye(handshake *h)
{
    bytes_view sealed;
    if (record_seal(&h->application_writing, h->arena, CONTENT_ALERT, handshake_close_notify(), &sealed))
        h->to_send = sealed;
}

void tls13_message(handshake *h, uint8_t type, bytes_view message, bytes_view body)
{
    if (h->state == READS_FLIGHT) {
        flight_message(h, type, message, body);
        return;
    }
    bool is_ticket = type == HANDSHAKE_NEW_SESSION_TICKET;
    if (is_ticket)
        ticket_came(h, body);
    if (h->state != ANSWERED && (!is_ticket || !h->waits_for_request)) {
        h->state = ANSWERED;
        say_goodbye(h);
    }
    h->flight.asks_after_handshake = h->flight.asks_after_handshake || type == HANDSHAKE_CERTIFICATE_REQUEST;
}
