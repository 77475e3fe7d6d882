/*
 * Upgrades in the middle of protocols whose commands and replies are lines: SMTP and LMTP (RFC 3207), FTP (RFC 4217),
 * POP3 (RFC 2595, 4), IMAP (RFC 9051, 6.2.1), NNTP (RFC 4642), ManageSieve (RFC 5804, 2.2), IRC (IRCv3, STARTTLS). The server
 * greets first; each command has one reply, also where a client sends several commands at once (RFC 2920). IMAP's replies carry
 * their command's tag. An IRC server may greet or not, and says lines of its own at any time.
 */
#include "flow/preamble_kinds.h"

#define UNKNOWN_REQUEST_LEN_MAX ((size_t)64)

typedef enum reply reply_reader(bytes_view server, size_t *offset);

typedef struct line_protocol_row {
    enum protocol protocol;
    reply_reader *reply; /* NULL: not in order */
} line_protocol_row;

static const line_protocol_row line_protocol_rows[] = {
    {PROTOCOL_SMTP, numeric_reply}, {PROTOCOL_LMTP, numeric_reply}, {PROTOCOL_FTP, numeric_reply}, {PROTOCOL_POP3, pop3_reply},
    {PROTOCOL_NNTP, nntp_reply},    {PROTOCOL_SIEVE, sieve_reply},  {PROTOCOL_IMAP, NULL},         {PROTOCOL_IRC, NULL},
};

typedef struct upgrade_row {
    enum protocol protocol;
    const char *command;
    const char *source;
} upgrade_row;

static const upgrade_row upgrade_rows[] = {
    {PROTOCOL_SMTP, "STARTTLS", "RFC 3207, 4"},
    {PROTOCOL_LMTP, "STARTTLS", "RFC 3207, 4"},
    {PROTOCOL_FTP, "AUTH TLS", "RFC 4217, 4"},
    {PROTOCOL_FTP, "AUTH TLS-C", "draft-murray-auth-ftp-ssl"},
    {PROTOCOL_FTP, "AUTH SSL", "draft-murray-auth-ftp-ssl"},
    {PROTOCOL_POP3, "STLS", "RFC 2595, 4"},
    {PROTOCOL_NNTP, "STARTTLS", "RFC 4642, 2.2"},
    {PROTOCOL_SIEVE, "STARTTLS", "RFC 5804, 2.2"},
};

static const line_protocol_row *line_protocol_find(enum protocol p)
{
    for (size_t i = 0; i < sizeof line_protocol_rows / sizeof *line_protocol_rows; i++)
        if (line_protocol_rows[i].protocol == p)
            return &line_protocol_rows[i];
    return NULL;
}

