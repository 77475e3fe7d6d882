/* How a preamble is said: again, by the protocol and the authority alone, without what a client authenticated with; or by us. */
#include "flow/preamble.h"

#include "flow/preamble_kinds.h"

#define IMAP_TAG "a1"

/* A message from client to proxy or server; `len` counts what text cannot end. */
typedef struct said {
    const char *data;
    size_t len;
} said;

#define SAID(literal)                                                                                                              \
    {                                                                                                                              \
        (literal), sizeof(literal) - 1                                                                                             \
    }

/* ExtendedRequest 1 with the OID of StartTLS (RFC 4511, 4.14.1). */
#define LDAP_STARTTLS                                                                                                              \
    "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"                                                                                         \
    "1.3.6.1.4.1.1466.20037"
/* SSLRequest: a length of 8, then 80877103. */
#define POSTGRESQL_SSLREQUEST "\x00\x00\x00\x08\x04\xd2\x16\x2f"
/* SSLRequest: 32 bytes, sequence 1; PROTOCOL_41, SSL, SECURE_CONNECTION, PLUGIN_AUTH; 16 MiB packets; utf8; 23 zeros. */
#define MYSQL_SSLREQUEST                                                                                                           \
    "\x20\x00\x00\x01\x00\x8a\x08\x00\x00\x00\x00\x01\x21"                                                                         \
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
#define XMPP_STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"

#define XMPP_SERVER_AUTHORITY ":5269" /* between servers (RFC 6120, 14.7) */

/* A connection request; RDP_NEG_REQ, which takes SSL, HYBRID and HYBRID_EX: all three begin with TLS (MS-RDPBCGR, 2.2.1.1). */
#define RDP_REQUEST                                                                                                                \
    "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00"                                                                                 \
    "\x01\x00\x08\x00\x0b\x00\x00\x00"

typedef struct script_row {
    enum protocol protocol;
    enum expectation expectation;
    said send;
} script_row;

/* In order; what names the host or the authority is made where `send` is NULL. */
static const script_row script_rows[] = {
    {PROTOCOL_SMTP, EXPECT_LINE, SAID("EHLO localhost\r\n")},
    {PROTOCOL_SMTP, EXPECT_LINE, SAID("STARTTLS\r\n")},
    {PROTOCOL_SMTP, EXPECT_LINE, SAID("")},
    {PROTOCOL_LMTP, EXPECT_LINE, SAID("LHLO localhost\r\n")},
    {PROTOCOL_LMTP, EXPECT_LINE, SAID("STARTTLS\r\n")},
    {PROTOCOL_LMTP, EXPECT_LINE, SAID("")},
    {PROTOCOL_NNTP, EXPECT_LINE, SAID("STARTTLS\r\n")},
    {PROTOCOL_NNTP, EXPECT_LINE, SAID("")},
    {PROTOCOL_SIEVE, EXPECT_SIEVE_RESPONSE, SAID("STARTTLS\r\n")},
    {PROTOCOL_SIEVE, EXPECT_SIEVE_RESPONSE, SAID("")},
    {PROTOCOL_IRC, EXPECT_NOTHING, SAID("CAP LS 302\r\nSTARTTLS\r\n")},
    {PROTOCOL_IRC, EXPECT_IRC_REPLY, SAID("")},
    {PROTOCOL_FTP, EXPECT_LINE, SAID("AUTH TLS\r\n")},
    {PROTOCOL_FTP, EXPECT_LINE, SAID("")},
    {PROTOCOL_IMAP, EXPECT_LINE, SAID(IMAP_TAG " STARTTLS\r\n")},
    {PROTOCOL_IMAP, EXPECT_TAGGED_LINE, SAID("")},
    {PROTOCOL_POP3, EXPECT_POP3_LINE, SAID("STLS\r\n")},
    {PROTOCOL_POP3, EXPECT_POP3_LINE, SAID("")},
    {PROTOCOL_LDAP, EXPECT_NOTHING, SAID(LDAP_STARTTLS)},
    {PROTOCOL_LDAP, EXPECT_LDAP_RESPONSE, SAID("")},
    {PROTOCOL_XMPP, EXPECT_NOTHING, {NULL, 0}},
    {PROTOCOL_XMPP, EXPECT_XMPP_FEATURES, SAID(XMPP_STARTTLS)},
    {PROTOCOL_XMPP, EXPECT_XMPP_PROCEED, SAID("")},
    {PROTOCOL_POSTGRESQL, EXPECT_NOTHING, SAID(POSTGRESQL_SSLREQUEST)},
    {PROTOCOL_POSTGRESQL, EXPECT_POSTGRESQL_REPLY, SAID("")},
    {PROTOCOL_MYSQL, EXPECT_MYSQL_GREETING, SAID(MYSQL_SSLREQUEST)},
    {PROTOCOL_RDP, EXPECT_NOTHING, SAID(RDP_REQUEST)},
    {PROTOCOL_RDP, EXPECT_RDP_CONFIRM, SAID("")},
    {PROTOCOL_SOCKS4, EXPECT_NOTHING, {NULL, 0}},
    {PROTOCOL_SOCKS4, EXPECT_SOCKS4_REPLY, SAID("")},
    {PROTOCOL_HTTP_CONNECT, EXPECT_NOTHING, {NULL, 0}},
    {PROTOCOL_HTTP_CONNECT, EXPECT_HTTP_HEADER, SAID("")},
    {PROTOCOL_SOCKS5, EXPECT_NOTHING, SAID("\x05\x01\x00")},
    {PROTOCOL_SOCKS5, EXPECT_SOCKS5_METHOD, {NULL, 0}},
    {PROTOCOL_SOCKS5, EXPECT_SOCKS5_REPLY, SAID("")},
};

