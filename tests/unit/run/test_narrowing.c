/* What of a program's arguments and text narrows its offer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/narrowing_option.h"
#include "run/narrowing.h"
#include "run/program_text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static narrowing_list found_in(arena *a, enum runtime runtime, const char *const *argv, unsigned narrows)
{
    process_snapshot process = {.argv = argv};
    client c = {.process = &process, .runtime = runtime, .program = ""};
    return narrowing_find(a, &c, argv, narrows);
}

static void an_argument_is_named_with_its_value(void **state)
{
    (void)state;
    arena *a = arena_new();
    const char *argv[] = {"curl", "--tlsv1.2", "--tls-max", "1.2", "https://localhost/", NULL};
    narrowing_list max = found_in(a, RUNTIME_CURL, argv, NARROWED_VERSION_MAX),
                   min = found_in(a, RUNTIME_CURL, argv, NARROWED_VERSION_MIN);
    assert_int_equal(max.num_items, 1);
    assert_string_equal(max.items[0].text, "--tls-max 1.2");
    assert_true(max.items[0].is_argument);
    assert_int_equal(min.num_items, 1);
    assert_string_equal(min.items[0].text, "--tlsv1.2");
    assert_int_equal(found_in(a, RUNTIME_CURL, argv, NARROWED_GROUP).num_items, 0);
    arena_free(a);
}

/* PostgreSQL's manual, "Connection Strings". */
static void a_connection_string_is_read_in_every_form(void **state)
{
    (void)state;
    static const char *const forms[][2] = {
        {"host=x sslrootcert=/etc/ca.pem", "/etc/ca.pem"},
        {"sslrootcert = /etc/ca.pem sslmode = verify-full", "/etc/ca.pem"},
        {"sslrootcert='/my dir/ca.pem' host=x", "/my dir/ca.pem"},
        {"sslrootcert = 'a\\'b.pem'", "a'b.pem"},
        {"postgresql://x/?sslrootcert=%2Fetc%2Fca.pem&sslmode=require", "/etc/ca.pem"},
        {"--dbname=postgres://x/?sslrootcert=/my%20dir/ca.pem", "/my dir/ca.pem"},
        {"sslrootcert=%2Fetc", "%2Fetc"},
        {"postgres://x/?sslrootcert=%4", "%4"},
        {"-dsslrootcert=/ca.pem", "/ca.pem"},
        {"sslrootcert='/cut", "/cut"},
        {"sslrootcert=", NULL},
        {"select sslrootcert from x", NULL},
    };
    arena *a = arena_new();
    const narrowing_option *row = narrowing_option_find(RUNTIME_OTHER, "sslrootcert");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const char *value = narrowing_option_said(a, row, forms[i][0], NULL).value;
        assert_true((value == NULL) == (forms[i][1] == NULL));
        assert_true(value == NULL || strcmp(value, forms[i][1]) == 0);
    }
    arena_free(a);
}

static void a_comment_or_docstring_is_no_code(void **state)
{
    (void)state;
    arena *a = arena_new();
    const char *argv[] = {"python3", "-c",
                          "\"\"\"sets maximum_version\"\"\"\n# maximum_version\nx = '#'; c.options |= OP_NO_TLSv1_3\n", NULL};
    narrowing_list list = found_in(a, RUNTIME_PYTHON, argv, NARROWED_VERSION_MAX);
    assert_int_equal(list.num_items, 1);
    assert_string_equal(list.items[0].text, "OP_NO_TLSv1_3");
    arena_free(a);
}

static void a_name_within_another_is_not_that_name(void **state)
{
    (void)state;
    arena *a = arena_new();
    const char *argv[] = {"python3", "-c", "PROTOCOL_TLSv1_2", NULL};
    narrowing_list list = found_in(a, RUNTIME_PYTHON, argv, NARROWED_VERSION_MAX);
    assert_int_equal(list.num_items, 1);
    assert_string_equal(list.items[0].text, "PROTOCOL_TLSv1_2");
    arena_free(a);
}

static void what_a_slash_in_a_text_begins_is_no_comment(void **state)
{
    (void)state;
    arena *a = arena_new();
    bytes_view text = bytes_from_text("a('https://x', b) // c\n/* d\ne */ f");
    bytes_view plain = program_without_comments(a, RUNTIME_NODE, text);
    assert_int_equal(plain.len, text.len);
    assert_true(bytes_find(plain, "https://x', b)", 0) < plain.len);
    assert_int_equal(bytes_find(plain, "c\n", 0), plain.len);
    assert_int_equal(bytes_find(plain, "e ", 0), plain.len);
    assert_int_equal(program_line_at(plain, bytes_find(plain, "f", 0)), 3);
    arena_free(a);
}

static void text_that_ends_anywhere_is_read_to_its_end(void **state)
{
    (void)state;
    arena *a = arena_new();
    static const char *const ends[] = {"\"", "'",   "'''", "'''a",    "/*",     "/*/",      "#",
                                       "\\", "'\\", "`",   "import ", "from .", "import a,"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        for (int runtime = 0; runtime <= RUNTIME_GO; runtime++) {
            const char *argv[] = {"x", "-c", ends[i], "-e", ends[i], "-r", ends[i], NULL};
            (void)found_in(a, (enum runtime)runtime, argv, NARROWED_VERSION);
        }
    arena_free(a);
}

static void the_module_of_a_script_is_looked_at(void **state)
{
    (void)state;
    arena *a = arena_new();
    char folder[] = "/tmp/tlswhy-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *script = arena_printf(a, "%s/app.py", folder), *module = arena_printf(a, "%s/net.py", folder);
    FILE *f = fopen(script, "w"), *g = fopen(module, "w");
    assert_true(f != NULL && g != NULL);
    assert_true(fputs("import ssl, net\n", f) >= 0 && fputs("\nimport app\nc.maximum_version = 1\n", g) >= 0);
    assert_true(fclose(f) == 0 && fclose(g) == 0);
    const char *argv[] = {"python3", script, NULL};
    narrowing_list list = found_in(a, RUNTIME_PYTHON, argv, NARROWED_VERSION_MAX);
    assert_int_equal(list.num_items, 1);
    assert_string_equal(list.items[0].file, module);
    assert_int_equal(list.items[0].line, 3);
    (void)unlink(script);
    (void)unlink(module);
    (void)rmdir(folder);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_argument_is_named_with_its_value),         cmocka_unit_test(a_connection_string_is_read_in_every_form),
        cmocka_unit_test(a_comment_or_docstring_is_no_code),           cmocka_unit_test(a_name_within_another_is_not_that_name),
        cmocka_unit_test(what_a_slash_in_a_text_begins_is_no_comment), cmocka_unit_test(text_that_ends_anywhere_is_read_to_its_end),
        cmocka_unit_test(the_module_of_a_script_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
