#include "crypto/key_exchange.h"

#include "crypto/key_share.h"
#include "registry/registry.h"
#include "wire/writer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { PREMASTER_RSA_LEN = 48, EXPONENT_LEN = 64, PRIME_LEN_MAX = 1024, MESSAGE_LEN_MAX = 4096, DER_LEN_MAX = 1024 * 1024 };

static bool message_make(arena *a, bytes_view value, size_t length_size, bytes_view *out)
{
    writer w;
    writer_init(&w, MESSAGE_LEN_MAX);
    writer_vector v = length_size == 1 ? writer_open8(&w) : writer_open16(&w);
    write_bytes(&w, value);
    writer_close(&w, v);
    return writer_take(&w, a, out);
}

/* ---- RSA ------------------------------------------------------------------------------------------------------------------ */

static bool encrypt_to(arena *a, EVP_PKEY *key, bytes_view plain, bytes_view *out)
{
    EVP_PKEY_CTX *context = key == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    size_t len = 0;
    uint8_t *sealed = NULL;
    bool made = context != NULL && EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_encrypt_init(context) > 0 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
                EVP_PKEY_encrypt(context, NULL, &len, plain.data, plain.len) > 0;
    if (made) {
        sealed = arena_alloc(a, len);
        made = EVP_PKEY_encrypt(context, sealed, &len, plain.data, plain.len) > 0;
    }
    EVP_PKEY_CTX_free(context);
    *out = bytes_from(sealed, made ? len : 0);
    return made;
}

bool key_exchange_rsa(arena *a, bytes_view leaf, uint16_t offered_version, key_exchange *out)
{
    const unsigned char *at = leaf.data;
    uint8_t *premaster = arena_alloc(a, PREMASTER_RSA_LEN);
    bytes_view sealed;
    if (leaf.len == 0 || leaf.len > DER_LEN_MAX)
        return false;
    crypto_random_bytes(NULL, premaster, PREMASTER_RSA_LEN);
    premaster[0] = (uint8_t)(offered_version >> 8);
    premaster[1] = (uint8_t)offered_version;
    out->premaster = bytes_from(premaster, PREMASTER_RSA_LEN);
    (void)ERR_set_mark();
    X509 *certificate = d2i_X509(NULL, &at, (long)leaf.len);
    bool made = certificate != NULL && encrypt_to(a, X509_get0_pubkey(certificate), out->premaster, &sealed);
    X509_free(certificate);
    (void)ERR_pop_to_mark();
    return made && message_make(a, sealed, 2, &out->message);
}

/* ---- a finite field ------------------------------------------------------------------------------------------------------- */

static BIGNUM *number(bytes_view v)
{
    return BN_bin2bn(v.data, (int)v.len, NULL);
}

/* base^exponent mod prime, without leading zeros (RFC 5246, 8.1.2). Plain arithmetic: libcrypto's own Diffie-Hellman refuses the
 * weak primes that are of most interest here. */
static bool power(arena *a, const BIGNUM *base, const BIGNUM *exponent, const BIGNUM *prime, bytes_view *out)
{
    BN_CTX *context = BN_CTX_new();
    BIGNUM *result = BN_new();
    bool made = context != NULL && result != NULL && BN_mod_exp(result, base, exponent, prime, context) == 1;
    uint8_t *bytes = arena_alloc(a, PRIME_LEN_MAX);
    if (made)
        *out = bytes_from(bytes, (size_t)BN_bn2bin(result, bytes));
    BN_clear_free(result);
    BN_CTX_free(context);
    return made;
}

bool key_exchange_dhe(arena *a, const server_key_exchange *server, key_exchange *out)
{
    uint8_t secret[EXPONENT_LEN];
    if (server->prime.len == 0 || server->prime_bits == 0 || server->prime_bits > 8 * PRIME_LEN_MAX ||
        server->generator.len > server->prime.len || server->public_value.len > server->prime.len ||
        server->prime.len > MESSAGE_LEN_MAX)
        return false;
    crypto_random_bytes(NULL, secret, sizeof secret);
    (void)ERR_set_mark();
    BIGNUM *prime = number(server->prime), *generator = number(server->generator), *theirs = number(server->public_value);
    BIGNUM *exponent = number(bytes_from(secret, sizeof secret));
    bytes_view ours = bytes_from(NULL, 0);
    bool made = prime != NULL && generator != NULL && theirs != NULL && exponent != NULL &&
                power(a, generator, exponent, prime, &ours) && power(a, theirs, exponent, prime, &out->premaster);
    BN_free(prime);
    BN_free(generator);
    BN_free(theirs);
    BN_clear_free(exponent);
    (void)ERR_pop_to_mark();
    return made && message_make(a, ours, 2, &out->message);
}

