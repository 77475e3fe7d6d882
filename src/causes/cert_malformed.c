/* cert-malformed: the certificate breaks a rule of RFC 5280 that this client enforces. */
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL,
     "Have the certificates issued by the rules of RFC 5280: an authority key identifier in each but the root, a subject key "
     "identifier "
     "and critical basicConstraints in each CA.",
     "$ openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 365 -out server.pem -extfile <(printf "
     "'authorityKeyIdentifier=keyid\\nsubjectKeyIdentifier=hash\\nbasicConstraints=critical,CA:FALSE\\nsubjectAltName=DNS:{host}')",
     LOWERS_NONE},
};
static const remedy_row strict_rows[] = {
    {REMEDY_CLIENT, "python",
     "Until then, for this connection alone, leave out the strict rules; the certificate is still verified.",
     "ctx.verify_flags &= ~ssl.VERIFY_X509_STRICT", LOWERS_THIS_CONNECTION},
};

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_MALFORMED);
    if (found == NULL)
        return false;
    bool is_strict = f->judgement->trust->rules.is_strict;
    v->headline =
        arena_printf(f->arena, "The client refuses a certificate that breaks the rules of RFC 5280: %s: %s.%s",
                     refused_certificate(f, found), found->detail, is_strict ? " It verifies strictly (VERIFY_X509_STRICT)." : "");
    tell_refusal(f, found, v);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    if (is_strict)
        verdict_add_remedy_rows(f, v, strict_rows, sizeof strict_rows / sizeof *strict_rows);
    return true;
}

const cause cause_cert_malformed = {.id = "cert-malformed", .where = WHERE_BOTH, .observe = observe};
