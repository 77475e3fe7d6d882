/*
 * A certificate as the JSON tells it. A certificate is hostile input: what cannot be read is null.
 * Ownership: the caller owns the object.
 */
#ifndef TLSWHY_REPORT_CERTIFICATE_JSON_H
#define TLSWHY_REPORT_CERTIFICATE_JSON_H

#include "base/bytes.h"
#include <jansson.h>

/* {subject, issuer, not_before, not_after, names, sha256, der}: names are those of subjectAltName, at most 256. */
json_t *certificate_to_json(arena *a, bytes_view der);

/* Base64 (RFC 4648, 4); null where there is nothing, or more than a megabyte. */
json_t *base64_to_json(arena *a, bytes_view v);

#endif
