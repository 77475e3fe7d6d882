#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "talk.h"

#include <string.h>

#define MESSAGES_LEN_MAX ((size_t)64 * 1024 * 1024)

talk *talk_new(uint16_t port)
{
    arena *a = arena_new();
    talk *t = ARENA_NEW(a, talk);
    t->arena = a;
    t->port = port;
    return t;
}

void talk_free(talk *t)
{
    arena_free(t->arena);
}

void talk_say(talk *t, enum side side, bytes_view bytes)
{
    assert_true(t->num_steps < sizeof t->steps / sizeof *t->steps);
    t->steps[t->num_steps++] = (talk_step){.side = side, .bytes = bytes};
}

void talk_text(talk *t, enum side side, const char *text)
{
    talk_say(t, side, bytes_from_text(text));
}

void talk_lines(talk *t, const char *const *lines)
{
    for (; *lines != NULL; lines++)
        talk_text(t, (*lines)[0] == '>' ? SIDE_CLIENT : SIDE_SERVER, arena_printf(t->arena, "%s\r\n", *lines + 2));
}

void talk_end(talk *t, enum side side, enum stream_end end)
{
    assert_true(t->num_steps < sizeof t->steps / sizeof *t->steps);
    t->steps[t->num_steps++] = (talk_step){.side = side, .end = end};
}

static bytes_view taken(writer *w, arena *a)
{
    bytes_view out;
    assert_true(writer_take(w, a, &out));
    return out;
}

bytes_view zeros(arena *a, size_t len)
{
    return bytes_from(arena_alloc(a, len), len);
}

bytes_view joined(arena *a, bytes_view first, bytes_view second)
{
    writer w;
    writer_init(&w, MESSAGES_LEN_MAX);
    write_bytes(&w, first);
    write_bytes(&w, second);
    return taken(&w, a);
}

bytes_view record_bytes(arena *a, uint8_t content_type, bytes_view payload)
{
    writer w;
    writer_init(&w, MESSAGES_LEN_MAX);
    record_write(&w, content_type, 0x0303, payload);
    return taken(&w, a);
}

bytes_view message_bytes(arena *a, uint8_t type, bytes_view body)
{
    writer w;
    writer_init(&w, MESSAGES_LEN_MAX);
    write_u8(&w, type);
    writer_vector v = writer_open24(&w);
    write_bytes(&w, body);
    writer_close(&w, v);
    return taken(&w, a);
}

void talk_record(talk *t, enum side side, uint8_t content_type, bytes_view payload)
{
    talk_say(t, side, record_bytes(t->arena, content_type, payload));
}

void talk_alert(talk *t, enum side side, uint8_t level, uint8_t description)
{
    uint8_t payload[2] = {level, description};
    talk_record(t, side, CONTENT_ALERT, bytes_from(payload, sizeof payload));
}

void talk_protected(talk *t, enum side side, uint8_t content_type, size_t len)
{
    talk_record(t, side, content_type, zeros(t->arena, len));
}

void talk_change_cipher_spec(talk *t, enum side side)
{
    talk_record(t, side, CONTENT_CHANGE_CIPHER_SPEC, bytes_from("\x01", 1));
}

void talk_message(talk *t, enum side side, uint8_t type, bytes_view body)
{
    talk_record(t, side, CONTENT_HANDSHAKE, message_bytes(t->arena, type, body));
}

static void write_extension(writer *w, uint16_t type, const uint8_t *body, size_t len)
{
    write_u16(w, type);
    writer_vector v = writer_open16(w);
    write_bytes(w, bytes_from(body, len));
    writer_close(w, v);
}

bytes_view client_hello_flight(arena *a, bool early_data)
{
    static const uint8_t suites[] = {0x13, 0x01, 0x13, 0x02, 0xc0, 0x2f, 0x00, 0x9e, 0x00, 0x2f};
    static const uint8_t versions[] = {4, 3, 4, 3, 3};
    static const uint8_t groups[] = {0, 4, 0, 29, 0, 23};
    writer w;
    writer_init(&w, MESSAGES_LEN_MAX);
    write_u16(&w, 0x0303);
    write_zeros(&w, 32);
    write_u8(&w, 0);
    writer_vector v = writer_open16(&w);
    write_bytes(&w, bytes_from(suites, sizeof suites));
    writer_close(&w, v);
    write_u16(&w, 0x0100);
    v = writer_open16(&w);
    write_extension(&w, 43, versions, sizeof versions);
    write_extension(&w, 10, groups, sizeof groups);
    if (early_data)
        write_extension(&w, 42, NULL, 0);
    writer_close(&w, v);
    return record_bytes(a, CONTENT_HANDSHAKE, message_bytes(a, HANDSHAKE_CLIENT_HELLO, taken(&w, a)));
}

