#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flights.h"
#include "run/outcome.h"
#include "wire/hello_edit.h"
#include <stdio.h>

static trace_connection connection_to(const char *text, uint16_t port, conversation *c)
{
    trace_connection t = {
        .pid = 7, .tcp_state = TRACE_CONNECTED, .began_us = 1000, .connected_us = 2000, .ended = true, .conversation = c};
    assert_true(address_from_text(text, port, &t.to));
    return t;
}

static enum outcome alone(const trace_connection *t, bool command_failed)
{
    const trace_connection *all[] = {t};
    return outcome_of(t, all, 1, command_failed);
}

static void a_finished_handshake_is_ok(void **state)
{
    (void)state;
    conversation c = {.has_hello = true, .client_spoke_tls = true, .phase = PHASE_ESTABLISHED};
    trace_connection t = connection_to("192.0.2.1", 443, &c);
    assert_int_equal(alone(&t, true), OUTCOME_OK);
}

static void a_hello_answered_with_an_end_failed(void **state)
{
    (void)state;
    conversation c = {
        .has_hello = true, .client_spoke_tls = true, .phase = PHASE_CLIENT_HELLO, .has_first_end = true, .first_end = SIDE_SERVER};
    trace_connection t = connection_to("192.0.2.1", 443, &c);
    assert_int_equal(alone(&t, true), OUTCOME_FAILED);
    assert_int_equal(alone(&t, false), OUTCOME_FAILED);
}

static void an_upgrade_that_was_refused_failed_where_the_command_did(void **state)
{
    (void)state;
    conversation c = {.preamble = {.protocol = PROTOCOL_SMTP, .asked = true, .refused = true}, .client_len = 20, .server_len = 20};
    trace_connection t = connection_to("192.0.2.1", 25, &c);
    assert_int_equal(alone(&t, true), OUTCOME_FAILED);
    assert_int_equal(alone(&t, false), OUTCOME_PLAIN); /* it went on without */
}

static void a_proxy_that_did_not_lead_on_failed_unless_it_did_the_next_time(void **state)
{
    (void)state;
    conversation c = {.preamble = {.protocol = PROTOCOL_HTTP_CONNECT, .asked = true}, .client_len = 20};
    conversation fine = {.has_hello = true, .client_spoke_tls = true, .phase = PHASE_ESTABLISHED};
    trace_connection t = connection_to("192.0.2.1", 3128, &c), next = connection_to("192.0.2.1", 3128, &fine);
    const trace_connection *both[] = {&t, &next};
    assert_int_equal(alone(&t, false), OUTCOME_FAILED);
    assert_int_equal(outcome_of(&t, both, 2, true), OUTCOME_ABANDONED);
}

static void data_answered_with_an_alert_s_size_and_an_end_failed_where_the_command_did(void **state)
{
    (void)state;
    conversation c = {.has_hello = true,
                      .client_spoke_tls = true,
                      .phase = PHASE_ESTABLISHED,
                      .established_data = {[SIDE_CLIENT] = true},
                      .has_encrypted_alert = {[SIDE_SERVER] = true},
                      .has_first_end = true,
                      .first_end = SIDE_SERVER};
    trace_connection t = connection_to("192.0.2.1", 443, &c);
    assert_int_equal(alone(&t, true), OUTCOME_FAILED);
    assert_int_equal(alone(&t, false), OUTCOME_OK);
    c.established_data[SIDE_SERVER] = true;
    assert_int_equal(alone(&t, true), OUTCOME_OK);
}

static void a_client_that_left_before_any_data_failed_also_while_the_server_is_still_there(void **state)
{
    (void)state;
    conversation c = {
        .has_hello = true, .client_spoke_tls = true, .phase = PHASE_ESTABLISHED, .has_first_end = true, .first_end = SIDE_CLIENT};
    trace_connection t = connection_to("192.0.2.1", 443, &c);
    t.ended = false;
    assert_int_equal(alone(&t, true), OUTCOME_FAILED);
    assert_int_equal(alone(&t, false), OUTCOME_OK);
}

/* A client that asks for something, and leaves a millisecond later. */
static conversation asked_and_left(void)
{
    return (conversation){.has_hello = true,
                          .client_spoke_tls = true,
                          .phase = PHASE_ESTABLISHED,
                          .established_data = {[SIDE_CLIENT] = true},
                          .has_first_end = true,
                          .first_end = SIDE_CLIENT,
                          .events = {{.at_us = 1000, .side = SIDE_CLIENT, .kind = EVENT_PROTECTED_RECORD},
                                     {.at_us = 2000, .side = SIDE_CLIENT, .kind = EVENT_STREAM_END}},
                          .num_events = 2};
}

