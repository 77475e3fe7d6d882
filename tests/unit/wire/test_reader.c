#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/reader.h"

static const uint8_t bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a};

static void numbers_are_big_endian(void **state)
{
    (void)state;
    reader r = reader_from(bytes_from(bytes, sizeof bytes));
    uint8_t u8;
    uint16_t u16;
    uint32_t u24, u32;
    assert_true(read_u8(&r, "a", &u8) && read_u16(&r, "b", &u16) && read_u24(&r, "c", &u24) && read_u32(&r, "d", &u32));
    assert_int_equal(u8, 0x01);
    assert_int_equal(u16, 0x0203);
    assert_int_equal(u24, 0x040506);
    assert_int_equal(u32, 0x0708090a);
    assert_true(reader_is_empty(&r));
    assert_int_equal(r.offset, 10);
}

static void a_failed_read_leaves_the_reader_as_it_was(void **state)
{
    (void)state;
    reader r = reader_from(bytes_from(bytes, 1));
    uint16_t u16;
    uint8_t u8;
    assert_false(read_u16(&r, "suite", &u16));
    assert_int_equal(reader_len(&r), 1);
    assert_true(read_u8(&r, "level", &u8));
    assert_int_equal(u8, 1);
}

static void a_failed_read_is_explained_with_field_and_place(void **state)
{
    (void)state;
    reader r = reader_from(bytes_from(bytes, 5));
    bytes_view part;
    error e = {0};
    assert_true(read_bytes(&r, "header", 3, &part));
    assert_false(read_bytes(&r, "cipher_suites", 4, &part));
    assert_int_equal(part.len, 0);
    assert_false(reader_explain(&r, &e));
    assert_int_equal(e.code, ERROR_MALFORMED);
    assert_string_equal(e.message, "cipher_suites at byte 3: wants 4 bytes, has 2");
}

static void the_first_failure_is_the_one_remembered(void **state)
{
    (void)state;
    reader r = reader_from(bytes_from(bytes, 1));
    uint16_t u16;
    uint32_t u32;
    assert_false(read_u16(&r, "first", &u16));
    assert_false(read_u32(&r, "second", &u32));
    assert_string_equal(r.field, "first");
    assert_int_equal(r.wanted, 2);
    assert_int_equal(r.had, 1);
}

static void a_vector_is_a_reader_of_its_own_with_offsets_of_the_whole(void **state)
{
    (void)state;
    const uint8_t input[] = {0xff, 0x00, 0x02, 0xaa, 0xbb, 0xcc};
    reader r = reader_from(bytes_from(input, sizeof input));
    reader vector;
    uint8_t u8;
    assert_true(read_u8(&r, "skip", &u8) && read_vector16(&r, "vector", &vector));
    assert_int_equal(reader_len(&vector), 2);
    assert_int_equal(vector.offset, 3);
    assert_int_equal(r.offset, 5);
    assert_int_equal(reader_len(&r), 1);
}

static void a_vector_longer_than_the_input_reads_nothing(void **state)
{
    (void)state;
    const uint8_t input[] = {0x03, 0xaa, 0xbb};
    reader r = reader_from(bytes_from(input, sizeof input));
    reader vector;
    assert_false(read_vector8(&r, "name", &vector));
    assert_true(reader_is_empty(&vector));
    assert_int_equal(reader_len(&r), 3);
    assert_int_equal(r.wanted, 4);
    assert_false(read_vector24(&r, "name", &vector));
}

static void an_empty_vector_and_an_empty_input_are_fine(void **state)
{
    (void)state;
    const uint8_t input[] = {0x00, 0x00, 0x00};
    reader r = reader_from(bytes_from(input, sizeof input));
    reader vector;
    assert_true(read_vector24(&r, "list", &vector));
    assert_true(reader_is_empty(&vector));
    assert_int_equal(read_rest(&r).len, 0);
    assert_false(read_vector8(&r, "list", &vector));
}

static void bytes_left_over_are_explained(void **state)
{
    (void)state;
    reader r = reader_from(bytes_from(bytes, 4));
    error e = {0};
    uint8_t u8;
    assert_true(read_u8(&r, "one", &u8));
    assert_false(reader_explain(&r, &e));
    assert_string_equal(e.message, "3 bytes left over at byte 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_big_endian),
        cmocka_unit_test(a_failed_read_leaves_the_reader_as_it_was),
        cmocka_unit_test(a_failed_read_is_explained_with_field_and_place),
        cmocka_unit_test(the_first_failure_is_the_one_remembered),
        cmocka_unit_test(a_vector_is_a_reader_of_its_own_with_offsets_of_the_whole),
        cmocka_unit_test(a_vector_longer_than_the_input_reads_nothing),
        cmocka_unit_test(an_empty_vector_and_an_empty_input_are_fine),
        cmocka_unit_test(bytes_left_over_are_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
