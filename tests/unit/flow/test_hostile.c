/* Bytes that want to hurt: bounded memory, bounded events, time in proportion to their number. */
#include "situation.h"

#include <stdlib.h>

#define MIB ((size_t)1024 * 1024)
#define ARENA_LEN_MAX (4 * MIB)

typedef struct hearing {
    arena *arena;
    flow *flow;
} hearing;

/* A flow in an arena of its own, so that what it takes can be measured, that has heard a hello. */
static hearing hearing_begin(talk *t)
{
    hearing h = {.arena = arena_new()};
    h.flow = flow_new(h.arena, 443);
    flow_bytes(h.flow, SIDE_CLIENT, client_hello_flight(t->arena, false), 0);
    return h;
}

static void say_often(hearing h, enum side side, bytes_view bytes, size_t times)
{
    for (size_t i = 0; i < times; i++)
        flow_bytes(h.flow, side, bytes, 0);
}

static void hearing_end(hearing h)
{
    assert_true(arena_size(h.arena) < ARENA_LEN_MAX);
    assert_true(flow_conversation(h.flow)->num_events <= CONVERSATION_EVENTS_MAX);
    flow_free(h.flow);
    arena_free(h.arena);
}

static void a_certificate_of_16_mib_is_skipped(void **state)
{
    talk *t = *state;
    hearing h = hearing_begin(t);
    bytes_view hello = message_bytes(t->arena, HANDSHAKE_SERVER_HELLO, server_hello_body(t->arena, VERSION_TLS12, 0x002f, false));
    flow_bytes(h.flow, SIDE_SERVER, record_bytes(t->arena, CONTENT_HANDSHAKE, hello), 0);
    flow_bytes(h.flow, SIDE_SERVER, record_bytes(t->arena, CONTENT_HANDSHAKE, bytes_from("\x0b\xff\xff\xff", 4)), 0);
    bytes_view part = record_bytes(t->arena, CONTENT_HANDSHAKE, zeros(t->arena, 16383));
    size_t left = 0xffffff;
    for (; left >= 16383; left -= 16383)
        flow_bytes(h.flow, SIDE_SERVER, part, 0);
    if (left > 0)
        flow_bytes(h.flow, SIDE_SERVER, record_bytes(t->arena, CONTENT_HANDSHAKE, zeros(t->arena, left)), 0);
    flow_bytes(h.flow, SIDE_SERVER, record_bytes(t->arena, CONTENT_HANDSHAKE, bytes_from("\x0e\x00\x00\x00", 4)), 0);
    const conversation *c = flow_conversation(h.flow);
    assert_int_equal(c->phase, PHASE_SERVER_FLIGHT);
    assert_true(conversation_has_finding(c, "larger than 256 KiB"));
    assert_int_equal(conversation_num_events(c, SIDE_SERVER, EVENT_CERTIFICATE), 1);
    hearing_end(h);
}

static void a_hello_of_16_mib_is_skipped(void **state)
{
    talk *t = *state;
    hearing h = {.arena = arena_new()};
    h.flow = flow_new(h.arena, 443);
    flow_bytes(h.flow, SIDE_CLIENT, record_bytes(t->arena, CONTENT_HANDSHAKE, bytes_from("\x01\xff\xff\xff", 4)), 0);
    say_often(h, SIDE_CLIENT, record_bytes(t->arena, CONTENT_HANDSHAKE, zeros(t->arena, 16383)), 600);
    flow_end(h.flow, SIDE_CLIENT, STREAM_FIN, 0);
    assert_int_equal(flow_conversation(h.flow)->phase, PHASE_NOTHING);
    hearing_end(h);
}

static void endless_empty_records(void **state)
{
    talk *t = *state;
    hearing h = hearing_begin(t);
    say_often(h, SIDE_SERVER, record_bytes(t->arena, CONTENT_HANDSHAKE, bytes_from(NULL, 0)), 100000);
    const conversation *c = flow_conversation(h.flow);
    assert_true(conversation_has_finding(c, "empty records"));
    assert_int_equal(c->findings.num_findings, 1);
    hearing_end(h);
}

static void endless_warnings(void **state)
{
    talk *t = *state;
    hearing h = hearing_begin(t);
    say_often(h, SIDE_SERVER, record_bytes(t->arena, CONTENT_ALERT, bytes_from("\x01\x70", 2)), 100000);
    flow_bytes(h.flow, SIDE_SERVER, record_bytes(t->arena, CONTENT_ALERT, bytes_from("\x02\x28", 2)), 0);
    flow_end(h.flow, SIDE_SERVER, STREAM_FIN, 0);
    const conversation *c = flow_conversation(h.flow);
    assert_int_equal(c->alerts[SIDE_SERVER].description, 40);
    assert_true(c->num_events_dropped > 99000);
    assert_int_equal(conversation_num_events(c, SIDE_SERVER, EVENT_STREAM_END), 1);
    hearing_end(h);
}

static void endless_server_hellos(void **state)
{
    talk *t = *state;
    hearing h = hearing_begin(t);
    bytes_view hello = message_bytes(t->arena, HANDSHAKE_SERVER_HELLO, server_hello_body(t->arena, VERSION_TLS13, 0x1301, true));
    say_often(h, SIDE_SERVER, record_bytes(t->arena, CONTENT_HANDSHAKE, hello), 50000);
    hearing_end(h);
}

static void endless_client_hellos(void **state)
{
    talk *t = *state;
    hearing h = hearing_begin(t);
    say_often(h, SIDE_CLIENT, client_hello_flight(t->arena, false), 50000);
    assert_false(flow_conversation(h.flow)->has_second_hello);
    hearing_end(h);
}

