/* post-handshake-auth-unsupported: the server wants a certificate after the handshake (RFC 8446, 4.6.2), which this client does not
 * offer. Seen by a second hello that does offer it: then the server asks, where without it it ends the connection. */
#include "causes/after_hello.h"
#include "causes/cause.h"

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL,
     "Ask for the certificate within the handshake: in Apache, move SSLVerifyClient from <Location> or <Directory> to the virtual "
     "host, or "
     "give the protected part a host name of its own.",
     "SSLVerifyClient require", LOWERS_NONE},
    {REMEDY_CLIENT, "python", "Offer it before connecting (Python 3.8), and give the context a certificate.",
     "ctx.post_handshake_auth = True; ctx.load_cert_chain('client.pem', 'client.key')", LOWERS_NONE},
    {REMEDY_CLIENT, "openssl", "Offer it, with a certificate.",
     "$ openssl s_client -enable_pha -cert client.pem -key client.key ...", LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli", "Offer it, with a certificate.",
     "$ gnutls-cli --post-handshake-auth --x509certfile client.pem --x509keyfile client.key ...", LOWERS_NONE},
    {REMEDY_CLIENT, "curl", "Give it a certificate: with OpenSSL it then offers post-handshake authentication by itself.",
     "$ curl --http1.1 --cert client.pem --key client.key ...", LOWERS_NONE},
    {REMEDY_CLIENT, "node", "Node.js does not have it: go on with TLS 1.2, whose renegotiation the server uses then.",
     "$ node --tls-max-v1.2 ...", LOWERS_NONE},
    {REMEDY_CLIENT, "java", "Java does not have it: go on with TLS 1.2, whose renegotiation the server uses then.",
     "$ java -Djdk.tls.client.protocols=TLSv1.2 ...", LOWERS_NONE},
    {REMEDY_CLIENT, NULL, "Let the client offer post_handshake_auth, and give it a certificate.", NULL, LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    if (!server_asks_after_handshake(f) || offers_post_handshake_auth(f))
        return false;
    v->proof = PROOF_OBSERVED;
    v->headline =
        "The server wants a certificate of the client after the handshake (post-handshake authentication), which this client does "
        "not offer in TLS 1.3: the server ends the connection. With the offer added it asks for the certificate.";
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_post_handshake_auth_unsupported = {
    .id = "post-handshake-auth-unsupported", .where = WHERE_CLIENT, .observe = observe};
