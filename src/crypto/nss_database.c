#include "crypto/nss_database.h"

#include "wire/reader.h"

#include <openssl/evp.h>
#include <sqlite3.h>
#include <string.h>

/* Columns are named a and the attribute's number in hexadecimal (sdb.c); numbers are PKCS #11's and NSS' (pkcs11n.h). */
#define NSS_TABLE "nssPublic"
#define COLUMN_CLASS "a0"
#define COLUMN_VALUE "a11"
#define COLUMN_SERVER_AUTH "ace536358" /* CKA_TRUST_SERVER_AUTH */
#define COLUMN_SHA1 "ace5363b4"        /* CKA_CERT_SHA1_HASH */
#define CLASS_CERTIFICATE ((uint32_t)1)
#define CLASS_TRUST ((uint32_t)0xce534353)
#define TRUSTED ((uint32_t)0xce534351)           /* CKT_NSS_TRUSTED: "P" of certutil */
#define TRUSTED_DELEGATOR ((uint32_t)0xce534352) /* "C" */

enum {
    OBJECTS_MAX = 8192,
    SHA1_LEN = 20,
    VALUE_LEN_MAX = 1024 * 1024,
    STEPS_MAX = 4 * 1000 * 1000, /* of SQLite's machine: a loop of pages ends there */
    JOURNAL_VERSIONS_AT = 18,    /* of the file's header (sqlite.org/fileformat2.html, 1.3.3) */
    JOURNAL_VERSIONS_LEN = 2,
};

typedef struct objects {
    arena *arena;
    int class_at, value_at, trust_at, sha1_at; /* columns; -1: there is none */
    bytes_view *certificates, *trusted;        /* DER; SHA-1 of those that are trusted */
    size_t num_certificates, num_trusted;
    size_t len_left; /* bytes: no more are kept than the file has, though its rows may share pages */
} objects;

/* ---- the database, which is somebody else's ----------------------------------------------------------------------------- */

/* Only what it takes to read that one table: its schema may hold views and functions that go on for ever. */
static int may(void *unused, int what, const char *first, const char *second, const char *database, const char *by)
{
    (void)unused;
    (void)second;
    (void)database;
    bool is_table = first != NULL && strcmp(first, NSS_TABLE) == 0 && by == NULL;
    return what == SQLITE_SELECT || (what == SQLITE_READ && is_table) ? SQLITE_OK : SQLITE_DENY;
}

static int has_had_enough(void *unused)
{
    (void)unused;
    return 1;
}

static void guard(sqlite3 *db)
{
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    (void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, VALUE_LEN_MAX);
    (void)sqlite3_set_authorizer(db, may, NULL);
    sqlite3_progress_handler(db, STEPS_MAX, has_had_enough, NULL);
}

/* With the journal's versions set to the plain ones: what is beside the file is not looked at. */
static void copy_alone(bytes_view file, buffer *out)
{
    static const uint8_t plain[JOURNAL_VERSIONS_LEN] = {1, 1};
    bytes_view before = bytes_slice(file, 0, JOURNAL_VERSIONS_AT);
    bytes_view after = bytes_slice(file, JOURNAL_VERSIONS_AT + JOURNAL_VERSIONS_LEN, file.len);
    buffer_init(out, file.len + JOURNAL_VERSIONS_LEN);
    (void)(buffer_append(out, before.data, before.len) && buffer_append(out, plain, sizeof plain) &&
           buffer_append(out, after.data, after.len));
}

/* `copy` must outlive it. */
static bool open_database(buffer *copy, sqlite3 **db)
{
    if (sqlite3_open(":memory:", db) != SQLITE_OK ||
        sqlite3_deserialize(*db, "main", copy->data, (sqlite3_int64)copy->len, (sqlite3_int64)copy->len,
                            SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
        return false;
    guard(*db);
    return true;
}

/* ---- its objects -------------------------------------------------------------------------------------------------------- */

/* SQLite's, until the next row. */
static bytes_view value_at(sqlite3_stmt *row, int at)
{
    const void *blob = at < 0 ? NULL : sqlite3_column_blob(row, at);
    return blob == NULL ? bytes_from(NULL, 0) : bytes_from(blob, (size_t)sqlite3_column_bytes(row, at));
}

static uint32_t number_at(sqlite3_stmt *row, int at)
{
    reader r = reader_from(value_at(row, at));
    uint32_t number = 0;
    return read_u32(&r, "attribute", &number) ? number : 0;
}

static void keep(objects *o, bytes_view value, bytes_view *list, size_t *num)
{
    if (*num == OBJECTS_MAX || value.len > o->len_left)
        return;
    o->len_left -= value.len;
    list[(*num)++] = bytes_copy(o->arena, value);
}

static void take_object(objects *o, sqlite3_stmt *row)
{
    uint32_t class = number_at(row, o->class_at), trust = number_at(row, o->trust_at);
    if (class == CLASS_CERTIFICATE)
        keep(o, value_at(row, o->value_at), o->certificates, &o->num_certificates);
    else if (class == CLASS_TRUST && (trust == TRUSTED || trust == TRUSTED_DELEGATOR))
        keep(o, value_at(row, o->sha1_at), o->trusted, &o->num_trusted);
}

static int column_named(sqlite3_stmt *row, const char *name)
{
    for (int i = 0; i < sqlite3_column_count(row); i++)
        if (strcmp(sqlite3_column_name(row, i), name) == 0)
            return i;
    return -1;
}

/* False where the database has no such table. */
static bool read_objects(sqlite3 *db, objects *o)
{
    sqlite3_stmt *row;
    if (sqlite3_prepare_v2(db, "SELECT * FROM " NSS_TABLE, -1, &row, NULL) != SQLITE_OK)
        return false;
    o->class_at = column_named(row, COLUMN_CLASS);
    o->value_at = column_named(row, COLUMN_VALUE);
    o->trust_at = column_named(row, COLUMN_SERVER_AUTH);
    o->sha1_at = column_named(row, COLUMN_SHA1);
    while (sqlite3_step(row) == SQLITE_ROW)
        take_object(o, row);
    (void)sqlite3_finalize(row);
    return true;
}

static bool is_trusted(const objects *o, bytes_view der)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (der.len == 0 || EVP_Digest(der.data, der.len, hash, &len, EVP_sha1(), NULL) != 1 || len != SHA1_LEN)
        return false;
    for (size_t i = 0; i < o->num_trusted; i++)
        if (bytes_equal(o->trusted[i], bytes_from(hash, len)))
            return true;
    return false;
}

size_t nss_database_read(arena *a, bytes_view file, bytes_view *certificates, size_t max, bool *is_read)
{
    objects o = {.arena = a,
                 .len_left = file.len,
                 .certificates = ARENA_ARRAY(a, OBJECTS_MAX, bytes_view),
                 .trusted = ARENA_ARRAY(a, OBJECTS_MAX, bytes_view)};
    sqlite3 *db = NULL;
    buffer copy;
    copy_alone(file, &copy);
    *is_read = open_database(&copy, &db) && read_objects(db, &o);
    (void)sqlite3_close(db);
    buffer_free(&copy);
    size_t num = 0;
    for (size_t i = 0; i < o.num_certificates && num < max; i++)
        if (is_trusted(&o, o.certificates[i]))
            certificates[num++] = o.certificates[i];
    return num;
}
