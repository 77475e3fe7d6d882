/*
 * Upgrades in the middle of protocols whose commands and replies are lines: SMTP (RFC 3207), FTP (RFC 4217),
 * POP3 (RFC 2595, 4), IMAP (RFC 9051, 6.2.1). The server greets first; each command has one reply, also where a client
 * sends several commands at once (RFC 2920). IMAP's replies carry their command's tag.
 */
#include "flow/preamble_kinds.h"

#define UNKNOWN_REQUEST_LEN_MAX ((size_t)64)

typedef enum reply reply_reader(bytes_view server, size_t *offset);

typedef struct upgrade_row {
    enum protocol protocol;
    const char *command;
    const char *source;
} upgrade_row;

static const upgrade_row upgrade_rows[] = {
    {PROTOCOL_SMTP, "STARTTLS", "RFC 3207, 4"},
    {PROTOCOL_FTP, "AUTH TLS", "RFC 4217, 4"},
    {PROTOCOL_FTP, "AUTH TLS-C", "draft-murray-auth-ftp-ssl"},
    {PROTOCOL_FTP, "AUTH SSL", "draft-murray-auth-ftp-ssl"},
    {PROTOCOL_POP3, "STLS", "RFC 2595, 4"},
};

static bool is_line_protocol(enum protocol p)
{
    return p == PROTOCOL_SMTP || p == PROTOCOL_FTP || p == PROTOCOL_POP3 || p == PROTOCOL_IMAP;
}

static enum match match_of_request(bytes_view client)
{
    if (is_line_protocol(protocol_of_request(client)))
        return MATCH_YES;
    int first = bytes_at(client, 0);
    bool is_text = (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') || (first >= '0' && first <= '9');
    bool is_whole = bytes_until(client, '\n').len < client.len;
    bool is_other = protocol_of_request(client) != PROTOCOL_UNKNOWN;
    return is_text && !is_whole && !is_other && client.len < UNKNOWN_REQUEST_LEN_MAX ? MATCH_PERHAPS : MATCH_NO;
}

enum match line_protocol_match(const dialog *d)
{
    if (d->client.len == 0 && d->server.len == 0)
        return MATCH_PERHAPS;
    enum protocol request = protocol_of_request(d->client);
    if (request == PROTOCOL_HTTP || request == PROTOCOL_HTTP2 || request == PROTOCOL_SSH)
        return MATCH_NO;
    if (d->server.len == 0)
        return match_of_request(d->client);
    if (is_line_protocol(protocol_of_greeting(d->server, d->port)))
        return MATCH_YES;
    int first = bytes_at(d->server, 0);
    bool may_greet = (first >= '1' && first <= '5') || first == '*' || first == '+' || first == '-';
    return may_greet && d->server.len < 4 ? MATCH_PERHAPS : MATCH_NO;
}

static const upgrade_row *upgrade_find(bytes_view line)
{
    for (size_t i = 0; i < sizeof upgrade_rows / sizeof *upgrade_rows; i++)
        if (text_is_command(line, upgrade_rows[i].command))
            return &upgrade_rows[i];
    return NULL;
}

/* The reply to the next command; preliminary ones (FTP's 1yz) come before it. */
static enum reply next_reply(reply_reader *read, bytes_view server, size_t *offset)
{
    enum reply reply = REPLY_PRELIMINARY;
    while (reply == REPLY_PRELIMINARY)
        reply = read(server, offset);
    return reply;
}

static void read_in_order(const dialog *d, preamble *out, reply_reader *read)
{
    size_t client_offset = 0, server_offset = 0;
    bytes_view line;
    enum reply greeting = next_reply(read, d->server, &server_offset);
    out->refused = greeting == REPLY_NO;
    while (greeting != REPLY_NOT_YET && text_line(d->client, &client_offset, &line)) {
        const upgrade_row *upgrade = upgrade_find(line);
        enum reply reply = next_reply(read, d->server, &server_offset);
        if (upgrade != NULL)
            out->protocol = upgrade->protocol;
        if (reply == REPLY_NOT_YET)
            return;
        if (upgrade != NULL && reply == REPLY_YES) {
            preamble_finish(out, client_offset, server_offset);
            return;
        }
        if (upgrade != NULL)
            out->refused = true;
    }
}

/* The reply to a command: the first with its tag that does not belong to a command before it. A client may use one tag for all. */
static enum reply reply_to_tagged(const dialog *d, bytes_view tag, size_t command_offset, size_t *server_offset)
{
    size_t client_offset = 0;
    bytes_view line;
    while (client_offset < command_offset && text_line(d->client, &client_offset, &line)) {
        bool is_earlier = client_offset < command_offset;
        if (is_earlier && bytes_equal(bytes_until(line, ' '), tag) && imap_reply(d->server, tag, server_offset) == REPLY_NOT_YET)
            return REPLY_NOT_YET;
    }
    return imap_reply(d->server, tag, server_offset);
}

static void read_tagged(const dialog *d, preamble *out)
{
    size_t client_offset = 0;
    bytes_view line;
    out->refused = bytes_start_with_ignoring_case(d->server, "* BYE");
    while (text_line(d->client, &client_offset, &line)) {
        bytes_view tag = bytes_until(line, ' ');
        if (tag.len == 0 || !text_is_command(bytes_slice(line, tag.len, line.len), "STARTTLS"))
            continue;
        size_t server_offset = 0;
        enum reply reply = reply_to_tagged(d, tag, client_offset, &server_offset);
        if (reply == REPLY_NOT_YET)
            return;
        if (reply == REPLY_YES) {
            preamble_finish(out, client_offset, server_offset);
            return;
        }
        out->refused = true;
    }
}

bool line_protocol_read(const dialog *d, preamble *out)
{
    enum protocol greeted = protocol_of_greeting(d->server, d->port);
    out->protocol = is_line_protocol(greeted) ? greeted : protocol_of_request(d->client);
    /* SMTP and FTP greet alike: the client knows which it speaks. */
    if (out->protocol == PROTOCOL_FTP && protocol_of_request(d->client) == PROTOCOL_SMTP)
        out->protocol = PROTOCOL_SMTP;
    if (out->protocol == PROTOCOL_IMAP)
        read_tagged(d, out);
    else
        read_in_order(d, out, out->protocol == PROTOCOL_POP3 ? pop3_reply : numeric_reply);
    return true;
}
