/* Which protocol the first bytes in clear are. Tables; the first row that fits counts. */
#include "flow/preamble.h"

#include "flow/preamble_kinds.h"
#include "wire/record.h"

typedef struct text_row {
    const char *prefix;
    enum protocol protocol;
    const char *source;
} text_row;

static const text_row greeting_rows[] = {
    {"SSH-", PROTOCOL_SSH, "RFC 4253, 4.2"},
    {"HTTP/", PROTOCOL_HTTP, "RFC 9112, 4"},
    {"<!DOCTYPE", PROTOCOL_HTTP, "an answer of HTTP/0.9, to what is no request"},
    {"<html", PROTOCOL_HTTP, "the same"},
    {"<?xml", PROTOCOL_XMPP, "RFC 6120, 4.2"},
    {"<stream:", PROTOCOL_XMPP, "RFC 6120, 4.2"},
    {"* OK", PROTOCOL_IMAP, "RFC 9051, 7.1"},
    {"* PREAUTH", PROTOCOL_IMAP, "RFC 9051, 7.1"},
    {"* BYE", PROTOCOL_IMAP, "RFC 9051, 7.1"},
    {"* BAD", PROTOCOL_IMAP, "RFC 9051, 7.1"},
    {"+OK", PROTOCOL_POP3, "RFC 1939, 3"},
    {"\"IMPLEMENTATION\"", PROTOCOL_SIEVE, "RFC 5804, 1.7"},
    {"\"SIEVE\"", PROTOCOL_SIEVE, "RFC 5804, 1.7"},
    {"\"SASL\"", PROTOCOL_SIEVE, "RFC 5804, 1.7"},
    {"\"STARTTLS\"", PROTOCOL_SIEVE, "RFC 5804, 1.7"},
    {"NOTICE AUTH ", PROTOCOL_IRC, "what servers greet with"},
    {"NOTICE * ", PROTOCOL_IRC, "the same"},
    {"ERROR :", PROTOCOL_IRC, "RFC 2812, 3.7.4"},
    {"PING :", PROTOCOL_IRC, "RFC 2812, 3.7.2"},
};

static const text_row request_rows[] = {
    {"CONNECT ", PROTOCOL_HTTP_CONNECT, "RFC 9110, 9.3.6"},
    {"GET ", PROTOCOL_HTTP, "RFC 9110, 9"},
    {"HEAD ", PROTOCOL_HTTP, "RFC 9110, 9"},
    {"POST ", PROTOCOL_HTTP, "RFC 9110, 9"},
    {"PUT ", PROTOCOL_HTTP, "RFC 9110, 9"},
    {"DELETE ", PROTOCOL_HTTP, "RFC 9110, 9"},
    {"OPTIONS ", PROTOCOL_HTTP, "RFC 9110, 9"},
    {"TRACE ", PROTOCOL_HTTP, "RFC 9110, 9"},
    {"PATCH ", PROTOCOL_HTTP, "RFC 5789"},
    {"PROPFIND ", PROTOCOL_HTTP, "RFC 4918, 9"},
    {"PRI * HTTP/2", PROTOCOL_HTTP2, "RFC 9113, 3.4"},
    {"SSH-", PROTOCOL_SSH, "RFC 4253, 4.2"},
    {"<?xml", PROTOCOL_XMPP, "RFC 6120, 4.2"},
    {"<stream:", PROTOCOL_XMPP, "RFC 6120, 4.2"},
    {"EHLO", PROTOCOL_SMTP, "RFC 5321, 4.1.1.1"},
    {"HELO", PROTOCOL_SMTP, "RFC 5321, 4.1.1.1"},
    {"LHLO", PROTOCOL_LMTP, "RFC 2033, 4.1"},
    {"CAP LS", PROTOCOL_IRC, "IRCv3, capability negotiation"},
    {"CAP REQ", PROTOCOL_IRC, "IRCv3, capability negotiation"},
    {"NICK ", PROTOCOL_IRC, "RFC 2812, 3.1.2"},
    {"MODE READER", PROTOCOL_NNTP, "RFC 3977, 5.3"},
    {"PROXY TCP", PROTOCOL_PROXY_HEADER, "HAProxy, the PROXY protocol, 2.1"},
    {"PROXY UNKNOWN", PROTOCOL_PROXY_HEADER, "HAProxy, the PROXY protocol, 2.1"},
    {"STARTTLS\r", PROTOCOL_SMTP, "RFC 3207, 4"},
    {"STARTTLS\n", PROTOCOL_SMTP, "RFC 3207, 4"},
    {"AUTH TLS", PROTOCOL_FTP, "RFC 4217, 4"},
    {"AUTH SSL", PROTOCOL_FTP, "draft-murray-auth-ftp-ssl"},
    {"FEAT\r", PROTOCOL_FTP, "RFC 2389, 3"},
    {"STLS", PROTOCOL_POP3, "RFC 2595, 4"},
    {"CAPA\r", PROTOCOL_POP3, "RFC 2449, 5"},
};

