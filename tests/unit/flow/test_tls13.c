/* TLS 1.3, where after the ServerHello only the sizes of records tell. */
#include "situation.h"

#define AES_128_GCM 0x1301
#define AES_256_GCM 0x1302
#define AES_128_CCM_8 0x1305
#define ALERT_SIZED 19
#define FINISHED_SIZED 53

static void say_server_hello(talk *t)
{
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS13, AES_128_GCM);
    talk_change_cipher_spec(t, SIDE_SERVER);
}

static void say_server_flight(talk *t)
{
    say_server_hello(t);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 40);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 1200);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, FINISHED_SIZED);
}

static void say_client_finished(talk *t)
{
    talk_change_cipher_spec(t, SIDE_CLIENT);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, FINISHED_SIZED);
}

static void the_server_hello_alone(void **state)
{
    talk *t = *state;
    say_server_hello(t);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_SERVER_HELLO);
    assert_int_equal(c->server_hello.version, VERSION_TLS13);
}

static void the_server_refuses_after_its_hello(void **state)
{
    talk *t = *state;
    say_server_hello(t);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, ALERT_SIZED);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_SERVER_HELLO);
    assert_true(c->has_encrypted_alert[SIDE_SERVER]);
}

static void the_server_flight_is_protected(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_SERVER_FLIGHT);
    assert_int_equal(c->num_protected[SIDE_SERVER], 3);
}

static void the_client_refuses_the_server_flight(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    talk_change_cipher_spec(t, SIDE_CLIENT);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, ALERT_SIZED);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_SERVER_FLIGHT);
    assert_true(c->has_encrypted_alert[SIDE_CLIENT]);
}

/* Java pads what it protects by 16 bytes: 35 in place of 19. No Finished is so short. */
static void the_client_refuses_with_a_padded_alert(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    talk_change_cipher_spec(t, SIDE_CLIENT);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, ALERT_SIZED + 16);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_SERVER_FLIGHT);
    assert_true(c->has_encrypted_alert[SIDE_CLIENT]);
    assert_true(c->last_records[SIDE_CLIENT].may_be_alert);
}

/* What libcrypto says after a certificate that it refuses: an alert, and the end. */
static void the_last_words_of_a_client_that_refuses(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    talk_change_cipher_spec(t, SIDE_CLIENT);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, ALERT_SIZED);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    const conversation *c = talk_heard(t);
    const record_note *last = &c->last_records[SIDE_CLIENT];
    assert_true(c->has_last_sender);
    assert_int_equal(c->last_sender, SIDE_CLIENT);
    assert_int_equal(c->num_records[SIDE_CLIENT], 3);
    assert_int_equal(last->content_type, CONTENT_APPLICATION_DATA);
    assert_int_equal(last->len, ALERT_SIZED);
    assert_int_equal(last->phase, PHASE_SERVER_FLIGHT);
    assert_true(last->is_protected);
    assert_true(last->may_be_alert);
    assert_int_equal(c->last_records[SIDE_SERVER].len, FINISHED_SIZED);
    assert_int_equal(c->first_end, SIDE_CLIENT);
    assert_int_equal(c->end[SIDE_CLIENT], STREAM_FIN);
}

static void the_last_words_of_a_server_that_refuses_the_clients_finished(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    say_client_finished(t);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, ALERT_SIZED);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->last_sender, SIDE_SERVER);
    assert_int_equal(c->last_records[SIDE_SERVER].phase, PHASE_CLIENT_FINISHED);
    assert_true(c->last_records[SIDE_SERVER].may_be_alert);
    assert_false(c->last_records[SIDE_CLIENT].may_be_alert);
    assert_int_equal(c->last_records[SIDE_CLIENT].len, FINISHED_SIZED);
    assert_int_equal(c->first_end, SIDE_SERVER);
}

/* A path that swallows large packets: the flight begins, and its end never comes. */
static void a_flight_that_stops_in_the_middle_of_a_record(void **state)
{
    talk *t = *state;
    say_server_hello(t);
    static const uint8_t begun[] = {CONTENT_APPLICATION_DATA, 3, 3, 0x10, 0x00, 1, 2, 3};
    talk_say(t, SIDE_SERVER, bytes_from(begun, sizeof begun));
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_SERVER_HELLO);
    assert_int_equal(c->unfinished_record_len[SIDE_SERVER], sizeof begun);
    assert_int_equal(c->unfinished_wanted[SIDE_SERVER], 5 + 0x1000);
    assert_int_equal(c->unfinished_record_len[SIDE_CLIENT], 0);
    assert_int_equal(c->last_records[SIDE_SERVER].content_type, CONTENT_CHANGE_CIPHER_SPEC);
}

static void a_header_that_is_cut_says_no_length(void **state)
{
    talk *t = *state;
    say_server_hello(t);
    static const uint8_t begun[] = {CONTENT_APPLICATION_DATA, 3, 3, 0x10};
    talk_say(t, SIDE_SERVER, bytes_from(begun, sizeof begun));
    const conversation *c = talk_heard(t);
    assert_int_equal(c->unfinished_record_len[SIDE_SERVER], sizeof begun);
    assert_int_equal(c->unfinished_wanted[SIDE_SERVER], 0);
}

