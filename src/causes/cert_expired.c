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

static const remedy_row other_path_rows[] = {
    {REMEDY_SERVER, NULL,
     "Leave out the cross-signed certificate that leads to the expired one: the others lead to a root that is valid.", NULL,
     LOWERS_NONE},
    {REMEDY_CLIENT, NULL, "Take the expired root out of what this client trusts: it then finds the other path.", NULL, LOWERS_NONE},
};

static void tell_other_path(const facts *f, verdict *v)
{
    verdict_add_detail(
        f->arena, v,
        "Another path, which is valid, leads to a root of the client's own store. This client's library, OpenSSL before "
        "1.1.0, follows the certificates that were sent before it looks there; a newer one takes that path.");
    verdict_add_remedy_rows(f, v, other_path_rows, sizeof other_path_rows / sizeof *other_path_rows);
}

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
    else if (f->judgement->has_valid_other_path)
        tell_other_path(f, v);
    else
        verdict_add_remedy_rows(f, v, chain_rows, sizeof chain_rows / sizeof *chain_rows);
    return true;
}

const cause cause_cert_expired = {.id = "cert-expired", .where = WHERE_SERVER, .observe = observe};
