#include "../with_arena.h"

#include "flights.h"
#include "wire/extension.h"

static code_list list_of(arena *a, size_t num_codes, const uint16_t *codes)
{
    return codes_from(a, codes, num_codes);
}

#define LIST(a, ...) list_of((a), sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t), (const uint16_t[]){__VA_ARGS__})

static void assert_codes(code_list got, code_list wanted)
{
    assert_int_equal(got.num_codes, wanted.num_codes);
    for (size_t i = 0; i < got.num_codes; i++)
        assert_int_equal(got.codes[i], wanted.codes[i]);
}

static client_hello with_versions_body(arena *a, const char *hex)
{
    client_hello hello = {.legacy_version = 0x0303};
    return hello_with_extension(a, &hello, EXTENSION_SUPPORTED_VERSIONS, bytes_from_hex(a, hex));
}

/* ---- versions -------------------------------------------------------------------------------------------------- */

static void a_hello_before_tls_13_offers_all_up_to_its_highest(void **state)
{
    client_hello hello = hello_load(*state, "node-0.8.28");
    assert_codes(client_hello_versions(*state, &hello), LIST(*state, 0x0301, 0x0300));
    assert_int_equal(client_hello_version_max(&hello), 0x0301);
    assert_int_equal(client_hello_version_min_stated(&hello), 0);
}

static void a_hello_of_tls_13_says_what_it_offers(void **state)
{
    client_hello hello = hello_load(*state, "node-22.23.3");
    assert_codes(client_hello_versions(*state, &hello), LIST(*state, 0x0304, 0x0303));
    assert_int_equal(client_hello_version_max(&hello), 0x0304);
    assert_int_equal(client_hello_version_min_stated(&hello), 0x0303);
}

static void versions_come_highest_first_whatever_the_order_sent(void **state)
{
    client_hello hello = with_versions_body(*state, "08 0301 0304 0301 0303");
    assert_codes(client_hello_versions(*state, &hello), LIST(*state, 0x0304, 0x0303, 0x0301));
    assert_int_equal(client_hello_version_min_stated(&hello), 0x0301);
}

static void grease_is_no_version(void **state)
{
    client_hello hello = with_versions_body(*state, "06 fafa 0304 0a0a");
    assert_codes(client_hello_versions(*state, &hello), LIST(*state, 0x0304));
    assert_int_equal(client_hello_version_max(&hello), 0x0304);
    assert_int_equal(client_hello_version_min_stated(&hello), 0x0304);
}

static void a_draft_of_tls_13_ranks_below_it(void **state)
{
    client_hello hello = with_versions_body(*state, "08 7f1c 0304 7f12 0303");
    assert_codes(client_hello_versions(*state, &hello), LIST(*state, 0x0304, 0x7f1c, 0x7f12, 0x0303));
    assert_int_equal(client_hello_version_max(&hello), 0x0304);
    assert_int_equal(client_hello_version_min_stated(&hello), 0x0303);
}

static void a_legacy_version_above_tls_12_offers_tls_12(void **state)
{
    client_hello hello = {.legacy_version = 0x0305};
    assert_codes(client_hello_versions(*state, &hello), LIST(*state, 0x0303, 0x0302, 0x0301, 0x0300));
    assert_int_equal(client_hello_version_max(&hello), 0x0303);
}

static void an_unreadable_supported_versions_offers_nothing(void **state)
{
    client_hello hello = with_versions_body(*state, "08 0304");
    assert_int_equal(client_hello_versions(*state, &hello).num_codes, 0);
    assert_int_equal(client_hello_version_max(&hello), 0);
    assert_int_equal(client_hello_version_min_stated(&hello), 0);
}

/* ---- what else is offered -------------------------------------------------------------------------------------- */

