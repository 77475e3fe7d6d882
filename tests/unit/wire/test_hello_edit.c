#include "../with_arena.h"

#include "flights.h"
#include "wire/extension.h"
#include <string.h>

/* A hello with GREASE everywhere that RFC 8701 allows it, padding in its middle and pre_shared_key at its end. */
static client_hello greased(arena *a)
{
    client_hello hello;
    bytes_view body = bytes_from_hex(a, "0303"
                                        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                                        "04 aabbccdd"
                                        "0006 3a3a 1301 c02f"
                                        "0100"
                                        "005f"
                                        "4a4a 0000"
                                        "0000 000e 000c 00 0009 6c6f63616c686f7374"
                                        "000a 0008 0006 2a2a 001d 0017"
                                        "0010 0008 0006 02 6832 02 5a5a"
                                        "002b 0007 06 6a6a 0304 0303"
                                        "0033 000c 000a 2a2a 0001 00 001d 0001 77"
                                        "002a 0000"
                                        "fafa 0001 00"
                                        "0015 0003 000000"
                                        "0029 0002 0101");
    assert_int_equal(client_hello_parse(a, flight_of_body(a, 0x0301, body), &hello), PARSE_DONE);
    return hello;
}

static bool same_extension(const client_hello *left, const client_hello *right, uint16_t type)
{
    const extension *l = client_hello_extension(left, type), *r = client_hello_extension(right, type);
    return (l == NULL) == (r == NULL) && (l == NULL || bytes_equal(l->body, r->body));
}

/* Nothing but the extension `except` differs. */
static void assert_only_extension_differs(const client_hello *before, const client_hello *after, uint16_t except)
{
    assert_int_equal(after->legacy_version, before->legacy_version);
    assert_int_equal(after->record_version, before->record_version);
    assert_true(bytes_equal(after->random, before->random));
    assert_true(bytes_equal(after->session_id, before->session_id));
    assert_int_equal(after->cipher_suites.num_codes, before->cipher_suites.num_codes);
    size_t b = 0;
    for (size_t i = 0; i < after->num_extensions; i++) {
        if (after->extensions[i].type == except)
            continue;
        while (before->extensions[b].type == except)
            b++;
        assert_int_equal(after->extensions[i].type, before->extensions[b].type);
        assert_true(same_extension(before, after, after->extensions[i].type));
        b++;
    }
    while (b < before->num_extensions && before->extensions[b].type == except)
        b++;
    assert_int_equal(b, before->num_extensions);
}

static void assert_body(arena *a, const client_hello *hello, uint16_t type, const char *hex)
{
    const extension *e = client_hello_extension(hello, type);
    assert_non_null(e);
    assert_string_equal(bytes_to_hex(a, e->body), hex);
}

/* The written hello, read again, is the same hello. */
static void assert_writes(arena *a, const client_hello *hello)
{
    client_hello again;
    assert_true(client_hello_parse(a, hello_bytes(a, hello), &again) <= PARSE_NOTE);
    assert_int_equal(again.verbatim.len, 0);
    assert_int_equal(again.num_extensions, hello->num_extensions);
}

/* ---- extensions ------------------------------------------------------------------------------------------------ */

static void a_replaced_extension_keeps_its_place(void **state)
{
    client_hello before = greased(*state);
    client_hello after = hello_with_extension(*state, &before, EXTENSION_ALPN, bytes_from_hex(*state, "0003026833"));
    assert_only_extension_differs(&before, &after, EXTENSION_ALPN);
    assert_int_equal(after.extensions[3].type, EXTENSION_ALPN);
    assert_body(*state, &after, EXTENSION_ALPN, "0003026833");
    assert_writes(*state, &after);
}

