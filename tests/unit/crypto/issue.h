/* Issues certificates for tests: a key and a certificate by libcrypto, in memory. */
#ifndef TESTS_UNIT_CRYPTO_ISSUE_H
#define TESTS_UNIT_CRYPTO_ISSUE_H

#include "base/bytes.h"

#include <openssl/x509.h>

#define ISSUE_NOW 1800000000 /* 2027-01-15 */
#define ISSUE_DAY 86400

typedef struct issued {
    EVP_PKEY *key;
    X509 *certificate;
    bytes_view der;
} issued;

typedef struct issue_wish {
    const char *organization, *common_name;
    const issued *issuer;          /* NULL: signs itself */
    const char *extensions[8][2];  /* name and value, as in openssl.cnf; ends at NULL */
    int64_t not_before, not_after; /* seconds from ISSUE_NOW; both 0: a year before to a year after */
    unsigned rsa_bits;             /* 0: an EC key on P-256 */
    bool with_sha1;
    int common_name_len; /* 0: to its NUL */
} issue_wish;

/* Its DER is in `a`; the rest is given back by issued_free. */
issued issue(arena *a, const issue_wish *wish);
void issued_free(issued *i);

/* A root, an intermediate and a leaf for localhost, as they should be. */
typedef struct issued_chain {
    issued root, intermediate, leaf;
} issued_chain;
issued_chain issue_chain(arena *a);
void issued_chain_free(issued_chain *c);

/* A revocation list of that issuer with that certificate on it, since a day, until tomorrow: DER, in `a`. */
bytes_view issue_revocation(arena *a, const issued *issuer, X509 *certificate);

/* The extensions of a good leaf for localhost, of a CA. */
#define LEAF_EXTENSIONS                                                                                                            \
    {"basicConstraints", "critical,CA:FALSE"}, {"keyUsage", "critical,digitalSignature"}, {"extendedKeyUsage", "serverAuth"},      \
        {"subjectAltName", "DNS:localhost,IP:127.0.0.1"},                                                                          \
    {                                                                                                                              \
        "authorityKeyIdentifier", "keyid:always"                                                                                   \
    }
#define CA_EXTENSIONS                                                                                                              \
    {"basicConstraints", "critical,CA:TRUE"}, {"keyUsage", "critical,keyCertSign,cRLSign"},                                        \
    {                                                                                                                              \
        "subjectKeyIdentifier", "hash"                                                                                             \
    }

#endif
