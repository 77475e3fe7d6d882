/* Names to addresses. The resolver is this file's own: what it answers, and how late, is each test's to say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/lookup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Set before a look-up begins and read in its thread. */
static struct {
    int status;
    int delay_ms;
    uint32_t addresses[3];
    size_t num_addresses;
} resolver;

/* Takes the C library's place in this program: the linker finds this one first. */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    const struct timespec delay = {.tv_nsec = (long)resolver.delay_ms * 1000000};
    (void)host;
    nanosleep(&delay, NULL);
    *found = NULL;
    for (size_t i = resolver.num_addresses; i > 0 && resolver.status == 0; i--) {
        struct addrinfo *next = calloc(1, sizeof *next);
        struct sockaddr_in *in = calloc(1, sizeof *in);
        *in = (struct sockaddr_in){
            .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(service)), .sin_addr = {htonl(resolver.addresses[i - 1])}};
        *next = (struct addrinfo){
            .ai_socktype = hints->ai_socktype, .ai_addr = (struct sockaddr *)in, .ai_addrlen = sizeof *in, .ai_next = *found};
        *found = next;
    }
    errno = EMFILE;
    return resolver.status;
}

void freeaddrinfo(struct addrinfo *found)
{
    while (found != NULL) {
        struct addrinfo *next = found->ai_next;
        free(found->ai_addr);
        free(found);
        found = next;
    }
}

typedef struct outcome {
    arena *arena;
    enum lookup_result result;
    address *addresses;
    size_t num_addresses;
    const char *text;
} outcome;

static outcome look_up(int timeout_ms)
{
    outcome o = {.arena = arena_new()};
    o.result = address_lookup(o.arena, "api.example.com", 8443, timeout_ms, &o.addresses, &o.num_addresses, &o.text);
    return o;
}

static void a_name_with_addresses_is_found_in_the_resolver_s_order(void **state)
{
    (void)state;
    resolver.status = 0;
    resolver.num_addresses = 3;
    resolver.addresses[0] = 0xc0000208;
    resolver.addresses[1] = 0xc0000207;
    resolver.addresses[2] = 0xc0000208; /* given twice, kept once */
    outcome o = look_up(1000);
    assert_int_equal(o.result, LOOKUP_FOUND);
    assert_int_equal(o.num_addresses, 2);
    assert_string_equal(address_to_text(o.arena, &o.addresses[0]), "192.0.2.8");
    assert_string_equal(address_to_text(o.arena, &o.addresses[1]), "192.0.2.7");
    assert_int_equal(address_port(&o.addresses[0]), 8443);
    assert_string_equal(o.text, "the resolver found 2 addresses");
    arena_free(o.arena);
}

static void each_failure_has_its_words(void **state)
{
    (void)state;
    static const struct {
        int status;
        enum lookup_result result;
        const char *words;
    } expected[] = {{EAI_NONAME, LOOKUP_NO_SUCH_NAME, "no such name"}, {EAI_NODATA, LOOKUP_NO_SUCH_NAME, "has no address"},
                    {EAI_AGAIN, LOOKUP_NO_ANSWER, "did not answer"},   {EAI_FAIL, LOOKUP_NO_ANSWER, "refused"},
                    {EAI_SYSTEM, LOOKUP_NO_ANSWER, "Too many open"},   {-4711, LOOKUP_NO_ANSWER, "the resolver failed"}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        resolver.status = expected[i].status;
        outcome o = look_up(1000);
        assert_int_equal(o.result, expected[i].result);
        assert_int_equal(o.num_addresses, 0);
        assert_non_null(strstr(o.text, expected[i].words));
        arena_free(o.arena);
    }
    resolver.status = 0;
}

static void an_answer_without_addresses_is_no_such_name(void **state)
{
    (void)state;
    resolver.num_addresses = 0;
    outcome o = look_up(1000);
    assert_int_equal(o.result, LOOKUP_NO_SUCH_NAME);
    arena_free(o.arena);
}

static void a_resolver_that_hangs_is_left_behind_at_the_deadline(void **state)
{
    (void)state;
    struct timespec before, after;
    resolver.delay_ms = 300;
    clock_gettime(CLOCK_MONOTONIC, &before);
    outcome o = look_up(40);
    clock_gettime(CLOCK_MONOTONIC, &after);
    int64_t took_ms = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    assert_int_equal(o.result, LOOKUP_NO_ANSWER);
    assert_string_equal(o.text, "the resolver did not answer within 40 ms");
    assert_in_range(took_ms, 40, 290);
    arena_free(o.arena);
    nanosleep(&(struct timespec){.tv_nsec = 350000000}, NULL); /* lets the thread end: it must free what it was left */
    resolver.delay_ms = 0;
}

typedef struct later {
    outcome outcome;
    size_t times;
} later;

static void name_was_looked_up(void *user, enum lookup_result result, const address *addresses, size_t num_addresses,
                               const char *said)
{
    later *l = user;
    (void)addresses;
    l->outcome.result = result;
    l->outcome.num_addresses = num_addresses;
    l->outcome.text = said;
    l->times++;
}

static void the_loop_goes_on_while_a_name_is_looked_up(void **state)
{
    (void)state;
    error e;
    loop *runs = loop_new(&e);
    later got = {.outcome.arena = arena_new()};
    resolver.status = 0;
    resolver.num_addresses = 1;
    resolver.delay_ms = 30;
    name_lookup *asked = name_lookup_start(got.outcome.arena, runs, "api.example.com", 80, name_was_looked_up, &got);
    assert_non_null(asked);
    assert_int_equal(got.times, 0);
    while (got.times == 0 && loop_run_once(runs)) {
    }
    assert_int_equal(got.outcome.result, LOOKUP_FOUND);
    assert_int_equal(got.outcome.num_addresses, 1);
    name_lookup_cancel(asked); /* it is over: nothing happens */
    loop_free(runs);
    arena_free(got.outcome.arena);
    resolver.delay_ms = 0;
}

static void a_look_up_that_was_cancelled_says_nothing(void **state)
{
    (void)state;
    error e;
    loop *runs = loop_new(&e);
    later got = {.outcome.arena = arena_new()};
    resolver.delay_ms = 50;
    name_lookup *asked = name_lookup_start(got.outcome.arena, runs, "api.example.com", 80, name_was_looked_up, &got);
    name_lookup_cancel(asked);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    while (loop_run_once(runs)) {
    }
    assert_int_equal(got.times, 0);
    loop_free(runs);
    arena_free(got.outcome.arena);
    resolver.delay_ms = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_with_addresses_is_found_in_the_resolver_s_order),
        cmocka_unit_test(each_failure_has_its_words),
        cmocka_unit_test(an_answer_without_addresses_is_no_such_name),
        cmocka_unit_test(a_resolver_that_hangs_is_left_behind_at_the_deadline),
        cmocka_unit_test(the_loop_goes_on_while_a_name_is_looked_up),
        cmocka_unit_test(a_look_up_that_was_cancelled_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
