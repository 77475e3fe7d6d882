/*
 * Handshake messages in clear (RFC 8446, 4; RFC 5246, 7.4): put together over records, then read by a table.
 * Of each message the first is read and kept; memory stays bounded whatever is repeated.
 */
#include "flow/machine.h"

#include "registry/registry.h"

#define EXTENSION_EARLY_DATA 42       /* RFC 8446, 4.2.10 */
#define SERVER_HELLOS_MAX ((size_t)3) /* a retry request, the answer, and one too many */
#define MESSAGE_CAPACITY_KEPT ((size_t)16 * 1024)

/* What a message changes. Returns the event that it is. */
typedef enum event_kind message_handler(flow *f, bytes_view body, int64_t now_us);

static bool unreadable(enum parse_status status)
{
    return status == PARSE_BAD || status == PARSE_MORE;
}

/* ---- the client's messages --------------------------------------------------------------------------------------- */

void handshake_hello_from_flight(flow *f, int64_t now_us, size_t message_len)
{
    conversation *c = &f->conversation;
    bool is_second = c->has_hello;
    client_hello *hello = is_second ? &c->second_hello : &c->hello;
    bytes_view flight = buffer_view(&f->flight);
    enum parse_status status = client_hello_parse(c->arena, flight, hello);
    if (status == PARSE_MORE)
        status = client_hello_parse_ended(c->arena, flight, hello);
    if (unreadable(status)) {
        *hello = (client_hello){0};
        f->hello_unreadable = true;
        f->flight_open = false;
        c->malformed[SIDE_CLIENT] = true;
        note_finding(f, f->streams[SIDE_CLIENT].offset, "a ClientHello that cannot be read");
        return;
    }
    if (is_second)
        c->has_second_hello = true;
    else
        c->has_hello = true;
    f->hello_flight_len = flight.len;
    f->early_data = !is_second && client_hello_extension(hello, EXTENSION_EARLY_DATA) != NULL;
    note_phase(f, PHASE_CLIENT_HELLO);
    note_event(
        f,
        (event){
            .at_us = now_us, .side = SIDE_CLIENT, .kind = EVENT_CLIENT_HELLO, .code = hello->legacy_version, .len = message_len});
}

static enum event_kind client_hello_message_read(flow *f, bytes_view body, int64_t now_us)
{
    conversation *c = &f->conversation;
    bool expected = !c->has_hello || (c->has_retry_request && !c->has_second_hello && !c->has_server_hello);
    if (expected && !f->hello_unreadable)
        handshake_hello_from_flight(f, now_us, body.len + HANDSHAKE_HEADER_LEN);
    else
        note_finding(f, f->streams[SIDE_CLIENT].offset, "a ClientHello that nothing asked for");
    return EVENT_CLIENT_HELLO;
}

void handshake_keep_cut_hello(flow *f)
{
    conversation *c = &f->conversation;
    if (f->flight.len == 0 || f->hello_unreadable)
        return;
    enum parse_status status = client_hello_parse_ended(c->arena, buffer_view(&f->flight), &c->hello);
    c->has_hello = !unreadable(status);
    if (!c->has_hello)
        c->hello = (client_hello){0};
}

static enum event_kind client_certificate_read(flow *f, bytes_view body, int64_t now_us)
{
    (void)now_us;
    conversation *c = &f->conversation;
    if (c->has_client_certificate)
        return EVENT_CERTIFICATE;
    if (unreadable(certificate_list_parse(c->arena, body, &c->client_certificates)))
        note_finding(f, f->streams[SIDE_CLIENT].offset, "the client's Certificate cannot be read");
    c->has_client_certificate = true;
    return EVENT_CERTIFICATE;
}

/* ---- the server's messages --------------------------------------------------------------------------------------- */

static void retry_request_keep(flow *f, const server_hello *hello)
{
    conversation *c = &f->conversation;
    if (c->has_retry_request)
        note_finding(f, f->streams[SIDE_SERVER].offset, "a second HelloRetryRequest");
    c->has_retry_request = true;
    c->retry_request = *hello;
    note_phase(f, PHASE_RETRY_REQUEST);
    f->early_data = false; /* RFC 8446, 4.2.10: none after a retry */
    buffer_free(&f->flight);
    f->hello_flight_len = 0;
    f->flight_open = !c->has_second_hello;
}

static enum event_kind server_hello_read(flow *f, bytes_view body, int64_t now_us)
{
    (void)now_us;
    conversation *c = &f->conversation;
    server_hello hello = {0};
    if (f->num_server_hellos++ >= SERVER_HELLOS_MAX || c->has_server_hello) {
        note_finding(f, f->streams[SIDE_SERVER].offset, "one more ServerHello");
        return EVENT_SERVER_HELLO;
    }
    if (unreadable(server_hello_parse(c->arena, body, &hello))) {
        c->malformed[SIDE_SERVER] = true;
        note_finding(f, f->streams[SIDE_SERVER].offset, "a ServerHello that cannot be read");
        return EVENT_SERVER_HELLO;
    }
    if (hello.is_retry_request) {
        retry_request_keep(f, &hello);
        return EVENT_RETRY_REQUEST;
    }
    c->has_server_hello = true;
    c->server_hello = hello;
    f->is_tls13 = hello.version >= VERSION_TLS13; /* its drafts (0x7fxx) too */
    note_phase(f, PHASE_SERVER_HELLO);
    return EVENT_SERVER_HELLO;
}

