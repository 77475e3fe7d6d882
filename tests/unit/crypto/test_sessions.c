/* What comes after a handshake: tickets, the hellos that resume by them, and a second handshake on the same connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tls_peer.h"

#include "crypto/resumption.h"
#include "wire/hello_edit.h"

enum { TYPE_NO_RENEGOTIATION = 100, EARLY_DATA_LEN = 4000 };

/* Whether the server, asked by a connection of its own, takes that hello for a resumption. */
static bool is_resumed(peer *p, const client_hello *hello)
{
    bytes_view flight;
    SSL *server = SSL_new(p->context);
    BIO *to_server = BIO_new(BIO_s_mem());
    SSL_set_bio(server, to_server, BIO_new(BIO_s_mem()));
    SSL_set_accept_state(server);
    SSL_set_app_data(server, p->server_log);
    assert_true(client_hello_write(p->arena, hello, &flight, NULL));
    assert_int_equal(BIO_write(to_server, flight.data, (int)flight.len), (int)flight.len);
    (void)SSL_do_handshake(server);
    bool resumed = SSL_session_reused(server) == 1;
    SSL_free(server);
    return resumed;
}

static void a_ticket_of_tls13_resumes_with_every_hash(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint16_t code;
    } suites[] = {{"TLS_AES_128_GCM_SHA256", 0x1301}, {"TLS_AES_256_GCM_SHA384", 0x1302}};
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        server_setup s = {.ciphersuites = suites[i].name};
        client_hello resuming;
        peer p = peer_new(&s, true);
        peer_run(&p, &s);
        const server_flight *f = handshake_flight(p.client);
        assert_true(f->num_tickets > 0);
        assert_false(f->ticket.has_early_data);
        client_hello hello = peer_hello(&p, &s);
        assert_true(hello_resuming(p.arena, &hello, &f->ticket, suites[i].code, f->resumption_key, &resuming));
        assert_true(is_resumed(&p, &resuming));
        peer_free(&p);
    }
}

static void a_binder_that_is_wrong_resumes_nothing(void **state)
{
    (void)state;
    server_setup s = {.ciphersuites = "TLS_AES_128_GCM_SHA256"};
    uint8_t other_key[32] = {1};
    client_hello resuming;
    peer p = peer_new(&s, true);
    peer_run(&p, &s);
    client_hello hello = peer_hello(&p, &s);
    const session_ticket *ticket = &handshake_flight(p.client)->ticket;
    assert_true(hello_resuming(p.arena, &hello, ticket, 0x1301, bytes_from(other_key, sizeof other_key), &resuming));
    assert_false(is_resumed(&p, &resuming));
    assert_false(hello_resuming(p.arena, &hello, ticket, 0xC02F, bytes_from(other_key, sizeof other_key), &resuming));
    peer_free(&p);
}

static void early_data_is_offered_with_its_bound(void **state)
{
    (void)state;
    server_setup s = {0};
    peer p = peer_new(&s, true);
    assert_int_equal(SSL_set_max_early_data(p.server, EARLY_DATA_LEN), 1);
    peer_run(&p, &s);
    assert_true(handshake_flight(p.client)->ticket.has_early_data);
    assert_int_equal(handshake_flight(p.client)->ticket.max_early_data_size, EARLY_DATA_LEN);
    peer_free(&p);
}

static void a_ticket_of_tls12_is_kept(void **state)
{
    (void)state;
    server_setup s = {.version = VERSION_TLS12};
    peer p = peer_new(&s, true);
    client_hello hello = peer_hello(&p, &s);
    hello = hello_with_extension(p.arena, &hello, 35, bytes_from(NULL, 0));
    peer_send_hello(&p, &hello);
    peer_drain(&p);
    bytes_view last = handshake_to_send(p.client);
    assert_int_equal(BIO_write(p.to_server, last.data, (int)last.len), (int)last.len);
    peer_drain(&p);
    const server_flight *f = handshake_flight(p.client);
    assert_int_equal(f->num_tickets, 1);
    client_hello resuming = hello_with_extension(p.arena, &hello, 35, f->ticket.ticket);
    assert_true(is_resumed(&p, &resuming));
    peer_free(&p);
}

/* Or the server takes its session for broken: libssl throws it away. */
static void a_finished_handshake_ends_with_a_close_notify(void **state)
{
    (void)state;
    static const uint16_t versions[] = {VERSION_TLS10, VERSION_TLS12, 0};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        server_setup s = {.version = versions[i]};
        char byte;
        peer p = peer_new(&s, true);
        peer_run(&p, &s);
        bytes_view goodbye = handshake_to_send(p.client);
        assert_true(goodbye.len > 0);
        assert_int_equal(BIO_write(p.to_server, goodbye.data, (int)goodbye.len), (int)goodbye.len);
        (void)SSL_read(p.server, &byte, 1);
        assert_true((SSL_get_shutdown(p.server) & SSL_RECEIVED_SHUTDOWN) != 0);
        peer_free(&p);
    }
}

