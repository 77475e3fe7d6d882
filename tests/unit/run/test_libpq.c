/* Whether libpq leaves before its hello since the file of CAs that it was told to verify by is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/libpq.h"

/* The file that psql misses; NULL: none. */
static const char *missed(arena *a, const char *connection, const char *mode, const char *root)
{
    const char *argv[] = {"psql", connection, NULL}, *environment[] = {"HOME=/nonexistent", mode, mode == NULL ? NULL : root, NULL};
    const process_snapshot process = {.exe = "/usr/bin/psql", .argv = argv, .environment = environment};
    const unusable_credential *problem = libpq_problem(a, &process);
    return problem == NULL ? NULL : problem->file;
}

static void the_mode_that_counts_is_the_arguments(void **state)
{
    (void)state;
    arena *a = arena_new();
    static const char home[] = "/nonexistent/.postgresql/root.crt", full[] = "PGSSLMODE=verify-full";
    assert_null(missed(a, "host=x", NULL, NULL));
    assert_string_equal(missed(a, "host=x", full, NULL), home);
    assert_string_equal(missed(a, "host=x sslmode = verify-ca", NULL, NULL), home);
    assert_null(missed(a, "host=x sslmode=require", full, NULL));
    assert_null(missed(a, "host=x application_name=verify-ca", NULL, NULL));
    assert_string_equal(missed(a, "host=x", full, "PGSSLROOTCERT=/nonexistent/ca.pem"), "/nonexistent/ca.pem");
    assert_null(missed(a, "host=x", full, "PGSSLROOTCERT=system"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_mode_that_counts_is_the_arguments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
