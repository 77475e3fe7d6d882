/*
 * Messages in SSLv2 format: the hello that clients of their time sent for compatibility (RFC 5246, E.2), and what a server
 * that chooses SSLv2 says ("The SSL Protocol", K. Hickman, Netscape 1995; summarised in RFC 6101, E).
 */
#include "flow/machine.h"

#include "registry/registry.h"

#define CLIENT_HELLO_LEN_MIN ((size_t)9) /* type, version and three lengths */
#define LONG_HEADER_LEN_MAX ((size_t)512)

enum sslv2_message { SSLV2_ERROR = 0, SSLV2_CLIENT_HELLO = 1, SSLV2_SERVER_HELLO = 4 };

/* The first bit says that the header has two bytes, without padding; else the second says "security escape". */
static bool read_header(reader *r, size_t *message_len)
{
    uint16_t length = 0;
    if (!read_u16(r, "SSLv2 record length", &length))
        return false;
    if ((length & 0x8000) != 0) {
        *message_len = length & 0x7fff;
        return true;
    }
    uint8_t padding_len = 0;
    *message_len = length & 0x3fff;
    return read_u8(r, "SSLv2 padding length", &padding_len);
}

size_t sslv2_message_len(bytes_view bytes)
{
    reader r = reader_from(bytes);
    size_t len = 0;
    return read_header(&r, &len) ? r.offset + len : 0;
}

bool sslv2_is_client_hello(bytes_view bytes)
{
    reader r = reader_from(bytes);
    size_t len = 0;
    uint8_t type = 0;
    uint16_t version = 0;
    if (!read_header(&r, &len) || !read_u8(&r, "SSLv2 message type", &type) || !read_u16(&r, "SSLv2 version", &version))
        return false;
    /* A hello needs no padding: the longer header is rare, and what else begins so (packets of MySQL) claims to be longer. */
    bool has_long_header = (bytes_at(bytes, 0) & 0x80) == 0;
    if (len < CLIENT_HELLO_LEN_MIN || (has_long_header && len > LONG_HEADER_LEN_MAX))
        return false;
    return type == SSLV2_CLIENT_HELLO && (version == VERSION_SSL2 || version >> 8 == 3);
}

bool sslv2_is_server_message(bytes_view bytes)
{
    reader r = reader_from(bytes);
    size_t len = 0;
    uint8_t type = 0;
    return (bytes_at(bytes, 0) & 0x80) != 0 && read_header(&r, &len) && read_u8(&r, "SSLv2 message type", &type) &&
           (type == SSLV2_SERVER_HELLO || type == SSLV2_ERROR);
}

static void keep_certificate(conversation *c, bytes_view certificate)
{
    if (certificate.len == 0)
        return;
    c->certificates.certificates = ARENA_NEW(c->arena, bytes_view);
    *c->certificates.certificates = bytes_copy(c->arena, certificate);
    c->certificates.num_certificates = 1;
}

static bool read_server_hello(flow *f, reader *r)
{
    conversation *c = &f->conversation;
    uint8_t session_id_hit = 0, certificate_type = 0;
    uint16_t certificate_len = 0, specs_len = 0, connection_id_len = 0;
    bytes_view certificate, specs, connection_id;
    server_hello *hello = &c->server_hello;
    if (!read_u8(r, "session id hit", &session_id_hit) || !read_u8(r, "certificate type", &certificate_type) ||
        !read_u16(r, "server version", &hello->legacy_version) || !read_u16(r, "certificate length", &certificate_len) ||
        !read_u16(r, "cipher specs length", &specs_len) || !read_u16(r, "connection id length", &connection_id_len) ||
        !read_bytes(r, "certificate", certificate_len, &certificate) || !read_bytes(r, "cipher specs", specs_len, &specs) ||
        !read_bytes(r, "connection id", connection_id_len, &connection_id))
        return false;
    hello->version = VERSION_SSL2;
    hello->random = bytes_copy(c->arena, connection_id);
    keep_certificate(c, certificate);
    c->has_server_hello = true;
    /* The server lists what it has in common with the client, and the client chooses: this is its whole flight. */
    note_phase(f, specs.len > 0 || session_id_hit != 0 ? PHASE_SERVER_FLIGHT : PHASE_SERVER_HELLO);
    return true;
}

void sslv2_server_message(flow *f, bytes_view bytes, int64_t now_us)
{
    reader r = reader_from(bytes);
    size_t len = 0;
    uint8_t type = 0;
    if (!read_header(&r, &len) || !read_u8(&r, "SSLv2 message type", &type))
        return;
    if (type == SSLV2_ERROR) {
        note_finding(f, 0, "the server answered with an SSLv2 error message");
        return;
    }
    if (!read_server_hello(f, &r)) {
        f->conversation.malformed[SIDE_SERVER] = true;
        note_finding(f, r.field_offset, "the server's SSLv2 SERVER-HELLO is cut short");
        return;
    }
    note_finding(f, 0, "the server chose SSLv2");
    note_event(f, (event){.at_us = now_us, .side = SIDE_SERVER, .kind = EVENT_SERVER_HELLO, .code = VERSION_SSL2, .len = len});
}
