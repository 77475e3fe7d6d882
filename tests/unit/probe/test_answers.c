/* One question to one server on loopback: each way in which it may answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_server.h"

#include "crypto/key_share.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const answer *ask(wave *w, part *play)
{
    test_server server = test_server_start(play, NULL);
    const answer *a = ask_one(w, &server, test_hello(w->arena));
    test_server_stop(&server);
    return a;
}

static void a_tls12_flight_is_accepted(void **state)
{
    const answer *a = ask(*state, play_accept_tls12);
    assert_int_equal(a->kind, ANSWER_ACCEPTED);
    assert_int_equal(a->conversation->server_hello.version, 0x0303);
    assert_int_equal(a->conversation->server_hello.cipher_suite, 0xc02f);
    assert_true(a->conversation->has_hello);
    assert_true(a->connect_us > 0 && a->connect_us <= a->total_us);
}

static void a_tls13_flight_is_accepted(void **state)
{
    const answer *a = ask(*state, play_accept_tls13);
    assert_int_equal(a->kind, ANSWER_ACCEPTED);
    assert_int_equal(a->conversation->server_hello.version, 0x0304);
    assert_int_equal(a->conversation->server_hello.group, 29);
}

static void the_connection_is_closed_as_soon_as_the_answer_is_known(void **state)
{
    wave *w = *state;
    (void)ask(w, play_accept_tls12); /* which waits for our end before its own */
    assert_true(w->took_us < WAVE_TIMEOUT_US / 2);
    (void)ask(w, play_alert);
    assert_true(w->took_us < WAVE_TIMEOUT_US / 2);
}

static void a_fatal_alert_is_named(void **state)
{
    const answer *a = ask(*state, play_alert);
    assert_int_equal(a->kind, ANSWER_ALERT);
    assert_int_equal(a->alert.description, 40);
}

static void a_close_without_an_answer(void **state)
{
    assert_int_equal(ask(*state, play_close)->kind, ANSWER_CLOSED);
}

static void a_reset_without_an_answer(void **state)
{
    assert_int_equal(ask(*state, play_reset)->kind, ANSWER_RESET);
}

static void silence_ends_at_the_deadline(void **state)
{
    wave *w = *state;
    assert_int_equal(ask(w, play_silence)->kind, ANSWER_SILENCE);
    assert_in_range(w->took_us, WAVE_TIMEOUT_US, 2 * WAVE_TIMEOUT_US);
}

static void play_alert_and_reset(int fd)
{
    arena *a = arena_new();
    (void)read_hello(a, fd);
    send_all(fd, ALERT_HANDSHAKE_FAILURE);
    sleep_ms(20);
    set_reset_on_close(fd);
    arena_free(a);
}

static void an_alert_before_a_reset_is_an_alert(void **state)
{
    assert_int_equal(ask(*state, play_alert_and_reset)->kind, ANSWER_ALERT);
}

