/* An NSS database: whom it trusts for servers, on pages of any kind; and files that are none, or lie. tests/data/nss/make.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/keystore.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { FILE_LEN_MAX = 64 * 1024, PAGE_LEN = 512, NUM_TRUSTED = 42 };

typedef struct world {
    arena *a;
    bytes_view file;
    uint8_t *own; /* a copy, to be spoilt */
} world;

static int set_up(void **state)
{
    static world w;
    w.a = arena_new();
    w.own = ARENA_ARRAY(w.a, FILE_LEN_MAX, uint8_t);
    FILE *from = fopen(NSS_DATABASE, "rb");
    assert_non_null(from);
    w.file = bytes_copy(w.a, bytes_from(w.own, fread(w.own, 1, FILE_LEN_MAX, from)));
    fclose(from);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    arena_free(((world *)*state)->a);
    return 0;
}

static bool has(const keystore *store, const char *name)
{
    for (size_t i = 0; i < store->num_certificates; i++)
        if (bytes_find(store->certificates[i], name, 0) < store->certificates[i].len)
            return true;
    return false;
}

static void only_what_is_trusted_for_servers(void **state)
{
    world *w = *state;
    keystore store = keystore_read(w->a, w->file, NULL);
    assert_int_equal(store.num_certificates, NUM_TRUSTED);
    assert_true(has(&store, "trusted root"));
    assert_true(has(&store, "trusted itself"));
    assert_true(has(&store, "root 39"));
    assert_false(has(&store, "for mail alone"));
    assert_false(has(&store, "distrusted"));
    assert_false(has(&store, "of nobody"));
    assert_null(store.problem);
    assert_false(store.has_private_key);
}

/* A schema of that name that is no table: a view which goes on for ever, and one on what is not that table. */
static void a_view_in_its_place_is_not_read(void **state)
{
    static const char *const schemas[] = {
        "CREATE VIEW nssPublic AS WITH RECURSIVE r(a0) AS (SELECT 1 UNION ALL SELECT a0 + 1 FROM r) SELECT a0 FROM r",
        "CREATE TABLE other(a0, a11); CREATE VIEW nssPublic AS SELECT a0, a11 FROM other"};
    world *w = *state;
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        sqlite3 *db;
        sqlite3_int64 len;
        assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, schemas[i], NULL, NULL, NULL), SQLITE_OK);
        uint8_t *file = sqlite3_serialize(db, "main", &len, 0);
        assert_non_null(file);
        keystore store = keystore_read(w->a, bytes_from(file, (size_t)len), NULL);
        assert_int_equal(store.num_certificates, 0);
        assert_string_equal(store.problem, "it is no NSS database of certificates");
        sqlite3_free(file);
        sqlite3_close(db);
    }
}

static void another_database_is_said_to_be_one(void **state)
{
    world *w = *state;
    uint8_t *name = w->own + bytes_find(w->file, "nssPublicnssPublic", 0);
    memcpy(name, "nssSecret", strlen("nssSecret"));
    keystore store = keystore_read(w->a, bytes_from(w->own, w->file.len), NULL);
    assert_int_equal(store.num_certificates, 0);
    assert_string_equal(store.problem, "it is no NSS database of certificates");
}

static void cut_anywhere_it_gives_no_more_than_it_has(void **state)
{
    world *w = *state;
    for (size_t len = 0; len < w->file.len; len += 37) {
        arena *a = arena_new();
        keystore store = keystore_read(a, bytes_slice(w->file, 0, len), NULL);
        assert_true(store.num_certificates <= NUM_TRUSTED);
        arena_free(a);
    }
}

/* Where the table begins, as SQLite says. */
static uint32_t root_page(void)
{
    sqlite3 *db;
    sqlite3_stmt *row;
    assert_int_equal(sqlite3_open_v2(NSS_DATABASE, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT rootpage FROM sqlite_schema WHERE name = 'nssPublic'", -1, &row, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    uint32_t page = (uint32_t)sqlite3_column_int(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return page;
}

/* A page that is its own child, its own rest of a row, and a page that is far away. */
static void a_loop_of_pages_ends(void **state)
{
    world *w = *state;
    uint32_t page = root_page();
    uint8_t *root = w->own + (size_t)(page - 1) * PAGE_LEN;
    assert_int_equal(root[0], 0x05); /* a tree, and not one page */
    for (int i = 0; i < 4; i++)
        root[8 + i] = (uint8_t)(page >> (24 - 8 * i)); /* its right-most child */
    (void)keystore_read(w->a, bytes_from(w->own, w->file.len), NULL);
    memset(root + 8, 0xff, 4);
    (void)keystore_read(w->a, bytes_from(w->own, w->file.len), NULL);
}

static void any_byte_may_be_another(void **state)
{
    world *w = *state;
    for (size_t i = 16; i < w->file.len; i += 3) {
        arena *a = arena_new();
        w->own[i] ^= 0xff;
        (void)keystore_read(a, bytes_from(w->own, w->file.len), NULL);
        w->own[i] ^= 0xff;
        arena_free(a);
    }
}

#define SITUATION(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITUATION(only_what_is_trusted_for_servers),
        SITUATION(a_view_in_its_place_is_not_read),
        SITUATION(another_database_is_said_to_be_one),
        SITUATION(cut_anywhere_it_gives_no_more_than_it_has),
        SITUATION(a_loop_of_pages_ends),
        SITUATION(any_byte_may_be_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
