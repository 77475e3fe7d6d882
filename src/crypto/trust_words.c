/* What libcrypto finds weak or of the wrong purpose, in words. */
#include "crypto/trust_inner.h"

#include <openssl/x509v3.h>

enum { PURPOSES_SHOWN_MAX = 6, OBJECT_NAME_LEN_MAX = 80 };

static const char *object_text(arena *a, const ASN1_OBJECT *object)
{
    char text[OBJECT_NAME_LEN_MAX];
    int nid = OBJ_obj2nid(object);
    if (nid != NID_undef && OBJ_nid2sn(nid) != NULL)
        return OBJ_nid2sn(nid);
    return OBJ_obj2txt(text, sizeof text, object, 1) > 0 ? arena_printf(a, "%s", text) : "?";
}

/* "clientAuth, emailProtection"; NULL where it says nothing. */
static const char *extended_purposes(arena *a, const X509 *certificate)
{
    EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
    const char *list = NULL;
    for (int i = 0; i < sk_ASN1_OBJECT_num(usages) && i < PURPOSES_SHOWN_MAX; i++) {
        const char *next = object_text(a, sk_ASN1_OBJECT_value(usages, i));
        list = list == NULL ? next : arena_printf(a, "%s, %s", list, next);
    }
    EXTENDED_KEY_USAGE_free(usages);
    return list;
}

static const char *key_usage_text(X509 *certificate)
{
    uint32_t usage = X509_get_key_usage(certificate);
    bool signs = (usage & KU_DIGITAL_SIGNATURE) != 0, enciphers = (usage & (KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT)) != 0;
    return !signs && !enciphers ? "its key usage allows neither signatures nor key exchange, which a server needs" : NULL;
}

static const char *not_for_servers(arena *a, const X509 *certificate)
{
    const char *purposes = extended_purposes(a, certificate);
    X509 *copy = X509_dup(certificate); /* what asks for the key usage caches it in the certificate */
    const char *usage = copy == NULL || (X509_get_extension_flags(copy) & EXFLAG_KUSAGE) == 0 ? NULL : key_usage_text(copy);
    X509_free(copy);
    if (usage != NULL)
        return usage;
    return purposes == NULL ? "it may not be used for a server"
                            : arena_printf(a, "its extended key usage is for %s, not for servers (serverAuth)", purposes);
}

const char *trust_purpose_text(arena *a, const X509 *certificate, int code)
{
    switch (code) {
    case X509_V_ERR_INVALID_CA:
        return "it signed another certificate and is no CA (basicConstraints)";
    case X509_V_ERR_INVALID_NON_CA:
        return "it is a CA where an end entity is wanted";
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
        return "more CAs are below it than its path length allows (basicConstraints, pathlen)";
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
        return "it signed another certificate, and its key usage does not allow that (keyCertSign)";
    case X509_V_ERR_PERMITTED_VIOLATION:
        return "its names are not among those that a CA above it may issue for (name constraints, permitted)";
    case X509_V_ERR_EXCLUDED_VIOLATION:
        return "its names are among those that a CA above it may not issue for (name constraints, excluded)";
    default:
        return certificate == NULL ? "it may not be used for a server" : not_for_servers(a, certificate);
    }
}

/* NIST SP 800-57 part 1, as OpenSSL's security levels have it (SSL_CTX_set_security_level(3)). */
static const struct {
    int security_bits, rsa_bits, curve_bits;
} levels[] = {{0, 0, 0}, {80, 1024, 160}, {112, 2048, 224}, {128, 3072, 256}, {192, 7680, 384}, {256, 15360, 512}};

static const char *key_text(arena *a, const X509 *certificate, int level)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    if (key == NULL)
        return "a key that cannot be read";
    size_t row = level < 0 ? 0 : level > 5 ? 5 : (size_t)level;
    int base = EVP_PKEY_get_base_id(key);
    const char *type = base == EVP_PKEY_RSA ? "RSA" : base == EVP_PKEY_EC ? "EC" : base == EVP_PKEY_DSA ? "DSA" : OBJ_nid2sn(base);
    int wanted = base == EVP_PKEY_EC ? levels[row].curve_bits : levels[row].rsa_bits;
    return arena_printf(a, "its %s key has %d bits, security level %d wants %d", type == NULL ? "" : type, EVP_PKEY_get_bits(key),
                        level, wanted);
}

static int signature_hash(const X509 *certificate)
{
    int hash = NID_undef;
    return X509_get_signature_info((X509 *)(uintptr_t)certificate, &hash, NULL, NULL, NULL) == 1 ? hash : NID_undef;
}

bool trust_signed_with_sha1(const X509 *certificate)
{
    return certificate != NULL && signature_hash(certificate) == NID_sha1;
}

const char *trust_weakness_text(arena *a, const X509 *certificate, int code, int level)
{
    if (certificate == NULL)
        return NULL;
    if (code == X509_V_ERR_EE_KEY_TOO_SMALL || code == X509_V_ERR_CA_KEY_TOO_SMALL)
        return key_text(a, certificate, level);
    int algorithm = X509_get_signature_nid(certificate), hash = signature_hash(certificate);
    const char *name = algorithm == NID_undef ? NULL : OBJ_nid2ln(algorithm);
    return arena_printf(a, "it is signed with %s%s%s%s, which security level %d does not take",
                        hash == NID_undef ? "" : OBJ_nid2sn(hash), name == NULL || hash == NID_undef ? "" : " (",
                        name == NULL ? "an algorithm that is not known" : name, name == NULL || hash == NID_undef ? "" : ")",
                        level);
}

const char *trust_aia_text(arena *a, const X509 *certificate)
{
    AUTHORITY_INFO_ACCESS *access = X509_get_ext_d2i(certificate, NID_info_access, NULL, NULL);
    const char *first = NULL, *by_http = NULL; /* the one that can be fetched (RFC 5280, 4.2.2.1 also knows ldap) */
    for (int i = 0; by_http == NULL && i < sk_ACCESS_DESCRIPTION_num(access); i++) {
        const ACCESS_DESCRIPTION *one = sk_ACCESS_DESCRIPTION_value(access, i);
        if (OBJ_obj2nid(one->method) != NID_ad_ca_issuers || one->location->type != GEN_URI)
            continue;
        const char *text = certificate_string_text(a, one->location->d.uniformResourceIdentifier);
        first = first == NULL ? text : first;
        if (bytes_start_with_ignoring_case(bytes_from_text(text), "http://"))
            by_http = text;
    }
    AUTHORITY_INFO_ACCESS_free(access);
    return by_http != NULL ? by_http : first;
}
