/*
 * The file that a certificate's caIssuers address leads to (RFC 5280, 4.2.2.1): one certificate in DER, or a "certs-only" CMS
 * message
 * (.p7c) in BER or DER; some servers give either in PEM. It comes from anywhere: read with bounds, and nothing in it is believed
 * here. Ownership: the DER lives in the arena.
 */
#ifndef TLSWHY_CRYPTO_ISSUER_FILE_H
#define TLSWHY_CRYPTO_ISSUER_FILE_H

#include "base/bytes.h"

#define ISSUER_FILE_CERTIFICATES_MAX ((size_t)32)

/* How it was written: what `openssl` is to be told to read it. */
enum issuer_form { ISSUER_NONE, ISSUER_DER, ISSUER_PEM, ISSUER_CMS_DER, ISSUER_CMS_PEM };

typedef struct issuer_file {
    enum issuer_form form;    /* ISSUER_NONE: it has no certificate that can be read */
    bytes_view *certificates; /* DER */
    size_t num_certificates;
} issuer_file;

issuer_file issuer_file_read(arena *a, bytes_view file);

#endif
