/* The tables as they were made: sorted, whole, and found by number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "registry/registry.h"
#include <string.h>

typedef struct table {
    const char *what;
    size_t num_rows;
    uint16_t (*code)(size_t index);
    const char *(*name)(size_t index);
    const char *(*source)(size_t index);
    bool (*is_found)(size_t index); /* the look-up by number gives this very row */
} table;

#define TABLE_FUNCTIONS(kind)                                                                                                      \
    static uint16_t kind##_code(size_t i)                                                                                          \
    {                                                                                                                              \
        return kind##_rows[i].code;                                                                                                \
    }                                                                                                                              \
    static const char *kind##_name_at(size_t i)                                                                                    \
    {                                                                                                                              \
        return kind##_rows[i].name;                                                                                                \
    }                                                                                                                              \
    static const char *kind##_source(size_t i)                                                                                     \
    {                                                                                                                              \
        return kind##_rows[i].source;                                                                                              \
    }                                                                                                                              \
    static bool kind##_is_found(size_t i)                                                                                          \
    {                                                                                                                              \
        return kind##_find(kind##_rows[i].code) == &kind##_rows[i];                                                                \
    }
TABLE_FUNCTIONS(version)
TABLE_FUNCTIONS(cipher_suite)
TABLE_FUNCTIONS(group)
TABLE_FUNCTIONS(signature_scheme)
TABLE_FUNCTIONS(extension)
TABLE_FUNCTIONS(alert)

#define TABLE(kind)                                                                                                                \
    {                                                                                                                              \
#kind, num_##kind##_rows, kind##_code, kind##_name_at, kind##_source, kind##_is_found                                      \
    }
enum { NUM_TABLES = 6 };
static void tables_get(table tables[NUM_TABLES])
{
    const table all[NUM_TABLES] = {TABLE(version),          TABLE(cipher_suite), TABLE(group),
                                   TABLE(signature_scheme), TABLE(extension),    TABLE(alert)};
    memcpy(tables, all, sizeof all);
}

static void numbers_go_up_and_each_is_there_once(void **state)
{
    (void)state;
    table tables[NUM_TABLES];
    tables_get(tables);
    for (size_t t = 0; t < NUM_TABLES; t++)
        for (size_t i = 1; i < tables[t].num_rows; i++)
            if (tables[t].code(i) <= tables[t].code(i - 1))
                fail_msg("%s: row %zu, %s", tables[t].what, i, tables[t].name(i));
}

static void every_row_has_a_name_and_a_source(void **state)
{
    (void)state;
    table tables[NUM_TABLES];
    tables_get(tables);
    for (size_t t = 0; t < NUM_TABLES; t++) {
        assert_true(tables[t].num_rows > 0);
        for (size_t i = 0; i < tables[t].num_rows; i++) {
            assert_true(strlen(tables[t].name(i)) > 0);
            assert_true(strlen(tables[t].source(i)) > 0);
        }
    }
}

static void no_name_is_there_twice(void **state)
{
    (void)state;
    table tables[NUM_TABLES];
    tables_get(tables);
    for (size_t t = 0; t < NUM_TABLES; t++)
        for (size_t i = 0; i < tables[t].num_rows; i++)
            for (size_t k = 0; k < i; k++)
                if (strcmp(tables[t].name(i), tables[t].name(k)) == 0)
                    fail_msg("%s: %s", tables[t].what, tables[t].name(i));
}

static void every_row_is_found_by_its_number(void **state)
{
    (void)state;
    table tables[NUM_TABLES];
    tables_get(tables);
    for (size_t t = 0; t < NUM_TABLES; t++)
        for (size_t i = 0; i < tables[t].num_rows; i++)
            assert_true(tables[t].is_found(i));
}

static void a_number_that_nobody_has_is_not_found(void **state)
{
    (void)state;
    assert_null(version_find(0x0305));
    assert_null(cipher_suite_find(0x2A2A)); /* GREASE */
    assert_null(cipher_suite_find(0xFFFF)); /* above all */
    assert_null(group_find(0));             /* below all */
    assert_null(signature_scheme_find(0x0100));
    assert_null(extension_find(40)); /* given back to the registry */
    assert_null(alert_find(255));
}

static void a_suite_fits_what_it_says_it_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_cipher_suite_rows; i++) {
        const cipher_suite_row *row = &cipher_suite_rows[i];
        assert_true(row->version_min <= row->version_max);
        assert_non_null(version_find(row->version_min));
        assert_non_null(version_find(row->version_max));
        bool normal = row->kind == SUITE_NORMAL;
        assert_int_equal(normal, cipher_suite_fits_version(row->code, row->version_min));
        assert_int_equal(normal, cipher_suite_fits_version(row->code, row->version_max));
        assert_false(cipher_suite_fits_version(row->code, VERSION_SSL2));
        if (normal)
            assert_true(strlen(row->cipher) > 0);
        if (row->is_aead)
            assert_true(row->version_min >= VERSION_TLS12);
        if (row->version_max == VERSION_TLS13)
            assert_true(row->version_min == VERSION_TLS13 || !normal);
    }
    assert_false(cipher_suite_fits_version(0x2A2A, VERSION_TLS12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_go_up_and_each_is_there_once),
        cmocka_unit_test(every_row_has_a_name_and_a_source),
        cmocka_unit_test(no_name_is_there_twice),
        cmocka_unit_test(every_row_is_found_by_its_number),
        cmocka_unit_test(a_number_that_nobody_has_is_not_found),
        cmocka_unit_test(a_suite_fits_what_it_says_it_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
