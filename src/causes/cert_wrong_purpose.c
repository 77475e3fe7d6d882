/* cert-wrong-purpose: the certificate, or one above it, may not be used for what it is used for here. */
#include "causes/certificate.h"

static const remedy_row leaf_rows[] = {
    {REMEDY_SERVER, NULL,
     "Have the certificate issued for servers: extendedKeyUsage = serverAuth, keyUsage = digitalSignature, no CA.",
     "$ openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 365 -out server.pem -extfile <(printf "
     "'extendedKeyUsage=serverAuth\\nkeyUsage=critical,digitalSignature\\nsubjectAltName=DNS:{host}')",
     LOWERS_NONE},
};
static const remedy_row issuer_rows[] = {
    {REMEDY_SERVER, NULL,
     "Have the certificate issued by a CA that may: basicConstraints = critical,CA:TRUE, keyUsage = keyCertSign, a path length and "
     "name "
     "constraints that allow it.",
     NULL, LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_WRONG_PURPOSE);
    if (found == NULL)
        return false;
    v->headline = arena_printf(f->arena, "The client refuses a certificate for its purpose: %s: %s.", refused_certificate(f, found),
                               found->detail);
    tell_refusal(f, found, v);
    if (found->role == TRUST_LEAF)
        verdict_add_remedy_rows(f, v, leaf_rows, sizeof leaf_rows / sizeof *leaf_rows);
    else
        verdict_add_remedy_rows(f, v, issuer_rows, sizeof issuer_rows / sizeof *issuer_rows);
    return true;
}

const cause cause_cert_wrong_purpose = {.id = "cert-wrong-purpose", .where = WHERE_SERVER, .observe = observe};
