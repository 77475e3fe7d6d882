/* Clients as text and as JSON: what a file, a program or a process says is shown, and obeyed by nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "registry/registry.h"
#include "report/client_report.h"

#include <jansson.h>
#include <string.h>

static const char hostile[] = "/opt/\033[2J\xff\xe2\x80\xae"
                              "evil";

static const char *const environment[] = {"OPENSSL_CONF=/etc/\033]0;own.cnf", "SECRET_TOKEN=hunter2", NULL};
static const process_snapshot process = {.exe = hostile, .environment = environment};
static const client old_python = {.process = &process,
                                  .runtime = RUNTIME_PYTHON,
                                  .program = "python2.7",
                                  .library = {.kind = LIBRARY_OPENSSL, .version = "0.9.8zg", .file = hostile},
                                  .module = "/opt/_ssl.so"};

static client_summary summary_of(const client *c)
{
    client_summary s = {
        .client = c, .found = {.path = hostile, .num_steps = 1}, .runtime_version = "2.7.10", .no_hello_for = hostile};
    s.found.steps[0] = hostile;
    s.said.library = hostile;
    s.notes[s.num_notes++] = hostile;
    arena *a = arena_new();
    summary_versions_told(a, c, s.versions);
    arena_free(a);
    return s;
}

static void what_is_hostile_reaches_no_terminal(void **state)
{
    (void)state;
    arena *a = arena_new();
    client_summary s = summary_of(&old_python);
    found_client one = {.path = hostile, .client = &old_python};
    found_clients list = {.clients = &one, .num_clients = 1, .num_late = 2};
    const char *const texts[] = {summary_to_text(a, &s, false, 80), summary_to_json(a, &s), clients_to_text(a, &list, false, 40),
                                 clients_to_json(a, &list)};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_null(strchr(texts[i], '\033'));
        assert_null(strstr(texts[i], "\xe2\x80\xae"));
        assert_null(strstr(texts[i], "hunter2"));
        assert_non_null(strstr(texts[i], "evil"));
    }
    arena_free(a);
}

static void an_old_library_is_told_with_what_it_can_speak(void **state)
{
    (void)state;
    arena *a = arena_new();
    client_summary s = summary_of(&old_python);
    const char *text = summary_to_text(a, &s, false, 80);
    assert_non_null(strstr(text, "OpenSSL 0.9.8zg"));
    assert_non_null(strstr(text, "/opt/_ssl.so"));
    assert_non_null(strstr(text, "its library can         x        x        x        -        -        -"));
    json_t *document = json_loads(summary_to_json(a, &s), 0, NULL);
    json_t *versions =
        json_object_get(json_object_get(json_array_get(json_object_get(document, "clients"), 0), "versions"), "library");
    assert_int_equal(json_array_size(versions), 3);
    assert_string_equal(json_string_value(json_array_get(versions, 2)), "TLS 1.0");
    json_decref(document);
    arena_free(a);
}

static size_t column_of(const char *text, const char *words)
{
    const char *found = strstr(text, words);
    assert_non_null(found);
    size_t column = 0;
    while (found - column > text && found[-1 - (ptrdiff_t)column] != '\n')
        column++;
    return column;
}

static void two_libraries_in_one_file_push_no_column_aside(void **state)
{
    (void)state;
    arena *a = arena_new();
    const process_snapshot of = {.exe = "/bin/x"};
    const client both = {.process = &of,
                         .library = {.kind = LIBRARY_RUSTLS, .version = "0.23.37", .also = "OpenSSL 3.5.4", .is_inside = true}},
                 plain = {.process = &of, .library = {.kind = LIBRARY_OPENSSL, .version = "3.0.22", .file = "/lib/libssl.so.3"}};
    found_client two[] = {{.path = "/bin/x", .client = &both}, {.path = "/a/path/that/is/rather/long", .client = &plain}};
    const char *text = clients_to_text(a, &(found_clients){.clients = two, .num_clients = 2}, false, 80);
    assert_int_equal(column_of(text, "in the program"), column_of(text, "libssl.so.3"));
    arena_free(a);
}

static void what_is_no_client_is_told_to_be_none(void **state)
{
    (void)state;
    arena *a = arena_new();
    client plain = {.process = &process, .program = "ls"};
    client_summary s = summary_of(&plain);
    assert_non_null(strstr(summary_to_text(a, &s, false, 80), "none: no TLS library"));
    found_clients none = {.num_clients = 0};
    assert_non_null(strstr(clients_to_text(a, &none, false, 80), "No TLS client"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_hostile_reaches_no_terminal),
        cmocka_unit_test(an_old_library_is_told_with_what_it_can_speak),
        cmocka_unit_test(two_libraries_in_one_file_push_no_column_aside),
        cmocka_unit_test(what_is_no_client_is_told_to_be_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
