/* What is no TLS, how streams end, and when there is nothing more to learn. */
#include "situation.h"

static void nobody_says_anything(void **state)
{
    talk *t = *state;
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_NOTHING);
    assert_false(c->plain[SIDE_CLIENT] || c->plain[SIDE_SERVER] || c->client_spoke_tls || c->server_spoke_tls);
    assert_int_equal(c->first_end, SIDE_CLIENT);
    assert_int_equal(c->num_events, 3);
}

static void a_client_speaks_http(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_CLIENT, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n");
    talk_text(t, SIDE_SERVER, "HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port");
    const conversation *c = talk_heard(t);
    assert_false(c->client_spoke_tls);
    assert_true(c->plain[SIDE_CLIENT] && c->plain[SIDE_SERVER]);
    assert_true(bytes_start_with(c->client_first_bytes, "GET / HTTP/1.1\r\n"));
    assert_true(bytes_start_with(c->server_first_bytes, "HTTP/1.1 400 "));
    assert_int_equal(c->preamble.protocol, PROTOCOL_UNKNOWN);
}

static void a_plain_client_gets_an_alert(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_CLIENT, "GET / HTTP/1.1\r\n\r\n");
    talk_alert(t, SIDE_SERVER, ALERT_FATAL, 70);
    const conversation *c = talk_heard(t);
    assert_true(c->server_spoke_tls && c->plain[SIDE_CLIENT]);
    assert_int_equal(c->alerts[SIDE_SERVER].description, 70);
}

static void a_server_speaks_http_to_a_hello(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_text(t, SIDE_SERVER, "HTTP/1.1 400 Bad Request\r\n\r\n");
    const conversation *c = talk_heard(t);
    assert_true(c->client_spoke_tls && c->plain[SIDE_SERVER]);
    assert_false(c->server_spoke_tls);
    assert_true(bytes_start_with(c->server_first_bytes, "HTTP/1.1 400"));
}

static void a_greeting_is_answered_with_a_hello(void **state)
{
    talk *t = *state;
    t->port = 25;
    talk_text(t, SIDE_SERVER, "220 mail.example ESMTP\r\n");
    talk_client_hello(t);
    const conversation *c = talk_heard(t);
    assert_true(c->client_spoke_tls && c->has_hello && c->plain[SIDE_SERVER]);
    assert_int_equal(c->phase, PHASE_CLIENT_HELLO);
    assert_int_equal(protocol_of_greeting(c->server_first_bytes, 25), PROTOCOL_SMTP);
    assert_false(c->preamble.complete);
}

static void an_ssh_server_speaks_first(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_SERVER, "SSH-2.0-OpenSSH_9.2\r\n");
    talk_client_hello(t);
    const conversation *c = talk_heard(t);
    assert_true(c->plain[SIDE_SERVER] && c->has_hello);
}

static void first_bytes_are_bounded(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_say(t, SIDE_SERVER, joined(t->arena, bytes_from_text("HTTP/1.1 200 OK"), zeros(t->arena, 5000)));
    const conversation *c = talk_heard(t);
    assert_int_equal(c->server_first_bytes.len, 1024);
    assert_int_equal(c->server_len, 5015);
}

static void a_hello_is_cut_by_the_end(void **state)
{
    talk *t = *state;
    bytes_view flight = client_hello_flight(t->arena, false);
    talk_say(t, SIDE_CLIENT, bytes_slice(flight, 0, 60));
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_NOTHING);
    assert_true(c->client_spoke_tls && c->has_hello);
    assert_true(bytes_equal(c->hello.verbatim, bytes_slice(flight, 0, 60)));
    assert_true(conversation_has_finding(c, "ends in the middle of a record"));
}

static void a_server_hello_is_cut_by_a_reset(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS12, 0x002f);
    t->steps[1].bytes = bytes_slice(t->steps[1].bytes, 0, 30);
    talk_end(t, SIDE_SERVER, STREAM_RESET);
    const conversation *c = talk_heard(t);
    assert_true(c->server_spoke_tls && !c->has_server_hello);
    assert_int_equal(c->end[SIDE_SERVER], STREAM_RESET);
    assert_false(c->malformed[SIDE_SERVER]);
    assert_true(c->was_cut[SIDE_SERVER]);
    assert_true(conversation_has_finding(c, "the server's stream ends in the middle of a record: after 30 of "));
}

