/* version-intolerance: the server breaks on a version that it does not know, instead of choosing one that it does. */
#include "causes/cause.h"
#include "registry/registry.h"

/* Only where the server took none of the versions above in a hello of ours: one that it has, it cannot be intolerant of. */
static void propose(const cause *self, const facts *f, proposal_list *out)
{
    if (f->shared_version != 0 && f->shared_version < facts_client_version_max(f))
        proposal_add(out, self, (change){.kind = CHANGE_VERSION_CAPPED, .code = f->shared_version});
}

static const remedy_row rows[] = {
    {REMEDY_CLIENT, "python", "Until the server is mended, for this server alone: ctx.maximum_version = ssl.TLSVersion.TLSv1_2.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "curl", "Until the server is mended: add --tls-max 1.2.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "node", "Until the server is mended: node --tls-max-v1.2, or maxVersion: 'TLSv1.2' for this server.", NULL,
     LOWERS_NONE},
    {REMEDY_CLIENT, "java", "Until the server is mended: -Djdk.tls.client.protocols=TLSv1.2.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "wget",
     "Until the server is mended: --secure-protocol=TLSv1_2, which caps nothing in older wgets; then use curl --tls-max 1.2.", NULL,
     LOWERS_NONE},
    {REMEDY_SYSTEM, NULL, "Where the client reads openssl.cnf: MaxProtocol = TLSv1.2 in a configuration of its own (OPENSSL_CONF).",
     NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL,
     "Update the server, or the box in front of it that reads the hello: it must ignore versions that it does not know (RFC 8446, "
     "4.2.1).",
     NULL, LOWERS_NONE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    arena *a = f->arena;
    v->headline = arena_printf(
        a, "The server breaks on a hello that offers %s. It should choose %s, which both have; offered that at most, it does.",
        version_name(a, facts_client_version_max(f)), version_name(a, c->code));
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

const cause cause_version_intolerance = {
    .id = "version-intolerance", .where = WHERE_SERVER, .rank = RANK_VERSION, .propose = propose, .tell = tell};
