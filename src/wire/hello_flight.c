#include "wire/hello_flight.h"
#include "wire/server_hello.h"

/* The message's type and length, gathered over as many records as they were cut into. */
typedef struct message_header {
    uint8_t bytes[HANDSHAKE_HEADER_LEN];
    size_t len;
} message_header;

static void gather(message_header *header, bytes_view payload)
{
    for (size_t i = 0; i < payload.len && header->len < HANDSHAKE_HEADER_LEN; i++)
        header->bytes[header->len++] = payload.data[i];
}

static enum parse_status stop(hello_flight *scan, enum parse_status status, const char *problem, size_t offset)
{
    scan->problem = problem;
    scan->problem_offset = offset;
    return status;
}

static enum parse_status stop_at_foreign(hello_flight *scan, size_t offset)
{
    if (scan->num_records == 0)
        return stop(scan, PARSE_BAD, "this is no TLS handshake record", offset);
    return stop(scan, PARSE_NOTE, "what follows within the ClientHello is no TLS handshake record", offset);
}

/* Whether what is known of the message rules a ClientHello out. */
static enum parse_status header_check(const message_header *header, hello_flight *scan)
{
    reader r = reader_from(bytes_from(header->bytes, header->len));
    uint8_t type;
    uint32_t body_len;
    if (!read_u8(&r, "handshake type", &type))
        return PARSE_MORE;
    if (type != HANDSHAKE_CLIENT_HELLO)
        return stop(scan, PARSE_BAD, "the first handshake message is no ClientHello", RECORD_HEADER_LEN);
    if (!read_u24(&r, "handshake length", &body_len))
        return PARSE_MORE;
    scan->message_len = HANDSHAKE_HEADER_LEN + body_len;
    if (scan->message_len > CLIENT_HELLO_LEN_MAX)
        return stop(scan, PARSE_BAD, "the ClientHello claims to be longer than 256 KiB", RECORD_HEADER_LEN + 1);
    return scan->payload_len >= scan->message_len ? PARSE_DONE : PARSE_MORE;
}

/* The part of a cut record's payload that came. */
static bytes_view cut_payload(bytes_view rest)
{
    return bytes_slice(rest, RECORD_HEADER_LEN, rest.len);
}

static enum parse_status scan_cut_record(const reader *r, message_header *header, hello_flight *scan)
{
    if (scan->num_records == 0 && r->rest.len >= 3)
        scan->record_version = (uint16_t)(0x0300 | bytes_at(r->rest, 2));
    if (bytes_at(r->rest, 0) != CONTENT_HANDSHAKE && r->rest.len > 0)
        return stop_at_foreign(scan, r->offset);
    gather(header, cut_payload(r->rest));
    return header_check(header, scan) == PARSE_BAD ? PARSE_BAD : PARSE_MORE;
}

enum parse_status hello_flight_scan(bytes_view flight, hello_flight *out)
{
    *out = (hello_flight){0};
    message_header header = {0};
    reader r = reader_from(flight);
    for (;;) {
        size_t offset = r.offset;
        record one;
        enum parse_status status = record_read(&r, &one);
        if (status == PARSE_MORE)
            return scan_cut_record(&r, &header, out);
        if (status == PARSE_BAD || one.content_type != CONTENT_HANDSHAKE)
            return stop_at_foreign(out, offset);
        if (out->num_records == 0)
            out->record_version = one.version;
        out->num_records++;
        out->flight_len = r.offset;
        out->payload_len += one.payload.len;
        gather(&header, one.payload);
        status = header_check(&header, out);
        if (status != PARSE_MORE)
            return status;
        if (out->num_records == CLIENT_HELLO_RECORDS_MAX)
            return stop(out, PARSE_BAD, "the ClientHello is cut into more than 4096 records", offset);
    }
}

bytes_view hello_flight_message(arena *a, bytes_view flight, const hello_flight *scan)
{
    reader r = reader_from(flight);
    writer w;
    writer_init(&w, flight.len);
    record one;
    size_t i = 0;
    for (; i < scan->num_records && record_read(&r, &one) == PARSE_DONE; i++)
        write_bytes(&w, one.payload);
    if (scan->problem == NULL && (scan->message_len == 0 || scan->payload_len < scan->message_len))
        write_bytes(&w, cut_payload(r.rest));
    bytes_view payload;
    if (!writer_take(&w, a, &payload))
        return bytes_from(NULL, 0);
    return scan->message_len == 0 ? payload : bytes_slice(payload, 0, scan->message_len);
}

size_t *hello_flight_fragment_lens(arena *a, bytes_view flight, const hello_flight *scan)
{
    size_t *lens = ARENA_ARRAY(a, scan->num_records, size_t);
    reader r = reader_from(flight);
    record one;
    for (size_t i = 0; i < scan->num_records && record_read(&r, &one) == PARSE_DONE; i++)
        lens[i] = one.payload.len;
    return lens;
}

size_t hello_flight_offset(const size_t *fragment_lens, size_t num_fragments, size_t message_offset)
{
    size_t headers_len = RECORD_HEADER_LEN;
    size_t rest = message_offset;
    for (size_t i = 0; i < num_fragments && rest >= fragment_lens[i]; i++) {
        rest -= fragment_lens[i];
        headers_len += i + 1 < num_fragments ? RECORD_HEADER_LEN : 0;
    }
    return headers_len + message_offset;
}