/* Up to the first blank or control byte: an authority cannot smuggle a line into what is sent. */
static const char *one_word(arena *a, const char *text)
{
    bytes_view v = bytes_from_text(text);
    size_t len = 0;
    while (len < v.len && bytes_at(v, len) > ' ' && bytes_at(v, len) != 0x7f && bytes_at(v, len) != '\'' && bytes_at(v, len) != '<')
        len++;
    return bytes_to_text(a, bytes_slice(v, 0, len));
}

static bytes_view made(arena *a, enum protocol protocol, const char *authority, const char *host)
{
    if (protocol == PROTOCOL_HTTP_CONNECT)
        return http_connect_request(a, authority, NULL, NULL);
    if (protocol == PROTOCOL_SOCKS4)
        return socks4_request(a, authority, NULL);
    if (protocol == PROTOCOL_SOCKS5)
        return socks5_request(a, authority);
    size_t at = 0;
    return xmpp_stream_header(a, host, text_find(bytes_from_text(authority), 0, XMPP_SERVER_AUTHORITY, &at));
}

preamble_script preamble_script_make(arena *a, enum protocol protocol, const char *authority, const char *host)
{
    size_t num_rows = sizeof script_rows / sizeof *script_rows;
    preamble_script script = {.steps = ARENA_ARRAY(a, num_rows, preamble_step)};
    authority = one_word(a, authority);
    host = one_word(a, host);
    for (size_t i = 0; i < num_rows; i++) {
        const script_row *row = &script_rows[i];
        if (row->protocol != protocol)
            continue;
        bytes_view send = row->send.data == NULL ? made(a, protocol, authority, host) : bytes_from(row->send.data, row->send.len);
        script.steps[script.num_steps++] = (preamble_step){.expectation = row->expectation, .send = send};
    }
    return script;
}

static void add_step(preamble_script *script, enum expectation expectation, bytes_view send)
{
    script->steps[script->num_steps++] = (preamble_step){.expectation = expectation, .send = send};
}

