/* cert-staple-missing: an OCSP response has to be stapled, and none was. */
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL, "Let the server staple: it needs the issuer's certificate and a way to the CA's responder.", NULL,
     LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In nginx:", "ssl_stapling on; ssl_trusted_certificate /etc/ssl/chain.pem;", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In Apache, outside of the virtual hosts, and within them:",
     "SSLStaplingCache shmcb:ssl_stapling(32768); SSLUseStapling on", LOWERS_NONE},
    {REMEDY_SERVER, NULL, "Or have the certificate issued without the promise (must-staple).", NULL, LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_STAPLE_MISSING);
    if (found == NULL)
        return false;
    v->headline = arena_printf(
        f->arena, "No OCSP response came with the certificate (stapled to it), and the client refuses that: %s.", found->detail);
    tell_refusal(f, found, v);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_cert_staple_missing = {.id = "cert-staple-missing", .where = WHERE_SERVER, .observe = observe};
