/* Handshakes up to TLS 1.2. */
#include "situation.h"

#define RSA_AES128 0x002f
#define DHE_RSA_AES128_GCM 0x009e

static void say_server_flight(talk *t, bool with_request)
{
    talk_server_hello(t, VERSION_TLS12, RSA_AES128);
    talk_message(t, SIDE_SERVER, HANDSHAKE_CERTIFICATE, certificate_body(t->arena, 2, 700));
    if (with_request)
        talk_message(t, SIDE_SERVER, HANDSHAKE_CERTIFICATE_REQUEST, bytes_from("\x01\x01\x00\x02\x04\x01\x00\x00", 8));
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_HELLO_DONE, bytes_from(NULL, 0));
}

static void say_finished(talk *t, enum side side)
{
    if (side == SIDE_CLIENT)
        talk_message(t, side, HANDSHAKE_CLIENT_KEY_EXCHANGE, zeros(t->arena, 258));
    talk_change_cipher_spec(t, side);
    talk_protected(t, side, CONTENT_HANDSHAKE, 64);
}

static void a_whole_hello_alone(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_CLIENT_HELLO);
    assert_true(c->has_hello && c->client_spoke_tls);
    assert_false(c->server_spoke_tls);
    assert_int_equal(c->hello.cipher_suites.num_codes, 5);
    assert_int_equal(c->num_client_chunks, 1);
    assert_int_equal(c->client_chunk_lens[0], c->client_len);
}

static void the_pieces_of_a_hello_are_counted(void **state)
{
    talk *t = *state;
    bytes_view flight = client_hello_flight(t->arena, false);
    talk_say(t, SIDE_CLIENT, bytes_slice(flight, 0, 20));
    talk_say(t, SIDE_CLIENT, bytes_slice(flight, 20, 30));
    talk_say(t, SIDE_CLIENT, bytes_slice(flight, 50, flight.len));
    talk_alert(t, SIDE_CLIENT, 1, 0);
    const conversation *c = talk_heard_in_pieces(t, 0);
    assert_int_equal(c->num_client_chunks, 3);
    assert_int_equal(c->client_chunk_lens[0], 20);
    assert_int_equal(c->client_chunk_lens[1], 30);
    assert_int_equal(c->client_chunk_lens[2], flight.len - 50);
}

static void a_server_flight_is_read(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    say_server_flight(t, true);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_SERVER_FLIGHT);
    assert_int_equal(c->server_hello.version, VERSION_TLS12);
    assert_int_equal(c->certificates.num_certificates, 2);
    assert_int_equal(c->certificates.certificates[1].len, 700);
    assert_true(c->has_certificate_request);
    assert_int_equal(c->findings.num_findings, 0);
}

static void several_messages_share_a_record(void **state)
{
    talk *t = *state;
    arena *a = t->arena;
    bytes_view hello = message_bytes(a, HANDSHAKE_SERVER_HELLO, server_hello_body(a, VERSION_TLS12, RSA_AES128, false));
    bytes_view certificate = message_bytes(a, HANDSHAKE_CERTIFICATE, certificate_body(a, 1, 900));
    bytes_view done = message_bytes(a, HANDSHAKE_SERVER_HELLO_DONE, bytes_from(NULL, 0));
    talk_client_hello(t);
    talk_record(t, SIDE_SERVER, CONTENT_HANDSHAKE, joined(a, joined(a, hello, certificate), done));
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_SERVER_FLIGHT);
    assert_int_equal(c->certificates.num_certificates, 1);
}

static void a_message_spans_records(void **state)
{
    talk *t = *state;
    bytes_view certificate = message_bytes(t->arena, HANDSHAKE_CERTIFICATE, certificate_body(t->arena, 1, 300));
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS12, RSA_AES128);
    for (size_t offset = 0; offset < certificate.len; offset += 50)
        talk_record(t, SIDE_SERVER, CONTENT_HANDSHAKE, bytes_slice(certificate, offset, 50));
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_HELLO_DONE, bytes_from(NULL, 0));
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_SERVER_FLIGHT);
    assert_int_equal(c->certificates.certificates[0].len, 300);
}

static void both_finish(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    say_server_flight(t, false);
    say_finished(t, SIDE_CLIENT);
    assert_int_equal(talk_heard(t)->phase, PHASE_CLIENT_FINISHED);
    say_finished(t, SIDE_SERVER);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_ESTABLISHED);
    assert_false(c->established_data[SIDE_CLIENT] || c->established_data[SIDE_SERVER]);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 100);
    c = talk_heard(t);
    assert_true(c->established_data[SIDE_CLIENT]);
    assert_false(c->established_data[SIDE_SERVER]);
}

