#include "crypto/keystore.h"

#include "crypto/certificate_names.h"
#include "crypto/nss_database.h"
#include "wire/reader.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { FILE_LEN_MAX = 256 * 1024 * 1024, DER_LEN_MAX = 1024 * 1024 };

/* Of the JDK, sun.security.provider.JavaKeyStore.JKS. */
#define JKS_MAGIC ((uint32_t)0xFEEDFEED)
enum { JKS_KEY = 1, JKS_CERTIFICATE = 2, DER_SEQUENCE = 0x30 };

/* The array is made anew, twice as large, whenever its number is a power of two. */
static void add_to(arena *a, bytes_view **list, size_t *num, bytes_view der)
{
    if (*num == KEYSTORE_CERTIFICATES_MAX)
        return;
    if ((*num & (*num - 1)) == 0) {
        bytes_view *larger = ARENA_ARRAY(a, *num == 0 ? 1 : *num * 2, bytes_view);
        for (size_t i = 0; i < *num; i++)
            larger[i] = (*list)[i];
        *list = larger;
    }
    (*list)[(*num)++] = bytes_copy(a, der);
}

static void add_certificate(arena *a, keystore *out, X509 *certificate)
{
    unsigned char *encoded = NULL;
    int len = i2d_X509(certificate, &encoded);
    if (len > 0)
        add_to(a, &out->certificates, &out->num_certificates, bytes_from(encoded, (size_t)len));
    OPENSSL_free(encoded);
}

/* ---- PEM ----------------------------------------------------------------------------------------------------------- */

/* A TRUSTED CERTIFICATE has more after the certificate: what is kept is the certificate alone. */
static void add_der(arena *a, keystore *out, bytes_view der)
{
    certificate_names names;
    if (der.len <= DER_LEN_MAX && certificate_names_read(der, &names))
        add_to(a, &out->certificates, &out->num_certificates, names.whole);
}

static void add_block(arena *a, keystore *out, const char *name, bytes_view der)
{
    if (strstr(name, "PRIVATE KEY") != NULL)
        out->has_private_key = true;
    else if (strstr(name, "CERTIFICATE") != NULL && strstr(name, "REQUEST") == NULL)
        add_der(a, out, der);
    else if (strcmp(name, "X509 CRL") == 0)
        add_to(a, &out->revocations, &out->num_revocations, der);
}

static void read_pem(arena *a, bytes_view text, keystore *out)
{
    BIO *in = BIO_new_mem_buf(text.data, (int)text.len);
    char *name = NULL, *header = NULL;
    unsigned char *der = NULL;
    long len = 0;
    while (in != NULL && PEM_read_bio(in, &name, &header, &der, &len) == 1) {
        add_block(a, out, name, bytes_from(der, len > 0 ? (size_t)len : 0));
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(der, (size_t)len);
    }
    BIO_free(in);
    ERR_clear_error();
}

keystore keystore_read_embedded(arena *a, bytes_view bytes)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";
    keystore out = {0};
    bytes_view rest = bytes;
    while (rest.len > 0 && out.num_certificates < KEYSTORE_CERTIFICATES_MAX) {
        const uint8_t *found = memmem(rest.data, rest.len, begin, sizeof begin - 1);
        if (found == NULL)
            break;
        rest = bytes_slice(rest, (size_t)(found - rest.data), rest.len);
        bytes_view piece = bytes_slice(rest, 0, DER_LEN_MAX);
        const uint8_t *last = memmem(piece.data, piece.len, end, sizeof end - 1);
        size_t len = last == NULL ? sizeof begin : (size_t)(last - piece.data) + sizeof end - 1;
        if (last != NULL)
            read_pem(a, bytes_slice(rest, 0, len), &out);
        rest = bytes_slice(rest, len, rest.len);
    }
    return out;
}

/* ---- JKS ----------------------------------------------------------------------------------------------------------- */

static bool read_jks_certificate(reader *r, bool has_type, bytes_view *der)
{
    reader type;
    uint32_t len;
    return (!has_type || read_vector16(r, "type", &type)) && read_u32(r, "length", &len) && read_bytes(r, "certificate", len, der);
}

static bool read_jks_entry(arena *a, reader *r, bool has_type, keystore *out)
{
    uint32_t tag, high, low, len, num = 1;
    reader alias;
    bytes_view der;
    if (!read_u32(r, "tag", &tag) || !read_vector16(r, "alias", &alias) || !read_u32(r, "time", &high) ||
        !read_u32(r, "time", &low))
        return false;
    if (tag == JKS_KEY) {
        out->has_private_key = true;
        if (!read_u32(r, "key length", &len) || !read_bytes(r, "key", len, &der) || !read_u32(r, "chain", &num))
            return false;
    }
    for (uint32_t i = 0; i < num; i++) {
        if (!read_jks_certificate(r, has_type, &der))
            return false;
        if (tag == JKS_CERTIFICATE)
            add_to(a, &out->certificates, &out->num_certificates, der);
    }
    return tag == JKS_CERTIFICATE || tag == JKS_KEY;
}

