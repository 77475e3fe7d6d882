#include "crypto/timestamps.h"

#include "wire/server_flight.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

enum { DER_LEN_MAX = 1024 * 1024 };

/* The extension's value is an OCTET STRING around the list. */
static size_t count_in(X509_EXTENSION *found)
{
    const ASN1_OCTET_STRING *value = found == NULL ? NULL : X509_EXTENSION_get_data(found);
    if (value == NULL)
        return 0;
    const unsigned char *at = ASN1_STRING_get0_data(value);
    ASN1_OCTET_STRING *inner = d2i_ASN1_OCTET_STRING(NULL, &at, ASN1_STRING_length(value));
    size_t num =
        inner == NULL ? 0 : timestamp_list_count(bytes_from(ASN1_STRING_get0_data(inner), (size_t)ASN1_STRING_length(inner)));
    ASN1_OCTET_STRING_free(inner);
    ERR_clear_error();
    return num;
}

size_t certificate_num_timestamps(bytes_view der)
{
    const unsigned char *at = der.data;
    X509 *certificate = der.len == 0 || der.len > DER_LEN_MAX ? NULL : d2i_X509(NULL, &at, (long)der.len);
    int place = certificate == NULL ? -1 : X509_get_ext_by_NID(certificate, NID_ct_precert_scts, -1);
    size_t num = place < 0 ? 0 : count_in(X509_get_ext(certificate, place));
    X509_free(certificate);
    ERR_clear_error();
    return num;
}

size_t ocsp_response_num_timestamps(bytes_view der)
{
    const unsigned char *at = der.data;
    OCSP_RESPONSE *outer = der.len == 0 || der.len > DER_LEN_MAX ? NULL : d2i_OCSP_RESPONSE(NULL, &at, (long)der.len);
    OCSP_BASICRESP *basic = outer == NULL ? NULL : OCSP_response_get1_basic(outer);
    size_t num = 0;
    for (int i = 0; basic != NULL && i < OCSP_resp_count(basic); i++) {
        OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
        int place = OCSP_SINGLERESP_get_ext_by_NID(single, NID_ct_cert_scts, -1);
        num += place < 0 ? 0 : count_in(OCSP_SINGLERESP_get_ext(single, place));
    }
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(outer);
    ERR_clear_error();
    return num;
}
