/* Handshakes of TLS 1.0 to 1.2 against libssl in the same process: every suite that it has, every version, every way to protect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tls_peer.h"

#include <string.h>

static void assert_read(const server_flight *f)
{
    if (f->why_not != NULL)
        print_message("%s\n", f->why_not);
    assert_null(f->why_not);
    assert_true(f->is_read);
    assert_int_equal(f->findings.num_findings, 0);
}

static void assert_finished(const peer *p)
{
    const server_flight *f = handshake_flight(p->client);
    assert_read(f);
    assert_true(f->sent_finished);
    assert_true(f->has_finished);
    assert_true(f->finished_is_right);
    assert_false(f->has_alert);
    assert_true(SSL_is_init_finished(p->server));
    assert_true(handshake_is_over(p->client));
}

typedef struct server_keys {
    EVP_PKEY *rsa, *ec, *dsa;
} server_keys;

static EVP_PKEY *key_for(const server_keys *keys, const cipher_suite_row *row)
{
    if (row->authentication == SUITE_AUTH_ECDSA)
        return keys->ec;
    return row->authentication == SUITE_AUTH_DSS ? keys->dsa : keys->rsa;
}

static bool is_for_here(const cipher_suite_row *row, uint16_t version)
{
    bool known_exchange =
        row->key_exchange == SUITE_KX_RSA || row->key_exchange == SUITE_KX_DHE || row->key_exchange == SUITE_KX_ECDHE;
    return known_exchange && row->kind == SUITE_NORMAL && !row->is_export && row->openssl_name != NULL &&
           cipher_suite_fits_version(row->code, version);
}

/* libssl was built without some: it says so when it is asked for that one alone. */
static bool libssl_has(const char *name)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_security_level(context, 0);
    bool has = SSL_CTX_set_cipher_list(context, name) == 1;
    SSL_CTX_free(context);
    return has;
}

static void run_suite(const server_keys *keys, const cipher_suite_row *row, uint16_t version, bool with_extensions)
{
    server_setup s = {.version = version,
                      .ciphers = row->openssl_name,
                      .key = key_for(keys, row),
                      .suite = row->code,
                      .offers_extended_master_secret = with_extensions,
                      .offers_encrypt_then_mac = with_extensions};
    peer p = peer_new(&s, true);
    peer_run(&p, &s);
    const server_flight *f = handshake_flight(p.client);
    if (!f->finished_is_right)
        print_message("%s at %04x: %s\n", row->name, version, f->why_not == NULL ? "?" : f->why_not);
    assert_finished(&p);
    assert_int_equal(peer_log_lines_in_common(&p), 1);
    bool is_signed = row->key_exchange != SUITE_KX_RSA && row->authentication != SUITE_AUTH_ANONYMOUS;
    assert_int_equal(f->has_certificate_verify, is_signed);
    assert_int_equal(f->signature_is_right, is_signed);
    assert_int_equal(f->certificates.num_certificates, row->authentication == SUITE_AUTH_ANONYMOUS ? 0 : 1);
    peer_free(&p);
}

/* Each once with extended_master_secret and encrypt_then_mac, once without. */
static size_t run_all_suites(uint16_t version)
{
    size_t num_run = 0;
    server_keys keys = {.rsa = peer_key("RSA"), .ec = peer_key("EC"), .dsa = peer_key("DSA")};
    for (size_t i = 0; i < num_cipher_suite_rows; i++) {
        const cipher_suite_row *row = &cipher_suite_rows[i];
        if (!is_for_here(row, version) || !libssl_has(row->openssl_name))
            continue;
        run_suite(&keys, row, version, false);
        run_suite(&keys, row, version, true);
        num_run++;
    }
    EVP_PKEY_free(keys.rsa);
    EVP_PKEY_free(keys.ec);
    EVP_PKEY_free(keys.dsa);
    return num_run;
}

static void every_suite_of_tls12_is_finished(void **state)
{
    (void)state;
    assert_true(run_all_suites(VERSION_TLS12) >= 60);
}

static void every_suite_of_tls11_is_finished(void **state)
{
    (void)state;
    assert_true(run_all_suites(VERSION_TLS11) >= 15);
}

static void every_suite_of_tls10_is_finished(void **state)
{
    (void)state;
    assert_true(run_all_suites(VERSION_TLS10) >= 15);
}

