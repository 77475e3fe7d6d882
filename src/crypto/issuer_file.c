#include "crypto/issuer_file.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <string.h>

enum { FILE_LEN_MAX = 1024 * 1024 };

static void add(arena *a, issuer_file *out, enum issuer_form form, const X509 *certificate)
{
    unsigned char *encoded = NULL;
    int len = out->num_certificates < ISSUER_FILE_CERTIFICATES_MAX ? i2d_X509(certificate, &encoded) : 0;
    if (len > 0) {
        out->certificates[out->num_certificates++] = bytes_copy(a, bytes_from(encoded, (size_t)len));
        out->form = form;
    }
    OPENSSL_free(encoded);
}

static void add_der(arena *a, issuer_file *out, enum issuer_form form, bytes_view der)
{
    const unsigned char *at = der.data;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
    if (certificate != NULL)
        add(a, out, form, certificate);
    X509_free(certificate);
}

static void add_message(arena *a, issuer_file *out, enum issuer_form form, bytes_view encoded)
{
    const unsigned char *at = encoded.data;
    PKCS7 *message = d2i_PKCS7(NULL, &at, (long)encoded.len);
    const STACK_OF(X509) *all =
        message != NULL && PKCS7_type_is_signed(message) && message->d.sign != NULL ? message->d.sign->cert : NULL;
    for (int i = 0; i < sk_X509_num(all); i++)
        add(a, out, form, sk_X509_value(all, i));
    PKCS7_free(message);
}

static void add_blocks(arena *a, issuer_file *out, bytes_view text)
{
    BIO *in = BIO_new_mem_buf(text.data, (int)text.len);
    char *name = NULL, *header = NULL;
    unsigned char *content = NULL;
    long len = 0;
    while (in != NULL && PEM_read_bio(in, &name, &header, &content, &len) == 1) {
        bytes_view block = bytes_from(content, len > 0 ? (size_t)len : 0);
        if (strcmp(name, PEM_STRING_X509) == 0)
            add_der(a, out, ISSUER_PEM, block);
        else if (strcmp(name, PEM_STRING_PKCS7) == 0 || strcmp(name, PEM_STRING_CMS) == 0)
            add_message(a, out, ISSUER_CMS_PEM, block);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(content);
    }
    BIO_free(in);
}

issuer_file issuer_file_read(arena *a, bytes_view file)
{
    issuer_file out = {.certificates = ARENA_ARRAY(a, ISSUER_FILE_CERTIFICATES_MAX, bytes_view)};
    if (file.len == 0 || file.len > FILE_LEN_MAX)
        return out;
    (void)ERR_set_mark();
    add_der(a, &out, ISSUER_DER, file);
    if (out.num_certificates == 0)
        add_message(a, &out, ISSUER_CMS_DER, file);
    if (out.num_certificates == 0)
        add_blocks(a, &out, file);
    (void)ERR_pop_to_mark();
    return out;
}
