/* First flights for the tests of this room: those of real clients, from tests/data/hellos, and small ones made by hand.
 * Ownership: in the arena given. */
#ifndef TLSWHY_TESTS_WIRE_FLIGHTS_H
#define TLSWHY_TESTS_WIRE_FLIGHTS_H

#include "wire/client_hello.h"
#include "wire/hello_edit.h"

typedef struct flight_file {
    const char *name; /* without folder and ".bin" */
    bytes_view bytes;
} flight_file;

/* All of them, sorted by name; ends the test where the folder cannot be read. */
size_t flights_load(arena *a, flight_file **out);
bytes_view flight_load(arena *a, const char *name);
client_hello hello_load(arena *a, const char *name);

/* "16 03 01 ..." as bytes; anything that is no hexadecimal digit is passed over. */
bytes_view bytes_from_hex(arena *a, const char *hex);
/* The first record of `flight` cut into records of `len` payload bytes. */
bytes_view flight_cut(arena *a, bytes_view flight, size_t len);
/* A TLS record around a handshake message around `body`. */
bytes_view flight_of_body(arena *a, uint16_t record_version, bytes_view body);

bytes_view hello_bytes(arena *a, const client_hello *hello); /* written; ends the test where that fails */
/* Whether parsing `flight` gives `status` and writing gives the same bytes again. */
void assert_identity(bytes_view flight, enum parse_status status);
bool has_finding(finding_list findings, const char *part);

#endif