static enum event_kind certificate_read(flow *f, bytes_view body, int64_t now_us)
{
    (void)now_us;
    conversation *c = &f->conversation;
    if (f->has_certificate || !c->has_server_hello)
        return EVENT_CERTIFICATE;
    f->has_certificate = true;
    if (unreadable(certificate_list_parse(c->arena, body, &c->certificates)))
        note_finding(f, f->streams[SIDE_SERVER].offset, "the server's Certificate cannot be read");
    return EVENT_CERTIFICATE;
}

/* Suites with a pre-shared key put a hint before their parameters (RFC 4279): those are not read. */
static enum key_exchange_kind key_exchange_of(const cipher_suite_row *suite)
{
    if (suite == NULL)
        return KEY_EXCHANGE_UNKNOWN;
    switch (suite->key_exchange) {
    case SUITE_KX_DHE:
    case SUITE_KX_DH:
        return KEY_EXCHANGE_DHE;
    case SUITE_KX_ECDHE:
    case SUITE_KX_ECDH:
        return KEY_EXCHANGE_ECDHE;
    case SUITE_KX_RSA:
        return suite->is_export ? KEY_EXCHANGE_RSA_EXPORT : KEY_EXCHANGE_UNKNOWN;
    default:
        return KEY_EXCHANGE_UNKNOWN;
    }
}

static enum event_kind server_key_exchange_read(flow *f, bytes_view body, int64_t now_us)
{
    (void)now_us;
    conversation *c = &f->conversation;
    if (c->has_server_key_exchange || !c->has_server_hello)
        return EVENT_SERVER_KEY_EXCHANGE;
    const cipher_suite_row *suite = cipher_suite_find(c->server_hello.cipher_suite);
    bool is_anonymous = suite != NULL && suite->authentication == SUITE_AUTH_ANONYMOUS;
    enum key_exchange_kind kind = key_exchange_of(suite);
    c->has_server_key_exchange = true;
    if (kind == KEY_EXCHANGE_UNKNOWN)
        return EVENT_SERVER_KEY_EXCHANGE;
    if (unreadable(server_key_exchange_parse(c->arena, body, kind, is_anonymous, c->server_hello.version, &c->server_key_exchange)))
        note_finding(f, f->streams[SIDE_SERVER].offset, "the ServerKeyExchange cannot be read");
    return EVENT_SERVER_KEY_EXCHANGE;
}

static enum event_kind certificate_request_read(flow *f, bytes_view body, int64_t now_us)
{
    (void)now_us;
    conversation *c = &f->conversation;
    if (c->has_certificate_request || !c->has_server_hello)
        return EVENT_CERTIFICATE_REQUEST;
    c->has_certificate_request = true;
    if (unreadable(certificate_request_parse(c->arena, body, c->server_hello.version, &c->certificate_request)))
        note_finding(f, f->streams[SIDE_SERVER].offset, "the CertificateRequest cannot be read");
    return EVENT_CERTIFICATE_REQUEST;
}