static void play_http(int fd)
{
    send_all(fd, bytes_from_text("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
    play_silence(fd);
}

static void an_http_answer_is_plain(void **state)
{
    wave *w = *state;
    const answer *a = ask(w, play_http);
    assert_int_equal(a->kind, ANSWER_PLAIN);
    assert_true(bytes_start_with(a->conversation->server_first_bytes, "HTTP/1.1 400"));
    assert_true(w->took_us < WAVE_TIMEOUT_US);
}

static void a_port_that_refuses_is_not_connected(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_silence, NULL);
    test_server_stop(&server);
    const answer *a = ask_one(w, &server, test_hello(w->arena));
    assert_int_equal(a->kind, ANSWER_NOT_CONNECTED);
    assert_int_equal(a->connect_errno, ECONNREFUSED);
    assert_null(a->conversation);
}

/* Mostly before the prober has seen that it is connected: the kernel tells of the reset where it would tell that. */
static void a_reset_at_once_is_of_a_connection(void **state)
{
    enum { RESETS_NUM = 40 };
    static const test_limits refuses_all_but_one = {.per_window = 1, .window_ms = 60000};
    wave *w = *state;
    test_server server = test_server_start(play_reset, &refuses_all_but_one);
    for (size_t i = 0; i < RESETS_NUM; i++) {
        const answer *a = ask_one(w, &server, test_hello(w->arena));
        assert_int_equal(a->kind, ANSWER_RESET);
        assert_non_null(a->conversation);
    }
    test_server_stop(&server);
}

static void an_address_that_is_none_is_a_failure_in_words(void **state)
{
    wave *w = *state;
    wave_ask(w, &(question){.hello = test_hello(w->arena)}, 1);
    assert_int_equal(w->answers->kind, ANSWER_FAILED);
    assert_non_null(w->answers->problem);
}

/* ---- listening ---------------------------------------------------------------------------------------------------- */

static void play_greeting(int fd)
{
    send_all(fd, bytes_from_text("220 mail"));
    sleep_ms(10);
    send_all(fd, bytes_from_text(".example.com ESMTP\r\n"));
    play_silence(fd);
}

static const answer *listen_to(wave *w, part *play)
{
    test_server server = test_server_start(play, NULL);
    const answer *a = ask_one(w, &server, NULL);
    test_server_stop(&server);
    return a;
}

static void a_server_that_greets_is_heard_whole(void **state)
{
    wave *w = *state;
    const answer *a = listen_to(w, play_greeting);
    assert_int_equal(a->kind, ANSWER_PLAIN);
    assert_true(bytes_equal(a->conversation->server_first_bytes, bytes_from_text("220 mail.example.com ESMTP\r\n")));
    assert_true(w->took_us < WAVE_TIMEOUT_US);
}

static void a_server_that_waits_for_us_is_silence(void **state)
{
    assert_int_equal(listen_to(*state, play_silence)->kind, ANSWER_SILENCE);
}

static void close_at_once(int fd)
{
    (void)fd;
}

static void a_server_that_closes_before_we_speak_is_closed(void **state)
{
    assert_int_equal(listen_to(*state, close_at_once)->kind, ANSWER_CLOSED);
}

/* ---- preambles ---------------------------------------------------------------------------------------------------- */

static bool read_line(int fd, const char *begin)
{
    char line[256];
    size_t len = 0;
    while (len < sizeof line && read(fd, line + len, 1) == 1 && line[len++] != '\n')
        continue;
    return bytes_start_with_ignoring_case(bytes_from(line, len), begin);
}

static void play_smtp(int fd, const char *to_starttls)
{
    send_all(fd, bytes_from_text("220 mail.example.com ESMTP\r\n"));
    if (!read_line(fd, "EHLO "))
        return;
    send_all(fd, bytes_from_text("250-mail.example.com\r\n"));
    sleep_ms(5);
    send_all(fd, bytes_from_text("250 STARTTLS\r\n"));
    if (!read_line(fd, "STARTTLS"))
        return;
    send_all(fd, bytes_from_text(to_starttls));
    play_accept_tls12(fd);
}

static void play_smtp_with_tls(int fd)
{
    play_smtp(fd, "220 go ahead\r\n");
}

static void play_smtp_without_tls(int fd)
{
    play_smtp(fd, "454 TLS not available\r\n");
}

static const answer *ask_by_smtp(wave *w, part *play)
{
    test_server server = test_server_start(play, NULL);
    question q = {.to = server.at, .hello = test_hello(w->arena)};
    q.script = preamble_script_make(w->arena, PROTOCOL_SMTP, NULL, "mail.example.com");
    wave_ask(w, &q, 1);
    test_server_stop(&server);
    return w->answers;
}

static void tls_follows_a_preamble(void **state)
{
    const answer *a = ask_by_smtp(*state, play_smtp_with_tls);
    assert_int_equal(a->kind, ANSWER_ACCEPTED);
    assert_int_equal(a->conversation->preamble.protocol, PROTOCOL_SMTP);
}

static void a_server_that_will_not_upgrade_refuses_the_preamble(void **state)
{
    assert_int_equal(ask_by_smtp(*state, play_smtp_without_tls)->kind, ANSWER_PREAMBLE_REFUSED);
}

static void a_preamble_that_nobody_answers_is_silence(void **state)
{
    assert_int_equal(ask_by_smtp(*state, play_silence)->kind, ANSWER_SILENCE);
}

/* ---- pieces ------------------------------------------------------------------------------------------------------- */

/* Accepts where the hello comes in pieces of 1, 4 and the rest, at least 4 ms apart. */
static void play_wants_pieces(int fd)
{
    uint8_t bytes[2048];
    if (recv(fd, bytes, sizeof bytes, 0) == 1 && recv(fd, bytes, sizeof bytes, 0) == 4 && recv(fd, bytes, sizeof bytes, 0) > 100)
        send_all(fd, TLS12_FLIGHT);
    play_silence(fd);
}

static void a_hello_is_sent_in_the_pieces_that_were_asked_for(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_wants_pieces, NULL);
    size_t lens[] = {1, 4, 7};
    question q = {.to = server.at, .hello = test_hello(w->arena), .chunk_lens = lens, .num_chunks = 3};
    /* On a loaded machine the server may be late and find two pieces at once: then it is asked again. */
    for (int i = 0; i < 10 && (i == 0 || w->answers->kind != ANSWER_ACCEPTED); i++)
        wave_ask(w, &q, 1);
    assert_int_equal(w->answers->kind, ANSWER_ACCEPTED);
    assert_true(w->took_us >= 10000);
    test_server_stop(&server);
}

static void play_alert_at_first_byte(int fd)
{
    uint8_t byte;
    if (recv(fd, &byte, 1, 0) == 1)
        send_all(fd, ALERT_HANDSHAKE_FAILURE);
    play_silence(fd);
}

static void an_alert_between_two_pieces_is_the_answer(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_alert_at_first_byte, NULL);
    size_t lens[] = {1, 1, 1, 1, 1, 1, 1, 1};
    question q = {.to = server.at, .hello = test_hello(w->arena), .chunk_lens = lens, .num_chunks = 8};
    wave_ask(w, &q, 1);
    assert_int_equal(w->answers->kind, ANSWER_ALERT);
    test_server_stop(&server);
}