static void a_replaced_extension_that_came_twice_comes_once(void **state)
{
    client_hello before = greased(*state);
    before.extensions[6].type = EXTENSION_ALPN;
    client_hello after = hello_with_extension(*state, &before, EXTENSION_ALPN, bytes_from_hex(*state, "0003026833"));
    assert_int_equal(after.num_extensions, before.num_extensions - 1);
    assert_only_extension_differs(&before, &after, EXTENSION_ALPN);
}

static void a_new_extension_goes_before_padding_and_pre_shared_key(void **state)
{
    client_hello before = greased(*state);
    client_hello after = hello_with_extension(*state, &before, EXTENSION_EXTENDED_MASTER_SECRET, (bytes_view){0});
    assert_only_extension_differs(&before, &after, EXTENSION_EXTENDED_MASTER_SECRET);
    assert_int_equal(after.extensions[8].type, EXTENSION_EXTENDED_MASTER_SECRET);
    assert_int_equal(after.extensions[9].type, EXTENSION_PADDING);
    assert_int_equal(after.extensions[10].type, EXTENSION_PRE_SHARED_KEY);
}

static void new_padding_goes_before_pre_shared_key(void **state)
{
    client_hello before = greased(*state);
    before = hello_without_extension(*state, &before, EXTENSION_PADDING);
    client_hello after = hello_with_extension(*state, &before, EXTENSION_PADDING, (bytes_view){0});
    assert_int_equal(after.extensions[after.num_extensions - 2].type, EXTENSION_PADDING);
    assert_int_equal(after.extensions[after.num_extensions - 1].type, EXTENSION_PRE_SHARED_KEY);
}

static void a_new_pre_shared_key_goes_last(void **state)
{
    client_hello before = greased(*state);
    before = hello_without_extension(*state, &before, EXTENSION_PRE_SHARED_KEY);
    client_hello after = hello_with_extension(*state, &before, EXTENSION_PRE_SHARED_KEY, bytes_from_hex(*state, "00"));
    assert_int_equal(after.extensions[after.num_extensions - 1].type, EXTENSION_PRE_SHARED_KEY);
}

static void a_hello_without_extensions_gets_a_block(void **state)
{
    client_hello before = {.legacy_version = 0x0301,
                           .record_version = 0x0301,
                           .random = bytes_from(arena_alloc(*state, 32), 32),
                           .cipher_suites = codes_one(*state, 47),
                           .compression_methods = bytes_from("", 1)};
    client_hello after = hello_with_extension(*state, &before, EXTENSION_RENEGOTIATION_INFO, bytes_from("", 1));
    assert_true(after.has_extensions);
    assert_writes(*state, &after);
    assert_int_equal(hello_message_len(*state, &after), hello_message_len(*state, &before) + 2 + 5);
}

static void the_hello_given_stays_as_it_was(void **state)
{
    client_hello hello = greased(*state);
    bytes_view before = hello_bytes(*state, &hello);
    hello_with_extension(*state, &hello, 1234, bytes_from("x", 1));
    hello_with_extension(*state, &hello, EXTENSION_ALPN, bytes_from("x", 1));
    hello_without_extension(*state, &hello, EXTENSION_ALPN);
    hello_without_grease(*state, &hello);
    hello_with_cipher_suites(*state, &hello, codes_one(*state, 1));
    hello_after_retry(*state, &hello, NULL, bytes_from("c", 1));
    assert_true(bytes_equal(hello_bytes(*state, &hello), before));
}

static void a_removed_extension_leaves_the_others(void **state)
{
    client_hello before = greased(*state);
    client_hello after = hello_without_extension(*state, &before, EXTENSION_SERVER_NAME);
    assert_int_equal(after.num_extensions, before.num_extensions - 1);
    assert_only_extension_differs(&before, &after, EXTENSION_SERVER_NAME);
    assert_writes(*state, &after);
}

static void removing_what_is_not_there_changes_nothing(void **state)
{
    client_hello before = greased(*state);
    client_hello after = hello_without_extension(*state, &before, 9999);
    assert_true(bytes_equal(hello_bytes(*state, &before), hello_bytes(*state, &after)));
}