/* A handshake that asks for another one, with the first hello's word of RFC 5746 or without. */
static void ask_again(peer *p, const server_setup *s, bool knows_proof)
{
    client_hello hello = peer_hello(p, s);
    if (!knows_proof)
        hello =
            hello_with_cipher_suites(p->arena, &hello, codes_without(p->arena, hello.cipher_suites, codes_one(p->arena, 0x00FF)));
    handshake_renegotiate(p->client);
    peer_send_hello(p, &hello);
    char byte;
    for (int i = 0; i < 2; i++) {
        peer_drain(p);
        bytes_view said = handshake_to_send(p->client);
        if (said.len > 0)
            assert_int_equal(BIO_write(p->to_server, said.data, (int)said.len), (int)said.len);
    }
    (void)SSL_read(p->server, &byte, 1);
    peer_drain(p);
    assert_true(handshake_flight(p->client)->asked_to_renegotiate);
    assert_true(handshake_is_over(p->client));
}

static void a_server_that_renegotiates_is_seen_to_in_every_version(void **state)
{
    (void)state;
    for (uint16_t version = VERSION_TLS10; version <= VERSION_TLS12; version++) {
        server_setup s = {.version = version, .options = SSL_OP_ALLOW_CLIENT_RENEGOTIATION};
        peer p = peer_new(&s, true);
        ask_again(&p, &s, true);
        assert_true(handshake_flight(p.client)->renegotiated);
        peer_free(&p);
    }
}

static void one_that_does_not_says_so_with_a_warning(void **state)
{
    (void)state;
    server_setup s = {.version = VERSION_TLS12, .options = SSL_OP_NO_RENEGOTIATION};
    peer p = peer_new(&s, true);
    ask_again(&p, &s, true);
    const server_flight *f = handshake_flight(p.client);
    assert_false(f->renegotiated);
    assert_true(f->has_alert);
    assert_int_equal(f->alert.description, TYPE_NO_RENEGOTIATION);
    peer_free(&p);
}

static void the_insecure_way_is_seen_where_it_is_allowed_and_where_not(void **state)
{
    (void)state;
    uint64_t unsafe = SSL_OP_ALLOW_CLIENT_RENEGOTIATION | SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION;
    server_setup lax = {.version = VERSION_TLS12, .options = unsafe};
    server_setup strict = {.version = VERSION_TLS12, .options = SSL_OP_ALLOW_CLIENT_RENEGOTIATION};
    peer p = peer_new(&lax, true);
    ask_again(&p, &lax, false);
    assert_true(handshake_flight(p.client)->renegotiated);
    peer_free(&p);
    p = peer_new(&strict, true);
    ask_again(&p, &strict, false);
    assert_false(handshake_flight(p.client)->renegotiated);
    assert_true(handshake_flight(p.client)->has_alert);
    peer_free(&p);
}

/* Nothing is said to it, and it is the server's to end the connection or not. */
static void a_server_that_ends_by_itself_is_seen_to(void **state)
{
    (void)state;
    server_setup s = {.version = VERSION_TLS12};
    peer p = peer_new(&s, true);
    handshake_linger(p.client);
    peer_run(&p, &s);
    assert_true(handshake_flight(p.client)->finished_is_right);
    assert_int_equal(handshake_to_send(p.client).len, 0);
    assert_false(handshake_is_over(p.client));
    assert_true(handshake_awaits_consent(p.client));
    (void)SSL_shutdown(p.server);
    peer_drain(&p);
    assert_true(handshake_is_over(p.client));
    assert_true(handshake_flight(p.client)->has_alert);
    assert_int_equal(handshake_flight(p.client)->alert.description, 0);
    peer_free(&p);
}

/* The close_notify behind it is of no interest, whether it comes with it or later. */
static void the_first_alert_is_the_answer(void **state)
{
    (void)state;
    server_setup s = {.version = VERSION_TLS12, .options = SSL_OP_NO_RENEGOTIATION};
    peer p = peer_new(&s, true);
    ask_again(&p, &s, true);
    (void)SSL_shutdown(p.server);
    peer_drain(&p);
    assert_int_equal(handshake_flight(p.client)->alert.description, TYPE_NO_RENEGOTIATION);
    peer_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_of_tls13_resumes_with_every_hash),
        cmocka_unit_test(a_binder_that_is_wrong_resumes_nothing),
        cmocka_unit_test(early_data_is_offered_with_its_bound),
        cmocka_unit_test(a_ticket_of_tls12_is_kept),
        cmocka_unit_test(a_finished_handshake_ends_with_a_close_notify),
        cmocka_unit_test(a_server_that_renegotiates_is_seen_to_in_every_version),
        cmocka_unit_test(one_that_does_not_says_so_with_a_warning),
        cmocka_unit_test(a_server_that_ends_by_itself_is_seen_to),
        cmocka_unit_test(the_first_alert_is_the_answer),
        cmocka_unit_test(the_insecure_way_is_seen_where_it_is_allowed_and_where_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
