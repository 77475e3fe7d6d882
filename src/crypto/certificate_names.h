/*
 * The names in a certificate's DER, without libcrypto: to choose among hundreds of certificates those that are worth reading whole.
 * Going by these is no judgement. Ownership: views borrow from the DER; what is folded lives in the arena.
 */
#ifndef TLSWHY_CRYPTO_CERTIFICATE_NAMES_H
#define TLSWHY_CRYPTO_CERTIFICATE_NAMES_H

#include "base/bytes.h"

typedef struct certificate_names {
    bytes_view whole; /* the certificate alone, without what may come after it */
    bytes_view issuer, subject;
} certificate_names;

/* RFC 5280, 4.1. False where it is no certificate up to its subject. */
bool certificate_names_read(bytes_view der, certificate_names *out) MUST_CHECK;
/* What is the same for names that are equal by RFC 5280, 7.1: without the kinds of strings, without blanks, in small letters. */
bytes_view name_folded(arena *a, bytes_view name);
/* The value of its organizationName; empty where it has none. */
bytes_view name_organization(bytes_view name);

#endif
