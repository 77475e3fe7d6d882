#include "wire/writer.h"

void writer_init(writer *w, size_t len_max)
{
    *w = (writer){0};
    buffer_init(&w->out, len_max);
}

void writer_free(writer *w)
{
    buffer_free(&w->out);
}

static void append(writer *w, const void *data, size_t len)
{
    if (!w->failed && !buffer_append(&w->out, data, len))
        w->failed = true;
}

void write_u8(writer *w, uint8_t value)
{
    append(w, &value, 1);
}

void write_u16(writer *w, uint16_t value)
{
    uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    append(w, bytes, sizeof bytes);
}

void write_u24(writer *w, uint32_t value)
{
    uint8_t bytes[] = {(uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    if (value > 0xffffff)
        w->failed = true;
    append(w, bytes, sizeof bytes);
}

void write_bytes(writer *w, bytes_view v)
{
    append(w, v.data, v.len);
}

void write_codes(writer *w, code_list list)
{
    for (size_t i = 0; i < list.num_codes; i++)
        write_u16(w, list.codes[i]);
}

void write_zeros(writer *w, size_t len)
{
    static const uint8_t zeros[256];
    while (len > 0 && !w->failed) {
        size_t part = len < sizeof zeros ? len : sizeof zeros;
        append(w, zeros, part);
        len -= part;
    }
}

static writer_vector open_vector(writer *w, size_t length_size)
{
    writer_vector v = {.length_offset = w->out.len, .length_size = length_size};
    write_zeros(w, length_size);
    return v;
}

writer_vector writer_open8(writer *w)
{
    return open_vector(w, 1);
}

writer_vector writer_open16(writer *w)
{
    return open_vector(w, 2);
}

writer_vector writer_open24(writer *w)
{
    return open_vector(w, 3);
}

void writer_close(writer *w, writer_vector v)
{
    if (w->failed)
        return;
    size_t len = w->out.len - v.length_offset - v.length_size;
    if (len >> (8 * v.length_size) != 0) {
        w->failed = true;
        return;
    }
    for (size_t i = 0; i < v.length_size; i++)
        w->out.data[v.length_offset + i] = (uint8_t)(len >> (8 * (v.length_size - 1 - i)));
}

bool writer_take(writer *w, arena *a, bytes_view *out)
{
    bool ok = !w->failed;
    *out = ok ? bytes_copy(a, buffer_view(&w->out)) : bytes_from(NULL, 0);
    writer_free(w);
    return ok;
}
