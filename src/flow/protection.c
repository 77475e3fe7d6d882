/*
 * Protected records cannot be read, but their order, types and sizes tell how far a handshake came.
 *
 * Up to TLS 1.2 the content type stays in clear, and the first protected handshake record of a side is its Finished.
 * In TLS 1.3 (RFC 8446, 5.2) only the size tells: an alert is two bytes, the inner content type one, and the AEAD's tag.
 */
#include "flow/machine.h"

#include "registry/registry.h"

#define INNER_CONTENT_TYPE_LEN ((size_t)1)
#define ALERT_LEN ((size_t)2)
#define SUITE_AES_256_GCM_SHA384 0x1302
#define SUITE_AES_128_CCM_8_SHA256 0x1305 /* RFC 8446, B.4: the one suite with a tag of 8 bytes */

static size_t tag_len(const conversation *c)
{
    return c->server_hello.cipher_suite == SUITE_AES_128_CCM_8_SHA256 ? 8 : 16;
}

static bool is_alert_sized(const flow *f, size_t payload_len)
{
    return payload_len == ALERT_LEN + INNER_CONTENT_TYPE_LEN + tag_len(&f->conversation);
}

/* Java pads what it protects by 16 bytes. */
static bool is_padded_alert_sized(const flow *f, size_t payload_len)
{
    enum { PADDING_LEN = 16 };
    return payload_len > PADDING_LEN && is_alert_sized(f, payload_len - PADDING_LEN);
}

bool protection_may_be_alert(const flow *f, const record *r)
{
    if (!f->is_tls13)
        return r->content_type == CONTENT_ALERT;
    return is_alert_sized(f, r->payload.len) || is_padded_alert_sized(f, r->payload.len);
}

/* RFC 8446, 4.4.4: verify_data is as long as the suite's hash. */
static size_t finished_message_len(const conversation *c)
{
    return HANDSHAKE_HEADER_LEN + (c->server_hello.cipher_suite == SUITE_AES_256_GCM_SHA384 ? 48 : 32);
}

static size_t finished_len(const flow *f)
{
    return finished_message_len(&f->conversation) + INNER_CONTENT_TYPE_LEN + tag_len(&f->conversation);
}

static bool is_finished_sized(const flow *f, size_t payload_len)
{
    return payload_len == finished_len(f);
}

/* RFC 8446, 4.5: a header and no body. */
static bool is_end_of_early_data_sized(const flow *f, size_t payload_len)
{
    return payload_len == HANDSHAKE_HEADER_LEN + INNER_CONTENT_TYPE_LEN + tag_len(&f->conversation);
}

void protection_begin(flow *f, enum side side)
{
    /* Before a ServerHello, and in TLS 1.3, it is there for old boxes only (RFC 8446, D.4). */
    if (!f->conversation.has_server_hello || f->is_tls13)
        return;
    f->streams[side].is_protected = true;
    if (side == SIDE_SERVER)
        note_phase(f, PHASE_SERVER_FLIGHT);
}

bool protection_applies(const flow *f, enum side side, uint8_t content_type)
{
    if (f->streams[side].is_protected)
        return true;
    if (content_type != CONTENT_APPLICATION_DATA)
        return false;
    /* Before a ServerHello, a client's application data is early data. */
    return f->is_tls13 || (side == SIDE_CLIENT && !f->conversation.has_server_hello && f->conversation.has_hello);
}

static void record_up_to_tls12(flow *f, enum side side, uint8_t content_type)
{
    conversation *c = &f->conversation;
    if (content_type == CONTENT_ALERT) {
        c->has_encrypted_alert[side] = true;
    } else if (content_type == CONTENT_APPLICATION_DATA) {
        note_established_data(f, side);
    } else if (content_type == CONTENT_HANDSHAKE) {
        f->streams[side].has_finished = true;
        if (f->streams[SIDE_CLIENT].has_finished)
            note_phase(f, PHASE_CLIENT_FINISHED);
        if (f->streams[SIDE_CLIENT].has_finished && f->streams[SIDE_SERVER].has_finished)
            note_phase(f, PHASE_ESTABLISHED);
    }
}

