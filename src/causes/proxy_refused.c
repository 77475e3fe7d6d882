/* proxy-refused: a proxy on the way said no to CONNECT or to a SOCKS5 request. */
#include "causes/cause.h"

static const char *http_hint(int status)
{
    switch (status) {
    case 403:
        return "It forbids this host or port.";
    case 407:
        return "It wants the client to log in.";
    case 502:
    case 503:
    case 504:
        return "It could not reach the server itself.";
    case 405:
    case 501:
        return "It does not do CONNECT.";
    default:
        return NULL;
    }
}

static const remedy_row rows[] = {
    {REMEDY_CLIENT, NULL, "Check HTTPS_PROXY, ALL_PROXY and NO_PROXY, and the proxy's user name and password.", NULL, LOWERS_NONE},
    {REMEDY_SYSTEM, NULL, "Ask who runs the proxy to allow this host and port.", NULL, LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    const conversation *c = f->evidence->failed;
    if (c == NULL || !c->preamble.refused || !protocol_is_proxy(c->preamble.protocol))
        return false;
    arena *a = f->arena;
    const char *hint = c->preamble.protocol == PROTOCOL_HTTP_CONNECT ? http_hint(c->preamble.status) : NULL;
    const char *kind = c->preamble.protocol == PROTOCOL_HTTP_CONNECT ? "HTTP status"
                       : c->preamble.protocol == PROTOCOL_SOCKS5     ? "SOCKS5 reply"
                                                                     : "SOCKS4 reply";
    v->proof = PROOF_OBSERVED;
    v->headline = arena_printf(a, "The proxy refused to lead on to %s: %s %d.%s%s", bytes_to_text(a, c->preamble.authority), kind,
                               c->preamble.status, hint == NULL ? "" : " ", hint == NULL ? "" : hint);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_proxy_refused = {.id = "proxy-refused", .where = WHERE_NETWORK, .observe = observe};
