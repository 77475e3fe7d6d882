#include "crypto/handshake.h"

#include "crypto/certificate.h"
#include "crypto/key_schedule.h"
#include "registry/registry.h"
#include "wire/extension.h"

#include <string.h>

/* What a server may send in one flight, headers included; the longest message is that of the flow (256 KiB). */
#define TRANSCRIPT_LEN_MAX ((size_t)1024 * 1024)
#define MESSAGE_HEADER_LEN ((size_t)4)
#define RECEIVED_LEN_MAX ((size_t)1024 * 1024)

enum { HANDSHAKE_COMPRESSED_CERTIFICATE = 25, HANDSHAKE_MESSAGE_HASH = 254 };

enum state {
    AWAITS_SERVER_HELLO,
    AWAITS_SECOND_HELLO, /* a retry request came */
    READS_FLIGHT,
    FINISHED, /* the server's Finished was read; ours is not wanted */
    AWAITS_CONSENT,
    ANSWERED,
    OVER, /* nothing more can be read */
};

struct handshake {
    arena *arena;
    const key_ring *keys;
    bool finishes;
    enum state state;
    server_flight flight;
    const suite_parameters *suite;
    buffer transcript; /* in the process's memory until the handshake is over */
    buffer received;   /* what no whole record was made of yet */
    buffer messages;   /* what no whole message was made of yet */
    secret handshake_secret, client_secret, server_secret;
    traffic_keys reading, writing;
    bool is_protected;
    bool compatible; /* the hello has a session id: a ChangeCipherSpec is expected of a client (RFC 8446, D.4) */
    bytes_view to_send;
};

static void give_up(handshake *h, const char *why)
{
    if (h->state != OVER && h->flight.why_not == NULL)
        h->flight.why_not = why;
    h->state = OVER;
    buffer_free(&h->transcript);
    buffer_free(&h->received);
    buffer_free(&h->messages);
}

handshake *handshake_new(arena *a, const key_ring *keys, bool finishes)
{
    handshake *h = ARENA_NEW(a, handshake);
    *h = (handshake){.arena = a, .keys = keys, .finishes = finishes};
    buffer_init(&h->transcript, TRANSCRIPT_LEN_MAX);
    buffer_init(&h->received, RECEIVED_LEN_MAX);
    buffer_init(&h->messages, TRANSCRIPT_LEN_MAX);
    return h;
}

static void say(handshake *h, bytes_view message)
{
    if (h->state != OVER && !buffer_append(&h->transcript, message.data, message.len))
        give_up(h, "the server's flight is longer than any that makes sense");
}

static bool hash_so_far(const handshake *h, secret *out)
{
    return transcript_hash(h->suite, buffer_view(&h->transcript), out);
}

/* ---- the hellos ------------------------------------------------------------------------------------------------------- */

void handshake_sent(handshake *h, bytes_view records)
{
    reader r = reader_from(records);
    record one;
    bool any = false;
    while (!reader_is_empty(&r) && record_read(&r, &one) == PARSE_DONE)
        if (one.content_type == CONTENT_HANDSHAKE) {
            say(h, one.payload);
            any = true;
        }
    if (!any)
        give_up(h, "the hello is in a format that TLS 1.3 does not know");
    if (h->state == AWAITS_SECOND_HELLO)
        h->state = AWAITS_SERVER_HELLO;
}

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
    say(h, buffer_view(&w.out));
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

static void begin_protection(handshake *h, const server_hello *hello)
{
    uint8_t shared[SHARED_SECRET_LEN_MAX];
    size_t len;
    bytes_view share = share_of(hello);
    if (!key_ring_secret(h->keys, hello->group, share, shared, &len)) {
        give_up(h, "no key for the group that the server chose can be made here");
        return;
    }
    h->is_protected = make_secrets(h, bytes_from(shared, len));
    memset(shared, 0, sizeof shared);
    if (h->is_protected)
        h->state = READS_FLIGHT;
    else
        give_up(h, "the keys cannot be computed here");
}

