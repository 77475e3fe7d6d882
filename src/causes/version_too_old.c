/* client-version-too-old and server-version-too-old: the two sides have no version in common. */
#include "causes/cause.h"
#include "registry/registry.h"

/* The nearest of the server's versions above (or below) a bound; 0 where there is none. */
static uint16_t nearest(code_list versions, uint16_t bound, bool above)
{
    uint16_t best = 0;
    for (size_t i = 0; i < versions.num_codes; i++) {
        uint16_t v = versions.codes[i];
        if (above ? v > bound && (best == 0 || v < best) : v < bound && v > best)
            best = v;
    }
    return best;
}

static void propose_raise(const cause *self, const facts *f, proposal_list *out)
{
    uint16_t version = nearest(f->server_versions, facts_client_version_max(f), true);
    if (f->shared_version == 0 && version != 0)
        proposal_add(out, self, (change){.kind = CHANGE_VERSION_RAISED, .code = version});
}

static void propose_lower(const cause *self, const facts *f, proposal_list *out)
{
    uint16_t version = nearest(f->server_versions, facts_client_version_min(f), false);
    if (f->shared_version == 0 && version != 0 && version < facts_client_version_max(f))
        proposal_add(out, self, (change){.kind = CHANGE_VERSION_LOWERED, .code = version});
}

static const char *later(const facts *f, uint16_t version)
{
    return version == VERSION_TLS13 ? version_name(f->arena, version)
                                    : arena_printf(f->arena, "%s or later", version_name(f->arena, version));
}

/* First versions that can: OpenSSL CHANGES; Python and Node.js documentation; JDK 8 and 11 release notes. */
static const remedy_row tls12_rows[] = {
    {REMEDY_CLIENT, "node",
     "Use a newer Node.js: it carries its own OpenSSL, and TLS 1.2 needs OpenSSL 1.0.1, which came with Node.js 0.10.", NULL,
     LOWERS_NONE},
    {REMEDY_CLIENT, "python",
     "Use a Python that is built with OpenSSL 1.0.1 or later (what it has: the command), or let the program's SSLContext go up to "
     "TLS 1.2: no PROTOCOL_TLSv1, no maximum_version below TLSv1_2.",
     "python3 -c 'import ssl; print(ssl.OPENSSL_VERSION)'", LOWERS_NONE},
    {REMEDY_CLIENT, "curl",
     "Leave out --tls-max and --tlsv1.x limits, or use a curl with a newer TLS library (the command shows which it has).",
     "curl --version", LOWERS_NONE},
    {REMEDY_CLIENT, "java", "Let jdk.tls.client.protocols and https.protocols include TLSv1.2, or use Java 8 or later.", NULL,
     LOWERS_NONE},
    {REMEDY_CLIENT, NULL,
     "Let the client offer TLS 1.2: a TLS library that has it (OpenSSL 1.0.1 or later), and no setting that caps the version.",
     NULL, LOWERS_NONE},
};
static const remedy_row tls13_rows[] = {
    {REMEDY_CLIENT, "node", "Use Node.js 12 or later: TLS 1.3 needs OpenSSL 1.1.1, which it carries.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "python", "Use a Python that is built with OpenSSL 1.1.1 or later, and no maximum_version below TLSv1_3.",
     "python3 -c 'import ssl; print(ssl.OPENSSL_VERSION, ssl.HAS_TLSv1_3)'", LOWERS_NONE},
    {REMEDY_CLIENT, "curl", "Leave out --tls-max, or use a curl with a TLS library that has TLS 1.3 (OpenSSL 1.1.1 or later).",
     "curl --version", LOWERS_NONE},
    {REMEDY_CLIENT, "java", "Let jdk.tls.client.protocols include TLSv1.3 (Java 11 or later, or 8u261).", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, NULL,
     "Let the client offer TLS 1.3: a TLS library that has it (OpenSSL 1.1.1 or later), and no setting that caps the version, such "
     "as MaxProtocol in openssl.cnf.",
     NULL, LOWERS_NONE},
};

static void tell_client(const facts *f, const change *c, verdict *v)
{
    arena *a = f->arena;
    const char *max = version_name(a, facts_client_version_max(f));
    v->headline = arena_printf(a, "The client is too old for this server: it offers %s at most, the server wants %s.", max,
                               later(f, c->code));
    if (c->code == VERSION_TLS13)
        verdict_add_remedy_rows(f, v, tls13_rows, sizeof tls13_rows / sizeof *tls13_rows);
    else
        verdict_add_remedy_rows(f, v, tls12_rows, sizeof tls12_rows / sizeof *tls12_rows);
    verdict_add_remedy(a, v,
                       (remedy){.who = REMEDY_SERVER,
                                .lowers_security = LOWERS_THIS_MACHINE,
                                .text = arena_printf(a, "Let the server accept %s as well; it is refused for good reasons.", max)});
}

