/* ems-required: the server insists on extended_master_secret (RFC 7627, 5.3), which the client does not send. */
#include "causes/cause.h"
#include "registry/registry.h"

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

const cause cause_ems_required = {
    .id = "ems-required", .where = WHERE_CLIENT, .rank = RANK_EXTENSION, .propose = propose, .tell = tell};