/* ---- waves -------------------------------------------------------------------------------------------------------- */

static void answers_come_in_the_order_of_the_questions(void **state)
{
    wave *w = *state;
    test_server servers[] = {test_server_start(play_silence, NULL), test_server_start(play_alert, NULL),
                             test_server_start(play_accept_tls13, NULL)};
    question questions[30];
    for (size_t i = 0; i < 30; i++)
        questions[i] = (question){.to = servers[i % 3].at, .hello = test_hello(w->arena)};
    wave_ask(w, questions, 30);
    static const enum answer_kind expected[] = {ANSWER_SILENCE, ANSWER_ALERT, ANSWER_ACCEPTED};
    for (size_t i = 0; i < 30; i++)
        assert_int_equal(w->answers[i].kind, expected[i % 3]);
    assert_int_equal(prober_num_connections(w->prober), 30);
    for (size_t i = 0; i < 3; i++)
        test_server_stop(&servers[i]);
}

static void a_wave_without_questions_is_done(void **state)
{
    wave *w = *state;
    wave_ask(w, NULL, 0);
    assert_int_equal(prober_num_connections(w->prober), 0);
}

static void a_delayed_question_starts_late_and_has_its_whole_time(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_silence, NULL);
    const client_hello *hello = test_hello(w->arena);
    question questions[] = {{.to = server.at, .hello = hello, .timeout_us = 100000},
                            {.to = server.at, .hello = hello, .timeout_us = 100000, .delay_us = 80000}};
    wave_ask(w, questions, 2);
    assert_in_range(w->took_us, 180000, 1500000);
    assert_in_range(w->answers[1].total_us, 100000, 160000);
    test_server_stop(&server);
}

static void a_question_that_runs_alone_has_no_company(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_silence, NULL);
    const client_hello *hello = test_hello(w->arena);
    question questions[] = {{.to = server.at, .hello = hello, .timeout_us = 100000},
                            {.to = server.at, .hello = hello, .timeout_us = 100000, .runs_alone = true},
                            {.to = server.at, .hello = hello, .timeout_us = 100000}};
    wave_ask(w, questions, 3);
    assert_in_range(w->took_us, 200000, 1500000); /* the first and the third together, the second by itself */
    test_server_stop(&server);
}

static void questions_of_two_at_once_have_one_beside_them(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_silence, NULL);
    const client_hello *hello = test_hello(w->arena);
    question questions[4];
    for (size_t i = 0; i < 4; i++)
        questions[i] = (question){.to = server.at, .hello = hello, .timeout_us = 100000, .at_once_max = 2};
    wave_ask(w, questions, 4);
    assert_in_range(w->took_us, 200000, 390000);
    test_server_stop(&server);
}

static void must_not_be_called(void *user, const answer *answers, size_t num_answers)
{
    (void)user, (void)answers, (void)num_answers;
    fail();
}

static void a_prober_freed_in_mid_wave_calls_nobody_back(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_silence, NULL);
    question questions[] = {{.to = server.at, .hello = test_hello(w->arena)},
                            {.to = server.at, .hello = test_hello(w->arena), .delay_us = 50000}};
    prober_ask(w->prober, w->arena, questions, 2, must_not_be_called, NULL);
    for (int i = 0; i < 3; i++)
        (void)loop_run_once(w->loop);
    prober_free(w->prober);
    w->prober = NULL;
    while (loop_run_once(w->loop))
        continue;
    test_server_stop(&server);
}

#define TEST(name) WITH_WAVE(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_tls12_flight_is_accepted),
        TEST(a_tls13_flight_is_accepted),
        TEST(the_connection_is_closed_as_soon_as_the_answer_is_known),
        TEST(a_fatal_alert_is_named),
        TEST(a_close_without_an_answer),
        TEST(a_reset_without_an_answer),
        TEST(silence_ends_at_the_deadline),
        TEST(an_alert_before_a_reset_is_an_alert),
        TEST(an_http_answer_is_plain),
        TEST(a_port_that_refuses_is_not_connected),
        TEST(a_reset_at_once_is_of_a_connection),
        TEST(an_address_that_is_none_is_a_failure_in_words),
        TEST(a_server_that_greets_is_heard_whole),
        TEST(a_server_that_waits_for_us_is_silence),
        TEST(a_server_that_closes_before_we_speak_is_closed),
        TEST(tls_follows_a_preamble),
        TEST(a_server_that_will_not_upgrade_refuses_the_preamble),
        TEST(a_preamble_that_nobody_answers_is_silence),
        TEST(a_hello_is_sent_in_the_pieces_that_were_asked_for),
        TEST(an_alert_between_two_pieces_is_the_answer),
        TEST(answers_come_in_the_order_of_the_questions),
        TEST(a_wave_without_questions_is_done),
        TEST(a_delayed_question_starts_late_and_has_its_whole_time),
        TEST(a_question_that_runs_alone_has_no_company),
        TEST(questions_of_two_at_once_have_one_beside_them),
        TEST(a_prober_freed_in_mid_wave_calls_nobody_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
