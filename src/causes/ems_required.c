/* ems-required: one side insists on extended_master_secret (RFC 7627, 5.2 and 5.3), and the other lacks it. */
#include "causes/after_hello.h"
#include "causes/cause.h"
#include "registry/registry.h"

#include <string.h>

enum { EXTENSION_EXTENDED_MASTER_SECRET = 23 };

static void propose(const cause *self, const facts *f, proposal_list *out)
{
    if (f->shared_version != VERSION_TLS13 && client_hello_extension(f->hello, EXTENSION_EXTENDED_MASTER_SECRET) == NULL)
        proposal_add(out, self, (change){.kind = CHANGE_EXTENDED_MASTER_SECRET});
}

static const remedy_row rows[] = {
    {REMEDY_CLIENT, NULL,
     "Use a TLS library that has extended_master_secret: OpenSSL 1.1.0, GnuTLS 3.4, Java 8u161 or later; or let the client offer "
     "TLS 1.3, which does not need it.",
     NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL, "Let the server accept sessions without extended_master_secret.", NULL, LOWERS_THIS_MACHINE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    (void)c;
    v->headline = "The server insists on the extended master secret (RFC 7627), which the client does not offer. With it added the "
                  "hello is accepted.";
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

/* ---- the client insists --------------------------------------------------------------------------------------------------- */

static const remedy_row server_lacks_rows[] = {
    {REMEDY_SERVER, NULL, "Renew the server's TLS library: extended_master_secret is from 2015; OpenSSL has it since 1.1.0.", NULL,
     LOWERS_NONE},
    {REMEDY_SERVER, NULL, "Or let the server speak TLS 1.3, which does not need it.", "ssl_protocols TLSv1.2 TLSv1.3;",
     LOWERS_NONE},
    {REMEDY_CLIENT, "java", "For this program alone: take servers without it.", "$ java -Djdk.tls.allowLegacyMasterSecret=true ...",
     LOWERS_THIS_PROGRAM},
};

/* The JSSE reference guide. */
static bool is_told_to_insist(const evidence *e)
{
    for (const char *const *at = e->argv; at != NULL && *at != NULL; at++)
        if (strcmp(*at, "-Djdk.tls.allowLegacyMasterSecret=false") == 0)
            return true;
    return false;
}

/* The client ends the handshake when it has read the ServerHello. Where nothing says that it insists, that is a guess. */
static bool observe(const facts *f, verdict *v)
{
    enum { ALERT_HANDSHAKE_FAILURE = 40 };
    const server_hello *hello = agreed_server_hello(f);
    if (!f->is_after_hello || hello == NULL || !client_gave_up(f) || hello->version >= VERSION_TLS13 ||
        hello->has_extended_master_secret || client_hello_extension(f->hello, EXTENSION_EXTENDED_MASTER_SECRET) == NULL ||
        f->evidence->failed->phase >= PHASE_CLIENT_FINISHED)
        return false;
    int said = alert_read_from(f, SIDE_CLIENT);
    bool is_told = is_told_to_insist(f->evidence);
    if (said != ALERT_HANDSHAKE_FAILURE || (!is_told && !f->takes_guesses))
        return false;
    v->proof = is_told ? PROOF_OBSERVED : PROOF_INFERRED;
    v->headline =
        "The server lacks the extended master secret (RFC 7627): its ServerHello does not have it. The client insists on it and "
        "ends the handshake there, with alert handshake_failure (40).";
    if (!is_told)
        verdict_add_detail(
            f->arena, v,
            "Inferred: that the client insists on it is what is left; libraries in FIPS mode do. A run with a server that "
            "has it would prove it.");
    verdict_add_remedy_rows(f, v, server_lacks_rows, sizeof server_lacks_rows / sizeof *server_lacks_rows);
    return true;
}

const cause cause_ems_required = {
    .id = "ems-required", .where = WHERE_BOTH, .rank = RANK_EXTENSION, .observe = observe, .propose = propose, .tell = tell};
