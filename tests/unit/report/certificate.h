/* A certificate made by libcrypto, with the names that are wanted. Ownership: its bytes live in the arena given. */
#ifndef TLSWHY_TESTS_REPORT_CERTIFICATE_H
#define TLSWHY_TESTS_REPORT_CERTIFICATE_H

#include "base/bytes.h"
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* Signed by itself, for 2020 to 2030. `alternative` is a subjectAltName as openssl.cnf writes it; NULL: none. */
static inline bytes_view make_certificate(arena *a, bytes_view common_name, const char *alternative)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_UTF8STRING, common_name.data, (int)common_name.len, -1, 0);
    X509_set_issuer_name(certificate, name);
    ASN1_TIME_set_string(X509_getm_notBefore(certificate), "200101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(certificate), "20300203040506Z");
    X509_EXTENSION *names = alternative == NULL ? NULL : X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternative);
    if (names != NULL)
        X509_add_ext(certificate, names, -1);
    X509_set_version(certificate, X509_VERSION_3);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    bytes_view copy = bytes_copy(a, bytes_from(der, len > 0 ? (size_t)len : 0));
    OPENSSL_free(der);
    X509_EXTENSION_free(names);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return copy;
}

#endif
