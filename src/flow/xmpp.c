/* STARTTLS of XMPP (RFC 6120, 5.4). The stream is XML, of which only the three elements that matter are looked for. */
#include "flow/preamble_kinds.h"

enum match xmpp_match(const dialog *d)
{
    if (d->client.len == 0)
        return MATCH_NO;
    enum match xml = text_match(d->client, "<?xml"), stream = text_match(d->client, "<stream:stream");
    return xml > stream ? xml : stream;
}

/* Where the empty element that begins at `at` ends: <name/> or <name></name>. */
static bool element_end(bytes_view v, size_t at, size_t *end)
{
    size_t close = 0, second = 0;
    if (!text_find(v, at, ">", &close))
        return false;
    *end = close + 1;
    if (bytes_at(v, close - 1) == '/')
        return true;
    if (!text_find(v, close, "</", &second) || !text_find(v, second, ">", &close))
        return false;
    *end = close + 1;
    return true;
}

/* The stream's features are all there (RFC 6120, 4.3.2), and STARTTLS is one of them. The prefix of the element may be any. */
enum reply xmpp_features(bytes_view server, size_t *offset)
{
    size_t at = 0, open_end = 0, end = 0;
    if (text_find(server, *offset, "<stream:error", &at) || text_find(server, *offset, "</stream:stream", &at)) {
        *offset = server.len;
        return REPLY_NO;
    }
    if (!text_find(server, *offset, "features", &at) || !text_find(server, at, ">", &open_end))
        return REPLY_NOT_YET;
    bool is_empty = bytes_at(server, open_end - 1) == '/';
    if (is_empty)
        end = open_end;
    else if (!text_find(server, open_end + 1, "features>", &end))
        return REPLY_NOT_YET;
    *offset = is_empty ? end + 1 : end + sizeof "features>" - 1;
    return text_find(bytes_slice(server, 0, end), open_end, "<starttls", &at) ? REPLY_YES : REPLY_NO;
}

/* "<stream:stream ..." of a client, without its end. */
static bytes_view stream_header(bytes_view client)
{
    size_t at = 0;
    return text_find(client, 0, "<stream:stream", &at) ? bytes_until(bytes_slice(client, at, client.len), '>')
                                                       : bytes_from(NULL, 0);
}

bytes_view xmpp_domain(bytes_view client)
{
    bytes_view header = stream_header(client);
    for (size_t at = 0; text_find(header, at, "to=", &at); at++) {
        int before = bytes_at(header, at - 1), quote = bytes_at(header, at + sizeof "to=" - 1);
        if ((before == ' ' || before == '\n' || before == '\'' || before == '"') && (quote == '\'' || quote == '"'))
            return bytes_until(bytes_slice(header, at + sizeof "to=", header.len), (uint8_t)quote);
    }
    return bytes_from(NULL, 0);
}

bool xmpp_is_between_servers(bytes_view client)
{
    size_t at = 0;
    return text_find(stream_header(client), 0, "jabber:server", &at);
}

bytes_view xmpp_stream_error(bytes_view server)
{
    size_t at = 0, name_at = 0;
    if (!text_find(server, 0, "<stream:error", &at) || !text_find(server, at + 1, "<", &name_at))
        return bytes_from(NULL, 0);
    bytes_view name = bytes_slice(server, name_at + 1, server.len);
    return bytes_until(bytes_until(bytes_until(name, '>'), ' '), '/');
}

bool xmpp_lacks_tls(bytes_view server)
{
    static const char *const ends[] = {"<stream:error", "</stream:stream"};
    size_t at = 0, offset = 0;
    bytes_view before_end = server;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (text_find(before_end, 0, ends[i], &at))
            before_end = bytes_slice(before_end, 0, at);
    if (text_find(server, 0, "<starttls", &at))
        return false;
    return xmpp_features(before_end, &offset) == REPLY_NO || text_find(server, before_end.len, ">No stream features", &at);
}

enum reply xmpp_reply(bytes_view server, size_t *offset)
{
    size_t at = 0, end = 0;
    if (text_find(server, *offset, "<proceed", &at)) {
        if (!element_end(server, at, &end))
            return REPLY_NOT_YET;
        *offset = end;
        return REPLY_YES;
    }
    bool refused = text_find(server, *offset, "<failure", &at) || text_find(server, *offset, "<stream:error", &at);
    if (refused)
        *offset = server.len;
    return refused ? REPLY_NO : REPLY_NOT_YET;
}

/* Nothing but the header, and perhaps the end of the stream. */
static bool only_opened_it(bytes_view client)
{
    size_t at = 0;
    bytes_view header = stream_header(client);
    if (!text_find(client, 0, "<stream:stream", &at))
        return false;
    bytes_view rest = bytes_slice(client, at + header.len + 1, client.len);
    return !text_find(rest, 0, "<", &at) || bytes_start_with_ignoring_case(bytes_slice(rest, at, rest.len), "</stream:stream");
}

/* The server ended the stream, or told what there is, STARTTLS not among it, before the client had asked for it. */
static void read_unasked(const dialog *d, preamble *out)
{
    if (!only_opened_it(d->client))
        return;
    out->refusal = xmpp_stream_error(d->server);
    out->refused = out->refusal.len > 0;
    out->not_offered = out->refused || xmpp_lacks_tls(d->server);
}

bool xmpp_read(const dialog *d, preamble *out)
{
    size_t at = 0, client_end = 0, server_end = 0;
    if (!text_find(d->client, 0, "<starttls", &at) || !element_end(d->client, at, &client_end)) {
        read_unasked(d, out);
        return true;
    }
    out->asked = true;
    enum reply reply = xmpp_reply(d->server, &server_end);
    if (reply == REPLY_YES)
        preamble_finish(out, client_end, server_end);
    out->refused = reply == REPLY_NO;
    return true;
}

bytes_view xmpp_stream_header(arena *a, const char *host, bool is_server)
{
    return bytes_from_text(arena_printf(a,
                                        "<?xml version='1.0'?><stream:stream xmlns='jabber:%s' "
                                        "xmlns:stream='http://etherx.jabber.org/streams' to='%s' version='1.0'>",
                                        is_server ? "server" : "client", host));
}
