/* When an end without close_notify is what a command failed for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causes/after_hello.h"
#include "causes/cause.h"
#include "client/trust_store.h"

/* TLS 1.2; both sides have sent data, and the server's end is a bare FIN. */
static conversation cut_on(uint16_t port)
{
    return (conversation){.port = port,
                          .has_hello = true,
                          .has_server_hello = true,
                          .server_hello = {.version = 0x0303},
                          .phase = PHASE_ESTABLISHED,
                          .established_data = {true, true},
                          .end = {STREAM_FIN, STREAM_FIN},
                          .has_first_end = true,
                          .first_end = SIDE_SERVER};
}

static bool is_named(const conversation *c)
{
    arena *a = arena_new();
    const trust_store store = {.insists_on_notify = "OpenSSL 3.0"};
    const evidence e = {.failed = c, .trust = &store, .command_failed = true};
    const facts f = {.arena = a, .evidence = &e};
    verdict v = {0};
    bool named = cause_closed_without_notify.observe(&f, &v);
    arena_free(a);
    return named;
}

static void an_answer_that_may_have_been_cut_is(void **state)
{
    (void)state;
    conversation c = cut_on(8443);
    assert_true(is_named(&c));
}

static void behind_a_proxy_it_still_is(void **state)
{
    (void)state;
    conversation c = cut_on(3128);
    c.preamble = (preamble){.protocol = PROTOCOL_HTTP_CONNECT, .complete = true};
    assert_true(is_named(&c));
}

static void a_database_that_answered_with_an_error_cut_nothing(void **state)
{
    (void)state;
    static const enum protocol protocols[] = {PROTOCOL_MYSQL, PROTOCOL_POSTGRESQL, PROTOCOL_LDAP, PROTOCOL_SMTP, PROTOCOL_IMAP};
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        conversation c = cut_on(8443);
        c.preamble = (preamble){.protocol = protocols[i], .complete = true};
        assert_false(is_named(&c));
    }
}

static void nor_did_one_on_the_port_of_a_protocol_that_tells_its_lengths(void **state)
{
    (void)state;
    conversation directory = cut_on(636), queue = cut_on(8883);
    assert_false(is_named(&directory));
    assert_false(is_named(&queue));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_that_may_have_been_cut_is),
        cmocka_unit_test(behind_a_proxy_it_still_is),
        cmocka_unit_test(a_database_that_answered_with_an_error_cut_nothing),
        cmocka_unit_test(nor_did_one_on_the_port_of_a_protocol_that_tells_its_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
