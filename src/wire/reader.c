#include "wire/reader.h"

reader reader_from(bytes_view input)
{
    return (reader){.rest = input};
}

reader reader_of_part(const reader *whole, bytes_view part, size_t part_offset)
{
    return (reader){.rest = part, .offset = whole->offset + part_offset};
}

bool reader_is_empty(const reader *r)
{
    return r->rest.len == 0;
}

size_t reader_len(const reader *r)
{
    return r->rest.len;
}

/* Remembers the first failure only: what fails after it is its consequence. */
static bool cut(reader *r, const char *field, size_t wanted)
{
    if (r->field == NULL) {
        r->field = field;
        r->field_offset = r->offset;
        r->wanted = wanted;
        r->had = r->rest.len;
    }
    return false;
}

static void advance(reader *r, size_t len)
{
    r->rest = bytes_slice(r->rest, len, r->rest.len);
    r->offset += len;
}

/* A big-endian number of `size` bytes, which must be there. */
static uint32_t number_at_front(const reader *r, size_t size)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | r->rest.data[i];
    return value;
}

static bool read_number(reader *r, const char *field, size_t size, uint32_t *out)
{
    *out = 0;
    if (r->rest.len < size)
        return cut(r, field, size);
    *out = number_at_front(r, size);
    advance(r, size);
    return true;
}

bool read_u8(reader *r, const char *field, uint8_t *out)
{
    uint32_t value;
    bool ok = read_number(r, field, 1, &value);
    *out = (uint8_t)value;
    return ok;
}

bool read_u16(reader *r, const char *field, uint16_t *out)
{
    uint32_t value;
    bool ok = read_number(r, field, 2, &value);
    *out = (uint16_t)value;
    return ok;
}

bool read_u24(reader *r, const char *field, uint32_t *out)
{
    return read_number(r, field, 3, out);
}

bool read_u32(reader *r, const char *field, uint32_t *out)
{
    return read_number(r, field, 4, out);
}

bool read_bytes(reader *r, const char *field, size_t len, bytes_view *out)
{
    *out = bytes_from(NULL, 0);
    if (r->rest.len < len)
        return cut(r, field, len);
    *out = bytes_slice(r->rest, 0, len);
    advance(r, len);
    return true;
}

bytes_view read_rest(reader *r)
{
    bytes_view rest = r->rest;
    advance(r, rest.len);
    return rest;
}

static bool read_vector(reader *r, const char *field, size_t length_size, reader *out)
{
    *out = reader_from(bytes_from(NULL, 0));
    if (r->rest.len < length_size)
        return cut(r, field, length_size);
    size_t len = number_at_front(r, length_size);
    if (r->rest.len - length_size < len)
        return cut(r, field, length_size + len);
    *out = reader_of_part(r, bytes_slice(r->rest, length_size, len), length_size);
    advance(r, length_size + len);
    return true;
}

bool read_vector8(reader *r, const char *field, reader *out)
{
    return read_vector(r, field, 1, out);
}

bool read_vector16(reader *r, const char *field, reader *out)
{
    return read_vector(r, field, 2, out);
}

bool read_vector24(reader *r, const char *field, reader *out)
{
    return read_vector(r, field, 3, out);
}

bool reader_explain(const reader *r, error *e)
{
    if (r->field == NULL)
        return error_set(e, ERROR_MALFORMED, "%zu bytes left over at byte %zu", r->rest.len, r->offset);
    return error_set(e, ERROR_MALFORMED, "%s at byte %zu: wants %zu bytes, has %zu", r->field, r->field_offset, r->wanted, r->had);
}