static void a_ticket_and_a_status_are_passed_over(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS12, RSA_AES128);
    talk_message(t, SIDE_SERVER, HANDSHAKE_CERTIFICATE, certificate_body(t->arena, 1, 700));
    talk_message(t, SIDE_SERVER, HANDSHAKE_CERTIFICATE_STATUS, zeros(t->arena, 400));
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_HELLO_DONE, bytes_from(NULL, 0));
    say_finished(t, SIDE_CLIENT);
    talk_message(t, SIDE_SERVER, HANDSHAKE_NEW_SESSION_TICKET, zeros(t->arena, 200));
    say_finished(t, SIDE_SERVER);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_ESTABLISHED);
    assert_int_equal(conversation_num_events(c, SIDE_SERVER, EVENT_OTHER_HANDSHAKE), 2);
}

static void a_resumption_has_the_server_finish_first(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS12, RSA_AES128);
    talk_change_cipher_spec(t, SIDE_SERVER);
    assert_int_equal(talk_heard(t)->phase, PHASE_SERVER_FLIGHT);
    talk_protected(t, SIDE_SERVER, CONTENT_HANDSHAKE, 40);
    talk_change_cipher_spec(t, SIDE_CLIENT);
    talk_protected(t, SIDE_CLIENT, CONTENT_HANDSHAKE, 40);
    assert_int_equal(talk_heard(t)->phase, PHASE_ESTABLISHED);
}

static void an_empty_client_certificate_is_seen(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    say_server_flight(t, true);
    talk_message(t, SIDE_CLIENT, HANDSHAKE_CERTIFICATE, certificate_body(t->arena, 0, 0));
    say_finished(t, SIDE_CLIENT);
    talk_alert(t, SIDE_SERVER, ALERT_FATAL, 40);
    const conversation *c = talk_heard(t);
    assert_true(c->has_client_certificate);
    assert_int_equal(c->client_certificates.num_certificates, 0);
    assert_int_equal(c->phase, PHASE_CLIENT_FINISHED);
    assert_int_equal(c->alerts[SIDE_SERVER].description, 40);
    assert_false(c->has_encrypted_alert[SIDE_SERVER]);
}

static void an_alert_in_answer_to_the_hello(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_alert(t, SIDE_SERVER, ALERT_FATAL, 70);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_CLIENT_HELLO);
    assert_true(c->has_alert[SIDE_SERVER] && !c->has_alert[SIDE_CLIENT]);
    assert_int_equal(c->alerts[SIDE_SERVER].description, 70);
    assert_true(c->has_first_end && c->first_end == SIDE_SERVER);
    assert_int_equal(c->end[SIDE_SERVER], STREAM_FIN);
}

static void a_fatal_alert_outlives_warnings(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_alert(t, SIDE_SERVER, ALERT_WARNING, 112);
    assert_int_equal(talk_heard(t)->alerts[SIDE_SERVER].description, 112);
    talk_alert(t, SIDE_SERVER, ALERT_FATAL, 40);
    talk_alert(t, SIDE_SERVER, ALERT_WARNING, 0);
    assert_int_equal(talk_heard(t)->alerts[SIDE_SERVER].description, 40);
}

static void the_client_refuses_the_certificate_in_clear(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    say_server_flight(t, false);
    talk_alert(t, SIDE_CLIENT, ALERT_FATAL, 48);
    talk_end(t, SIDE_CLIENT, STREAM_RESET);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_SERVER_FLIGHT);
    assert_int_equal(c->alerts[SIDE_CLIENT].description, 48);
    assert_int_equal(c->end[SIDE_CLIENT], STREAM_RESET);
    assert_int_equal(c->first_end, SIDE_CLIENT);
}

static void an_alert_after_change_cipher_spec_is_encrypted(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    say_server_flight(t, false);
    talk_message(t, SIDE_CLIENT, HANDSHAKE_CLIENT_KEY_EXCHANGE, zeros(t->arena, 258));
    talk_change_cipher_spec(t, SIDE_CLIENT);
    talk_protected(t, SIDE_CLIENT, CONTENT_ALERT, 26);
    const conversation *c = talk_heard(t);
    assert_true(c->has_encrypted_alert[SIDE_CLIENT]);
    assert_false(c->has_alert[SIDE_CLIENT]);
    assert_int_equal(c->phase, PHASE_SERVER_FLIGHT);
}

