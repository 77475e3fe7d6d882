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
    {REMEDY_CLIENT, "never", "Use a client with another TLS library: no version of this one has {group}.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "unable",
     "Use a newer TLS library (with Node.js, Go and Java: a newer one of those): this one does not have {group}.", NULL,
     LOWERS_NONE},
    {REMEDY_CLIENT, "python, able, why code", "Leave out ctx.set_ecdh_curve, which offers one curve alone, or let it be this one.",
     "ctx.set_ecdh_curve('{group.python}')", LOWERS_NONE},
    {REMEDY_CLIENT, "python, able, not why code", "For this server alone: the context then offers this curve, and no other.",
     "ctx.set_ecdh_curve('{group.python}')", LOWERS_NONE},
    {REMEDY_CLIENT, "node, able, OpenSSL >= 1.1.1", "For this server alone.",
     "https.request({ ecdhCurve: '{groups.openssl}', ... })", LOWERS_NONE},
    {REMEDY_CLIENT, "node, able, OpenSSL < 1.1.1", "Before Node.js 10 its default was P-256 alone. Before everything else:",
     "require('tls').DEFAULT_ECDH_CURVE = '{groups.openssl}'", LOWERS_NONE},
    {REMEDY_CLIENT, "java, able", "Add the group.", "$ java -Djdk.tls.namedGroups={groups.java} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "curl, OpenSSL, able, why code", "Leave out --curves, or add the group to it.",
     "$ curl --curves {groups.openssl} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "curl, OpenSSL, able, not why code", "Name the groups, and this one among them.",
     "$ curl --curves {groups.openssl} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "wget, GnuTLS, able", "Add the group.", "$ wget --ciphers='NORMAL:+{group.gnutls}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli, able", "Add the group.", "$ gnutls-cli --priority 'NORMAL:+{group.gnutls}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "openssl, able", "Add the group.", "$ openssl s_client -groups {groups.openssl} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "ruby, able", "For this server alone (ctx is its SSLContext).", "ctx.ecdh_curves = '{groups.openssl}'",
     LOWERS_NONE},
    {REMEDY_CLIENT, "perl, able", "For this server alone.", "IO::Socket::SSL->new(SSL_ecdh_curve => '{groups.openssl}', ...)",
     LOWERS_NONE},
    {REMEDY_CLIENT, "Go crypto/tls, able", "For this server alone.",
     "&tls.Config{CurvePreferences: []tls.CurveID{tls.X25519, {group.go}}}", LOWERS_NONE},
    {REMEDY_CLIENT, "else", "Let the client offer {group}.", NULL, LOWERS_NONE},
    {REMEDY_SYSTEM, "OpenSSL >= 1.1.1, able, not node, not why code",
     "For this program alone, in a file of its own that OPENSSL_CONF names, in the section that system_default names:",
     "Groups = {groups.openssl}", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http",
     "Let the server accept what all clients have. In nginx:", "ssl_ecdh_curve X25519:prime256v1:secp384r1;", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In Apache:", "SSLOpenSSLConfCmd Groups X25519:P-256:P-384", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In HAProxy, on the bind line:", "curves X25519:P-256:P-384", LOWERS_NONE},
    {REMEDY_SERVER, "speaks smtp", "Let the server accept what all clients have. In Postfix:",
     "tls_eecdh_auto_curves = X25519 prime256v1 secp384r1", LOWERS_NONE},
    {REMEDY_SERVER, "speaks postgresql",
     "Let the server accept what all clients have. In postgresql.conf:", "ssl_ecdh_curve = 'prime256v1'", LOWERS_NONE},
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
