/* no-shared-cipher: no suite in common for any version that both have. */
#include "causes/cause.h"
#include "registry/registry.h"
#include <string.h>

/* Suites that need no group of elliptic curves, or no key but RSA, by use: IANA TLS Cipher Suites. */
static const uint16_t other_suites[] = {0xC02F, 0xC030, 0xCCA8, 0xC013, 0xC014, 0xC027, 0xC028, 0xC012, 0xC011,
                                        0x009C, 0x009D, 0x002F, 0x0035, 0x003C, 0x003D, 0x000A, 0x0005, 0x0041,
                                        0x0084, 0x009E, 0x009F, 0x0033, 0x0039, 0x0067, 0x006B, 0xCCAA};

/* The suite that the server chose wants a group or a scheme which the client lacks as well: one without may be enough alone. */
static bool more_is_missing(const facts *f)
{
    uint16_t group = chosen_group(f->agreeable), scheme = chosen_scheme(f->agreeable);
    code_list groups = client_hello_groups(f->arena, f->hello), schemes = client_hello_signature_schemes(f->arena, f->hello);
    bool lacks_group = group != 0 && groups.num_codes > 0 && !codes_contain(groups, group);
    bool lacks_scheme = scheme != 0 && schemes.num_codes > 0 && !codes_contain(schemes, scheme);
    return (lacks_group || lacks_scheme) && f->shared_version < VERSION_TLS13;
}

static void propose(const cause *self, const facts *f, proposal_list *out)
{
    arena *a = f->arena;
    uint16_t suite = chosen_suite(f->agreeable);
    if (suite == 0 || codes_contain(f->hello->cipher_suites, suite))
        return;
    code_list added = codes_one(a, suite), others = codes_from(a, other_suites, sizeof other_suites / sizeof *other_suites);
    if (more_is_missing(f))
        added = codes_joined(a, added, codes_without(a, others, f->hello->cipher_suites));
    proposal_add(out, self, (change){.kind = CHANGE_SUITES_ADDED, .codes = added});
}

static const char *certificate_kind(enum suite_authentication authentication)
{
    switch (authentication) {
    case SUITE_AUTH_RSA:
        return "RSA";
    case SUITE_AUTH_ECDSA:
        return "ECDSA";
    case SUITE_AUTH_DSS:
        return "DSA";
    default:
        return NULL;
    }
}

static bool client_has_certificate_kind(const facts *f, enum suite_authentication authentication)
{
    for (size_t i = 0; i < f->hello->cipher_suites.num_codes; i++) {
        const cipher_suite_row *row = cipher_suite_find(f->hello->cipher_suites.codes[i]);
        if (row != NULL && row->authentication == authentication && cipher_suite_fits_version(row->code, f->shared_version))
            return true;
    }
    return false;
}

/* "ECDHE-RSA-AES256-GCM-SHA384 (TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)" */
static const char *both_names(arena *a, uint16_t suite)
{
    const cipher_suite_row *row = cipher_suite_find(suite);
    if (row == NULL || row->openssl_name == NULL || strcmp(row->openssl_name, row->name) == 0)
        return cipher_suite_name(a, suite);
    return arena_printf(a, "%s (%s)", row->openssl_name, row->name);
}

static const remedy_row rows[] = {
    {REMEDY_CLIENT, "python",
     "Add the suite to the program's own list: ctx.set_ciphers('DEFAULT:SUITE') with its OpenSSL name. Python has a list of its "
     "own since 3.10, without static RSA and CBC suites.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "curl", "Leave out --ciphers, or add the suite to it (OpenSSL names, separated by ':').", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "node",
     "Add the suite with node --tls-cipher-list, or the ciphers option of the request; an old Node.js may have to be replaced, "
     "since it carries its own OpenSSL.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "java", "Look at jdk.tls.disabledAlgorithms and jdk.tls.client.cipherSuites for what leaves the suite out.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, NULL, "Let the client offer the suite, if its TLS library has it; else a newer library.", NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL,
     "Let the server accept suites that today's clients offer: ECDHE with AES-GCM or ChaCha20-Poly1305 (nginx: ssl_ciphers; "
     "Apache: SSLCipherSuite).",
     NULL, LOWERS_NONE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    arena *a = f->arena;
    uint16_t suite = c->codes.codes[0];
    const cipher_suite_row *row = cipher_suite_find(suite);
    const char *kind = row == NULL ? NULL : certificate_kind(row->authentication);
    if (kind != NULL && row->authentication != SUITE_AUTH_RSA && !client_has_certificate_kind(f, row->authentication))
        v->headline = arena_printf(
            a, "The server has an %s certificate, and the client offers no suite for one. With %s added it is accepted.", kind,
            both_names(a, suite));
    else
        v->headline = arena_printf(a, "Client and server have no cipher suite in common. With %s added the hello is accepted.",
                                   both_names(a, suite));
    verdict_add_detail(a, v,
                       arena_printf(a, "The client offers: %s.", code_names(a, f->hello->cipher_suites, cipher_suite_name, 8)));
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

const cause cause_no_shared_cipher = {
    .id = "no-shared-cipher", .where = WHERE_BOTH, .rank = RANK_SUITE, .propose = propose, .tell = tell};
