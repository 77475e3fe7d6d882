#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diagnose/statistics.h"

static void assert_near(double given, double expected)
{
    assert_true(given > expected - 1e-6 && given < expected + 1e-6);
}

static void no_difference_proves_nothing(void **state)
{
    (void)state;
    assert_near(fisher_probability(5, 5, 5, 5), 0.6718591);
    assert_near(fisher_probability(0, 10, 0, 10), 1);
    assert_near(fisher_probability(10, 0, 10, 0), 1);
}

/* 1 / (10 over 5) and 1 / (20 over 10): by hand. */
static void a_clean_split_is_as_likely_as_one_choice_of_all(void **state)
{
    (void)state;
    assert_near(fisher_probability(5, 0, 0, 5), 1.0 / 252);
    assert_near(fisher_probability(10, 0, 0, 10), 1.0 / 184756);
}

/* Checked against R: fisher.test(matrix(c(9,1,2,8),2), alternative="greater"), 0.002739. */
static void a_flaky_difference_of_ten_is_not_quite_enough(void **state)
{
    (void)state;
    assert_near(fisher_probability(9, 1, 2, 8), 0.00273876);
}

static void the_wrong_direction_is_never_a_proof(void **state)
{
    (void)state;
    assert_near(fisher_probability(0, 10, 10, 0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_difference_proves_nothing),
        cmocka_unit_test(a_clean_split_is_as_likely_as_one_choice_of_all),
        cmocka_unit_test(a_flaky_difference_of_ten_is_not_quite_enough),
        cmocka_unit_test(the_wrong_direction_is_never_a_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
