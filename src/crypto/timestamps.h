/*
 * Certificate timestamps (RFC 6962, 3.3) that lie in a certificate or in an OCSP response. Counted, not verified.
 * Ownership: nothing is kept.
 */
#ifndef TLSWHY_CRYPTO_TIMESTAMPS_H
#define TLSWHY_CRYPTO_TIMESTAMPS_H

#include "base/bytes.h"

/* 0 where there are none, or it cannot be read. */
size_t certificate_num_timestamps(bytes_view der);
/* The same of an OCSPResponse, over all of its single responses. */
size_t ocsp_response_num_timestamps(bytes_view der);

#endif
