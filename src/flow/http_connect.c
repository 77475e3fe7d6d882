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

bytes_view http_connect_request(arena *a, const char *authority)
{
    return bytes_from_text(arena_printf(a, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", authority, authority));
}
