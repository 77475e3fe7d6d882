#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_server.h"

#include "crypto/key_share.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RANDOM_32                                                                                                                  \
    "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f" \
    "\x20"
#define VIEW(literal)                                                                                                              \
    {                                                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                                                            \
    }

/* ServerHello (TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256) and ServerHelloDone, in one record. */
const bytes_view TLS12_FLIGHT = VIEW("\x16\x03\x03\x00\x2e"
                                     "\x02\x00\x00\x26\x03\x03" RANDOM_32 "\x00\xc0\x2f\x00"
                                     "\x0e\x00\x00\x00");

/* ServerHello (TLS_AES_128_GCM_SHA256, x25519), ChangeCipherSpec, a protected record of 64 bytes. */
const bytes_view TLS13_FLIGHT = VIEW("\x16\x03\x03\x00\x5a"
                                     "\x02\x00\x00\x56\x03\x03" RANDOM_32 "\x00\x13\x01\x00\x00\x2e"
                                     "\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x24\x00\x1d\x00\x20" RANDOM_32 "\x14\x03\x03\x00\x01\x01"
                                     "\x17\x03\x03\x00\x40" RANDOM_32 RANDOM_32);

const bytes_view ALERT_HANDSHAKE_FAILURE = VIEW("\x15\x03\x03\x00\x02\x02\x28");

/* ---- the server --------------------------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sleep_ms(int ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

void set_reset_on_close(int fd)
{
    const struct linger hard = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

static int listen_at(struct sockaddr_in *at)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)at, sizeof *at) != 0 || listen(fd, 64) != 0)
        _exit(1);
    return fd;
}

static int num_alive;

static void reap(void)
{
    while (num_alive > 0 && waitpid(-1, NULL, WNOHANG) > 0)
        num_alive--;
}

/* Whether this connection is one too many. `accepted_ms` holds the last 16 times of acceptance. */
static bool is_refused(const test_limits *limits, int64_t accepted_ms[16], int *num_accepted)
{
    reap();
    for (int i = 0; i < 5 && limits->at_once > 0 && num_alive >= limits->at_once; i++) {
        sleep_ms(2); /* one that the client has just ended may not be gone yet */
        reap();
    }
    if (limits->at_once > 0 && num_alive >= limits->at_once)
        return true;
    int64_t now = now_ms();
    if (limits->per_window > 0 && *num_accepted >= limits->per_window &&
        now - accepted_ms[(*num_accepted - limits->per_window) % 16] < limits->window_ms)
        return true;
    accepted_ms[*num_accepted % 16] = now;
    (*num_accepted)++;
    return false;
}

static void play_in_child(int fd, int listener, part *play)
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(listener);
        int on = 1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        play(fd);
        _exit(0);
    }
    num_alive += pid > 0;
}

static void serve(int listener, struct sockaddr_in at, part *play, const test_limits *limits)
{
    int64_t accepted_ms[16] = {0};
    int num_accepted = 0;
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        if (is_refused(limits, accepted_ms, &num_accepted))
            set_reset_on_close(fd);
        else
            play_in_child(fd, listener, play);
        close(fd);
        if (limits->closes_listener_after > 0 && num_accepted == limits->closes_listener_after) {
            close(listener);
            sleep_ms(limits->closed_ms);
            listener = listen_at(&at);
            num_accepted = 1000;
        }
    }
}

test_server test_server_start(part *play, const test_limits *limits)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    const test_limits none = {0};
    int listener = listen_at(&at);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    test_server server = {.at = address_from_sockaddr((const struct sockaddr *)&at, len)};
    server.pid = fork();
    assert_true(server.pid >= 0);
    if (server.pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)signal(SIGPIPE, SIG_IGN);
        serve(listener, at, play, limits == NULL ? &none : limits);
    }
    close(listener);
    return server;
}

void test_server_stop(test_server *server)
{
    kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
}

/* ---- parts -------------------------------------------------------------------------------------------------------- */

void send_all(int fd, bytes_view bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes = bytes_slice(bytes, (size_t)sent, bytes.len);
    }
}

static bool receive_all(int fd, uint8_t *out, size_t len)
{
    return recv(fd, out, len, MSG_WAITALL) == (ssize_t)len;
}

