#include "in_arena.h"

static void an_ordinary_argument_is_shown(void **state)
{
    arena *a = *state;
    assert_string_equal(argument_for_display(a, "https://example.com/a?b=c", "-v"), "https://example.com/a?b=c");
}

static void the_word_after_a_password_option_is_hidden(void **state)
{
    arena *a = *state;
    assert_string_equal(argument_for_display(a, "me:hunter2", "-u"), "***");
    assert_string_equal(argument_for_display(a, "hunter2", "--password"), "***");
    assert_string_equal(argument_for_display(a, "--password=hunter2", NULL), "--password=***");
}

static void a_url_loses_its_user(void **state)
{
    arena *a = *state;
    assert_string_equal(argument_for_display(a, "https://me:hunter2@example.com/x@y", NULL), "https://***@example.com/x@y");
    assert_string_equal(argument_for_display(a, "https://example.com/x@y", NULL), "https://example.com/x@y");
}

static void a_header_that_authorizes_is_hidden(void **state)
{
    arena *a = *state;
    assert_string_equal(argument_for_display(a, "Authorization: Bearer abc.def", "-H"), "Authorization: ***");
    assert_string_equal(argument_for_display(a, "X-Api-Key: abc", "-H"), "X-Api-Key: ***");
}

static void a_token_in_a_query_is_hidden_and_the_rest_is_not(void **state)
{
    arena *a = *state;
    assert_string_equal(argument_for_display(a, "https://example.com/?access_token=abc&page=2", NULL),
                        "https://example.com/?access_token=***&page=2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(an_ordinary_argument_is_shown),
        IN_ARENA(the_word_after_a_password_option_is_hidden),
        IN_ARENA(a_url_loses_its_user),
        IN_ARENA(a_header_that_authorizes_is_hidden),
        IN_ARENA(a_token_in_a_query_is_hidden_and_the_rest_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
