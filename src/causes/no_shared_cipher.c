/* no-shared-cipher: no suite in common for any version that both have. */
#include "causes/cause.h"
#include "causes/suite_without_certificate.h"
#include "registry/dialect.h"
#include "registry/registry.h"

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
    const char *names = dialect_suite(a, DIALECT_PEOPLE, suite);
    return names != NULL ? names : cipher_suite_name(a, suite);
}

/* Which runtime has which list of its own: Python's What's New in 3.10, Node.js' "Modifying the default TLS cipher suite",
 * Go 1.22's release notes. */
static const remedy_row rows[] = {
    {REMEDY_CLIENT, "never", "Use a client with another TLS library: no version of this one has {suite}.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "unable",
     "Use a newer TLS library (with Node.js, Go and Java: a newer one of those): this one does not have {suite}.", NULL,
     LOWERS_NONE},
    {REMEDY_CLIENT, "python, able, why code", "Leave out the list that excludes it, or add the suite to it.",
     "ctx.set_ciphers('{cipherlist}')", LOWERS_NONE},
    {REMEDY_CLIENT, "python >= 3.10, able, not why code",
     "For this server alone. Python has a list of its own since 3.10, without static RSA and CBC "
     "suites; this one is OpenSSL's.",
     "ctx.set_ciphers('{cipherlist}')", LOWERS_NONE},
    {REMEDY_CLIENT, "python < 3.10, able, not why code", "For this server alone.", "ctx.set_ciphers('{cipherlist}')", LOWERS_NONE},
    {REMEDY_CLIENT, "node, able", "For this server alone.", "https.request({ ciphers: '{cipherlist}', ... })", LOWERS_NONE},
    {REMEDY_CLIENT, "node, able, OpenSSL >= 1.0.2", "For the whole program:", "$ node --tls-cipher-list='{cipherlist}' ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "java, able", "Let the client's suites include it, and no line of jdk.tls.disabledAlgorithms forbid it.",
     "$ java -Djdk.tls.client.cipherSuites={suites.java} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "curl, OpenSSL, able, why code", "Leave out the list that excludes it, or add the suite to it.",
     "$ curl --ciphers '{cipherlist}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "curl, OpenSSL, able, not why code", "Add the suite.", "$ curl --ciphers '{cipherlist}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "wget, GnuTLS, able", "Add the suite.", "$ wget --ciphers='NORMAL:+{suite.gnutls}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli, able", "Add the suite.", "$ gnutls-cli --priority 'NORMAL:+{suite.gnutls}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "curl, OpenSSL, able", "Suites of TLS 1.3 have a list of their own; let it be this one, for this server alone.",
     "$ curl --tls13-ciphers {ciphersuites} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "openssl, able", "Suites of TLS 1.3 have a list of their own; let it be this one.",
     "$ openssl s_client -ciphersuites {ciphersuites} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "perl, able", "Suites of TLS 1.3 have a list of their own; let it be this one, for this server alone.",
     "IO::Socket::SSL->new(SSL_ciphersuites => '{ciphersuites}', ...)", LOWERS_NONE},
    {REMEDY_CLIENT, "openssl, able", "Add the suite.", "$ openssl s_client -cipher '{cipherlist}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "ruby, able", "For this server alone.", "http.ciphers = '{cipherlist}'", LOWERS_NONE},
    {REMEDY_CLIENT, "php, able", "For this server alone.", "stream_context_create(['ssl' => ['ciphers' => '{cipherlist}']])",
     LOWERS_NONE},
    {REMEDY_CLIENT, "perl, able", "For this server alone.", "IO::Socket::SSL->new(SSL_cipher_list => '{cipherlist}', ...)",
     LOWERS_NONE},
    {REMEDY_CLIENT, "Go crypto/tls, able", "For this server alone; since Go 1.22 static RSA also by GODEBUG=tlsrsakex=1.",
     "&tls.Config{CipherSuites: []uint16{{suite.go}}}", LOWERS_NONE},
    {REMEDY_CLIENT, "dotnet, able", "For this server alone, on Linux; the default is the system's openssl.cnf.",
     "new CipherSuitesPolicy(new[] { TlsCipherSuite.{suite.dotnet} })", LOWERS_NONE},
    {REMEDY_CLIENT, "else", "Let the client offer {suite}.", NULL, LOWERS_NONE},
    /* Node.js reads another section; PHP, Perl's IO::Socket::SSL and Python since 3.10 each set a list of their own. */
    {REMEDY_SYSTEM, "OpenSSL >= 1.1.1, able, not node, not php, not perl, not python >= 3.10, not why code",
     "For this program alone, in a file of its own that OPENSSL_CONF names, in the section that system_default names:",
     "CipherString = {cipherlist}", LOWERS_NONE},
    {REMEDY_SYSTEM, "OpenSSL >= 1.1.1, able, not node, not perl, not why code",
     "For this program alone, in a file of its own that OPENSSL_CONF names, in the section that system_default names:",
     "Ciphersuites = {ciphersuites}", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "Let the server accept what today's clients offer. In nginx:",
     "ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20:{cipher};", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In Apache:", "SSLCipherSuite ECDHE+AESGCM:ECDHE+CHACHA20:{cipher}", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In HAProxy:", "ssl-default-bind-ciphers ECDHE+AESGCM:ECDHE+CHACHA20:{cipher}", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "Let the server accept what every client of TLS 1.3 has (RFC 8446, 9.1). In nginx:",
     "ssl_conf_command Ciphersuites {ciphersuites};", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In Apache:", "SSLCipherSuite TLSv1.3 {ciphersuites}", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In HAProxy:", "ssl-default-bind-ciphersuites {ciphersuites}", LOWERS_NONE},
    {REMEDY_SERVER, "speaks smtp",
     "Let the server accept what today's clients offer. In Postfix:", "smtpd_tls_mandatory_ciphers = medium", LOWERS_NONE},
    {REMEDY_SERVER, "speaks postgresql", "Let the server accept what today's clients offer. In postgresql.conf:",
     "ssl_ciphers = 'HIGH:MEDIUM:+3DES:!aNULL'", LOWERS_NONE},
};

/* For a server whose certificate is of a kind for which the client has no suite. */
static const remedy_row certificate_rows[] = {
    {REMEDY_SERVER, NULL, "Or give the server a certificate of another kind besides, with an RSA or an ECDSA key.", NULL,
     LOWERS_NONE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    arena *a = f->arena;
    uint16_t suite = c->codes.codes[0];
    if (!cipher_suite_goes_by_certificate(suite)) {
        tell_suite_without_certificate(f, suite, v);
        return;
    }
    const cipher_suite_row *row = cipher_suite_find(suite);
    const char *kind = row == NULL ? NULL : certificate_kind(row->authentication);
    bool wants_another_kind =
        kind != NULL && row->authentication != SUITE_AUTH_RSA && !client_has_certificate_kind(f, row->authentication);
    if (wants_another_kind)
        v->headline = arena_printf(
            a, "The server has an %s certificate, and the client offers no suite for one. With %s added it is accepted.", kind,
            both_names(a, suite));
    else
        v->headline = arena_printf(a, "Client and server have no cipher suite in common. With %s added the hello is accepted.",
                                   both_names(a, suite));
    verdict_add_detail(a, v,
                       arena_printf(a, "The client offers: %s.", code_names(a, f->hello->cipher_suites, cipher_suite_name, 8)));
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    if (wants_another_kind)
        verdict_add_remedy_rows(f, v, certificate_rows, sizeof certificate_rows / sizeof *certificate_rows);
}

const cause cause_no_shared_cipher = {
    .id = "no-shared-cipher", .where = WHERE_BOTH, .rank = RANK_SUITE, .propose = propose, .tell = tell};