static void a_client_that_asked_and_left_at_once_failed_where_the_command_did(void **state)
{
    (void)state;
    conversation c = asked_and_left();
    trace_connection t = connection_to("192.0.2.1", 443, &c);
    assert_int_equal(course_of(&t), COURSE_UNANSWERED);
    assert_int_equal(alone(&t, true), OUTCOME_FAILED);
    assert_int_equal(alone(&t, false), OUTCOME_OK);
    c.events[1].at_us = 1001000; /* it waited for an answer */
    assert_int_equal(alone(&t, true), OUTCOME_OK);
}

static void a_client_that_left_an_answer_unread_may_have_failed(void **state)
{
    (void)state;
    conversation c = asked_and_left();
    c.established_data[SIDE_SERVER] = c.server_data_in_time = c.server_answer_in_time = true;
    c.end[SIDE_CLIENT] = STREAM_RESET;
    trace_connection t = connection_to("192.0.2.1", 443, &c);
    assert_int_equal(course_of(&t), COURSE_UNHEARD);
    assert_int_equal(alone(&t, true), OUTCOME_FAILED);
    assert_int_equal(alone(&t, false), OUTCOME_OK);
    c.end[SIDE_CLIENT] = STREAM_FIN;
    assert_int_equal(course_of(&t), COURSE_FINE);
}

/* TLS 1.2 without a word of data from the server. */
static conversation ended_by_server(enum stream_end how)
{
    return (conversation){.has_hello = true,
                          .has_server_hello = true,
                          .server_hello = {.version = 0x0303},
                          .phase = PHASE_ESTABLISHED,
                          .established_data = {[SIDE_CLIENT] = true},
                          .end = {[SIDE_SERVER] = how},
                          .has_first_end = true,
                          .first_end = SIDE_SERVER};
}

static void an_end_of_the_server_after_the_handshake_is_told(void **state)
{
    (void)state;
    conversation reset = ended_by_server(STREAM_RESET), fin = ended_by_server(STREAM_FIN);
    assert_string_equal(server_end_after_handshake(&reset), "reset the connection");
    assert_string_equal(server_end_after_handshake(&fin), "ended the connection without an answer");
    fin.established_data[SIDE_SERVER] = true;
    assert_null(server_end_after_handshake(&fin));
    fin.server_hello.version = 0x0304; /* tickets */
    assert_non_null(server_end_after_handshake(&fin));
    fin.server_answer_in_time = true;
    assert_null(server_end_after_handshake(&fin));
    reset.first_end = SIDE_CLIENT;
    assert_null(server_end_after_handshake(&reset));
    reset.first_end = SIDE_SERVER;
    reset.phase = PHASE_CLIENT_HELLO;
    assert_null(server_end_after_handshake(&reset));
}

static void a_status_may_say_that_there_was_an_answer(void **state)
{
    (void)state;
    assert_true(status_tells_of_an_answer("/usr/bin/wget", 8));
    assert_true(status_tells_of_an_answer("curl", 22));
    assert_false(status_tells_of_an_answer("curl", 8));
    assert_false(status_tells_of_an_answer("wget", 4));
    assert_false(status_tells_of_an_answer("python3", 8));
}

static void data_in_clear_that_is_answered_is_plain(void **state)
{
    (void)state;
    conversation c = {.client_first_bytes = bytes_from_text("GET / HTTP/1.1\r\n\r\n"),
                      .server_first_bytes = bytes_from_text("HTTP/1.1 404 Not Found"),
                      .client_len = 18,
                      .server_len = 22};
    trace_connection t = connection_to("192.0.2.1", 80, &c);
    assert_int_equal(alone(&t, true), OUTCOME_PLAIN);
}

static void a_request_in_clear_answered_with_400_is_looked_into(void **state)
{
    (void)state;
    conversation c = {.client_first_bytes = bytes_from_text("GET / HTTP/1.1\r\n\r\n"),
                      .server_first_bytes = bytes_from_text("HTTP/1.1 400 Bad Request"),
                      .client_len = 18,
                      .server_len = 24};
    trace_connection t = connection_to("192.0.2.1", 443, &c);
    assert_int_equal(course_of(&t), COURSE_PLAIN_REFUSED);
}