/* ---- curves ----------------------------------------------------------------------------------------------------------------- */

/* Named curves of RFC 8422 and RFC 7027 by libcrypto's names; it may have been built without some. */
static const struct {
    uint16_t group;
    const char *algorithm, *curve;
} curves[] = {
    {1, "EC", "sect163k1"},        {2, "EC", "sect163r1"},        {3, "EC", "sect163r2"},
    {4, "EC", "sect193r1"},        {5, "EC", "sect193r2"},        {6, "EC", "sect233k1"},
    {7, "EC", "sect233r1"},        {8, "EC", "sect239k1"},        {9, "EC", "sect283k1"},
    {10, "EC", "sect283r1"},       {11, "EC", "sect409k1"},       {12, "EC", "sect409r1"},
    {13, "EC", "sect571k1"},       {14, "EC", "sect571r1"},       {15, "EC", "secp160k1"},
    {16, "EC", "secp160r1"},       {17, "EC", "secp160r2"},       {18, "EC", "secp192k1"},
    {19, "EC", "P-192"},           {20, "EC", "secp224k1"},       {21, "EC", "P-224"},
    {22, "EC", "secp256k1"},       {23, "EC", "P-256"},           {24, "EC", "P-384"},
    {25, "EC", "P-521"},           {26, "EC", "brainpoolP256r1"}, {27, "EC", "brainpoolP384r1"},
    {28, "EC", "brainpoolP512r1"}, {29, "X25519", NULL},          {30, "X448", NULL},
};

static EVP_PKEY *pair_make(uint16_t group)
{
    EVP_PKEY_CTX *context = NULL;
    EVP_PKEY *key = NULL;
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
        if (curves[i].group != group)
            continue;
        char *name = (char *)(uintptr_t)curves[i].curve; /* OSSL_PARAM takes no const; it is only read */
        OSSL_PARAM parameters[] = {OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
        if (name != NULL)
            parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0);
        context = EVP_PKEY_CTX_new_from_name(NULL, curves[i].algorithm, NULL);
        if (context == NULL || EVP_PKEY_keygen_init(context) <= 0 || EVP_PKEY_CTX_set_params(context, parameters) <= 0 ||
            EVP_PKEY_generate(context, &key) <= 0)
            key = NULL;
        EVP_PKEY_CTX_free(context);
    }
    return key;
}

static bool derive(arena *a, EVP_PKEY *own, bytes_view point, bytes_view *out)
{
    EVP_PKEY *peer = EVP_PKEY_new();
    EVP_PKEY_CTX *context = NULL;
    size_t len = MESSAGE_LEN_MAX;
    uint8_t *secret = arena_alloc(a, len);
    bool made = peer != NULL && EVP_PKEY_copy_parameters(peer, own) > 0 &&
                EVP_PKEY_set1_encoded_public_key(peer, point.data, point.len) > 0 &&
                (context = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL)) != NULL && EVP_PKEY_derive_init(context) > 0 &&
                EVP_PKEY_derive_set_peer(context, peer) > 0 && EVP_PKEY_derive(context, secret, &len) > 0;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(peer);
    *out = bytes_from(secret, made ? len : 0);
    return made;
}

bool key_exchange_ecdhe(arena *a, const server_key_exchange *server, key_exchange *out)
{
    unsigned char *encoded = NULL;
    (void)ERR_set_mark();
    EVP_PKEY *own = server->public_value.len == 0 ? NULL : pair_make(server->group);
    size_t len = own == NULL ? 0 : EVP_PKEY_get1_encoded_public_key(own, &encoded);
    bool made = len > 0 && derive(a, own, server->public_value, &out->premaster) &&
                message_make(a, bytes_from(encoded, len), 1, &out->message);
    OPENSSL_free(encoded);
    EVP_PKEY_free(own);
    (void)ERR_pop_to_mark();
    return made;
}
