#include "../with_arena.h"

#include "flights.h"
#include "wire/extension.h"
#include "wire/server_hello.h"

#define RANDOM "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define RETRY_RANDOM "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"

static server_hello parsed(arena *a, const char *hex, enum parse_status status)
{
    server_hello hello;
    assert_int_equal(server_hello_parse(a, bytes_from_hex(a, hex), &hello), status);
    return hello;
}

/* ---- ServerHello ----------------------------------------------------------------------------------------------- */

static void a_server_hello_of_tls_12_is_read(void **state)
{
    server_hello hello = parsed(*state,
                                "0303" RANDOM "02 abcd"
                                "c02f"
                                "00"
                                "0012 ff01 0001 00 0017 0000 0010 0005 0003 02 6832",
                                PARSE_DONE);
    assert_int_equal(hello.version, 0x0303);
    assert_int_equal(hello.cipher_suite, 0xc02f);
    assert_int_equal(hello.session_id.len, 2);
    assert_true(hello.has_renegotiation_info);
    assert_true(hello.has_extended_master_secret);
    assert_true(bytes_equal(hello.alpn, bytes_from_text("h2")));
    assert_false(hello.is_retry_request);
    assert_int_equal(hello.group, 0);
}

static void a_server_hello_of_ssl_3_has_no_extensions(void **state)
{
    server_hello hello = parsed(*state,
                                "0300" RANDOM "00"
                                "0005"
                                "00",
                                PARSE_DONE);
    assert_int_equal(hello.version, 0x0300);
    assert_int_equal(hello.num_extensions, 0);
    assert_false(hello.has_renegotiation_info);
}

static void a_server_hello_of_tls_13_says_version_and_group_in_extensions(void **state)
{
    server_hello hello = parsed(*state,
                                "0303" RANDOM "00"
                                "1301"
                                "00"
                                "000f 002b 0002 0304 0033 0005 001d 0001 aa",
                                PARSE_DONE);
    assert_int_equal(hello.version, 0x0304);
    assert_int_equal(hello.legacy_version, 0x0303);
    assert_int_equal(hello.group, 0x001d);
    assert_false(hello.is_retry_request);
}

static void a_retry_request_is_told_by_its_random(void **state)
{
    server_hello hello = parsed(*state,
                                "0303" RETRY_RANDOM "00"
                                "1301"
                                "00"
                                "0014 002b 0002 0304 0033 0002 0018 002c 0004 0002 beef",
                                PARSE_DONE);
    assert_true(hello.is_retry_request);
    assert_int_equal(hello.version, 0x0304);
    assert_int_equal(hello.group, 0x0018);
    assert_string_equal(bytes_to_hex(*state, hello.cookie), "beef");
}

static void a_server_hello_cut_in_its_fields_is_none(void **state)
{
    bytes_view whole = bytes_from_hex(*state, "0303" RANDOM "00"
                                              "1301"
                                              "00");
    for (size_t len = 0; len < whole.len; len++) {
        server_hello hello;
        assert_int_equal(server_hello_parse(*state, bytes_slice(whole, 0, len), &hello), PARSE_BAD);
        assert_int_equal(hello.findings.num_findings, 1);
    }
}

static void a_server_hello_cut_in_its_extensions_is_noted(void **state)
{
    server_hello hello = parsed(*state,
                                "0303" RANDOM "00"
                                "c02f"
                                "00"
                                "0010 ff01 0001 00",
                                PARSE_NOTE);
    assert_int_equal(hello.cipher_suite, 0xc02f);
    hello = parsed(*state,
                   "0303" RANDOM "00"
                   "c02f"
                   "00"
                   "0007 ff01 0001 00 0017",
                   PARSE_NOTE);
    assert_true(hello.has_renegotiation_info);
    parsed(*state,
           "0303" RANDOM "00"
           "c02f"
           "00"
           "0000 ff",
           PARSE_NOTE);
}

static void what_was_read_outlives_the_bytes(void **state)
{
    uint8_t bytes[38] = {3, 3, 0x11};
    server_hello hello;
    assert_int_equal(server_hello_parse(*state, bytes_from(bytes, sizeof bytes), &hello), PARSE_DONE);
    bytes[2] = 0x22;
    assert_int_equal(hello.random.data[0], 0x11);
}

