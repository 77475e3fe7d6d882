/* Would a client with this hello get in? Asked of servers on loopback that play a fixed part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/admission.h"
#include "test_server.h"

#include <string.h>

static admission ask(arena *a, part *play, route *way, const char *server_name)
{
    error e;
    loop *l = loop_new(&e);
    assert_non_null(l);
    test_server server = test_server_start(play, NULL);
    admission_target target = {.host = "127.0.0.1",
                               .host_is_address = true,
                               .server_name = server_name,
                               .port = address_port(&server.at),
                               .addresses = &server.at,
                               .num_addresses = 1,
                               .route = way,
                               .timeout_us = 20000000};
    admission came = admission_ask(a, l, test_hello(a), &target);
    test_server_stop(&server);
    loop_free(l);
    return came;
}

static void a_server_that_refuses_every_hello_is_explained(void **state)
{
    arena *a = arena_new();
    route straight = {0};
    (void)state;
    admission came = ask(a, play_alert, &straight, NULL);
    assert_false(came.is_admitted);
    assert_null(came.problem);
    assert_string_equal(came.verdict->cause, "server-drops-all");
    assert_int_equal(came.version, 0);
    assert_true(came.num_connections > 10);
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
    admission came = ask(a, play_proxy, &way, NULL);
    assert_false(came.is_admitted);
    assert_string_equal(came.verdict->cause, "proxy-refused");
    assert_null(strstr(came.verdict->headline, "secret"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_refuses_every_hello_is_explained),
        cmocka_unit_test(a_port_where_nobody_is_is_explained),
        cmocka_unit_test(a_proxy_that_refuses_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
