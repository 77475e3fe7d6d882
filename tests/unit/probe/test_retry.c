/* HelloRetryRequest: followed once with a real key share, and not followed where that would be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_server.h"

#include <stdlib.h>

/* RFC 8446, 4.1.3: the random that makes a ServerHello a retry request. */
#define RETRY_RANDOM                                                                                                               \
    "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33" \
    "\x9c"
#define VIEW(literal)                                                                                                              \
    {                                                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                                                            \
    }
#define RETRY_FOR(group)                                                                                                           \
    VIEW("\x16\x03\x03\x00\x38\x02\x00\x00\x34\x03\x03" RETRY_RANDOM                                                               \
         "\x00\x13\x01\x00\x00\x0c\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x02" group)

static const bytes_view RETRY_P384 = RETRY_FOR("\x00\x18");
static const bytes_view RETRY_X25519 = RETRY_FOR("\x00\x1d");
static const bytes_view RETRY_P521 = RETRY_FOR("\x00\x19");
static const bytes_view RETRY_HYBRID = RETRY_FOR("\x63\x99");
/* A cookie "abc" and no group. */
static const bytes_view RETRY_COOKIE = VIEW("\x16\x03\x03\x00\x3b\x02\x00\x00\x37\x03\x03" RETRY_RANDOM
                                            "\x00\x13\x01\x00\x00\x0f\x00\x2b\x00\x02\x03\x04\x00\x2c\x00\x05\x00\x03"
                                            "abc");
static const bytes_view RETRY_NOTHING =
    VIEW("\x16\x03\x03\x00\x32\x02\x00\x00\x2e\x03\x03" RETRY_RANDOM "\x00\x13\x01\x00\x00\x06\x00\x2b\x00\x02\x03\x04");

static const answer *ask(wave *w, part *play, const client_hello *hello)
{
    test_server server = test_server_start(play, NULL);
    const answer *a = ask_one(w, &server, hello);
    test_server_stop(&server);
    return a;
}

/* Asks for a retry, and accepts a second hello that has one key share of that group and length, else sends an alert. */
static void play_retry(int fd, bytes_view request, uint16_t group, size_t len, bytes_view cookie)
{
    arena *a = arena_new();
    client_hello second = {0};
    key_share *shares = NULL;
    (void)read_hello(a, fd);
    send_all(fd, request);
    bool is_right = client_hello_parse(a, read_hello(a, fd), &second) == PARSE_DONE && hello_key_shares(a, &second, &shares) == 1 &&
                    shares[0].group == group && shares[0].key_exchange.len == len;
    const extension *echoed = is_right ? client_hello_extension(&second, 44) : NULL;
    if (cookie.len > 0)
        is_right = echoed != NULL && bytes_equal(bytes_slice(echoed->body, 2, echoed->body.len), cookie);
    send_all(fd, is_right ? TLS13_FLIGHT : ALERT_HANDSHAKE_FAILURE);
    play_silence(fd);
    arena_free(a);
}

static void play_wants_p384(int fd)
{
    play_retry(fd, RETRY_P384, 24, 97, bytes_from(NULL, 0));
}

static void a_retry_request_is_followed_with_a_share_of_its_group(void **state)
{
    wave *w = *state;
    const answer *a = ask(w, play_wants_p384, test_hello(w->arena));
    assert_int_equal(a->kind, ANSWER_ACCEPTED);
    assert_true(a->conversation->has_retry_request);
    assert_int_equal(a->conversation->retry_request.group, 24);
    assert_true(a->conversation->has_second_hello);
    assert_int_equal(a->conversation->server_hello.version, 0x0304);
    assert_true(w->took_us < WAVE_TIMEOUT_US);
}

static void play_wants_cookie(int fd)
{
    play_retry(fd, RETRY_COOKIE, 29, 32, bytes_from_text("abc"));
}

static void a_retry_request_for_a_cookie_alone_keeps_the_share(void **state)
{
    wave *w = *state;
    assert_int_equal(ask(w, play_wants_cookie, test_hello(w->arena))->kind, ANSWER_ACCEPTED);
}