/* Its preamble is still open when the client leaves: what was said in it is an answer all the same. */
static void a_dialog_in_clear_is_plain_unless_the_server_wants_tls_first(void **state)
{
    (void)state;
    static const struct {
        enum protocol protocol;
        const char *said;
        enum course course;
    } dialogs[] = {
        {PROTOCOL_NNTP, "200 hello\r\n480 Authentication required\r\n", COURSE_PLAIN},
        {PROTOCOL_IMAP, "* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\na1 NO wrong password\r\n* BYE\r\na2 OK\r\n", COURSE_PLAIN},
        {PROTOCOL_SMTP, "220 hi\r\n250-m\r\n250 STARTTLS\r\n550 no such user\r\n", COURSE_PLAIN},
        {PROTOCOL_IMAP, "* OK hi\r\na1 NO Login only available under a layer\r\n", COURSE_PLAIN_REFUSED},
        {PROTOCOL_POP3, "+OK hi\r\n-ERR [AUTH] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.\r\n",
         COURSE_PLAIN_REFUSED},
        {PROTOCOL_SMTP, "220 hi\r\n250 m\r\n530 5.7.0 Must issue a STARTTLS command first\r\n221 bye\r\n", COURSE_PLAIN_REFUSED},
        {PROTOCOL_FTP, "220 hi\r\n530 Non-anonymous sessions must use encryption.\r\n", COURSE_PLAIN_REFUSED},
    };
    for (size_t i = 0; i < sizeof dialogs / sizeof *dialogs; i++) {
        bytes_view said = bytes_from_text(dialogs[i].said);
        conversation c = {.client_first_bytes = bytes_from_text("a1 LOGIN u p\r\n"),
                          .client_len = 14,
                          .server_len = said.len,
                          .preamble = {.protocol = dialogs[i].protocol, .server_bytes = said}};
        trace_connection t = connection_to("192.0.2.1", 143, &c);
        t.ended = true;
        assert_int_equal(course_of(&t), dialogs[i].course);
    }
}

/* BindResponse or SearchResultDone, with that result. */
static enum course course_of_ldap(uint8_t operation, uint8_t result)
{
    const uint8_t said[] = {0x30, 0x0c, 2, 1, 1, operation, 7, 0x0a, 1, result, 4, 0, 4, 0};
    const char asked[] = "\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00";
    bytes_view server = bytes_from(said, sizeof said), client = bytes_from(asked, sizeof asked - 1);
    conversation c = {
        .client_first_bytes = client,
        .client_len = client.len,
        .server_first_bytes = server,
        .server_len = server.len,
        .preamble = {.protocol = PROTOCOL_LDAP, .client_bytes = client, .server_bytes = server},
    };
    trace_connection t = connection_to("192.0.2.1", 389, &c);
    enum course course = course_of(&t);
    assert_int_equal(alone(&t, false), OUTCOME_PLAIN); /* it may have asked for what needs no TLS */
    return course;
}

static void a_directory_that_says_no_is_plain_unless_it_wants_confidentiality(void **state)
{
    (void)state;
    assert_int_equal(course_of_ldap(0x61, 49), COURSE_PLAIN); /* invalidCredentials */
    assert_int_equal(course_of_ldap(0x65, 32), COURSE_PLAIN); /* noSuchObject */
    assert_int_equal(course_of_ldap(0x61, 8), COURSE_PLAIN);  /* strongerAuthRequired, without a word of TLS */
    assert_int_equal(course_of_ldap(0x61, 13), COURSE_PLAIN_REFUSED);
    assert_int_equal(course_of_ldap(0x65, 13), COURSE_PLAIN_REFUSED);
}

static void a_client_that_read_a_greeting_and_left_is_plain(void **state)
{
    (void)state;
    bytes_view said = bytes_from_text("220 mail.example ESMTP\r\n");
    conversation c = {.server_first_bytes = said,
                      .server_len = said.len,
                      .preamble = {.protocol = PROTOCOL_SMTP, .server_bytes = said},
                      .has_first_end = true,
                      .first_end = SIDE_CLIENT};
    trace_connection t = connection_to("192.0.2.1", 25, &c);
    assert_int_equal(course_of(&t), COURSE_PLAIN);
}

static void a_refused_address_is_superseded_by_one_that_connected(void **state)
{
    (void)state;
    conversation c = {.has_hello = true, .client_spoke_tls = true, .phase = PHASE_ESTABLISHED};
    trace_connection refused = connection_to("::1", 443, NULL), worked = connection_to("127.0.0.1", 443, &c);
    refused.tcp_state = TRACE_CONNECT_FAILED;
    const trace_connection *all[] = {&refused, &worked};
    assert_int_equal(outcome_of(&refused, all, 2, true), OUTCOME_SUPERSEDED);
    assert_int_equal(alone(&refused, true), OUTCOME_FAILED);
    assert_int_equal(alone(&refused, false), OUTCOME_ABANDONED);
}