static const char *const imap_commands[] = {" CAPABILITY", " STARTTLS", " LOGIN ", " AUTHENTICATE ", " ID ", " LOGOUT"};

static enum protocol row_find(const text_row *rows, size_t num_rows, bytes_view v)
{
    for (size_t i = 0; i < num_rows; i++)
        if (bytes_start_with_ignoring_case(v, rows[i].prefix))
            return rows[i].protocol;
    return PROTOCOL_UNKNOWN;
}

static bool is_tls(bytes_view v)
{
    return v.len >= 3 && record_looks_possible(v);
}

/* A reply code: SMTP and FTP greet, and complain, alike. The words tell; where they tell nothing, or both, the port does. */
static enum protocol of_reply_code(bytes_view v, uint16_t port)
{
    int code = v.len >= 4 ? text_number(bytes_slice(v, 0, 3)) : -1;
    int after = bytes_at(v, 3);
    if (code < 100 || code > 599 || (after != ' ' && after != '-' && after != '\r' && after != '\n'))
        return PROTOCOL_UNKNOWN;
    bool names_smtp = bytes_contain_ignoring_case(v, "smtp");
    bool names_ftp = bytes_contain_ignoring_case(v, "ftp") || bytes_contain_ignoring_case(v, "filezilla");
    if (code == 200 || code == 201 || port == 119 || port == 433) /* RFC 3977, 5.1.1; the others greet with 220 */
        return PROTOCOL_NNTP;
    if (names_smtp != names_ftp)
        return names_ftp ? PROTOCOL_FTP : bytes_contain_ignoring_case(v, "lmtp") ? PROTOCOL_LMTP : PROTOCOL_SMTP;
    if (bytes_contain_ignoring_case(v, "lmtp"))
        return PROTOCOL_LMTP;
    return port == 21 || port == 990 || port == 2121 ? PROTOCOL_FTP : PROTOCOL_SMTP;
}

/* A frame of type SETTINGS on stream 0 (RFC 9113, 6.5), which a server may send before it is asked anything. */
static bool is_http2_settings(bytes_view v)
{
    reader r = reader_from(v);
    uint32_t len = 0, stream = 0;
    uint8_t type = 0, flags = 0;
    return read_u24(&r, "length", &len) && read_u8(&r, "type", &type) && read_u8(&r, "flags", &flags) &&
           read_u32(&r, "stream", &stream) && len % 6 == 0 && len < 1024 && type == 4 && stream == 0;
}

/* A packet with the server's version as text (protocol 10), or an error packet (0xff, then a number above 1000). */
static bool is_mysql(bytes_view v)
{
    reader r = reader_from(v);
    uint8_t low = 0, middle = 0, high = 0, sequence = 0, kind = 0, first = 0, second = 0;
    if (!read_u8(&r, "length", &low) || !read_u8(&r, "length", &middle) || !read_u8(&r, "length", &high) ||
        !read_u8(&r, "sequence", &sequence) || !read_u8(&r, "kind", &kind) || !read_u8(&r, "text", &first) || high != 0)
        return false;
    if (kind == 10)
        return sequence == 0 && first >= '0' && first <= '9';
    return kind == 0xff && sequence <= 2 && read_u8(&r, "error code", &second) && second >= 3 && second < 20 && (low | middle) != 0;
}

/* An ErrorResponse: fields, the first of which is the severity; or the text of protocol 2. */
static bool is_postgresql(bytes_view v)
{
    reader r = reader_from(v);
    uint8_t kind = 0, field = 0;
    uint32_t len = 0;
    if (bytes_start_with(v, "EFATAL") || bytes_start_with(v, "EERROR"))
        return true;
    return read_u8(&r, "kind", &kind) && read_u32(&r, "length", &len) && read_u8(&r, "field", &field) && kind == 'E' &&
           len < 30000 && (field == 'S' || field == 'V');
}

/* A SEQUENCE that begins with a message id. */
static bool is_ldap(bytes_view v)
{
    size_t id_offset = (bytes_at(v, 1) & 0x80) == 0 ? 2 : 2 + (size_t)(bytes_at(v, 1) & 7);
    return bytes_at(v, 0) == 0x30 && v.len > 1 && bytes_at(v, id_offset) == 2 && bytes_at(v, id_offset + 1) <= 4;
}