void talk_client_hello(talk *t)
{
    talk_say(t, SIDE_CLIENT, client_hello_flight(t->arena, false));
}

void talk_early_data_hello(talk *t)
{
    talk_say(t, SIDE_CLIENT, client_hello_flight(t->arena, true));
}

bytes_view server_hello_body(arena *a, uint16_t version, uint16_t suite, bool is_retry)
{
    /* RFC 8446, 4.1.3: SHA-256 of "HelloRetryRequest" */
    static const uint8_t retry_random[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                             0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                             0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
    static const uint8_t tls13[] = {3, 4}, group[] = {0, 23};
    writer w;
    writer_init(&w, MESSAGES_LEN_MAX);
    write_u16(&w, version > 0x0303 ? 0x0303 : version);
    if (is_retry)
        write_bytes(&w, bytes_from(retry_random, sizeof retry_random));
    else
        write_zeros(&w, 32);
    write_u8(&w, 0);
    write_u16(&w, suite);
    write_u8(&w, 0);
    if (version > 0x0303) {
        writer_vector v = writer_open16(&w);
        write_extension(&w, 43, tls13, sizeof tls13);
        if (is_retry)
            write_extension(&w, 51, group, sizeof group);
        writer_close(&w, v);
    }
    return taken(&w, a);
}

void talk_server_hello(talk *t, uint16_t version, uint16_t suite)
{
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_HELLO, server_hello_body(t->arena, version, suite, false));
}

void talk_retry_request(talk *t)
{
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_HELLO, server_hello_body(t->arena, 0x0304, 0x1301, true));
}

bytes_view certificate_body(arena *a, size_t num_certificates, size_t certificate_len)
{
    writer w;
    writer_init(&w, MESSAGES_LEN_MAX);
    writer_vector list = writer_open24(&w);
    for (size_t i = 0; i < num_certificates; i++) {
        writer_vector certificate = writer_open24(&w);
        write_zeros(&w, certificate_len);
        writer_close(&w, certificate);
    }
    writer_close(&w, list);
    return taken(&w, a);
}

static void hear(flow *f, const talk_step *step, size_t piece_len, int64_t *now_us)
{
    if (step->end != STREAM_OPEN) {
        flow_end(f, step->side, step->end, ++*now_us);
        return;
    }
    for (size_t offset = 0; offset < step->bytes.len; offset += piece_len == 0 ? step->bytes.len : piece_len)
        flow_bytes(f, step->side, bytes_slice(step->bytes, offset, piece_len == 0 ? step->bytes.len : piece_len), ++*now_us);
}

const conversation *talk_heard_in_pieces(talk *t, size_t piece_len)
{
    flow *f = flow_new(t->arena, t->port);
    int64_t now_us = 0;
    flow_connected(f, now_us);
    for (size_t i = 0; i < t->num_steps; i++)
        hear(f, &t->steps[i], piece_len, &now_us);
    flow_free(f);
    return flow_conversation(f);
}

static void assert_same_hello(arena *a, const client_hello *one, const client_hello *other)
{
    bytes_view one_bytes, other_bytes;
    assert_true(client_hello_write(a, one, &one_bytes, NULL));
    assert_true(client_hello_write(a, other, &other_bytes, NULL));
    assert_true(bytes_equal(one_bytes, other_bytes));
    assert_true(bytes_equal(one->trailing, other->trailing));
}

static void assert_same_events(const conversation *one, const conversation *other)
{
    assert_int_equal(one->num_events, other->num_events);
    assert_int_equal(one->num_events_dropped, other->num_events_dropped);
    for (size_t i = 0; i < one->num_events; i++) {
        assert_int_equal(one->events[i].kind, other->events[i].kind);
        assert_int_equal(one->events[i].side, other->events[i].side);
        assert_int_equal(one->events[i].code, other->events[i].code);
        assert_int_equal(one->events[i].len, other->events[i].len);
    }
    assert_int_equal(one->findings.num_findings, other->findings.num_findings);
    for (size_t i = 0; i < one->findings.num_findings; i++) {
        assert_string_equal(one->findings.findings[i].text, other->findings.findings[i].text);
        assert_int_equal(one->findings.findings[i].offset, other->findings.findings[i].offset);
    }
}

