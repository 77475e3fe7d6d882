/*
 * A client's first flight as records: where its first handshake message begins, ends, and how it is cut (RFC 8446, 5.1).
 * Ownership: a scan borrows nothing and allocates nothing, so that it may be repeated as bytes arrive.
 */
#ifndef TLSWHY_WIRE_HELLO_FLIGHT_H
#define TLSWHY_WIRE_HELLO_FLIGHT_H

#include "wire/client_hello.h"
#include "wire/record.h"

#define HANDSHAKE_HEADER_LEN ((size_t)4) /* type and length */

typedef struct hello_flight {
    uint16_t record_version; /* of the first record */
    size_t num_records;      /* whole ones that carry the message */
    size_t flight_len;       /* bytes of the flight up to the end of the last of them */
    size_t message_len;      /* as the message claims, type and length included; 0 until those 4 bytes came */
    size_t payload_len;      /* what the records hold: more than message_len where something else shares the last one */
    const char *problem;     /* why it was PARSE_BAD, or why it breaks off; NULL where all is well */
    size_t problem_offset;
} hello_flight;

/* PARSE_DONE: the whole message is there. PARSE_NOTE: it breaks off with a record that does not belong to it. PARSE_MORE: cut.
 * PARSE_BAD: no ClientHello, or past a bound. */
enum parse_status hello_flight_scan(bytes_view flight, hello_flight *out) MUST_CHECK;

/* The message's bytes and its records' payload lengths. Of a cut flight: what came, a cut last record's part included. */
bytes_view hello_flight_message(arena *a, bytes_view flight, const hello_flight *scan);
size_t *hello_flight_fragment_lens(arena *a, bytes_view flight, const hello_flight *scan);
/* Where a byte of the message stands in the flight. */
size_t hello_flight_offset(const size_t *fragment_lens, size_t num_fragments, size_t message_offset);

#endif
