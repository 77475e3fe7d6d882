#include "flow/preamble.h"

#include "flow/preamble_kinds.h"

#include <strings.h>

typedef struct protocol_row {
    const char *name;
    bool upgrades;
} protocol_row;

static const protocol_row protocol_rows[PROTOCOL_COUNT] = {
    [PROTOCOL_UNKNOWN] = {"unknown", false}, [PROTOCOL_TLS] = {"tls", false},
    [PROTOCOL_HTTP] = {"http", false},       [PROTOCOL_HTTP_CONNECT] = {"http-connect", false},
    [PROTOCOL_SOCKS5] = {"socks5", false},   [PROTOCOL_SMTP] = {"smtp", true},
    [PROTOCOL_IMAP] = {"imap", true},        [PROTOCOL_POP3] = {"pop3", true},
    [PROTOCOL_FTP] = {"ftp", true},          [PROTOCOL_LDAP] = {"ldap", true},
    [PROTOCOL_XMPP] = {"xmpp", true},        [PROTOCOL_POSTGRESQL] = {"postgresql", true},
    [PROTOCOL_MYSQL] = {"mysql", true},      [PROTOCOL_SSH] = {"ssh", false},
    [PROTOCOL_HTTP2] = {"http2", false},     [PROTOCOL_LMTP] = {"lmtp", true},
    [PROTOCOL_SIEVE] = {"sieve", true},      [PROTOCOL_NNTP] = {"nntp", true},
    [PROTOCOL_IRC] = {"irc", true},          [PROTOCOL_RDP] = {"rdp", true},
    [PROTOCOL_SOCKS4] = {"socks4", false},   [PROTOCOL_PROXY_HEADER] = {"proxy-header", false},
};

const char *protocol_name(enum protocol p)
{
    return protocol_rows[(unsigned)p < PROTOCOL_COUNT ? p : PROTOCOL_UNKNOWN].name;
}

enum protocol protocol_from_name(const char *name)
{
    for (unsigned p = PROTOCOL_UNKNOWN + 1; p < PROTOCOL_COUNT; p++)
        if (strcasecmp(protocol_rows[p].name, name) == 0)
            return (enum protocol)p;
    return strcasecmp(name, "postgres") == 0 ? PROTOCOL_POSTGRESQL : PROTOCOL_UNKNOWN;
}

bool protocol_upgrades(enum protocol p)
{
    return (unsigned)p < PROTOCOL_COUNT && protocol_rows[p].upgrades;
}

bool protocol_is_proxy(enum protocol p)
{
    return p == PROTOCOL_HTTP_CONNECT || p == PROTOCOL_SOCKS4 || p == PROTOCOL_SOCKS5;
}

bool preamble_has_proxy(const preamble *p)
{
    for (size_t i = 0; i < p->num_tunnels; i++)
        if (protocol_is_proxy(p->tunnels[i].protocol))
            return true;
    return protocol_is_proxy(p->protocol);
}

bool preamble_was_in_vain(const preamble *p)
{
    return !p->complete && (p->asked || p->not_offered);
}

/* What the server said in the last exchange, without what proxies said before. */
static bytes_view last_said(const preamble *p, bytes_view server_first_bytes)
{
    size_t client_len = 0, server_len = 0;
    preamble_tunnel_lens(p, &client_len, &server_len);
    bytes_view said = bytes_slice(p->server_bytes, server_len, p->server_bytes.len);
    return p->complete || said.len == 0 ? server_first_bytes : said;
}

bool preamble_proxy_refused(const preamble *p)
{
    return !p->complete && protocol_is_proxy(p->protocol) && p->status != 0;
}

bytes_view preamble_refusing_line(const preamble *p, bytes_view server_first_bytes)
{
    if (p->refusal.len > 0)
        return p->refusal;
    bytes_view said = last_said(p, server_first_bytes), line = bytes_until(bytes_until(said, '\n'), '\r');
    bytes_view condition = p->protocol == PROTOCOL_XMPP && !p->complete ? xmpp_stream_error(said) : bytes_from(NULL, 0);
    if (condition.len > 0)
        return condition;
    for (size_t i = 0; i < line.len; i++)
        if (bytes_at(line, i) < ' ' && bytes_at(line, i) != '\t')
            return bytes_from(NULL, 0);
    return line;
}

bool preamble_lacks_upgrade(const preamble *p, bytes_view server_first_bytes)
{
    size_t offset = 0;
    bytes_view said = last_said(p, server_first_bytes);
    switch (p->complete ? PROTOCOL_UNKNOWN : p->protocol) {
    case PROTOCOL_MYSQL:
        return mysql_greeting(said, &offset) == REPLY_YES && !mysql_offers_tls(said);
    case PROTOCOL_IRC:
        return !p->refused && irc_lacks_tls(said, &offset);
    case PROTOCOL_XMPP:
        return xmpp_lacks_tls(said);
    case PROTOCOL_POSTGRESQL:
        return bytes_at(said, 0) == 'N';
    case PROTOCOL_LDAP:
        return ldap_lacks_tls(said, 1);
    case PROTOCOL_UNKNOWN: /* RDP that goes on in clear is no preamble, also behind a proxy or a header */
    case PROTOCOL_RDP:
        return rdp_lacks_tls(said);
    default:
        return false;
    }
}

