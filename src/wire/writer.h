/*
 * The writer: the reader's mirror. Lengths are filled in when a vector is closed.
 *
 * Ownership: a writer owns its buffer until writer_take or writer_free. It is bounded at birth; past the bound, and
 * where a vector is longer than its length field can say, it turns `failed` and stays so: check once, at the end.
 */
#ifndef TLSWHY_WIRE_WRITER_H
#define TLSWHY_WIRE_WRITER_H

#include "base/bytes.h"

typedef struct writer {
    buffer out;
    bool failed;
} writer;

typedef struct writer_vector {
    size_t length_offset;
    size_t length_size; /* 1, 2 or 3 bytes */
} writer_vector;

void writer_init(writer *w, size_t len_max);
void writer_free(writer *w);

void write_u8(writer *w, uint8_t value);
void write_u16(writer *w, uint16_t value);
void write_u24(writer *w, uint32_t value);
void write_bytes(writer *w, bytes_view v);
void write_codes(writer *w, code_list list); /* each as two bytes, without a length */
void write_zeros(writer *w, size_t len);

writer_vector writer_open8(writer *w);
writer_vector writer_open16(writer *w);
writer_vector writer_open24(writer *w);
void writer_close(writer *w, writer_vector v);

/* Copies the result into the arena and frees the writer; false (and `out` empty) where it had failed. */
bool writer_take(writer *w, arena *a, bytes_view *out) MUST_CHECK;

#endif