bytes_view read_hello(arena *a, int fd)
{
    uint8_t *bytes = arena_alloc(a, 5 + 65535);
    if (!receive_all(fd, bytes, 5))
        return bytes_from(NULL, 0);
    size_t len = (size_t)bytes[3] << 8 | bytes[4];
    if (!receive_all(fd, bytes + 5, len))
        return bytes_from(NULL, 0);
    return bytes_from(bytes, 5 + len);
}

static bool await_hello(int fd)
{
    arena *a = arena_new();
    bool came = read_hello(a, fd).len > 0;
    arena_free(a);
    return came;
}

/* Until the client has closed, so that what was sent is not cut by a reset. */
static void await_end(int fd)
{
    uint8_t ignored[4096];
    while (recv(fd, ignored, sizeof ignored, 0) > 0)
        continue;
}

static void answer_hello(int fd, bytes_view bytes)
{
    if (!await_hello(fd))
        return;
    send_all(fd, bytes);
    await_end(fd);
}

void play_accept_tls12(int fd)
{
    answer_hello(fd, TLS12_FLIGHT);
}

void play_accept_tls13(int fd)
{
    answer_hello(fd, TLS13_FLIGHT);
}

void play_alert(int fd)
{
    answer_hello(fd, ALERT_HANDSHAKE_FAILURE);
}

void play_close(int fd)
{
    (void)await_hello(fd);
}

void play_reset(int fd)
{
    (void)await_hello(fd);
    set_reset_on_close(fd);
}

void play_silence(int fd)
{
    await_end(fd);
}

/* ---- asking ------------------------------------------------------------------------------------------------------- */

const client_hello *test_hello(arena *a)
{
    static uint16_t suites[] = {0x1301, 0xc02f}, versions[] = {0x0304, 0x0303}, groups[] = {29, 24}, schemes[] = {0x0804, 0x0401};
    client_hello *hello = ARENA_NEW(a, client_hello);
    *hello = (client_hello){.format = HELLO_FORMAT_TLS, .record_version = 0x0301, .legacy_version = 0x0303};
    hello->random = hello->session_id = bytes_from(RANDOM_32, 32);
    hello->compression_methods = bytes_from("", 1);
    hello->cipher_suites = (code_list){.codes = suites, .num_codes = 2};
    *hello = hello_with_versions(a, hello, (code_list){.codes = versions, .num_codes = 2});
    *hello = hello_with_groups(a, hello, (code_list){.codes = groups, .num_codes = 2});
    *hello = hello_with_signature_schemes(a, hello, (code_list){.codes = schemes, .num_codes = 2});
    key_share share = {.group = 29};
    assert_true(key_share_make(a, 29, &share.key_exchange));
    *hello = hello_with_key_shares(a, hello, &share, 1);
    return hello;
}

int wave_set_up(void **state)
{
    error e;
    wave *w = calloc(1, sizeof *w);
    assert_non_null(w);
    *w = (wave){.arena = arena_new(), .loop = loop_new(&e)};
    assert_non_null(w->loop);
    w->prober = prober_new(
        w->loop, &(probe_settings){.timeout_us = WAVE_TIMEOUT_US, .pause_us = TEST_PAUSE_US, .random_bytes = crypto_random_bytes});
    *state = w;
    return 0;
}

int wave_tear_down(void **state)
{
    wave *w = *state;
    prober_free(w->prober);
    loop_free(w->loop);
    arena_free(w->arena);
    free(w);
    return 0;
}

static void wave_is_done(void *user, const answer *answers, size_t num_answers)
{
    wave *w = user;
    w->answers = answers;
    w->num_answers = num_answers;
}

void wave_ask(wave *w, const question *questions, size_t num_questions)
{
    int64_t began_us = loop_now_us(w->loop);
    w->answers = NULL;
    prober_ask(w->prober, w->arena, questions, num_questions, wave_is_done, w);
    while (w->answers == NULL)
        assert_true(loop_run_once(w->loop) || w->answers != NULL);
    w->took_us = loop_now_us(w->loop) - began_us;
    assert_int_equal(w->num_answers, num_questions);
}

const answer *ask_one(wave *w, const test_server *server, const client_hello *hello)
{
    wave_ask(w, &(question){.to = server->at, .hello = hello}, 1);
    return w->answers;
}
