/*
 * Databases that are asked for TLS in their own packets: PostgreSQL (Frontend/Backend Protocol, 55.2.11, SSLRequest) and
 * MySQL (Client/Server Protocol, Protocol::SSLRequest).
 */
#include "flow/preamble_kinds.h"

#include "wire/reader.h"

#define POSTGRESQL_REQUEST_LEN ((size_t)8)
#define POSTGRESQL_SSL_REQUEST 80877103
#define POSTGRESQL_GSSENC_REQUEST 80877104
#define MYSQL_HEADER_LEN ((size_t)4)
#define MYSQL_GREETING_LEN_TOLD ((size_t)7) /* bytes that tell whether it is one */
#define MYSQL_CLIENT_SSL 0x0800

/* ---- PostgreSQL -------------------------------------------------------------------------------------------------- */

static enum match request_match(bytes_view client, char last)
{
    char request[POSTGRESQL_REQUEST_LEN] = {0, 0, 0, 8, 0x04, (char)0xd2, 0x16, last};
    bytes_view wanted = bytes_from(request, sizeof request);
    size_t len = client.len < wanted.len ? client.len : wanted.len;
    if (!bytes_equal(bytes_slice(client, 0, len), bytes_slice(wanted, 0, len)))
        return MATCH_NO;
    return len < wanted.len ? MATCH_PERHAPS : MATCH_YES;
}

enum match postgresql_match(const dialog *d)
{
    if (d->client.len == 0)
        return MATCH_NO;
    enum match ssl = request_match(d->client, 0x2f), gssenc = request_match(d->client, 0x30);
    return ssl > gssenc ? ssl : gssenc;
}

enum reply postgresql_reply(bytes_view server, size_t *offset)
{
    int answer = bytes_at(server, *offset);
    if (answer < 0)
        return REPLY_NOT_YET;
    *offset += 1;
    return answer == 'S' ? REPLY_YES : REPLY_NO;
}

bool postgresql_read(const dialog *d, preamble *out)
{
    reader client = reader_from(d->client);
    size_t server_offset = 0;
    uint32_t len = 0, code = 0;
    while (read_u32(&client, "length", &len) && len == POSTGRESQL_REQUEST_LEN && read_u32(&client, "code", &code)) {
        enum reply reply = postgresql_reply(d->server, &server_offset);
        out->asked = code == POSTGRESQL_SSL_REQUEST;
        if (reply == REPLY_NOT_YET)
            return true;
        if (code == POSTGRESQL_GSSENC_REQUEST && bytes_at(d->server, server_offset - 1) == 'N')
            continue; /* encryption by GSSAPI was asked for first */
        if (code != POSTGRESQL_SSL_REQUEST)
            return false;
        if (reply == REPLY_YES)
            preamble_finish(out, client.offset, server_offset);
        out->refused = reply == REPLY_NO;
        return true;
    }
    return true;
}

/* "no pg_hba.conf entry for host ..., no encryption", which was "SSL off" before version 14. */
bytes_view postgresql_demand_for_tls(bytes_view server)
{
    bool is_for_clear = bytes_contain_ignoring_case(server, ", no encryption") || bytes_contain_ignoring_case(server, ", SSL off");
    return is_for_clear && protocol_of_greeting(server, 0) == PROTOCOL_POSTGRESQL
               ? bytes_from_text("its pg_hba.conf has no entry for what comes without encryption")
               : bytes_from(NULL, 0);
}

/* ---- MySQL ------------------------------------------------------------------------------------------------------- */

/* The lengths are little-endian. */
static bool read_packet(reader *r, uint8_t *sequence, reader *body)
{
    uint8_t low = 0, middle = 0, high = 0;
    bytes_view part;
    reader ahead = *r;
    if (!read_u8(&ahead, "length", &low) || !read_u8(&ahead, "length", &middle) || !read_u8(&ahead, "length", &high) ||
        !read_u8(&ahead, "sequence", sequence) ||
        !read_bytes(&ahead, "packet", (size_t)low | (size_t)middle << 8 | (size_t)high << 16, &part))
        return false;
    *body = reader_from(part);
    *r = ahead;
    return true;
}

