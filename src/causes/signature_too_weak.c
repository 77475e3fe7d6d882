/* signature-too-weak: the server signs its key exchange with a hash that the client's security level refuses. */
#include "causes/after_hello.h"
#include "causes/certificate.h"
#include "registry/registry.h"

/* SignatureScheme's first byte is the hash of TLS 1.2 (RFC 5246, 7.4.1.4.1): md5 1, sha1 2. */
enum { HASH_SHA1 = 2, HASH_NONE = 0 };

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL,
     "Let the server speak TLS 1.2 or 1.3 and sign with SHA-256 or better: its software is likely to be older than 2012 where it "
     "cannot.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "python", "For this connection alone, allow SHA-1 signatures until the server is renewed.",
     "ctx.set_ciphers('DEFAULT:@SECLEVEL=0')", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "curl", "For this connection alone, allow SHA-1 signatures until the server is renewed.",
     "$ curl --ciphers 'DEFAULT:@SECLEVEL=0' ...", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "node", "For this program alone, allow SHA-1 signatures until the server is renewed.",
     "$ node --tls-cipher-list='DEFAULT:@SECLEVEL=0' ...", LOWERS_THIS_PROGRAM},
    {REMEDY_CLIENT, "openssl", "For this connection alone, allow SHA-1 signatures until the server is renewed.",
     "$ openssl s_client -cipher 'DEFAULT:@SECLEVEL=0' ...", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "else",
     "For this connection alone, let the client allow SHA-1 signatures (OpenSSL: security level 0, CipherString = "
     "DEFAULT:@SECLEVEL=0) until the server is renewed.",
     NULL, LOWERS_THIS_CONNECTION},
};

/* What the key exchange is signed with; NULL where that is not weak. Before TLS 1.2 there is no choice (RFC 4346, 7.4.3). */
static const char *weak_signature(const facts *f, const conversation *c)
{
    uint16_t scheme = c->server_key_exchange.signature_scheme;
    const cipher_suite_row *suite = cipher_suite_find(c->server_hello.cipher_suite);
    bool is_signed = suite != NULL && suite->authentication != SUITE_AUTH_ANONYMOUS && suite->authentication != SUITE_AUTH_NULL;
    if (!c->has_server_key_exchange || !is_signed)
        return NULL;
    if (c->server_hello.version < VERSION_TLS12)
        return suite->authentication == SUITE_AUTH_RSA ? "MD5 and SHA-1 together, as TLS 1.0 and 1.1 have to"
                                                       : "SHA-1, as TLS 1.0 and 1.1 have to";
    bool is_weak = scheme >> 8 <= HASH_SHA1 && scheme >> 8 != HASH_NONE;
    return is_weak ? signature_scheme_name(f->arena, scheme) : NULL;
}

static bool observe(const facts *f, verdict *v)
{
    const conversation *c = f->evidence->failed;
    if (!f->is_after_hello || !client_gave_up(f) || c->phase >= PHASE_CLIENT_FINISHED)
        return false;
    const char *weak = weak_signature(f, c);
    int said = alert_read_from(f, SIDE_CLIENT);
    if (weak == NULL || !alert_may_be_on_parameters(said))
        return false;
    v->proof = said == ALERT_NOT_READ ? PROOF_INFERRED : PROOF_OBSERVED;
    v->headline =
        arena_printf(f->arena,
                     "Version and suite are shared (%s), but the server signs its key exchange with %s, which the client's "
                     "security level (SECLEVEL) refuses: it ends the handshake there%s%s.",
                     version_name(f->arena, c->server_hello.version), weak, said == ALERT_NOT_READ ? "" : ", with alert ",
                     said == ALERT_NOT_READ ? "" : alert_name(f->arena, (uint8_t)said));
    if (f->evidence->trust != NULL)
        tell_floor(f, &f->evidence->trust->floor, v);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_signature_too_weak = {.id = "signature-too-weak", .where = WHERE_BOTH, .observe = observe};
