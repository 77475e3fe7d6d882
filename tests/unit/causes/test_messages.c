/* Error messages to causes: of pages made up here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causes/messages.h"

static const cause_page pages[] = {
    {"first", "# first: One\n\n`before the section`\n\n## How people meet it\n- curl: `connection\n  went away`, `reset`\n\n## "
              "Next\n`after it`\n"},
    {"second",
     "# second: Two\n\n## How people meet it\n- Go: `x509: certificate has expired at ... by ... days`\n- `an open span\n"},
    {"third", "# third: Three\n"},
    {"fourth", "# fourth: Four\n\n## How people meet it\n- `the connection went away and did not return`\n"},
};
enum { NUM_PAGES = sizeof pages / sizeof *pages };

static void assert_found(const char *message, const char *first, const char *second)
{
    const cause_page *found[NUM_PAGES];
    size_t num = messages_find(pages, NUM_PAGES, message, found);
    assert_int_equal(num, (first != NULL) + (second != NULL));
    if (first != NULL)
        assert_string_equal(found[0]->id, first);
    if (second != NULL)
        assert_string_equal(found[1]->id, second);
}

static void signs_and_case_do_not_matter(void **state)
{
    (void)state;
    assert_found("Error [CONNECTION_WENT_AWAY]", "first", NULL);
}

static void the_longest_part_in_common_comes_first(void **state)
{
    (void)state;
    assert_found("the connection went away and did not return.", "fourth", "first");
}

static void a_part_of_the_message_is_enough(void **state)
{
    (void)state;
    assert_found("did not return", "fourth", NULL);
}

static void dots_stand_for_anything_but_the_order_counts(void **state)
{
    (void)state;
    assert_found("tls: x509: certificate has expired at noon by 3 days", "second", NULL);
    assert_found("by 3 days: x509 certificate has expired at", NULL, NULL);
}

static void words_are_found_whole_and_short_ones_tell_nothing(void **state)
{
    (void)state;
    assert_found("reset", NULL, NULL);
    assert_found("reconnection went away", NULL, NULL);
    assert_found("", NULL, NULL);
    assert_found("...", NULL, NULL);
}

static void only_the_section_counts(void **state)
{
    (void)state;
    assert_found("before the section", NULL, NULL);
    assert_found("after it, an open span", NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_and_case_do_not_matter),
        cmocka_unit_test(the_longest_part_in_common_comes_first),
        cmocka_unit_test(a_part_of_the_message_is_enough),
        cmocka_unit_test(dots_stand_for_anything_but_the_order_counts),
        cmocka_unit_test(words_are_found_whole_and_short_ones_tell_nothing),
        cmocka_unit_test(only_the_section_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
