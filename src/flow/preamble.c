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
    [PROTOCOL_HTTP2] = {"http2", false},
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

typedef struct preamble_row {
    enum protocol protocol; /* UNKNOWN: the reader tells */
    preamble_match *match;
    preamble_reader *read;
} preamble_row;

static const preamble_row preamble_rows[] = {
    {PROTOCOL_HTTP_CONNECT, http_connect_match, http_connect_read},
    {PROTOCOL_SOCKS5, socks5_match, socks5_read},
    {PROTOCOL_POSTGRESQL, postgresql_match, postgresql_read},
    {PROTOCOL_LDAP, ldap_match, ldap_read},
    {PROTOCOL_XMPP, xmpp_match, xmpp_read},
    {PROTOCOL_MYSQL, mysql_match, mysql_read},
    {PROTOCOL_UNKNOWN, line_protocol_match, line_protocol_read},
};

/* A TLS record's first byte: no preamble begins so. */
static bool is_content_type(int byte)
{
    return byte >= 20 && byte <= 24;
}

bool preamble_read(arena *a, bytes_view client_bytes, bytes_view server_bytes, uint16_t port, preamble *out)
{
    dialog d = {.arena = a, .client = client_bytes, .server = server_bytes, .port = port};
    bool perhaps = false;
    *out = (preamble){.client_bytes = client_bytes, .server_bytes = server_bytes};
    if (is_content_type(bytes_at(client_bytes, 0)) || is_content_type(bytes_at(server_bytes, 0)))
        return false;
    if (bytes_at(client_bytes, 0) >= 0x80) /* nor so; it may be an SSLv2 hello */
        return false;
    if (client_bytes.len > PREAMBLE_LEN_MAX || server_bytes.len > PREAMBLE_LEN_MAX)
        return false;
    for (size_t i = 0; i < sizeof preamble_rows / sizeof *preamble_rows; i++) {
        enum match match = preamble_rows[i].match(&d);
        perhaps = perhaps || match == MATCH_PERHAPS;
        if (match != MATCH_YES)
            continue;
        out->protocol = preamble_rows[i].protocol;
        return preamble_rows[i].read(&d, out);
    }
    return perhaps;
}
