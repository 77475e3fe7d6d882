/*
 * TLS records (RFC 8446, 5.1; RFC 5246, 6.2) and the alerts in them.
 * Ownership: payloads borrow from the reader's bytes.
 */
#ifndef TLSWHY_WIRE_RECORD_H
#define TLSWHY_WIRE_RECORD_H

#include "wire/reader.h"
#include "wire/writer.h"

enum content_type {
    CONTENT_CHANGE_CIPHER_SPEC = 20,
    CONTENT_ALERT = 21,
    CONTENT_HANDSHAKE = 22,
    CONTENT_APPLICATION_DATA = 23,
    CONTENT_HEARTBEAT = 24,
};

/* RFC 8446, 5.2: 2^14 + 256 for protected records; RFC 5246, 6.2.3 allowed 2^14 + 2048. */
#define RECORD_PAYLOAD_LEN_MAX ((size_t)16384 + 2048)
#define RECORD_HEADER_LEN ((size_t)5)

typedef struct record {
    uint8_t content_type;
    uint16_t version;
    bytes_view payload;
} record;

/* Whether bytes that begin so can be a TLS record: a known content type and a major version of 3. Needs 3 bytes. */
bool record_looks_possible(bytes_view input);

/* Reads one record. PARSE_MORE where it is cut; PARSE_BAD where it cannot be one (type, version, length). */
enum parse_status record_read(reader *r, record *out) MUST_CHECK;
void record_write(writer *w, uint8_t content_type, uint16_t version, bytes_view payload);

enum alert_level { ALERT_WARNING = 1, ALERT_FATAL = 2 };

typedef struct alert {
    uint8_t level;
    uint8_t description; /* IANA TLS Alerts */
} alert;

/* PARSE_BAD unless the payload is two bytes. */
enum parse_status alert_read(bytes_view payload, alert *out) MUST_CHECK;

#endif