static void read_jks(arena *a, bytes_view file, keystore *out)
{
    reader r = reader_from(file);
    uint32_t magic, version, num;
    if (!read_u32(&r, "magic", &magic) || !read_u32(&r, "version", &version) || !read_u32(&r, "entries", &num)) {
        out->problem = "it is cut";
        return;
    }
    for (uint32_t i = 0; i < num; i++)
        if (!read_jks_entry(a, &r, version >= 2, out)) {
            out->problem = "its entries cannot all be read";
            return;
        }
}

/* ---- PKCS #12 -------------------------------------------------------------------------------------------------------- */

static void read_pkcs12_bags(arena *a, const STACK_OF(PKCS12_SAFEBAG) * bags, keystore *out)
{
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
        PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
        int kind = PKCS12_SAFEBAG_get_nid(bag);
        if (kind == NID_keyBag || kind == NID_pkcs8ShroudedKeyBag)
            out->has_private_key = true;
        X509 *certificate = kind == NID_certBag ? PKCS12_SAFEBAG_get1_cert(bag) : NULL;
        if (certificate != NULL)
            add_certificate(a, out, certificate);
        X509_free(certificate);
    }
}

/* The content is encrypted as a whole, or in clear (the JDK from 18 on, where no password is given). */
static STACK_OF(PKCS12_SAFEBAG) * bags_of(PKCS7 *part, const char *password)
{
    if (OBJ_obj2nid(part->type) == NID_pkcs7_data)
        return PKCS12_unpack_p7data(part);
    if (OBJ_obj2nid(part->type) != NID_pkcs7_encrypted)
        return NULL;
    return PKCS12_unpack_p7encdata(part, password, password == NULL ? 0 : (int)strlen(password));
}

static void read_pkcs12(arena *a, bytes_view file, const char *password, keystore *out)
{
    const unsigned char *at = file.data;
    PKCS12 *store = d2i_PKCS12(NULL, &at, (long)file.len);
    STACK_OF(PKCS7) *parts = store == NULL ? NULL : PKCS12_unpack_authsafes(store);
    if (parts == NULL)
        out->problem = "it is no PKCS #12 file that can be read";
    for (int i = 0; i < sk_PKCS7_num(parts); i++) {
        STACK_OF(PKCS12_SAFEBAG) *bags = bags_of(sk_PKCS7_value(parts, i), password);
        out->wants_password = out->wants_password || bags == NULL;
        if (bags == NULL)
            out->problem = "its password is another one, or its encryption is not known here";
        read_pkcs12_bags(a, bags, out);
        sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    }
    sk_PKCS7_pop_free(parts, PKCS7_free);
    PKCS12_free(store);
    ERR_clear_error();
}

/* ---- NSS ------------------------------------------------------------------------------------------------------------- */

static void read_nss(arena *a, bytes_view file, keystore *out)
{
    bool is_read;
    bytes_view *trusted = ARENA_ARRAY(a, KEYSTORE_CERTIFICATES_MAX, bytes_view);
    size_t num = nss_database_read(a, file, trusted, KEYSTORE_CERTIFICATES_MAX, &is_read);
    for (size_t i = 0; i < num; i++)
        add_der(a, out, trusted[i]);
    if (!is_read)
        out->problem = "it is no NSS database of certificates";
    else if (num == 0)
        out->problem = "it trusts no certificate to sign for servers";
}

keystore keystore_read(arena *a, bytes_view file, const char *password)
{
    keystore out = {0};
    uint32_t magic = 0;
    reader r = reader_from(file);
    if (file.len > FILE_LEN_MAX) {
        out.problem = "it is too large";
        return out;
    }
    if (read_u32(&r, "magic", &magic) && magic == JKS_MAGIC) {
        read_jks(a, file, &out);
    } else if (bytes_start_with(file, NSS_DATABASE_MAGIC)) {
        read_nss(a, file, &out);
    } else if (bytes_at(file, 0) == DER_SEQUENCE) {
        add_der(a, &out, file);
        if (out.num_certificates == 0)
            read_pkcs12(a, file, password, &out);
    } else {
        read_pem(a, file, &out);
    }
    if (out.num_certificates == 0 && out.problem == NULL)
        out.problem = file.len == 0 ? "it is empty" : "it has no certificate in it";
    return out;
}

/* ---- what a certificate is ---------------------------------------------------------------------------------------------- */

bool certificate_is_root(bytes_view der)
{
    certificate_names names;
    return certificate_names_read(der, &names) && bytes_equal(names.issuer, names.subject);
}

bool certificate_is_authority(bytes_view der)
{
    const unsigned char *at = der.data;
    X509 *certificate = der.len == 0 || der.len > DER_LEN_MAX ? NULL : d2i_X509(NULL, &at, (long)der.len);
    bool is = certificate != NULL && (certificate_is_root(der) || X509_check_ca(certificate) > 0);
    X509_free(certificate);
    ERR_clear_error();
    return is;
}
