/*
 * What a client offers: a ClientHello in TLS records (RFC 8446, 4.1.2 and its predecessors down to SSL 3.0, RFC 6101),
 * or in SSLv2 format (RFC 5246, E.2).
 *
 * Ownership: a parsed hello borrows from nothing: its views point into the arena it was parsed with.
 * Identity: client_hello_write(client_hello_parse(flight)) == flight, also for what is malformed, unknown or GREASE.
 */
#ifndef TLSWHY_WIRE_CLIENT_HELLO_H
#define TLSWHY_WIRE_CLIENT_HELLO_H

#include "wire/reader.h"

enum hello_format { HELLO_FORMAT_TLS, HELLO_FORMAT_SSLV2 };

typedef struct extension {
    uint16_t type; /* IANA TLS ExtensionType Values */
    bytes_view body;
} extension;

/* Something unusual in a parsed message: what, and at which byte. */
typedef struct finding {
    size_t offset;
    const char *text; /* in the arena, or a literal */
} finding;

typedef struct finding_list {
    finding *findings;
    size_t num_findings;
} finding_list;

typedef struct client_hello {
    enum hello_format format;
    uint16_t record_version; /* of the first record; 0 in SSLv2 format */
    uint16_t legacy_version;
    bytes_view random; /* 32 bytes; in SSLv2 format the challenge, 16 to 32 */
    bytes_view session_id;
    code_list cipher_suites; /* in SSLv2 format only those of its cipher specs that are TLS suites */
    bytes_view compression_methods;
    bool has_extensions; /* false: the message ends after the compression methods */
    extension *extensions;
    size_t num_extensions;

    /* SSLv2 format only: all cipher specs, three bytes each. */
    bytes_view sslv2_cipher_specs;

    /* How the message was cut into records: payload lengths in bytes. Where the hello was edited, the first lengths are
     * kept and the last takes the rest. Empty: one record. */
    size_t *fragment_lens;
    size_t num_fragments;

    bytes_view trailing; /* what followed the hello in the same flight (early data, a second record), untouched */

    /* Where the structure cannot carry what was read (wrong lengths, cut in the middle), the flight as it was. Written
     * back verbatim unless an edit clears it; the fields above hold what could be read. */
    bytes_view verbatim;

    finding_list findings;
} client_hello;

/* Bounds of what is read as a hello: the message (a length field could claim 16 MiB) and the records that it is cut into. */
#define CLIENT_HELLO_LEN_MAX ((size_t)256 * 1024)
#define CLIENT_HELLO_RECORDS_MAX ((size_t)4096)

/* Reads a client's first flight from its first byte. PARSE_MORE while the hello is not whole (`flight` may be fed again,
 * longer). PARSE_BAD where it is no hello at all, or past a bound: the one finding says which. On DONE and NOTE `*out` is
 * filled. Offsets of findings count from the flight's first byte. */
enum parse_status client_hello_parse(arena *a, bytes_view flight, client_hello *out) MUST_CHECK;

/* The same where the stream has ended: what is cut is kept verbatim instead of PARSE_MORE. */
enum parse_status client_hello_parse_ended(arena *a, bytes_view flight, client_hello *out) MUST_CHECK;

/* The flight: records and trailing bytes. Fails only where a vector is too long for its length field, or the message longer than
 * CLIENT_HELLO_LEN_MAX. A record is never made longer than 2^14 bytes, whatever fragment_lens says. */
bool client_hello_write(arena *a, const client_hello *hello, bytes_view *out, error *e) MUST_CHECK;

/* The bytes of the handshake message alone (type, length, body), without record headers; in SSLv2 format without header. */
bool client_hello_message(arena *a, const client_hello *hello, bytes_view *out, error *e) MUST_CHECK;

/* ---- reading: what is offered ---------------------------------------------------------------------------------- */

/* The extension of that type, or NULL. */
const extension *client_hello_extension(const client_hello *hello, uint16_t type);

/* Versions offered, highest first, GREASE left out: supported_versions where sent; else every version from SSL 3.0 (or, in
 * an SSLv2-format hello, the same) to legacy_version, since a hello before TLS 1.3 names only its highest. A legacy_version above
 * TLS 1.2 without supported_versions offers TLS 1.2 (RFC 8446, 4.2.1); SSL 2.0 (0x0002) offers itself alone. Drafts of TLS 1.3
 * (0x7fxx) rank between TLS 1.2 and TLS 1.3. */
code_list client_hello_versions(arena *a, const client_hello *hello);
/* The highest alone. */
uint16_t client_hello_version_max(const client_hello *hello);
/* The lowest that the hello says outright: the lowest of supported_versions, else 0 (not said). */
uint16_t client_hello_version_min_stated(const client_hello *hello);

code_list client_hello_groups(arena *a, const client_hello *hello);            /* supported_groups; empty where not sent */
code_list client_hello_signature_schemes(arena *a, const client_hello *hello); /* signature_algorithms */
code_list client_hello_key_share_groups(arena *a, const client_hello *hello);
/* The SNI host_name (RFC 6066, 3), or an empty view. */
bytes_view client_hello_server_name(const client_hello *hello);
/* ALPN protocols (RFC 7301) in order. */
size_t client_hello_alpn(arena *a, const client_hello *hello, bytes_view **protocols);

bool code_is_grease(uint16_t code); /* RFC 8701 */

/* JA3 and JA4 (client only) come with the room that shows them. */

#endif
