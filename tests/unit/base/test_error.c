#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include <errno.h>
#include <string.h>

static void an_error_has_a_code_and_a_sentence(void **state)
{
    (void)state;
    error e = {0};
    assert_false(error_set(&e, ERROR_LIMIT, "%d is too many", 7));
    assert_int_equal(e.code, ERROR_LIMIT);
    assert_int_equal(e.system_errno, 0);
    assert_string_equal(e.message, "7 is too many");
}

static void a_failed_system_call_says_why(void **state)
{
    (void)state;
    error e = {0};
    errno = ENOENT;
    assert_false(error_set_errno(&e, "open %s", "x"));
    assert_int_equal(e.code, ERROR_SYSTEM);
    assert_int_equal(e.system_errno, ENOENT);
    assert_string_equal(e.message, "open x: No such file or directory");
}

static void a_long_sentence_is_cut_not_overrun(void **state)
{
    (void)state;
    error e = {0};
    assert_false(error_set(&e, ERROR_USAGE, "%1000d", 1));
    assert_int_equal(strlen(e.message), sizeof e.message - 1);
    errno = ENOENT;
    assert_false(error_set_errno(&e, "%1000d", 1));
    assert_int_equal(strlen(e.message), sizeof e.message - 1);
}

static void nobody_need_want_the_error(void **state)
{
    (void)state;
    assert_false(error_set(NULL, ERROR_USAGE, "x"));
    assert_false(error_set_errno(NULL, "x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_has_a_code_and_a_sentence),
        cmocka_unit_test(a_failed_system_call_says_why),
        cmocka_unit_test(a_long_sentence_is_cut_not_overrun),
        cmocka_unit_test(nobody_need_want_the_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
