/* What all versions share: records into messages, the first hello, alerts, and how it ends. */
#include "crypto/handshake_state.h"
#include "registry/registry.h"
#include "wire/extension.h"

#include <openssl/crypto.h>

#define RECEIVED_LEN_MAX ((size_t)64 * 1024) /* of one record that is not whole yet, and what came with it */

enum { ALERT_CLOSE_NOTIFY = 0, ALERT_USER_CANCELED = 90 };

void handshake_give_up(handshake *h, const char *why)
{
    if (h->state != OVER && h->flight.why_not == NULL)
        h->flight.why_not = why;
    h->state = OVER;
    buffer_free(&h->transcript);
    buffer_free(&h->received);
    buffer_free(&h->messages);
    tls12_release(h);
    OPENSSL_cleanse(&h->handshake_secret, sizeof h->handshake_secret);
    OPENSSL_cleanse(&h->master_secret, sizeof h->master_secret);
    OPENSSL_cleanse(&h->resumption_secret, sizeof h->resumption_secret);
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

void handshake_say(handshake *h, bytes_view message)
{
    if (h->state != OVER && !buffer_append(&h->transcript, message.data, message.len))
        handshake_give_up(h, "the server's flight is longer than any that makes sense");
}

void handshake_note(handshake *h, const char *text)
{
    finding_add(h->arena, &h->flight.findings, 0, text);
}

void handshake_note_unread(handshake *h, enum parse_status status, const char *text)
{
    if (status == PARSE_BAD || status == PARSE_MORE)
        handshake_note(h, text);
}

void handshake_log(const handshake *h, const char *label, bytes_view value)
{
    key_ring_log(h->keys, label, bytes_from(h->client_random, sizeof h->client_random), value);
}

/* ---- the hellos ------------------------------------------------------------------------------------------------------- */

/* A challenge of the SSLv2 format may be shorter: zeros come first then (RFC 5246, E.2). */
static void keep_random(uint8_t out[32], bytes_view random)
{
    size_t len = random.len < 32 ? random.len : 32;
    for (size_t i = 0; i < 32; i++)
        out[i] = i < 32 - len ? 0 : (uint8_t)bytes_at(random, random.len - 32 + i);
}

void handshake_sent(handshake *h, bytes_view records)
{
    client_hello hello;
    error e;
    bytes_view message = bytes_from(NULL, 0);
    enum parse_status status = client_hello_parse_ended(h->arena, records, &hello);
    if ((status != PARSE_DONE && status != PARSE_NOTE) || hello.random.len == 0 ||
        !client_hello_message(h->arena, &hello, &message, &e)) {
        handshake_give_up(h, "the hello is none that a server could answer under protection");
        return;
    }
    handshake_say(h, message);
    h->hello = hello;
    keep_random(h->client_random, hello.random);
    if (h->state == AWAITS_SECOND_HELLO)
        h->state = AWAITS_SERVER_HELLO;
}

static void server_hello_came(handshake *h, bytes_view message, bytes_view body)
{
    server_hello hello;
    enum parse_status status = server_hello_parse(h->arena, body, &hello);
    if (status == PARSE_BAD || status == PARSE_MORE) {
        handshake_give_up(h, "its ServerHello cannot be read");
        return;
    }
    keep_random(h->server_random, hello.random);
    if (hello.version >= VERSION_TLS13)
        tls13_server_hello(h, &hello, message);
    else
        tls12_server_hello(h, &hello, message);
}

/* ---- messages ----------------------------------------------------------------------------------------------------------- */

static bool is_over(const handshake *h)
{
    return h->state == OVER || h->state == FLIGHT_READ;
}

static void message_came(handshake *h, bytes_view message, uint8_t type, bytes_view body)
{
    if (h->state == AWAITS_SERVER_HELLO) {
        if (type == HANDSHAKE_SERVER_HELLO)
            server_hello_came(h, message, body);
        else if (type != HANDSHAKE_HELLO_REQUEST)
            handshake_give_up(h, "it does not begin with a ServerHello");
        return;
    }
    if (h->state == AWAITS_SECOND_HELLO)
        handshake_give_up(h, "it goes on after its HelloRetryRequest without the second hello");
    else if (h->suite != NULL)
        tls13_message(h, type, message, body);
    else
        tls12_message(h, type, message, body);
}

/* Takes a whole message off what has come. False where there is none, or none is wanted any more. */
static bool take_message(handshake *h)
{
    reader r = reader_from(buffer_view(&h->messages));
    uint8_t type;
    uint32_t body_len;
    bytes_view body;
    if (is_over(h) || !read_u8(&r, "handshake type", &type) || !read_u24(&r, "handshake length", &body_len))
        return false;
    if (type == HANDSHAKE_CERTIFICATE && h->flight.certificate_len == 0)
        h->flight.certificate_len = body_len;
    if (body_len > TRANSCRIPT_LEN_MAX) {
        handshake_give_up(h, "a message of its flight is longer than any that makes sense");
        return false;
    }
    if (!read_bytes(&r, "handshake body", body_len, &body))
        return false;
    size_t len = MESSAGE_HEADER_LEN + body_len;
    bytes_view message = bytes_copy(h->arena, bytes_slice(buffer_view(&h->messages), 0, len));
    buffer_consume(&h->messages, len);
    message_came(h, message, type, bytes_slice(message, MESSAGE_HEADER_LEN, message.len));
    return true;
}

/* ---- records ------------------------------------------------------------------------------------------------------------ */

/* Our last flight went out, and nothing has to be said to it. */
static bool silence_is_an_answer(const handshake *h)
{
    return h->state == AWAITS_CONSENT || h->state == AWAITS_END || h->state == AWAITS_RENEGOTIATION;
}

/* A warning ends nothing up to TLS 1.2; in TLS 1.3 the level says nothing (RFC 8446, 6). */
static bool is_mere_warning(const handshake *h, alert said)
{
    if (h->suite != NULL)
        return said.description == ALERT_USER_CANCELED;
    return said.level == ALERT_WARNING && said.description != ALERT_CLOSE_NOTIFY;
}

static void alert_came(handshake *h, bytes_view payload)
{
    alert said;
    if (alert_read(payload, &said) != PARSE_DONE)
        return;
    bool was_asked_again = h->state == AWAITS_RENEGOTIATION; /* its refusal is a warning (RFC 5246, 7.2.2) */
    if (is_mere_warning(h, said) && !was_asked_again) {
        handshake_note(h, "an alert that is a warning only");
        return;
    }
    bool is_first = !h->flight.has_alert; /* what follows it, as a rule a close_notify, says less */
    h->flight.has_alert = true;
    h->flight.alert = is_first ? said : h->flight.alert;
    if (h->state == AWAITS_FINISHED || h->state == ANSWERED || silence_is_an_answer(h)) {
        h->state = ANSWERED;
        return;
    }
    h->flight.is_read = h->state == READS_FLIGHT;
    handshake_give_up(h, "the server refused with an alert");
}

/* Data that is sent before the client's Finished has come is no answer to it, where that is of interest. */
static void data_came(handshake *h)
{
    h->flight.has_data = true;
    if (h->state == AWAITS_CONSENT && !h->flight.has_certificate_request)
        h->state = ANSWERED;
}

static void plaintext_came(handshake *h, uint8_t content_type, bytes_view payload)
{
    switch (content_type) {
    case CONTENT_HANDSHAKE:
        if (!buffer_append(&h->messages, payload.data, payload.len))
            handshake_give_up(h, "the server's flight is longer than any that makes sense");
        while (take_message(h))
            continue;
        break;
    case CONTENT_ALERT:
        alert_came(h, payload);
        break;
    case CONTENT_APPLICATION_DATA:
        data_came(h);
        break;
    default:
        break;
    }
}

static bool unprotect(handshake *h, const record *r, bytes_view header, uint8_t *content_type, bytes_view *plaintext)
{
    *content_type = r->content_type;
    *plaintext = r->payload;
    if (h->is_protected && r->content_type == CONTENT_APPLICATION_DATA)
        return record_open(&h->reading, h->arena, header, r->payload, content_type, plaintext);
    return !h->block.server_changed_cipher || record_keys_open(h->block.reading, h->arena, r, plaintext);
}

static void record_came(handshake *h, bytes_view whole)
{
    reader r = reader_from(whole);
    record one;
    uint8_t content_type;
    bytes_view plaintext;
    if (record_read(&r, &one) != PARSE_DONE)
        return;
    if (one.content_type == CONTENT_CHANGE_CIPHER_SPEC)
        tls12_change_cipher_spec(h);
    else if (h->is_protected && one.content_type == CONTENT_HANDSHAKE)
        handshake_note(h, "a handshake message in clear where TLS 1.3 protects it");
    else if (unprotect(h, &one, bytes_slice(whole, 0, RECORD_HEADER_LEN), &content_type, &plaintext))
        plaintext_came(h, content_type, plaintext);
    else {
        h->flight.is_damaged = true;
        handshake_give_up(h, "a protected record of its flight is not authentic");
    }
}

/* Takes a whole record off what has come. False where there is none. */
static bool take_record(handshake *h)
{
    bytes_view all = buffer_view(&h->received);
    reader r = reader_from(all);
    record one;
    enum parse_status status = is_over(h) ? PARSE_MORE : record_read(&r, &one);
    if (status == PARSE_BAD)
        handshake_give_up(h, "what it sends is no TLS record");
    if (status != PARSE_DONE)
        return false;
    bytes_view whole = bytes_copy(h->arena, bytes_slice(all, 0, r.offset));
    buffer_consume(&h->received, r.offset);
    record_came(h, whole);
    return true;
}

void handshake_received(handshake *h, bytes_view bytes)
{
    enum { PIECE_LEN = 16 * 1024 };
    for (size_t at = 0; at < bytes.len && !is_over(h); at += PIECE_LEN) {
        bytes_view piece = bytes_slice(bytes, at, PIECE_LEN);
        if (!buffer_append(&h->received, piece.data, piece.len))
            handshake_give_up(h, "what it sends is no TLS record");
        while (take_record(h))
            continue;
    }
}

void handshake_wait_for_request(handshake *h)
{
    h->waits_for_request = true;
}

void handshake_linger(handshake *h)
{
    h->lingers = true;
}

void handshake_renegotiate(handshake *h)
{
    h->renegotiates = true;
}

void handshake_ended(handshake *h)
{
    bool is_done = h->state == FLIGHT_READ || h->state == ANSWERED || silence_is_an_answer(h);
    handshake_give_up(h, is_done ? NULL : "the stream ended before its Finished");
}

bytes_view handshake_close_notify(void)
{
    static const uint8_t message[] = {ALERT_WARNING, ALERT_CLOSE_NOTIFY};
    return bytes_from(message, sizeof message);
}

bytes_view handshake_to_send(handshake *h)
{
    bytes_view bytes = h->to_send;
    h->to_send = bytes_from(NULL, 0);
    return bytes;
}

bool handshake_is_over(const handshake *h)
{
    return is_over(h) || h->state == ANSWERED;
}

bool handshake_awaits_consent(const handshake *h)
{
    return silence_is_an_answer(h);
}

const server_flight *handshake_flight(const handshake *h)
{
    return &h->flight;
}