void preamble_tunnel_lens(const preamble *p, size_t *client_len, size_t *server_len)
{
    *client_len = *server_len = 0;
    for (size_t i = 0; i < p->num_tunnels; i++) {
        *client_len += p->tunnels[i].client_bytes.len;
        *server_len += p->tunnels[i].server_bytes.len;
    }
}

typedef struct preamble_row {
    enum protocol protocol; /* UNKNOWN: the reader tells */
    preamble_match *match;
    preamble_reader *read;
} preamble_row;

static const preamble_row preamble_rows[] = {
    {PROTOCOL_HTTP_CONNECT, http_connect_match, http_connect_read},
    {PROTOCOL_SOCKS5, socks5_match, socks5_read},
    {PROTOCOL_SOCKS4, socks4_match, socks4_read},
    {PROTOCOL_PROXY_HEADER, proxy_header_match, proxy_header_read},
    {PROTOCOL_POSTGRESQL, postgresql_match, postgresql_read},
    {PROTOCOL_LDAP, ldap_match, ldap_read},
    {PROTOCOL_XMPP, xmpp_match, xmpp_read},
    {PROTOCOL_MYSQL, mysql_match, mysql_read},
    {PROTOCOL_RDP, rdp_match, rdp_read},
    {PROTOCOL_UNKNOWN, line_protocol_match, line_protocol_read},
};

/* A TLS record's first byte: no preamble begins so. */
static bool is_content_type(int byte)
{
    return byte >= 20 && byte <= 24;
}

/* One exchange, from the first byte of the dialog on. */
static bool exchange_read(const dialog *d, preamble *out)
{
    bool perhaps = false;
    *out = (preamble){.client_bytes = d->client, .server_bytes = d->server};
    if (is_content_type(bytes_at(d->client, 0)))
        return false;
    if (bytes_at(d->client, 0) >= 0x80) /* nor so; it may be an SSLv2 hello */
        return false;
    bool server_speaks_tls = is_content_type(bytes_at(d->server, 0));
    for (size_t i = 0; i < sizeof preamble_rows / sizeof *preamble_rows; i++) {
        /* A proxy that wants TLS itself answers so. */
        if (server_speaks_tls && !protocol_is_proxy(preamble_rows[i].protocol))
            continue;
        enum match match = preamble_rows[i].match(d);
        perhaps = perhaps || match == MATCH_PERHAPS;
        if (match != MATCH_YES)
            continue;
        out->protocol = preamble_rows[i].protocol;
        out->asked = protocol_is_proxy(out->protocol);
        return preamble_rows[i].read(d, out);
    }
    return perhaps;
}

/* The port that the next exchange is with: the one that a proxy was asked for, else the same as before. */
static uint16_t next_port(arena *a, const preamble *p, uint16_t port)
{
    char *host;
    if (protocol_is_proxy(p->protocol))
        authority_split(a, bytes_to_text(a, p->authority), &host, &port);
    return port;
}

/* The exchange that `out` ends with has made the way for `next`, which becomes its last. */
static void go_through(preamble *out, const preamble *next, bytes_view client, bytes_view server)
{
    size_t client_len = 0, server_len = 0;
    preamble_tunnel_lens(out, &client_len, &server_len);
    out->tunnels[out->num_tunnels++] = (tunnel){.protocol = out->protocol,
                                                .authority = out->authority,
                                                .client_bytes = bytes_slice(out->client_bytes, client_len, client.len),
                                                .server_bytes = bytes_slice(out->server_bytes, server_len, server.len)};
    client_len = out->client_bytes.len;
    server_len = out->server_bytes.len;
    out->protocol = next->protocol;
    if (next->authority.len > 0)
        out->authority = next->authority;
    if (protocol_is_proxy(next->protocol))
        out->status = next->status;
    out->complete = next->complete;
    out->asked = next->asked;
    out->refused = next->refused;
    out->not_offered = next->not_offered;
    out->refusal = next->refusal;
    out->client_bytes = bytes_slice(client, 0, client_len + next->client_bytes.len);
    out->server_bytes = bytes_slice(server, 0, server_len + next->server_bytes.len);
}

bool preamble_read(arena *a, bytes_view client_bytes, bytes_view server_bytes, uint16_t port, preamble *out)
{
    dialog d = {.arena = a, .client = client_bytes, .server = server_bytes, .port = port};
    *out = (preamble){.client_bytes = client_bytes, .server_bytes = server_bytes};
    if (client_bytes.len > PREAMBLE_LEN_MAX || server_bytes.len > PREAMBLE_LEN_MAX || !exchange_read(&d, out))
        return false;
    while (out->complete && !protocol_upgrades(out->protocol) && out->num_tunnels < PREAMBLE_TUNNELS_MAX) {
        preamble next;
        d.port = next_port(a, out, d.port);
        d.client = bytes_slice(client_bytes, out->client_bytes.len, client_bytes.len);
        d.server = bytes_slice(server_bytes, out->server_bytes.len, server_bytes.len);
        if (!exchange_read(&d, &next))
            return true; /* TLS, or something else that is none */
        out->may_go_on = next.protocol == PROTOCOL_UNKNOWN;
        if (out->may_go_on)
            return true;
        go_through(out, &next, client_bytes, server_bytes);
    }
    return true;
}