static void a_server_hello_is_longer_than_all_that_is_said(void **state)
{
    static const uint8_t longer[] = {22, 3, 3, 0, 6, 2, 0, 0, 38, 3, 3};
    for (enum stream_end end = STREAM_FIN; end <= STREAM_TIMEOUT; end++) {
        talk *t = *state;
        t->num_steps = 0;
        talk_client_hello(t);
        talk_say(t, SIDE_SERVER, bytes_from(longer, sizeof longer));
        talk_end(t, SIDE_SERVER, end);
        const conversation *c = talk_heard(t);
        assert_true(c->was_cut[SIDE_SERVER]);
        assert_int_equal(conversation_has_finding(c, "in the middle of a handshake message: after 6 of 42 bytes"),
                         end != STREAM_TIMEOUT);
    }
}

static void every_cut_of_a_handshake_is_heard(void **state)
{
    talk *t = *state;
    bytes_view flight = client_hello_flight(t->arena, false);
    for (size_t len = 0; len <= flight.len; len++) {
        t->num_steps = 0;
        talk_say(t, SIDE_CLIENT, bytes_slice(flight, 0, len));
        talk_end(t, SIDE_CLIENT, STREAM_FIN);
        const conversation *c = talk_heard(t);
        assert_int_equal(c->phase, len == flight.len ? PHASE_CLIENT_HELLO : PHASE_NOTHING);
    }
}

static void one_byte_that_may_be_tls_is_neither(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_text(t, SIDE_SERVER, "\x15");
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_false(c->plain[SIDE_SERVER] || c->server_spoke_tls);
    assert_true(c->was_cut[SIDE_SERVER]);
}

static void garbage_after_a_tls_record(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_alert(t, SIDE_SERVER, ALERT_WARNING, 112);
    talk_text(t, SIDE_SERVER, "garbage that is no record");
    const conversation *c = talk_heard(t);
    assert_true(c->server_spoke_tls && c->malformed[SIDE_SERVER]);
    assert_int_equal(c->findings.findings[0].offset, 7);
}

static void the_first_end_counts(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_end(t, SIDE_SERVER, STREAM_RESET);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    talk_end(t, SIDE_CLIENT, STREAM_TIMEOUT);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->end[SIDE_SERVER], STREAM_RESET);
    assert_int_equal(c->end[SIDE_CLIENT], STREAM_TIMEOUT);
    assert_int_equal(c->first_end, SIDE_SERVER);
    assert_int_equal(conversation_num_events(c, SIDE_SERVER, EVENT_STREAM_END), 1);
}

/* ---- when it is settled ------------------------------------------------------------------------------------------ */

static flow *flow_of(talk *t)
{
    flow *f = flow_new(t->arena, t->port);
    for (size_t i = 0; i < t->num_steps; i++)
        flow_bytes(f, t->steps[i].side, t->steps[i].bytes, 0);
    t->num_steps = 0;
    return f;
}

static void tls12_is_settled_by_data_after_both_finished(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS12, 0x002f);
    talk_change_cipher_spec(t, SIDE_SERVER);
    talk_protected(t, SIDE_SERVER, CONTENT_HANDSHAKE, 40);
    talk_change_cipher_spec(t, SIDE_CLIENT);
    talk_protected(t, SIDE_CLIENT, CONTENT_HANDSHAKE, 40);
    flow *f = flow_of(t);
    assert_false(flow_is_settled(f));
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 400);
    flow_bytes(f, SIDE_CLIENT, t->steps[0].bytes, 0);
    assert_true(flow_is_settled(f));
    static const uint8_t data[1000000];
    flow_passed(f, SIDE_SERVER, bytes_from(data, sizeof data), 0);
    assert_true(flow_conversation(f)->established_data[SIDE_SERVER]);
    assert_true(flow_conversation(f)->server_len > 1000000);
    flow_end(f, SIDE_SERVER, STREAM_FIN, 0);
    assert_int_equal(flow_conversation(f)->end[SIDE_SERVER], STREAM_FIN);
    flow_free(f);
}

