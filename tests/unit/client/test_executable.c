/* Which file runs when a name is typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/executable.h"
#include "folder.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char elf[] = "\177ELF, as far as the search goes";

static bool find(const test_folder *f, const char *name, executable *out, error *e)
{
    const char **environment = ARENA_ARRAY(f->arena, 2, const char *);
    environment[0] = arena_printf(f->arena, "PATH=%s/first:%s/second", f->path, f->path);
    return executable_find(f->arena, folder_surroundings(f, environment), name, out, e);
}

static void the_first_on_the_path_counts_and_links_are_followed(void **state)
{
    (void)state;
    test_folder f = folder_new();
    executable out;
    error e;
    const char *real = folder_add_text(&f, "lib/real", elf);
    (void)folder_add_text(&f, "second/tool", elf);
    (void)folder_add_text(&f, "first/other", elf);
    assert_int_equal(symlink(real, arena_printf(f.arena, "%s/first/tool", f.path)), 0);
    assert_true(find(&f, "tool", &out, &e));
    assert_string_equal(out.file, real);
    assert_string_equal(out.path, arena_printf(f.arena, "%s/first/tool", f.path));
    assert_true(find(&f, "lib/real", &out, &e)); /* with a slash: from the working directory */
    assert_string_equal(out.file, real);
    folder_free(&f);
}

static void what_cannot_be_run_is_passed_over(void **state)
{
    (void)state;
    test_folder f = folder_new();
    executable out;
    error e;
    assert_int_equal(chmod(folder_add_text(&f, "first/tool", elf), 0644), 0);
    const char *second = folder_add_text(&f, "second/tool", elf);
    assert_true(find(&f, "tool", &out, &e));
    assert_string_equal(out.file, second);
    folder_free(&f);
}

static void a_script_leads_to_its_interpreter(void **state)
{
    (void)state;
    static const char *const lines[] = {"#!/usr/bin/env python3\n", "#! /usr/bin/env -S A=b -u C python3 -u\nx", "#!%s -I\r\n",
                                        "#!/usr/bin/env -S A=b %s\n"};
    test_folder f = folder_new();
    const char *interpreter = folder_add_text(&f, "first/python3", elf);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        executable out;
        error e;
        const char *place = strstr(lines[i], "%s");
        const char *before = bytes_to_text(f.arena, bytes_from(lines[i], place == NULL ? 0 : (size_t)(place - lines[i])));
        const char *line = place == NULL ? lines[i] : arena_printf(f.arena, "%s%s%s", before, interpreter, place + 2);
        const char *script = folder_add_text(&f, "first/app", line);
        assert_true(find(&f, "app", &out, &e));
        assert_string_equal(out.file, interpreter);
        assert_string_equal(out.script, script);
        assert_int_equal(out.num_steps, 1);
    }
    folder_free(&f);
}

static const char shim[] =
    "#!/usr/bin/env bash\nset -e\nexport PYENV_ROOT=\"%s/pyenv\"\nexec \"%s/pyenv/libexec/pyenv\" exec \"$program\"\n";

/* By the variable, by a file of a folder above, by the one for all; "system" is what lies behind the shim on the PATH. */
static void a_shim_leads_to_the_version_that_is_chosen(void **state)
{
    (void)state;
    test_folder f = folder_new();
    executable out;
    error e;
    const char *old = folder_add_text(&f, "pyenv/versions/3.6.15/bin/python3", elf);
    const char *new = folder_add_text(&f, "pyenv/versions/3.12.1/bin/python3", elf);
    const char *system = folder_add_text(&f, "second/python3", elf);
    (void)folder_add_text(&f, "first/bash", elf);
    (void)folder_add_text(&f, "first/python3", arena_printf(f.arena, shim, f.path, f.path));
    assert_true(find(&f, "python3", &out, &e));
    assert_string_equal(out.file, system);
    (void)folder_add_text(&f, "pyenv/version", "3.12.1\n");
    assert_true(find(&f, "python3", &out, &e));
    assert_string_equal(out.file, new);
    (void)folder_add_text(&f, ".python-version", "9.9.9 3.6.15\n");
    assert_true(find(&f, "python3", &out, &e));
    assert_string_equal(out.file, old);
    folder_free(&f);
}