static void play_wants_x25519(int fd)
{
    play_retry(fd, RETRY_X25519, 29, 32, bytes_from(NULL, 0));
}

static void a_request_for_a_share_that_was_sent_is_not_followed(void **state)
{
    wave *w = *state;
    const answer *a = ask(w, play_wants_x25519, test_hello(w->arena));
    assert_int_equal(a->kind, ANSWER_MALFORMED);
    assert_non_null(a->problem);
    assert_false(a->conversation->has_second_hello);
}

static void play_wants_p521(int fd)
{
    play_retry(fd, RETRY_P521, 25, 133, bytes_from(NULL, 0));
}

static void a_request_for_a_group_that_was_not_offered_is_not_followed(void **state)
{
    wave *w = *state;
    assert_int_equal(ask(w, play_wants_p521, test_hello(w->arena))->kind, ANSWER_MALFORMED);
}

static void play_wants_nothing(int fd)
{
    play_retry(fd, RETRY_NOTHING, 0, 0, bytes_from(NULL, 0));
}

static void a_request_that_changes_nothing_is_not_followed(void **state)
{
    wave *w = *state;
    assert_int_equal(ask(w, play_wants_nothing, test_hello(w->arena))->kind, ANSWER_MALFORMED);
}

static void play_wants_hybrid(int fd)
{
    play_retry(fd, RETRY_HYBRID, 0x6399, 1216, bytes_from(NULL, 0));
}

static void a_group_whose_keys_cannot_be_made_is_a_retry(void **state)
{
    wave *w = *state;
    uint16_t groups[] = {29, 0x6399};
    client_hello hello = hello_with_groups(w->arena, test_hello(w->arena), (code_list){.codes = groups, .num_codes = 2});
    const answer *a = ask(w, play_wants_hybrid, &hello);
    assert_int_equal(a->kind, ANSWER_RETRY);
    assert_int_equal(a->conversation->retry_request.group, 0x6399);
}

static void play_asks_twice(int fd)
{
    arena *a = arena_new();
    (void)read_hello(a, fd);
    send_all(fd, RETRY_P384);
    (void)read_hello(a, fd);
    send_all(fd, RETRY_P384);
    play_silence(fd);
    arena_free(a);
}

static void a_second_retry_request_is_not_followed(void **state)
{
    wave *w = *state;
    assert_int_equal(ask(w, play_asks_twice, test_hello(w->arena))->kind, ANSWER_MALFORMED);
    assert_true(w->took_us < WAVE_TIMEOUT_US);
}

static void play_alert_after_retry(int fd)
{
    play_retry(fd, RETRY_P384, 23, 65, bytes_from(NULL, 0));
}

static void an_alert_to_the_second_hello_is_an_alert(void **state)
{
    wave *w = *state;
    const answer *a = ask(w, play_alert_after_retry, test_hello(w->arena));
    assert_int_equal(a->kind, ANSWER_ALERT);
    assert_true(a->conversation->has_retry_request);
}

static void play_silence_after_retry(int fd)
{
    arena *a = arena_new();
    (void)read_hello(a, fd);
    send_all(fd, RETRY_P384);
    play_silence(fd);
    arena_free(a);
}

static void silence_after_a_retry_ends_at_the_deadline(void **state)
{
    wave *w = *state;
    assert_int_equal(ask(w, play_silence_after_retry, test_hello(w->arena))->kind, ANSWER_SILENCE);
    assert_in_range(w->took_us, WAVE_TIMEOUT_US, 2 * WAVE_TIMEOUT_US);
}

#define TEST(name) WITH_WAVE(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_retry_request_is_followed_with_a_share_of_its_group),
        TEST(a_retry_request_for_a_cookie_alone_keeps_the_share),
        TEST(a_request_for_a_share_that_was_sent_is_not_followed),
        TEST(a_request_for_a_group_that_was_not_offered_is_not_followed),
        TEST(a_request_that_changes_nothing_is_not_followed),
        TEST(a_group_whose_keys_cannot_be_made_is_a_retry),
        TEST(a_second_retry_request_is_not_followed),
        TEST(an_alert_to_the_second_hello_is_an_alert),
        TEST(silence_after_a_retry_ends_at_the_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