static void assert_same_side(const conversation *one, const conversation *other, enum side side)
{
    assert_int_equal(one->plain[side], other->plain[side]);
    assert_int_equal(one->malformed[side], other->malformed[side]);
    assert_int_equal(one->has_alert[side], other->has_alert[side]);
    assert_int_equal(one->alerts[side].level, other->alerts[side].level);
    assert_int_equal(one->alerts[side].description, other->alerts[side].description);
    assert_int_equal(one->has_encrypted_alert[side], other->has_encrypted_alert[side]);
    assert_int_equal(one->num_protected[side], other->num_protected[side]);
    assert_int_equal(one->num_records[side], other->num_records[side]);
    assert_int_equal(one->last_records[side].len, other->last_records[side].len);
    assert_int_equal(one->last_records[side].phase, other->last_records[side].phase);
    assert_int_equal(one->last_records[side].may_be_alert, other->last_records[side].may_be_alert);
    assert_int_equal(one->unfinished_record_len[side], other->unfinished_record_len[side]);
    assert_int_equal(one->established_data[side], other->established_data[side]);
    assert_int_equal(one->server_data_in_time, other->server_data_in_time);
    assert_int_equal(one->end[side], other->end[side]);
}

static void assert_same_preamble(const preamble *one, const preamble *other)
{
    assert_int_equal(one->protocol, other->protocol);
    assert_true(bytes_equal(one->client_bytes, other->client_bytes));
    assert_true(bytes_equal(one->server_bytes, other->server_bytes));
    assert_true(bytes_equal(one->authority, other->authority));
    assert_int_equal(one->status, other->status);
    assert_int_equal(one->complete, other->complete);
    assert_int_equal(one->refused, other->refused);
}

static void assert_same_conversation(arena *a, const conversation *one, const conversation *other)
{
    assert_same_preamble(&one->preamble, &other->preamble);
    assert_int_equal(one->client_spoke_tls, other->client_spoke_tls);
    assert_int_equal(one->server_spoke_tls, other->server_spoke_tls);
    assert_true(bytes_equal(one->client_first_bytes, other->client_first_bytes));
    assert_true(bytes_equal(one->server_first_bytes, other->server_first_bytes));
    assert_int_equal(one->client_len, other->client_len);
    assert_int_equal(one->server_len, other->server_len);
    assert_int_equal(one->phase, other->phase);
    assert_int_equal(one->has_hello, other->has_hello);
    assert_int_equal(one->has_second_hello, other->has_second_hello);
    assert_int_equal(one->has_server_hello, other->has_server_hello);
    assert_int_equal(one->has_retry_request, other->has_retry_request);
    assert_int_equal(one->certificates.num_certificates, other->certificates.num_certificates);
    assert_int_equal(one->has_server_key_exchange, other->has_server_key_exchange);
    assert_int_equal(one->has_certificate_request, other->has_certificate_request);
    assert_int_equal(one->has_client_certificate, other->has_client_certificate);
    if (one->has_hello)
        assert_same_hello(a, &one->hello, &other->hello);
    if (one->has_second_hello)
        assert_same_hello(a, &one->second_hello, &other->second_hello);
    assert_same_side(one, other, SIDE_CLIENT);
    assert_same_side(one, other, SIDE_SERVER);
    assert_same_events(one, other);
}

const conversation *talk_heard(talk *t)
{
    static const size_t piece_lens[] = {1, 3, 7};
    const conversation *whole = talk_heard_in_pieces(t, 0);
    for (size_t i = 0; i < sizeof piece_lens / sizeof *piece_lens; i++)
        assert_same_conversation(t->arena, whole, talk_heard_in_pieces(t, piece_lens[i]));
    return whole;
}

bool conversation_has_finding(const conversation *c, const char *part)
{
    for (size_t i = 0; i < c->findings.num_findings; i++)
        if (strstr(c->findings.findings[i].text, part) != NULL)
            return true;
    return false;
}

size_t conversation_num_events(const conversation *c, enum side side, enum event_kind kind)
{
    size_t num = 0;
    for (size_t i = 0; i < c->num_events; i++)
        num += c->events[i].side == side && c->events[i].kind == kind ? 1 : 0;
    return num;
}
