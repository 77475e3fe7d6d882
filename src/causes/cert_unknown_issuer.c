/* cert-unknown-issuer: the path ends at an issuer that no store on this machine knows. */
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_SYSTEM, NULL, "Or let the whole machine trust it, if all of its programs should (Debian and its kin).",
     "$ cp ca.pem /usr/local/share/ca-certificates/private.crt && update-ca-certificates", LOWERS_THIS_MACHINE},
    {REMEDY_SERVER, NULL, "If this is meant for everybody: use a certificate of a public CA.", NULL, LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_UNKNOWN_ISSUER);
    if (found == NULL)
        return false;
    const char *root = found->missing != NULL ? found->missing : found->certificate.subject;
    v->headline =
        arena_printf(f->arena,
                     "The client does not know the issuer of the server's certificate: the path ends at %s, which no trust store "
                     "looked at on this machine has.",
                     root);
    if (found->detail != NULL)
        verdict_add_detail(f->arena, v, arena_printf(f->arena, "Of %s: %s.", found->certificate.subject, found->detail));
    verdict_add_detail(f->arena, v, "It is a private CA, or a proxy that intercepts TLS.");
    tell_where_issuer_is(f, found, v);
    tell_refusal(f, found, v);
    tell_trust_remedies(f, v, "ca.pem",
                        arena_printf(f->arena, "Get the root %s from who runs it, and let the client trust it.", root));
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_cert_unknown_issuer = {.id = "cert-unknown-issuer", .where = WHERE_CLIENT, .observe = observe};
