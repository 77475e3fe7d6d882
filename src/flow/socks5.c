/* SOCKS5 (RFC 1928), with a name and password (RFC 1929) or without. The password is passed over, never kept. */
#include "flow/preamble_kinds.h"

#include "wire/reader.h"
#include "wire/writer.h"

#include <arpa/inet.h>

#define SOCKS5_VERSION 5
#define METHOD_NONE 0
#define METHOD_PASSWORD 2
#define METHOD_REFUSED 0xff
#define ADDRESS_IPV4 1
#define ADDRESS_NAME 3
#define ADDRESS_IPV6 4
#define REQUEST_LEN_MAX ((size_t)1024)

enum match socks5_match(const dialog *d)
{
    if (bytes_at(d->client, 0) != SOCKS5_VERSION)
        return MATCH_NO;
    if (d->client.len < 2)
        return MATCH_PERHAPS;
    if (bytes_at(d->client, 1) == 0)
        return MATCH_NO;
    /* What else answers just that is no proxy of this kind, but the client takes it for one. */
    bool is_just_methods = d->client.len == 2 + (size_t)bytes_at(d->client, 1);
    return d->server.len == 0 || bytes_at(d->server, 0) == SOCKS5_VERSION || is_just_methods ? MATCH_YES : MATCH_NO;
}

static bool read_address(reader *r, uint8_t type, bytes_view *address)
{
    reader name;
    if (type == ADDRESS_IPV4)
        return read_bytes(r, "IPv4 address", 4, address);
    if (type == ADDRESS_IPV6)
        return read_bytes(r, "IPv6 address", 16, address);
    if (!read_vector8(r, "name", &name))
        return false;
    *address = read_rest(&name);
    return true;
}

/* A request and a reply have the same form: version, command or reply, zero, address, port. */
typedef struct socks5_message {
    uint8_t version, code, address_type;
    bytes_view address;
    uint16_t port;
} socks5_message;

static bool read_message(reader *r, socks5_message *out)
{
    uint8_t reserved = 0;
    return read_u8(r, "version", &out->version) && read_u8(r, "code", &out->code) && read_u8(r, "reserved", &reserved) &&
           read_u8(r, "address type", &out->address_type) && read_address(r, out->address_type, &out->address) &&
           read_u16(r, "port", &out->port);
}

enum reply socks5_method_reply(bytes_view server, size_t *offset)
{
    bytes_view reply = bytes_slice(server, *offset, 2);
    if (reply.len < 2)
        return REPLY_NOT_YET;
    *offset += 2;
    return bytes_at(reply, 0) == SOCKS5_VERSION && bytes_at(reply, 1) == METHOD_NONE ? REPLY_YES : REPLY_NO;
}

enum reply socks5_method_or_password_reply(bytes_view server, size_t *offset)
{
    bytes_view reply = bytes_slice(server, *offset, 2);
    bool wants_password = reply.len == 2 && bytes_at(reply, 0) == SOCKS5_VERSION && bytes_at(reply, 1) == METHOD_PASSWORD;
    if (!wants_password) {
        enum reply other = socks5_method_reply(server, offset);
        return other == REPLY_YES ? REPLY_YES_AT_ONCE : other;
    }
    *offset += 2;
    return REPLY_YES;
}

enum reply socks5_password_reply(bytes_view server, size_t *offset)
{
    bytes_view reply = bytes_slice(server, *offset, 2);
    if (reply.len < 2)
        return REPLY_NOT_YET;
    *offset += 2;
    return bytes_at(reply, 1) == 0 ? REPLY_YES : REPLY_NO;
}

enum reply socks5_reply(bytes_view server, size_t *offset, int *code)
{
    reader r = reader_from(bytes_slice(server, *offset, server.len));
    socks5_message m = {0};
    bool is_whole = read_message(&r, &m);
    *code = m.code;
    if (m.code != 0) { /* some stop in the middle of a refusal */
        *offset = is_whole ? *offset + r.offset : server.len;
        return REPLY_NO;
    }
    if (!is_whole)
        return REPLY_NOT_YET;
    *offset += r.offset;
    return REPLY_YES;
}