static void a_connection_that_said_nothing_is_abandoned_where_another_served(void **state)
{
    (void)state;
    conversation fine = {.has_hello = true, .client_spoke_tls = true, .phase = PHASE_ESTABLISHED};
    conversation nothing = {.has_first_end = true, .first_end = SIDE_CLIENT};
    trace_connection idle = connection_to("192.0.2.1", 443, &nothing), worked = connection_to("192.0.2.2", 443, &fine);
    const trace_connection *all[] = {&idle, &worked};
    assert_int_equal(outcome_of(&idle, all, 2, true), OUTCOME_ABANDONED);
    assert_int_equal(alone(&idle, true), OUTCOME_FAILED);
    assert_int_equal(alone(&idle, false), OUTCOME_PLAIN);
}

static void one_that_left_in_silence_is_abandoned_where_it_sent_a_hello_elsewhere(void **state)
{
    (void)state;
    conversation refused = {.has_hello = true, .client_spoke_tls = true, .phase = PHASE_CLIENT_HELLO, .has_first_end = true};
    conversation nothing = {.has_first_end = true, .first_end = SIDE_CLIENT};
    trace_connection idle = connection_to("192.0.2.1", 443, &nothing), failed = connection_to("192.0.2.1", 443, &refused);
    const trace_connection *all[] = {&idle, &failed};
    assert_int_equal(outcome_of(&idle, all, 2, true), OUTCOME_ABANDONED);
    assert_int_equal(outcome_of(&failed, all, 2, true), OUTCOME_FAILED);
    conversation in_clear = {.client_len = 20};
    trace_connection spoke = connection_to("192.0.2.2", 443, &in_clear);
    const trace_connection *raced[] = {&idle, &spoke};
    assert_int_equal(outcome_of(&idle, raced, 2, true), OUTCOME_ABANDONED);
    failed.pid++;
    assert_int_equal(outcome_of(&idle, all, 2, true), OUTCOME_FAILED);
}

static void an_alert_after_the_clients_end_is_no_greeting(void **state)
{
    (void)state;
    conversation c = {.has_first_end = true, .first_end = SIDE_CLIENT, .server_spoke_tls = true, .server_len = 7};
    trace_connection t = connection_to("192.0.2.1", 443, &c);
    assert_int_equal(course_of(&t), COURSE_NOTHING_SAID);
}

static void a_retry_with_other_randoms_is_the_same_offer(void **state)
{
    (void)state;
    arena *a = arena_new();
    client_hello one = hello_load(a, "curl-debian-bookworm");
    client_hello again =
        hello_with_random(a, &one, bytes_copy(a, bytes_from("01234567890123456789012345678901", 32)), bytes_from(NULL, 0));
    client_hello lower = hello_with_versions(a, &one, codes_one(a, 0x0303)), other = hello_load(a, "java-17");
    assert_true(hellos_alike(a, &one, &again));
    assert_false(hellos_alike(a, &one, &lower));
    assert_false(hellos_alike(a, &one, &other));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finished_handshake_is_ok),
        cmocka_unit_test(a_hello_answered_with_an_end_failed),
        cmocka_unit_test(an_upgrade_that_was_refused_failed_where_the_command_did),
        cmocka_unit_test(a_proxy_that_did_not_lead_on_failed_unless_it_did_the_next_time),
        cmocka_unit_test(data_answered_with_an_alert_s_size_and_an_end_failed_where_the_command_did),
        cmocka_unit_test(a_client_that_left_before_any_data_failed_also_while_the_server_is_still_there),
        cmocka_unit_test(a_client_that_asked_and_left_at_once_failed_where_the_command_did),
        cmocka_unit_test(a_client_that_left_an_answer_unread_may_have_failed),
        cmocka_unit_test(an_end_of_the_server_after_the_handshake_is_told),
        cmocka_unit_test(a_status_may_say_that_there_was_an_answer),
        cmocka_unit_test(data_in_clear_that_is_answered_is_plain),
        cmocka_unit_test(a_request_in_clear_answered_with_400_is_looked_into),
        cmocka_unit_test(a_dialog_in_clear_is_plain_unless_the_server_wants_tls_first),
        cmocka_unit_test(a_directory_that_says_no_is_plain_unless_it_wants_confidentiality),
        cmocka_unit_test(a_client_that_read_a_greeting_and_left_is_plain),
        cmocka_unit_test(a_refused_address_is_superseded_by_one_that_connected),
        cmocka_unit_test(a_connection_that_said_nothing_is_abandoned_where_another_served),
        cmocka_unit_test(one_that_left_in_silence_is_abandoned_where_it_sent_a_hello_elsewhere),
        cmocka_unit_test(an_alert_after_the_clients_end_is_no_greeting),
        cmocka_unit_test(a_retry_with_other_randoms_is_the_same_offer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
