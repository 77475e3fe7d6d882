/* Servers that refuse because they are asked too often or too much at once: the answers are those of the server at leisure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_server.h"

#include "crypto/key_share.h"

#include <stdlib.h>

/* Means its resets: of a hello that offers TLS 1.3. All others get an alert. */
static void play_intolerant(int fd)
{
    arena *a = arena_new();
    client_hello hello;
    if (client_hello_parse(a, read_hello(a, fd), &hello) == PARSE_DONE && client_hello_version_max(&hello) >= 0x0304) {
        set_reset_on_close(fd);
    } else {
        send_all(fd, TLS12_FLIGHT);
        play_silence(fd);
    }
    arena_free(a);
}

/* Hellos of TLS 1.3 and of TLS 1.2 in turn; the latter first. */
static question *questions_in_turn(wave *w, const test_server *server, size_t num)
{
    question *questions = ARENA_ARRAY(w->arena, num, question);
    for (size_t i = 0; i < num; i++) {
        client_hello *hello = arena_copy(w->arena, test_hello(w->arena), sizeof *hello);
        if (i % 2 == 0)
            *hello = hello_with_versions(w->arena, hello, codes_one(w->arena, 0x0303));
        questions[i] = (question){.to = server->at, .hello = hello};
    }
    return questions;
}

static void assert_answers_in_turn(const wave *w)
{
    for (size_t i = 0; i < w->num_answers; i++)
        assert_int_equal(w->answers[i].kind, i % 2 == 0 ? ANSWER_ACCEPTED : ANSWER_RESET);
}

static void resets_that_are_meant_cost_two_connections_and_no_pause(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_intolerant, NULL);
    wave_ask(w, questions_in_turn(w, &server, 10), 10);
    assert_answers_in_turn(w);
    assert_in_range(prober_num_connections(w->prober), 10, 12);
    test_server_stop(&server);
}

static void a_server_that_was_tested_for_company_is_not_tested_again(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_intolerant, NULL);
    wave_ask(w, questions_in_turn(w, &server, 10), 10);
    size_t before = prober_num_connections(w->prober);
    wave_ask(w, questions_in_turn(w, &server, 9), 9);
    assert_answers_in_turn(w);
    assert_int_equal(prober_num_connections(w->prober) - before, 9); /* the last was answered: not tired */
    test_server_stop(&server);
}

static void resets_of_a_server_that_never_answered_stand(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_reset, NULL);
    const client_hello *hello = test_hello(w->arena);
    question questions[] = {{.to = server.at, .hello = hello}, {.to = server.at, .hello = hello}};
    wave_ask(w, questions, 2);
    assert_int_equal(w->answers[0].kind, ANSWER_RESET);
    assert_int_equal(w->answers[1].kind, ANSWER_RESET);
    assert_int_equal(prober_num_connections(w->prober), 2);
    test_server_stop(&server);
}

/* As one that refuses the sixth in a second is by pauses of 250 ms. */
static void a_server_that_refuses_the_sixth_in_a_while_is_asked_slowly(void **state)
{
    enum { PAUSE_MS = 50, WINDOW_MS = 4 * PAUSE_MS }; /* so long that a busy machine's own pauses do not matter */
    wave *w = *state;
    test_server server = test_server_start(play_intolerant, &(test_limits){.per_window = 5, .window_ms = WINDOW_MS});
    prober_free(w->prober);
    w->prober = prober_new(w->loop, &(probe_settings){.timeout_us = WAVE_TIMEOUT_US,
                                                      .pause_us = (int64_t)PAUSE_MS * 1000,
                                                      .random_bytes = crypto_random_bytes});
    wave_ask(w, questions_in_turn(w, &server, 8), 8);
    assert_answers_in_turn(w);
    wave_ask(w, questions_in_turn(w, &server, 8), 8);
    assert_answers_in_turn(w);
    test_server_stop(&server);
}

static void play_intolerant_at_leisure(int fd)
{
    sleep_ms(40);
    play_intolerant(fd);
}

static void a_server_that_takes_one_at_a_time_is_asked_one_at_a_time(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_intolerant_at_leisure, &(test_limits){.at_once = 1});
    wave_ask(w, questions_in_turn(w, &server, 8), 8);
    assert_answers_in_turn(w);
    assert_true(prober_num_connections(w->prober) > 10);
    test_server_stop(&server);
}

static void play_accept_slowly(int fd)
{
    sleep_ms(20);
    play_accept_tls12(fd);
}

static void the_limit_of_connections_at_once_holds(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_accept_slowly, NULL);
    prober_free(w->prober);
    w->prober = prober_new(w->loop,
                           &(probe_settings){.timeout_us = WAVE_TIMEOUT_US, .at_once_max = 3, .random_bytes = crypto_random_bytes});
    question questions[9];
    for (size_t i = 0; i < 9; i++)
        questions[i] = (question){.to = server.at, .hello = test_hello(w->arena)};
    wave_ask(w, questions, 9);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(w->answers[i].kind, ANSWER_ACCEPTED);
    assert_int_equal(prober_num_connections(w->prober), 9);
    assert_true(w->took_us >= 60000); /* three rounds of 20 ms */
    test_server_stop(&server);
}

static void a_port_that_refuses_for_a_moment_is_asked_again(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_accept_tls12, &(test_limits){.closes_listener_after = 2, .closed_ms = 50});
    question questions[4];
    for (size_t i = 0; i < 4; i++)
        questions[i] = (question){.to = server.at, .hello = test_hello(w->arena), .delay_us = (int64_t)i * 10000};
    wave_ask(w, questions, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(w->answers[i].kind, ANSWER_ACCEPTED);
    test_server_stop(&server);
}

static void a_port_that_closes_for_good_ends_refused(void **state)
{
    wave *w = *state;
    test_server server = test_server_start(play_accept_tls12, NULL);
    assert_int_equal(ask_one(w, &server, test_hello(w->arena))->kind, ANSWER_ACCEPTED);
    test_server_stop(&server);
    assert_int_equal(ask_one(w, &server, test_hello(w->arena))->kind, ANSWER_NOT_CONNECTED);
    assert_in_range(w->took_us, 19 * TEST_PAUSE_US, 400 * TEST_PAUSE_US); /* pauses of 1, 2, 4, 6 and 6 times as much */
    assert_int_equal(ask_one(w, &server, test_hello(w->arena))->kind, ANSWER_NOT_CONNECTED);
    assert_true(w->took_us < 19 * TEST_PAUSE_US); /* and no second time; the gap remains */
}

#define TEST(name) WITH_WAVE(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(resets_that_are_meant_cost_two_connections_and_no_pause),
        TEST(a_server_that_was_tested_for_company_is_not_tested_again),
        TEST(resets_of_a_server_that_never_answered_stand),
        TEST(a_server_that_refuses_the_sixth_in_a_while_is_asked_slowly),
        TEST(a_server_that_takes_one_at_a_time_is_asked_one_at_a_time),
        TEST(the_limit_of_connections_at_once_holds),
        TEST(a_port_that_refuses_for_a_moment_is_asked_again),
        TEST(a_port_that_closes_for_good_ends_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