static void endless_certificates(void **state)
{
    talk *t = *state;
    hearing h = hearing_begin(t);
    bytes_view hello = message_bytes(t->arena, HANDSHAKE_SERVER_HELLO, server_hello_body(t->arena, VERSION_TLS12, 0x002f, false));
    bytes_view certificate = message_bytes(t->arena, HANDSHAKE_CERTIFICATE, certificate_body(t->arena, 3, 1000));
    bytes_view empty = message_bytes(t->arena, HANDSHAKE_CERTIFICATE, certificate_body(t->arena, 0, 0));
    flow_bytes(h.flow, SIDE_SERVER, record_bytes(t->arena, CONTENT_HANDSHAKE, hello), 0);
    say_often(h, SIDE_SERVER, record_bytes(t->arena, CONTENT_HANDSHAKE, empty), 20000);
    say_often(h, SIDE_SERVER, record_bytes(t->arena, CONTENT_HANDSHAKE, certificate), 20000);
    hearing_end(h);
}

static void endless_certificates_that_cannot_be_read(void **state)
{
    talk *t = *state;
    hearing h = hearing_begin(t);
    bytes_view hello = message_bytes(t->arena, HANDSHAKE_SERVER_HELLO, server_hello_body(t->arena, VERSION_TLS12, 0x002f, false));
    bytes_view bad = message_bytes(t->arena, HANDSHAKE_CERTIFICATE, bytes_from("\xff\xff\xff\xff", 4));
    flow_bytes(h.flow, SIDE_SERVER, record_bytes(t->arena, CONTENT_HANDSHAKE, hello), 0);
    say_often(h, SIDE_SERVER, record_bytes(t->arena, CONTENT_HANDSHAKE, bad), 50000);
    hearing_end(h);
}

static void endless_hellos_that_cannot_be_read(void **state)
{
    talk *t = *state;
    hearing h = {.arena = arena_new()};
    h.flow = flow_new(h.arena, 443);
    bytes_view bad = message_bytes(t->arena, HANDSHAKE_CLIENT_HELLO, bytes_from("\xff", 1));
    say_often(h, SIDE_CLIENT, record_bytes(t->arena, CONTENT_HANDSHAKE, bad), 50000);
    flow_end(h.flow, SIDE_CLIENT, STREAM_FIN, 0);
    hearing_end(h);
}

static void records_of_one_byte(void **state)
{
    talk *t = *state;
    hearing h = hearing_begin(t);
    say_often(h, SIDE_SERVER, record_bytes(t->arena, CONTENT_HANDSHAKE, bytes_from("\x0b", 1)), 300000);
    hearing_end(h);
}

static void text_without_an_end_byte_by_byte(void **state)
{
    (void)state;
    hearing h = {.arena = arena_new()};
    h.flow = flow_new(h.arena, 25);
    flow_bytes(h.flow, SIDE_SERVER, bytes_from_text("220 mail.example ESMTP\r\n"), 0);
    say_often(h, SIDE_CLIENT, bytes_from_text("\n"), 200000);
    say_often(h, SIDE_SERVER, bytes_from_text("2"), 200000);
    assert_true(flow_conversation(h.flow)->plain[SIDE_CLIENT]);
    assert_true(flow_is_settled(h.flow));
    hearing_end(h);
}

static void a_proxy_header_without_an_end(void **state)
{
    (void)state;
    hearing h = {.arena = arena_new()};
    h.flow = flow_new(h.arena, 3128);
    flow_bytes(h.flow, SIDE_CLIENT, bytes_from_text("CONNECT example.com:443 HTTP/1.1\r\n"), 0);
    say_often(h, SIDE_CLIENT, bytes_from_text("A: b\r\n"), 50000);
    assert_true(flow_conversation(h.flow)->plain[SIDE_CLIENT]);
    hearing_end(h);
}

/* Streams of pseudo-random bytes, half of which begin as the real thing: nothing is asserted but that they are survived. */
static void random_bytes_from_both_sides(void **state)
{
    talk *t = *state;
    unsigned seed = 20261123;
    for (int round = 0; round < 3000; round++) {
        uint8_t noise[96];
        hearing h = round % 2 == 0 ? hearing_begin(t) : (hearing){.arena = arena_new()};
        if (h.flow == NULL)
            h.flow = flow_new(h.arena, (uint16_t)(round % 4 == 1 ? 25 : 443));
        for (int turn = 0; turn < 12; turn++) {
            seed = seed * 1103515245 + 12345;
            for (size_t i = 0; i < sizeof noise; i++)
                noise[i] = (uint8_t)(rand_r(&seed) >> 7);
            noise[0] = (uint8_t)(20 + seed % 5);
            noise[1] = 3;
            noise[3] = 0;
            flow_bytes(h.flow, turn % 2 == 0 ? SIDE_SERVER : SIDE_CLIENT, bytes_from(noise, 1 + seed % sizeof noise), 0);
        }
        flow_end(h.flow, SIDE_SERVER, STREAM_FIN, 0);
        flow_end(h.flow, SIDE_CLIENT, STREAM_FIN, 0);
        hearing_end(h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITUATION(a_certificate_of_16_mib_is_skipped),
        SITUATION(a_hello_of_16_mib_is_skipped),
        SITUATION(endless_empty_records),
        SITUATION(endless_warnings),
        SITUATION(endless_server_hellos),
        SITUATION(endless_client_hellos),
        SITUATION(endless_certificates),
        SITUATION(endless_certificates_that_cannot_be_read),
        SITUATION(endless_hellos_that_cannot_be_read),
        SITUATION(records_of_one_byte),
        SITUATION(text_without_an_end_byte_by_byte),
        SITUATION(a_proxy_header_without_an_end),
        SITUATION(random_bytes_from_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
