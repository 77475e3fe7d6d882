#include "crypto/certificate.h"

#include "registry/registry.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { NAMES_SHOWN_MAX = 8, DER_LEN_MAX = 1024 * 1024, TEXT_LEN_MAX = 256 };

/* Cut between characters of UTF-8: what follows the cut must not begin with a continuation byte. */
static const char *shortened(arena *a, bytes_view text)
{
    size_t len = TEXT_LEN_MAX;
    if (text.len <= len)
        return bytes_to_text(a, text);
    while (len > 0 && (bytes_at(text, len) & 0xC0) == 0x80)
        len--;
    return arena_printf(a, "%s... (%zu bytes)", bytes_to_text(a, bytes_slice(text, 0, len)), text.len);
}

const char *certificate_string_text(arena *a, const ASN1_STRING *value)
{
    int len = ASN1_STRING_length(value);
    bytes_view rest = bytes_from(ASN1_STRING_get0_data(value), len > 0 ? (size_t)len : 0);
    const char *text = shortened(a, bytes_until(rest, 0));
    for (int pieces = 0; bytes_until(rest, 0).len < rest.len && pieces < NAMES_SHOWN_MAX; pieces++) {
        rest = bytes_slice(rest, bytes_until(rest, 0).len + 1, rest.len);
        text = arena_printf(a, "%s\\0%s", text, shortened(a, bytes_until(rest, 0)));
    }
    return text;
}

static const char *text_of_ip(arena *a, const ASN1_OCTET_STRING *value)
{
    enum { IPV4_LEN = 4, IPV6_LEN = 16 };
    bytes_view v = bytes_from(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    char text[INET6_ADDRSTRLEN];
    if (v.len == IPV4_LEN && inet_ntop(AF_INET, v.data, text, sizeof text) != NULL)
        return arena_printf(a, "%s", text);
    if (v.len == IPV6_LEN && inet_ntop(AF_INET6, v.data, text, sizeof text) != NULL)
        return arena_printf(a, "%s", text);
    return bytes_to_hex(a, bytes_slice(v, 0, IPV6_LEN));
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
            list = joined(a, list, certificate_string_text(a, name->d.dNSName));
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
    return certificate_string_text(a, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
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

const char *certificate_name_text(arena *a, const X509_NAME *name)
{
    BIO *out = BIO_new(BIO_s_mem());
    const char *text = "?";
    if (out != NULL && X509_NAME_print_ex(out, name, 0, XN_FLAG_ONELINE & ~(ASN1_STRFLGS_ESC_MSB | XN_FLAG_SPC_EQ)) >= 0) {
        char *data;
        long len = BIO_get_mem_data(out, &data);
        text = shortened(a, bytes_from(data, len > 0 ? (size_t)len : 0));
    }
    BIO_free(out);
    return text;
}

const char *distinguished_name_text(arena *a, bytes_view der)
{
    const unsigned char *at = der.data;
    if (der.len == 0 || der.len > DER_LEN_MAX)
        return NULL;
    X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)der.len);
    const char *text = name == NULL ? NULL : certificate_name_text(a, name);
    X509_NAME_free(name);
    return text;
}

static bytes_view name_der(arena *a, const X509_NAME *name)
{
    unsigned char *encoded = NULL;
    int len = i2d_X509_NAME(name, &encoded);
    bytes_view der = len > 0 ? bytes_copy(a, bytes_from(encoded, (size_t)len)) : bytes_from(NULL, 0);
    OPENSSL_free(encoded);
    return der;
}

/* ASN1_TIME to seconds since 1970, through the difference to it: libcrypto has no function for the number itself. */
static bool seconds_of(const ASN1_TIME *time, int64_t *out)
{
    enum { SECONDS_OF_A_DAY = 86400 };
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    bool ok = epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;
    *out = (int64_t)days * SECONDS_OF_A_DAY + seconds;
    ASN1_TIME_free(epoch);
    return ok;
}

const char *certificate_time_text(arena *a, const ASN1_TIME *time)
{
    struct tm t;
    if (ASN1_TIME_to_tm(time, &t) != 1)
        return "?";
    return arena_printf(a, "%04d-%02d-%02d %02d:%02d:%02d UTC", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min,
                        t.tm_sec);
}

const char *certificate_fingerprint(arena *a, bytes_view der)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    if (EVP_Digest(der.data, der.len, digest, &len, EVP_sha256(), NULL) != 1)
        return "";
    return bytes_to_hex(a, bytes_from(digest, len));
}