/* Up to TLS 1.2 the header says what it is. */
static void a_protected_alert_up_to_tls12_is_told_by_its_type(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS12, 0xc02f);
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_HELLO_DONE, zeros(t->arena, 0));
    talk_message(t, SIDE_CLIENT, HANDSHAKE_CLIENT_KEY_EXCHANGE, zeros(t->arena, 66));
    talk_change_cipher_spec(t, SIDE_CLIENT);
    talk_protected(t, SIDE_CLIENT, CONTENT_HANDSHAKE, 40);
    talk_change_cipher_spec(t, SIDE_SERVER);
    talk_protected(t, SIDE_SERVER, CONTENT_ALERT, 26);
    talk_end(t, SIDE_SERVER, STREAM_RESET);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->last_sender, SIDE_SERVER);
    assert_int_equal(c->last_records[SIDE_SERVER].content_type, CONTENT_ALERT);
    assert_true(c->last_records[SIDE_SERVER].is_protected);
    assert_true(c->last_records[SIDE_SERVER].may_be_alert);
    assert_int_equal(c->last_records[SIDE_CLIENT].content_type, CONTENT_HANDSHAKE);
    assert_false(c->last_records[SIDE_CLIENT].may_be_alert);
    assert_int_equal(c->end[SIDE_SERVER], STREAM_RESET);
}

/* More records than events are kept: the last one is known all the same. */
static void the_last_record_is_known_also_past_what_is_kept(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    say_client_finished(t);
    bytes_view many = record_bytes(t->arena, CONTENT_APPLICATION_DATA, zeros(t->arena, 100));
    for (size_t i = 0; i < 7; i++)
        many = joined(t->arena, many, many);
    talk_say(t, SIDE_SERVER, many);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, ALERT_SIZED);
    const conversation *c = talk_heard(t);
    assert_true(c->num_events_dropped > 0);
    assert_int_equal(c->num_records[SIDE_SERVER], 2 + 3 + 128);
    assert_int_equal(c->last_sender, SIDE_CLIENT);
    assert_int_equal(c->last_records[SIDE_CLIENT].len, ALERT_SIZED);
    assert_int_equal(c->last_records[SIDE_CLIENT].phase, PHASE_ESTABLISHED);
}

static void the_client_refuses_in_clear(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    talk_alert(t, SIDE_CLIENT, ALERT_FATAL, 47);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_SERVER_FLIGHT);
    assert_int_equal(c->alerts[SIDE_CLIENT].description, 47);
}

static void the_server_refuses_the_client_after_its_finished(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    say_client_finished(t);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 120);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, ALERT_SIZED);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, ALERT_SIZED);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_CLIENT_FINISHED);
    assert_true(c->has_encrypted_alert[SIDE_SERVER]);
    assert_true(c->established_data[SIDE_CLIENT]);
}

static void the_server_closes_after_the_client_has_finished(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    say_client_finished(t);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    assert_int_equal(talk_heard(t)->phase, PHASE_CLIENT_FINISHED);
}

static void a_ticket_proves_that_the_server_is_content(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    say_client_finished(t);
    assert_int_equal(talk_heard(t)->phase, PHASE_CLIENT_FINISHED);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 234);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_ESTABLISHED);
    assert_true(c->established_data[SIDE_SERVER]);
    assert_false(c->established_data[SIDE_CLIENT]);
}

static void a_content_client_says_close_notify(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    say_client_finished(t);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, ALERT_SIZED);
    assert_int_equal(talk_heard(t)->phase, PHASE_ESTABLISHED);
}

static void a_content_client_just_leaves(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    say_client_finished(t);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    assert_int_equal(talk_heard(t)->phase, PHASE_ESTABLISHED);
}

static void a_client_that_leaves_before_its_request_is_answered_is_told(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    say_client_finished(t);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 120);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 234);
    const conversation *c = talk_heard(t);
    assert_true(c->established_data[SIDE_SERVER] && !c->server_data_in_time);
    assert_true(conversation_was_left_unanswered(c));
}

static void ask_and_answer(talk *t)
{
    say_server_flight(t);
    say_client_finished(t);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 120);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 234);
}

static void a_client_that_was_answered_is_not_told_to_have_left_before(void **state)
{
    talk *t = *state;
    ask_and_answer(t);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    assert_false(conversation_was_left_unanswered(talk_heard(t)));
}

static void a_client_that_leaves_with_an_answer_unread_is_told(void **state)
{
    talk *t = *state;
    ask_and_answer(t);
    talk_end(t, SIDE_CLIENT, STREAM_RESET);
    assert_false(conversation_was_left_unanswered(talk_heard(t)));
    assert_true(conversation_was_left_unheard(talk_heard(t)));
}