static enum event_kind server_hello_done_read(flow *f, bytes_view body, int64_t now_us)
{
    (void)body;
    (void)now_us;
    if (f->conversation.has_server_hello)
        note_phase(f, PHASE_SERVER_FLIGHT);
    return EVENT_SERVER_HELLO_DONE;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

typedef struct message_row {
    enum side side;
    uint8_t type;
    enum event_kind event; /* where it is not read */
    message_handler *read; /* NULL: only noted */
} message_row;

static const message_row message_rows[] = {
    {SIDE_CLIENT, HANDSHAKE_CLIENT_HELLO, EVENT_CLIENT_HELLO, client_hello_message_read},
    {SIDE_CLIENT, HANDSHAKE_CERTIFICATE, EVENT_CERTIFICATE, client_certificate_read},
    {SIDE_CLIENT, HANDSHAKE_CLIENT_KEY_EXCHANGE, EVENT_CLIENT_KEY_EXCHANGE, NULL},
    {SIDE_SERVER, HANDSHAKE_SERVER_HELLO, EVENT_SERVER_HELLO, server_hello_read},
    {SIDE_SERVER, HANDSHAKE_CERTIFICATE, EVENT_CERTIFICATE, certificate_read},
    {SIDE_SERVER, HANDSHAKE_SERVER_KEY_EXCHANGE, EVENT_SERVER_KEY_EXCHANGE, server_key_exchange_read},
    {SIDE_SERVER, HANDSHAKE_CERTIFICATE_REQUEST, EVENT_CERTIFICATE_REQUEST, certificate_request_read},
    {SIDE_SERVER, HANDSHAKE_SERVER_HELLO_DONE, EVENT_SERVER_HELLO_DONE, server_hello_done_read},
};

static message_row row_find(enum side side, uint8_t type)
{
    for (size_t i = 0; i < sizeof message_rows / sizeof *message_rows; i++)
        if (message_rows[i].side == side && message_rows[i].type == type)
            return message_rows[i];
    return (message_row){.side = side, .type = type, .event = EVENT_OTHER_HANDSHAKE};
}

static uint16_t event_code(const flow *f, enum event_kind kind, uint8_t type)
{
    const conversation *c = &f->conversation;
    if (kind == EVENT_SERVER_HELLO)
        return c->server_hello.version;
    if (kind == EVENT_RETRY_REQUEST)
        return c->retry_request.group;
    return kind == EVENT_OTHER_HANDSHAKE ? type : 0;
}

static void whole_message(flow *f, enum side side, int64_t now_us)
{
    reader r = reader_from(buffer_view(&f->streams[side].message));
    uint8_t type = 0;
    reader body = {0};
    if (!read_u8(&r, "handshake type", &type) || !read_vector24(&r, "handshake length", &body))
        return;
    size_t message_len = HANDSHAKE_HEADER_LEN + reader_len(&body);
    message_row row = row_find(side, type);
    if (f->is_tls13) { /* everything that it allows from here on is protected */
        note_finding(f, f->streams[side].offset, "a handshake message in clear where TLS 1.3 protects it");
        row = (message_row){.event = EVENT_OTHER_HANDSHAKE};
    }
    if (row.read != NULL)
        row.event = row.read(f, read_rest(&body), now_us);
    if (row.event == EVENT_CLIENT_HELLO)
        return; /* noted where it is read, since one in SSLv2 format does not come this way */
    uint16_t code = event_code(f, row.event, type);
    note_event(f, (event){.at_us = now_us, .side = side, .kind = row.event, .code = code, .len = message_len});
}

/* A message longer than what is kept: its bytes pass by, only the event remains. */
static void skip_message(flow *f, enum side side, uint8_t type, size_t body_len, int64_t now_us)
{
    side_stream *stream = &f->streams[side];
    message_row row = row_find(side, type);
    stream->message_skip = body_len;
    buffer_consume(&stream->message, stream->message.len);
    note_finding(f, stream->offset, "a handshake message larger than 256 KiB, which is not read");
    note_event(f, (event){.at_us = now_us, .side = side, .kind = row.event, .code = type, .len = HANDSHAKE_HEADER_LEN + body_len});
}

/* The whole length of the message whose beginning is kept: its header, while that is not whole. */
static size_t message_wanted(bytes_view begun, uint8_t *type)
{
    reader r = reader_from(begun);
    uint32_t body_len = 0;
    if (!read_u8(&r, "handshake type", type) || !read_u24(&r, "handshake length", &body_len))
        return HANDSHAKE_HEADER_LEN;
    return HANDSHAKE_HEADER_LEN + body_len;
}

/* Takes from the payload what belongs to the message that is under way. */
static void take(flow *f, enum side side, reader *payload, int64_t now_us)
{
    side_stream *stream = &f->streams[side];
    uint8_t type = 0;
    size_t available = reader_len(payload);
    bytes_view part = bytes_from(NULL, 0);
    if (stream->message_skip > 0) {
        size_t len = stream->message_skip < available ? stream->message_skip : available;
        if (read_bytes(payload, "message", len, &part))
            stream->message_skip -= len;
        return;
    }
    size_t missing = message_wanted(buffer_view(&stream->message), &type) - stream->message.len;
    if (!read_bytes(payload, "message", missing < available ? missing : available, &part) ||
        !buffer_append(&stream->message, part.data, part.len)) {
        (void)read_rest(payload);
        return;
    }
    size_t wanted = message_wanted(buffer_view(&stream->message), &type);
    if (wanted > HANDSHAKE_HEADER_LEN + HANDSHAKE_MESSAGE_LEN_MAX) {
        skip_message(f, side, type, wanted - HANDSHAKE_HEADER_LEN, now_us);
        return;
    }
    if (stream->message.len < HANDSHAKE_HEADER_LEN || stream->message.len < wanted)
        return;
    whole_message(f, side, now_us);
    if (stream->message.capacity > MESSAGE_CAPACITY_KEPT)
        buffer_free(&stream->message);
    else
        buffer_consume(&stream->message, stream->message.len);
}

void handshake_feed(flow *f, enum side side, bytes_view payload, int64_t now_us)
{
    reader r = reader_from(payload);
    while (!reader_is_empty(&r))
        take(f, side, &r, now_us);
}

void handshake_end(flow *f, enum side side, enum stream_end end)
{
    const side_stream *stream = &f->streams[side];
    uint8_t type;
    if (stream->message.len > 0 || stream->message_skip > 0)
        note_cut(f, side, end, "handshake message", stream->message.len, message_wanted(buffer_view(&stream->message), &type));
}