static const char *text_or_nothing(const char *text)
{
    return text == NULL ? "" : text;
}

static void summarise_key(arena *a, const X509 *certificate, certificate_summary *out)
{
    const EVP_PKEY *key = X509_get0_pubkey(certificate);
    const char *type = key == NULL ? NULL : EVP_PKEY_get0_type_name(key),
               *algorithm = OBJ_nid2ln(X509_get_signature_nid(certificate));
    int bits = key == NULL ? 0 : EVP_PKEY_get_bits(key);
    out->key_type = type == NULL ? "unknown" : arena_printf(a, "%s", type);
    out->key_bits = bits > 0 ? (size_t)bits : 0;
    out->signature_algorithm = algorithm == NULL ? "unknown" : arena_printf(a, "%s", algorithm);
    ERR_clear_error();
}

bool certificate_summarise(arena *a, bytes_view der, certificate_summary *out)
{
    const unsigned char *at = der.data;
    *out = (certificate_summary){.subject = ""};
    if (der.len == 0 || der.len > DER_LEN_MAX)
        return false;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
    if (certificate == NULL)
        return false;
    const ASN1_TIME *not_before = X509_get0_notBefore(certificate), *not_after = X509_get0_notAfter(certificate);
    out->subject_der = name_der(a, X509_get_subject_name(certificate));
    out->issuer_der = name_der(a, X509_get_issuer_name(certificate));
    out->subject = text_or_nothing(distinguished_name_text(a, out->subject_der));
    out->issuer = text_or_nothing(distinguished_name_text(a, out->issuer_der));
    bool ok = seconds_of(not_before, &out->not_before) && seconds_of(not_after, &out->not_after);
    out->not_before_text = certificate_time_text(a, not_before);
    out->not_after_text = certificate_time_text(a, not_after);
    summarise_key(a, certificate, out);
    X509_free(certificate);
    return ok;
}

/* RFC 8446, 4.2.3: the PSS schemes salt with as many bytes as the hash has. */
static bool set_padding(EVP_PKEY_CTX *context, const signature_scheme_row *scheme)
{
    bool is_pss = strncmp(scheme->name, "rsa_pss_", strlen("rsa_pss_")) == 0;
    return !is_pss || (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
                       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0);
}

static bool verify(EVP_PKEY *key, const signature_scheme_row *scheme, bytes_view content, bytes_view signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *borrowed = NULL;
    bool is_pure = strcmp(scheme->key_type, "EdDSA") == 0;
    bool right =
        context != NULL && EVP_DigestVerifyInit_ex(context, &borrowed, is_pure ? NULL : scheme->hash, NULL, NULL, key, NULL) > 0 &&
        set_padding(borrowed, scheme) && EVP_DigestVerify(context, signature.data, signature.len, content.data, content.len) == 1;
    EVP_MD_CTX_free(context);
    return right;
}

bool certificate_signature_is_right(bytes_view der, uint16_t scheme, bytes_view content, bytes_view signature)
{
    const signature_scheme_row *row = signature_scheme_find(scheme);
    const unsigned char *at = der.data;
    if (row == NULL || der.len == 0 || der.len > DER_LEN_MAX)
        return false;
    (void)ERR_set_mark();
    X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
    EVP_PKEY *key = certificate == NULL ? NULL : X509_get0_pubkey(certificate);
    bool right = key != NULL && verify(key, row, content, signature);
    (void)ERR_pop_to_mark();
    X509_free(certificate);
    return right;
}

bool certificate_signature_is_right_before_tls12(bytes_view der, bytes_view content, bytes_view signature)
{
    signature_scheme_row row = {.name = "", .key_type = "", .hash = "SHA1"};
    const unsigned char *at = der.data;
    if (der.len == 0 || der.len > DER_LEN_MAX)
        return false;
    (void)ERR_set_mark();
    X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
    EVP_PKEY *key = certificate == NULL ? NULL : X509_get0_pubkey(certificate);
    if (key != NULL && EVP_PKEY_is_a(key, "RSA") == 1)
        row.hash = "MD5-SHA1";
    bool right = key != NULL && verify(key, &row, content, signature);
    (void)ERR_pop_to_mark();
    X509_free(certificate);
    return right;
}