static void a_wrapper_leads_to_what_it_starts(void **state)
{
    (void)state;
    test_folder f = folder_new();
    executable out;
    error e;
    const char *real = folder_add_text(&f, "lib/real", elf);
    (void)folder_add_text(&f, "first/tool", arena_printf(f.arena, "#!/bin/sh\nA=1\nexec \"%s\" --x \"$@\"\n", real));
    assert_true(find(&f, "tool", &out, &e));
    assert_string_equal(out.file, real);
    folder_free(&f);
}

static void what_is_no_program_is_said_to_be_none(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "is empty"},
        {"hello", "neither a program file"},
        {"#!\n", "names no interpreter"},
        {"#!", "names no interpreter"},
        {"#!/usr/bin/env\n", "names no interpreter"},
        {"#!/usr/bin/env -u\n", "names no interpreter"},
        {"#!/usr/bin/env nowhere-to-be-found\n", "is not on the PATH"},
        {"#!/nonexistent/python9\n", "which is not there"},
        {"#!/bin/sh\necho hello\n", "is a shell script"},
        {"#!/bin/sh\nexec", "is a shell script"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        test_folder f = folder_new();
        executable out;
        error e;
        (void)folder_add_text(&f, "first/tool", cases[i].text);
        assert_false(find(&f, "tool", &out, &e));
        assert_non_null(strstr(e.message, cases[i].says));
        folder_free(&f);
    }
}

static void scripts_that_lead_to_each_other_come_to_an_end(void **state)
{
    (void)state;
    test_folder f = folder_new();
    executable out;
    error e;
    (void)folder_add_text(&f, "first/a", arena_printf(f.arena, "#!%s/first/b\n", f.path));
    (void)folder_add_text(&f, "first/b", arena_printf(f.arena, "#!%s/first/a\n", f.path));
    assert_false(find(&f, "a", &out, &e));
    assert_non_null(strstr(e.message, "one script leads to another"));
    assert_false(find(&f, "nowhere", &out, &e));
    assert_false(find(&f, "", &out, &e));
    assert_false(find(&f, "first/", &out, &e));
    assert_false(find(&f, "first/none", &out, &e));
    folder_free(&f);
}

static void a_proxy_of_rustup_leads_to_its_toolchain(void **state)
{
    (void)state;
    test_folder f = folder_new();
    executable out;
    error e;
    const char *rustup = folder_add_text(&f, "lib/rustup", elf);
    (void)folder_add_text(&f, "first/other", elf);
    assert_int_equal(symlink(rustup, arena_printf(f.arena, "%s/first/cargo", f.path)), 0);
    const char *environment[] = {arena_printf(f.arena, "PATH=%s/first", f.path),
                                 arena_printf(f.arena, "RUSTUP_HOME=%s/rust", f.path), NULL};
    const process_snapshot *s = folder_surroundings(&f, environment);
    assert_true(executable_find(f.arena, s, "cargo", &out, &e)); /* no toolchain is known: it stays what it is */
    assert_string_equal(out.file, rustup);
    const char *cargo = folder_add_text(&f, "rust/toolchains/stable-x/bin/cargo", elf);
    (void)folder_add_text(&f, "rust/settings.toml", "version = \"12\"\ndefault_toolchain = \"stable\"\n");
    assert_true(executable_find(f.arena, s, "cargo", &out, &e));
    assert_string_equal(out.file, cargo);
    assert_int_equal(out.num_steps, 1);
    folder_free(&f);
}

static void a_launcher_of_java_leads_to_its_java(void **state)
{
    (void)state;
    test_folder f = folder_new();
    executable out;
    error e;
    (void)folder_add_text(&f, "first/mvn", "#!/bin/sh\nexec \"$JAVACMD\" org.example.Launcher\n");
    const char *java = folder_add_text(&f, "second/java", elf);
    assert_true(find(&f, "mvn", &out, &e));
    assert_string_equal(out.file, java);
    folder_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_on_the_path_counts_and_links_are_followed),
        cmocka_unit_test(what_cannot_be_run_is_passed_over),
        cmocka_unit_test(a_script_leads_to_its_interpreter),
        cmocka_unit_test(a_shim_leads_to_the_version_that_is_chosen),
        cmocka_unit_test(a_proxy_of_rustup_leads_to_its_toolchain),
        cmocka_unit_test(a_launcher_of_java_leads_to_its_java),
        cmocka_unit_test(a_wrapper_leads_to_what_it_starts),
        cmocka_unit_test(what_is_no_program_is_said_to_be_none),
        cmocka_unit_test(scripts_that_lead_to_each_other_come_to_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
