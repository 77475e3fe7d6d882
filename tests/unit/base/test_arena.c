#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include <stdalign.h>
#include <string.h>

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    arena *a = arena_new();
    for (size_t size = 1; size < 100; size += 7) {
        unsigned char *memory = arena_alloc(a, size);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xff, size);
    }
    arena_free(a);
}

static void nothing_at_all_is_still_a_place(void **state)
{
    (void)state;
    arena *a = arena_new();
    assert_non_null(arena_alloc(a, 0));
    assert_string_equal(arena_copy(a, NULL, 0), "");
    arena_free(a);
    arena_free(NULL);
}

static void pieces_do_not_overlap_across_chunks(void **state)
{
    (void)state;
    arena *a = arena_new();
    unsigned char *pieces[100];
    for (size_t i = 0; i < 100; i++) {
        pieces[i] = arena_alloc(a, 1000);
        memset(pieces[i], (int)i, 1000);
    }
    for (size_t i = 0; i < 100; i++)
        assert_true(pieces[i][0] == i && pieces[i][999] == i);
    assert_true(arena_size(a) >= 100 * 1000);
    arena_free(a);
}

static void a_piece_larger_than_a_chunk_is_whole(void **state)
{
    (void)state;
    arena *a = arena_new();
    unsigned char *before = arena_alloc(a, 8);
    unsigned char *large = arena_alloc(a, 1000000);
    memset(large, 1, 1000000);
    unsigned char *after = arena_alloc(a, 8);
    assert_true(before[7] == 0 && after[0] == 0);
    arena_free(a);
}

static void a_copy_ends_with_a_zero(void **state)
{
    (void)state;
    arena *a = arena_new();
    const char *copy = arena_copy(a, "abcdef", 3);
    assert_string_equal(copy, "abc");
    arena_free(a);
}

static void text_is_printed_whole(void **state)
{
    (void)state;
    arena *a = arena_new();
    assert_string_equal(arena_printf(a, "%s at byte %d", "cipher_suites", 43), "cipher_suites at byte 43");
    assert_string_equal(arena_printf(a, "%s", ""), "");
    assert_int_equal(strlen(arena_printf(a, "%5000d", 1)), 5000);
    arena_free(a);
}

static void what_is_adopted_goes_with_its_keeper(void **state)
{
    (void)state;
    arena *a = arena_new(), *one = arena_new(), *other = arena_new(), *of_one = arena_new();
    const char *text = arena_printf(of_one, "kept");
    arena_adopt(one, of_one);
    arena_adopt(a, one);
    arena_adopt(a, other);
    assert_string_equal(text, "kept");
    arena_free(a); /* the leak sanitizer sees what would be left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(what_is_adopted_goes_with_its_keeper),
        cmocka_unit_test(nothing_at_all_is_still_a_place),
        cmocka_unit_test(pieces_do_not_overlap_across_chunks),
        cmocka_unit_test(a_piece_larger_than_a_chunk_is_whole),
        cmocka_unit_test(a_copy_ends_with_a_zero),
        cmocka_unit_test(text_is_printed_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