static void a_named_group_in_the_key_exchange(void **state)
{
    talk *t = *state;
    bytes_view body = joined(t->arena, bytes_from("\x03\x00\x17\x04\x04\x01\x02\x03\x04\x01\x00\x02", 11), zeros(t->arena, 2));
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS12, 0xc02f);
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_KEY_EXCHANGE, body);
    const conversation *c = talk_heard(t);
    assert_true(c->has_server_key_exchange);
    assert_int_equal(c->server_key_exchange.kind, KEY_EXCHANGE_ECDHE);
    assert_int_equal(c->server_key_exchange.group, 23);
}

static void a_hello_in_sslv2_format_is_answered_in_records(void **state)
{
    talk *t = *state;
    /* length 28, CLIENT-HELLO, version 3.1, 3 bytes of specs, no session, 16 bytes of challenge */
    static const uint8_t hello[] = {0x80, 28, 1, 3, 1, 0, 3, 0, 0,  0,  16, 0,  0,  0x2f, 1,
                                    2,    3,  4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,   16};
    talk_say(t, SIDE_CLIENT, bytes_from(hello, sizeof hello));
    talk_server_hello(t, VERSION_TLS10, RSA_AES128);
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_HELLO_DONE, bytes_from(NULL, 0));
    say_finished(t, SIDE_CLIENT);
    say_finished(t, SIDE_SERVER);
    const conversation *c = talk_heard(t);
    assert_true(c->client_spoke_tls && c->has_hello);
    assert_int_equal(c->hello.format, HELLO_FORMAT_SSLV2);
    assert_int_equal(c->phase, PHASE_ESTABLISHED);
}

static void a_server_chooses_sslv2(void **state)
{
    talk *t = *state;
    static const uint8_t client[] = {0x80, 28, 1, 0, 2, 0, 3, 0, 0,  0,  16, 1,  0,  0x80, 1,
                                     2,    3,  4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,   16};
    static const uint8_t server[] = {0x80, 20, 4, 0, 1, 0, 2, 0, 4, 0, 3, 0, 2, 9, 9, 9, 9, 1, 0, 0x80, 7, 7};
    talk_say(t, SIDE_CLIENT, bytes_from(client, sizeof client));
    talk_say(t, SIDE_SERVER, bytes_from(server, sizeof server));
    const conversation *c = talk_heard(t);
    assert_int_equal(c->server_hello.version, VERSION_SSL2);
    assert_int_equal(c->phase, PHASE_SERVER_FLIGHT);
    assert_int_equal(c->certificates.certificates[0].len, 4);
    assert_true(conversation_has_finding(c, "SSLv2"));
    talk_say(t, SIDE_CLIENT, bytes_from("\x80\x02\x02\x00", 4));
    assert_int_equal(talk_heard(t)->phase, PHASE_CLIENT_FINISHED);
    talk_say(t, SIDE_SERVER, bytes_from("\x80\x02\x05\x00", 4));
    assert_int_equal(talk_heard(t)->phase, PHASE_ESTABLISHED);
}

static void a_second_server_hello_changes_nothing(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS12, RSA_AES128);
    talk_server_hello(t, VERSION_TLS11, DHE_RSA_AES128_GCM);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->server_hello.version, VERSION_TLS12);
    assert_true(conversation_has_finding(c, "one more ServerHello"));
}

static void what_follows_a_hello_belongs_to_its_flight(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_alert(t, SIDE_CLIENT, ALERT_WARNING, 0);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->hello.trailing.len, 7);
    assert_int_equal(c->alerts[SIDE_CLIENT].description, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITUATION(a_whole_hello_alone),
        SITUATION(the_pieces_of_a_hello_are_counted),
        SITUATION(a_server_flight_is_read),
        SITUATION(several_messages_share_a_record),
        SITUATION(a_message_spans_records),
        SITUATION(both_finish),
        SITUATION(a_ticket_and_a_status_are_passed_over),
        SITUATION(a_resumption_has_the_server_finish_first),
        SITUATION(an_empty_client_certificate_is_seen),
        SITUATION(an_alert_in_answer_to_the_hello),
        SITUATION(a_fatal_alert_outlives_warnings),
        SITUATION(the_client_refuses_the_certificate_in_clear),
        SITUATION(an_alert_after_change_cipher_spec_is_encrypted),
        SITUATION(a_named_group_in_the_key_exchange),
        SITUATION(a_hello_in_sslv2_format_is_answered_in_records),
        SITUATION(a_server_chooses_sslv2),
        SITUATION(a_second_server_hello_changes_nothing),
        SITUATION(what_follows_a_hello_belongs_to_its_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
