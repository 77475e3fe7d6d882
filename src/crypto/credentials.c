#include "crypto/credentials.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdint.h>

static BIO *bio_of(bytes_view content)
{
    return content.len > INT_MAX ? NULL : BIO_new_mem_buf(content.data, (int)content.len);
}

/* Nobody is asked: a password that is wanted is an empty one. */
static int no_password(char *out, int size, int writing, void *was_asked)
{
    (void)out;
    (void)size;
    (void)writing;
    *(bool *)was_asked = true;
    return 0;
}

static X509 *certificate_of(bytes_view content)
{
    BIO *in = bio_of(content);
    bool was_asked = false;
    X509 *found = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, no_password, &was_asked);
    if (found == NULL && in != NULL && BIO_reset(in) == 1)
        found = d2i_X509_bio(in, NULL);
    BIO_free(in);
    return found;
}

static EVP_PKEY *key_of(bytes_view content, bool *is_protected)
{
    BIO *in = bio_of(content);
    *is_protected = false;
    EVP_PKEY *found = in == NULL ? NULL : PEM_read_bio_PrivateKey(in, NULL, no_password, is_protected);
    if (found == NULL && in != NULL && BIO_reset(in) == 1)
        found = d2i_PrivateKey_bio(in, NULL);
    BIO_free(in);
    return found;
}

const char *certificate_file_problem(bytes_view content)
{
    (void)ERR_set_mark();
    X509 *found = certificate_of(content);
    (void)ERR_pop_to_mark();
    X509_free(found);
    return found != NULL ? NULL : content.len == 0 ? "is empty" : "holds no certificate in PEM or DER";
}

const char *key_file_problem(bytes_view content)
{
    bool is_protected;
    (void)ERR_set_mark();
    EVP_PKEY *found = key_of(content, &is_protected);
    (void)ERR_pop_to_mark();
    EVP_PKEY_free(found);
    return found != NULL || is_protected ? NULL : content.len == 0 ? "is empty" : "holds no private key in PEM or DER";
}

bool key_file_stays_closed(bytes_view content, const char *password)
{
    bool is_protected;
    const char *known = password == NULL ? "" : password; /* without a callback it is the password itself: nobody is asked */
    (void)ERR_set_mark();
    EVP_PKEY *found = key_of(content, &is_protected);
    EVP_PKEY_free(found);
    BIO *in = is_protected ? bio_of(content) : NULL;
    found = in == NULL ? NULL : PEM_read_bio_PrivateKey(in, NULL, NULL, (void *)(uintptr_t)known);
    bool is_open = found != NULL;
    EVP_PKEY_free(found);
    BIO_free(in);
    (void)ERR_pop_to_mark();
    return is_protected && !is_open;
}

bool key_belongs_to_certificate(bytes_view certificate, bytes_view key)
{
    bool is_protected;
    (void)ERR_set_mark();
    X509 *one = certificate_of(certificate);
    EVP_PKEY *other = key_of(key, &is_protected);
    bool belongs = one == NULL || other == NULL || X509_check_private_key(one, other) == 1;
    EVP_PKEY_free(other);
    X509_free(one);
    (void)ERR_pop_to_mark();
    return belongs;
}
