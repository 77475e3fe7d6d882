/* Which files were opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace/opened.h"

#include <stdio.h>

static int set_up(void **state)
{
    static opened_files files;
    files = (opened_files){.arena = arena_new()};
    *state = &files;
    return 0;
}

static int tear_down(void **state)
{
    opened_files *files = *state;
    opened_files_free(files);
    arena_free(files->arena);
    return 0;
}

static void each_file_is_kept_once_for_each_process(void **state)
{
    opened_files *files = *state;
    assert_false(opened_files_have(files, 1, "/etc/ssl/openssl.cnf"));
    opened_files_add(files, 1, "/etc/ssl/openssl.cnf");
    opened_files_add(files, 2, "/etc/ssl/openssl.cnf");
    opened_files_add(files, 1, "/etc/ssl/certs/ca-certificates.crt");
    opened_files_add(files, 1, "/etc/ssl/openssl.cnf");
    assert_true(opened_files_have(files, 1, "/etc/ssl/openssl.cnf"));
    const char *const *list = opened_files_of(files, files->arena, 1);
    assert_string_equal(list[0], "/etc/ssl/openssl.cnf");
    assert_string_equal(list[1], "/etc/ssl/certs/ca-certificates.crt");
    assert_null(list[2]);
    assert_null(opened_files_of(files, files->arena, 3)[0]);
}

static void past_the_bound_files_are_counted(void **state)
{
    opened_files *files = *state;
    char path[32];
    for (size_t i = 0; i < OPENED_FILES_MAX + 5; i++) {
        (void)snprintf(path, sizeof path, "/file/%zu", i);
        opened_files_add(files, 1, path);
    }
    assert_int_equal(files->num, OPENED_FILES_MAX);
    assert_int_equal(files->num_left_out, 5);
    assert_true(opened_files_have(files, 1, "/file/16383"));
    assert_false(opened_files_have(files, 1, "/file/16384"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_file_is_kept_once_for_each_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(past_the_bound_files_are_counted, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
