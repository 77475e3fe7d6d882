/* cert-not-yet-valid: notBefore is in the future, by the client's clock. */
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_CLIENT, NULL, "Look at the client's clock first: where it is behind, the certificate is right.", "$ date -u",
     LOWERS_NONE},
    {REMEDY_SERVER, NULL,
     "Where the clock is right, go back to the certificate before this one until that day, or have it issued again.", NULL,
     LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_NOT_YET_VALID);
    if (found == NULL)
        return false;
    v->headline = arena_printf(f->arena, "The client refuses a certificate that is not valid yet: %s begins on %s, in %lld day%s.",
                               refused_certificate(f, found), found->certificate.not_before_text, (long long)found->days,
                               found->days == 1 ? "" : "s");
    tell_refusal(f, found, v);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_cert_not_yet_valid = {.id = "cert-not-yet-valid", .where = WHERE_SERVER, .observe = observe};