static void what_came_before_a_request_is_no_answer_to_it(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    say_client_finished(t);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 234);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 120);
    assert_false(conversation_was_left_unheard(talk_heard(t)));
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    assert_true(conversation_was_left_unheard(talk_heard(t)));
}

static void an_answer_that_was_read_is_not_unheard(void **state)
{
    talk *t = *state;
    ask_and_answer(t);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    assert_false(conversation_was_left_unheard(talk_heard(t)));
}

static void a_client_certificate_comes_before_the_finished(void **state)
{
    talk *t = *state;
    say_server_flight(t);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 900);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 285);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, FINISHED_SIZED);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_CLIENT_FINISHED);
    assert_false(c->established_data[SIDE_CLIENT]);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 100);
    assert_true(talk_heard(t)->established_data[SIDE_CLIENT]);
}

static void a_short_tag_makes_a_short_alert(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS13, AES_128_CCM_8);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 11);
    assert_true(talk_heard(t)->has_encrypted_alert[SIDE_SERVER]);
}

static void a_retry_and_a_second_hello(void **state)
{
    talk *t = *state;
    talk_client_hello(t);
    talk_retry_request(t);
    talk_change_cipher_spec(t, SIDE_SERVER);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_RETRY_REQUEST);
    assert_true(c->has_retry_request && !c->has_server_hello);
    assert_int_equal(c->retry_request.group, 23);
    talk_change_cipher_spec(t, SIDE_CLIENT);
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS13, AES_128_GCM);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 900);
    c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_SERVER_FLIGHT);
    assert_true(c->has_second_hello);
    assert_int_equal(c->second_hello.trailing.len, 0);
    assert_int_equal(c->findings.num_findings, 0);
}

static void early_data_is_no_finished(void **state)
{
    talk *t = *state;
    talk_early_data_hello(t);
    talk_change_cipher_spec(t, SIDE_CLIENT);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 300);
    talk_server_hello(t, VERSION_TLS13, AES_256_GCM);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 150);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 300);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->phase, PHASE_SERVER_FLIGHT);
    assert_int_equal(c->num_protected[SIDE_CLIENT], 2);
    assert_int_equal(c->hello.trailing.len, 6 + 305);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 21); /* EndOfEarlyData */
    assert_int_equal(talk_heard(t)->phase, PHASE_SERVER_FLIGHT);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 69);
    assert_int_equal(talk_heard(t)->phase, PHASE_CLIENT_FINISHED);
}

static void refused_early_data_is_followed_by_a_finished(void **state)
{
    talk *t = *state;
    talk_early_data_hello(t);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 300);
    talk_server_hello(t, VERSION_TLS13, AES_128_GCM);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 1500);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, FINISHED_SIZED);
    assert_int_equal(talk_heard(t)->phase, PHASE_CLIENT_FINISHED);
}

static void handshake_in_clear_after_the_hello_is_noted(void **state)
{
    talk *t = *state;
    say_server_hello(t);
    talk_message(t, SIDE_SERVER, HANDSHAKE_CERTIFICATE, certificate_body(t->arena, 1, 100));
    const conversation *c = talk_heard(t);
    assert_int_equal(c->certificates.num_certificates, 0);
    assert_true(conversation_has_finding(c, "in clear"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITUATION(the_server_hello_alone),
        SITUATION(the_server_refuses_after_its_hello),
        SITUATION(the_server_flight_is_protected),
        SITUATION(the_client_refuses_the_server_flight),
        SITUATION(the_client_refuses_with_a_padded_alert),
        SITUATION(the_client_refuses_in_clear),
        SITUATION(the_last_words_of_a_client_that_refuses),
        SITUATION(the_last_words_of_a_server_that_refuses_the_clients_finished),
        SITUATION(a_flight_that_stops_in_the_middle_of_a_record),
        SITUATION(a_header_that_is_cut_says_no_length),
        SITUATION(a_protected_alert_up_to_tls12_is_told_by_its_type),
        SITUATION(the_last_record_is_known_also_past_what_is_kept),
        SITUATION(the_server_refuses_the_client_after_its_finished),
        SITUATION(the_server_closes_after_the_client_has_finished),
        SITUATION(a_ticket_proves_that_the_server_is_content),
        SITUATION(a_content_client_says_close_notify),
        SITUATION(a_content_client_just_leaves),
        SITUATION(a_client_that_leaves_before_its_request_is_answered_is_told),
        SITUATION(a_client_that_was_answered_is_not_told_to_have_left_before),
        SITUATION(a_client_that_leaves_with_an_answer_unread_is_told),
        SITUATION(what_came_before_a_request_is_no_answer_to_it),
        SITUATION(an_answer_that_was_read_is_not_unheard),
        SITUATION(a_client_certificate_comes_before_the_finished),
        SITUATION(a_short_tag_makes_a_short_alert),
        SITUATION(a_retry_and_a_second_hello),
        SITUATION(early_data_is_no_finished),
        SITUATION(refused_early_data_is_followed_by_a_finished),
        SITUATION(handshake_in_clear_after_the_hello_is_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