static void tls13_server_record(flow *f, size_t payload_len)
{
    conversation *c = &f->conversation;
    if (is_alert_sized(f, payload_len)) {
        c->has_encrypted_alert[SIDE_SERVER] = true;
        return;
    }
    if (c->has_encrypted_alert[SIDE_SERVER] && c->phase < PHASE_ESTABLISHED)
        return;
    if (c->phase < PHASE_CLIENT_FINISHED) {
        note_phase(f, PHASE_SERVER_FLIGHT);
        return;
    }
    note_phase(f, PHASE_ESTABLISHED);
    note_established_data(f, SIDE_SERVER);
}

/* Whether this record cannot be tied to the handshake yet, since early data may still be on its way. */
static bool is_early_data(flow *f, size_t payload_len)
{
    if (!f->early_data)
        return false;
    if (is_end_of_early_data_sized(f, payload_len)) {
        f->early_data = false; /* what comes next is the Finished */
        return true;
    }
    return !is_finished_sized(f, payload_len);
}

static void tls13_client_record(flow *f, size_t payload_len)
{
    conversation *c = &f->conversation;
    side_stream *client = &f->streams[SIDE_CLIENT];
    if (c->phase < PHASE_SERVER_FLIGHT && !is_alert_sized(f, payload_len))
        return; /* early data; or a client that is ahead of what it has been sent */
    if (is_alert_sized(f, payload_len)) {
        c->has_encrypted_alert[SIDE_CLIENT] = true;
        /* After its Finished: close_notify of a client that is content. */
        if (c->phase == PHASE_CLIENT_FINISHED && !c->has_encrypted_alert[SIDE_SERVER])
            note_phase(f, PHASE_ESTABLISHED);
        return;
    }
    if (is_early_data(f, payload_len) || (c->phase < PHASE_CLIENT_FINISHED && c->has_encrypted_alert[SIDE_CLIENT]))
        return;
    /* Too short for a Finished: an alert that was padded, or an empty Certificate. */
    if (c->phase < PHASE_CLIENT_FINISHED && payload_len < finished_len(f)) {
        c->has_encrypted_alert[SIDE_CLIENT] = is_padded_alert_sized(f, payload_len);
        return;
    }
    if (client->has_finished || c->phase == PHASE_ESTABLISHED)
        note_established_data(f, SIDE_CLIENT);
    client->has_finished = client->has_finished || is_finished_sized(f, payload_len);
    note_phase(f, PHASE_CLIENT_FINISHED);
}

void protection_record(flow *f, enum side side, const record *r, int64_t now_us)
{
    conversation *c = &f->conversation;
    c->num_protected[side]++;
    note_event(f, (event){.at_us = now_us, .side = side, .kind = EVENT_PROTECTED_RECORD, .len = r->payload.len});
    if (!c->has_server_hello)
        return;
    if (!f->is_tls13)
        record_up_to_tls12(f, side, r->content_type);
    else if (side == SIDE_SERVER)
        tls13_server_record(f, r->payload.len);
    else
        tls13_client_record(f, r->payload.len);
}

void protection_end(flow *f, enum side side, enum stream_end end)
{
    conversation *c = &f->conversation;
    /* TLS 1.3: a client that sent its Finished and leaves by itself, while the server has said nothing against it, is done. */
    if (f->is_tls13 && side == SIDE_CLIENT && c->phase == PHASE_CLIENT_FINISHED && c->end[SIDE_SERVER] == STREAM_OPEN &&
        !c->has_encrypted_alert[SIDE_SERVER] && !c->has_alert[SIDE_SERVER] && (end == STREAM_FIN || end == STREAM_RESET))
        note_phase(f, PHASE_ESTABLISHED);
}

/* RFC 8446, 4.4.2: an empty context and an empty list. The Finished may be in the same record. */
static bool is_empty_certificate_sized(const conversation *c, size_t payload_len)
{
    size_t message_len = HANDSHAKE_HEADER_LEN + 1 + 3, alone = message_len + INNER_CONTENT_TYPE_LEN + tag_len(c);
    return payload_len == alone || payload_len == alone + finished_message_len(c);
}

bool conversation_gave_no_certificate(const conversation *c)
{
    if (!c->has_server_hello || c->server_hello.version < VERSION_TLS13)
        return c->has_certificate_request && c->has_client_certificate && c->client_certificates.num_certificates == 0;
    for (size_t i = 0; i < c->num_events; i++)
        if (c->events[i].side == SIDE_CLIENT && c->events[i].kind == EVENT_PROTECTED_RECORD)
            return is_empty_certificate_sized(c, c->events[i].len);
    return false;
}
