/* The handshake of TLS 1.3 against libssl in the same process, without a socket: every suite, every group, each kind of key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tls_peer.h"

static void assert_read(const server_flight *f)
{
    assert_null(f->why_not);
    assert_true(f->is_read);
    assert_true(f->has_encrypted_extensions);
    assert_int_equal(f->certificates.num_certificates, 1);
    assert_true(f->has_certificate_verify);
    assert_true(f->signature_is_right);
    assert_true(f->has_finished);
    assert_true(f->finished_is_right);
}

/* ---- the cases ---------------------------------------------------------------------------------------------------------- */

static void every_suite_is_read_and_finished(void **state)
{
    (void)state;
    static const struct {
        uint16_t code;
        const char *name;
    } suites[] = {{0x1301, "TLS_AES_128_GCM_SHA256"},
                  {0x1302, "TLS_AES_256_GCM_SHA384"},
                  {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
                  {0x1304, "TLS_AES_128_CCM_SHA256"},
                  {0x1305, "TLS_AES_128_CCM_8_SHA256"}};
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        server_setup s = {.ciphersuites = suites[i].name, .suite = suites[i].code};
        peer p = peer_new(&s, true);
        peer_run(&p, &s);
        const server_flight *f = handshake_flight(p.client);
        assert_read(f);
        assert_true(f->sent_finished);
        assert_true(SSL_is_init_finished(p.server));
        assert_int_equal(f->num_tickets, 2);
        assert_false(f->has_alert);
        peer_free(&p);
    }
}

static void every_group_is_read_also_after_a_retry(void **state)
{
    (void)state;
    static const char *const groups[] = {"P-256", "P-384", "P-521", "X25519", "X448", "ffdhe2048", "ffdhe3072", "ffdhe8192"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        server_setup s = {.groups = groups[i]};
        peer p = peer_new(&s, true);
        peer_run(&p, &s);
        assert_read(handshake_flight(p.client));
        assert_true(SSL_is_init_finished(p.server));
        peer_free(&p);
    }
}

static void every_kind_of_key_signs_rightly(void **state)
{
    (void)state;
    static const char *const types[] = {"RSA", "EC", "ED25519"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        server_setup s = {.key_type = types[i]};
        peer p = peer_new(&s, false);
        peer_run(&p, &s);
        assert_read(handshake_flight(p.client));
        assert_true(handshake_is_over(p.client));
        assert_false(SSL_is_init_finished(p.server));
        peer_free(&p);
    }
}

static void a_server_that_wants_a_certificate_says_so_after_the_empty_one(void **state)
{
    (void)state;
    server_setup s = {.wants_certificate = true};
    peer p = peer_new(&s, true);
    peer_run(&p, &s);
    const server_flight *f = handshake_flight(p.client);
    assert_read(f);
    assert_true(f->has_certificate_request);
    assert_int_equal(f->certificate_request.num_authorities, 1);
    assert_true(f->certificate_request.signature_schemes.num_codes > 0);
    assert_true(f->has_alert);
    assert_int_equal(f->alert.description, ALERT_CERTIFICATE_REQUIRED);
    peer_free(&p);
}

static void a_flight_that_was_damaged_on_the_way_is_not_taken_for_one(void **state)
{
    (void)state;
    server_setup s = {.corrupts = true};
    peer p = peer_new(&s, true);
    peer_run(&p, &s);
    const server_flight *f = handshake_flight(p.client);
    assert_false(f->is_read);
    assert_string_equal(f->why_not, "a protected record of its flight is not authentic");
    assert_true(handshake_is_over(p.client));
    peer_free(&p);
}

static void garbage_ends_it_with_a_reason(void **state)
{
    (void)state;
    server_setup s = {0};
    peer p = peer_new(&s, true);
    client_hello hello = peer_hello(&p, &s);
    peer_send_hello(&p, &hello);
    handshake_received(p.client, bytes_from_text("HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert_true(handshake_is_over(p.client));
    assert_string_equal(handshake_flight(p.client)->why_not, "what it sends is no TLS record");
    peer_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_is_read_and_finished),
        cmocka_unit_test(every_group_is_read_also_after_a_retry),
        cmocka_unit_test(every_kind_of_key_signs_rightly),
        cmocka_unit_test(a_server_that_wants_a_certificate_says_so_after_the_empty_one),
        cmocka_unit_test(a_flight_that_was_damaged_on_the_way_is_not_taken_for_one),
        cmocka_unit_test(garbage_ends_it_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
