/*
 * Certificates out of the files that hold them: PEM, Java's JKS, PKCS #12, an NSS database. Files are somebody else's: read with
 * bounds. Ownership: DER lives in the arena; keys are passed over and never kept.
 */
#ifndef TLSWHY_CRYPTO_KEYSTORE_H
#define TLSWHY_CRYPTO_KEYSTORE_H

#include "base/bytes.h"

#define KEYSTORE_CERTIFICATES_MAX ((size_t)4096)

typedef struct keystore {
    bytes_view *certificates; /* DER */
    size_t num_certificates;
    bytes_view *revocations; /* DER of CRLs */
    size_t num_revocations;
    bool has_private_key;
    bool wants_password; /* some of it is encrypted, and was not opened by the one given, or by none */
    const char *problem; /* why nothing, or not all, could be read; NULL none. Constant. */
} keystore;

/* By its first bytes: JKS, PKCS #12, an NSS database (those that it trusts for servers), one certificate in DER, else PEM wherever
 * it is in the text. `password`: of PKCS #12; NULL none. */
keystore keystore_read(arena *a, bytes_view file, const char *password);
/* Every certificate in PEM that is in those bytes, whatever is between (Node.js has its roots so in its binary). */
keystore keystore_read_embedded(arena *a, bytes_view bytes);

/* Certificates as files: PEM, one after the other; a Java key store of the old kind (JKS), which every Java reads. Certificates
 * alone, so that the password hides nothing; it is what Java wants to see. */
const char *certificates_to_pem(arena *a, const bytes_view *certificates, size_t num_certificates);
bytes_view certificates_to_jks(arena *a, const bytes_view *certificates, size_t num_certificates, const char *password);

/* Whether a certificate signed itself, going by its names. */
bool certificate_is_root(bytes_view der);
/* Whether it may be an anchor by itself: signed itself, or is a CA. */
bool certificate_is_authority(bytes_view der);

#endif