static void what_a_go_client_offers_is_read(void **state)
{
    client_hello hello = hello_load(*state, "go-1.19");
    assert_codes(client_hello_groups(*state, &hello), LIST(*state, 0x001d, 0x0017, 0x0018, 0x0019));
    assert_codes(client_hello_key_share_groups(*state, &hello), LIST(*state, 0x001d));
    assert_int_equal(client_hello_signature_schemes(*state, &hello).codes[0], 0x0804);
    assert_true(bytes_equal(client_hello_server_name(&hello), bytes_from_text("localhost")));
    bytes_view *protocols;
    assert_int_equal(client_hello_alpn(*state, &hello, &protocols), 2);
    assert_true(bytes_equal(protocols[0], bytes_from_text("h2")));
    assert_true(bytes_equal(protocols[1], bytes_from_text("http/1.1")));
}

static void a_key_share_is_read_with_its_key(void **state)
{
    client_hello hello = hello_load(*state, "go-1.19");
    key_share *shares;
    assert_int_equal(hello_key_shares(*state, &hello, &shares), 1);
    assert_int_equal(shares[0].group, 0x001d);
    assert_int_equal(shares[0].key_exchange.len, 32);
}

static void a_hello_without_extensions_offers_none_of_it(void **state)
{
    client_hello hello = hello_load(*state, "openssl-0.9.7m-s_client");
    bytes_view *protocols;
    key_share *shares;
    assert_int_equal(client_hello_groups(*state, &hello).num_codes, 0);
    assert_int_equal(client_hello_signature_schemes(*state, &hello).num_codes, 0);
    assert_int_equal(client_hello_key_share_groups(*state, &hello).num_codes, 0);
    assert_int_equal(client_hello_server_name(&hello).len, 0);
    assert_int_equal(client_hello_alpn(*state, &hello, &protocols), 0);
    assert_int_equal(hello_key_shares(*state, &hello, &shares), 0);
    assert_null(client_hello_extension(&hello, EXTENSION_SERVER_NAME));
}

static void a_name_of_another_type_is_no_server_name(void **state)
{
    client_hello hello = {0};
    hello = hello_with_extension(*state, &hello, EXTENSION_SERVER_NAME, bytes_from_hex(*state, "000a 01 0001 61 00 0003 622e63"));
    assert_true(bytes_equal(client_hello_server_name(&hello), bytes_from_text("b.c")));
}

static void lists_that_are_cut_give_what_is_whole(void **state)
{
    client_hello hello = {0};
    bytes_view *protocols;
    key_share *shares;
    hello = hello_with_extension(*state, &hello, EXTENSION_ALPN, bytes_from_hex(*state, "0006 02 6832 05 6874"));
    hello = hello_with_extension(*state, &hello, EXTENSION_KEY_SHARE, bytes_from_hex(*state, "0008 001d 0001 aa 0017 00"));
    assert_int_equal(client_hello_alpn(*state, &hello, &protocols), 1);
    assert_int_equal(hello_key_shares(*state, &hello, &shares), 1);
}

static void the_sixteen_values_of_grease_and_no_other(void **state)
{
    (void)state;
    size_t count = 0;
    for (uint32_t code = 0; code <= 0xffff; code++)
        count += code_is_grease((uint16_t)code);
    assert_int_equal(count, 16);
    assert_true(code_is_grease(0x0a0a) && code_is_grease(0xfafa) && code_is_grease(0x7a7a));
    assert_false(code_is_grease(0x0a1a));
}

#define TEST(situation) WITH_ARENA(situation)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_hello_before_tls_13_offers_all_up_to_its_highest),
        TEST(a_hello_of_tls_13_says_what_it_offers),
        TEST(versions_come_highest_first_whatever_the_order_sent),
        TEST(grease_is_no_version),
        TEST(a_draft_of_tls_13_ranks_below_it),
        TEST(a_legacy_version_above_tls_12_offers_tls_12),
        TEST(an_unreadable_supported_versions_offers_nothing),
        TEST(what_a_go_client_offers_is_read),
        TEST(a_key_share_is_read_with_its_key),
        TEST(a_hello_without_extensions_offers_none_of_it),
        TEST(a_name_of_another_type_is_no_server_name),
        TEST(lists_that_are_cut_give_what_is_whole),
        TEST(the_sixteen_values_of_grease_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
