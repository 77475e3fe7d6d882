/* ELF files: this test's own program, and what is cut out of it, changed in it, or claims too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/elf_file.h"
#include "client/linker.h"
#include "folder.h"

#include <elf.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM_LEN_MAX ((size_t)64 * 1024 * 1024)

static bytes_view own_program(arena *a)
{
    bytes_view program;
    assert_true(file_read(a, "/proc/self/exe", PROGRAM_LEN_MAX, &program));
    return program;
}

static bool needs(const elf_file *elf, const char *name)
{
    for (size_t i = 0; i < elf->num_needed; i++)
        if (strncmp(elf->needed[i], name, strlen(name)) == 0)
            return true;
    return false;
}

static void a_program_tells_what_it_needs_and_which_build_it_is(void **state)
{
    (void)state;
    arena *a = arena_new();
    elf_file elf;
    error e;
    assert_true(elf_file_read(a, "/proc/self/exe", &elf, &e));
    assert_true(elf.is_program);
    assert_true(needs(&elf, "libcmocka.so"));
    assert_true(needs(&elf, "libc.so"));
    assert_non_null(elf.dynamic_linker);
    assert_true(elf.num_constants > 0);
    assert_false(elf.is_stripped);
    assert_true(elf_file_imports("/proc/self/exe", "gelf_getphdr"));
    assert_false(elf_file_imports("/proc/self/exe", "SSL_connect_to_nowhere"));
    arena_free(a);
}

static void what_is_no_elf_file_is_said_to_be_none(void **state)
{
    (void)state;
    test_folder f = folder_new();
    static const char *const texts[] = {"", "\177", "\177ELF", "#!/bin/sh\n", "\177ELF\2\1\1"};
    elf_file elf;
    error e;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(elf_file_read(f.arena, folder_add_text(&f, "file", texts[i]), &elf, &e));
    assert_false(elf_file_read(f.arena, f.path, &elf, &e));
    assert_false(elf_file_read(f.arena, "/nonexistent/file", &elf, &e));
    assert_int_equal(e.code, ERROR_SYSTEM);
    assert_false(elf_file_imports("/nonexistent/file", "dlopen"));
    folder_free(&f);
}

/* Whatever its length, it is read or refused; what is refused has a sentence. */
static void a_program_that_is_cut_anywhere_does_no_harm(void **state)
{
    (void)state;
    test_folder f = folder_new();
    bytes_view whole = own_program(f.arena);
    const char *path = folder_add(&f, "cut", whole.data, whole.len);
    for (size_t len = whole.len; len > 0; len = len > 4096 ? len - len / 7 : len - (len > 64 ? 17 : 1)) {
        elf_file elf;
        error e = {.code = ERROR_NONE};
        arena *a = arena_new();
        assert_int_equal(truncate(path, (off_t)len), 0);
        if (!elf_file_read(a, path, &elf, &e))
            assert_int_not_equal(e.code, ERROR_NONE);
        (void)elf_file_imports(path, "dlopen");
        arena_free(a);
    }
    folder_free(&f);
}

/* A field of its headers that claims too much: each byte of the first page set to 0xff, in turn. */
static void a_header_that_lies_does_no_harm(void **state)
{
    (void)state;
    test_folder f = folder_new();
    bytes_view whole = own_program(f.arena);
    uint8_t *copy = arena_copy(f.arena, whole.data, whole.len);
    for (size_t at = 4; at < 1024 && at < whole.len; at++) {
        elf_file elf;
        arena *a = arena_new();
        uint8_t was = copy[at];
        copy[at] = 0xff;
        const char *path = folder_add(&f, "lie", copy, whole.len < 65536 ? whole.len : 65536);
        error e = {.code = ERROR_NONE};
        assert_true(elf_file_read(a, path, &elf, &e) || e.code != ERROR_NONE);
        (void)elf_file_bytes_at(a, path, 0x400, 16);
        copy[at] = was;
        arena_free(a);
    }
    folder_free(&f);
}

/* ---- the dynamic linker ------------------------------------------------------------------------------------------------- */

static bool has(const char *const *files, const char *begin)
{
    for (; *files != NULL; files++)
        if (strncmp(strrchr(*files, '/') + 1, begin, strlen(begin)) == 0)
            return true;
    return false;
}

static void what_a_program_would_map_is_found_without_running_it(void **state)
{
    (void)state;
    arena *a = arena_new();
    linker l = linker_read(a, NULL);
    static const char *const files[] = {"/proc/self/exe", NULL};
    const char *const *closure = linker_closure(a, &l, files);
    assert_string_equal(closure[0], "/proc/self/exe");
    assert_true(has(closure, "libcmocka.so"));
    assert_true(has(closure, "libelf.so"));
    assert_true(has(closure, "libz.so")); /* of libelf */
    assert_null(linker_find(a, &l, "libnowhere.so.1", "/proc/self/exe"));
    arena_free(a);
}

static void the_variable_comes_before_the_cache(void **state)
{
    (void)state;
    test_folder f = folder_new();
    bytes_view whole = own_program(f.arena); /* a file of the same class and machine will do */
    const char *own = folder_add(&f, "lib/libcmocka.so.0", whole.data, whole.len);
    const char *environment[] = {arena_printf(f.arena, "LD_LIBRARY_PATH=/nonexistent:%s/lib", f.path), NULL};
    linker l = linker_read(f.arena, environment);
    assert_string_equal(linker_find(f.arena, &l, "libcmocka.so.0", "/proc/self/exe"), own);
    (void)folder_add_text(&f, "lib/libcmocka.so.0", "no library");
    assert_string_not_equal(linker_find(f.arena, &l, "libcmocka.so.0", "/proc/self/exe"), own);
    folder_free(&f);
}

static void a_cache_that_lies_has_nothing(void **state)
{
    (void)state;
    arena *a = arena_new();
    static const char magic[] = "glibc-ld.so.cache1.1";
    uint8_t cache[128] = {0};
    for (size_t i = 0; i < sizeof magic - 1; i++)
        cache[i] = (uint8_t)magic[i];
    cache[20] = 3; /* entries; there is room for one, and its texts lie beyond the end */
    cache[48 + 4] = 0xff;
    cache[48 + 5] = 0xff;
    for (size_t len = 0; len <= sizeof cache; len++) {
        linker l = {.library_path = NULL};
        linker_cache_read(a, bytes_from(cache, len), &l);
        for (size_t i = 0; i < l.num_cached; i++)
            assert_non_null(l.cached[i].path);
    }
    cache[23] = 0xff; /* more entries than any cache has */
    linker l = {.library_path = NULL};
    linker_cache_read(a, bytes_from(cache, sizeof cache), &l);
    assert_int_equal(l.num_cached, 0);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_tells_what_it_needs_and_which_build_it_is),
        cmocka_unit_test(what_is_no_elf_file_is_said_to_be_none),
        cmocka_unit_test(a_program_that_is_cut_anywhere_does_no_harm),
        cmocka_unit_test(a_header_that_lies_does_no_harm),
        cmocka_unit_test(what_a_program_would_map_is_found_without_running_it),
        cmocka_unit_test(the_variable_comes_before_the_cache),
        cmocka_unit_test(a_cache_that_lies_has_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
