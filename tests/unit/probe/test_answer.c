/* What the answer of a probe amounts to, by its conversation alone. */
#include "probe/answer.h"
#include "situation.h"

static answer heard(talk *t)
{
    return answer_from_conversation(talk_heard(t));
}

static void say_server_hello(talk *t, uint16_t version)
{
    talk_client_hello(t);
    talk_server_hello(t, version, version == VERSION_TLS13 ? 0x1301 : 0x002f);
}

static void a_flight_up_to_tls12(void **state)
{
    talk *t = *state;
    say_server_hello(t, VERSION_TLS12);
    talk_message(t, SIDE_SERVER, HANDSHAKE_CERTIFICATE, certificate_body(t->arena, 1, 500));
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_HELLO_DONE, bytes_from(NULL, 0));
    assert_int_equal(heard(t).kind, ANSWER_ACCEPTED);
    talk_end(t, SIDE_SERVER, STREAM_RESET);
    assert_int_equal(heard(t).kind, ANSWER_ACCEPTED);
}

static void a_flight_without_a_certificate(void **state)
{
    talk *t = *state;
    say_server_hello(t, VERSION_TLS10);
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_HELLO_DONE, bytes_from(NULL, 0));
    assert_int_equal(heard(t).kind, ANSWER_ACCEPTED);
}

static void an_alert_after_the_flight_is_no_refusal(void **state)
{
    talk *t = *state;
    say_server_hello(t, VERSION_TLS12);
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_HELLO_DONE, bytes_from(NULL, 0));
    talk_alert(t, SIDE_SERVER, ALERT_FATAL, 10);
    assert_int_equal(heard(t).kind, ANSWER_ACCEPTED);
}

static void a_flight_of_tls13(void **state)
{
    talk *t = *state;
    say_server_hello(t, VERSION_TLS13);
    talk_change_cipher_spec(t, SIDE_SERVER);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 500);
    assert_int_equal(heard(t).kind, ANSWER_ACCEPTED);
}

static void an_alert_record_after_the_hello_of_tls13(void **state)
{
    talk *t = *state;
    say_server_hello(t, VERSION_TLS13);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 19);
    assert_int_equal(heard(t).kind, ANSWER_ENCRYPTED_ALERT);
}

static void the_end_after_the_hello_of_tls13(void **state)
{
    talk *t = *state;
    say_server_hello(t, VERSION_TLS13);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    assert_int_equal(heard(t).kind, ANSWER_ENCRYPTED_ALERT);
}

static void the_end_after_the_hello_of_tls12(void **state)
{
    talk *t = *state;
    say_server_hello(t, VERSION_TLS12);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    assert_int_equal(heard(t).kind, ANSWER_CLOSED);
}

static void a_fatal_alert(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_alert(t, SIDE_SERVER, ALERT_FATAL, 70);
    talk_end(t, SIDE_SERVER, STREAM_RESET);
    answer a = heard(t);
    assert_int_equal(a.kind, ANSWER_ALERT);
    assert_int_equal(a.alert.description, 70);
    assert_non_null(a.conversation);
}

static void a_fatal_alert_after_the_server_hello(void **state)
{
    talk *t = *state;
    say_server_hello(t, VERSION_TLS12);
    talk_alert(t, SIDE_SERVER, ALERT_FATAL, 80);
    assert_int_equal(heard(t).kind, ANSWER_ALERT);
}

static void a_warning_and_then_the_flight(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_alert(t, SIDE_SERVER, ALERT_WARNING, 112);
    talk_server_hello(t, VERSION_TLS12, 0x002f);
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_HELLO_DONE, bytes_from(NULL, 0));
    assert_int_equal(heard(t).kind, ANSWER_ACCEPTED);
}

static void a_warning_and_then_the_end(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_alert(t, SIDE_SERVER, ALERT_WARNING, 0);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    assert_int_equal(heard(t).kind, ANSWER_CLOSED);
}

