/* A missing issuer is fetched from where its certificate says, where the user allows it; then the certificates are judged again. */
#include "causes/certificate.h"
#include "diagnose/engine.h"

#include <string.h>

static bool was_asked_for(const facts *f, const char *uri)
{
    for (size_t i = 0; i < f->num_fetched; i++)
        if (strcmp(f->fetched[i].uri, uri) == 0)
            return true;
    return false;
}

/* A client without any anchor would not get further with the issuer. */
static const char *wanted_uri(const diagnosis *d)
{
    const facts *f = &d->facts;
    const trust_finding *found = f->evidence->may_fetch ? certificate_refusal(f) : NULL;
    bool may_help = found != NULL && (found->kind == TRUST_INCOMPLETE || found->kind == TRUST_UNKNOWN_ISSUER) &&
                    f->evidence->trust->num_anchors > 0;
    if (!may_help || found->to_be_had == NULL || f->num_fetched == FETCHES_MAX || was_asked_for(f, found->to_be_had))
        return NULL;
    return found->to_be_had;
}

bool wants_fetch(const diagnosis *d)
{
    return wanted_uri(d) != NULL;
}

void fetch_plan(diagnosis *d)
{
    d->wanted_file = wanted_uri(d);
    if (d->wanted_file == NULL)
        flight_decide(d);
}

void diagnosis_feed_fetched(diagnosis *d, const fetched *what)
{
    facts *f = &d->facts;
    d->wanted_file = NULL;
    f->fetched[f->num_fetched++] = *what;
    flight_judge(d);
}
