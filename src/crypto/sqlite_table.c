#include "crypto/sqlite_table.h"

#include "wire/reader.h"

#include <string.h>

enum {
    HEADER_LEN = 100,
    PAGE_LEN_AT = 16,
    RESERVED_AT = 20,
    LEAF = 0x0d,
    INTERIOR = 0x05,
    DEPTH_MAX = 20,
    VALUES_MAX = 256,
    PAGES_MAX = 65536, /* of one walk: a loop of pages ends there */
    PAYLOAD_LEN_MAX = 1024 * 1024,
};

typedef struct walk {
    arena *arena;
    const sqlite_table *table;
    sqlite_row *row;
    void *context;
    uint32_t pages_left;
} walk;

/* Big-endian, seven bits a byte, all eight of the ninth (1.6 of the description). */
static bool read_varint(reader *r, uint64_t *out)
{
    enum { BYTES_MAX = 9 };
    uint64_t value = 0;
    for (int i = 0; i < BYTES_MAX; i++) {
        uint8_t byte;
        if (!read_u8(r, "varint", &byte))
            return false;
        value = i == BYTES_MAX - 1 ? value << 8 | byte : value << 7 | (byte & 0x7f);
        if (byte < 0x80)
            break;
    }
    *out = value;
    return true;
}

static bytes_view page_of(const sqlite_table *t, uint32_t number)
{
    return number == 0 ? bytes_from(NULL, 0) : bytes_slice(t->file, (size_t)(number - 1) * t->page_len, t->page_len);
}

/* ---- a row ------------------------------------------------------------------------------------------------------------------ */

