#include "../with_arena.h"

#include "wire/writer.h"

static void assert_writes(arena *a, writer *w, const char *hex)
{
    bytes_view out;
    assert_true(writer_take(w, a, &out));
    assert_string_equal(bytes_to_hex(a, out), hex);
}

static void assert_fails(arena *a, writer *w)
{
    bytes_view out;
    assert_false(writer_take(w, a, &out));
    assert_int_equal(out.len, 0);
}

static void numbers_are_big_endian(void **state)
{
    writer w;
    writer_init(&w, 64);
    write_u8(&w, 1);
    write_u16(&w, 0x0203);
    write_u24(&w, 0x040506);
    write_zeros(&w, 2);
    write_codes(&w, codes_one(*state, 0x0708));
    assert_writes(*state, &w,
                  "0102030405060000"
                  "0708");
}

static void nested_vectors_get_their_lengths_when_closed(void **state)
{
    writer w;
    writer_init(&w, 64);
    writer_vector outer = writer_open24(&w);
    writer_vector inner = writer_open16(&w);
    writer_vector innermost = writer_open8(&w);
    write_u16(&w, 0xaabb);
    writer_close(&w, innermost);
    writer_close(&w, inner);
    writer_close(&w, outer);
    assert_writes(*state, &w,
                  "000005"
                  "0003"
                  "02"
                  "aabb");
}

static void the_longest_vector_of_each_size_is_written(void **state)
{
    writer w;
    bytes_view out;
    writer_init(&w, 70000);
    writer_vector v = writer_open8(&w);
    write_zeros(&w, 255);
    writer_close(&w, v);
    v = writer_open16(&w);
    write_zeros(&w, 65535);
    writer_close(&w, v);
    assert_true(writer_take(&w, *state, &out));
    assert_int_equal(out.len, 256 + 65537);
}

static void a_vector_longer_than_its_length_can_say_fails(void **state)
{
    writer w;
    writer_init(&w, 70000);
    writer_vector v = writer_open8(&w);
    write_zeros(&w, 256);
    writer_close(&w, v);
    assert_fails(*state, &w);
    writer_init(&w, 70000);
    v = writer_open16(&w);
    write_zeros(&w, 65536);
    writer_close(&w, v);
    assert_fails(*state, &w);
}

static void past_its_bound_it_fails_and_stays_so(void **state)
{
    writer w;
    writer_init(&w, 3);
    write_u16(&w, 1);
    write_u16(&w, 2);
    write_u8(&w, 3); /* would fit, but what is before it is missing */
    assert_fails(*state, &w);
}

static void a_number_that_24_bits_cannot_hold_fails(void **state)
{
    writer w;
    writer_init(&w, 16);
    write_u24(&w, 0x1000000);
    assert_fails(*state, &w);
}

#define TEST(situation) WITH_ARENA(situation)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_are_big_endian),
        TEST(nested_vectors_get_their_lengths_when_closed),
        TEST(the_longest_vector_of_each_size_is_written),
        TEST(a_vector_longer_than_its_length_can_say_fails),
        TEST(past_its_bound_it_fails_and_stays_so),
        TEST(a_number_that_24_bits_cannot_hold_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