static bool is_line_protocol(enum protocol p)
{
    return line_protocol_find(p) != NULL;
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

/* Whether more of a greeting may tell what it is. */
static bool may_greet(bytes_view server)
{
    static const char *const long_ones[] = {"\"IMPLEMENTATION\"", "\"SIEVE\"", "\"SASL\"", "\"STARTTLS\"",
                                            "NOTICE AUTH ",       "NOTICE * ", "ERROR :",  "PING :"};
    int first = bytes_at(server, 0);
    bool may_be_short = (first >= '1' && first <= '5') || first == '*' || first == '+' || first == '-';
    if (may_be_short)
        return server.len < 4;
    if (first == ':') /* IRC: a server's name, then a word */
        return server.len < UNKNOWN_REQUEST_LEN_MAX && bytes_slice(server, bytes_until(server, ' ').len, server.len).len < 8;
    for (size_t i = 0; i < sizeof long_ones / sizeof *long_ones; i++)
        if (text_match(server, long_ones[i]) == MATCH_PERHAPS)
            return true;
    return false;
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
    return may_greet(d->server) ? MATCH_PERHAPS : MATCH_NO;
}

typedef struct offer_row {
    enum protocol protocol;
    const char *asks;    /* the command by which a client asks what the server can do; NULL: the greeting tells */
    const char *keyword; /* what names the upgrade among it */
    const char *source;
} offer_row;

static const offer_row offer_rows[] = {
    {PROTOCOL_SMTP, "EHLO", "STARTTLS", "RFC 3207, 4"},      {PROTOCOL_LMTP, "LHLO", "STARTTLS", "RFC 3207, 4"},
    {PROTOCOL_POP3, "CAPA", "STLS", "RFC 2595, 4"},          {PROTOCOL_IMAP, "CAPABILITY", "STARTTLS", "RFC 9051, 7.2.2"},
    {PROTOCOL_NNTP, "CAPABILITIES", "STARTTLS", "RFC 4642"}, {PROTOCOL_SIEVE, NULL, "STARTTLS", "RFC 5804, 1.7"},
};

static bool is_goodbye(bytes_view command)
{
    return text_is_command(command, "QUIT") || text_is_command(command, "LOGOUT");
}

static const offer_row *offer_find(enum protocol p)
{
    for (size_t i = 0; i < sizeof offer_rows / sizeof *offer_rows; i++)
        if (offer_rows[i].protocol == p)
            return &offer_rows[i];
    return NULL;
}

/* All that the client said was to ask what there is, and goodbye; an upgrade is not among what there is. */
static bool left_without_an_offer(const dialog *d, const preamble *p)
{
    const offer_row *row = offer_find(p->protocol);
    size_t offset = 0;
    bytes_view line;
    if (row == NULL || bytes_contain_ignoring_case(d->server, row->keyword))
        return false;
    bool has_asked = row->asks == NULL;
    while (text_line(d->client, &offset, &line)) {
        size_t tag_len = p->protocol == PROTOCOL_IMAP ? bytes_until(line, ' ').len + 1 : 0;
        bytes_view command = bytes_slice(line, tag_len, line.len);
        bool asks = row->asks != NULL && text_match(command, row->asks) == MATCH_YES;
        has_asked = has_asked || asks;
        if (!asks && !is_goodbye(command))
            return false;
    }
    return has_asked && d->server.len > 0;
}

/* SMTP and FTP greet alike: there the command tells which of them it is. */
static bool may_be_said_in(enum protocol upgraded, enum protocol greeted)
{
    bool greet_alike =
        (upgraded == PROTOCOL_SMTP || upgraded == PROTOCOL_FTP) && (greeted == PROTOCOL_SMTP || greeted == PROTOCOL_FTP);
    return upgraded == greeted || greet_alike;
}

static const upgrade_row *upgrade_find(bytes_view line, enum protocol greeted)
{
    for (size_t i = 0; i < sizeof upgrade_rows / sizeof *upgrade_rows; i++)
        if (may_be_said_in(upgrade_rows[i].protocol, greeted) && text_is_command(line, upgrade_rows[i].command))
            return &upgrade_rows[i];
    return NULL;
}

/* Some say hello whatever the answer was (openssl s_client): that is no line. */
static bool begins_tls(bytes_view client, size_t offset)
{
    enum { CONTENT_HANDSHAKE = 22 };
    return bytes_at(client, offset) == CONTENT_HANDSHAKE;
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
    while (greeting != REPLY_NOT_YET && !begins_tls(d->client, client_offset) && text_line(d->client, &client_offset, &line)) {
        const upgrade_row *upgrade = upgrade_find(line, out->protocol);
        enum reply reply = next_reply(read, d->server, &server_offset);
        if (upgrade == NULL && !is_goodbye(line))
            out->asked = out->refused = false; /* it goes on in clear */
        if (upgrade != NULL) {
            out->protocol = upgrade->protocol;
            out->asked = true;
        }
        if (reply == REPLY_NOT_YET)
            return;
        if (upgrade != NULL && reply == REPLY_YES) {
            preamble_finish(out, client_offset, server_offset);
            return;
        }
        if (upgrade != NULL)
            preamble_refuse(out, d->server, server_offset);
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
    while (!begins_tls(d->client, client_offset) && text_line(d->client, &client_offset, &line)) {
        bytes_view tag = bytes_until(line, ' '), command = bytes_slice(line, tag.len, line.len);
        bool is_upgrade = tag.len > 0 && text_is_command(command, "STARTTLS");
        if (!is_upgrade && !is_goodbye(command))
            out->asked = out->refused = false; /* it goes on in clear */
        if (!is_upgrade)
            continue;
        size_t server_offset = 0;
        out->asked = true;
        enum reply reply = reply_to_tagged(d, tag, client_offset, &server_offset);
        if (reply == REPLY_NOT_YET)
            return;
        if (reply == REPLY_YES) {
            preamble_finish(out, client_offset, server_offset);
            return;
        }
        preamble_refuse(out, d->server, server_offset);
    }
}

/* IRC: what answers STARTTLS can be told from all else. */
static void read_unordered(const dialog *d, preamble *out)
{
    size_t client_offset = 0, server_offset = 0;
    bytes_view line;
    while (text_line(d->client, &client_offset, &line)) {
        if (!text_is_command(line, "STARTTLS"))
            continue;
        enum reply reply = irc_reply(d->server, &server_offset);
        out->asked = true;
        if (reply == REPLY_NO)
            preamble_refuse(out, d->server, server_offset);
        if (reply == REPLY_YES)
            preamble_finish(out, client_offset, server_offset);
        if (reply != REPLY_NO)
            return;
    }
}

/* Where the server has said nothing that tells, or where two greet alike, the client knows which it speaks. */
static enum protocol protocol_spoken(const dialog *d)
{
    enum protocol greeted = protocol_of_greeting(d->server, d->port), requested = protocol_of_request(d->client);
    bool greets_so = greeted == PROTOCOL_FTP || greeted == PROTOCOL_SMTP || greeted == PROTOCOL_LMTP;
    bool is_one_of_them = requested == PROTOCOL_SMTP || requested == PROTOCOL_LMTP;
    if (!is_line_protocol(greeted) || (greets_so && is_one_of_them && !(greeted == PROTOCOL_LMTP && requested == PROTOCOL_SMTP)))
        return requested;
    return greeted;
}

bool line_protocol_read(const dialog *d, preamble *out)
{
    out->protocol = protocol_spoken(d);
    const line_protocol_row *row = line_protocol_find(out->protocol);
    if (out->protocol == PROTOCOL_IMAP)
        read_tagged(d, out);
    else if (out->protocol == PROTOCOL_IRC)
        read_unordered(d, out);
    else
        read_in_order(d, out, row == NULL ? numeric_reply : row->reply);
    out->not_offered = !out->complete && !out->asked && left_without_an_offer(d, out);
    return true;
}
