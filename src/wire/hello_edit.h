/*
 * Changes to a client_hello, each of one thing. Pure: the hello given stays; a changed copy comes back, in the arena.
 * Every edit clears `verbatim` and the findings. Extensions keep their place; new ones go before pre_shared_key and padding.
 * An SSLv2-format hello stays one where the format can carry the change, and is put into TLS format first where it cannot.
 *
 * Ownership: what an edit does not change is shared with the hello given, whose arena must live as long.
 */
#ifndef TLSWHY_WIRE_HELLO_EDIT_H
#define TLSWHY_WIRE_HELLO_EDIT_H

#include "wire/client_hello.h"

typedef struct key_share {
    uint16_t group;
    bytes_view key_exchange;
} key_share;

client_hello hello_with_extension(arena *a, const client_hello *hello, uint16_t type, bytes_view body); /* replaces or adds */
client_hello hello_without_extension(arena *a, const client_hello *hello, uint16_t type);
client_hello hello_with_cipher_suites(arena *a, const client_hello *hello, code_list suites);
client_hello hello_with_versions(arena *a, const client_hello *hello,
                                 code_list versions); /* supported_versions as given; empty list: extension removed */
client_hello hello_with_legacy_version(arena *a, const client_hello *hello, uint16_t version);
client_hello hello_with_record_version(arena *a, const client_hello *hello, uint16_t version);
client_hello hello_with_groups(arena *a, const client_hello *hello, code_list groups); /* empty list: extension removed */
client_hello hello_with_signature_schemes(arena *a, const client_hello *hello, code_list schemes);
client_hello hello_with_key_shares(arena *a, const client_hello *hello, const key_share *shares, size_t num_shares);
size_t hello_key_shares(arena *a, const client_hello *hello, key_share **shares);          /* as sent */
client_hello hello_with_server_name(arena *a, const client_hello *hello, bytes_view name); /* empty: extension removed */
client_hello hello_with_alpn(arena *a, const client_hello *hello, const bytes_view *protocols, size_t num_protocols);
client_hello hello_with_random(arena *a, const client_hello *hello, bytes_view random, bytes_view session_id);
/* Leaves out every GREASE value of RFC 8701: suites, extensions, groups, versions, key shares, schemes, ALPN, PSK modes. */
client_hello hello_without_grease(arena *a, const client_hello *hello);
/* Makes the handshake message (type and length included) exactly `message_len` bytes with the padding extension of RFC 7685:
 * grows or shrinks one that is there, or adds one. Returns false where that cannot be: it would have to shrink below what
 * the rest takes, or the gap is less than the 4 bytes an extension costs. */
bool hello_padded_to(arena *a, const client_hello *hello, size_t message_len, client_hello *out) MUST_CHECK;
/* The same by repeating the last cipher suite, for where padding itself may be what is refused; grows only, in steps of 2. */
bool hello_filled_to(arena *a, const client_hello *hello, size_t message_len, client_hello *out) MUST_CHECK;
size_t hello_message_len(arena *a, const client_hello *hello); /* bytes, type and length included; 0 where it cannot be written */
/* An SSLv2-format hello as the same offer in a TLS record (suites that are TLS suites, its version, its session). */
client_hello hello_in_tls_format(arena *a, const client_hello *hello);
/* The second hello after a HelloRetryRequest (RFC 8446, 4.1.2): key_share of `share` alone, the cookie echoed, no early data. */
client_hello hello_after_retry(arena *a, const client_hello *hello, const key_share *share, bytes_view cookie);
/* In one record, nothing trailing. */
client_hello hello_in_one_record(arena *a, const client_hello *hello);

#endif