static void removing_the_last_extension_removes_the_block(void **state)
{
    client_hello before = hello_load(*state, "python-3.5.0-openssl-0.9.8zg-urllib");
    client_hello after = before;
    for (size_t i = 0; i < before.num_extensions; i++)
        after = hello_without_extension(*state, &after, before.extensions[i].type);
    assert_false(after.has_extensions);
    assert_writes(*state, &after);
}

/* ---- lists ----------------------------------------------------------------------------------------------------- */

static void versions_are_written_as_given(void **state)
{
    client_hello before = greased(*state);
    const uint16_t versions[] = {0x0303, 0x0302};
    client_hello after = hello_with_versions(*state, &before, codes_from(*state, versions, 2));
    assert_only_extension_differs(&before, &after, EXTENSION_SUPPORTED_VERSIONS);
    assert_body(*state, &after, EXTENSION_SUPPORTED_VERSIONS, "0403030302");
}

static void versions_are_added_to_a_hello_that_names_none(void **state)
{
    client_hello before = hello_load(*state, "node-0.8.28");
    client_hello after = hello_with_versions(*state, &before, codes_one(*state, 0x0304));
    assert_only_extension_differs(&before, &after, EXTENSION_SUPPORTED_VERSIONS);
    assert_int_equal(client_hello_version_max(&after), 0x0304);
    assert_int_equal(after.legacy_version, 0x0301);
}

static void no_versions_remove_the_extension(void **state)
{
    client_hello before = greased(*state);
    client_hello after = hello_with_versions(*state, &before, (code_list){0});
    assert_null(client_hello_extension(&after, EXTENSION_SUPPORTED_VERSIONS));
    assert_only_extension_differs(&before, &after, EXTENSION_SUPPORTED_VERSIONS);
}

static void more_versions_than_can_be_said_change_nothing(void **state)
{
    client_hello before = greased(*state);
    code_list many = {.codes = ARENA_ARRAY(*state, 128, uint16_t), .num_codes = 128};
    client_hello after = hello_with_versions(*state, &before, many);
    assert_true(bytes_equal(hello_bytes(*state, &before), hello_bytes(*state, &after)));
}

static void groups_are_replaced_and_key_shares_stay(void **state)
{
    client_hello before = greased(*state);
    client_hello after = hello_with_groups(*state, &before, codes_one(*state, 0x0018));
    assert_only_extension_differs(&before, &after, EXTENSION_SUPPORTED_GROUPS);
    assert_body(*state, &after, EXTENSION_SUPPORTED_GROUPS, "00020018");
    after = hello_with_groups(*state, &before, (code_list){0});
    assert_null(client_hello_extension(&after, EXTENSION_SUPPORTED_GROUPS));
}

static void signature_schemes_are_added_or_removed(void **state)
{
    client_hello before = greased(*state);
    const uint16_t schemes[] = {0x0403, 0x0804};
    client_hello after = hello_with_signature_schemes(*state, &before, codes_from(*state, schemes, 2));
    assert_only_extension_differs(&before, &after, EXTENSION_SIGNATURE_ALGORITHMS);
    assert_body(*state, &after, EXTENSION_SIGNATURE_ALGORITHMS, "000404030804");
    client_hello again = hello_with_signature_schemes(*state, &after, (code_list){0});
    assert_true(bytes_equal(hello_bytes(*state, &before), hello_bytes(*state, &again)));
}

static void key_shares_are_written(void **state)
{
    client_hello before = greased(*state);
    const key_share shares[] = {{29, bytes_from("\x01\x02", 2)}, {23, bytes_from("\x03", 1)}};
    client_hello after = hello_with_key_shares(*state, &before, shares, 2);
    assert_only_extension_differs(&before, &after, EXTENSION_KEY_SHARE);
    assert_body(*state, &after, EXTENSION_KEY_SHARE,
                "000b"
                "001d00020102"
                "0017000103");
    after = hello_with_key_shares(*state, &before, NULL, 0);
    assert_body(*state, &after, EXTENSION_KEY_SHARE, "0000"); /* asks for a HelloRetryRequest (RFC 8446, 4.2.8) */
}

