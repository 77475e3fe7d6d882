/* message-too-large: the Certificate message is larger than the client takes. */
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL,
     "Send the server's certificate and its intermediates alone, without roots and without certificates of others.", NULL,
     LOWERS_NONE},
    {REMEDY_CLIENT, "java", "Or let Java take more, for this program.",
     "$ java -Djdk.tls.maxHandshakeMessageSize=262144 -Djdk.tls.maxCertificateChainLength=100 ...", LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_TOO_LARGE);
    if (found == NULL)
        return false;
    v->headline = arena_printf(f->arena, "The server's Certificate message is larger than the client takes: %s.", found->detail);
    tell_refusal(f, found, v);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_message_too_large = {.id = "message-too-large", .where = WHERE_SERVER, .observe = observe};
