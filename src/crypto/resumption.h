/*
 * A hello that offers to resume a session of TLS 1.3 (RFC 8446, 4.2.11).
 * Pure but for libcrypto's memory. Ownership: the result lives in the arena given.
 */
#ifndef TLSWHY_CRYPTO_RESUMPTION_H
#define TLSWHY_CRYPTO_RESUMPTION_H

#include "base/bytes.h"
#include "wire/server_flight.h"

/* `hello` with pre_shared_key and psk_key_exchange_modes (psk_dhe_ke): the ticket, and the binder that `resumption_key` (of the
 * flight that brought the ticket) makes with the hash of `cipher_suite`, the session's. The hello's random must be final. How old
 * the ticket is, is not known here: only early data depends on it. False where the suite is none of TLS 1.3. */
bool hello_resuming(arena *a, const client_hello *hello, const session_ticket *ticket, uint16_t cipher_suite,
                    bytes_view resumption_key, client_hello *out) MUST_CHECK;

#endif
