/* no-shared-signature-algorithm: the server can sign with nothing that the client accepts. */
#include "causes/cause.h"
#include "registry/registry.h"

/* What servers sign with, most usual first: IANA TLS SignatureScheme. In TLS 1.3 the server's choice is encrypted, so all are
 * tried. */
static const uint16_t usual_schemes[] = {0x0804, 0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0805, 0x0806, 0x0809, 0x080A,
                                         0x080B, 0x0401, 0x0501, 0x0601, 0x0201, 0x0203, 0x0303, 0x0301, 0x0402, 0x0202};

static code_list usual_for(const facts *f)
{
    arena *a = f->arena;
    bool tls13 = f->shared_version == VERSION_TLS13;
    code_list list = {.codes = ARENA_ARRAY(a, sizeof usual_schemes / sizeof *usual_schemes, uint16_t)};
    for (size_t i = 0; i < sizeof usual_schemes / sizeof *usual_schemes; i++) {
        const signature_scheme_row *row = signature_scheme_find(usual_schemes[i]);
        if (row != NULL && (row->in_tls13 || !tls13))
            list.codes[list.num_codes++] = usual_schemes[i];
    }
    return list;
}

static void propose(const cause *self, const facts *f, proposal_list *out)
{
    arena *a = f->arena;
    if (f->agreeable == NULL || (f->shared_version != 0 && f->shared_version < VERSION_TLS12))
        return;
    code_list own = client_hello_signature_schemes(a, f->hello);
    uint16_t scheme = chosen_scheme(f->agreeable);
    if (scheme != 0) {
        if (!codes_contain(own, scheme))
            proposal_add(out, self, (change){.kind = CHANGE_SCHEMES_ADDED, .codes = codes_one(a, scheme)});
        return;
    }
    code_list others = codes_without(a, usual_for(f), own);
    if (others.num_codes > 0)
        proposal_add(out, self, (change){.kind = CHANGE_SCHEMES_ADDED, .codes = others});
}

static const remedy_row rows[] = {
    {REMEDY_CLIENT, "never", "Use a client with another TLS library: no version of this one can verify {scheme}.", NULL,
     LOWERS_NONE},
    {REMEDY_CLIENT, "unable", "Use a newer TLS library: this one cannot verify {scheme}.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "openssl, able, why code", "Leave out -sigalgs, or add the scheme to it.",
     "$ openssl s_client -sigalgs {schemes.openssl} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "openssl, able, not why code", "Name the schemes, and this one among them.",
     "$ openssl s_client -sigalgs {schemes.openssl} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "java, able, why code", "Leave out jdk.tls.client.SignatureSchemes, or add the scheme to it.",
     "$ java -Djdk.tls.client.SignatureSchemes={schemes.java} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "java, able, not why code", "Name the schemes, and this one among them.",
     "$ java -Djdk.tls.client.SignatureSchemes={schemes.java} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "node, OpenSSL >= 1.1.1, able, why code", "Leave out sigalgs, or add the scheme to it.",
     "https.request({ sigalgs: '{schemes.openssl}', ... })", LOWERS_NONE},
    {REMEDY_CLIENT, "node, OpenSSL >= 1.1.1, able, not why code", "Name the schemes, and this one among them.",
     "https.request({ sigalgs: '{schemes.openssl}', ... })", LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli, able", "Add the scheme.", "$ gnutls-cli --priority 'NORMAL:+{scheme.gnutls}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "wget, GnuTLS, able", "Add the scheme.", "$ wget --ciphers='NORMAL:+{scheme.gnutls}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "else, able", "Let the client accept {scheme}: leave out what narrows its list.", NULL, LOWERS_NONE},
    {REMEDY_SYSTEM, "OpenSSL >= 1.1.1, able, not node, not why code",
     "For this program alone, in a file of its own that OPENSSL_CONF names, in the section that system_default names:",
     "SignatureAlgorithms = {schemes.openssl}", LOWERS_NONE},
    {REMEDY_SERVER, NULL,
     "Give the server a certificate whose key most clients accept: ECDSA P-256 or RSA of 2048 bits, signing with SHA-256 or "
     "better.",
     NULL, LOWERS_NONE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    arena *a = f->arena;
    v->headline =
        arena_printf(a, "The server can sign only with what the client does not accept. With %s added the hello is accepted.",
                     code_names(a, c->codes, signature_scheme_name, 3));
    code_list own = client_hello_signature_schemes(a, f->hello);
    verdict_add_detail(a, v,
                       own.num_codes == 0
                           ? "The client names no signature algorithms; RFC 5246 then assumes SHA-1, which the server refuses."
                           : arena_printf(a, "The client accepts: %s.", code_names(a, own, signature_scheme_name, 8)));
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

const cause cause_no_shared_signature_algorithm = {
    .id = "no-shared-signature-algorithm", .where = WHERE_BOTH, .rank = RANK_SCHEME, .propose = propose, .tell = tell};
