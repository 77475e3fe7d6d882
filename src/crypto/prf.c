#include "crypto/prf.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

const char *prf_hash(const suite_tls12 *suite, uint16_t version)
{
    return version >= VERSION_TLS12 ? suite->prf_hash : "MD5-SHA1";
}

bool prf_transcript_hash(const char *hash, bytes_view messages, uint8_t out[PRF_HASH_LEN_MAX], size_t *len)
{
    return EVP_Q_digest(NULL, hash, NULL, messages.data, messages.len, out, len) == 1;
}

/* OSSL_PARAM takes no const; all of this is only read. */
static OSSL_PARAM octets(const char *name, const void *data, size_t len)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)data, len);
}

bool prf(const char *hash, bytes_view secret, const char *label, bytes_view seed, uint8_t *out, size_t len)
{
    static const uint8_t nothing[1];
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)hash, 0),
        octets(OSSL_KDF_PARAM_SECRET, secret.len == 0 ? nothing : secret.data, secret.len),
        octets(OSSL_KDF_PARAM_SEED, label, strlen(label)),
        octets(OSSL_KDF_PARAM_SEED, seed.data, seed.len),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
    EVP_KDF_CTX *context = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
    bool made = context != NULL && EVP_KDF_derive(context, out, len, parameters) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return made;
}
