/* renegotiation-unsafe: the server lacks secure renegotiation (RFC 5746), and the client insists on it. */
#include "causes/after_hello.h"
#include "causes/cause.h"
#include "registry/registry.h"

enum { EXTENSION_RENEGOTIATION_INFO = 0xff01, SUITE_EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff };

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL,
     "Renew the server's TLS library or appliance: secure renegotiation (RFC 5746) is from 2010; OpenSSL has it since 0.9.8m.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "python",
     "For this connection alone, until the server is renewed: allow a server without it. Whoever sits on the way could then put a "
     "request before yours.",
     "ctx.options |= 0x4  # ssl.OP_LEGACY_SERVER_CONNECT, which has a name since Python 3.12", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "node", "For this connection alone, until the server is renewed: allow a server without it.",
     "https.request({secureOptions: crypto.constants.SSL_OP_LEGACY_SERVER_CONNECT, ...})", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "openssl", "For this connection alone, until the server is renewed: allow a server without it.",
     "$ openssl s_client -legacy_server_connect ...", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "else",
     "For this program alone, until the server is renewed, in a file of its own that OPENSSL_CONF names, in the section that "
     "system_default names. Whoever sits on the way could then put a request before yours.",
     "Options = UnsafeLegacyServerConnect", LOWERS_THIS_PROGRAM},
};

static bool client_offers_it(const client_hello *hello)
{
    return client_hello_extension(hello, EXTENSION_RENEGOTIATION_INFO) != NULL ||
           codes_contain(hello->cipher_suites, SUITE_EMPTY_RENEGOTIATION_INFO_SCSV);
}

/* The client reads the ServerHello before everything else: where it insists, nothing that follows has been looked at. */
static bool observe(const facts *f, verdict *v)
{
    const server_hello *hello = agreed_server_hello(f);
    if (!f->is_after_hello || hello == NULL || !client_gave_up(f) || hello->version >= VERSION_TLS13 ||
        hello->has_renegotiation_info || !client_offers_it(f->hello) || f->evidence->failed->phase >= PHASE_CLIENT_FINISHED)
        return false;
    int said = alert_read_from(f, SIDE_CLIENT);
    enum { ALERT_HANDSHAKE_FAILURE = 40 };
    if (said != ALERT_HANDSHAKE_FAILURE && said != ALERT_NOT_READ)
        return false;
    v->proof = said == ALERT_NOT_READ ? PROOF_INFERRED : PROOF_OBSERVED;
    v->headline =
        "The server lacks secure renegotiation (RFC 5746): its ServerHello has no renegotiation_info. The client insists on "
        "it and ends the handshake there.";
    verdict_add_detail(f->arena, v, "OpenSSL insists on it since 3.0 (\"unsafe legacy renegotiation disabled\").");
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_renegotiation_unsafe = {.id = "renegotiation-unsafe", .where = WHERE_SERVER, .observe = observe};
