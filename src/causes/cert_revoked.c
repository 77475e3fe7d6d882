/* cert-revoked: taken back, by a revocation list that the client was given or by the stapled OCSP response. */
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL, "Have a new certificate issued, with a new key where the old one may be known, and install it.",
     "$ certbot renew --force-renewal", LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_REVOKED);
    if (found == NULL)
        return false;
    v->headline =
        arena_printf(f->arena, "The client refuses a revoked certificate: %s: %s.", refused_certificate(f, found), found->detail);
    tell_refusal(f, found, v);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_cert_revoked = {.id = "cert-revoked", .where = WHERE_SERVER, .observe = observe};
