#include "../with_arena.h"

#include "base/bytes.h"
#include <string.h>

/* ---- views ----------------------------------------------------------------------------------------------------- */

static void views_are_equal_by_content(void **state)
{
    (void)state;
    assert_true(bytes_equal(bytes_from_text("abc"), bytes_from("abcd", 3)));
    assert_false(bytes_equal(bytes_from_text("abc"), bytes_from_text("abd")));
    assert_false(bytes_equal(bytes_from_text("abc"), bytes_from_text("ab")));
    assert_true(bytes_equal(bytes_from(NULL, 0), bytes_from_text("")));
    assert_int_equal(bytes_from_text(NULL).len, 0);
}

static void a_start_is_found_with_or_without_case(void **state)
{
    (void)state;
    assert_true(bytes_start_with(bytes_from_text("HTTP/1.1"), "HTTP/"));
    assert_false(bytes_start_with(bytes_from_text("http/1.1"), "HTTP/"));
    assert_true(bytes_start_with_ignoring_case(bytes_from_text("http/1.1"), "HTTP/"));
    assert_false(bytes_start_with(bytes_from_text("HTT"), "HTTP/"));
    assert_true(bytes_start_with(bytes_from(NULL, 0), ""));
}

static void text_is_found_anywhere(void **state)
{
    (void)state;
    assert_true(bytes_contain_ignoring_case(bytes_from_text("250-StartTLS\r\n"), "starttls"));
    assert_true(bytes_contain_ignoring_case(bytes_from_text("xyz"), "z"));
    assert_false(bytes_contain_ignoring_case(bytes_from_text("xy"), "xyz"));
    assert_false(bytes_contain_ignoring_case(bytes_from(NULL, 0), "x"));
}

static void a_slice_never_reaches_past_the_end(void **state)
{
    (void)state;
    bytes_view v = bytes_from_text("abcdef");
    assert_true(bytes_equal(bytes_slice(v, 2, 2), bytes_from_text("cd")));
    assert_true(bytes_equal(bytes_slice(v, 4, 100), bytes_from_text("ef")));
    assert_int_equal(bytes_slice(v, 6, 1).len, 0);
    assert_int_equal(bytes_slice(v, SIZE_MAX, SIZE_MAX).len, 0);
    assert_true(bytes_equal(bytes_slice(v, 1, SIZE_MAX), bytes_from_text("bcdef")));
}

static void a_byte_past_the_end_is_minus_one(void **state)
{
    (void)state;
    assert_int_equal(bytes_at(bytes_from("\xff", 1), 0), 0xff);
    assert_int_equal(bytes_at(bytes_from("\xff", 1), 1), -1);
}

static void until_a_byte_or_to_the_end(void **state)
{
    (void)state;
    assert_true(bytes_equal(bytes_until(bytes_from_text("a:b:c"), ':'), bytes_from_text("a")));
    assert_true(bytes_equal(bytes_until(bytes_from_text("abc"), ':'), bytes_from_text("abc")));
    assert_int_equal(bytes_until(bytes_from(NULL, 0), ':').len, 0);
}

static void bytes_become_text_and_hex(void **state)
{
    assert_string_equal(bytes_to_text(*state, bytes_from("abcdef", 3)), "abc");
    assert_string_equal(bytes_to_hex(*state, bytes_from("\x00\xa5\xff", 3)), "00a5ff");
    assert_string_equal(bytes_to_hex(*state, bytes_from(NULL, 0)), "");
}

static void a_copy_does_not_follow_its_source(void **state)
{
    char source[] = "abc";
    bytes_view copy = bytes_copy(*state, bytes_from_text(source));
    source[0] = 'x';
    assert_true(bytes_equal(copy, bytes_from_text("abc")));
}

/* ---- codes ----------------------------------------------------------------------------------------------------- */

static void assert_codes(code_list list, size_t num_codes, const uint16_t *codes)
{
    assert_int_equal(list.num_codes, num_codes);
    assert_true(num_codes == 0 || memcmp(list.codes, codes, num_codes * sizeof *codes) == 0);
}

static void lists_are_joined_without_repeating(void **state)
{
    code_list first = codes_from(*state, (const uint16_t[]){3, 1}, 2);
    code_list second = codes_from(*state, (const uint16_t[]){1, 2}, 2);
    assert_codes(codes_joined(*state, first, second), 3, (const uint16_t[]){3, 1, 2});
    assert_codes(codes_joined(*state, first, (code_list){0}), 2, (const uint16_t[]){3, 1});
}

static void lists_are_subtracted_and_intersected_in_order(void **state)
{
    code_list list = codes_from(*state, (const uint16_t[]){4, 3, 2, 1}, 4);
    code_list other = codes_from(*state, (const uint16_t[]){1, 3, 9}, 3);
    assert_codes(codes_without(*state, list, other), 2, (const uint16_t[]){4, 2});
    assert_codes(codes_in_both(*state, list, other), 2, (const uint16_t[]){3, 1});
    assert_codes(codes_in_both(*state, list, (code_list){0}), 0, NULL);
}

static void a_list_knows_its_members_highest_and_lowest(void **state)
{
    code_list list = codes_from(*state, (const uint16_t[]){0x0303, 0x0304, 0x0301}, 3);
    assert_true(codes_contain(list, 0x0304));
    assert_false(codes_contain(list, 0x0302));
    assert_int_equal(codes_max(list), 0x0304);
    assert_int_equal(codes_min(list), 0x0301);
    assert_int_equal(codes_max((code_list){0}), 0);
    assert_int_equal(codes_min((code_list){0}), 0);
    assert_codes(codes_one(*state, 7), 1, (const uint16_t[]){7});
}

