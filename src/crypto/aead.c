#include "crypto/aead.h"

#include <openssl/evp.h>

/* Set up for one record. CCM wants the tag before the key, and the length before the data (EVP_EncryptInit(3), "CCM Mode"). */
static EVP_CIPHER_CTX *context_new(const aead *kind, const uint8_t *key, const uint8_t *nonce, bool seals, bytes_view tag)
{
    void *expected = seals ? NULL : (void *)(uintptr_t)tag.data; /* libcrypto takes no const; it is only read */
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, kind->cipher, NULL);
    EVP_CIPHER_CTX *context = cipher == NULL ? NULL : EVP_CIPHER_CTX_new();
    bool ok = context != NULL && EVP_CipherInit_ex2(context, cipher, NULL, NULL, seals ? 1 : 0, NULL) == 1 &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, (int)AEAD_NONCE_LEN, NULL) == 1;
    if (ok && (!seals || kind->is_ccm))
        ok = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, (int)kind->tag_len, expected) == 1;
    ok = ok && EVP_CipherInit_ex2(context, NULL, key, nonce, seals ? 1 : 0, NULL) == 1;
    EVP_CIPHER_free(cipher);
    if (ok)
        return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

/* Both directions: `len` bytes of `in` to `out`, authenticated together with the header. */
static bool run_cipher(EVP_CIPHER_CTX *context, bool is_ccm, bytes_view header, const uint8_t *in, size_t len, uint8_t *out)
{
    int written = 0, last = 0;
    if (is_ccm && EVP_CipherUpdate(context, NULL, &written, NULL, (int)len) != 1)
        return false;
    if (EVP_CipherUpdate(context, NULL, &written, header.data, (int)header.len) != 1)
        return false;
    if (EVP_CipherUpdate(context, out, &written, in, (int)len) != 1)
        return false;
    return is_ccm || EVP_CipherFinal_ex(context, out + written, &last) == 1;
}

bool aead_open(const aead *kind, const uint8_t *key, const uint8_t nonce[AEAD_NONCE_LEN], bytes_view header, bytes_view sealed,
               uint8_t *out)
{
    if (sealed.len < kind->tag_len)
        return false;
    size_t len = sealed.len - kind->tag_len;
    EVP_CIPHER_CTX *context = context_new(kind, key, nonce, false, bytes_slice(sealed, len, kind->tag_len));
    bool opened = context != NULL && run_cipher(context, kind->is_ccm, header, sealed.data, len, out);
    EVP_CIPHER_CTX_free(context);
    return opened;
}

bool aead_seal(const aead *kind, const uint8_t *key, const uint8_t nonce[AEAD_NONCE_LEN], bytes_view header, bytes_view plaintext,
               uint8_t *out)
{
    EVP_CIPHER_CTX *context = context_new(kind, key, nonce, true, bytes_from(NULL, 0));
    bool sealed = context != NULL && run_cipher(context, kind->is_ccm, header, plaintext.data, plaintext.len, out) &&
                  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, (int)kind->tag_len, out + plaintext.len) == 1;
    EVP_CIPHER_CTX_free(context);
    return sealed;
}
