#include "wire/client_hello.h"
#include "wire/extension.h"
#include "wire/extension_check.h"
#include "wire/hello_flight.h"
#include "wire/server_hello.h"
#include "wire/sslv2_hello.h"

#define RECORD_PAYLOAD_LEN_WRITTEN_MAX ((size_t)16384) /* RFC 8446, 5.1 */

/* ---- reading --------------------------------------------------------------------------------------------------- */

/* The extensions, also where the block's length claims more than there is. */
static bool block_read(arena *a, reader *r, client_hello *out)
{
    reader block;
    uint16_t claimed_len;
    bool whole = read_vector16(r, "extensions", &block);
    if (!whole) {
        if (!read_u16(r, "extensions", &claimed_len))
            return false;
        block = reader_of_part(r, r->rest, 0);
        read_rest(r);
    }
    out->has_extensions = true;
    extensions_read(a, &block, &out->extensions, &out->num_extensions, &out->findings);
    return whole;
}

/* struct ClientHello (RFC 8446, 4.1.2), field by field; false where one is cut. */
static bool body_read(arena *a, reader *r, client_hello *out)
{
    reader session_id, suites, methods;
    if (!read_u16(r, "legacy_version", &out->legacy_version) || !read_bytes(r, "random", 32, &out->random) ||
        !read_vector8(r, "session_id", &session_id))
        return false;
    out->session_id = read_rest(&session_id);
    if (!read_vector16(r, "cipher_suites", &suites))
        return false;
    out->cipher_suites = codes_read(a, &suites);
    if (!reader_is_empty(&suites))
        finding_add(a, &out->findings, suites.offset, "cipher_suites has an odd length");
    if (!read_vector8(r, "compression_methods", &methods))
        return false;
    out->compression_methods = read_rest(&methods);
    return reader_is_empty(r) || block_read(a, r, out); /* the message may end here (RFC 5246, 7.4.1.2) */
}

/* What the fields say that the protocol forbids. */
static void rules_check(arena *a, const client_hello *hello, finding_list *findings)
{
    const size_t session_id_offset = HANDSHAKE_HEADER_LEN + 2 + 32;
    const size_t suites_offset = session_id_offset + 1 + hello->session_id.len;
    const size_t methods_offset = suites_offset + 2 + 2 * hello->cipher_suites.num_codes;
    if (hello->session_id.len > 32)
        finding_add(a, findings, session_id_offset, "session_id is longer than 32 bytes");
    if (hello->cipher_suites.num_codes == 0)
        finding_add(a, findings, suites_offset, "cipher_suites is empty");
    if (bytes_until(hello->compression_methods, 0).len == hello->compression_methods.len)
        finding_add(a, findings, methods_offset, "compression_methods lacks null");
    extensions_check(a, hello, methods_offset + 1 + hello->compression_methods.len + 2, findings);
}

static void message_read(arena *a, bytes_view message, client_hello *out)
{
    reader r = reader_from(message);
    bytes_view header;
    if (!read_bytes(&r, "handshake header", HANDSHAKE_HEADER_LEN, &header) || !body_read(a, &r, out)) {
        finding_add_unread(a, &out->findings, &r);
        return;
    }
    if (!reader_is_empty(&r))
        finding_add_unread(a, &out->findings, &r);
    rules_check(a, out, &out->findings);
}

static void findings_move_to_flight(client_hello *hello, const size_t *fragment_lens, size_t num_fragments)
{
    for (size_t i = 0; i < hello->findings.num_findings; i++) {
        finding *f = &hello->findings.findings[i];
        f->offset = hello_flight_offset(fragment_lens, num_fragments, f->offset);
    }
}

static enum parse_status flight_read(arena *a, bytes_view flight, bool ended, client_hello *out)
{
    hello_flight scan;
    enum parse_status status = hello_flight_scan(flight, &scan);
    if (status == PARSE_BAD)
        finding_add(a, &out->findings, scan.problem_offset, scan.problem);
    if (status == PARSE_BAD || (status == PARSE_MORE && !ended))
        return status;
    out->format = HELLO_FORMAT_TLS;
    out->record_version = scan.record_version;
    size_t *lens = hello_flight_fragment_lens(a, flight, &scan);
    if (scan.num_records > 1) {
        out->fragment_lens = lens;
        out->num_fragments = scan.num_records;
    }
    message_read(a, hello_flight_message(a, flight, &scan), out);
    findings_move_to_flight(out, lens, scan.num_records);
    if (status == PARSE_DONE)
        out->trailing = bytes_copy(a, bytes_slice(flight, scan.flight_len, flight.len));
    if (status == PARSE_MORE)
        finding_add(a, &out->findings, flight.len, "the stream ends within the ClientHello");
    if (status == PARSE_NOTE)
        finding_add(a, &out->findings, scan.problem_offset, scan.problem);
    return PARSE_DONE;
}

/* Identity is promised for every input that is read: where the parts do not give the flight again, the flight itself is kept. */
static void verbatim_keep(arena *a, bytes_view flight, client_hello *out)
{
    bytes_view written;
    if (client_hello_write(a, out, &written, NULL) && bytes_equal(written, flight))
        return;
    finding_add(a, &out->findings, 0, "kept as it came: its parts alone do not give the same bytes");
    out->verbatim = bytes_copy(a, flight);
}

