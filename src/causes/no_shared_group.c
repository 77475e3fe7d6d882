/* no-shared-group: no key exchange group in common. */
#include "causes/cause.h"
#include "registry/registry.h"

/* For a server that chose a suite without a group in our hello, though the client's suites need one. IANA TLS Supported Groups, by
 * use. */
static const uint16_t usual_groups[] = {0x001D, 0x0017, 0x0018, 0x0019, 0x001E, 0x0016, 0x001A, 0x001B, 0x001C, 0x0100, 0x0101};

/* Up to TLS 1.2 an ECDSA certificate's own curve has to be among the client's groups as well (RFC 8422, 5.1.1). */
static bool certificate_may_want_another(const facts *f)
{
    const cipher_suite_row *row = cipher_suite_find(chosen_suite(f->agreeable));
    return row != NULL && row->authentication == SUITE_AUTH_ECDSA;
}

static void propose(const cause *self, const facts *f, proposal_list *out)
{
    arena *a = f->arena;
    code_list own = client_hello_groups(a, f->hello);
    uint16_t group = chosen_group(f->agreeable);
    if (group != 0 && !codes_contain(own, group)) {
        proposal_add(out, self, (change){.kind = CHANGE_GROUPS_ADDED, .codes = codes_one(a, group)});
        if (!certificate_may_want_another(f))
            return;
    }
    code_list others = codes_without(a, codes_from(a, usual_groups, sizeof usual_groups / sizeof *usual_groups), own);
    if ((group == 0 || certificate_may_want_another(f)) && own.num_codes > 0 && others.num_codes > 0 && f->agreeable != NULL)
        proposal_add(out, self, (change){.kind = CHANGE_GROUPS_ADDED, .codes = others});
}

static const char *both_names(arena *a, uint16_t group)
{
    const group_row *row = group_find(group);
    return row == NULL || row->other_name == NULL ? group_name(a, group) : arena_printf(a, "%s (%s)", row->name, row->other_name);
}

static const remedy_row rows[] = {
    {REMEDY_CLIENT, "curl", "Leave out --curves, or add the group to it.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "node",
     "Let tls.DEFAULT_ECDH_CURVE (or the ecdhCurve option) be 'auto' or include the group; before Node.js 10 its default was P-256 "
     "alone.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "java", "Add the group to -Djdk.tls.namedGroups.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "python", "Leave out ctx.set_ecdh_curve; otherwise the groups come from openssl.cnf (Groups = ...).", NULL,
     LOWERS_NONE},
    {REMEDY_SYSTEM, NULL, "Where the client reads openssl.cnf: add the group to Groups (Curves in older ones).", NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL, "Let the server accept X25519 or P-256 as well (nginx: ssl_ecdh_curve; OpenSSL: Groups).", NULL,
     LOWERS_NONE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    arena *a = f->arena;
    code_list own = client_hello_groups(a, f->hello);
    bool for_the_key = codes_contain(own, chosen_group(f->agreeable));
    const char *named = both_names(a, c->codes.codes[0]);
    v->headline =
        for_the_key
            ? arena_printf(
                  a, "The client does not name the curve of the server's certificate, %s. With it added the hello is accepted.",
                  named)
            : arena_printf(a, "Client and server have no key exchange group in common. With %s added the hello is accepted.",
                           named);
    verdict_add_detail(a, v,
                       own.num_codes == 0 ? "The client names no groups."
                                          : arena_printf(a, "The client offers: %s.", code_names(a, own, group_name, 8)));
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

const cause cause_no_shared_group = {
    .id = "no-shared-group", .where = WHERE_BOTH, .rank = RANK_GROUP, .propose = propose, .tell = tell};
