/* Servers that send nonsense, too much, or too slowly: each ends, by the deadline at the latest, in bounded memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_server.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY_MAX ((size_t)6 * 1024 * 1024)

static const answer *ask(wave *w, part *play)
{
    test_server server = test_server_start(play, NULL);
    const answer *a = ask_one(w, &server, test_hello(w->arena));
    test_server_stop(&server);
    assert_true(w->took_us < 2 * WAVE_TIMEOUT_US);
    assert_true(arena_size(w->arena) < MEMORY_MAX);
    return a;
}

static void send_byte_by_byte(int fd, bytes_view bytes, int gap_ms)
{
    for (size_t i = 0; i < bytes.len; i++) {
        send_all(fd, bytes_slice(bytes, i, 1));
        sleep_ms(gap_ms);
    }
}

static void play_tls13_byte_by_byte(int fd)
{
    arena *a = arena_new();
    (void)read_hello(a, fd);
    send_byte_by_byte(fd, TLS13_FLIGHT, 1);
    play_silence(fd);
    arena_free(a);
}

static void a_flight_in_single_bytes_is_accepted(void **state)
{
    assert_int_equal(ask(*state, play_tls13_byte_by_byte)->kind, ANSWER_ACCEPTED);
}

static void play_slow_bytes(int fd)
{
    send_byte_by_byte(fd, TLS13_FLIGHT, 20);
}

static void single_bytes_that_never_become_an_answer_end_at_the_deadline(void **state)
{
    wave *w = *state;
    assert_int_equal(ask(w, play_slow_bytes)->kind, ANSWER_SILENCE);
    assert_true(w->took_us >= WAVE_TIMEOUT_US);
}

static void play_garbage(int fd)
{
    uint8_t bytes[3000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + 129);
    send_all(fd, bytes_from(bytes, sizeof bytes));
    play_silence(fd);
}

static void garbage_is_no_tls(void **state)
{
    wave *w = *state;
    assert_int_equal(ask(w, play_garbage)->kind, ANSWER_PLAIN);
    assert_true(w->took_us < WAVE_TIMEOUT_US);
}

static void play_endless_text(int fd)
{
    char text[4096];
    memset(text, 'a', sizeof text);
    for (int i = 0; i < 100000; i++)
        send_all(fd, bytes_from(text, sizeof text));
}

static void endless_text_is_cut_short(void **state)
{
    wave *w = *state;
    assert_int_equal(ask(w, play_endless_text)->kind, ANSWER_PLAIN);
    assert_true(w->took_us < WAVE_TIMEOUT_US);
}

/* Warnings (unrecognized_name) without end. */
static void play_endless_records(int fd)
{
    uint8_t bytes[7 * 1000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t) "\x15\x03\x03\x00\x02\x01\x70"[i % 7];
    for (int i = 0; i < 100000; i++)
        send_all(fd, bytes_from(bytes, sizeof bytes));
}

static void endless_records_end(void **state)
{
    wave *w = *state;
    assert_int_not_equal(ask(w, play_endless_records)->kind, ANSWER_ACCEPTED);
    assert_true(w->took_us < WAVE_TIMEOUT_US);
}

/* After a ServerHello, a Certificate message of 16 MiB less one byte, in records of 16 KiB. */
static void play_huge_certificate(int fd)
{
    static uint8_t bytes[5 + 16384] = {0x16, 0x03, 0x03, 0x40, 0x00, 0x0b, 0xff, 0xff, 0xff};
    uint8_t hello[5 + 42];
    memcpy(hello, TLS12_FLIGHT.data, sizeof hello);
    hello[4] = 42; /* the record ends with the ServerHello */
    send_all(fd, bytes_from(hello, sizeof hello));
    send_all(fd, bytes_from(bytes, sizeof bytes));
    memset(bytes + 5, 0, 4);
    for (int i = 1; i < 1024; i++)
        send_all(fd, bytes_from(bytes, sizeof bytes));
    play_silence(fd);
}

static void a_certificate_of_16_mib_ends(void **state)
{
    (void)ask(*state, play_huge_certificate);
}

static void play_cut_flight(int fd)
{
    arena *a = arena_new();
    (void)read_hello(a, fd);
    send_all(fd, bytes_slice(TLS13_FLIGHT, 0, 40));
    arena_free(a);
}

static void a_flight_that_is_cut_is_closed(void **state)
{
    assert_int_equal(ask(*state, play_cut_flight)->kind, ANSWER_CLOSED);
}

static void play_endless_greeting(int fd)
{
    char text[4096];
    memset(text, '2', sizeof text);
    for (int i = 0; i < 100000; i++)
        send_all(fd, bytes_from(text, sizeof text));
}

static void a_preamble_reply_without_end_is_refused(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_endless_greeting, NULL);
    question q = {.to = server.at, .hello = test_hello(w->arena)};
    q.script = preamble_script_make(w->arena, PROTOCOL_SMTP, NULL, "mail.example.com");
    wave_ask(w, &q, 1);
    assert_int_equal(w->answers->kind, ANSWER_PREAMBLE_REFUSED);
    assert_true(w->took_us < WAVE_TIMEOUT_US);
    assert_true(arena_size(w->arena) < MEMORY_MAX);
    test_server_stop(&server);
}

#define TEST(name) WITH_WAVE(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_flight_in_single_bytes_is_accepted),
        TEST(single_bytes_that_never_become_an_answer_end_at_the_deadline),
        TEST(garbage_is_no_tls),
        TEST(endless_text_is_cut_short),
        TEST(endless_records_end),
        TEST(a_certificate_of_16_mib_ends),
        TEST(a_flight_that_is_cut_is_closed),
        TEST(a_preamble_reply_without_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
