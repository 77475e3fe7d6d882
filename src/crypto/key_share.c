/*
 * libcrypto makes the keys. Its configuration file is not read: the user's openssl.cnf may be the very thing that is at fault,
 * and must not decide what a probe can say.
 */
#include "crypto/key_share.h"
#include "crypto/key_pair.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <sys/random.h>

/* IANA TLS Supported Groups, as of 2026-11. The name and, for a family of curves or primes, the parameter by which libcrypto knows
 * it; the length of the public key on the wire: RFC 8446, 4.2.8.1 (DH: that of the prime) and 4.2.8.2 (points), RFC 7748;
 * draft-ietf-tls-ecdhe-mlkem and draft-ietf-tls-mlkem for the last rows, which libcrypto has from 3.5 on. */
typedef struct recipe {
    uint16_t group;
    const char *algorithm;
    const char *parameter; /* NULL: none */
    size_t len;            /* bytes */
} recipe;

static const recipe recipes[] = {
    {23, "EC", "P-256", 65},
    {24, "EC", "P-384", 97},
    {25, "EC", "P-521", 133},
    {26, "EC", "brainpoolP256r1", 65}, /* RFC 7027 */
    {27, "EC", "brainpoolP384r1", 97},
    {28, "EC", "brainpoolP512r1", 129},
    {29, "X25519", NULL, 32},
    {30, "X448", NULL, 56},
    {31, "EC", "brainpoolP256r1", 65}, /* RFC 8734: the numbers in TLS 1.3 */
    {32, "EC", "brainpoolP384r1", 97},
    {33, "EC", "brainpoolP512r1", 129},
    {256, "DH", "ffdhe2048", 256}, /* RFC 7919 */
    {257, "DH", "ffdhe3072", 384},
    {258, "DH", "ffdhe4096", 512},
    {259, "DH", "ffdhe6144", 768},
    {260, "DH", "ffdhe8192", 1024},
    {0x0200, "ML-KEM-512", NULL, 800},
    {0x0201, "ML-KEM-768", NULL, 1184},
    {0x0202, "ML-KEM-1024", NULL, 1568},
    {0x11eb, "SecP256r1MLKEM768", NULL, 65 + 1184},
    {0x11ec, "X25519MLKEM768", NULL, 1184 + 32},
    {0x11ed, "SecP384r1MLKEM1024", NULL, 97 + 1568},
};

static const recipe *recipe_of(uint16_t group)
{
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++)
        if (recipes[i].group == group)
            return &recipes[i];
    return NULL;
}

static bool set_parameter(EVP_PKEY_CTX *context, const char *name)
{
    char *borrowed = (char *)(uintptr_t)name; /* OSSL_PARAM takes no const; it is only read */
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, borrowed, 0),
                               OSSL_PARAM_construct_end()};
    return EVP_PKEY_CTX_set_params(context, parameters) > 0;
}

/* Ready to generate, or NULL where this libcrypto does not know the group. */
static EVP_PKEY_CTX *generator_new(const recipe *r)
{
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, r->algorithm, NULL);
    if (context == NULL)
        return NULL;
    if (EVP_PKEY_keygen_init(context) > 0 && (r->parameter == NULL || set_parameter(context, r->parameter)))
        return context;
    EVP_PKEY_CTX_free(context);
    return NULL;
}

/* RFC 8446, 4.2.8.1: left-padded with zeros to the length of the prime. libcrypto pads in some versions only. */
static bytes_view padded(arena *a, const unsigned char *key, size_t key_len, size_t len)
{
    buffer out;
    buffer_init(&out, len);
    static const unsigned char zero[1];
    bool fits = key_len <= len;
    for (size_t i = key_len; fits && i < len; i++)
        fits = buffer_append(&out, zero, 1);
    fits = fits && buffer_append(&out, key, key_len);
    bytes_view result = fits ? bytes_copy(a, buffer_view(&out)) : bytes_from(NULL, 0);
    buffer_free(&out);
    return result;
}

/* A fresh pair, and its public part as the wire wants it. NULL where this libcrypto cannot; else the caller's to free. */
static EVP_PKEY *make(arena *a, const recipe *r, bytes_view *out)
{
    EVP_PKEY_CTX *context = generator_new(r);
    EVP_PKEY *key = NULL;
    unsigned char *public_key = NULL;
    size_t len = 0;
    if (context != NULL && EVP_PKEY_generate(context, &key) > 0)
        len = EVP_PKEY_get1_encoded_public_key(key, &public_key);
    *out = len == 0 ? bytes_from(NULL, 0) : padded(a, public_key, len, r->len);
    OPENSSL_free(public_key);
    EVP_PKEY_CTX_free(context);
    if (out->len == r->len)
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

EVP_PKEY *key_pair_make(arena *a, uint16_t group, bytes_view *public_key)
{
    const recipe *r = recipe_of(group);
    *public_key = bytes_from(NULL, 0);
    if (r == NULL)
        return NULL;
    (void)ERR_set_mark();
    EVP_PKEY *key = make(a, r, public_key);
    (void)ERR_pop_to_mark();
    return key;
}

bool key_share_make(arena *a, uint16_t group, bytes_view *out)
{
    EVP_PKEY *key = key_pair_make(a, group, out);
    EVP_PKEY_free(key);
    return key != NULL;
}

bool key_share_can_make(uint16_t group)
{
    const recipe *r = recipe_of(group);
    if (r == NULL)
        return false;
    (void)ERR_set_mark();
    EVP_PKEY_CTX *context = generator_new(r);
    (void)ERR_pop_to_mark();
    EVP_PKEY_CTX_free(context);
    return context != NULL;
}

void crypto_random_bytes(void *unused, uint8_t *out, size_t len)
{
    (void)unused;
    while (len > 0) {
        ssize_t got = getrandom(out, len, 0);
        if (got < 0 && errno != EINTR)
            abort(); /* the kernel has no random numbers: nothing that we sent would be worth anything */
        if (got > 0) {
            out += got;
            len -= (size_t)got;
        }
    }
}