static bool may_be_record(bytes_view flight)
{
    reader r = reader_from(flight);
    record one;
    return record_read(&r, &one) != PARSE_BAD;
}

static enum parse_status parse(arena *a, bytes_view flight, bool ended, client_hello *out)
{
    *out = (client_hello){0};
    if (flight.len == 0 && ended)
        finding_add(a, &out->findings, 0, "nothing was sent");
    if (flight.len == 0)
        return ended ? PARSE_BAD : PARSE_MORE;
    enum parse_status sslv2 = may_be_record(flight) ? PARSE_BAD : sslv2_hello_recognise(flight);
    if (sslv2 == PARSE_MORE && !ended)
        return PARSE_MORE;
    enum parse_status status = sslv2 == PARSE_BAD ? flight_read(a, flight, ended, out) : sslv2_hello_parse(a, flight, ended, out);
    if (status == PARSE_MORE || status == PARSE_BAD)
        return status;
    verbatim_keep(a, flight, out);
    return out->findings.num_findings == 0 ? PARSE_DONE : PARSE_NOTE;
}

enum parse_status client_hello_parse(arena *a, bytes_view flight, client_hello *out)
{
    return parse(a, flight, false, out);
}

enum parse_status client_hello_parse_ended(arena *a, bytes_view flight, client_hello *out)
{
    return parse(a, flight, true, out);
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static void message_write(writer *w, const client_hello *hello)
{
    write_u8(w, HANDSHAKE_CLIENT_HELLO);
    writer_vector body = writer_open24(w);
    write_u16(w, hello->legacy_version);
    write_bytes(w, hello->random);
    writer_vector session_id = writer_open8(w);
    write_bytes(w, hello->session_id);
    writer_close(w, session_id);
    writer_vector suites = writer_open16(w);
    write_codes(w, hello->cipher_suites);
    writer_close(w, suites);
    writer_vector methods = writer_open8(w);
    write_bytes(w, hello->compression_methods);
    writer_close(w, methods);
    if (hello->has_extensions)
        extensions_write(w, hello->extensions, hello->num_extensions);
    writer_close(w, body);
}

static bool too_long(error *e)
{
    return error_set(e, ERROR_LIMIT, "this ClientHello cannot be written: a part of it is longer than its length field can say");
}

/* The message as it was in a flight that is kept verbatim. */
static bytes_view verbatim_message(arena *a, const client_hello *hello)
{
    if (hello->format == HELLO_FORMAT_SSLV2)
        return sslv2_hello_verbatim_message(hello);
    hello_flight scan;
    if (hello_flight_scan(hello->verbatim, &scan) == PARSE_BAD)
        return bytes_from(NULL, 0);
    return hello_flight_message(a, hello->verbatim, &scan);
}

bool client_hello_message(arena *a, const client_hello *hello, bytes_view *out, error *e)
{
    if (hello->verbatim.len != 0) {
        *out = verbatim_message(a, hello);
        return true;
    }
    writer w;
    writer_init(&w, CLIENT_HELLO_LEN_MAX);
    if (hello->format == HELLO_FORMAT_SSLV2)
        sslv2_hello_message_write(&w, hello);
    else
        message_write(&w, hello);
    return writer_take(&w, a, out) || too_long(e);
}

static bytes_view take(bytes_view *rest, size_t len)
{
    bytes_view part = bytes_slice(*rest, 0, len < RECORD_PAYLOAD_LEN_WRITTEN_MAX ? len : RECORD_PAYLOAD_LEN_WRITTEN_MAX);
    *rest = bytes_slice(*rest, part.len, rest->len);
    return part;
}

/* The first lengths are kept and the last record takes the rest, in several where it is too long for one. */
static void records_write(writer *w, const client_hello *hello, bytes_view message)
{
    for (size_t i = 0; i + 1 < hello->num_fragments && message.len > 0; i++)
        record_write(w, CONTENT_HANDSHAKE, hello->record_version, take(&message, hello->fragment_lens[i]));
    while (message.len > 0)
        record_write(w, CONTENT_HANDSHAKE, hello->record_version, take(&message, message.len));
}

static bool tls_flight_write(arena *a, const client_hello *hello, bytes_view *out, error *e)
{
    bytes_view message;
    if (!client_hello_message(a, hello, &message, e))
        return false;
    size_t num_records = hello->num_fragments + message.len / RECORD_PAYLOAD_LEN_WRITTEN_MAX + 1;
    writer w;
    writer_init(&w, message.len + num_records * RECORD_HEADER_LEN + hello->trailing.len);
    records_write(&w, hello, message);
    write_bytes(&w, hello->trailing);
    return writer_take(&w, a, out) || too_long(e);
}

bool client_hello_write(arena *a, const client_hello *hello, bytes_view *out, error *e)
{
    if (hello->verbatim.len != 0) {
        *out = hello->verbatim;
        return true;
    }
    if (hello->format == HELLO_FORMAT_TLS)
        return tls_flight_write(a, hello, out, e);
    writer w;
    writer_init(&w, CLIENT_HELLO_LEN_MAX + hello->trailing.len);
    sslv2_hello_write(&w, hello);
    write_bytes(&w, hello->trailing);
    return writer_take(&w, a, out) || too_long(e);
}
