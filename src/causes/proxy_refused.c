/* proxy-refused: a proxy on the way said no to CONNECT or to a SOCKS request, or said nothing that leads on. */
#include "causes/cause.h"

#include <ctype.h>

enum { BAD_REQUEST = 400 };

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

static const char *words_of_other_answer(arena *a, const conversation *c)
{
    enum protocol spoken = protocol_of_greeting(answer_of(&c->preamble), c->port);
    const char *words = preamble_proxy_words(&c->preamble);
    if (wants_tls(&c->preamble))
        return "it answers in TLS, so it wants TLS itself before it is asked anything";
    if (words != NULL)
        return words;
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
        const char *words = preamble_proxy_words(p);
        const char *sentence = words == NULL ? "" : arena_printf(a, " %c%s.", toupper((unsigned char)words[0]), words + 1);
        return arena_printf(a, "The proxy refused to lead on%s: %s %d.%s", to, status_kind(p->protocol), p->status, sentence);
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
