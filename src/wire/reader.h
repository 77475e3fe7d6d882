/*
 * The one bounded reader. All bytes from the network, a file or another process are read through it.
 *
 * Ownership: a reader borrows the bytes. It can only shrink its view, and only on success. A failed read leaves the
 * reader as it was, remembers the field's name, its offset in the whole input, and how many bytes were wanted and had.
 */
#ifndef TLSWHY_WIRE_READER_H
#define TLSWHY_WIRE_READER_H

#include "base/bytes.h"
#include "base/error.h"

/* What a parse came to. Observers do not refuse: NOTE has everything, and findings besides. */
enum parse_status {
    PARSE_DONE, /* read to the last byte, nothing unusual */
    PARSE_NOTE, /* read, but something breaks a rule; see the findings */
    PARSE_MORE, /* cut: more bytes are needed */
    PARSE_BAD,  /* these bytes cannot be what they were read as */
};

typedef struct reader {
    bytes_view rest;
    size_t offset;       /* of rest in the whole input, bytes */
    const char *field;   /* of the first read that failed; NULL while all went well. A string literal. */
    size_t field_offset; /* where it began */
    size_t wanted, had;  /* bytes */
} reader;

reader reader_from(bytes_view input);
/* A reader of a part, whose offsets count from the whole input's start. `part_offset`: where the part begins, in bytes from where
 * `whole` stands. */
reader reader_of_part(const reader *whole, bytes_view part, size_t part_offset);

bool reader_is_empty(const reader *r);
size_t reader_len(const reader *r); /* bytes left */

/* Each advances only on success; `field` names what is read, for messages. */
bool read_u8(reader *r, const char *field, uint8_t *out) MUST_CHECK;
bool read_u16(reader *r, const char *field, uint16_t *out) MUST_CHECK;
bool read_u24(reader *r, const char *field, uint32_t *out) MUST_CHECK;
bool read_u32(reader *r, const char *field, uint32_t *out) MUST_CHECK;
bool read_bytes(reader *r, const char *field, size_t len, bytes_view *out) MUST_CHECK;
bytes_view read_rest(reader *r); /* all that is left; never fails */

/* A vector of RFC 8446, 3.4: a length of 1, 2 or 3 bytes, then that many bytes, as a reader of their own. */
bool read_vector8(reader *r, const char *field, reader *out) MUST_CHECK;
bool read_vector16(reader *r, const char *field, reader *out) MUST_CHECK;
bool read_vector24(reader *r, const char *field, reader *out) MUST_CHECK;

/* "cipher_suites at byte 43: wants 4 bytes, has 2" in `e`; returns false. */
bool reader_explain(const reader *r, error *e);

#endif