static void tls13_is_settled_by_the_servers_next_record(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS13, 0x1301);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 900);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 53);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 200);
    flow *f = flow_of(t);
    assert_false(flow_is_settled(f));
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 250);
    flow_bytes(f, SIDE_SERVER, t->steps[0].bytes, 0);
    assert_true(flow_is_settled(f));
    flow_free(f);
}

/* A handshake of TLS 1.2, a request, and an answer that is not read along. */
static flow *answered(talk *t)
{
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS12, 0x002f);
    talk_change_cipher_spec(t, SIDE_SERVER);
    talk_protected(t, SIDE_SERVER, CONTENT_HANDSHAKE, 40);
    talk_change_cipher_spec(t, SIDE_CLIENT);
    talk_protected(t, SIDE_CLIENT, CONTENT_HANDSHAKE, 40);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 400);
    return flow_of(t);
}

static void an_end_without_close_notify_is_a_cut(void **state)
{
    static const uint8_t data[] = {23, 3, 3, 0, 4, 1, 2, 3, 4};
    flow *f = answered(*state);
    flow_passed(f, SIDE_SERVER, bytes_from(data, sizeof data), 0);
    assert_false(conversation_was_cut(flow_conversation(f)));
    flow_end(f, SIDE_SERVER, STREAM_FIN, 0);
    assert_true(conversation_was_cut(flow_conversation(f)));
    flow_free(f);
}

static void close_notify_in_two_pieces_is_seen(void **state)
{
    static const uint8_t data[2000] = {23, 3, 3}, begin[] = {21, 3, 3, 0}, rest[] = {26, [26] = 7};
    flow *f = answered(*state);
    flow_passed(f, SIDE_SERVER, bytes_from(data, sizeof data), 0);
    flow_passed(f, SIDE_SERVER, bytes_from(begin, sizeof begin), 0);
    flow_passed(f, SIDE_SERVER, bytes_from(rest, sizeof rest), 0);
    flow_end(f, SIDE_SERVER, STREAM_FIN, 0);
    assert_true(conversation_ended_with_alert(flow_conversation(f), SIDE_SERVER));
    assert_false(conversation_was_cut(flow_conversation(f)));
    flow_free(f);
}

static void what_is_skipped_is_counted_and_the_last_bytes_are_those_behind_it(void **state)
{
    static const uint8_t first[] = {23, 3, 3, 0x40, 0, 1, 2, 3}, last[2000] = {[1969] = 21, 3, 3, 0, 26};
    flow *f = answered(*state);
    flow_passed(f, SIDE_SERVER, bytes_from(first, sizeof first), 0);
    size_t before = flow_conversation(f)->server_len;
    flow_skipped(f, SIDE_SERVER, 1000000);
    flow_passed(f, SIDE_SERVER, bytes_from(last, sizeof last), 0);
    assert_int_equal(flow_conversation(f)->server_len, before + 1000000 + sizeof last);
    assert_true(flow_conversation(f)->established_data[SIDE_SERVER]);
    assert_true(conversation_ended_with_alert(flow_conversation(f), SIDE_SERVER));
    flow_free(f);
}

/* A stream of TLS 1.2, settled, to which a record of the server's is added: does it count as an alert, or as data? */
static void assert_counts(talk *t, uint8_t content_type, uint8_t payload_len, bool is_alert)
{
    uint8_t bytes[64] = {content_type, 3, 3, 0, payload_len};
    flow *f = answered(t);
    flow_passed(f, SIDE_SERVER, bytes_from(bytes, 5 + (size_t)payload_len), 0);
    assert_int_equal(flow_conversation(f)->has_encrypted_alert[SIDE_SERVER], is_alert);
    assert_int_equal(flow_conversation(f)->established_data[SIDE_SERVER], !is_alert);
    flow_free(f);
}

static void a_record_of_an_alerts_size_is_data_where_its_type_says_so(void **state)
{
    assert_counts(*state, CONTENT_ALERT, 26, true);
    assert_counts(*state, CONTENT_APPLICATION_DATA, 26, false);
}

static void one_byte_of_data_is_no_alert_of_tls13(void **state)
{
    static const uint8_t one_byte[23] = {23, 3, 3, 0, 18};
    talk *t = *state;
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS13, 0x1301);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 900);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 53);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 200);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 250);
    flow *f = flow_of(t);
    flow_passed(f, SIDE_CLIENT, bytes_from(one_byte, sizeof one_byte), 0);
    assert_false(flow_conversation(f)->has_encrypted_alert[SIDE_CLIENT]);
    assert_true(flow_conversation(f)->established_data[SIDE_CLIENT]);
    flow_free(f);
}