preamble_script preamble_script_with_login(arena *a, enum protocol proxy, const char *authority, const char *user,
                                           const char *password)
{
    preamble_script script = {.steps = ARENA_ARRAY(a, 4, preamble_step)};
    authority = one_word(a, authority);
    if (proxy == PROTOCOL_HTTP_CONNECT) {
        add_step(&script, EXPECT_NOTHING, http_connect_request(a, authority, user, password));
        add_step(&script, EXPECT_HTTP_HEADER, bytes_from(NULL, 0));
    } else if (proxy == PROTOCOL_SOCKS4) {
        add_step(&script, EXPECT_NOTHING, socks4_request(a, authority, user));
        add_step(&script, EXPECT_SOCKS4_REPLY, bytes_from(NULL, 0));
    } else if (proxy == PROTOCOL_SOCKS5) {
        add_step(&script, EXPECT_NOTHING, bytes_from("\x05\x02\x00\x02", 4));
        add_step(&script, EXPECT_SOCKS5_METHOD_OR_PASSWORD, socks5_login(a, user, password));
        add_step(&script, EXPECT_SOCKS5_PASSWORD_REPLY, socks5_request(a, authority));
        add_step(&script, EXPECT_SOCKS5_REPLY, bytes_from(NULL, 0));
    }
    return script;
}

preamble_script preamble_script_of_proxy_header(arena *a, unsigned version)
{
    preamble_script script = {.steps = ARENA_NEW(a, preamble_step)};
    add_step(&script, EXPECT_NOTHING, proxy_header(a, version));
    return script;
}

preamble_script preamble_script_joined(arena *a, preamble_script first, preamble_script second)
{
    preamble_script script = {.steps = ARENA_ARRAY(a, first.num_steps + second.num_steps, preamble_step)};
    for (size_t i = 0; i < first.num_steps; i++)
        script.steps[script.num_steps++] = first.steps[i];
    for (size_t i = 0; i < second.num_steps; i++)
        script.steps[script.num_steps++] = second.steps[i];
    return script;
}

/* A PROXY header has no secret of its client: it is said again as it was. */
static preamble_script exchange_again(arena *a, const tunnel *t)
{
    if (t->protocol != PROTOCOL_PROXY_HEADER)
        return preamble_script_make(a, t->protocol, bytes_to_text(a, t->authority), "");
    preamble_script script = {.steps = ARENA_NEW(a, preamble_step)};
    add_step(&script, EXPECT_NOTHING, bytes_copy(a, t->client_bytes));
    return script;
}

/* As the client itself opened its stream: to the domain that it named, as one server to another where it did so. */
static preamble_script xmpp_again(arena *a, bytes_view client, const char *authority, const char *host)
{
    bytes_view domain = xmpp_domain(client);
    if (xmpp_is_between_servers(client))
        authority = XMPP_SERVER_AUTHORITY;
    return preamble_script_make(a, PROTOCOL_XMPP, authority, domain.len == 0 ? host : bytes_to_text(a, domain));
}

preamble_script preamble_script_again(arena *a, const preamble *p, enum protocol upgrade, const char *host)
{
    preamble_script script = {.num_steps = 0};
    size_t client_len, server_len;
    preamble_tunnel_lens(p, &client_len, &server_len);
    bool leads_on = p->complete || p->protocol != PROTOCOL_PROXY_HEADER;
    tunnel last = {.protocol = leads_on ? p->protocol : PROTOCOL_UNKNOWN,
                   .authority = p->authority,
                   .client_bytes = bytes_slice(p->client_bytes, client_len, p->client_bytes.len)};
    for (size_t i = 0; i < p->num_tunnels; i++)
        script = preamble_script_joined(a, script, exchange_again(a, &p->tunnels[i]));
    if (!protocol_upgrades(p->protocol))
        script = preamble_script_joined(a, script, exchange_again(a, &last));
    else if (upgrade == PROTOCOL_UNKNOWN)
        upgrade = p->protocol;
    const char *authority = bytes_to_text(a, p->authority);
    bool is_xmpp = upgrade == PROTOCOL_XMPP && p->protocol == PROTOCOL_XMPP;
    return preamble_script_joined(
        a, script, is_xmpp ? xmpp_again(a, last.client_bytes, authority, host) : preamble_script_make(a, upgrade, authority, host));
}