/* ---- Certificate ----------------------------------------------------------------------------------------------- */

static void certificates_come_leaf_first(void **state)
{
    certificate_list list;
    bytes_view body = bytes_from_hex(*state, "000009 000002 aabb 000001 cc");
    assert_int_equal(certificate_list_parse(*state, body, &list), PARSE_DONE);
    assert_int_equal(list.num_certificates, 2);
    assert_string_equal(bytes_to_hex(*state, list.certificates[0]), "aabb");
    assert_string_equal(bytes_to_hex(*state, list.certificates[1]), "cc");
}

static void an_empty_list_of_certificates_is_one(void **state)
{
    certificate_list list;
    assert_int_equal(certificate_list_parse(*state, bytes_from_hex(*state, "000000"), &list), PARSE_DONE);
    assert_int_equal(list.num_certificates, 0);
}

static void malformed_certificates_give_those_before(void **state)
{
    certificate_list list;
    assert_int_equal(certificate_list_parse(*state, bytes_from_hex(*state, "000008 000002 aabb 000009"), &list), PARSE_NOTE);
    assert_int_equal(list.num_certificates, 1);
    assert_int_equal(certificate_list_parse(*state, bytes_from_hex(*state, "000000 ff"), &list), PARSE_NOTE);
    assert_int_equal(certificate_list_parse(*state, bytes_from_hex(*state, "000005 000002"), &list), PARSE_BAD);
    assert_int_equal(list.findings.num_findings, 1);
}

/* ---- ServerKeyExchange ----------------------------------------------------------------------------------------- */

static server_key_exchange key_exchange(arena *a, const char *hex, enum key_exchange_kind kind, bool is_anonymous, uint16_t version,
                                        enum parse_status status)
{
    server_key_exchange out;
    assert_int_equal(server_key_exchange_parse(a, bytes_from_hex(a, hex), kind, is_anonymous, version, &out), status);
    return out;
}

static void ecdhe_says_curve_and_scheme(void **state)
{
    server_key_exchange out =
        key_exchange(*state, "03 0017 02 0401 0804 0003 010203", KEY_EXCHANGE_ECDHE, false, 0x0303, PARSE_DONE);
    assert_int_equal(out.group, 0x0017);
    assert_int_equal(out.signature_scheme, 0x0804);
    assert_int_equal(out.prime_bits, 0);
}

static void before_tls_12_no_scheme_is_said(void **state)
{
    server_key_exchange out = key_exchange(*state, "03 0017 02 0401 0003 010203", KEY_EXCHANGE_ECDHE, false, 0x0302, PARSE_DONE);
    assert_int_equal(out.signature_scheme, 0);
}

static void an_explicit_curve_is_noted(void **state)
{
    server_key_exchange out = key_exchange(*state, "01 0017 02 0401", KEY_EXCHANGE_ECDHE, false, 0x0303, PARSE_NOTE);
    assert_int_equal(out.group, 0);
}

static void the_size_of_a_dh_prime_is_counted_in_bits(void **state)
{
    assert_int_equal(
        key_exchange(*state, "0002 ffff 0001 02 0001 03 0001 aa", KEY_EXCHANGE_DHE, false, 0x0301, PARSE_DONE).prime_bits, 16);
    assert_int_equal(
        key_exchange(*state, "0003 0001ff 0001 02 0001 03 0001 aa", KEY_EXCHANGE_DHE, false, 0x0301, PARSE_DONE).prime_bits, 9);
    assert_int_equal(
        key_exchange(*state, "0002 0000 0001 02 0001 03 0001 aa", KEY_EXCHANGE_DHE, false, 0x0301, PARSE_DONE).prime_bits, 0);
    assert_int_equal(key_exchange(*state, "0000 0001 02 0001 03 0001 aa", KEY_EXCHANGE_DHE, false, 0x0301, PARSE_DONE).prime_bits,
                     0);
}

static void an_anonymous_exchange_has_no_signature(void **state)
{
    key_exchange(*state, "0002 ffff 0001 02 0001 03", KEY_EXCHANGE_DHE, true, 0x0303, PARSE_DONE);
    key_exchange(*state, "0002 ffff 0001 02 0001 03", KEY_EXCHANGE_DHE, false, 0x0303, PARSE_NOTE);
}

