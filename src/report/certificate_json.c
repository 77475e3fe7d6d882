#include "report/certificate_json.h"

#include "crypto/certificate.h"
#include "report/report.h"
#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

enum { NAMES_MAX = 256, BYTES_MAX = 1024 * 1024, IPV4_LEN = 4, IPV6_LEN = 16 };
#define NAME_LEN_MAX ((size_t)1024)
#define DISTINGUISHED_NAME_LEN_MAX ((size_t)4096)

static json_t *escaped(arena *a, bytes_view v, size_t len_max)
{
    return json_string(text_escape(a, v, len_max));
}

json_t *base64_to_json(arena *a, bytes_view v)
{
    if (v.len == 0 || v.len > BYTES_MAX)
        return json_null();
    unsigned char *out = arena_alloc(a, v.len / 3 * 4 + 8);
    int len = EVP_EncodeBlock(out, v.data, (int)v.len);
    return json_stringn((const char *)out, len < 0 ? 0 : (size_t)len);
}

/* As RFC 4514 writes it; letters beyond ASCII stay UTF-8. */
static json_t *distinguished_name(arena *a, const X509_NAME *name)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *text = NULL;
    json_t *result = json_null();
    if (out != NULL && X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
        long len = BIO_get_mem_data(out, &text);
        result = escaped(a, bytes_from(text, len > 0 ? (size_t)len : 0), DISTINGUISHED_NAME_LEN_MAX);
    }
    BIO_free(out);
    return result;
}

static json_t *moment(arena *a, const ASN1_TIME *time)
{
    struct tm parts;
    if (time == NULL || ASN1_TIME_to_tm(time, &parts) != 1)
        return json_null();
    return json_string(arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                                    parts.tm_hour, parts.tm_min, parts.tm_sec));
}

static bytes_view bytes_of(const ASN1_STRING *value)
{
    int len = ASN1_STRING_length(value);
    return bytes_from(ASN1_STRING_get0_data(value), len > 0 ? (size_t)len : 0);
}

static json_t *address_name(arena *a, bytes_view address)
{
    char text[INET6_ADDRSTRLEN];
    int family = address.len == IPV4_LEN ? AF_INET : AF_INET6;
    if ((address.len != IPV4_LEN && address.len != IPV6_LEN) || inet_ntop(family, address.data, text, sizeof text) == NULL)
        return json_string(bytes_to_hex(a, address));
    return json_string(text);
}

static json_t *alternative_names(arena *a, const X509 *certificate)
{
    json_t *array = json_array();
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    int count = names == NULL ? 0 : sk_GENERAL_NAME_num(names);
    for (int i = 0; i < count && i < NAMES_MAX; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS)
            json_array_append_new(array, escaped(a, bytes_of(name->d.dNSName), NAME_LEN_MAX));
        else if (name->type == GEN_IPADD)
            json_array_append_new(array, address_name(a, bytes_of(name->d.iPAddress)));
    }
    GENERAL_NAMES_free(names);
    return array;
}

static X509 *parsed(bytes_view der)
{
    const unsigned char *at = der.data;
    return der.len == 0 || der.len > BYTES_MAX ? NULL : d2i_X509(NULL, &at, (long)der.len);
}

json_t *certificate_to_json(arena *a, bytes_view der)
{
    X509 *read = parsed(der);
    json_t *object = json_object();
    json_object_set_new(object, "subject", read == NULL ? json_null() : distinguished_name(a, X509_get_subject_name(read)));
    json_object_set_new(object, "issuer", read == NULL ? json_null() : distinguished_name(a, X509_get_issuer_name(read)));
    json_object_set_new(object, "not_before", read == NULL ? json_null() : moment(a, X509_get0_notBefore(read)));
    json_object_set_new(object, "not_after", read == NULL ? json_null() : moment(a, X509_get0_notAfter(read)));
    json_object_set_new(object, "names", read == NULL ? json_array() : alternative_names(a, read));
    json_object_set_new(object, "sha256", json_string(certificate_fingerprint(a, der)));
    json_object_set_new(object, "der", base64_to_json(a, der));
    X509_free(read);
    return object;
}
