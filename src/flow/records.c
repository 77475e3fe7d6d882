/*
 * A side's bytes into records, whichever way they are cut: at most one record is kept until it is whole.
 */
#include "flow/machine.h"

#define DECIDED_LEN ((size_t)6) /* bytes that tell what a stream is */
#define EMPTY_RECORDS_MAX ((size_t)32)

static bool is_content_type(int byte)
{
    return byte >= CONTENT_CHANGE_CIPHER_SPEC && byte <= CONTENT_HEARTBEAT;
}

static enum stream_kind kind_of_client(bytes_view bytes)
{
    int first = bytes_at(bytes, 0);
    if (is_content_type(first))
        return bytes.len < 3 ? STREAM_UNDECIDED : record_looks_possible(bytes) ? STREAM_TLS : STREAM_OPAQUE;
    if ((first & 0xc0) == 0x40) /* neither of SSLv2's headers, and most text */
        return STREAM_OPAQUE;
    if (bytes.len < DECIDED_LEN)
        return STREAM_UNDECIDED;
    return sslv2_is_client_hello(bytes) ? STREAM_SSLV2 : STREAM_OPAQUE;
}

static enum stream_kind kind_of_server(const flow *f, bytes_view bytes)
{
    int first = bytes_at(bytes, 0);
    if (is_content_type(first))
        return bytes.len < 3 ? STREAM_UNDECIDED : record_looks_possible(bytes) ? STREAM_TLS : STREAM_OPAQUE;
    bool may_be_sslv2 = f->conversation.has_hello && f->conversation.hello.format == HELLO_FORMAT_SSLV2;
    if (!may_be_sslv2 || (first & 0x80) == 0)
        return STREAM_OPAQUE;
    if (bytes.len < 3)
        return STREAM_UNDECIDED;
    return sslv2_is_server_message(bytes) ? STREAM_SSLV2 : STREAM_OPAQUE;
}

/* The stream is no TLS: its bytes are no more than counted. */
static void become_plain(flow *f, enum side side, int64_t now_us)
{
    side_stream *stream = &f->streams[side];
    f->conversation.plain[side] = true;
    stream->kind = STREAM_OPAQUE;
    note_event(f, (event){.at_us = now_us, .side = side, .kind = EVENT_PLAIN_DATA, .len = stream->record.len});
    buffer_free(&stream->record);
}

static void become_tls(flow *f, enum side side, enum stream_kind kind)
{
    f->streams[side].kind = kind;
    if (side == SIDE_CLIENT)
        f->conversation.client_spoke_tls = true;
    else
        f->conversation.server_spoke_tls = true;
}

static void decide(flow *f, enum side side, int64_t now_us)
{
    bytes_view begun = buffer_view(&f->streams[side].record);
    enum stream_kind kind = side == SIDE_CLIENT ? kind_of_client(begun) : kind_of_server(f, begun);
    if (kind == STREAM_OPAQUE)
        become_plain(f, side, now_us);
    else if (kind != STREAM_UNDECIDED)
        become_tls(f, side, kind);
}

static void keep_flight(flow *f, bytes_view bytes)
{
    if (f->flight_open && !buffer_append(&f->flight, bytes.data, bytes.len))
        f->flight_open = false;
}

/* Nothing after this can be read as records: there is no telling where the next one begins. */
static void become_garbage(flow *f, enum side side, const char *text)
{
    side_stream *stream = &f->streams[side];
    note_finding(f, stream->offset, text);
    f->conversation.malformed[side] = true;
    stream->kind = STREAM_OPAQUE;
    if (side == SIDE_CLIENT)
        keep_flight(f, buffer_view(&stream->record));
    buffer_free(&stream->record);
}

static void keep_alert(flow *f, enum side side, alert a, int64_t now_us)
{
    conversation *c = &f->conversation;
    note_event(f, (event){.at_us = now_us, .side = side, .kind = EVENT_ALERT, .code = a.description, .level = a.level, .len = 2});
    if (!c->has_alert[side] || a.level != ALERT_WARNING || c->alerts[side].level == ALERT_WARNING)
        c->alerts[side] = a;
    c->has_alert[side] = true;
}

