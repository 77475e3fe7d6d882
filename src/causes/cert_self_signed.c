/* cert-self-signed: the leaf signed itself, and the client does not have it among what it trusts. */
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL, "Have a certificate issued by a CA that the clients trust, a public or a private one.", NULL,
     LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_SELF_SIGNED);
    if (found == NULL)
        return false;
    v->headline = arena_printf(
        f->arena, "The server's certificate %s signed itself, and the client does not have it among those that it trusts.",
        found->certificate.subject);
    tell_refusal(f, found, v);
    tell_trust_remedies(
        f, v, "server.pem",
        "Get this very certificate from who runs the server (not over this connection), compare its fingerprint, and let "
        "the client trust it.");
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_cert_self_signed = {.id = "cert-self-signed", .where = WHERE_BOTH, .observe = observe};
