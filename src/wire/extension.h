/*
 * What hellos of both sides share: the extensions block (RFC 8446, 4.2), lists of codes, and the list of findings.
 * Ownership: arrays live in the arena given; bodies are views into the bytes that were read.
 */
#ifndef TLSWHY_WIRE_EXTENSION_H
#define TLSWHY_WIRE_EXTENSION_H

#include "wire/client_hello.h"
#include "wire/writer.h"

/* IANA TLS ExtensionType Values: those whose bodies are read or written here. */
enum extension_type {
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_STATUS_REQUEST = 5,
    EXTENSION_SUPPORTED_GROUPS = 10,
    EXTENSION_EC_POINT_FORMATS = 11,
    EXTENSION_SIGNATURE_ALGORITHMS = 13,
    EXTENSION_ALPN = 16,
    EXTENSION_CERTIFICATE_TIMESTAMP = 18,
    EXTENSION_PADDING = 21,
    EXTENSION_EXTENDED_MASTER_SECRET = 23,
    EXTENSION_SESSION_TICKET = 35,
    EXTENSION_DELEGATED_CREDENTIAL = 34,
    EXTENSION_PRE_SHARED_KEY = 41,
    EXTENSION_EARLY_DATA = 42,
    EXTENSION_SUPPORTED_VERSIONS = 43,
    EXTENSION_COOKIE = 44,
    EXTENSION_CERTIFICATE_AUTHORITIES = 47,
    EXTENSION_PSK_KEY_EXCHANGE_MODES = 45,
    EXTENSION_SIGNATURE_ALGORITHMS_CERT = 50,
    EXTENSION_KEY_SHARE = 51,
    EXTENSION_RENEGOTIATION_INFO = 0xff01,
};

/* A list keeps at most this many findings; what is past that is dropped. */
#define FINDINGS_MAX ((size_t)32)
void finding_add(arena *a, finding_list *list, size_t offset, const char *text); /* `text` is kept, not copied */
/* The reader's failure, or its bytes left over, as a finding. */
void finding_add_unread(arena *a, finding_list *list, const reader *r);

/* Reads pairs of bytes to the end; an odd last byte stays in the reader. */
code_list codes_read(arena *a, reader *list);
/* Reads extensions to the block's end, or to one that is cut. That, and types that come twice, are findings. */
void extensions_read(arena *a, reader *block, extension **out, size_t *num_extensions, finding_list *findings);
/* The first of that type, or NULL. */
const extension *extension_in(const extension *extensions, size_t num_extensions, uint16_t type);
void extensions_write(writer *w, const extension *extensions, size_t num_extensions); /* with the block's length */

/* A body that is one list of codes behind a length of `length_size` (1 or 2) bytes. False where it is cut or has more; what
 * could be read is in `*out`. */
bool code_list_body_read(arena *a, bytes_view body, size_t length_size, code_list *out) MUST_CHECK;
/* The length_size of such a body in a ClientHello; 0 where that type's body is no list of codes. */
size_t code_list_body_length_size(uint16_t type);

#endif