/* ":server NOTICE ...", ":server 451 ...": a prefix, then a command that a server says unasked. */
static bool is_irc(bytes_view v)
{
    static const char *const commands[] = {"NOTICE ", "CAP ", "ERROR ", "PING "};
    size_t prefix_len = bytes_until(v, ' ').len;
    bytes_view rest = bytes_slice(v, prefix_len + 1, v.len);
    if (bytes_at(v, 0) != ':' || prefix_len < 2 || prefix_len == v.len)
        return false;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (bytes_start_with_ignoring_case(rest, commands[i]))
            return true;
    return bytes_at(rest, 3) == ' ' && text_number(bytes_slice(rest, 0, 3)) >= 1 && bytes_at(rest, 2) >= '0';
}

/* A TPKT packet with an X.224 confirm (RFC 1006, MS-RDPBCGR 2.2.1.2), or what a request is. */
static bool is_rdp(bytes_view v, int code)
{
    return bytes_at(v, 0) == 3 && bytes_at(v, 1) == 0 && bytes_at(v, 2) <= 3 && bytes_at(v, 5) == code;
}

enum protocol protocol_of_greeting(bytes_view server_bytes, uint16_t port)
{
    bytes_view v = server_bytes;
    enum protocol p = row_find(greeting_rows, sizeof greeting_rows / sizeof *greeting_rows, v);
    if (p != PROTOCOL_UNKNOWN)
        return p;
    if (is_tls(v))
        return PROTOCOL_TLS;
    if (bytes_start_with(v, "-ERR")) /* Redis says that too, on any port */
        return port == 110 || port == 995 ? PROTOCOL_POP3 : PROTOCOL_UNKNOWN;
    if (is_http2_settings(v))
        return PROTOCOL_HTTP2;
    if (is_mysql(v))
        return PROTOCOL_MYSQL;
    if (is_postgresql(v))
        return PROTOCOL_POSTGRESQL;
    if (is_ldap(v))
        return PROTOCOL_LDAP;
    if (v.len == 2 && bytes_at(v, 0) == 5)
        return PROTOCOL_SOCKS5;
    if (is_irc(v))
        return PROTOCOL_IRC;
    if (is_rdp(v, 0xd0))
        return PROTOCOL_RDP;
    return of_reply_code(v, port);
}

/* StartupMessage, SSLRequest, GSSENCRequest or CancelRequest: a length, then a code. */
static bool is_postgresql_request(bytes_view v)
{
    reader r = reader_from(v);
    uint32_t len = 0, code = 0;
    return read_u32(&r, "length", &len) && read_u32(&r, "code", &code) && len >= 8 && len < 10000 &&
           (code == 0x00030000 || code == 0x00030002 || code >> 8 == 80877103 >> 8);
}

static bool is_imap_request(bytes_view v)
{
    bytes_view tag = bytes_until(v, ' ');
    if (tag.len == 0 || tag.len > 16 || tag.len == v.len)
        return false;
    for (size_t i = 0; i < sizeof imap_commands / sizeof *imap_commands; i++)
        if (bytes_start_with_ignoring_case(bytes_slice(v, tag.len, v.len), imap_commands[i]))
            return true;
    return false;
}

static bool is_sslv2_hello(bytes_view v)
{
    return v.len >= 5 && (bytes_at(v, 0) & 0x80) != 0 && bytes_at(v, 2) == 1 && (bytes_at(v, 3) == 0 || bytes_at(v, 3) == 3);
}

enum protocol protocol_of_request(bytes_view client_bytes)
{
    bytes_view v = client_bytes;
    enum protocol p = row_find(request_rows, sizeof request_rows / sizeof *request_rows, v);
    if (p != PROTOCOL_UNKNOWN)
        return p;
    if (is_tls(v) || is_sslv2_hello(v))
        return PROTOCOL_TLS;
    if (is_postgresql_request(v))
        return PROTOCOL_POSTGRESQL;
    if (bytes_at(v, 0) == 5 && bytes_at(v, 1) > 0)
        return PROTOCOL_SOCKS5;
    if (bytes_at(v, 0) == 4 && bytes_at(v, 1) == 1 && v.len >= 9)
        return PROTOCOL_SOCKS4;
    if (is_rdp(v, 0xe0))
        return PROTOCOL_RDP;
    if (is_ldap(v))
        return PROTOCOL_LDAP;
    return is_imap_request(v) ? PROTOCOL_IMAP : PROTOCOL_UNKNOWN;
}
