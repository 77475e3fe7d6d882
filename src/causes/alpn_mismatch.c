/* alpn-mismatch: no application protocol in common, and the server insists (RFC 7301, 3.2). */
#include "causes/cause.h"

static void propose(const cause *self, const facts *f, proposal_list *out)
{
    bytes_view *protocols;
    if (client_hello_alpn(f->arena, f->hello, &protocols) > 0)
        proposal_add(out, self, (change){.kind = CHANGE_ALPN_REMOVED});
}

static const char *protocol_list(const facts *f)
{
    bytes_view *protocols;
    size_t num = client_hello_alpn(f->arena, f->hello, &protocols);
    const char *text = "";
    for (size_t i = 0; i < num && i < 8; i++)
        text = arena_printf(f->arena, "%s%s%s", text, i == 0 ? "" : ", ", bytes_to_text(f->arena, protocols[i]));
    return text;
}

static const remedy_row rows[] = {
    {REMEDY_CLIENT, "python", "Offer a protocol that the server has, or leave the call out.",
     "ctx.set_alpn_protocols(['http/1.1'])", LOWERS_NONE},
    {REMEDY_CLIENT, "curl", "Offer none, or another HTTP version (--http1.1).", "$ curl --no-alpn ...", LOWERS_NONE},
    {REMEDY_CLIENT, "node", "Name a protocol that the server has, or leave the option out.", "ALPNProtocols: ['http/1.1']",
     LOWERS_NONE},
    {REMEDY_CLIENT, "openssl", "Leave out -alpn, or name a protocol that the server has.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "Go crypto/tls", "Name a protocol that the server has, or none.",
     "&tls.Config{NextProtos: []string{\"http/1.1\"}}", LOWERS_NONE},
    {REMEDY_CLIENT, "else", "Let the client offer a protocol that the server has, or no ALPN at all.", NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL, "Let the server accept the protocol that the client offers.", NULL, LOWERS_NONE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    (void)c;
    v->headline = arena_printf(
        f->arena,
        "The client asks for the application protocol %s (ALPN); the server has none of that and insists. Without ALPN it accepts.",
        protocol_list(f));
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

const cause cause_alpn_mismatch = {.id = "alpn-mismatch", .where = WHERE_BOTH, .rank = RANK_ALPN, .propose = propose, .tell = tell};
