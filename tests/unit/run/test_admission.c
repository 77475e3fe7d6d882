/* Would a client with this hello get in? Asked of servers on loopback that play a fixed part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/admission.h"
#include "test_server.h"

#include <string.h>

typedef struct manner {
    int64_t timeout_us, gap_us;
    bool only_asks;
} manner;

/* `*took_us`: NULL where that does not matter. */
static admission ask_with(arena *a, part *play, route *way, manner m, int64_t *took_us)
{
    error e;
    loop *l = loop_new(&e);
    assert_non_null(l);
    test_server server = test_server_start(play, NULL);
    admission_target target = {.host = "127.0.0.1",
                               .host_is_address = true,
                               .port = address_port(&server.at),
                               .addresses = &server.at,
                               .num_addresses = 1,
                               .route = way,
                               .timeout_us = m.timeout_us,
                               .gap_us = m.gap_us,
                               .only_asks = m.only_asks};
    int64_t began_us = loop_now_us(l);
    admission came = admission_ask(a, l, test_hello(a), &target);
    if (took_us != NULL)
        *took_us = loop_now_us(l) - began_us;
    test_server_stop(&server);
    loop_free(l);
    return came;
}

static admission ask(arena *a, part *play, route *way)
{
    return ask_with(a, play, way, (manner){.timeout_us = 20000000}, NULL);
}

static void a_server_that_refuses_every_hello_is_explained(void **state)
{
    arena *a = arena_new();
    route straight = {0};
    (void)state;
    admission came = ask(a, play_alert, &straight);
    assert_false(came.is_admitted);
    assert_null(came.problem);
    assert_string_equal(came.verdict->cause, "server-drops-all");
    assert_int_equal(came.version, 0);
    assert_true(came.num_connections > 10);
    arena_free(a);
}

static void silence_is_no_refusal_and_the_time_is_kept(void **state)
{
    arena *a = arena_new();
    route straight = {0};
    int64_t took_us;
    (void)state;
    admission came = ask_with(a, play_silence, &straight, (manner){.timeout_us = 1000000}, &took_us);
    assert_false(came.is_admitted);
    assert_true(came.is_silent);
    assert_non_null(strstr(came.problem, "no answer came in 0.5 s"));
    assert_string_equal(came.verdict->cause, "unknown");
    assert_in_range(took_us, 900000, 1400000);
    arena_free(a);
}

static void silence_until_the_end_of_the_time_is_silence(void **state)
{
    arena *a = arena_new();
    route straight = {0};
    (void)state;
    admission came = ask_with(a, play_silence, &straight, (manner){.timeout_us = 200000, .only_asks = true}, NULL);
    assert_true(came.is_silent);
    assert_null(came.problem);
    arena_free(a);
}

static void the_rate_holds_for_the_question_why_too(void **state)
{
    const int64_t gap_us = 20000;
    arena *a = arena_new();
    route straight = {0};
    int64_t took_us;
    (void)state;
    admission came = ask_with(a, play_alert, &straight, (manner){.timeout_us = 20000000, .gap_us = gap_us}, &took_us);
    assert_non_null(came.verdict);
    assert_true(took_us >= (int64_t)(came.num_connections - 1) * gap_us);
    arena_free(a);
}

static void a_port_where_nobody_is_is_explained(void **state)
{
    arena *a = arena_new();
    error e;
    loop *l = loop_new(&e);
    route straight = {0};
    address nobody;
    (void)state;
    assert_true(address_from_text("127.0.0.1", 1, &nobody));
    admission_target target = {.host = "127.0.0.1",
                               .host_is_address = true,
                               .port = 1,
                               .addresses = &nobody,
                               .num_addresses = 1,
                               .route = &straight,
                               .timeout_us = 5000000};
    admission came = admission_ask(a, l, test_hello(a), &target);
    assert_false(came.is_admitted);
    assert_string_equal(came.verdict->cause, "tcp-refused");
    loop_free(l);
    arena_free(a);
}

static void addresses_that_answer_alike_are_told_once(void **state)
{
    arena *a = arena_new();
    error e;
    loop *l = loop_new(&e);
    route straight = {0};
    admission came[3];
    test_server one = test_server_start(play_alert, NULL), other = test_server_start(play_alert, NULL);
    address at[] = {one.at, {.len = 0}, other.at};
    (void)state;
    assert_true(address_from_text("127.0.0.1", 1, &at[1]));
    admission_target target = {.host = "x.example",
                               .server_name = "x.example",
                               .port = 443,
                               .addresses = at,
                               .num_addresses = 3,
                               .route = &straight,
                               .timeout_us = 20000000};
    assert_int_equal(admissions_ask(a, l, test_hello(a), &target, came), 2);
    assert_int_equal(came[0].num_addresses, 2);
    assert_true(address_equal(&came[0].addresses[1], &other.at));
    assert_string_equal(came[0].verdict->cause, "server-drops-all");
    assert_true(came[1].is_passed_over);
    assert_int_equal(came[1].num_addresses, 1);
    assert_non_null(strstr(came[1].problem, "Connection refused"));
    target.num_addresses = 1; /* where there is no other, that is the answer */
    target.addresses = &at[1];
    assert_int_equal(admissions_ask(a, l, test_hello(a), &target, came), 1);
    assert_false(came[0].is_passed_over);
    assert_string_equal(came[0].verdict->cause, "tcp-refused");
    test_server_stop(&one);
    test_server_stop(&other);
    loop_free(l);
    arena_free(a);
}

static void play_proxy(int fd)
{
    arena *a = arena_new();
    uint8_t byte;
    unsigned last = 0;
    while (last != 0x0d0a0d0a && recv(fd, &byte, 1, 0) == 1)
        last = last << 8 | byte;
    send_all(fd, bytes_from_text("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
    sleep_ms(200);
    arena_free(a);
}

static void a_proxy_that_refuses_is_explained(void **state)
{
    arena *a = arena_new();
    error e;
    route way = {0};
    (void)state;
    assert_true(route_take_proxy(a, "http://me:secret@127.0.0.1:3128", &way, &e));
    admission came = ask(a, play_proxy, &way);
    assert_false(came.is_admitted);
    assert_string_equal(came.verdict->cause, "proxy-refused");
    assert_null(strstr(came.verdict->headline, "secret"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_refuses_every_hello_is_explained),
        cmocka_unit_test(silence_is_no_refusal_and_the_time_is_kept),
        cmocka_unit_test(silence_until_the_end_of_the_time_is_silence),
        cmocka_unit_test(the_rate_holds_for_the_question_why_too),
        cmocka_unit_test(a_port_where_nobody_is_is_explained),
        cmocka_unit_test(addresses_that_answer_alike_are_told_once),
        cmocka_unit_test(a_proxy_that_refuses_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
