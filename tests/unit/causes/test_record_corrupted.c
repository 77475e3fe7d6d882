/* How sure the headline is of damage that only the server's answer to a replay speaks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causes/cause.h"

#include <string.h>

enum { ALERT_UNEXPECTED_MESSAGE = 10, ALERT_BAD_RECORD_MAC = 20, ALERT_ILLEGAL_PARAMETER = 47, ALERT_DECRYPT_ERROR = 51 };

/* Where the server ended it after the client's Finished, and answers that of a replay with the alert. */
static void expect(int description, enum proof proof, const char *start, const char *absent)
{
    arena *a = arena_new();
    const conversation c = {.has_hello = true,
                            .has_server_hello = true,
                            .server_hello = {.version = 0x0304},
                            .phase = PHASE_CLIENT_FINISHED,
                            .has_first_end = true,
                            .first_end = SIDE_SERVER};
    const evidence e = {.failed = &c};
    const server_flight flight = {
        .sent_finished = true, .has_alert = true, .alert = {.level = ALERT_FATAL, .description = (uint8_t)description}};
    const facts f = {.arena = a, .evidence = &e, .flight = &flight, .is_after_hello = true};
    verdict v = {.cause = cause_record_corrupted.id};
    assert_true(cause_record_corrupted.observe(&f, &v));
    assert_int_equal(v.proof, proof);
    assert_int_equal(strncmp(v.headline, start, strlen(start)), 0);
    assert_null(strstr(v.headline, absent));
    arena_free(a);
}

static void an_alert_that_may_mean_something_else_is_not_told_as_a_fact(void **state)
{
    (void)state;
    expect(ALERT_UNEXPECTED_MESSAGE, PROOF_INFERRED, "Records seem to be damaged", "does not arrive");
    expect(ALERT_ILLEGAL_PARAMETER, PROOF_INFERRED, "Records seem to be damaged", "does not arrive");
}

static void an_alert_that_means_nothing_else_is_told_as_a_fact(void **state)
{
    (void)state;
    expect(ALERT_BAD_RECORD_MAC, PROOF_OBSERVED, "Records are damaged", "may not arrive");
    expect(ALERT_DECRYPT_ERROR, PROOF_OBSERVED, "Records are damaged", "may not arrive");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alert_that_may_mean_something_else_is_not_told_as_a_fact),
        cmocka_unit_test(an_alert_that_means_nothing_else_is_told_as_a_fact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