static bytes_view authority_of(arena *a, const socks5_message *m)
{
    char text[INET6_ADDRSTRLEN] = "";
    if (m->address_type == ADDRESS_NAME)
        return bytes_from_text(arena_printf(a, "%s:%u", bytes_to_text(a, m->address), m->port));
    bool is_ipv6 = m->address_type == ADDRESS_IPV6;
    inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, m->address.data, text, sizeof text);
    return bytes_from_text(arena_printf(a, is_ipv6 ? "[%s]:%u" : "%s:%u", text, m->port));
}

/* Passes over name and password (RFC 1929) and their answer. False where they are not whole, or refused. */
static bool pass_password(reader *client, reader *server, preamble *out)
{
    uint8_t version = 0, status = 0;
    reader name, password;
    if (!read_u8(client, "version", &version) || !read_vector8(client, "name", &name) ||
        !read_vector8(client, "password", &password))
        return false;
    if (!read_u8(server, "version", &version) || !read_u8(server, "status", &status))
        return false;
    out->refused = status != 0;
    return !out->refused;
}

bool socks5_read(const dialog *d, preamble *out)
{
    reader client = reader_from(d->client), server = reader_from(d->server), methods;
    uint8_t version = 0, method = 0;
    socks5_message request = {0}, reply = {0};
    if (!read_u8(&client, "version", &version) || !read_vector8(&client, "methods", &methods))
        return true;
    if (!read_u8(&server, "version", &version) || !read_u8(&server, "method", &method))
        return true;
    out->refused = version != SOCKS5_VERSION || method == METHOD_REFUSED;
    if (version != SOCKS5_VERSION)
        return true;
    if (method != METHOD_NONE && method != METHOD_PASSWORD)
        return out->refused; /* what follows (GSSAPI and its kind) is not known */
    if (method == METHOD_PASSWORD && !pass_password(&client, &server, out))
        return true;
    if (!read_message(&client, &request))
        return true;
    out->authority = authority_of(d->arena, &request);
    bool is_whole = read_message(&server, &reply);
    out->status = reply.code;
    out->refused = reply.code != 0;
    if (is_whole && !out->refused)
        preamble_finish(out, client.offset, server.offset);
    return true;
}

/* Name and password in their own exchange (RFC 1929, 2); what is longer than 255 bytes cannot be said. */
bytes_view socks5_login(arena *a, const char *user, const char *password)
{
    writer w;
    writer_init(&w, REQUEST_LEN_MAX);
    write_u8(&w, 1);
    writer_vector text = writer_open8(&w);
    write_bytes(&w, bytes_from_text(user));
    writer_close(&w, text);
    text = writer_open8(&w);
    write_bytes(&w, bytes_from_text(password));
    writer_close(&w, text);
    bytes_view out;
    return writer_take(&w, a, &out) ? out : bytes_from(NULL, 0);
}

bytes_view socks5_request(arena *a, const char *authority)
{
    char *host = NULL;
    uint16_t port = 0;
    uint8_t address[16] = {0};
    authority_split(a, authority, &host, &port);
    writer w;
    writer_init(&w, REQUEST_LEN_MAX);
    write_u8(&w, SOCKS5_VERSION);
    write_u8(&w, 1); /* CONNECT */
    write_u8(&w, 0);
    if (inet_pton(AF_INET, host, address) == 1) {
        write_u8(&w, ADDRESS_IPV4);
        write_bytes(&w, bytes_from(address, 4));
    } else if (inet_pton(AF_INET6, host, address) == 1) {
        write_u8(&w, ADDRESS_IPV6);
        write_bytes(&w, bytes_from(address, 16));
    } else {
        write_u8(&w, ADDRESS_NAME);
        writer_vector name = writer_open8(&w);
        write_bytes(&w, bytes_from_text(host));
        writer_close(&w, name);
    }
    write_u16(&w, port);
    bytes_view out;
    return writer_take(&w, a, &out) ? out : bytes_from(NULL, 0);
}