/* ---- buffer ---------------------------------------------------------------------------------------------------- */

static void a_buffer_grows_to_its_bound_and_no_further(void **state)
{
    (void)state;
    buffer b;
    buffer_init(&b, 5000);
    for (size_t i = 0; i < 500; i++)
        assert_true(buffer_append(&b, "0123456789", 10));
    assert_false(buffer_append(&b, "x", 1));
    assert_int_equal(buffer_view(&b).len, 5000);
    assert_int_equal(bytes_at(buffer_view(&b), 4999), '9');
    assert_true(buffer_append(&b, NULL, 0));
    buffer_free(&b);
}

static void what_does_not_fit_changes_nothing(void **state)
{
    (void)state;
    buffer b;
    buffer_init(&b, 4);
    assert_true(buffer_append(&b, "abc", 3));
    assert_false(buffer_append(&b, "de", 2));
    assert_false(buffer_append(&b, "de", SIZE_MAX));
    assert_true(bytes_equal(buffer_view(&b), bytes_from_text("abc")));
    buffer_free(&b);
}

static void a_buffer_is_consumed_from_its_front(void **state)
{
    (void)state;
    buffer b;
    buffer_init(&b, 100);
    assert_true(buffer_append(&b, "abcdef", 6));
    buffer_consume(&b, 2);
    assert_true(bytes_equal(buffer_view(&b), bytes_from_text("cdef")));
    buffer_consume(&b, 100);
    assert_int_equal(buffer_view(&b).len, 0);
    assert_true(buffer_append(&b, "x", 1));
    buffer_free(&b);
    assert_int_equal(buffer_view(&b).len, 0);
}

static void the_first_of_several_texts_is_found(void **state)
{
    (void)state;
    static const char *const texts[] = {"beta", "be", "alpha", "ta"};
    bytes_finder finder;
    size_t which = 99;
    bytes_view v = bytes_from_text("xx beta alpha");
    bytes_finder_init(&finder, texts, 4);
    assert_int_equal(bytes_find_any(v, &finder, 0, &which), 3);
    assert_int_equal(which, 0);
    assert_int_equal(bytes_find_any(v, &finder, 4, &which), 5);
    assert_int_equal(which, 3);
    assert_int_equal(bytes_find_any(v, &finder, 6, &which), 8);
    assert_int_equal(which, 2);
    assert_int_equal(bytes_find_any(v, &finder, 9, &which), v.len);
    assert_int_equal(bytes_find_any(bytes_from_text("b"), &finder, 0, &which), 1);
    assert_int_equal(bytes_find_any(bytes_from(NULL, 0), &finder, 0, &which), 0);
}

/* As one by one finds them, at any place and in any neighbourhood. */
static void long_texts_are_not_passed_over(void **state)
{
    (void)state;
    static const char *const texts[] = {"OpenSSL ", "ssl/ssl_lib.c", "abababab", "bababab"};
    enum { LEN = 300, ROUNDS = 200, TEXTS = sizeof texts / sizeof *texts };
    char all[LEN + 1] = {0};
    bytes_finder finder;
    uint32_t seed = 7;
    bytes_finder_init(&finder, texts, TEXTS);
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < LEN; i++)
            all[i] = "abO/sl "[(seed = seed * 1103515245 + 12345) >> 16 & 7];
        for (size_t i = 0; i < LEN; i++)
            all[i] = all[i] == 0 ? 'p' : all[i];
        const char *placed = texts[round % TEXTS];
        memcpy(all + round % (LEN - 20), placed, strlen(placed));
        for (size_t from = 0, which = 0; from < LEN; from++) {
            size_t nearest = LEN;
            for (size_t i = 0; i < TEXTS; i++)
                nearest = bytes_find(bytes_from_text(all), texts[i], from) < nearest
                              ? bytes_find(bytes_from_text(all), texts[i], from)
                              : nearest;
            assert_int_equal(bytes_find_any(bytes_from_text(all), &finder, from, &which), nearest);
            assert_true(nearest == LEN || memcmp(all + nearest, texts[which], strlen(texts[which])) == 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_are_equal_by_content),
        cmocka_unit_test(the_first_of_several_texts_is_found),
        cmocka_unit_test(long_texts_are_not_passed_over),
        cmocka_unit_test(a_start_is_found_with_or_without_case),
        cmocka_unit_test(text_is_found_anywhere),
        cmocka_unit_test(a_slice_never_reaches_past_the_end),
        cmocka_unit_test(a_byte_past_the_end_is_minus_one),
        cmocka_unit_test(until_a_byte_or_to_the_end),
        WITH_ARENA(bytes_become_text_and_hex),
        WITH_ARENA(a_copy_does_not_follow_its_source),
        WITH_ARENA(lists_are_joined_without_repeating),
        WITH_ARENA(lists_are_subtracted_and_intersected_in_order),
        WITH_ARENA(a_list_knows_its_members_highest_and_lowest),
        cmocka_unit_test(a_buffer_grows_to_its_bound_and_no_further),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
        cmocka_unit_test(a_buffer_is_consumed_from_its_front),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
