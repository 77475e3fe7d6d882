/* dh-too-small: the server's Diffie-Hellman group is smaller than the client accepts; it ends after the server's key exchange. */
#include "causes/after_hello.h"
#include "causes/certificate.h"
#include "registry/registry.h"

/* No client of today asks for more than this by itself: OpenSSL's security level 2 and GnuTLS's profile "medium" want 2048. */
enum { BITS_ENOUGH = 2048 };

static const remedy_row rows[] = {
    {REMEDY_SERVER, "speaks http", "Use ECDHE suites, and for DHE a group of 2048 bits or more (RFC 7919). In nginx:",
     "ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20; ssl_dhparam /etc/nginx/ffdhe2048.pem;", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In Apache:", "SSLOpenSSLConfCmd DHParameters /etc/ssl/ffdhe2048.pem", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In HAProxy:", "tune.ssl.default-dh-param 2048", LOWERS_NONE},
    {REMEDY_SERVER, "speaks smtp",
     "Use a group of 2048 bits or more. In Postfix:", "smtpd_tls_dh1024_param_file = /etc/postfix/ffdhe2048.pem", LOWERS_NONE},
    {REMEDY_SERVER, "speaks postgresql",
     "Use a group of 2048 bits or more. In postgresql.conf:", "ssl_dh_params_file = 'ffdhe2048.pem'", LOWERS_NONE},
    {REMEDY_CLIENT, "python", "Leave DHE out: the server may have ECDHE or RSA as well, and the security level stays as it is.",
     "ctx.set_ciphers('DEFAULT:!DH')", LOWERS_NONE},
    {REMEDY_CLIENT, "curl, OpenSSL",
     "Leave DHE out: the server may have ECDHE or RSA as well, and the security level stays as it is.",
     "$ curl --ciphers 'DEFAULT:!DH' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "node", "Leave DHE out: the server may have ECDHE or RSA as well.",
     "$ node --tls-cipher-list='DEFAULT:!DH' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "wget, GnuTLS", "Leave DHE out: the server may have ECDHE or RSA as well.",
     "$ wget --ciphers='NORMAL:-DHE-RSA' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli", "Leave DHE out: the server may have ECDHE or RSA as well.",
     "$ gnutls-cli --priority 'NORMAL:-DHE-RSA' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "java", "Leave DHE out: the server may have ECDHE or RSA as well.",
     "$ java -Djdk.tls.client.cipherSuites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 ...", LOWERS_NONE},
    {REMEDY_CLIENT, "ruby", "Leave DHE out: the server may have ECDHE or RSA as well.", "http.ciphers = 'DEFAULT:!DH'",
     LOWERS_NONE},
    {REMEDY_CLIENT, "php", "Leave DHE out: the server may have ECDHE or RSA as well.",
     "stream_context_create(['ssl' => ['ciphers' => 'DEFAULT:!DH']])", LOWERS_NONE},
    {REMEDY_CLIENT, "perl", "Leave DHE out: the server may have ECDHE or RSA as well.",
     "IO::Socket::SSL->new(SSL_cipher_list => 'DEFAULT:!DH', ...)", LOWERS_NONE},
    {REMEDY_CLIENT, "openssl", "Leave DHE out: the server may have ECDHE or RSA as well.",
     "$ openssl s_client -cipher 'DEFAULT:!DH' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "else", "Leave the DHE suites out of what the client offers: the server may have ECDHE or RSA as well.", NULL,
     LOWERS_NONE},
    {REMEDY_CLIENT, "python",
     "Only if the server has nothing else, and for this connection alone: level 1 takes 1024 bits, which those who "
     "have the means can break.",
     "ctx.set_ciphers('DEFAULT:@SECLEVEL=1')", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "curl, OpenSSL",
     "Only if the server has nothing else, and for this connection alone: level 1 takes 1024 bits, which "
     "those who have the means can break.",
     "$ curl --ciphers 'DEFAULT:@SECLEVEL=1' ...", LOWERS_THIS_CONNECTION},
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
    if (f->evidence->trust != NULL)
        tell_floor(f, &f->evidence->trust->groups_floor, v);
    verdict_add_detail(f->arena, v,
                       "What clients want at least: OpenSSL 1024 bits at security level 1, 2048 at level 2 (Debian's default); "
                       "GnuTLS 1008, with profiles 2048; Java 1024.");
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_dh_too_small = {.id = "dh-too-small", .where = WHERE_SERVER, .observe = observe};
