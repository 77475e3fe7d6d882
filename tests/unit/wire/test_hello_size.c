#include "../with_arena.h"

#include "flights.h"
#include "wire/extension.h"

static size_t len_of(arena *a, const client_hello *hello)
{
    return hello_message_len(a, hello);
}

/* The length as the written message itself claims it. */
static void assert_claims(arena *a, const client_hello *hello, size_t message_len)
{
    bytes_view message;
    client_hello again;
    assert_true(client_hello_message(a, hello, &message, NULL));
    assert_int_equal(message.len, message_len);
    assert_int_equal(bytes_at(message, 1) << 16 | bytes_at(message, 2) << 8 | bytes_at(message, 3), message_len - 4);
    assert_int_equal(client_hello_parse(a, hello_bytes(a, hello), &again), PARSE_DONE);
}

static void every_size_from_four_bytes_more_on_is_reached(void **state)
{
    client_hello hello = hello_load(*state, "go-1.19");
    size_t len = len_of(*state, &hello);
    for (size_t wanted = len - 20; wanted < len + 600; wanted++) {
        client_hello padded;
        bool reached = hello_padded_to(*state, &hello, wanted, &padded);
        assert_int_equal(reached, wanted == len || wanted >= len + 4);
        if (reached)
            assert_claims(*state, &padded, wanted);
    }
}

static void padding_that_is_there_grows_shrinks_and_goes(void **state)
{
    client_hello hello = hello_load(*state, "curl-debian-bookworm"); /* padded to 512 bytes */
    size_t padding_len = client_hello_extension(&hello, EXTENSION_PADDING)->body.len;
    size_t least = 512 - padding_len - 4;
    assert_int_equal(len_of(*state, &hello), 512);
    for (size_t wanted = least - 10; wanted < 1200; wanted++) {
        client_hello padded;
        bool reached = hello_padded_to(*state, &hello, wanted, &padded);
        assert_int_equal(reached, wanted == least || wanted >= least + 4);
        if (!reached)
            continue;
        assert_claims(*state, &padded, wanted);
        assert_int_equal(client_hello_extension(&padded, EXTENSION_PADDING) == NULL, wanted == least);
    }
}

static void padding_keeps_everything_else(void **state)
{
    client_hello hello = hello_load(*state, "curl-debian-bookworm");
    client_hello padded;
    assert_true(hello_padded_to(*state, &hello, 700, &padded));
    client_hello back;
    assert_true(hello_padded_to(*state, &padded, 512, &back));
    assert_true(bytes_equal(hello_bytes(*state, &back), hello_bytes(*state, &hello)));
}

static void a_hello_without_extensions_needs_six_bytes_for_padding(void **state)
{
    client_hello hello = hello_load(*state, "openssl-0.9.8zg-s_client");
    hello = hello_in_tls_format(*state, &hello);
    size_t len = len_of(*state, &hello);
    for (size_t wanted = len; wanted < len + 10; wanted++) {
        client_hello padded;
        bool reached = hello_padded_to(*state, &hello, wanted, &padded);
        assert_int_equal(reached, wanted == len || wanted >= len + 6);
        if (reached)
            assert_claims(*state, &padded, wanted);
    }
}

static void an_sslv2_hello_is_padded_in_tls_format(void **state)
{
    client_hello hello = hello_load(*state, "openssl-0.9.8zg-s_client");
    client_hello padded;
    assert_true(hello_padded_to(*state, &hello, 300, &padded));
    assert_int_equal(padded.format, HELLO_FORMAT_TLS);
    assert_claims(*state, &padded, 300);
}

static void padding_stays_before_pre_shared_key(void **state)
{
    client_hello hello = hello_load(*state, "go-1.19");
    hello = hello_with_extension(*state, &hello, EXTENSION_PRE_SHARED_KEY, bytes_from("xx", 2));
    client_hello padded;
    assert_true(hello_padded_to(*state, &hello, 600, &padded));
    assert_int_equal(padded.extensions[padded.num_extensions - 1].type, EXTENSION_PRE_SHARED_KEY);
    assert_claims(*state, &padded, 600);
}

static void the_largest_padding_is_what_the_block_can_hold(void **state)
{
    client_hello hello = hello_load(*state, "go-1.19");
    size_t block_len = 0;
    for (size_t i = 0; i < hello.num_extensions; i++)
        block_len += 4 + hello.extensions[i].body.len;
    size_t largest = len_of(*state, &hello) + (65535 - block_len);
    client_hello padded;
    assert_true(hello_padded_to(*state, &hello, largest, &padded));
    assert_int_equal(len_of(*state, &padded), largest);
    assert_false(hello_padded_to(*state, &hello, largest + 1, &padded));
    assert_false(hello_padded_to(*state, &hello, 1000000, &padded));
}

static void filling_grows_in_steps_of_two(void **state)
{
    client_hello hello = hello_load(*state, "go-1.19");
    size_t len = len_of(*state, &hello);
    for (size_t wanted = len - 4; wanted < len + 300; wanted++) {
        client_hello filled;
        bool reached = hello_filled_to(*state, &hello, wanted, &filled);
        assert_int_equal(reached, wanted >= len && (wanted - len) % 2 == 0);
        if (reached)
            assert_claims(*state, &filled, wanted);
    }
}

static void filling_repeats_the_last_suite_and_changes_nothing_else(void **state)
{
    client_hello hello = hello_load(*state, "go-1.19");
    size_t num_suites = hello.cipher_suites.num_codes;
    client_hello filled;
    assert_true(hello_filled_to(*state, &hello, len_of(*state, &hello) + 4, &filled));
    assert_int_equal(filled.cipher_suites.num_codes, num_suites + 2);
    assert_int_equal(filled.cipher_suites.codes[num_suites + 1], hello.cipher_suites.codes[num_suites - 1]);
    filled.cipher_suites = hello.cipher_suites;
    assert_true(bytes_equal(hello_bytes(*state, &filled), hello_bytes(*state, &hello)));
}

static void filling_ends_where_the_list_is_full(void **state)
{
    client_hello hello = hello_load(*state, "go-1.19");
    size_t largest = len_of(*state, &hello) + 65534 - 2 * hello.cipher_suites.num_codes;
    client_hello filled;
    assert_true(hello_filled_to(*state, &hello, largest, &filled));
    assert_false(hello_filled_to(*state, &hello, largest + 2, &filled));
    assert_false(hello_filled_to(*state, &hello, SIZE_MAX - 1, &filled));
}

static void a_hello_that_cannot_be_written_has_no_length(void **state)
{
    client_hello hello = hello_load(*state, "go-1.19");
    hello.session_id = bytes_from(arena_alloc(*state, 256), 256);
    client_hello out;
    assert_int_equal(len_of(*state, &hello), 0);
    assert_false(hello_padded_to(*state, &hello, 1000, &out));
    assert_false(hello_filled_to(*state, &hello, 1000, &out));
}

#define TEST(situation) WITH_ARENA(situation)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_size_from_four_bytes_more_on_is_reached),
        TEST(padding_that_is_there_grows_shrinks_and_goes),
        TEST(padding_keeps_everything_else),
        TEST(a_hello_without_extensions_needs_six_bytes_for_padding),
        TEST(an_sslv2_hello_is_padded_in_tls_format),
        TEST(padding_stays_before_pre_shared_key),
        TEST(the_largest_padding_is_what_the_block_can_hold),
        TEST(filling_grows_in_steps_of_two),
        TEST(filling_repeats_the_last_suite_and_changes_nothing_else),
        TEST(filling_ends_where_the_list_is_full),
        TEST(a_hello_that_cannot_be_written_has_no_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
