/* The event loop: what is promised of watches, timers and signals, their own callbacks stopping them included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/loop.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct seen {
    loop *loop;
    loop_watch *watch;
    loop_timer *timer;
    int fd;
    int events;
    int times;
    int64_t at_us;
} seen;

static loop *new_loop(void)
{
    error e;
    loop *l = loop_new(&e);
    assert_non_null(l);
    return l;
}

static void run_until_idle(loop *l)
{
    while (loop_run_once(l))
        continue;
}

static void stop_watch(void *user, int events)
{
    seen *s = user;
    s->events = events;
    s->times++;
    loop_watch_stop(s->watch);
}

static void stop_timer(void *user)
{
    seen *s = user;
    s->at_us = loop_now_us(s->loop);
    s->times++;
    loop_timer_stop(s->timer);
}

static void a_loop_with_nothing_to_wait_for_says_so(void **state)
{
    (void)state;
    loop *l = new_loop();
    assert_false(loop_run_once(l));
    loop_free(l);
    loop_free(NULL);
}

static void a_readable_descriptor_calls_back_and_its_watch_stops_itself(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    seen s = {.loop = new_loop()};
    error e;
    s.watch = loop_watch_start(s.loop, fds[0], LOOP_READABLE, stop_watch, &s, &e);
    assert_non_null(s.watch);
    assert_int_equal(write(fds[1], "x", 1), 1);
    run_until_idle(s.loop);
    assert_int_equal(s.times, 1);
    assert_int_equal(s.events, LOOP_READABLE);
    loop_free(s.loop);
    close(fds[0]);
    close(fds[1]);
}

static void a_peer_that_shuts_down_is_a_disconnect(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    seen s = {.loop = new_loop()};
    error e;
    s.watch = loop_watch_start(s.loop, fds[0], LOOP_DISCONNECT, stop_watch, &s, &e);
    assert_non_null(s.watch);
    assert_int_equal(shutdown(fds[1], SHUT_WR), 0);
    run_until_idle(s.loop);
    assert_int_equal(s.events, LOOP_DISCONNECT);
    loop_free(s.loop);
    close(fds[0]);
    close(fds[1]);
}

static void a_second_watch_of_one_descriptor_is_refused_in_words(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    seen s = {.loop = new_loop()};
    error e = {0};
    s.watch = loop_watch_start(s.loop, fds[0], LOOP_READABLE, stop_watch, &s, &e);
    assert_non_null(s.watch);
    assert_null(loop_watch_start(s.loop, fds[0], LOOP_READABLE, stop_watch, &s, &e));
    assert_int_equal(e.code, ERROR_SYSTEM);
    loop_free(s.loop);
    close(fds[0]);
    close(fds[1]);
}

static void a_file_that_cannot_be_watched_is_refused_in_words(void **state)
{
    (void)state;
    seen s = {.loop = new_loop()};
    error e = {0};
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_null(loop_watch_start(s.loop, fd, LOOP_READABLE, stop_watch, &s, &e));
    assert_int_equal(e.code, ERROR_SYSTEM);
    assert_null(loop_watch_start(s.loop, -1, LOOP_READABLE, stop_watch, &s, &e));
    loop_free(s.loop);
    close(fd);
}

static void a_refused_connection_is_a_failed_descriptor(void **state)
{
    (void)state;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof sa;
    assert_int_equal(bind(listener, (struct sockaddr *)&sa, len), 0); /* bound, not listening: refuses */
    assert_int_equal(getsockname(listener, (struct sockaddr *)&sa, &len), 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&sa, len), -1);
    seen s = {.loop = new_loop()};
    error e;
    s.watch = loop_watch_start(s.loop, fd, LOOP_WRITABLE, stop_watch, &s, &e);
    assert_non_null(s.watch);
    run_until_idle(s.loop);
    assert_true(s.events < 0);
    loop_free(s.loop);
    close(fd);
    close(listener);
}

static void a_timer_never_comes_early(void **state)
{
    (void)state;
    seen s = {.loop = new_loop()};
    for (int i = 0; i < 20; i++) {
        int64_t at_us = loop_now_us(s.loop) + 1500 + 37 * i;
        s.timer = loop_timer_start(s.loop, at_us, stop_timer, &s);
        run_until_idle(s.loop);
        assert_true(s.at_us >= at_us);
        assert_true(s.at_us < at_us + 500000);
    }
    assert_int_equal(s.times, 20);
    loop_free(s.loop);
}

static void a_timer_in_the_past_comes_at_once(void **state)
{
    (void)state;
    seen s = {.loop = new_loop()};
    s.timer = loop_timer_start(s.loop, 0, stop_timer, &s);
    run_until_idle(s.loop);
    assert_int_equal(s.times, 1);
    loop_free(s.loop);
}

static void pause_watch(void *user, int events)
{
    seen *s = user;
    s->events = events;
    s->times++;
    loop_watch_change(s->watch, 0);
}

static void a_paused_watch_waits_until_it_is_changed(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    seen s = {.loop = new_loop()};
    error e;
    s.watch = loop_watch_start(s.loop, fds[0], LOOP_READABLE, pause_watch, &s, &e);
    assert_non_null(s.watch);
    run_until_idle(s.loop);
    assert_int_equal(s.times, 1);
    loop_watch_change(s.watch, LOOP_READABLE);
    run_until_idle(s.loop);
    assert_int_equal(s.times, 2);
    loop_free(s.loop); /* stops the watch that is left */
    close(fds[0]);
    close(fds[1]);
}

static void note_signal(void *user, int signal_number)
{
    seen *s = user;
    s->events = signal_number;
    s->times++;
}

static void a_signal_calls_back_outside_signal_context(void **state)
{
    (void)state;
    seen s = {.loop = new_loop()};
    error e;
    loop_signal *watch = loop_signal_start(s.loop, SIGUSR1, note_signal, &s, &e);
    assert_non_null(watch);
    assert_int_equal(raise(SIGUSR1), 0);
    assert_int_equal(s.times, 0);
    while (s.times == 0)
        assert_true(loop_run_once(s.loop));
    assert_int_equal(s.events, SIGUSR1);
    loop_signal_stop(watch);
    run_until_idle(s.loop);
    loop_free(s.loop);
}

static void a_signal_that_cannot_be_caught_is_refused_in_words(void **state)
{
    (void)state;
    seen s = {.loop = new_loop()};
    error e = {0};
    assert_null(loop_signal_start(s.loop, SIGKILL, note_signal, &s, &e));
    assert_int_equal(e.code, ERROR_SYSTEM);
    loop_free(s.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loop_with_nothing_to_wait_for_says_so),
        cmocka_unit_test(a_readable_descriptor_calls_back_and_its_watch_stops_itself),
        cmocka_unit_test(a_peer_that_shuts_down_is_a_disconnect),
        cmocka_unit_test(a_second_watch_of_one_descriptor_is_refused_in_words),
        cmocka_unit_test(a_file_that_cannot_be_watched_is_refused_in_words),
        cmocka_unit_test(a_refused_connection_is_a_failed_descriptor),
        cmocka_unit_test(a_timer_never_comes_early),
        cmocka_unit_test(a_timer_in_the_past_comes_at_once),
        cmocka_unit_test(a_paused_watch_waits_until_it_is_changed),
        cmocka_unit_test(a_signal_calls_back_outside_signal_context),
        cmocka_unit_test(a_signal_that_cannot_be_caught_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