static const remedy_row old_server_rows[] = {
    {REMEDY_SERVER, NULL, "Let the server speak TLS 1.2 or 1.3 (OpenSSL 1.0.1 or later; nginx: ssl_protocols TLSv1.2 TLSv1.3).",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "python",
     "For this server alone: ctx.minimum_version = ssl.TLSVersion.TLSv1 and ctx.set_ciphers('DEFAULT:@SECLEVEL=0').", NULL,
     LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "node", "For this program alone: node --tls-min-v1.0 --tls-cipher-list=DEFAULT@SECLEVEL=0.", NULL,
     LOWERS_THIS_PROGRAM},
    {REMEDY_CLIENT, "java",
     "Let jdk.tls.client.protocols include the server's version; before TLS 1.2 it must also go from jdk.tls.disabledAlgorithms.",
     NULL, LOWERS_THIS_PROGRAM},
    {REMEDY_CLIENT, "curl", "For this command alone: --tlsv1.0 --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0.", NULL,
     LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, NULL, "Let the client offer the server's version, for this server alone.", NULL, LOWERS_THIS_CONNECTION},
};

static void tell_old_server(const facts *f, const char *client_min, uint16_t server_max, verdict *v)
{
    v->headline = arena_printf(f->arena, "The server is too old for this client: it has %s at most, the client wants %s or later.",
                               version_name(f->arena, server_max), client_min);
    if (server_max >= VERSION_TLS12) { /* lowering the client to TLS 1.2 costs nothing */
        verdict_add_remedy(f->arena, v,
                           (remedy){.who = REMEDY_CLIENT,
                                    .lowers_security = LOWERS_NONE,
                                    .text = arena_printf(f->arena, "Let the client offer %s as well as what it offers now.",
                                                         version_name(f->arena, server_max))});
        verdict_add_remedy(
            f->arena, v,
            (remedy){.who = REMEDY_SERVER, .text = "Let the server speak TLS 1.3 as well.", .lowers_security = LOWERS_NONE});
        return;
    }
    verdict_add_remedy_rows(f, v, old_server_rows, sizeof old_server_rows / sizeof *old_server_rows);
}

static void tell_server(const facts *f, const change *c, verdict *v)
{
    tell_old_server(f, version_name(f->arena, facts_client_version_min(f)), c->code, v);
}

enum { ALERT_PROTOCOL_VERSION = 70 };

/* A hello before TLS 1.3 does not say its lowest version: then the server chooses, and it is the client that refuses. */
static bool observe_refused_choice(const facts *f, verdict *v)
{
    const conversation *c = f->evidence->failed;
    if (c == NULL || !c->has_server_hello || c->phase >= PHASE_CLIENT_FINISHED)
        return false;
    uint16_t chosen = c->server_hello.version;
    bool said_so = c->has_alert[SIDE_CLIENT] && c->alerts[SIDE_CLIENT].description == ALERT_PROTOCOL_VERSION;
    bool not_offered =
        f->client_states_versions && !facts_client_offers_version(f, chosen) && chosen < codes_min(f->client_versions);
    if (chosen >= facts_client_version_max(f) || !(said_so || (not_offered && c->first_end == SIDE_CLIENT)))
        return false;
    v->proof = PROOF_OBSERVED;
    tell_old_server(f, arena_printf(f->arena, "a version above it, up to %s,", version_name(f->arena, facts_client_version_max(f))),
                    chosen, v);
    v->headline = arena_printf(
        f->arena, "The server is too old for this client: it chose %s, and the client, which offers up to %s, refused that.",
        version_name(f->arena, chosen), version_name(f->arena, facts_client_version_max(f)));
    return true;
}

const cause cause_client_version_too_old = {
    .id = "client-version-too-old", .where = WHERE_CLIENT, .rank = RANK_VERSION, .propose = propose_raise, .tell = tell_client};
const cause cause_server_version_too_old = {.id = "server-version-too-old",
                                            .where = WHERE_SERVER,
                                            .rank = RANK_VERSION,
                                            .observe = observe_refused_choice,
                                            .propose = propose_lower,
                                            .tell = tell_server};