static void server_hello_came(handshake *h, bytes_view message, bytes_view body)
{
    server_hello hello;
    enum parse_status status = server_hello_parse(h->arena, body, &hello);
    if (status == PARSE_BAD || status == PARSE_MORE) {
        give_up(h, "its ServerHello cannot be read");
        return;
    }
    h->suite = suite_parameters_find(hello.cipher_suite);
    h->compatible = hello.session_id.len > 0;
    if (hello.version != VERSION_TLS13 || h->suite == NULL) {
        give_up(h, "what follows is in clear before TLS 1.3");
        return;
    }
    if (hello.is_retry_request && !replace_by_hash(h)) {
        give_up(h, "the keys cannot be computed here");
        return;
    }
    say(h, message);
    if (hello.is_retry_request)
        h->state = AWAITS_SECOND_HELLO;
    else
        begin_protection(h, &hello);
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
    secret empty_hash, derived, master, hash, server;
    return transcript_hash(suite, bytes_from(NULL, 0), &empty_hash) &&
           derive_secret(suite, &h->handshake_secret, "derived", &empty_hash, &derived) &&
           hkdf_extract(suite, bytes_from(derived.bytes, suite->hash_len), bytes_from(NULL, 0), &master) && hash_so_far(h, &hash) &&
           derive_secret(suite, &master, "s ap traffic", &hash, &server) && traffic_keys_from(suite, &server, &h->reading);
}

/* An empty Certificate: no context, an empty list (RFC 8446, 4.4.2). Up to here the server's context is empty in a handshake. */
static void write_empty_certificate(writer *w)
{
    write_u8(w, HANDSHAKE_CERTIFICATE);
    write_u24(w, 4);
    write_u8(w, 0);
    write_u24(w, 0);
}

static bool write_finished(handshake *h, writer *w)
{
    secret hash, data;
    if (!hash_so_far(h, &hash) || !finished_data(h->suite, &h->client_secret, &hash, &data))
        return false;
    write_u8(w, HANDSHAKE_FINISHED);
    write_u24(w, (uint32_t)h->suite->hash_len);
    write_bytes(w, bytes_from(data.bytes, h->suite->hash_len));
    return true;
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
        say(h, buffer_view(&own.out));
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
    say(h, message);
    h->flight.is_read = true;
    if (!h->finishes) {
        h->state = FINISHED;
        return;
    }
    if (!make_application_keys(h) || !send_last_flight(h)) {
        give_up(h, "the last flight cannot be computed here");
        return;
    }
    h->flight.sent_finished = true;
    h->state = AWAITS_CONSENT;
}

static void note_unread(handshake *h, enum parse_status status, const char *text)
{
    if (status == PARSE_BAD || status == PARSE_MORE)
        finding_add(h->arena, &h->flight.findings, 0, text);
}

static void flight_message(handshake *h, uint8_t type, bytes_view message, bytes_view body)
{
    switch (type) {
    case HANDSHAKE_ENCRYPTED_EXTENSIONS:
        note_unread(h, encrypted_extensions_parse(h->arena, body, &h->flight), "its EncryptedExtensions cannot be read");
        break;
    case HANDSHAKE_CERTIFICATE_REQUEST:
        h->flight.has_certificate_request = true;
        note_unread(h, certificate_request_tls13_parse(h->arena, body, &h->flight.certificate_request),
                    "its CertificateRequest cannot be read");
        break;
    case HANDSHAKE_CERTIFICATE:
        if (!h->flight.has_certificate)
            note_unread(h, certificate_tls13_parse(h->arena, body, &h->flight), "its Certificate cannot be read");
        break;
    case HANDSHAKE_COMPRESSED_CERTIFICATE:
        finding_add(h->arena, &h->flight.findings, 0, "its Certificate is compressed, which is not read");
        break;
    case HANDSHAKE_CERTIFICATE_VERIFY:
        certificate_verify_came(h, body);
        break;
    case HANDSHAKE_FINISHED:
        finished_came(h, message, body);
        return;
    default:
        finding_add(h->arena, &h->flight.findings, 0, "a message that has no place in a server's flight");
        break;
    }
    say(h, message);
}

static void message_came(handshake *h, bytes_view message, uint8_t type, bytes_view body)
{
    switch (h->state) {
    case AWAITS_SERVER_HELLO:
        if (type == HANDSHAKE_SERVER_HELLO && !h->is_protected)
            server_hello_came(h, message, body);
        else
            give_up(h, "it does not begin with a ServerHello");
        break;
    case READS_FLIGHT:
        flight_message(h, type, message, body);
        break;
    case AWAITS_CONSENT:
    case ANSWERED:
        h->state = ANSWERED;
        h->flight.num_tickets += type == HANDSHAKE_NEW_SESSION_TICKET;
        break;
    case AWAITS_SECOND_HELLO:
        give_up(h, "it goes on after its HelloRetryRequest without the second hello");
        break;
    case FINISHED:
    case OVER:
        break;
    }
}

