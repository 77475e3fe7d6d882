/* dh-too-small: the server's Diffie-Hellman group is smaller than the client accepts; it ends after the server's key exchange. */
#include "causes/after_hello.h"
#include "causes/cause.h"
#include "registry/registry.h"

/* No client of today asks for more than this by itself: OpenSSL's security level 2 and GnuTLS's profile "medium" want 2048. */
enum { BITS_ENOUGH = 2048 };

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL, "Use ECDHE suites, and for DHE a group of 2048 bits or more (RFC 7919).",
     "nginx: ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;", LOWERS_NONE},
    {REMEDY_CLIENT, "python", "Leave DHE out: the server may have ECDHE or RSA as well, and the security level stays as it is.",
     "context.set_ciphers('DEFAULT:!DH')", LOWERS_NONE},
    {REMEDY_CLIENT, "curl", "Leave DHE out: the server may have ECDHE or RSA as well, and the security level stays as it is.",
     "curl --ciphers 'DEFAULT:!DH' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "node", "Leave DHE out: the server may have ECDHE or RSA as well.", "node --tls-cipher-list='DEFAULT:!DH' ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "wget", "Leave DHE out: the server may have ECDHE or RSA as well.",
     "wget --ciphers='NORMAL:-DHE-RSA' ... (with OpenSSL: 'DEFAULT:!DH')", LOWERS_NONE},
    {REMEDY_CLIENT, "java", "Leave DHE out: the server may have ECDHE or RSA as well.",
     "java -Djdk.tls.client.cipherSuites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 ...", LOWERS_NONE},
    {REMEDY_CLIENT, NULL, "Leave the DHE suites out of what the client offers: the server may have ECDHE or RSA as well.", NULL,
     LOWERS_NONE},
    {REMEDY_CLIENT, NULL,
     "Only if the server has nothing else, and for this connection alone: security level 1 takes 1024 bits (OpenSSL: "
     "DEFAULT:@SECLEVEL=1). Such groups can be broken by those who have the means.",
     NULL, LOWERS_THIS_CONNECTION},
};

static bool observe(const facts *f, verdict *v)
{
    const conversation *c = f->evidence->failed;
    if (!f->is_after_hello || !client_gave_up(f) || !c->has_server_key_exchange)
        return false;
    const server_key_exchange *exchange = &c->server_key_exchange;
    int said = alert_read_from(f, SIDE_CLIENT);
    bool is_small = exchange->kind == KEY_EXCHANGE_DHE && exchange->prime_bits > 0 && exchange->prime_bits < BITS_ENOUGH;
    if (!is_small || !alert_may_be_on_parameters(said) || c->phase >= PHASE_CLIENT_FINISHED)
        return false;
    v->proof = said == ALERT_NOT_READ ? PROOF_INFERRED : PROOF_OBSERVED;
    v->headline =
        arena_printf(f->arena,
                     "The server's Diffie-Hellman group has %zu bits, less than the client accepts: it ends the handshake "
                     "when it has read the server's key exchange%s%s.",
                     exchange->prime_bits, said == ALERT_NOT_READ ? "" : ", with alert ",
                     said == ALERT_NOT_READ ? "" : alert_name(f->arena, (uint8_t)said));
    verdict_add_detail(f->arena, v,
                       "What clients want at least: OpenSSL 1024 bits at security level 1, 2048 at level 2 (Debian's default); "
                       "GnuTLS 1008, with profiles 2048; Java 1024.");
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_dh_too_small = {.id = "dh-too-small", .where = WHERE_SERVER, .observe = observe};
