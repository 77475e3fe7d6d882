/* Timestamps in a certificate, as they are counted. */
#include "crypto/timestamps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/x509v3.h>

/* A certificate of which the list is that, as the extension has it: an OCTET STRING within the value. */
static bytes_view certificate_with(arena *a, const uint8_t *list, size_t list_len)
{
    X509 *c = X509_new();
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC, (const unsigned char *)"a server", -1, -1, 0);
    X509_set_issuer_name(c, X509_get_subject_name(c));
    X509_gmtime_adj(X509_getm_notBefore(c), 0);
    X509_gmtime_adj(X509_getm_notAfter(c), 86400);
    X509_set_pubkey(c, key);
    if (list != NULL) {
        ASN1_OCTET_STRING *inner = ASN1_OCTET_STRING_new(), *outer = ASN1_OCTET_STRING_new();
        unsigned char *der = NULL;
        ASN1_OCTET_STRING_set(inner, list, (int)list_len);
        int der_len = i2d_ASN1_OCTET_STRING(inner, &der);
        ASN1_OCTET_STRING_set(outer, der, der_len);
        X509_EXTENSION *e = X509_EXTENSION_create_by_NID(NULL, NID_ct_precert_scts, 0, outer);
        X509_add_ext(c, e, -1);
        X509_EXTENSION_free(e);
        ASN1_OCTET_STRING_free(inner);
        ASN1_OCTET_STRING_free(outer);
        OPENSSL_free(der);
    }
    assert_true(X509_sign(c, key, EVP_sha256()) > 0);
    unsigned char *der = NULL;
    int len = i2d_X509(c, &der);
    bytes_view out = bytes_copy(a, bytes_from(der, (size_t)len));
    OPENSSL_free(der);
    X509_free(c);
    EVP_PKEY_free(key);
    return out;
}

static void timestamps_in_a_certificate_are_counted(void **state)
{
    (void)state;
    static const uint8_t two[] = {0, 8, 0, 2, 1, 2, 0, 2, 3, 4};
    arena *a = arena_new();
    assert_int_equal(certificate_num_timestamps(certificate_with(a, two, sizeof two)), 2);
    assert_int_equal(certificate_num_timestamps(certificate_with(a, NULL, 0)), 0);
    arena_free(a);
}

static void what_cannot_be_read_has_none(void **state)
{
    (void)state;
    static const uint8_t cut[] = {0, 8, 0, 2, 1};
    arena *a = arena_new();
    bytes_view certificate = certificate_with(a, cut, sizeof cut);
    assert_int_equal(certificate_num_timestamps(certificate), 0);
    assert_int_equal(certificate_num_timestamps(bytes_slice(certificate, 0, 50)), 0);
    assert_int_equal(ocsp_response_num_timestamps(certificate), 0);
    assert_int_equal(ocsp_response_num_timestamps(bytes_from(NULL, 0)), 0);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timestamps_in_a_certificate_are_counted),
        cmocka_unit_test(what_cannot_be_read_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
