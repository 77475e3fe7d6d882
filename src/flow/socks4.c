/* SOCKS4, and 4a, which asks for a name. The user's name is passed over, never kept. */
#include "flow/preamble_kinds.h"

#include "wire/reader.h"
#include "wire/writer.h"

#include <arpa/inet.h>

#define SOCKS4_VERSION 4
#define COMMAND_CONNECT 1
#define REPLY_LEN ((size_t)8)
#define REPLY_GRANTED 0x5a
#define REQUEST_LEN_MAX ((size_t)1024)

enum match socks4_match(const dialog *d)
{
    if (bytes_at(d->client, 0) != SOCKS4_VERSION || bytes_at(d->server, 0) > 0)
        return MATCH_NO;
    if (d->client.len < 2)
        return MATCH_PERHAPS;
    return bytes_at(d->client, 1) == COMMAND_CONNECT ? MATCH_YES : MATCH_NO;
}

/* Text up to its zero. */
static bool read_text(reader *r, bytes_view *out)
{
    bytes_view text = bytes_until(r->rest, 0), zero;
    return text.len < reader_len(r) && read_bytes(r, "text", text.len, out) && read_bytes(r, "zero", 1, &zero);
}

/* Whether an address stands for a name that follows: 0.0.0.x. */
static bool is_name_following(bytes_view address)
{
    return bytes_at(address, 0) == 0 && bytes_at(address, 1) == 0 && bytes_at(address, 2) == 0 && bytes_at(address, 3) != 0;
}

static bool read_request(arena *a, reader *r, bytes_view *authority)
{
    uint8_t version = 0, command = 0;
    uint16_t port = 0;
    bytes_view address, user, name;
    char text[INET_ADDRSTRLEN] = "";
    if (!read_u8(r, "version", &version) || !read_u8(r, "command", &command) || !read_u16(r, "port", &port) ||
        !read_bytes(r, "address", 4, &address) || !read_text(r, &user))
        return false;
    if (is_name_following(address)) {
        if (!read_text(r, &name))
            return false;
        *authority = bytes_from_text(arena_printf(a, "%s:%u", bytes_to_text(a, name), port));
        return true;
    }
    inet_ntop(AF_INET, address.data, text, sizeof text);
    *authority = bytes_from_text(arena_printf(a, "%s:%u", text, port));
    return true;
}

enum reply socks4_reply(bytes_view server, size_t *offset, int *code)
{
    bytes_view reply = bytes_slice(server, *offset, REPLY_LEN);
    bool is_refused = bytes_at(reply, 0) > 0 || (reply.len > 1 && bytes_at(reply, 1) != REPLY_GRANTED);
    *code = reply.len > 1 ? bytes_at(reply, 1) : 0;
    if (reply.len < REPLY_LEN && !is_refused)
        return REPLY_NOT_YET;
    *offset += reply.len;
    return is_refused ? REPLY_NO : REPLY_YES;
}

bool socks4_read(const dialog *d, preamble *out)
{
    reader client = reader_from(d->client);
    size_t server_offset = 0;
    if (!read_request(d->arena, &client, &out->authority))
        return true;
    enum reply reply = socks4_reply(d->server, &server_offset, &out->status);
    out->refused = reply == REPLY_NO;
    if (reply == REPLY_YES)
        preamble_finish(out, client.offset, server_offset);
    return true;
}

bytes_view socks4_request(arena *a, const char *authority, const char *user)
{
    static const uint8_t name_follows[4] = {0, 0, 0, 1};
    char *host = NULL;
    uint16_t port = 0;
    uint8_t address[4] = {0};
    authority_split(a, authority, &host, &port);
    bool is_address = inet_pton(AF_INET, host, address) == 1;
    writer w;
    writer_init(&w, REQUEST_LEN_MAX);
    write_u8(&w, SOCKS4_VERSION);
    write_u8(&w, COMMAND_CONNECT);
    write_u16(&w, port);
    write_bytes(&w, bytes_from(is_address ? address : name_follows, sizeof address));
    write_bytes(&w, bytes_from_text(user));
    write_u8(&w, 0);
    if (!is_address) {
        write_bytes(&w, bytes_from_text(host));
        write_u8(&w, 0);
    }
    bytes_view out;
    return writer_take(&w, a, &out) ? out : bytes_from(NULL, 0);
}