static size_t serial_len(uint64_t type)
{
    static const uint8_t of_numbers[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
    if (type < sizeof of_numbers)
        return of_numbers[type];
    return (type - 12) / 2 > PAYLOAD_LEN_MAX ? PAYLOAD_LEN_MAX + 1 : (size_t)((type - 12) / 2);
}

static void give_row(const walk *w, bytes_view payload)
{
    bytes_view values[VALUES_MAX], header;
    reader r = reader_from(payload);
    uint64_t header_len, type;
    if (!read_varint(&r, &header_len) || header_len < r.offset || !read_bytes(&r, "types", (size_t)header_len - r.offset, &header))
        return;
    reader types = reader_from(header);
    size_t num = 0;
    while (num < VALUES_MAX && read_varint(&types, &type) && read_bytes(&r, "value", serial_len(type), &values[num]))
        num++;
    w->row(w->context, values, num);
}

/* How much of a payload lies on its own page (1.6: "The amount of payload that spills"). */
static size_t local_len(const sqlite_table *t, size_t payload_len)
{
    size_t most = t->used_len - 35, least = (t->used_len - 12) * 32 / 255 - 23;
    size_t tried = least + (payload_len - least) % (t->used_len - 4);
    return payload_len <= most ? payload_len : tried <= most ? tried : least;
}

/* The rest of it lies on a list of pages. */
static bool gather(walk *w, bytes_view begin, uint32_t next, size_t len, bytes_view *out)
{
    buffer whole;
    buffer_init(&whole, len);
    bool is_kept = buffer_append(&whole, begin.data, begin.len);
    while (is_kept && whole.len < len && w->pages_left-- > 1) {
        reader r = reader_from(bytes_slice(page_of(w->table, next), 0, w->table->used_len));
        size_t wanted = len - whole.len < w->table->used_len - 4 ? len - whole.len : w->table->used_len - 4;
        bytes_view part;
        is_kept = read_u32(&r, "next page", &next) && read_bytes(&r, "rest of a row", wanted, &part) &&
                  buffer_append(&whole, part.data, part.len);
    }
    is_kept = is_kept && whole.len == len;
    if (is_kept)
        *out = bytes_copy(w->arena, buffer_view(&whole));
    buffer_free(&whole);
    return is_kept;
}

static void read_leaf_cell(walk *w, bytes_view cell)
{
    reader r = reader_from(cell);
    uint64_t len, rowid;
    bytes_view payload;
    uint32_t next = 0;
    if (!read_varint(&r, &len) || len > PAYLOAD_LEN_MAX || !read_varint(&r, &rowid))
        return;
    size_t local = local_len(w->table, (size_t)len);
    if (!read_bytes(&r, "row", local, &payload))
        return;
    if (local < len && (!read_u32(&r, "next page", &next) || !gather(w, payload, next, (size_t)len, &payload)))
        return;
    give_row(w, payload);
}

/* ---- the tree of pages --------------------------------------------------------------------------------------------------------
 */

typedef struct page_header {
    uint8_t type;
    uint16_t num_cells;
    uint32_t right_most; /* INTERIOR */
    reader places;       /* of its cells, from the page's begin */
} page_header;

static bool read_page_header(bytes_view page, uint32_t number, page_header *h)
{
    reader r = reader_from(bytes_slice(page, number == 1 ? HEADER_LEN : 0, page.len));
    uint16_t free_at, content_at;
    uint8_t fragments;
    bytes_view places;
    *h = (page_header){0};
    bool is_read = read_u8(&r, "type", &h->type) && read_u16(&r, "free", &free_at) && read_u16(&r, "cells", &h->num_cells) &&
                   read_u16(&r, "content", &content_at) && read_u8(&r, "fragments", &fragments) &&
                   (h->type != INTERIOR || read_u32(&r, "right-most", &h->right_most)) &&
                   read_bytes(&r, "cell places", (size_t)h->num_cells * 2, &places);
    if (is_read)
        h->places = reader_from(places);
    return is_read && (h->type == LEAF || h->type == INTERIOR);
}

static void read_page(walk *w, uint32_t number, int depth);

static void read_children(walk *w, bytes_view page, page_header *h, int depth)
{
    uint16_t at;
    while (read_u16(&h->places, "cell", &at)) {
        reader cell = reader_from(bytes_slice(page, at, page.len));
        uint32_t child;
        if (read_u32(&cell, "child", &child))
            read_page(w, child, depth + 1);
    }
    read_page(w, h->right_most, depth + 1);
}

static void read_page(walk *w, uint32_t number, int depth)
{
    bytes_view page = page_of(w->table, number);
    page_header h;
    uint16_t at;
    if (depth > DEPTH_MAX || w->pages_left == 0 || !read_page_header(page, number, &h))
        return;
    w->pages_left--;
    if (h.type == INTERIOR) {
        read_children(w, page, &h, depth);
        return;
    }
    while (read_u16(&h.places, "cell", &at))
        read_leaf_cell(w, bytes_slice(page, at, page.len));
}

void sqlite_table_rows(arena *a, const sqlite_table *table, sqlite_row *row, void *context)
{
    walk w = {.arena = a, .table = table, .row = row, .context = context, .pages_left = PAGES_MAX};
    read_page(&w, table->root, 0);
}

/* ---- the list of tables, which is a table itself, on the first page
 * -------------------------------------------------------------- */

enum { COLUMN_NAME = 1, COLUMN_ROOT = 3, COLUMN_SQL = 4, NUM_COLUMNS = 5 };

typedef struct table_search {
    arena *arena;
    const char *name;
    sqlite_table *found;
} table_search;

static void look_at_table(void *context, const bytes_view *values, size_t num)
{
    table_search *s = context;
    if (num < NUM_COLUMNS || !bytes_equal(values[COLUMN_NAME], bytes_from_text(s->name)))
        return;
    for (size_t i = 0; i < values[COLUMN_ROOT].len && i < sizeof s->found->root; i++)
        s->found->root = s->found->root << 8 | (uint32_t)bytes_at(values[COLUMN_ROOT], i);
    s->found->sql = bytes_to_text(s->arena, values[COLUMN_SQL]);
}

bool sqlite_table_find(arena *a, bytes_view file, const char *name, sqlite_table *out)
{
    enum { PAGE_LEN_MIN = 512, USED_LEN_MIN = 480, PAGE_LEN_OF_ONE = 65536 };
    reader r = reader_from(bytes_slice(file, PAGE_LEN_AT, HEADER_LEN - PAGE_LEN_AT));
    uint16_t page_len;
    bytes_view versions;
    uint8_t reserved;
    *out = (sqlite_table){.file = file};
    if (!bytes_start_with(file, SQLITE_MAGIC) || !read_u16(&r, "page size", &page_len) ||
        !read_bytes(&r, "versions", RESERVED_AT - PAGE_LEN_AT - 2, &versions) || !read_u8(&r, "reserved", &reserved))
        return false;
    out->page_len = page_len == 1 ? PAGE_LEN_OF_ONE : page_len;
    if (out->page_len < PAGE_LEN_MIN || out->page_len - reserved < USED_LEN_MIN)
        return false;
    out->used_len = out->page_len - reserved;
    sqlite_table all = *out;
    all.root = 1;
    sqlite_table_rows(a, &all, look_at_table, &(table_search){.arena = a, .name = name, .found = out});
    return out->root != 0 && out->sql != NULL;
}

int sqlite_table_column(const sqlite_table *table, const char *name)
{
    const char *at = strchr(table->sql, '(');
    for (int i = 0; at != NULL; i++) {
        at += 1 + strspn(at + 1, " \t\r\n\"");
        size_t len = strcspn(at, " \t\r\n\",)");
        if (len == strlen(name) && strncmp(at, name, len) == 0)
            return i;
        at = strchr(at, ',');
    }
    return -1;
}
