#include "crypto/certificate.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

enum { NAMES_SHOWN_MAX = 8, DER_LEN_MAX = 1024 * 1024 };

static const char *text_of_asn1(arena *a, const ASN1_STRING *value)
{
    int len = ASN1_STRING_length(value);
    return bytes_to_text(a, bytes_from(ASN1_STRING_get0_data(value), len > 0 ? (size_t)len : 0));
}

static const char *text_of_ip(arena *a, const ASN1_OCTET_STRING *value)
{
    bytes_view v = bytes_from(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    if (v.len == 4)
        return arena_printf(a, "%d.%d.%d.%d", bytes_at(v, 0), bytes_at(v, 1), bytes_at(v, 2), bytes_at(v, 3));
    return bytes_to_hex(a, v);
}

static const char *joined(arena *a, const char *list, const char *next)
{
    return list == NULL ? next : arena_printf(a, "%s, %s", list, next);
}

static const char *alternative_names(arena *a, const X509 *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    const char *list = NULL;
    int count = names == NULL ? 0 : sk_GENERAL_NAME_num(names);
    for (int i = 0; i < count && i < NAMES_SHOWN_MAX; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS)
            list = joined(a, list, text_of_asn1(a, name->d.dNSName));
        else if (name->type == GEN_IPADD)
            list = joined(a, list, text_of_ip(a, name->d.iPAddress));
    }
    if (list != NULL && count > NAMES_SHOWN_MAX)
        list = arena_printf(a, "%s and %d more", list, count - NAMES_SHOWN_MAX);
    GENERAL_NAMES_free(names);
    return list;
}

static const char *common_name(arena *a, const X509 *certificate)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (index < 0)
        return NULL;
    return text_of_asn1(a, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
}

const char *certificate_names_text(arena *a, bytes_view der)
{
    if (der.len == 0 || der.len > DER_LEN_MAX)
        return NULL;
    const unsigned char *at = der.data;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
    if (certificate == NULL)
        return NULL;
    const char *list = alternative_names(a, certificate);
    if (list == NULL)
        list = common_name(a, certificate);
    X509_free(certificate);
    return list;
}
