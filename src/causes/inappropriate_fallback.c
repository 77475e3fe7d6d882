/* inappropriate-fallback: a retry with a lower version and TLS_FALLBACK_SCSV (RFC 7507), to a server that has a higher one. */
#include "causes/cause.h"
#include "registry/registry.h"

enum { SUITE_FALLBACK_SCSV = 0x5600 };

static void propose(const cause *self, const facts *f, proposal_list *out)
{
    if (codes_contain(f->hello->cipher_suites, SUITE_FALLBACK_SCSV))
        proposal_add(out, self, (change){.kind = CHANGE_FALLBACK_REMOVED});
}

static const remedy_row rows[] = {
    {REMEDY_CLIENT, NULL,
     "Look for why the client's first attempt, with its full version, failed: this is its second. The server's refusal here is "
     "right.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, NULL, "Let the client send TLS_FALLBACK_SCSV only in a retry, never in its first hello.", NULL, LOWERS_NONE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    (void)c;
    v->headline = arena_printf(
        f->arena,
        "The client fell back to %s and says so (TLS_FALLBACK_SCSV); the server has a higher version and refuses the fallback.",
        version_name(f->arena, facts_client_version_max(f)));
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

const cause cause_inappropriate_fallback = {
    .id = "inappropriate-fallback", .where = WHERE_CLIENT, .rank = RANK_FALLBACK, .propose = propose, .tell = tell};
