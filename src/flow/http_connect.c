/* HTTP CONNECT (RFC 9110, 9.3.6): a proxy that is asked to lead on, perhaps twice where it first wants to know who asks. */
#include "flow/preamble_kinds.h"

enum match http_connect_match(const dialog *d)
{
    return d->client.len == 0 ? MATCH_NO : text_match(d->client, "CONNECT ");
}

enum reply http_reply(bytes_view server, size_t *offset, int *status)
{
    size_t line_offset = *offset, end = 0;
    bytes_view line, rest = bytes_slice(server, *offset, server.len);
    if (rest.len > 0 && text_match(rest, "HTTP/") == MATCH_NO)
        return REPLY_NO;
    if (!text_line(server, &line_offset, &line) || !text_header_end(server, *offset, &end))
        return REPLY_NOT_YET;
    bytes_view version = bytes_until(line, ' ');
    *status = text_number(bytes_slice(line, version.len + 1, line.len));
    *offset = end;
    if (*status >= 100 && *status < 200)
        return REPLY_PRELIMINARY;
    return *status >= 200 && *status < 300 ? REPLY_YES : REPLY_NO;
}

/* The length of a refusal's body, which the proxy's next answer follows; where it is not said, up to the next status line. */
static size_t body_end(bytes_view server, size_t header_offset, size_t header_end)
{
    bytes_view header = bytes_slice(server, header_offset, header_end - header_offset);
    size_t at = 0, offset = 0;
    bytes_view line;
    while (text_line(header, &offset, &line)) {
        if (!bytes_start_with_ignoring_case(line, "Content-Length:"))
            continue;
        bytes_view value = bytes_slice(line, sizeof "Content-Length:" - 1, line.len);
        while (bytes_at(value, 0) == ' ')
            value = bytes_slice(value, 1, value.len);
        int len = text_number(value);
        return header_end + (len < 0 ? 0 : (size_t)len);
    }
    return text_find(server, header_end, "HTTP/1.", &at) ? at : server.len;
}

bool http_connect_read(const dialog *d, preamble *out)
{
    size_t client_offset = 0, server_offset = 0, client_end = 0;
    bytes_view line;
    while (text_header_end(d->client, client_offset, &client_end) && text_line(d->client, &client_offset, &line) &&
           bytes_start_with_ignoring_case(line, "CONNECT ")) {
        out->authority = bytes_until(bytes_slice(line, sizeof "CONNECT " - 1, line.len), ' ');
        client_offset = client_end;
        size_t header_offset = server_offset;
        int status = 0;
        enum reply reply = http_reply(d->server, &server_offset, &status);
        while (reply == REPLY_PRELIMINARY) {
            header_offset = server_offset;
            reply = http_reply(d->server, &server_offset, &status);
        }
        if (reply == REPLY_NOT_YET)
            return true;
        out->status = status < 0 ? 0 : status;
        if (reply == REPLY_YES) {
            preamble_finish(out, client_end, server_offset);
            return true;
        }
        out->refused = true;
        if (server_offset == header_offset)
            return true; /* no HTTP: there is nothing to go on from */
        server_offset = body_end(d->server, header_offset, server_offset);
    }
    return true;
}

/* RFC 4648, 4 */
static char *base64(arena *a, bytes_view v)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = ARENA_ARRAY(a, (v.len + 2) / 3 * 4 + 1, char);
    size_t len = 0;
    for (size_t i = 0; i < v.len; i += 3) {
        unsigned left = v.len - i < 3 ? (unsigned)(v.len - i) : 3, bits = 0;
        for (unsigned k = 0; k < 3; k++)
            bits = bits << 8 | (k < left ? (unsigned)bytes_at(v, i + k) : 0);
        for (unsigned k = 0; k < 4; k++)
            out[len++] = k <= left ? digits[bits >> (18 - 6 * k) & 0x3f] : '=';
    }
    return out;
}

bytes_view http_connect_request(arena *a, const char *authority, const char *user, const char *password)
{
    const char *login = "";
    if (user != NULL) {
        const char *pair = arena_printf(a, "%s:%s", user, password == NULL ? "" : password);
        login = arena_printf(a, "Proxy-Authorization: Basic %s\r\n", base64(a, bytes_from_text(pair)));
    }
    return bytes_from_text(arena_printf(a, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", authority, authority, login));
}
