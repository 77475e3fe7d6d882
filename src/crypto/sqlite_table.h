/*
 * The rows of one table of an SQLite 3 database file (sqlite.org/fileformat2.html), as far as an NSS database needs it: tables with
 * a rowid, no indexes, no journal. The file is somebody else's: read with bounds, and loops end. Ownership: the file is borrowed; a
 * value that lies on several pages is put together in the arena.
 */
#ifndef TLSWHY_CRYPTO_SQLITE_TABLE_H
#define TLSWHY_CRYPTO_SQLITE_TABLE_H

#include "base/bytes.h"

#define SQLITE_MAGIC "SQLite format 3"

/* Called for each row, with `num` values: a blob's or a text's bytes, an integer's as they are stored; empty for NULL. */
typedef void sqlite_row(void *context, const bytes_view *values, size_t num);

typedef struct sqlite_table {
    bytes_view file;
    uint32_t page_len;
    uint32_t used_len; /* of a page: what is not reserved at its end */
    uint32_t root;     /* the page that it begins on, from 1 */
    const char *sql;   /* "CREATE TABLE ..." */
} sqlite_table;

/* Finds a table by its name; false where the file is none, or has no such table. */
bool sqlite_table_find(arena *a, bytes_view file, const char *name, sqlite_table *out);
/* The place of a column among the values, from its CREATE TABLE; -1 where it has none of that name. */
int sqlite_table_column(const sqlite_table *table, const char *name);
void sqlite_table_rows(arena *a, const sqlite_table *table, sqlite_row *row, void *context);

#endif