static void a_server_name_is_replaced_added_or_removed(void **state)
{
    client_hello before = greased(*state);
    client_hello after = hello_with_server_name(*state, &before, bytes_from_text("a.example"));
    assert_only_extension_differs(&before, &after, EXTENSION_SERVER_NAME);
    assert_true(bytes_equal(client_hello_server_name(&after), bytes_from_text("a.example")));
    after = hello_with_server_name(*state, &before, (bytes_view){0});
    assert_null(client_hello_extension(&after, EXTENSION_SERVER_NAME));
    after = hello_with_server_name(*state, &after, bytes_from_text("b.example"));
    assert_true(bytes_equal(client_hello_server_name(&after), bytes_from_text("b.example")));
}

static void alpn_is_replaced_or_removed(void **state)
{
    client_hello before = greased(*state);
    const bytes_view protocols[] = {bytes_from_text("http/1.1"), bytes_from_text("h2")};
    client_hello after = hello_with_alpn(*state, &before, protocols, 2);
    assert_only_extension_differs(&before, &after, EXTENSION_ALPN);
    assert_body(*state, &after, EXTENSION_ALPN,
                "000c"
                "08687474702f312e31"
                "026832");
    after = hello_with_alpn(*state, &before, NULL, 0);
    assert_null(client_hello_extension(&after, EXTENSION_ALPN));
}

/* ---- fields ---------------------------------------------------------------------------------------------------- */

static void cipher_suites_are_replaced_and_nothing_else(void **state)
{
    client_hello before = greased(*state);
    const uint16_t suites[] = {0x1302, 0x002f};
    client_hello after = hello_with_cipher_suites(*state, &before, codes_from(*state, suites, 2));
    assert_int_equal(after.cipher_suites.codes[1], 0x002f);
    after.cipher_suites = before.cipher_suites;
    assert_true(bytes_equal(hello_bytes(*state, &before), hello_bytes(*state, &after)));
}

static void a_version_in_one_place_leaves_the_other(void **state)
{
    client_hello before = greased(*state);
    client_hello after = hello_with_legacy_version(*state, &before, 0x0302);
    assert_int_equal(after.legacy_version, 0x0302);
    assert_int_equal(after.record_version, 0x0301);
    after = hello_with_record_version(*state, &before, 0x0300);
    assert_int_equal(after.legacy_version, 0x0303);
    assert_int_equal(bytes_at(hello_bytes(*state, &after), 2), 0);
}

static void random_and_session_are_replaced(void **state)
{
    client_hello before = greased(*state);
    uint8_t random[32];
    memset(random, 0x77, sizeof random);
    client_hello after = hello_with_random(*state, &before, bytes_from(random, 32), bytes_from("\x01\x02", 2));
    assert_int_equal(after.random.data[31], 0x77);
    assert_int_equal(after.session_id.len, 2);
    assert_writes(*state, &after);
}

static void an_edit_writes_a_malformed_hello_from_its_parts(void **state)
{
    client_hello hello;
    bytes_view body = bytes_from_hex(*state, "0303"
                                             "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                                             "00"
                                             "0005002f003500"
                                             "0100");
    assert_int_equal(client_hello_parse(*state, flight_of_body(*state, 0x0301, body), &hello), PARSE_NOTE);
    client_hello after = hello_with_record_version(*state, &hello, 0x0301);
    assert_int_equal(after.verbatim.len, 0);
    assert_int_equal(after.findings.num_findings, 0);
    assert_int_equal(hello_bytes(*state, &after).len, hello_bytes(*state, &hello).len - 1);
}

