/* cert-expired: notAfter of a certificate on the path is past, by the client's clock. */
#include "causes/certificate.h"

static const remedy_row server_rows[] = {
    {REMEDY_SERVER, NULL, "Renew the certificate, install it, and reload the server: many serve the old one until then.",
     "$ certbot renew && systemctl reload nginx", LOWERS_NONE},
};
static const remedy_row chain_rows[] = {
    {REMEDY_SERVER, NULL, "Send the CA's present intermediate instead of the expired one (the CA's own page has it).", NULL,
     LOWERS_NONE},
    {REMEDY_SYSTEM, NULL, "Bring the client's own store up to date, where it is that which has the expired certificate.",
     "$ apt-get install --only-upgrade ca-certificates", LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_EXPIRED);
    if (found == NULL)
        return false;
    v->headline = arena_printf(f->arena, "The client refuses an expired certificate: %s expired on %s, %lld day%s ago.",
                               refused_certificate(f, found), found->certificate.not_after_text, (long long)found->days,
                               found->days == 1 ? "" : "s");
    tell_refusal(f, found, v);
    if (found->role == TRUST_LEAF)
        verdict_add_remedy_rows(f, v, server_rows, sizeof server_rows / sizeof *server_rows);
    else
        verdict_add_remedy_rows(f, v, chain_rows, sizeof chain_rows / sizeof *chain_rows);
    if (f->judgement->trust->rules.takes_first_path && found->role != TRUST_LEAF)
        verdict_add_detail(
            f->arena, v,
            "This client's library takes the path that was sent and looks for no other; a newer one may find another.");
    return true;
}

const cause cause_cert_expired = {.id = "cert-expired", .where = WHERE_SERVER, .observe = observe};