static void the_ends_without_an_answer(void **state)
{
    talk *t = *state;
    static const struct {
        enum stream_end end;
        enum answer_kind kind;
    } rows[] = {{STREAM_FIN, ANSWER_CLOSED}, {STREAM_RESET, ANSWER_RESET}, {STREAM_TIMEOUT, ANSWER_SILENCE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        t->num_steps = 0;
        talk_client_hello(t);
        talk_end(t, SIDE_SERVER, rows[i].end);
        assert_int_equal(heard(t).kind, rows[i].kind);
    }
}

static void an_answer_that_is_cut(void **state)
{
    talk *t = *state;
    say_server_hello(t, VERSION_TLS12);
    t->steps[1].bytes = bytes_slice(t->steps[1].bytes, 0, 20);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    assert_int_equal(heard(t).kind, ANSWER_CLOSED);
}

static void an_answer_in_clear(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_text(t, SIDE_SERVER, "HTTP/1.1 400 Bad Request\r\n\r\n");
    assert_int_equal(heard(t).kind, ANSWER_PLAIN);
    talk_end(t, SIDE_SERVER, STREAM_RESET);
    assert_int_equal(heard(t).kind, ANSWER_PLAIN);
}

static void a_greeting_to_who_says_nothing(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_SERVER, "220 mail.example ESMTP\r\n");
    assert_int_equal(heard(t).kind, ANSWER_PLAIN);
    talk_end(t, SIDE_SERVER, STREAM_TIMEOUT);
    assert_int_equal(heard(t).kind, ANSWER_PLAIN);
}

static void garbage_behind_a_record(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_text(t, SIDE_SERVER, "\x16\x03\x01\xff\xff garbage");
    assert_int_equal(heard(t).kind, ANSWER_MALFORMED);
}

static void a_server_hello_that_is_none(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_HELLO, bytes_from("\x03\x03\x01", 3));
    assert_int_equal(heard(t).kind, ANSWER_MALFORMED);
}

static void a_retry_that_is_not_followed(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_retry_request(t);
    assert_int_equal(heard(t).kind, ANSWER_RETRY);
}

static void a_retry_that_is_followed(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_retry_request(t);
    talk_client_hello(t);
    talk_end(t, SIDE_SERVER, STREAM_RESET);
    assert_int_equal(heard(t).kind, ANSWER_RESET);
}

static void a_proxy_that_refuses(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_CLIENT, "CONNECT a:443 HTTP/1.1\r\n\r\n");
    talk_text(t, SIDE_SERVER, "HTTP/1.1 502 Bad Gateway\r\n\r\n");
    assert_int_equal(heard(t).kind, ANSWER_PREAMBLE_REFUSED);
}

static void a_proxy_that_stops_in_its_answer(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_CLIENT, "CONNECT a:443 HTTP/1.1\r\n\r\n");
    talk_text(t, SIDE_SERVER, "HTTP/1.1 200 OK\r\n");
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    assert_int_equal(heard(t).kind, ANSWER_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITUATION(a_flight_up_to_tls12),
        SITUATION(a_flight_without_a_certificate),
        SITUATION(an_alert_after_the_flight_is_no_refusal),
        SITUATION(a_flight_of_tls13),
        SITUATION(an_alert_record_after_the_hello_of_tls13),
        SITUATION(the_end_after_the_hello_of_tls13),
        SITUATION(the_end_after_the_hello_of_tls12),
        SITUATION(a_fatal_alert),
        SITUATION(a_fatal_alert_after_the_server_hello),
        SITUATION(a_warning_and_then_the_flight),
        SITUATION(a_warning_and_then_the_end),
        SITUATION(the_ends_without_an_answer),
        SITUATION(an_answer_that_is_cut),
        SITUATION(an_answer_in_clear),
        SITUATION(a_greeting_to_who_says_nothing),
        SITUATION(garbage_behind_a_record),
        SITUATION(a_server_hello_that_is_none),
        SITUATION(a_retry_that_is_not_followed),
        SITUATION(a_retry_that_is_followed),
        SITUATION(a_proxy_that_refuses),
        SITUATION(a_proxy_that_stops_in_its_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
