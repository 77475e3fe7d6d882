#include "../with_arena.h"

#include "report/report.h"
#include <string.h>

static void assert_shown(arena *a, const char *given, const char *expected)
{
    assert_string_equal(text_escape(a, bytes_from_text(given), 1000), expected);
}

static void plain_text_stays(void **state)
{
    assert_shown(*state, "www.example.com", "www.example.com");
    assert_shown(*state, "M\xC3\xBCnchen \xE2\x82\xAC \xF0\x9F\x98\x80", "M\xC3\xBCnchen \xE2\x82\xAC \xF0\x9F\x98\x80");
}

static void a_terminal_escape_is_shown_and_not_obeyed(void **state)
{
    assert_shown(*state, "a\033[31mb\r\n\tc\x7F", "a\\x1B[31mb\\x0D\\x0A\\x09c\\x7F");
    assert_shown(*state,
                 "\xC2\x9B"
                 "31m",
                 "\\x9B31m"); /* C1: CSI in one character */
}

static void a_nul_does_not_end_a_name(void **state)
{
    arena *a = *state;
    assert_string_equal(text_escape(a, bytes_from("good.example\0.evil.example", 26), 1000), "good.example\\x00.evil.example");
}

static void invalid_utf_8_is_told_byte_by_byte(void **state)
{
    assert_shown(*state, "\xFF\xC3(\xE2\x82", "\\xFF\\xC3(\\xE2\\x82");
    assert_shown(*state, "\xC0\xAF", "\\xC0\\xAF");                   /* overlong */
    assert_shown(*state, "\xED\xA0\x80", "\\xED\\xA0\\x80");          /* a surrogate */
    assert_shown(*state, "\xF4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"); /* above U+10FFFF */
}

static void directions_and_invisible_characters_are_made_visible(void **state)
{
    assert_shown(*state,
                 "a\xE2\x80\xAE"
                 "b",
                 "a\\u{202E}b");
    assert_shown(*state, "\xE2\x80\x8B\xEF\xBB\xBF\xE2\x81\xA6", "\\u{200B}\\u{FEFF}\\u{2066}");
}

static void what_is_long_is_cut_at_a_character(void **state)
{
    arena *a = *state;
    assert_string_equal(text_escape(a, bytes_from_text("\xC3\xBC\xC3\xBC\xC3\xBC"), 2), "\xC3\xBC\xC3\xBC...");
    assert_string_equal(text_escape(a, bytes_from_text("abc"), 3), "abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(plain_text_stays),
        WITH_ARENA(a_terminal_escape_is_shown_and_not_obeyed),
        WITH_ARENA(a_nul_does_not_end_a_name),
        WITH_ARENA(invalid_utf_8_is_told_byte_by_byte),
        WITH_ARENA(directions_and_invisible_characters_are_made_visible),
        WITH_ARENA(what_is_long_is_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
