/* Programs run side by side, and what a Python printed of its attempts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/profile.h"
#include "run/hello_trial.h"
#include "run/jobs.h"
#include "run/python_attempts.h"
#include "run/trial.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static job shell(arena *a, const char *script)
{
    char **argv = ARENA_ARRAY(a, 4, char *);
    argv[0] = bytes_to_text(a, bytes_from_text("/bin/sh"));
    argv[1] = bytes_to_text(a, bytes_from_text("-c"));
    argv[2] = bytes_to_text(a, bytes_from_text(script));
    return (job){.argv = argv, .keeps = STDOUT_FILENO};
}

static void what_each_writes_is_kept_apart(void **state)
{
    (void)state;
    arena *a = arena_new();
    job jobs[5];
    for (size_t i = 0; i < 5; i++)
        jobs[i] = shell(a, arena_printf(a, "echo out %zu; echo err >&2", i));
    error e;
    assert_true(jobs_run(a, jobs, 5, &(jobs_settings){.at_once = 2, .soft_ms = 20000, .hard_ms = 20000}, &e));
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(bytes_to_text(a, jobs[i].written), arena_printf(a, "out %zu\n", i));
        assert_false(jobs[i].ran_out_of_time);
    }
    arena_free(a);
}

static void one_that_does_not_end_is_ended(void **state)
{
    (void)state;
    arena *a = arena_new();
    job jobs[] = {shell(a, "echo begun; trap '' TERM; sleep 60 & wait; sleep 60")};
    error e;
    assert_true(jobs_run(a, jobs, 1, &(jobs_settings){.at_once = 1, .soft_ms = 300, .hard_ms = 900}, &e));
    assert_true(jobs[0].ran_out_of_time);
    assert_string_equal(bytes_to_text(a, jobs[0].written), "begun\n");
    arena_free(a);
}

static void a_program_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    arena *a = arena_new();
    char name[] = "/nonexistent/program", *argv[] = {name, NULL};
    job jobs[] = {{.argv = argv, .keeps = STDOUT_FILENO}};
    error e = {.code = ERROR_NONE};
    assert_false(jobs_run(a, jobs, 1, &(jobs_settings){.at_once = 1, .soft_ms = 1000, .hard_ms = 1000}, &e));
    assert_non_null(strstr(e.message, "/nonexistent/program"));
    arena_free(a);
}

static void one_that_only_waits_makes_room_for_another(void **state)
{
    (void)state;
    arena *a = arena_new();
    char *folder = bytes_to_text(a, bytes_from_text("/tmp/tlswhy-test-XXXXXX"));
    assert_non_null(mkdtemp(folder));
    const char *mark = arena_printf(a, "%s/mark", folder);
    job jobs[] = {shell(a, arena_printf(a, "while [ ! -e %s ]; do sleep 0.05; done; echo seen", mark)),
                  shell(a, arena_printf(a, ": >%s", mark))};
    error e;
    assert_true(jobs_run(a, jobs, 2, &(jobs_settings){.at_once = 1, .busy_ms = 100, .soft_ms = 20000, .hard_ms = 20000}, &e));
    assert_string_equal(bytes_to_text(a, jobs[0].written), "seen\n");
    assert_false(jobs[0].ran_out_of_time);
    (void)unlink(mark);
    (void)rmdir(folder);
    arena_free(a);
}

/* Its child goes on in a group of its own, and holds the pipe open. */
static void leave_a_child(void *user, int keep)
{
    const char *text = user;
    if (write(keep, text, strlen(text)) < 0 || fork() != 0)
        return;
    (void)setsid();
    (void)sleep(20);
    _exit(0);
}

static void a_function_of_ours_is_over_when_its_process_is(void **state)
{
    (void)state;
    arena *a = arena_new();
    char text[] = "said";
    job jobs[] = {{.body = leave_a_child, .user = text}};
    error e;
    assert_true(jobs_run(a, jobs, 1, &(jobs_settings){.at_once = 1, .soft_ms = 10000, .hard_ms = 10000}, &e));
    assert_false(jobs[0].ran_out_of_time);
    assert_string_equal(bytes_to_text(a, jobs[0].written), "said");
    arena_free(a);
}

