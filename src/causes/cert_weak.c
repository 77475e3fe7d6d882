/* cert-weak: a key or a signature on the path is below what the client's security level takes. */
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL,
     "Have the certificate issued again: an RSA key of 2048 bits or more or an EC key on P-256, signed with SHA-256.",
     "$ openssl req -newkey rsa:2048 -nodes -keyout server.key -subj '/CN={host}' -addext 'subjectAltName=DNS:{host}' -out "
     "server.csr",
     LOWERS_NONE},
    {REMEDY_CLIENT, "curl", "Until then, for this connection alone, lower the level.", "$ curl --ciphers 'DEFAULT:@SECLEVEL=0' ...",
     LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "python", "Until then, for this connection alone, lower the level.", "ctx.set_ciphers('DEFAULT:@SECLEVEL=0')",
     LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "openssl", "Until then, for this connection alone, lower the level.",
     "$ openssl s_client -cipher 'DEFAULT:@SECLEVEL=0' ...", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "node", "Until then, for this program alone, lower the level.",
     "$ node --tls-cipher-list='DEFAULT:@SECLEVEL=0' ...", LOWERS_THIS_PROGRAM},
};

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_WEAK);
    if (found == NULL)
        return false;
    v->headline = arena_printf(f->arena, "The client refuses a certificate as too weak: %s, %s.", refused_certificate(f, found),
                               found->detail == NULL ? "below its security level" : found->detail);
    tell_floor(f, &f->judgement->store->floor, v);
    tell_refusal(f, found, v);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_cert_weak = {.id = "cert-weak", .where = WHERE_BOTH, .observe = observe};