/* Takes whole messages off what has come. False where there is none. */
static bool take_message(handshake *h)
{
    reader r = reader_from(buffer_view(&h->messages));
    uint8_t type;
    reader body;
    if (!read_u8(&r, "handshake type", &type) || !read_vector24(&r, "handshake length", &body))
        return false;
    size_t len = MESSAGE_HEADER_LEN + reader_len(&body);
    bytes_view message = bytes_copy(h->arena, bytes_slice(buffer_view(&h->messages), 0, len));
    buffer_consume(&h->messages, len);
    message_came(h, message, type, bytes_slice(message, MESSAGE_HEADER_LEN, message.len));
    return h->state != OVER && h->state != FINISHED;
}

/* ---- records ------------------------------------------------------------------------------------------------------------ */

static void alert_came(handshake *h, bytes_view payload)
{
    alert said;
    if (alert_read(payload, &said) != PARSE_DONE)
        return;
    h->flight.has_alert = true;
    h->flight.alert = said;
    if (h->flight.has_finished)
        h->state = h->state == AWAITS_CONSENT || h->state == ANSWERED ? ANSWERED : h->state;
    else
        h->flight.is_read = h->is_protected;
    if (h->state != ANSWERED)
        give_up(h, "the server refused with an alert");
}

static void plaintext_came(handshake *h, uint8_t content_type, bytes_view payload)
{
    switch (content_type) {
    case CONTENT_HANDSHAKE:
        if (!buffer_append(&h->messages, payload.data, payload.len))
            give_up(h, "the server's flight is longer than any that makes sense");
        while (h->state != OVER && take_message(h))
            continue;
        break;
    case CONTENT_ALERT:
        alert_came(h, payload);
        break;
    case CONTENT_APPLICATION_DATA:
        h->flight.has_data = true;
        if (h->state == AWAITS_CONSENT)
            h->state = ANSWERED;
        break;
    default:
        break;
    }
}

static void record_came(handshake *h, const record *r, bytes_view header)
{
    uint8_t content_type;
    bytes_view plaintext;
    if (r->content_type == CONTENT_CHANGE_CIPHER_SPEC)
        return;
    if (!h->is_protected || r->content_type != CONTENT_APPLICATION_DATA)
        plaintext_came(h, r->content_type, r->payload);
    else if (record_open(&h->reading, h->arena, header, r->payload, &content_type, &plaintext))
        plaintext_came(h, content_type, plaintext);
    else
        give_up(h, "a protected record of its flight is not authentic");
}

void handshake_received(handshake *h, bytes_view bytes)
{
    if (h->state == OVER || h->state == FINISHED)
        return;
    if (!buffer_append(&h->received, bytes.data, bytes.len)) {
        give_up(h, "the server's flight is longer than any that makes sense");
        return;
    }
    bytes_view all = bytes_copy(h->arena, buffer_view(&h->received));
    reader r = reader_from(all);
    record one;
    size_t at = 0;
    enum parse_status status = PARSE_DONE;
    while (h->state != OVER && h->state != FINISHED && (status = record_read(&r, &one)) == PARSE_DONE) {
        record_came(h, &one, bytes_slice(all, at, RECORD_HEADER_LEN));
        at = r.offset;
    }
    if (h->state == OVER || h->state == FINISHED)
        return;
    if (status == PARSE_BAD)
        give_up(h, "what it sends is no TLS record");
    else
        buffer_consume(&h->received, at);
}

void handshake_ended(handshake *h)
{
    if (h->state != FINISHED && h->state != AWAITS_CONSENT && h->state != ANSWERED)
        give_up(h, "the stream ended before its Finished");
    else
        give_up(h, NULL);
}

bytes_view handshake_to_send(handshake *h)
{
    bytes_view bytes = h->to_send;
    h->to_send = bytes_from(NULL, 0);
    return bytes;
}

bool handshake_is_over(const handshake *h)
{
    return h->state == FINISHED || h->state == ANSWERED || h->state == OVER;
}

bool handshake_awaits_consent(const handshake *h)
{
    return h->state == AWAITS_CONSENT;
}

const server_flight *handshake_flight(const handshake *h)
{
    return &h->flight;
}
