/*
 * A handshake of ours whose server keys are known to who tests it, so that whatever it likes can be said under protection.
 * Ownership: handshakes live in the arena given.
 */
#ifndef TLSWHY_TESTS_FUZZ_KNOWN_KEYS_H
#define TLSWHY_TESTS_FUZZ_KNOWN_KEYS_H

#include "crypto/handshake.h"
#include "crypto/key_schedule.h"
#include "crypto/records_tls12.h"

/* After the ServerHello of TLS 1.3 with that suite. */
handshake *known_tls13(arena *a, uint16_t suite, bool finishes, traffic_keys *server);
bool known_tls13_say(handshake *h, arena *a, traffic_keys *server, uint8_t content_type, bytes_view plaintext);

/* After the client's last flight and the server's ChangeCipherSpec. `*server` is the caller's to free; NULL where libcrypto cannot.
 */
handshake *known_tls12(arena *a, uint16_t suite, uint16_t version, bool encrypts_then_macs, record_keys **server);

#endif
