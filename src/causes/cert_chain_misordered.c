/* cert-chain-misordered: the certificates come in an order that this client does not sort out. */
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL,
     "Put the server's own certificate first in its file, then the one that signed it, and so on (RFC 8446, 4.4.2).",
     "$ cat server.pem intermediate.pem > fullchain.pem", LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_MISORDERED);
    if (found == NULL)
        return false;
    v->headline = arena_printf(f->arena, "The server sends its certificates in the wrong order: %s.", found->detail);
    tell_refusal(f, found, v);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_cert_chain_misordered = {.id = "cert-chain-misordered", .where = WHERE_SERVER, .observe = observe};