static void attempts_are_read_line_by_line(void **state)
{
    (void)state;
    arena *a = arena_new();
    check_row row = {.program = "python3"};
    python_attempts_read(a,
                         bytes_from_text("noise\ndefault context\tworks\tTLSv1.3, X\nPROTOCOL_TLSv1\tnot tried\tno such\n"
                                         "x\tnonsense\ty\nconstants\t\tPROTOCOL_TLS\n\t\t\n"),
                         &row);
    assert_int_equal(row.num_attempts, 2);
    assert_string_equal(row.attempts[0].name, "default context");
    assert_int_equal(row.attempts[0].result, CHECK_WORKS);
    assert_int_equal(row.attempts[1].result, CHECK_NOT_TRIED);
    assert_string_equal(row.attempts[1].detail, "no such");
    assert_string_equal(row.constants, "PROTOCOL_TLS");
    arena_free(a);
}

/* What a trial in a process of its own would have written. */
static check_row read_trial(arena *a, const char *written, bool ran_out_of_time)
{
    const trial t = {.host = "localhost", .port = 443};
    const job done = {.written = bytes_from_text(written), .ran_out_of_time = ran_out_of_time};
    check_row row = {.program = "wget", .reason = "of an earlier trial", .cause = "unknown", .is_silent = true};
    trial_read(a, &t, &done, &row);
    return row;
}

#define FAILED_FOR(cause)                                                                                                          \
    "{\"connections\": [{\"target\": {\"port\": 443}, \"outcome\": \"failed\", \"verdict\": {\"cause\": \"" cause                  \
    "\", \"headline\": \"Because.\"}}]}"

static void a_client_whose_time_is_up_has_no_cause_by_that(void **state)
{
    (void)state;
    arena *a = arena_new();
    check_row row = read_trial(a, FAILED_FOR("nothing-to-offer"), true);
    assert_int_equal(row.result, CHECK_NOT_TRIED);
    assert_null(row.cause);
    assert_non_null(strstr(row.reason, "ran out of time"));
    row = read_trial(a, FAILED_FOR("handshake-timeout"), true);
    assert_string_equal(row.cause, "handshake-timeout");
    row = read_trial(a, FAILED_FOR("cert-expired"), true); /* it tried again, perhaps: that one was told */
    assert_int_equal(row.result, CHECK_FAILS);
    assert_string_equal(row.cause, "cert-expired");
    assert_null(row.reason);
    arena_free(a);
}

static void what_a_client_says_is_told_where_nothing_else_is_known(void **state)
{
    (void)state;
    arena *a = arena_new();
    check_row row = read_trial(a, FAILED_FOR("unknown") "\036It is raining.", false);
    assert_string_equal(row.headline, "Because. The client says: It is raining.");
    assert_false(row.is_silent);
    row = read_trial(a, "{\"connections\": []}\036It is raining.", false);
    assert_string_equal(row.reason, "it made no connection that was seen; it says: It is raining.");
    row = read_trial(a, FAILED_FOR("cert-expired") "\036It is raining.", false);
    assert_string_equal(row.headline, "Because.");
    arena_free(a);
}

static void two_libraries_beside_a_long_name_fit_a_terminal(void **state)
{
    (void)state;
    arena *a = arena_new();
    const client both = {.library = {.kind = LIBRARY_RUSTLS, .version = "0.23.37", .also = "OpenSSL 3.5.4"}};
    check_row rows[] = {{.name = "/usr/lib/jvm/temurin-25-jdk-amd64/bin/java", .client = &both, .result = CHECK_WORKS},
                        {.name = "rustup", .client = &both, .result = CHECK_WORKS}};
    for (size_t i = 0; i < 2; i++)
        rows[i].version = "TLS 1.3";
    const check_report r = {.host = "h.example", .port = 443, .rows = rows, .num_rows = 2};
    const char *line = strstr(check_to_text(a, &r, false, 80), "rustup");
    assert_non_null(line);
    assert_true(strcspn(line, "\n") <= 80 - 13);
    arena_free(a);
}