static void edits_keep_the_cuts_and_the_last_record_takes_the_rest(void **state)
{
    client_hello hello, again;
    bytes_view cut = flight_cut(*state, flight_load(*state, "go-1.19"), 100);
    assert_int_equal(client_hello_parse(*state, cut, &hello), PARSE_DONE);
    client_hello longer = hello_with_server_name(*state, &hello, bytes_from_text("a-much-longer-name.example.com"));
    assert_int_equal(client_hello_parse(*state, hello_bytes(*state, &longer), &again), PARSE_DONE);
    assert_int_equal(again.num_fragments, 3);
    assert_int_equal(again.fragment_lens[1], 100);
    assert_int_equal(again.fragment_lens[2], hello.fragment_lens[2] + 21);
    client_hello shorter = hello_with_cipher_suites(*state, &hello, codes_one(*state, 1));
    shorter = hello_without_extension(*state, &shorter, EXTENSION_KEY_SHARE);
    shorter = hello_without_extension(*state, &shorter, EXTENSION_SIGNATURE_ALGORITHMS);
    shorter = hello_without_extension(*state, &shorter, EXTENSION_ALPN);
    assert_int_equal(client_hello_parse(*state, hello_bytes(*state, &shorter), &again), PARSE_DONE);
    assert_int_equal(again.num_fragments, 2);
}

static void in_one_record_nothing_follows(void **state)
{
    client_hello hello;
    bytes_view cut = flight_cut(*state, flight_load(*state, "go-1.19"), 100);
    assert_int_equal(client_hello_parse(*state, cut, &hello), PARSE_DONE);
    hello.trailing = bytes_from_text("early");
    client_hello after = hello_in_one_record(*state, &hello);
    assert_true(bytes_equal(hello_bytes(*state, &after), flight_load(*state, "go-1.19")));
}

/* ---- GREASE ---------------------------------------------------------------------------------------------------- */

static void without_grease_nothing_of_it_is_left(void **state)
{
    client_hello before = greased(*state);
    client_hello after = hello_without_grease(*state, &before);
    bytes_view *protocols;
    assert_int_equal(after.num_extensions, before.num_extensions - 2);
    assert_int_equal(after.cipher_suites.num_codes, 2);
    assert_body(*state, &after, EXTENSION_SUPPORTED_GROUPS, "0004001d0017");
    assert_body(*state, &after, EXTENSION_SUPPORTED_VERSIONS, "0403040303");
    assert_body(*state, &after, EXTENSION_KEY_SHARE, "0005001d000177");
    assert_int_equal(client_hello_alpn(*state, &after, &protocols), 1);
    assert_true(same_extension(&before, &after, EXTENSION_SERVER_NAME));
    assert_true(same_extension(&before, &after, EXTENSION_PRE_SHARED_KEY));
    assert_writes(*state, &after);
}

static void grease_among_psk_modes_goes_too(void **state)
{
    client_hello before = greased(*state);
    before = hello_with_extension(*state, &before, EXTENSION_PSK_KEY_EXCHANGE_MODES, bytes_from_hex(*state, "04 0b 01 00 e4"));
    client_hello after = hello_without_grease(*state, &before);
    assert_body(*state, &after, EXTENSION_PSK_KEY_EXCHANGE_MODES, "020100");
    before = hello_with_extension(*state, &before, EXTENSION_PSK_KEY_EXCHANGE_MODES, bytes_from_hex(*state, "01 0b ff"));
    after = hello_without_grease(*state, &before);
    assert_body(*state, &after, EXTENSION_PSK_KEY_EXCHANGE_MODES, "010bff"); /* malformed: as it is */
}

static void real_hellos_without_grease_stay_byte_for_byte(void **state)
{
    flight_file *files;
    size_t num_files = flights_load(*state, &files);
    for (size_t i = 0; i < num_files; i++) {
        client_hello hello;
        assert_int_equal(client_hello_parse(*state, files[i].bytes, &hello), PARSE_DONE);
        client_hello after = hello_without_grease(*state, &hello);
        assert_true(bytes_equal(hello_bytes(*state, &after), files[i].bytes));
    }
}