static void clear_alerts(flow *f, enum side side, bytes_view payload, int64_t now_us)
{
    reader r = reader_from(payload);
    bytes_view one;
    alert a;
    while (read_bytes(&r, "alert", 2, &one))
        if (alert_read(one, &a) != PARSE_BAD)
            keep_alert(f, side, a, now_us);
    if (!reader_is_empty(&r))
        note_finding(f, f->streams[side].offset, "an alert record that is not made of two-byte alerts");
}

static void clear_record(flow *f, enum side side, const record *r, int64_t now_us)
{
    switch (r->content_type) {
    case CONTENT_HANDSHAKE:
        handshake_feed(f, side, r->payload, now_us);
        break;
    case CONTENT_ALERT:
        clear_alerts(f, side, r->payload, now_us);
        break;
    case CONTENT_CHANGE_CIPHER_SPEC:
        note_event(f, (event){.at_us = now_us, .side = side, .kind = EVENT_CHANGE_CIPHER_SPEC, .len = r->payload.len});
        f->conversation.changed_cipher_wrongly[side] = r->payload.len != 1 || bytes_at(r->payload, 0) != 1;
        protection_begin(f, side);
        break;
    case CONTENT_APPLICATION_DATA:
        note_finding(f, f->streams[side].offset, "application data in clear");
        f->conversation.malformed[side] = true;
        break;
    default:
        note_finding(f, f->streams[side].offset, "a record of an unusual type in clear");
    }
}

static void note_record(flow *f, enum side side, const record *r, bool is_protected, int64_t now_us)
{
    conversation *c = &f->conversation;
    c->num_records[side]++;
    c->has_last_sender = true;
    c->last_sender = side;
    c->last_records[side] =
        (record_note){.content_type = r->content_type,
                      .len = r->payload.len,
                      .phase = c->phase,
                      .is_protected = is_protected,
                      .may_be_alert = is_protected ? protection_may_be_alert(f, r) : r->content_type == CONTENT_ALERT,
                      .at_us = now_us};
}

static void whole_record(flow *f, enum side side, int64_t now_us)
{
    side_stream *stream = &f->streams[side];
    bytes_view bytes = buffer_view(&stream->record);
    reader r = reader_from(bytes);
    record read;
    enum parse_status status = record_read(&r, &read);
    if (status == PARSE_BAD || status == PARSE_MORE) {
        become_garbage(f, side, "bytes that are no TLS record");
        return;
    }
    /* After a retry request the second flight begins with its hello: ChangeCipherSpec before it is none of it. */
    if (side == SIDE_CLIENT && (f->flight.len > 0 || read.content_type == CONTENT_HANDSHAKE))
        keep_flight(f, bytes);
    if (read.payload.len == 0 && ++stream->num_empty == EMPTY_RECORDS_MAX)
        note_finding(f, stream->offset, "many empty records");
    bool is_protected = protection_applies(f, side, read.content_type);
    note_record(f, side, &read, is_protected, now_us);
    if (is_protected)
        protection_record(f, side, &read, now_us);
    else
        clear_record(f, side, &read, now_us);
}

static void whole_sslv2_message(flow *f, enum side side, int64_t now_us)
{
    side_stream *stream = &f->streams[side];
    bytes_view bytes = buffer_view(&stream->record);
    if (side == SIDE_CLIENT) {
        keep_flight(f, bytes);
        handshake_hello_from_flight(f, now_us, bytes.len);
        stream->kind = STREAM_TLS; /* unless the server chooses SSLv2 */
        return;
    }
    sslv2_server_message(f, bytes, now_us);
    stream->kind = STREAM_OPAQUE;
    f->streams[SIDE_CLIENT].kind = STREAM_OPAQUE;
}

/* How many bytes the record (or message) is long of which `begun` is the beginning: its header, while that is not whole;
 * 0 where it can be none. */
static size_t length_wanted(const side_stream *stream, bytes_view begun)
{
    if (stream->kind == STREAM_SSLV2)
        return sslv2_message_len(begun);
    if (begun.len < RECORD_HEADER_LEN)
        return RECORD_HEADER_LEN;
    reader r = reader_from(begun);
    record whole;
    if (record_read(&r, &whole) == PARSE_BAD)
        return 0;
    reader header = reader_from(begun);
    uint8_t type = 0;
    uint16_t version = 0, payload_len = 0;
    bool read = read_u8(&header, "content type", &type) && read_u16(&header, "version", &version) &&
                read_u16(&header, "length", &payload_len);
    return read ? RECORD_HEADER_LEN + payload_len : 0;
}

