/*
 * What a certificate says, read by libcrypto. A certificate is hostile input: names come back as they are, to be escaped by who
 * shows them. Ownership: texts live in the arena.
 */
#ifndef TLSWHY_CRYPTO_CERTIFICATE_H
#define TLSWHY_CRYPTO_CERTIFICATE_H

#include "base/bytes.h"

#include <openssl/types.h>

/* The DNS names and addresses that it is for (subjectAltName; the common name where there is none), joined by ", ", at most eight
 * and then "and N more". NULL where it cannot be read or names nothing. */
const char *certificate_names_text(arena *a, bytes_view der);

/* Whether `signature` over `content` was made by the key of that certificate with that SignatureScheme (RFC 8446, 4.2.3). */
bool certificate_signature_is_right(bytes_view der, uint16_t scheme, bytes_view content, bytes_view signature);

/* The same up to TLS 1.1, where the key's kind says how (RFC 2246, 7.4.3): MD5 and SHA-1 for RSA, SHA-1 for the others. */
bool certificate_signature_is_right_before_tls12(bytes_view der, bytes_view content, bytes_view signature);

/* "b94d27b9...": SHA-256 over the DER, 64 hexadecimal digits, as fingerprints are shown. In `a`; "" where it cannot be computed. */
const char *certificate_fingerprint(arena *a, bytes_view der);

/* What a certificate is, in short. Times are seconds since 1970; texts are in the arena, the issuer's DER too. */
typedef struct certificate_summary {
    const char *subject, *issuer; /* as distinguished_name_text */
    bytes_view subject_der, issuer_der;
    int64_t not_before, not_after;
    const char *not_before_text, *not_after_text; /* "2025-03-01 00:00:00 UTC" */
    const char *key_type, *signature_algorithm;   /* "RSA", "EC", "ED25519"; "sha256WithRSAEncryption": libcrypto's names */
    size_t key_bits;
} certificate_summary;
/* False where it cannot be read. */
bool certificate_summarise(arena *a, bytes_view der, certificate_summary *out) MUST_CHECK;

/* A DistinguishedName as people read it: "O=Example, CN=Example Root" (RFC 4514's escapes); what is long is cut, and its length
 * said. NULL where it cannot be read. */
const char *distinguished_name_text(arena *a, bytes_view der);

/* The same of what libcrypto has read; never NULL. A NUL in a string is shown as "\0", since it has deceived clients. */
const char *certificate_name_text(arena *a, const X509_NAME *name);
const char *certificate_string_text(arena *a, const ASN1_STRING *value);
const char *certificate_time_text(arena *a, const ASN1_TIME *time);

#endif
