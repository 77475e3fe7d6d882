/*
 * The remote desktop protocol's way to TLS: an X.224 connection request and confirm in TPKT packets (RFC 1006; MS-RDPBCGR,
 * 2.2.1.1 and 2.2.1.2). The client names the kinds of security that it takes, the server chooses one. A cookie with the user's name
 * may stand before that; it is passed over, never kept.
 */
#include "flow/preamble_kinds.h"

#include "wire/reader.h"

#define TPKT_VERSION 3
#define TPKT_HEADER_LEN ((size_t)4)
#define X224_FIXED_LEN ((size_t)7) /* length, code, references, class */
#define X224_REQUEST 0xe0
#define X224_CONFIRM 0xd0
#define NEGOTIATION_RESPONSE 2
#define NEGOTIATION_FAILURE 3
#define FAILURE_TLS_NOT_ALLOWED 2
#define FAILURE_NO_CERTIFICATE 3

/* One packet with its X.224 code, and what follows the fixed part. */
static bool read_packet(reader *r, uint8_t *code, reader *rest)
{
    uint8_t version = 0, reserved = 0, header_len = 0;
    uint16_t len = 0;
    bytes_view body, fixed;
    reader ahead = *r;
    if (!read_u8(&ahead, "version", &version) || !read_u8(&ahead, "reserved", &reserved) || !read_u16(&ahead, "length", &len) ||
        version != TPKT_VERSION || len < TPKT_HEADER_LEN + X224_FIXED_LEN ||
        !read_bytes(&ahead, "packet", len - TPKT_HEADER_LEN, &body))
        return false;
    *rest = reader_from(body);
    if (!read_u8(rest, "length", &header_len) || !read_u8(rest, "code", code) || !read_bytes(rest, "references", 5, &fixed))
        return false;
    *r = ahead;
    return true;
}

enum match rdp_match(const dialog *d)
{
    if (bytes_at(d->client, 0) != TPKT_VERSION || bytes_at(d->client, 1) > 0 || bytes_at(d->client, 2) > 3)
        return MATCH_NO;
    if (d->client.len < 6)
        return MATCH_PERHAPS;
    return bytes_at(d->client, 5) == X224_REQUEST ? MATCH_YES : MATCH_NO;
}

/* `code`: the protocol that was chosen, or why none was; all of them fit a byte. */
static bool read_negotiation(reader *r, uint8_t *kind, uint8_t *code)
{
    uint8_t flags = 0, len = 0, high = 0;
    return read_u8(r, "type", kind) && read_u8(r, "flags", &flags) && read_u8(r, "length", &len) && read_u8(r, "length", &high) &&
           read_u8(r, "protocol", code);
}

/* PRELIMINARY: it goes on in clear, with RDP's own security. */
static enum reply read_confirm(bytes_view server, size_t *offset)
{
    reader r = reader_from(bytes_slice(server, *offset, server.len)), rest;
    uint8_t code = 0, kind = 0, chosen = 0;
    if (server.len > *offset && bytes_at(server, *offset) != TPKT_VERSION)
        return REPLY_NO;
    if (!read_packet(&r, &code, &rest))
        return REPLY_NOT_YET;
    *offset += r.offset;
    if (code != X224_CONFIRM)
        return REPLY_NO;
    if (!read_negotiation(&rest, &kind, &chosen))
        return REPLY_PRELIMINARY;
    if (kind == NEGOTIATION_FAILURE)
        return REPLY_NO;
    return kind == NEGOTIATION_RESPONSE && chosen != 0 ? REPLY_YES : REPLY_PRELIMINARY; /* all but 0 begin with TLS */
}

enum reply rdp_confirm(bytes_view server, size_t *offset)
{
    enum reply reply = read_confirm(server, offset);
    return reply == REPLY_PRELIMINARY ? REPLY_NO : reply;
}

bool rdp_lacks_tls(bytes_view server)
{
    reader r = reader_from(server), rest;
    uint8_t code = 0, kind = 0, chosen = 0;
    if (!read_packet(&r, &code, &rest) || code != X224_CONFIRM)
        return false;
    if (reader_is_empty(&rest))
        return true;
    if (!read_negotiation(&rest, &kind, &chosen))
        return false;
    return kind == NEGOTIATION_FAILURE ? chosen == FAILURE_TLS_NOT_ALLOWED || chosen == FAILURE_NO_CERTIFICATE
                                       : kind == NEGOTIATION_RESPONSE && chosen == 0;
}

bool rdp_read(const dialog *d, preamble *out)
{
    reader client = reader_from(d->client), rest;
    uint8_t code = 0;
    size_t server_offset = 0;
    if (!read_packet(&client, &code, &rest))
        return true;
    out->asked = true;
    enum reply reply = read_confirm(d->server, &server_offset);
    if (reply == REPLY_YES)
        preamble_finish(out, client.offset, server_offset);
    out->refused = reply == REPLY_NO;
    return reply != REPLY_PRELIMINARY;
}
