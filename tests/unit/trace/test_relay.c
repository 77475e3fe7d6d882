/* A relay between two socket pairs over loopback: ends, half-closes, resets, back-pressure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct bench {
    arena *arena;
    loop *loop;
    flow *flow;
    conduit_pool pool;
    relay *relay;
    bool over;
    int client, server; /* the far ends */
} bench;

static void moved(void *user)
{
    (void)user;
}

static void over(void *user)
{
    bench *b = user;
    b->over = true;
}

/* Two TCP sockets that are connected with each other. */
static void connect_pair(int ends[2])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(ends[0], (struct sockaddr *)&at, sizeof at), 0);
    ends[1] = accept(listener, NULL, NULL);
    close(listener);
    for (int i = 0; i < 2; i++)
        assert_int_equal(fcntl(ends[i], F_SETFL, O_NONBLOCK), 0);
}

static int set_up(void **state)
{
    bench *b = calloc(1, sizeof *b);
    int client[2], server[2];
    error e;
    connect_pair(client);
    connect_pair(server);
    b->arena = arena_new();
    b->loop = loop_new(&e);
    b->flow = flow_new(b->arena, 443);
    b->client = client[0];
    b->server = server[0];
    relay_callbacks callbacks = {moved, over, b};
    b->relay = relay_start(b->loop, client[1], server[1], b->flow, &b->pool, &callbacks, &e);
    assert_non_null(b->relay);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    bench *b = *state;
    relay_free(b->relay);
    flow_free(b->flow);
    loop_free(b->loop);
    arena_free(b->arena);
    if (b->client >= 0)
        close(b->client);
    if (b->server >= 0)
        close(b->server);
    free(b);
    return 0;
}

static void nothing(void *user)
{
    (void)user;
}

static void run(bench *b, int ms)
{
    int64_t until = loop_now_us(b->loop) + ms * 1000;
    while (!b->over && loop_now_us(b->loop) < until) {
        loop_timer *t = loop_timer_start(b->loop, until, nothing, NULL);
        (void)loop_run_once(b->loop);
        loop_timer_stop(t);
    }
}

static ssize_t receive(int fd, char *out, size_t size)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    (void)poll(&ready, 1, 1000);
    return recv(fd, out, size, 0);
}

static void reset(int *fd)
{
    struct linger now = {1, 0};
    setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(*fd);
    *fd = -1;
}

static void a_client_that_closed_leaves_no_relay_at_a_server_that_never_ends(void **state)
{
    bench *b = *state;
    char got[16];
    close(b->client);
    b->client = -1;
    run(b, 1500);
    assert_true(b->over);
    assert_int_equal(receive(b->server, got, sizeof got), 0);
}

static void a_client_that_only_ended_its_side_keeps_the_relay(void **state)
{
    bench *b = *state;
    char got[16];
    assert_int_equal(shutdown(b->client, SHUT_WR), 0);
    run(b, 1500);
    assert_false(b->over);
    assert_int_equal(send(b->server, "late", 4, 0), 4);
    run(b, 50);
    assert_int_equal(receive(b->client, got, sizeof got), 4);
}

static void an_end_passes_and_the_other_direction_goes_on(void **state)
{
    bench *b = *state;
    char got[16];
    assert_int_equal(shutdown(b->client, SHUT_WR), 0);
    run(b, 50);
    assert_int_equal(receive(b->server, got, sizeof got), 0);
    assert_int_equal(send(b->server, "answer", 6, 0), 6);
    run(b, 50);
    assert_int_equal(receive(b->client, got, sizeof got), 6);
    assert_false(b->over);
    close(b->server);
    b->server = -1;
    run(b, 500);
    assert_true(b->over);
    assert_int_equal(receive(b->client, got, sizeof got), 0);
    assert_int_equal(flow_conversation(b->flow)->end[SIDE_CLIENT], STREAM_FIN);
    assert_int_equal(flow_conversation(b->flow)->end[SIDE_SERVER], STREAM_FIN);
}

static void a_reset_comes_after_what_was_sent_before_it(void **state)
{
    bench *b = *state;
    char got[16];
    assert_int_equal(send(b->server, "alert", 5, 0), 5);
    run(b, 20);
    reset(&b->server);
    run(b, 500);
    assert_true(b->over);
    assert_int_equal(receive(b->client, got, sizeof got), 5);
    assert_int_equal(receive(b->client, got, sizeof got), -1);
    assert_int_equal(errno, ECONNRESET);
    assert_int_equal(flow_conversation(b->flow)->end[SIDE_SERVER], STREAM_RESET);
    assert_int_equal(flow_conversation(b->flow)->end[SIDE_CLIENT], STREAM_OPEN);
}

static void a_reset_after_an_end_is_a_reset(void **state)
{
    bench *b = *state;
    char got[16];
    shutdown(b->server, SHUT_WR);
    run(b, 50);
    assert_int_equal(receive(b->client, got, sizeof got), 0);
    reset(&b->server);
    run(b, 500);
    assert_true(b->over);
    assert_int_equal(send(b->client, "x", 1, MSG_NOSIGNAL), -1);
}

static void a_reset_of_the_client_reaches_the_server(void **state)
{
    bench *b = *state;
    char got[16];
    assert_int_equal(send(b->client, "half a hello", 12, 0), 12);
    run(b, 20);
    reset(&b->client);
    run(b, 500);
    assert_true(b->over);
    assert_int_equal(receive(b->server, got, sizeof got), 12);
    assert_int_equal(receive(b->server, got, sizeof got), -1);
    assert_int_equal(errno, ECONNRESET);
}

