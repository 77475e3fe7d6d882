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
    assert_int_equal(talk_heard(t)->phase, PHASE_SERVER_FLIGHT);
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
        SITUATION(the_server_refuses_the_client_after_its_finished),
        SITUATION(the_server_closes_after_the_client_has_finished),
        SITUATION(a_ticket_proves_that_the_server_is_content),
        SITUATION(a_content_client_says_close_notify),
        SITUATION(a_content_client_just_leaves),
        SITUATION(a_client_certificate_comes_before_the_finished),
        SITUATION(a_short_tag_makes_a_short_alert),
        SITUATION(a_retry_and_a_second_hello),
        SITUATION(early_data_is_no_finished),
        SITUATION(refused_early_data_is_followed_by_a_finished),
        SITUATION(handshake_in_clear_after_the_hello_is_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
