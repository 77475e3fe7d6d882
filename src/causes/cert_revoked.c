/* cert-revoked: taken back, by a revocation list that the client was given or by the stapled OCSP response. */
#include "causes/after_hello.h"
#include "causes/certificate.h"
#include "registry/registry.h"

enum { ALERT_CERTIFICATE_REVOKED = 44 };

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL, "Have a new certificate issued, with a new key where the old one may be known, and install it.",
     "$ certbot renew --force-renewal", LOWERS_NONE},
};

/* By a list that its own code was given, which nobody sees from outside: its alert says it all the same. */
static bool tell_by_alert(const facts *f, verdict *v)
{
    if (!f->is_after_hello || !client_gave_up(f) || alert_read_from(f, SIDE_CLIENT) != ALERT_CERTIFICATE_REVOKED)
        return false;
    v->proof = PROOF_OBSERVED;
    v->headline = arena_printf(f->arena, "The client refuses a revoked certificate: it says so with alert %s.",
                               alert_name(f->arena, ALERT_CERTIFICATE_REVOKED));
    verdict_add_detail(f->arena, v,
                       "Where it learnt that could not be seen: neither its arguments name a revocation list nor does the server "
                       "staple an OCSP response that says so. A list that its code loads is the likely place.");
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_REVOKED);
    if (found == NULL)
        return tell_by_alert(f, v);
    v->headline =
        arena_printf(f->arena, "The client refuses a revoked certificate: %s: %s.", refused_certificate(f, found), found->detail);
    if (f->evidence->trust != NULL && f->evidence->trust->revocations_from != NULL)
        verdict_add_detail(f->arena, v,
                           arena_printf(f->arena, "A revocation list of the client's: %s.", f->evidence->trust->revocations_from));
    tell_refusal(f, found, v);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_cert_revoked = {.id = "cert-revoked", .where = WHERE_SERVER, .observe = observe};