static void an_export_key_is_read(void **state)
{
    key_exchange(*state, "0002 ffff 0001 03 0002 aabb", KEY_EXCHANGE_RSA_EXPORT, false, 0x0301, PARSE_DONE);
}

static void a_malformed_exchange_is_bad_or_noted(void **state)
{
    key_exchange(*state, "0009 ffff", KEY_EXCHANGE_DHE, false, 0x0303, PARSE_BAD);
    key_exchange(*state, "", KEY_EXCHANGE_ECDHE, false, 0x0303, PARSE_BAD);
    key_exchange(*state, "03 0017 02 0401 0804 0001 01 ff", KEY_EXCHANGE_ECDHE, false, 0x0303, PARSE_NOTE);
    key_exchange(*state, "aabb", KEY_EXCHANGE_UNKNOWN, false, 0x0303, PARSE_NOTE);
}

/* ---- CertificateRequest ---------------------------------------------------------------------------------------- */

static void a_certificate_request_of_tls_12_is_read(void **state)
{
    certificate_request request;
    bytes_view body = bytes_from_hex(*state, "02 0140 0004 0403 0804 0007 0002 3000 0001 31");
    assert_int_equal(certificate_request_parse(*state, body, 0x0303, &request), PARSE_DONE);
    assert_int_equal(request.certificate_types.len, 2);
    assert_int_equal(request.signature_schemes.num_codes, 2);
    assert_int_equal(request.num_authorities, 2);
    assert_int_equal(request.authorities[0].len, 2);
}

static void before_tls_12_a_certificate_request_has_no_schemes(void **state)
{
    certificate_request request;
    assert_int_equal(certificate_request_parse(*state, bytes_from_hex(*state, "01 01 0000"), 0x0301, &request), PARSE_DONE);
    assert_int_equal(request.signature_schemes.num_codes, 0);
    assert_int_equal(request.num_authorities, 0);
}

static void a_malformed_certificate_request_gives_what_it_can(void **state)
{
    certificate_request request;
    assert_int_equal(certificate_request_parse(*state, bytes_from_hex(*state, "05 01"), 0x0303, &request), PARSE_BAD);
    assert_int_equal(certificate_request_parse(*state, bytes_from_hex(*state, "01 01"), 0x0303, &request), PARSE_NOTE);
    assert_int_equal(certificate_request_parse(*state, bytes_from_hex(*state, "01 01 0003 040308 0000"), 0x0303, &request),
                     PARSE_NOTE);
    assert_int_equal(request.signature_schemes.num_codes, 1);
    assert_int_equal(
        certificate_request_parse(*state, bytes_from_hex(*state, "01 01 0002 0403 0005 0001 31 0009"), 0x0303, &request),
        PARSE_NOTE);
    assert_int_equal(request.num_authorities, 1);
}

#define TEST(situation) WITH_ARENA(situation)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_server_hello_of_tls_12_is_read),
        TEST(a_server_hello_of_ssl_3_has_no_extensions),
        TEST(a_server_hello_of_tls_13_says_version_and_group_in_extensions),
        TEST(a_retry_request_is_told_by_its_random),
        TEST(a_server_hello_cut_in_its_fields_is_none),
        TEST(a_server_hello_cut_in_its_extensions_is_noted),
        TEST(what_was_read_outlives_the_bytes),
        TEST(certificates_come_leaf_first),
        TEST(an_empty_list_of_certificates_is_one),
        TEST(malformed_certificates_give_those_before),
        TEST(ecdhe_says_curve_and_scheme),
        TEST(before_tls_12_no_scheme_is_said),
        TEST(an_explicit_curve_is_noted),
        TEST(the_size_of_a_dh_prime_is_counted_in_bits),
        TEST(an_anonymous_exchange_has_no_signature),
        TEST(an_export_key_is_read),
        TEST(a_malformed_exchange_is_bad_or_noted),
        TEST(a_certificate_request_of_tls_12_is_read),
        TEST(before_tls_12_a_certificate_request_has_no_schemes),
        TEST(a_malformed_certificate_request_gives_what_it_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