/* Takes as many of the bytes as belong to the record that is under way; handles it once it is whole. */
static void take(flow *f, enum side side, reader *input, int64_t now_us)
{
    side_stream *stream = &f->streams[side];
    bool undecided = stream->kind == STREAM_UNDECIDED;
    size_t wanted = undecided ? stream->record.len + 1 : length_wanted(stream, buffer_view(&stream->record));
    size_t missing = wanted > stream->record.len ? wanted - stream->record.len : 0;
    bytes_view part = bytes_from(NULL, 0);
    size_t part_len = missing < reader_len(input) ? missing : reader_len(input);
    if (!read_bytes(input, "record", part_len, &part) || !buffer_append(&stream->record, part.data, part.len)) {
        become_garbage(f, side, "a record that cannot be kept");
        return;
    }
    if (undecided) {
        decide(f, side, now_us);
        return;
    }
    wanted = length_wanted(stream, buffer_view(&stream->record));
    if (wanted == 0) {
        become_garbage(f, side, "bytes that are no TLS record");
        return;
    }
    if (stream->record.len < wanted)
        return;
    size_t whole_len = stream->record.len;
    if (stream->kind == STREAM_SSLV2)
        whole_sslv2_message(f, side, now_us);
    else
        whole_record(f, side, now_us);
    stream->offset += whole_len;
    buffer_consume(&stream->record, whole_len);
}

void records_feed(flow *f, enum side side, bytes_view bytes, int64_t now_us)
{
    side_stream *stream = &f->streams[side];
    if (side == SIDE_SERVER && bytes.len > 0 && f->conversation.has_hello)
        records_close_flight(f);
    reader input = reader_from(bytes);
    while (!reader_is_empty(&input) && stream->kind != STREAM_OPAQUE)
        take(f, side, &input, now_us);
    bool is_cut = stream->kind == STREAM_TLS && stream->record.len > 0;
    f->conversation.unfinished_record_len[side] = is_cut ? stream->record.len : 0;
    f->conversation.unfinished_wanted[side] =
        is_cut && stream->record.len >= RECORD_HEADER_LEN ? length_wanted(stream, buffer_view(&stream->record)) : 0;
    /* Garbage after the beginning of a flight belongs to the flight. */
    if (side == SIDE_CLIENT && f->conversation.malformed[side])
        keep_flight(f, read_rest(&input));
}

void records_close_flight(flow *f)
{
    conversation *c = &f->conversation;
    if (f->hello_flight_len == 0)
        return;
    keep_flight(f, buffer_view(&f->streams[SIDE_CLIENT].record));
    client_hello *hello = c->has_second_hello ? &c->second_hello : &c->hello;
    bytes_view flight = buffer_view(&f->flight);
    if (flight.len > f->hello_flight_len && hello->verbatim.len > 0)
        hello->verbatim = bytes_copy(c->arena, flight);
    else if (flight.len > f->hello_flight_len)
        hello->trailing = bytes_copy(c->arena, bytes_slice(flight, f->hello_flight_len - hello->trailing.len, flight.len));
    f->hello_flight_len = 0;
    f->flight_open = false;
    buffer_free(&f->flight);
}

void records_end(flow *f, enum side side, enum stream_end end, int64_t now_us)
{
    side_stream *stream = &f->streams[side];
    if (stream->kind == STREAM_UNDECIDED && stream->record.len > 0 && !is_content_type(bytes_at(buffer_view(&stream->record), 0)))
        become_plain(f, side, now_us);
    f->conversation.was_cut[side] = stream->kind == STREAM_UNDECIDED && stream->record.len > 0;
    if (stream->kind == STREAM_TLS && stream->record.len > 0)
        note_cut(f, side, end, "record", stream->record.len, f->conversation.unfinished_wanted[side]);
    if (stream->kind == STREAM_TLS)
        handshake_end(f, side, end);
    if (side == SIDE_CLIENT && !f->conversation.has_hello && f->conversation.client_spoke_tls) {
        keep_flight(f, buffer_view(&stream->record));
        handshake_keep_cut_hello(f);
    }
    if (side == SIDE_CLIENT)
        records_close_flight(f);
}