static void plain_on_both_sides_is_settled(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_CLIENT, "GET / HTTP/1.1\r\n\r\n");
    flow *f = flow_of(t);
    assert_false(flow_is_settled(f));
    flow_bytes(f, SIDE_SERVER, bytes_from_text("HTTP/1.1 200 OK\r\n"), 0);
    assert_true(flow_is_settled(f));
    flow_free(f);
}

static void a_starttls_session_is_not_settled_before_tls(void **state)
{
    talk *t = *state;
    t->port = 25;
    talk_text(t, SIDE_SERVER, "220 mail.example ESMTP\r\n");
    talk_text(t, SIDE_CLIENT, "EHLO me\r\n");
    flow *f = flow_of(t);
    assert_false(flow_is_settled(f));
    flow_free(f);
}

static void both_ended_is_settled(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    flow *f = flow_of(t);
    flow_end(f, SIDE_CLIENT, STREAM_FIN, 0);
    assert_false(flow_is_settled(f));
    flow_end(f, SIDE_SERVER, STREAM_FIN, 0);
    assert_true(flow_is_settled(f));
    flow_free(f);
}

static void an_answer_is_timed_from_the_hello(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_alert(t, SIDE_SERVER, 2, 40);
    assert_true(conversation_answer_time_us(talk_heard(t)) > 0);
}

static void what_comes_after_the_clients_end_is_no_answer(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    talk_alert(t, SIDE_SERVER, 2, 40);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    assert_int_equal(conversation_answer_time_us(talk_heard(t)), 0);
}

static void a_client_that_waits_for_the_server_to_begin_waits_in_vain(void **state)
{
    talk *t = *state;
    const int64_t patience_us = 4000000;
    flow *f = flow_new(t->arena, 465);
    flow_connected(f, 1000);
    flow_end(f, SIDE_CLIENT, STREAM_FIN, patience_us);
    assert_true(conversation_waited_in_vain(flow_conversation(f)));
    flow_free(f);
}

static void a_client_that_leaves_soon_did_not_wait(void **state)
{
    talk *t = *state;
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    assert_false(conversation_waited_in_vain(talk_heard(t)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITUATION(nobody_says_anything),
        SITUATION(a_client_speaks_http),
        SITUATION(a_plain_client_gets_an_alert),
        SITUATION(a_server_speaks_http_to_a_hello),
        SITUATION(a_greeting_is_answered_with_a_hello),
        SITUATION(an_ssh_server_speaks_first),
        SITUATION(first_bytes_are_bounded),
        SITUATION(a_hello_is_cut_by_the_end),
        SITUATION(a_server_hello_is_cut_by_a_reset),
        SITUATION(a_server_hello_is_longer_than_all_that_is_said),
        SITUATION(every_cut_of_a_handshake_is_heard),
        SITUATION(one_byte_that_may_be_tls_is_neither),
        SITUATION(garbage_after_a_tls_record),
        SITUATION(the_first_end_counts),
        SITUATION(tls12_is_settled_by_data_after_both_finished),
        SITUATION(tls13_is_settled_by_the_servers_next_record),
        SITUATION(an_end_without_close_notify_is_a_cut),
        SITUATION(close_notify_in_two_pieces_is_seen),
        SITUATION(what_is_skipped_is_counted_and_the_last_bytes_are_those_behind_it),
        SITUATION(a_record_of_an_alerts_size_is_data_where_its_type_says_so),
        SITUATION(one_byte_of_data_is_no_alert_of_tls13),
        SITUATION(plain_on_both_sides_is_settled),
        SITUATION(a_starttls_session_is_not_settled_before_tls),
        SITUATION(both_ended_is_settled),
        SITUATION(an_answer_is_timed_from_the_hello),
        SITUATION(what_comes_after_the_clients_end_is_no_answer),
        SITUATION(a_client_that_waits_for_the_server_to_begin_waits_in_vain),
        SITUATION(a_client_that_leaves_soon_did_not_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
