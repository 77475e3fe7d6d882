/* What a proxy means by its no. */
#include "flow/preamble.h"

enum { SOCKS5_VERSION = 5, METHOD_NONE = 0, METHOD_PASSWORD = 2, METHOD_NONE_FITS = 0xff };

typedef struct reply_row {
    enum protocol protocol;
    int status;
    const char *words;
} reply_row;

static const reply_row reply_rows[] = {
    /* RFC 9110, 15.5 and 15.6 */
    {PROTOCOL_HTTP_CONNECT, 400, "it does not understand what it was asked: it is no proxy, or wants TLS itself first"},
    {PROTOCOL_HTTP_CONNECT, 403, "it forbids this host or port"},
    {PROTOCOL_HTTP_CONNECT, 405, "it does not do CONNECT"},
    {PROTOCOL_HTTP_CONNECT, 407, "it wants the client to log in"},
    {PROTOCOL_HTTP_CONNECT, 501, "it does not do CONNECT"},
    {PROTOCOL_HTTP_CONNECT, 502, "it could not reach the server itself"},
    {PROTOCOL_HTTP_CONNECT, 503, "it could not reach the server itself"},
    {PROTOCOL_HTTP_CONNECT, 504, "it could not reach the server itself"},
    /* RFC 1928, 6 */
    {PROTOCOL_SOCKS5, 1, "it failed itself"},
    {PROTOCOL_SOCKS5, 2, "it forbids this host or port"},
    {PROTOCOL_SOCKS5, 3, "the server's network is unreachable from there"},
    {PROTOCOL_SOCKS5, 4, "the server is unreachable from there"},
    {PROTOCOL_SOCKS5, 5, "the server refused the connection"},
    {PROTOCOL_SOCKS5, 6, "the server is too far away (TTL expired)"},
    {PROTOCOL_SOCKS5, 7, "it does not do what was asked"},
    {PROTOCOL_SOCKS5, 8, "it does not do this kind of address"},
};

/* Its greeting names one way to log in, which is none. */
static bool offers_no_login(bytes_view client)
{
    return bytes_at(client, 1) == 1 && bytes_at(client, 2) == METHOD_NONE;
}

/* RFC 1928, 3: the proxy takes none of the client's ways to log in; RFC 1929, 2: it does not take this name and password. */
static const char *words_of_login(const preamble *p)
{
    size_t client_len = 0, server_len = 0;
    preamble_tunnel_lens(p, &client_len, &server_len);
    bytes_view said = bytes_slice(p->server_bytes, server_len, p->server_bytes.len);
    bytes_view asked = bytes_slice(p->client_bytes, client_len, p->client_bytes.len);
    if (p->protocol != PROTOCOL_SOCKS5 || bytes_at(said, 0) != SOCKS5_VERSION || !p->refused)
        return NULL;
    if (bytes_at(said, 1) == METHOD_NONE_FITS && offers_no_login(asked))
        return "it wants the client to log in";
    bool is_of_login = bytes_at(said, 1) == METHOD_NONE_FITS || bytes_at(said, 1) == METHOD_PASSWORD;
    return is_of_login ? "it does not take the client's login" : NULL;
}

const char *preamble_proxy_words(const preamble *p)
{
    if (p->complete || !protocol_is_proxy(p->protocol))
        return NULL;
    if (p->status == 0)
        return words_of_login(p);
    for (size_t i = 0; i < sizeof reply_rows / sizeof *reply_rows; i++)
        if (reply_rows[i].protocol == p->protocol && reply_rows[i].status == p->status)
            return reply_rows[i].words;
    return NULL;
}
