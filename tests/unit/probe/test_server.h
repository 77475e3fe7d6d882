/*
 * Servers on loopback that play a fixed part, each in a process of its own, and questions to put to them.
 * Ownership: a server runs until test_server_stop; it dies with the test.
 */
#ifndef TLSWHY_TESTS_TEST_SERVER_H
#define TLSWHY_TESTS_TEST_SERVER_H

#include "probe/probe.h"
#include "wire/hello_edit.h"

#include <sys/types.h>

/* Plays one connection in a process of its own; `fd` is closed after it returns. */
typedef void part(int fd);

typedef struct test_server {
    pid_t pid;
    address at;
} test_server;

/* What the server refuses, by resetting what it has accepted. 0: no limit. */
typedef struct test_limits {
    int per_window; /* connections in any window_ms; refused ones do not count */
    int window_ms;
    int at_once;
    int closes_listener_after; /* as many connections; then the port refuses for closed_ms */
    int closed_ms;
} test_limits;

test_server test_server_start(part *play, const test_limits *limits);
void test_server_stop(test_server *server);

/* ---- parts and what they are made of ------------------------------------------------------------------------------ */

void send_all(int fd, bytes_view bytes);
void sleep_ms(int ms);
void set_reset_on_close(int fd);
/* Reads one record (a hello) whole; empty where the client ended before. */
bytes_view read_hello(arena *a, int fd);

void play_accept_tls12(int fd); /* reads a hello, sends ServerHello to ServerHelloDone */
void play_accept_tls13(int fd); /* ServerHello, then protected records */
void play_alert(int fd);        /* handshake_failure */
void play_close(int fd);        /* reads the hello, FIN */
void play_reset(int fd);        /* reads the hello, RST */
void play_silence(int fd);      /* until the client goes */

extern const bytes_view TLS12_FLIGHT, TLS13_FLIGHT, ALERT_HANDSHAKE_FAILURE;

/* ---- asking -------------------------------------------------------------------------------------------------------- */

/* A hello of TLS 1.2 and 1.3 with a key share of x25519, offering P-384 too. */
const client_hello *test_hello(arena *a);

typedef struct wave {
    arena *arena;
    loop *loop;
    prober *prober;
    const answer *answers;
    size_t num_answers; /* 0 until done */
    int64_t took_us;
} wave;

#define TEST_PAUSE_US ((int64_t)20000) /* a twelfth of the prober's default: servers in tests are as much less patient */

#define WAVE_TIMEOUT_US ((int64_t)1500000)

/* A wave as a test's state. */
int wave_set_up(void **state);
int wave_tear_down(void **state);
#define WITH_WAVE(test) cmocka_unit_test_setup_teardown(test, wave_set_up, wave_tear_down)

/* Asks and runs the loop until the answers are in. */
void wave_ask(wave *w, const question *questions, size_t num_questions);
/* One hello to one server. */
const answer *ask_one(wave *w, const test_server *server, const client_hello *hello);

#endif
