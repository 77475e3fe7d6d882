/* proxy-refused: a proxy on the way said no to CONNECT or to a SOCKS request, or said nothing that leads on. */
#include "causes/cause.h"

typedef struct reply_row {
    enum protocol protocol;
    int status;
    const char *words;
} reply_row;

enum { BAD_REQUEST = 400 };

static const reply_row reply_rows[] = {
    /* RFC 9110, 15.5 and 15.6 */
    {PROTOCOL_HTTP_CONNECT, BAD_REQUEST, "It does not understand what it was asked: it is no proxy, or wants TLS itself first."},
    {PROTOCOL_HTTP_CONNECT, 403, "It forbids this host or port."},
    {PROTOCOL_HTTP_CONNECT, 405, "It does not do CONNECT."},
    {PROTOCOL_HTTP_CONNECT, 407, "It wants the client to log in."},
    {PROTOCOL_HTTP_CONNECT, 501, "It does not do CONNECT."},
    {PROTOCOL_HTTP_CONNECT, 502, "It could not reach the server itself."},
    {PROTOCOL_HTTP_CONNECT, 503, "It could not reach the server itself."},
    {PROTOCOL_HTTP_CONNECT, 504, "It could not reach the server itself."},
    /* RFC 1928, 6 */
    {PROTOCOL_SOCKS5, 1, "It failed itself."},
    {PROTOCOL_SOCKS5, 2, "It forbids this host or port."},
    {PROTOCOL_SOCKS5, 3, "The server's network is unreachable from there."},
    {PROTOCOL_SOCKS5, 4, "The server is unreachable from there."},
    {PROTOCOL_SOCKS5, 5, "The server refused the connection."},
    {PROTOCOL_SOCKS5, 6, "The server is too far away (TTL expired)."},
    {PROTOCOL_SOCKS5, 7, "It does not do what was asked."},
    {PROTOCOL_SOCKS5, 8, "It does not do this kind of address."},
};

static const char *words_of_reply(const preamble *p)
{
    for (size_t i = 0; i < sizeof reply_rows / sizeof *reply_rows; i++)
        if (reply_rows[i].protocol == p->protocol && reply_rows[i].status == p->status)
            return reply_rows[i].words;
    return NULL;
}

static const char *status_kind(enum protocol p)
{
    return p == PROTOCOL_HTTP_CONNECT ? "HTTP status" : p == PROTOCOL_SOCKS5 ? "SOCKS5 reply" : "SOCKS4 reply";
}

/* What the proxy itself said, without what other proxies said before it. */
static bytes_view answer_of(const preamble *p)
{
    size_t client_len = 0, server_len = 0;
    preamble_tunnel_lens(p, &client_len, &server_len);
    return bytes_slice(p->server_bytes, server_len, p->server_bytes.len);
}

static bool wants_tls(const preamble *p)
{
    enum { CONTENT_TYPE_MIN = 20, CONTENT_TYPE_MAX = 24 };
    int first = bytes_at(answer_of(p), 0);
    return first >= CONTENT_TYPE_MIN && first <= CONTENT_TYPE_MAX;
}

/* RFC 1928, 3: the proxy takes none of the client's ways to log in; RFC 1929, 2: it does not take this name and password. */
static bool login_is_refused(const preamble *p)
{
    enum { METHOD_PASSWORD = 2, METHOD_NONE_FITS = 0xff };
    int method = bytes_at(answer_of(p), 1);
    bool is_socks5 = p->protocol == PROTOCOL_SOCKS5 && bytes_at(answer_of(p), 0) == 5;
    return is_socks5 && p->status == 0 && p->refused && (method == METHOD_NONE_FITS || method == METHOD_PASSWORD);
}

static const char *words_of_other_answer(arena *a, const conversation *c)
{
    enum protocol spoken = protocol_of_greeting(answer_of(&c->preamble), c->port);
    if (wants_tls(&c->preamble))
        return "it answers in TLS, so it wants TLS itself before it is asked anything";
    if (login_is_refused(&c->preamble))
        return "it does not take the client's login";
    if (spoken != PROTOCOL_UNKNOWN)
        return arena_printf(a, "it answers in %s, so it is no proxy of this kind", protocol_name(spoken));
    return "it answers with something else, so it is no proxy of this kind";
}

static const char *words_of_end(const conversation *c)
{
    bool by_proxy = c->has_first_end && c->first_end == SIDE_SERVER;
    if (by_proxy)
        return c->end[SIDE_SERVER] == STREAM_RESET ? "it resets the connection instead of an answer"
                                                   : "it ends the connection instead of an answer";
    return "it had not answered when the client gave up";
}

static const char *headline_of(const facts *f, const conversation *c)
{
    const preamble *p = &c->preamble;
    arena *a = f->arena;
    const char *to = p->authority.len == 0 ? "" : arena_printf(a, " to %s", bytes_to_text(a, p->authority));
    if (p->status != 0) {
        const char *words = words_of_reply(p);
        return arena_printf(a, "The proxy refused to lead on%s: %s %d.%s%s", to, status_kind(p->protocol), p->status,
                            words == NULL ? "" : " ", words == NULL ? "" : words);
    }
    const char *how = answer_of(p).len > 0 && p->refused ? words_of_other_answer(a, c) : words_of_end(c);
    return arena_printf(a, "The proxy does not lead on%s: %s.", to, how);
}

static const remedy_row tls_rows[] = {
    {REMEDY_CLIENT, NULL, "Give the proxy's address with https:// in front, or take its port in clear.", NULL, LOWERS_NONE},
};

/* What nginx, Apache and Go's net/http say in clear on a port for TLS; the page that says so is not kept. */
static const remedy_row bad_request_rows[] = {
    {REMEDY_CLIENT, NULL, "Check the proxy's address and port; if it is a port for TLS, give it with https:// in front.", NULL,
     LOWERS_NONE},
};

static const remedy_row rows[] = {
    {REMEDY_CLIENT, NULL, "Check HTTPS_PROXY, ALL_PROXY and NO_PROXY, and the proxy's user name and password.", NULL, LOWERS_NONE},
    {REMEDY_SYSTEM, NULL, "Ask who runs the proxy to allow this host and port.", NULL, LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    const conversation *c = f->evidence->failed;
    if (c == NULL || !preamble_was_in_vain(&c->preamble) || !protocol_is_proxy(c->preamble.protocol))
        return false;
    v->proof = PROOF_OBSERVED;
    v->headline = headline_of(f, c);
    if (wants_tls(&c->preamble))
        verdict_add_remedy_rows(f, v, tls_rows, sizeof tls_rows / sizeof *tls_rows);
    if (c->preamble.protocol == PROTOCOL_HTTP_CONNECT && c->preamble.status == BAD_REQUEST)
        verdict_add_remedy_rows(f, v, bad_request_rows, sizeof bad_request_rows / sizeof *bad_request_rows);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_proxy_refused = {.id = "proxy-refused", .where = WHERE_NETWORK, .observe = observe};
