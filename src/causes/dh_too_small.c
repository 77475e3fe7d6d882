/* dh-too-small: the server's Diffie-Hellman group is smaller than the client accepts; it ends after the server's key exchange. */
#include "causes/after_hello.h"
#include "causes/certificate.h"
#include "registry/registry.h"

/* No client of today asks for more than this by itself: OpenSSL's security level 2 and GnuTLS's profile "medium" want 2048. */
enum { BITS_ENOUGH = 2048, LATE_STANDARD = 1024 };

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
};

/* Where it is the library's own floor. */
static const remedy_row level_rows[] = {
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

/* Where it is Node.js's, and the group is no smaller than its own. */
static const remedy_row late_rows[] = {
    {REMEDY_CLIENT, "node",
     "Only if the server has nothing else, and for this connection alone: 1024 bits, which those who have the means can break.",
     "https.request({ minDHSize: 1024, ... })", LOWERS_THIS_CONNECTION},
};

/* The floor that is held against the group once the handshake is over, where the group is below it. */
static const trust_floor *late_floor(const facts *f, size_t bits)
{
    const trust_store *trust = f->evidence->trust;
    return trust != NULL && bits < trust->late_groups_floor.bits ? &trust->late_groups_floor : NULL;
}

static void tell_small(const facts *f, size_t bits, int said, verdict *v)
{
    v->proof = said == ALERT_NOT_READ ? PROOF_INFERRED : PROOF_OBSERVED;
    v->headline = arena_printf(
        f->arena,
        "The server's Diffie-Hellman group has %zu bits, less than the client accepts: it ends the handshake "
        "when it has read the server's key exchange%s%s.",
        bits, said == ALERT_NOT_READ ? "" : ", with alert ", said == ALERT_NOT_READ ? "" : alert_name(f->arena, (uint8_t)said));
    if (f->evidence->trust != NULL)
        tell_floor(f, &f->evidence->trust->groups_floor, v);
}

static void tell_late(const facts *f, size_t bits, const trust_floor *floor, verdict *v)
{
    v->proof = PROOF_INFERRED;
    v->headline = arena_printf(f->arena,
                               "The server's Diffie-Hellman group has %zu bits, less than the %zu that the client wants: it leaves "
                               "when the handshake is over, before it has sent anything.",
                               bits, floor->bits);
    if (floor->origin != FLOOR_BY_PROGRAM) /* else the line that sets it is looked for */
        tell_floor(f, floor, v);
}

static bool observe(const facts *f, verdict *v)
{
    const conversation *c = f->evidence->failed;
    if (!f->is_after_hello || !client_gave_up(f) || !c->has_server_key_exchange)
        return false;
    const server_key_exchange *exchange = &c->server_key_exchange;
    int said = alert_read_from(f, SIDE_CLIENT);
    size_t bits = exchange->kind == KEY_EXCHANGE_DHE ? exchange->prime_bits : 0;
    bool is_early = c->phase < PHASE_CLIENT_FINISHED && alert_may_be_on_parameters(said);
    const trust_floor *late = c->phase >= PHASE_ESTABLISHED && said == ALERT_NOT_READ ? late_floor(f, bits) : NULL;
    if (bits == 0 || (late == NULL && (!is_early || bits >= BITS_ENOUGH)))
        return false;
    if (late != NULL)
        tell_late(f, bits, late, v);
    else
        tell_small(f, bits, said, v);
    verdict_add_detail(f->arena, v,
                       "What clients want at least: OpenSSL 1024 bits at security level 1, 2048 at level 2 (Debian's default); "
                       "GnuTLS 1008, with profiles 2048; Java 1024; Node.js its option minDHSize, 1024.");
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    if (late == NULL)
        verdict_add_remedy_rows(f, v, level_rows, sizeof level_rows / sizeof *level_rows);
    else if (bits >= LATE_STANDARD)
        verdict_add_remedy_rows(f, v, late_rows, sizeof late_rows / sizeof *late_rows);
    return true;
}

const cause cause_dh_too_small = {.id = "dh-too-small", .where = WHERE_SERVER, .observe = observe};