static void a_slow_reader_holds_the_sender_up(void **state)
{
    bench *b = *state;
    static char block[65536];
    size_t sent = 0, came = 0;
    for (int i = 0; i < 200; i++) {
        ssize_t n = send(b->server, block, sizeof block, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0)
            sent += (size_t)n;
        run(b, 2);
    }
    assert_true(sent < 200 * sizeof block); /* what the sockets hold, and our bound, not more */
    shutdown(b->server, SHUT_WR);
    for (;;) {
        run(b, 2);
        ssize_t n = recv(b->client, block, sizeof block, MSG_DONTWAIT);
        if (n == 0)
            break;
        if (n > 0)
            came += (size_t)n;
    }
    assert_int_equal(came, sent);
}

/* ---- much of it, which is spliced ---------------------------------------------------------------------------------- */

#define MUCH_LEN ((size_t)24 * 1024 * 1024)

/* What both sides say is no TLS: from now on nothing is read along. */
static void settle(bench *b)
{
    char got[16];
    assert_int_equal(send(b->client, "GET /\r\n", 7, 0), 7);
    run(b, 10);
    assert_int_equal(send(b->server, "answer\n", 7, 0), 7);
    run(b, 10);
    assert_int_equal(receive(b->server, got, sizeof got), 7);
    assert_int_equal(receive(b->client, got, sizeof got), 7);
    assert_true(flow_is_settled(b->flow));
}

/* Byte `at` of the stream: of a period that no block has. */
static uint8_t much_at(size_t at)
{
    return (uint8_t)(at % 251);
}

/* Sends of the stream what goes, from `sent` on; returns how much has been sent in all. */
static size_t send_much(int fd, size_t sent)
{
    static uint8_t block[256 * 1024];
    size_t len = sizeof block < MUCH_LEN - sent ? sizeof block : MUCH_LEN - sent;
    for (size_t i = 0; i < len; i++)
        block[i] = much_at(sent + i);
    ssize_t n = send(fd, block, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent + (n > 0 ? (size_t)n : 0);
}

/* Receives what is there and holds it against the stream; returns how much has come in all. */
static size_t receive_much(int fd, size_t came, ssize_t *last)
{
    static uint8_t block[512 * 1024];
    *last = recv(fd, block, sizeof block, MSG_DONTWAIT);
    for (ssize_t i = 0; i < *last; i++)
        assert_int_equal(block[i], much_at(came + (size_t)i));
    return came + (*last > 0 ? (size_t)*last : 0);
}

static void much_arrives_as_it_is_and_its_last_bytes_are_known(void **state)
{
    bench *b = *state;
    size_t sent = 0, came = 0, before;
    ssize_t last = -1;
    settle(b);
    before = flow_conversation(b->flow)->server_len;
    for (int i = 0; last != 0; i++) {
        sent = send_much(b->server, sent);
        if (sent == MUCH_LEN)
            shutdown(b->server, SHUT_WR);
        run(b, 1);
        if (i % 4 == 0 || sent == MUCH_LEN) /* slower than it is sent */
            came = receive_much(b->client, came, &last);
    }
    const conversation *c = flow_conversation(b->flow);
    assert_int_equal(came, MUCH_LEN);
    assert_int_equal(c->server_len - before, MUCH_LEN);
    assert_int_equal(c->end[SIDE_SERVER], STREAM_FIN);
    assert_int_equal(c->tail_lens[SIDE_SERVER], CONVERSATION_TAIL_LEN);
    for (size_t i = 0; i < CONVERSATION_TAIL_LEN; i++)
        assert_int_equal(c->tails[SIDE_SERVER][i], much_at(MUCH_LEN - CONVERSATION_TAIL_LEN + i));
}

static void a_reset_behind_much_comes_after_it(void **state)
{
    bench *b = *state;
    size_t sent = 0, came = 0;
    ssize_t last = -1;
    settle(b);
    for (int i = 0; i < 40; i++) {
        sent = send_much(b->client, sent);
        run(b, 1);
        came = receive_much(b->server, came, &last);
    }
    while (came < sent) {
        run(b, 1);
        came = receive_much(b->server, came, &last);
    }
    reset(&b->client);
    run(b, 500);
    assert_true(b->over);
    (void)receive_much(b->server, came, &last);
    assert_int_equal(last, -1);
    assert_int_equal(errno, ECONNRESET);
    assert_int_equal(came, sent);
}

static void a_receiver_of_much_that_goes_resets_the_sender(void **state)
{
    bench *b = *state;
    size_t sent = 0;
    settle(b);
    for (int i = 0; i < 40; i++) {
        sent = send_much(b->server, sent);
        run(b, 1);
    }
    reset(&b->client);
    run(b, 2000);
    assert_true(b->over);
    assert_int_equal(send(b->server, "x", 1, MSG_NOSIGNAL), -1);
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_client_that_closed_leaves_no_relay_at_a_server_that_never_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_only_ended_its_side_keeps_the_relay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_end_passes_and_the_other_direction_goes_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reset_comes_after_what_was_sent_before_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reset_after_an_end_is_a_reset, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reset_of_the_client_reaches_the_server, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_slow_reader_holds_the_sender_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(much_arrives_as_it_is_and_its_last_bytes_are_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reset_behind_much_comes_after_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_receiver_of_much_that_goes_resets_the_sender, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