/* A line that ends a reply: with a code, where it begins with digits; else whatever is not known for a refusal. */
static enum reply any_line(bytes_view received, size_t *offset)
{
    int first = bytes_at(received, 0);
    bytes_view line;
    if (first >= '0' && first <= '9')
        return numeric_reply(received, offset);
    if (!text_line(received, offset, &line))
        return REPLY_NOT_YET;
    bool is_no = bytes_start_with_ignoring_case(line, "* BYE") || bytes_start_with(line, "-");
    return is_no ? REPLY_NO : REPLY_YES;
}

/* Some servers pass over STARTTLS without a word where they do not know it; their list of what they can do tells. */
static enum reply irc_reply_or_list(bytes_view received, size_t *offset)
{
    enum reply reply = irc_reply(received, offset);
    return reply == REPLY_NOT_YET && irc_lacks_tls(received, offset) ? REPLY_NO : reply;
}

static enum reply reply_once(enum expectation expectation, bytes_view received, size_t *offset)
{
    int code = 0;
    switch (expectation) {
    case EXPECT_LINE:
        return any_line(received, offset);
    case EXPECT_HTTP_HEADER:
        return http_reply(received, offset, &code);
    case EXPECT_TAGGED_LINE:
        return imap_reply(received, bytes_from_text(IMAP_TAG), offset);
    case EXPECT_POP3_LINE:
        return pop3_reply(received, offset);
    case EXPECT_SIEVE_RESPONSE:
        return sieve_reply(received, offset);
    case EXPECT_IRC_REPLY:
        return irc_reply_or_list(received, offset);
    case EXPECT_XMPP_FEATURES:
        return xmpp_features(received, offset);
    case EXPECT_XMPP_PROCEED:
        return xmpp_reply(received, offset);
    case EXPECT_LDAP_RESPONSE:
        return ldap_reply(received, 1, offset);
    case EXPECT_MYSQL_GREETING:
        return mysql_greeting_with_tls(received, offset);
    case EXPECT_RDP_CONFIRM:
        return rdp_confirm(received, offset);
    case EXPECT_SOCKS4_REPLY:
        return socks4_reply(received, offset, &code);
    case EXPECT_SOCKS5_METHOD_OR_PASSWORD:
        return socks5_method_or_password_reply(received, offset);
    case EXPECT_SOCKS5_PASSWORD_REPLY:
        return socks5_password_reply(received, offset);
    case EXPECT_SOCKS5_METHOD:
        return socks5_method_reply(received, offset);
    case EXPECT_SOCKS5_REPLY:
        return socks5_reply(received, offset, &code);
    case EXPECT_POSTGRESQL_REPLY:
        return postgresql_reply(received, offset);
    case EXPECT_NOTHING:
    case EXPECTATION_COUNT:
        break;
    }
    return REPLY_YES;
}

enum preamble_answer preamble_step_answered(enum expectation expectation, bytes_view received, size_t *answer_len)
{
    size_t offset = 0;
    enum reply reply = REPLY_PRELIMINARY;
    while (reply == REPLY_PRELIMINARY)
        reply = reply_once(expectation, received, &offset);
    *answer_len = offset;
    if (reply == REPLY_NOT_YET)
        return received.len > PREAMBLE_LEN_MAX ? PREAMBLE_NO : PREAMBLE_WAIT;
    return reply == REPLY_YES ? PREAMBLE_YES : reply == REPLY_YES_AT_ONCE ? PREAMBLE_SKIP : PREAMBLE_NO;
}

enum preamble_answer preamble_script_next(const preamble_script *script, size_t *index, bytes_view received, size_t *taken,
                                          bytes_view *send)
{
    const preamble_step *step = &script->steps[*index];
    size_t len = 0;
    enum preamble_answer answered = PREAMBLE_YES;
    if (step->expectation != EXPECT_NOTHING)
        answered = preamble_step_answered(step->expectation, received, &len);
    if (answered == PREAMBLE_WAIT || answered == PREAMBLE_NO)
        return answered;
    if (answered == PREAMBLE_SKIP && *index + 1 < script->num_steps)
        step = &script->steps[++*index];
    ++*index;
    *taken = len;
    *send = step->send;
    return PREAMBLE_YES;
}