static void what_is_no_host_does_not_become_code(void **state)
{
    (void)state;
    assert_true(recipe_is_host("example.com"));
    assert_true(recipe_is_host("2001:db8::1"));
    static const char *const refused[] = {"", "-x", "a'b", "a\"b", "a b", "a;b", "a\nb", "a$b", "a`b", "a/b", "a\\b"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_false(recipe_is_host(refused[i]));
}

static void a_recipe_keeps_what_names_a_policy(void **state)
{
    (void)state;
    arena *a = arena_new();
    const char *argv[] = {"gnutls-cli", "--priority", "@SYSTEM", "host", NULL};
    process_snapshot like = {.argv = argv};
    recipe_target to = {.host = "h.example", .port = 9};
    char **usual = recipe_arguments(a, RUNTIME_GNUTLS_CLI, "/bin/g", &like, &to, RECIPE_DEFAULT);
    char **without = recipe_arguments(a, RUNTIME_GNUTLS_CLI, "/bin/g", &like, &to, RECIPE_WITHOUT_POLICY);
    assert_string_equal(usual[1], "--priority");
    assert_string_equal(usual[2], "@SYSTEM");
    assert_string_equal(usual[4], "9");
    assert_string_equal(without[1], "-p");
    assert_null(recipe_arguments(a, RUNTIME_JAVA, "/bin/java", NULL, &to, RECIPE_DEFAULT));
    arena_free(a);
}

static void a_program_is_asked_by_its_name(void **state)
{
    (void)state;
    arena *a = arena_new();
    recipe_target to = {.host = "h.example", .address = "192.0.2.1", .port = 9, .folder = "/tmp/f"};
    char **led = recipe_arguments(a, RUNTIME_GO, "/usr/bin/kubectl", NULL, &to, RECIPE_LED);
    assert_string_equal(led[1], "--kubeconfig=/dev/null"); /* no token of the user's goes to that server ... */
    assert_string_equal(led[2], "--token=none");           /* ... and none is asked for */
    assert_string_equal(led[3], "--server=https://192.0.2.1:9");
    assert_string_equal(led[4], "--tls-server-name=h.example");
    char **with_variables = recipe_arguments(a, RUNTIME_GO, "/usr/bin/terraform", NULL, &to, RECIPE_DEFAULT);
    assert_string_equal(with_variables[0], "/usr/bin/env");
    assert_string_equal(with_variables[3], "/usr/bin/terraform");
    assert_true(recipe_exists(RUNTIME_WGET, "/usr/bin/wget2"));
    assert_false(recipe_exists(RUNTIME_OTHER, "/usr/bin/kubectl-of-another-name"));
    assert_non_null(recipe_missing_because(RUNTIME_OTHER, "sslscan"));
    assert_true(recipe_takes_address(RUNTIME_GO, "kubectl"));
    assert_false(recipe_takes_address(RUNTIME_GO, "terraform"));
    assert_true(recipe_needs_folder(RUNTIME_GO, "docker"));
    arena_free(a);
}

static void a_hello_of_the_same_release_stands_for_a_library(void **state)
{
    (void)state;
    arena *a = arena_new();
    static const struct {
        enum library_kind kind;
        const char *version, *profile;
        bool is_near;
    } rows[] = {{LIBRARY_GO, "1.23.1", "go-1.23.8", false},
                {LIBRARY_GO, "1.19", "go-1.19.8", false},
                {LIBRARY_GO, "1.2.2", NULL, true},
                {LIBRARY_GO, "1.24.1", "go-1.24.12", false},
                {LIBRARY_GO, "1.25", "go-1.24.12", true}, /* none of 1.25 was recorded */
                {LIBRARY_OPENSSL, "1.0.2d", "openssl-1.0.2u", false},
                {LIBRARY_OPENSSL, "3.0.9", "openssl-3.0.22", false},
                {LIBRARY_OPENSSL, "3.5.4", NULL, false},
                {LIBRARY_NSS, "3.87", NULL, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool is_near;
        tls_library library = {.kind = rows[i].kind, .version = rows[i].version};
        const char *found = hello_trial_profile(a, PROFILES_FOLDER, &library, &is_near);
        assert_int_equal(is_near, rows[i].is_near);
        assert_string_equal(found == NULL ? "none" : found, rows[i].profile == NULL ? "none" : rows[i].profile);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_each_writes_is_kept_apart),
        cmocka_unit_test(one_that_does_not_end_is_ended),
        cmocka_unit_test(a_program_that_is_not_there_is_an_error),
        cmocka_unit_test(attempts_are_read_line_by_line),
        cmocka_unit_test(one_that_only_waits_makes_room_for_another),
        cmocka_unit_test(a_function_of_ours_is_over_when_its_process_is),
        cmocka_unit_test(a_client_whose_time_is_up_has_no_cause_by_that),
        cmocka_unit_test(what_a_client_says_is_told_where_nothing_else_is_known),
        cmocka_unit_test(two_libraries_beside_a_long_name_fit_a_terminal),
        cmocka_unit_test(what_is_no_host_does_not_become_code),
        cmocka_unit_test(a_program_is_asked_by_its_name),
        cmocka_unit_test(a_hello_of_the_same_release_stands_for_a_library),
        cmocka_unit_test(a_recipe_keeps_what_names_a_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
