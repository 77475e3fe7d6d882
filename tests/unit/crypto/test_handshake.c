/* The handshake of TLS 1.3 against libssl in the same process, without a socket: every suite, every group, each kind of key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tls_peer.h"

#include "wire/hello_edit.h"
#include "wire/writer.h"

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
        assert_int_equal(peer_log_lines_in_common(&p), 4);
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

/* Its key share is the client's own, whose private half is not known here: nothing is computed with the key of ours that is. */
static void a_share_that_is_not_ours_is_not_taken_for_one(void **state)
{
    (void)state;
    static const uint8_t stranger[32] = {9};
    server_setup s = {.groups = "X25519"};
    peer p = peer_new(&s, true);
    client_hello hello = peer_hello(&p, &s);
    key_share share = {.group = 0x001d, .key_exchange = bytes_from(stranger, sizeof stranger)};
    hello = hello_with_key_shares(p.arena, &hello, &share, 1);
    peer_send_hello(&p, &hello);
    peer_drain(&p);
    const server_flight *f = handshake_flight(p.client);
    assert_false(f->is_read);
    assert_string_equal(f->why_not, "the server chose a group for which the hello had no key of ours");
    peer_free(&p);
}

/* ---- servers that lie, without libssl ------------------------------------------------------------------------------------ */

/* A ServerHello of TLS 1.3 with that group and share length. */
static bytes_view lying_hello(arena *a, uint16_t group, size_t share_len, uint16_t version)
{
    writer w;
    bytes_view out;
    writer_init(&w, 4096);
    write_u8(&w, 22);
    write_u16(&w, VERSION_TLS12);
    writer_vector fragment = writer_open16(&w);
    write_u8(&w, 2);
    writer_vector body = writer_open24(&w);
    write_u16(&w, VERSION_TLS12);
    write_zeros(&w, 32);
    write_u8(&w, 0);
    write_u16(&w, 0x1301);
    write_u8(&w, 0);
    writer_vector extensions = writer_open16(&w);
    write_u16(&w, 43);
    write_u16(&w, 2);
    write_u16(&w, version);
    write_u16(&w, 51);
    writer_vector share = writer_open16(&w);
    write_u16(&w, group);
    writer_vector key = writer_open16(&w);
    for (size_t i = 0; i < share_len; i++)
        write_u8(&w, 0x55);
    writer_close(&w, key);
    writer_close(&w, share);
    writer_close(&w, extensions);
    writer_close(&w, body);
    writer_close(&w, fragment);
    assert_true(writer_take(&w, a, &out));
    return out;
}

static const char *why_not_after(uint16_t group, size_t share_len, size_t num_hellos)
{
    server_setup s = {0};
    peer p = peer_new(&s, true);
    client_hello hello = peer_hello(&p, &s);
    peer_send_hello(&p, &hello);
    for (size_t i = 0; i < num_hellos; i++)
        handshake_received(p.client, lying_hello(p.arena, group, share_len, VERSION_TLS13));
    handshake_ended(p.client);
    const server_flight *f = handshake_flight(p.client);
    assert_true(handshake_is_over(p.client));
    assert_false(f->is_read);
    const char *why_not = f->why_not; /* a literal */
    peer_free(&p);
    return why_not;
}

static void a_share_that_is_no_key_is_said_to_be_none(void **state)
{
    (void)state;
    assert_string_equal(why_not_after(0x0017, 65, 1), "the server's key share is no key of its group");
    assert_string_equal(why_not_after(0x001d, 31, 1), "the server's key share is no key of its group");
    assert_string_equal(why_not_after(0x001d, 0, 1), "the server's key share is no key of its group");
}

static void a_group_that_was_not_offered_is_not_computed(void **state)
{
    (void)state;
    assert_string_equal(why_not_after(0x0100, 256, 1), "the server chose a group for which the hello had no key of ours");
    assert_string_equal(why_not_after(0xffff, 1, 1), "the server chose a group for which the hello had no key of ours");
}

static void a_second_server_hello_is_only_noted(void **state)
{
    (void)state;
    assert_string_equal(why_not_after(0x001d, 32, 2), "the stream ended before its Finished");
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
        cmocka_unit_test(a_share_that_is_not_ours_is_not_taken_for_one),
        cmocka_unit_test(a_share_that_is_no_key_is_said_to_be_none),
        cmocka_unit_test(a_group_that_was_not_offered_is_not_computed),
        cmocka_unit_test(a_second_server_hello_is_only_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
