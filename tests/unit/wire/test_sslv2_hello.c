#include "../with_arena.h"

#include "flights.h"

#define CHALLENGE "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
/* TLS_RSA_WITH_AES_128_CBC_SHA, SSL_CK_RC4_128_WITH_MD5, TLS_RSA_WITH_3DES_EDE_CBC_SHA */
#define BODY "01 0301 0009 0000 0010 00002f 010080 00000a" CHALLENGE

static client_hello parsed(arena *a, const char *hex, enum parse_status status)
{
    client_hello hello;
    bytes_view flight = bytes_from_hex(a, hex);
    assert_int_equal(client_hello_parse(a, flight, &hello), status);
    assert_true(bytes_equal(hello_bytes(a, &hello), flight));
    return hello;
}

static void its_fields_are_read(void **state)
{
    client_hello hello = parsed(*state, "8022" BODY, PARSE_DONE);
    assert_int_equal(hello.format, HELLO_FORMAT_SSLV2);
    assert_int_equal(hello.record_version, 0);
    assert_int_equal(hello.legacy_version, 0x0301);
    assert_int_equal(hello.sslv2_cipher_specs.len, 9);
    assert_int_equal(hello.random.len, 16);
    assert_int_equal(hello.session_id.len, 0);
    assert_false(hello.has_extensions);
}

static void only_tls_suites_count_as_cipher_suites(void **state)
{
    client_hello hello = parsed(*state, "8022" BODY, PARSE_DONE);
    assert_int_equal(hello.cipher_suites.num_codes, 2);
    assert_int_equal(hello.cipher_suites.codes[0], 0x002f);
    assert_int_equal(hello.cipher_suites.codes[1], 0x000a);
}

static void real_ones_are_read(void **state)
{
    client_hello old = hello_load(*state, "openssl-0.9.7m-s_client");
    assert_int_equal(old.format, HELLO_FORMAT_SSLV2);
    assert_int_equal(old.legacy_version, 0x0301);
    assert_int_equal(hello_load(*state, "openssl-0.9.8zg-s_client").format, HELLO_FORMAT_SSLV2);
}

static void a_session_is_carried(void **state)
{
    client_hello hello = parsed(*state,
                                "8029 01 0300 0000 0010 0010"
                                "00112233445566778899aabbccddeeff" CHALLENGE,
                                PARSE_DONE);
    assert_int_equal(hello.session_id.len, 16);
    assert_int_equal(hello.cipher_suites.num_codes, 0);
}

static void the_oldest_of_all_offers_ssl_2_alone(void **state)
{
    client_hello hello = parsed(*state, "801c 01 0002 0003 0000 0010 010080" CHALLENGE, PARSE_DONE);
    assert_int_equal(client_hello_version_max(&hello), 0x0002);
    assert_int_equal(client_hello_versions(*state, &hello).num_codes, 1);
}

static void the_message_is_what_follows_the_header(void **state)
{
    client_hello hello = parsed(*state, "8022" BODY, PARSE_DONE);
    bytes_view message;
    assert_true(client_hello_message(*state, &hello, &message, NULL));
    assert_true(bytes_equal(message, bytes_from_hex(*state, BODY)));
}

static void a_header_of_three_bytes_and_its_padding_are_kept(void **state)
{
    client_hello hello = parsed(*state, "0024 02" BODY "0000", PARSE_NOTE);
    assert_int_equal(hello.cipher_suites.num_codes, 2);
    assert_true(has_finding(hello.findings, "padding"));
    assert_true(hello.verbatim.len > 0);
    bytes_view message;
    assert_true(client_hello_message(*state, &hello, &message, NULL));
    assert_int_equal(message.len, 0x24);
    client_hello plain = parsed(*state, "0022 00" BODY, PARSE_NOTE);
    assert_int_equal(plain.random.len, 16);
}

static void what_follows_is_trailing(void **state)
{
    client_hello hello = parsed(*state, "8022" BODY "16030100", PARSE_DONE);
    assert_int_equal(hello.trailing.len, 4);
}

static void a_record_longer_than_its_fields_is_kept(void **state)
{
    client_hello hello = parsed(*state, "8024" BODY "ffff", PARSE_NOTE);
    assert_true(has_finding(hello.findings, "2 bytes left over at byte 36"));
    assert_int_equal(hello.random.len, 16);
}

static void fields_longer_than_the_record_are_kept(void **state)
{
    client_hello hello = parsed(*state, "8021" BODY, PARSE_NOTE);
    assert_true(has_finding(hello.findings, "challenge at byte"));
    assert_int_equal(hello.cipher_suites.num_codes, 2);
}

static void a_record_too_short_for_its_fields_is_kept(void **state)
{
    parsed(*state, "8003 01 0301", PARSE_NOTE);
}

static void lengths_against_the_rules_are_noted(void **state)
{
    assert_true(has_finding(parsed(*state, "801b 01 0301 0002 0000 0010 0000" CHALLENGE, PARSE_NOTE).findings, "multiple of 3"));
    assert_true(
        has_finding(parsed(*state, "8014 01 0301 0003 0000 0008 00002f a0a1a2a3a4a5a6a7", PARSE_NOTE).findings, "challenge"));
    assert_true(has_finding(parsed(*state, "801d 01 0301 0003 0001 0010 00002f 77" CHALLENGE, PARSE_NOTE).findings, "session_id"));
}

static void cut_at_every_byte_it_wants_more_and_is_kept(void **state)
{
    static const char *const flights[] = {"8022" BODY, "0024 02" BODY "0000"};
    for (size_t i = 0; i < 2; i++) {
        bytes_view whole = bytes_from_hex(*state, flights[i]);
        for (size_t len = 1; len < whole.len; len++) {
            client_hello hello;
            bytes_view cut = bytes_slice(whole, 0, len);
            assert_int_equal(client_hello_parse(*state, cut, &hello), PARSE_MORE);
            enum parse_status status = client_hello_parse_ended(*state, cut, &hello);
            bool tells = i == 0 || len > 3; /* three bytes of the longer header do not say yet that this is a hello */
            assert_int_equal(status, tells ? PARSE_NOTE : PARSE_BAD);
            assert_int_equal(hello.findings.num_findings > 0, true);
            if (!tells)
                continue;
            assert_true(bytes_equal(hello_bytes(*state, &hello), cut));
        }
    }
}

static void what_only_resembles_it_is_no_hello(void **state)
{
    static const char *const others[] = {"802202030100", "80220100030000", "8022010400", "0022000203010009", "00220001020000"};
    client_hello hello;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(client_hello_parse(*state, bytes_from_hex(*state, others[i]), &hello), PARSE_BAD);
}

#define TEST(situation) WITH_ARENA(situation)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(its_fields_are_read),
        TEST(only_tls_suites_count_as_cipher_suites),
        TEST(real_ones_are_read),
        TEST(a_session_is_carried),
        TEST(the_oldest_of_all_offers_ssl_2_alone),
        TEST(the_message_is_what_follows_the_header),
        TEST(a_header_of_three_bytes_and_its_padding_are_kept),
        TEST(what_follows_is_trailing),
        TEST(a_record_longer_than_its_fields_is_kept),
        TEST(fields_longer_than_the_record_are_kept),
        TEST(a_record_too_short_for_its_fields_is_kept),
        TEST(lengths_against_the_rules_are_noted),
        TEST(cut_at_every_byte_it_wants_more_and_is_kept),
        TEST(what_only_resembles_it_is_no_hello),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