static void every_curve_that_libssl_has_is_finished(void **state)
{
    (void)state;
    static const char *const groups[] = {"P-256",     "P-384",     "P-521",     "X25519",    "X448",      "brainpoolP256r1",
                                         "secp256k1", "secp224r1", "sect571k1", "sect571r1", "sect283k1", "prime192v1"};
    EVP_PKEY *key = peer_key("RSA");
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        server_setup s = {.version = VERSION_TLS12, .ciphers = "ECDHE-RSA-AES128-GCM-SHA256", .groups = groups[i], .key = key};
        peer p = peer_new(&s, true);
        peer_run(&p, &s);
        assert_finished(&p);
        peer_free(&p);
    }
    EVP_PKEY_free(key);
}

static void a_flight_is_read_without_sending_anything(void **state)
{
    (void)state;
    server_setup s = {.version = VERSION_TLS12, .wants_certificate = true};
    peer p = peer_new(&s, false);
    peer_run(&p, &s);
    const server_flight *f = handshake_flight(p.client);
    assert_read(f);
    assert_true(f->has_certificate_request);
    assert_int_equal(f->certificate_request.num_authorities, 1);
    assert_true(f->signature_is_right);
    assert_false(f->sent_finished);
    assert_true(handshake_is_over(p.client));
    assert_false(SSL_is_init_finished(p.server));
    peer_free(&p);
}

static void a_server_that_wants_a_certificate_refuses_the_empty_one(void **state)
{
    (void)state;
    static const uint16_t versions[] = {VERSION_TLS10, VERSION_TLS11, VERSION_TLS12};
    for (size_t i = 0; i < 3; i++) {
        server_setup s = {.version = versions[i], .wants_certificate = true};
        peer p = peer_new(&s, true);
        peer_run(&p, &s);
        const server_flight *f = handshake_flight(p.client);
        assert_read(f);
        assert_true(f->has_certificate_request);
        assert_true(f->sent_finished);
        assert_false(f->has_finished);
        assert_true(f->has_alert);
        assert_int_equal(f->alert.description, ALERT_HANDSHAKE_FAILURE);
        peer_free(&p);
    }
}

/* What the server signed has one bit changed: the flight is read, and the signature is not right. */
static void a_wrong_signature_is_told_and_reading_goes_on(void **state)
{
    (void)state;
    server_setup s = {.version = VERSION_TLS12, .ciphers = "ECDHE-RSA-AES128-GCM-SHA256", .corrupts = true};
    peer p = peer_new(&s, false);
    peer_run(&p, &s);
    const server_flight *f = handshake_flight(p.client);
    assert_true(f->is_read);
    assert_true(f->has_certificate_verify);
    assert_false(f->signature_is_right);
    peer_free(&p);
}

static void what_cannot_be_computed_is_said_after_the_flight_was_read(void **state)
{
    (void)state;
    server_setup s = {.version = VERSION_TLS12};
    peer p = peer_new(&s, true);
    client_hello hello = peer_hello(&p, &s);
    peer_send_hello(&p, &hello);
    /* ServerHello of SSL 3.0 with RC4, and a ServerHelloDone */
    static const uint8_t flight[] = {22, 3,  0,  0,  46, 2,  0,  0,  38, 3,  0,  1,  2,  3,  4,  5,  6,
                                     7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                                     24, 25, 26, 27, 28, 29, 30, 31, 32, 0,  0,  5,  0,  14, 0,  0,  0};
    handshake_received(p.client, bytes_from(flight, sizeof flight));
    const server_flight *f = handshake_flight(p.client);
    assert_true(handshake_is_over(p.client));
    assert_true(f->is_read);
    assert_false(f->sent_finished);
    assert_string_equal(f->why_not, "the keys of SSL 3.0 are not computed here");
    peer_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_of_tls12_is_finished),
        cmocka_unit_test(every_suite_of_tls11_is_finished),
        cmocka_unit_test(every_suite_of_tls10_is_finished),
        cmocka_unit_test(every_curve_that_libssl_has_is_finished),
        cmocka_unit_test(a_flight_is_read_without_sending_anything),
        cmocka_unit_test(a_server_that_wants_a_certificate_refuses_the_empty_one),
        cmocka_unit_test(a_wrong_signature_is_told_and_reading_goes_on),
        cmocka_unit_test(what_cannot_be_computed_is_said_after_the_flight_was_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
