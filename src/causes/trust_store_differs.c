/* trust-store-differs: another store on this machine trusts the server, this client uses one that does not. */
#include "causes/certificate.h"

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = certificate_refusal(f);
    if (found == NULL || !is_store_different(f, found))
        return false;
    const client_judgement *j = f->judgement;
    const trust_other *other = j->trusted_by[0];
    v->headline =
        arena_printf(f->arena,
                     "The client's trust store does not know the issuer of the server's certificate, and another one on this "
                     "machine does: %s would trust it, the client uses %s.",
                     other->name, trust_judged_store_text(f->arena, j));
    tell_refusal(f, found, v);
    tell_trust_of_other(f, v);
    for (size_t i = 1; i < j->num_trusted_by; i++)
        verdict_add_detail(f->arena, v, arena_printf(f->arena, "So would %s.", j->trusted_by[i]->name));
    tell_trust_remedies(f, v, other->path, "Let the client use the store that trusts the server.");
    return true;
}

const cause cause_trust_store_differs = {.id = "trust-store-differs", .where = WHERE_CLIENT, .observe = observe};
