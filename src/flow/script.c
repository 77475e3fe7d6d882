/* How a preamble is said again, by the protocol and the authority alone: what a client authenticated with is not in it. */
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
    {PROTOCOL_FTP, EXPECT_LINE, SAID("AUTH TLS\r\n")},
    {PROTOCOL_FTP, EXPECT_LINE, SAID("")},
    {PROTOCOL_IMAP, EXPECT_LINE, SAID(IMAP_TAG " STARTTLS\r\n")},
    {PROTOCOL_IMAP, EXPECT_TAGGED_LINE, SAID("")},
    {PROTOCOL_POP3, EXPECT_POP3_LINE, SAID("STLS\r\n")},
    {PROTOCOL_POP3, EXPECT_POP3_LINE, SAID("")},
    {PROTOCOL_LDAP, EXPECT_NOTHING, SAID(LDAP_STARTTLS)},
    {PROTOCOL_LDAP, EXPECT_LDAP_RESPONSE, SAID("")},
    {PROTOCOL_XMPP, EXPECT_NOTHING, {NULL, 0}},
    {PROTOCOL_XMPP, EXPECT_BYTES, SAID(XMPP_STARTTLS)},
    {PROTOCOL_XMPP, EXPECT_XMPP_PROCEED, SAID("")},
    {PROTOCOL_POSTGRESQL, EXPECT_NOTHING, SAID(POSTGRESQL_SSLREQUEST)},
    {PROTOCOL_POSTGRESQL, EXPECT_POSTGRESQL_REPLY, SAID("")},
    {PROTOCOL_MYSQL, EXPECT_MYSQL_GREETING, SAID(MYSQL_SSLREQUEST)},
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
        return http_connect_request(a, authority);
    if (protocol == PROTOCOL_SOCKS5)
        return socks5_request(a, authority);
    size_t at = 0; /* 5269: between servers (RFC 6120, 14.7) */
    return xmpp_stream_header(a, host, text_find(bytes_from_text(authority), 0, ":5269", &at));
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

static enum reply any_bytes(bytes_view received, size_t *offset)
{
    *offset = received.len;
    return received.len == 0 ? REPLY_NOT_YET : REPLY_YES;
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
    case EXPECT_BYTES:
        return any_bytes(received, offset);
    case EXPECT_XMPP_PROCEED:
        return xmpp_reply(received, offset);
    case EXPECT_LDAP_RESPONSE:
        return ldap_reply(received, 1, offset);
    case EXPECT_MYSQL_GREETING:
        return mysql_greeting(received, offset);
    case EXPECT_SOCKS5_METHOD:
        return socks5_method_reply(received, offset);
    case EXPECT_SOCKS5_REPLY:
        return socks5_reply(received, offset, &code);
    case EXPECT_POSTGRESQL_REPLY:
        return postgresql_reply(received, offset);
    case EXPECT_NOTHING:
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
    return reply == REPLY_YES ? PREAMBLE_YES : PREAMBLE_NO;
}
