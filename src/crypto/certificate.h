/*
 * What a certificate says, read by libcrypto. A certificate is hostile input: names come back as they are, to be escaped by who
 * shows them. Ownership: texts live in the arena.
 */
#ifndef TLSWHY_CRYPTO_CERTIFICATE_H
#define TLSWHY_CRYPTO_CERTIFICATE_H

#include "base/bytes.h"

/* The DNS names and addresses that it is for (subjectAltName; the common name where there is none), joined by ", ", at most eight
 * and then "and N more". NULL where it cannot be read or names nothing. */
const char *certificate_names_text(arena *a, bytes_view der);

#endif