/* A greeting's first bytes: a length below 64 KiB, sequence 0, a version or an error. */
static bool may_greet(bytes_view server)
{
    int kind = bytes_at(server, MYSQL_HEADER_LEN);
    return server.len > 0 && server.len < MYSQL_GREETING_LEN_TOLD && bytes_at(server, 0) > 0 && bytes_at(server, 2) <= 0 &&
           bytes_at(server, 3) <= 0 && (kind < 0 || kind == 10 || kind == 0xff);
}

enum match mysql_match(const dialog *d)
{
    if (protocol_of_greeting(d->server, d->port) == PROTOCOL_MYSQL)
        return MATCH_YES;
    return may_greet(d->server) ? MATCH_PERHAPS : MATCH_NO;
}

/* A whole greeting, and a reader behind its protocol version. */
static enum reply read_greeting(bytes_view server, size_t *offset, reader *body)
{
    reader r = reader_from(bytes_slice(server, *offset, server.len));
    uint8_t sequence = 0, protocol_version = 0;
    if (!read_packet(&r, &sequence, body))
        return REPLY_NOT_YET;
    *offset += r.offset;
    return read_u8(body, "protocol version", &protocol_version) && protocol_version == 10 ? REPLY_YES : REPLY_NO;
}

enum reply mysql_greeting(bytes_view server, size_t *offset)
{
    reader body;
    return read_greeting(server, offset, &body);
}

enum reply mysql_greeting_with_tls(bytes_view server, size_t *offset)
{
    reader body;
    bytes_view passed;
    uint8_t low = 0, high = 0;
    enum reply reply = read_greeting(server, offset, &body);
    if (reply != REPLY_YES)
        return reply;
    size_t version_len = bytes_until(body.rest, 0).len + 1;
    bool is_read = read_bytes(&body, "server version", version_len, &passed) && read_bytes(&body, "thread id", 4, &passed) &&
                   read_bytes(&body, "auth plugin data", 9, &passed) && read_u8(&body, "capabilities", &low) &&
                   read_u8(&body, "capabilities", &high);
    return is_read && (((unsigned)high << 8 | low) & MYSQL_CLIENT_SSL) != 0 ? REPLY_YES : REPLY_NO;
}

bool mysql_offers_tls(bytes_view server)
{
    size_t offset = 0;
    return mysql_greeting_with_tls(server, &offset) == REPLY_YES;
}

/* MySQL since 5.7.8; MariaDB denies the access and does not say why. */
bytes_view mysql_demand_for_tls(bytes_view server)
{
    enum { ERROR_PACKET = 0xff, SECURE_TRANSPORT_REQUIRED = 3159 };
    reader r = reader_from(server), packet;
    uint8_t sequence = 0, kind = 0, low = 0, high = 0;
    while (read_packet(&r, &sequence, &packet))
        if (read_u8(&packet, "kind", &kind) && kind == ERROR_PACKET && read_u8(&packet, "code", &low) &&
            read_u8(&packet, "code", &high) && ((unsigned)high << 8 | low) == SECURE_TRANSPORT_REQUIRED)
            return bytes_from_text("ER_SECURE_TRANSPORT_REQUIRED (3159)");
    return bytes_from(NULL, 0);
}

bool mysql_read(const dialog *d, preamble *out)
{
    reader client = reader_from(d->client), packet;
    uint8_t sequence = 0, low = 0, high = 0;
    size_t server_offset = 0;
    enum reply greeting = mysql_greeting(d->server, &server_offset);
    out->refused = greeting == REPLY_NO;
    out->not_offered = d->client.len == 0 && greeting == REPLY_YES && !mysql_offers_tls(d->server);
    if (greeting != REPLY_YES || !read_packet(&client, &sequence, &packet))
        return true;
    if (!read_u8(&packet, "capabilities", &low) || !read_u8(&packet, "capabilities", &high) ||
        (((unsigned)high << 8 | low) & MYSQL_CLIENT_SSL) == 0)
        return false; /* it goes on in clear */
    preamble_finish(out, client.offset, server_offset);
    return true;
}