/* ---- SSLv2 format ---------------------------------------------------------------------------------------------- */

static client_hello sslv2(arena *a)
{
    client_hello hello;
    bytes_view flight = bytes_from_hex(a, "8022 01 0301 0009 0000 0010 00002f 010080 00000a a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
    assert_int_equal(client_hello_parse(a, flight, &hello), PARSE_DONE);
    return hello;
}

static void an_sslv2_hello_in_tls_format_offers_the_same(void **state)
{
    client_hello before = sslv2(*state);
    client_hello after = hello_in_tls_format(*state, &before);
    assert_string_equal(bytes_to_hex(*state, hello_bytes(*state, &after)),
                        "160301002f"
                        "0100002b"
                        "0301"
                        "00000000000000000000000000000000a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
                        "00"
                        "0004002f000a"
                        "0100");
}

static void a_long_challenge_gives_its_last_32_bytes(void **state)
{
    client_hello before = sslv2(*state);
    uint8_t challenge[40] = {0};
    challenge[8] = 1;
    challenge[39] = 2;
    before.random = bytes_from(challenge, sizeof challenge);
    client_hello after = hello_in_tls_format(*state, &before);
    assert_int_equal(after.random.len, 32);
    assert_int_equal(after.random.data[0], 1);
    assert_int_equal(after.random.data[31], 2);
}

static void ssl_2_alone_becomes_ssl_3_in_tls_format(void **state)
{
    client_hello before = sslv2(*state);
    before.legacy_version = 0x0002;
    client_hello after = hello_in_tls_format(*state, &before);
    assert_int_equal(after.legacy_version, 0x0300);
    assert_int_equal(after.record_version, 0x0300);
}

static void an_sslv2_hello_takes_new_suites_a_version_and_a_random_as_it_is(void **state)
{
    client_hello hello = sslv2(*state);
    const uint16_t suites[] = {0x0035, 0x0005};
    client_hello after = hello_with_cipher_suites(*state, &hello, codes_from(*state, suites, 2));
    after = hello_with_legacy_version(*state, &after, 0x0300);
    after =
        hello_with_random(*state, &after, bytes_from_text("0123456789abcdef"), bytes_from_text("0123456789abcdef0123456789abcdef"));
    assert_int_equal(after.format, HELLO_FORMAT_SSLV2);
    assert_string_equal(bytes_to_hex(*state, hello_bytes(*state, &after)), "801f"
                                                                           "01"
                                                                           "0300"
                                                                           "0006"
                                                                           "0000"
                                                                           "0010"
                                                                           "000035"
                                                                           "000005"
                                                                           "30313233343536373839616263646566");
}

static void an_sslv2_hello_gets_into_tls_format_for_an_extension(void **state)
{
    client_hello hello = sslv2(*state);
    client_hello after = hello_with_server_name(*state, &hello, bytes_from_text("a.example"));
    assert_int_equal(after.format, HELLO_FORMAT_TLS);
    assert_true(bytes_equal(client_hello_server_name(&after), bytes_from_text("a.example")));
    assert_writes(*state, &after);
    after = hello_with_record_version(*state, &hello, 0x0300);
    assert_int_equal(after.format, HELLO_FORMAT_TLS);
}

static void an_sslv2_hello_that_need_not_change_stays(void **state)
{
    client_hello hello = sslv2(*state);
    client_hello after = hello_without_extension(*state, &hello, EXTENSION_SERVER_NAME);
    after = hello_with_groups(*state, &after, (code_list){0});
    after = hello_without_grease(*state, &after);
    after = hello_in_one_record(*state, &after);
    assert_true(bytes_equal(hello_bytes(*state, &after), hello_bytes(*state, &hello)));
}

/* ---- after a retry --------------------------------------------------------------------------------------------- */

static void the_second_hello_has_one_share_the_cookie_and_no_early_data(void **state)
{
    client_hello before = greased(*state);
    before.trailing = bytes_from_text("early data");
    const key_share share = {24, bytes_from("\x01\x02", 2)};
    client_hello after = hello_after_retry(*state, &before, &share, bytes_from("\xcc\xdd", 2));
    assert_body(*state, &after, EXTENSION_KEY_SHARE, "0006001800020102");
    assert_body(*state, &after, EXTENSION_COOKIE, "0002ccdd");
    assert_null(client_hello_extension(&after, EXTENSION_EARLY_DATA));
    assert_int_equal(after.trailing.len, 0);
    assert_int_equal(after.record_version, 0x0303);
    assert_int_equal(after.extensions[after.num_extensions - 1].type, EXTENSION_PRE_SHARED_KEY);
    assert_true(bytes_equal(after.random, before.random));
    assert_true(bytes_equal(after.session_id, before.session_id));
    assert_writes(*state, &after);
}

static void without_a_share_or_cookie_the_second_hello_has_what_the_first_had(void **state)
{
    client_hello before = greased(*state);
    client_hello after = hello_after_retry(*state, &before, NULL, (bytes_view){0});
    assert_true(same_extension(&before, &after, EXTENSION_KEY_SHARE));
    assert_null(client_hello_extension(&after, EXTENSION_COOKIE));
}

#define TEST(situation) WITH_ARENA(situation)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_replaced_extension_keeps_its_place),
        TEST(a_replaced_extension_that_came_twice_comes_once),
        TEST(a_new_extension_goes_before_padding_and_pre_shared_key),
        TEST(new_padding_goes_before_pre_shared_key),
        TEST(a_new_pre_shared_key_goes_last),
        TEST(a_hello_without_extensions_gets_a_block),
        TEST(the_hello_given_stays_as_it_was),
        TEST(a_removed_extension_leaves_the_others),
        TEST(removing_what_is_not_there_changes_nothing),
        TEST(removing_the_last_extension_removes_the_block),
        TEST(versions_are_written_as_given),
        TEST(versions_are_added_to_a_hello_that_names_none),
        TEST(no_versions_remove_the_extension),
        TEST(more_versions_than_can_be_said_change_nothing),
        TEST(groups_are_replaced_and_key_shares_stay),
        TEST(signature_schemes_are_added_or_removed),
        TEST(key_shares_are_written),
        TEST(a_server_name_is_replaced_added_or_removed),
        TEST(alpn_is_replaced_or_removed),
        TEST(cipher_suites_are_replaced_and_nothing_else),
        TEST(a_version_in_one_place_leaves_the_other),
        TEST(random_and_session_are_replaced),
        TEST(an_edit_writes_a_malformed_hello_from_its_parts),
        TEST(edits_keep_the_cuts_and_the_last_record_takes_the_rest),
        TEST(in_one_record_nothing_follows),
        TEST(without_grease_nothing_of_it_is_left),
        TEST(grease_among_psk_modes_goes_too),
        TEST(real_hellos_without_grease_stay_byte_for_byte),
        TEST(an_sslv2_hello_in_tls_format_offers_the_same),
        TEST(a_long_challenge_gives_its_last_32_bytes),
        TEST(ssl_2_alone_becomes_ssl_3_in_tls_format),
        TEST(an_sslv2_hello_takes_new_suites_a_version_and_a_random_as_it_is),
        TEST(an_sslv2_hello_gets_into_tls_format_for_an_extension),
        TEST(an_sslv2_hello_that_need_not_change_stays),
        TEST(the_second_hello_has_one_share_the_cookie_and_no_early_data),
        TEST(without_a_share_or_cookie_the_second_hello_has_what_the_first_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
