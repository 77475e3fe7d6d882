#include "issue.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void add_extension(X509 *certificate, X509 *issuer, const char *name, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf(NULL, &context, name, value);
    demand(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static void set_subject(X509 *certificate, const issue_wish *wish)
{
    X509_NAME *name = X509_NAME_new();
    if (wish->organization != NULL)
        X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)wish->organization, -1, -1, 0);
    int len = wish->common_name_len == 0 ? -1 : wish->common_name_len;
    if (wish->common_name != NULL &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)wish->common_name, len, -1, 0) != 1)
        demand(X509_NAME_add_entry_by_txt(name, "description", V_ASN1_UTF8STRING, (const unsigned char *)wish->common_name, len, -1,
                                          0) == 1);
    X509_set_subject_name(certificate, name);
    X509_NAME_free(name);
}

issued issue(arena *a, const issue_wish *wish)
{
    static long serial = 1;
    const int64_t year = (int64_t)365 * ISSUE_DAY;
    bool is_default = wish->not_before == 0 && wish->not_after == 0;
    issued made = {.certificate = X509_new()};
    made.key = wish->rsa_bits == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256")
                                   : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)wish->rsa_bits);
    demand(made.key != NULL && made.certificate != NULL);
    X509_set_version(made.certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), serial++);
    ASN1_TIME_set(X509_getm_notBefore(made.certificate), ISSUE_NOW + (is_default ? -year : wish->not_before));
    ASN1_TIME_set(X509_getm_notAfter(made.certificate), ISSUE_NOW + (is_default ? year : wish->not_after));
    set_subject(made.certificate, wish);
    X509 *issuer = wish->issuer == NULL ? made.certificate : wish->issuer->certificate;
    X509_set_issuer_name(made.certificate, X509_get_subject_name(issuer));
    X509_set_pubkey(made.certificate, made.key);
    for (size_t i = 0; i < 8 && wish->extensions[i][0] != NULL; i++)
        add_extension(made.certificate, issuer, wish->extensions[i][0], wish->extensions[i][1]);
    EVP_PKEY *signer = wish->issuer == NULL ? made.key : wish->issuer->key;
    demand(X509_sign(made.certificate, signer, wish->with_sha1 ? EVP_sha1() : EVP_sha256()) > 0);
    unsigned char *encoded = NULL;
    int len = i2d_X509(made.certificate, &encoded);
    demand(len > 0);
    made.der = bytes_copy(a, bytes_from(encoded, (size_t)len));
    OPENSSL_free(encoded);
    return made;
}

void issued_free(issued *i)
{
    EVP_PKEY_free(i->key);
    X509_free(i->certificate);
}

issued_chain issue_chain(arena *a)
{
    issued_chain c;
    c.root = issue(a, &(issue_wish){.organization = "Test", .common_name = "Test Root", .extensions = {CA_EXTENSIONS}});
    c.intermediate = issue(a, &(issue_wish){.organization = "Test",
                                            .common_name = "Test Intermediate",
                                            .issuer = &c.root,
                                            .extensions = {CA_EXTENSIONS, {"authorityKeyIdentifier", "keyid:always"}}});
    c.leaf = issue(
        a, &(issue_wish){
               .organization = "Test", .common_name = "localhost", .issuer = &c.intermediate, .extensions = {LEAF_EXTENSIONS}});
    return c;
}

void issued_chain_free(issued_chain *c)
{
    issued_free(&c->root);
    issued_free(&c->intermediate);
    issued_free(&c->leaf);
}

bytes_view issue_revocation(arena *a, const issued *issuer, X509 *certificate)
{
    X509_CRL *list = X509_CRL_new();
    ASN1_TIME *when = ASN1_TIME_set(NULL, ISSUE_NOW - ISSUE_DAY), *next = ASN1_TIME_set(NULL, ISSUE_NOW + ISSUE_DAY);
    X509_REVOKED *entry = X509_REVOKED_new();
    X509_CRL_set_version(list, 1);
    X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer->certificate));
    X509_CRL_set1_lastUpdate(list, when);
    X509_CRL_set1_nextUpdate(list, next);
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate));
    X509_REVOKED_set_revocationDate(entry, when);
    X509_CRL_add0_revoked(list, entry);
    X509_CRL_sign(list, issuer->key, EVP_sha256());
    unsigned char *encoded = NULL;
    int len = i2d_X509_CRL(list, &encoded);
    bytes_view der = bytes_copy(a, bytes_from(encoded, (size_t)len));
    OPENSSL_free(encoded);
    ASN1_TIME_free(when);
    ASN1_TIME_free(next);
    X509_CRL_free(list);
    return der;
}
