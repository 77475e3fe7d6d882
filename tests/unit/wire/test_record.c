#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/record.h"

static const uint8_t alert_record[] = {0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x28};

static enum parse_status read_status(const void *data, size_t len)
{
    reader r = reader_from(bytes_from(data, len));
    record one;
    return record_read(&r, &one);
}

static void a_record_is_read(void **state)
{
    (void)state;
    reader r = reader_from(bytes_from(alert_record, sizeof alert_record));
    record one;
    assert_int_equal(record_read(&r, &one), PARSE_DONE);
    assert_int_equal(one.content_type, CONTENT_ALERT);
    assert_int_equal(one.version, 0x0301);
    assert_int_equal(one.payload.len, 2);
    assert_true(reader_is_empty(&r));
}

static void a_record_cut_anywhere_wants_more(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof alert_record; len++)
        assert_int_equal(read_status(alert_record, len), PARSE_MORE);
}

static void what_cannot_be_a_record_is_bad_from_the_first_byte_that_tells(void **state)
{
    (void)state;
    assert_int_equal(read_status("H", 1), PARSE_BAD);
    assert_int_equal(read_status("\x16\x02", 2), PARSE_BAD);
    assert_int_equal(read_status("\x19\x03\x01", 3), PARSE_BAD);
}

static void the_longest_payload_is_16384_and_2048_bytes(void **state)
{
    (void)state;
    const uint8_t longest[] = {0x17, 0x03, 0x03, 0x48, 0x00};
    const uint8_t too_long[] = {0x17, 0x03, 0x03, 0x48, 0x01};
    assert_int_equal(read_status(longest, sizeof longest), PARSE_MORE);
    assert_int_equal(read_status(too_long, sizeof too_long), PARSE_BAD);
}

static void a_record_is_written(void **state)
{
    (void)state;
    arena *a = arena_new();
    writer w;
    bytes_view out;
    writer_init(&w, 16);
    record_write(&w, CONTENT_ALERT, 0x0301, bytes_from("\x02\x28", 2));
    assert_true(writer_take(&w, a, &out));
    assert_true(bytes_equal(out, bytes_from(alert_record, sizeof alert_record)));
    arena_free(a);
}

static void first_bytes_tell_whether_a_record_is_possible(void **state)
{
    (void)state;
    assert_true(record_looks_possible(bytes_from(alert_record, 3)));
    assert_false(record_looks_possible(bytes_from(alert_record, 2)));
    assert_false(record_looks_possible(bytes_from_text("HTTP/1.1 400")));
    assert_false(record_looks_possible(bytes_from("\x80\x2e\x01", 3)));
}

static void an_alert_is_two_bytes(void **state)
{
    (void)state;
    alert one;
    assert_int_equal(alert_read(bytes_from("\x02\x28", 2), &one), PARSE_DONE);
    assert_int_equal(one.level, ALERT_FATAL);
    assert_int_equal(one.description, 40);
    assert_int_equal(alert_read(bytes_from("\x02", 1), &one), PARSE_BAD);
    assert_int_equal(alert_read(bytes_from("\x02\x28\x00", 3), &one), PARSE_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_read),
        cmocka_unit_test(a_record_cut_anywhere_wants_more),
        cmocka_unit_test(what_cannot_be_a_record_is_bad_from_the_first_byte_that_tells),
        cmocka_unit_test(the_longest_payload_is_16384_and_2048_bytes),
        cmocka_unit_test(a_record_is_written),
        cmocka_unit_test(first_bytes_tell_whether_a_record_is_possible),
        cmocka_unit_test(an_alert_is_two_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
