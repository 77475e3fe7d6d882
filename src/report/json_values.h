/*
 * Values as every document of ours tells them. NULL and what is empty become null.
 * Ownership: the caller owns what is returned.
 */
#ifndef TLSWHY_REPORT_JSON_VALUES_H
#define TLSWHY_REPORT_JSON_VALUES_H

#include "wire/client_hello.h"
#include <jansson.h>

/* jansson takes only valid UTF-8; what is not, and what a terminal would obey, is escaped. */
json_t *json_of_text(arena *a, const char *value);
json_t *json_of_bytes(arena *a, bytes_view v);
json_t *json_of_codes(arena *a, code_list list, const char *(*name)(arena *, uint16_t));
/* Seconds of UTC as RFC 3339 has them; null where no calendar has that moment. */
json_t *json_of_time(int64_t unix_seconds);
/* What a hello offers: versions, ciphers, groups, signature_algorithms, server_name, alpn. */
json_t *json_of_offers(arena *a, const client_hello *hello);
/* The document with a newline after it; takes `document`. */
char *json_document(arena *a, json_t *document);

#endif
