/*
 * A ClientHello in SSLv2 format, as clients sent it that could speak SSL 2.0, SSL 3.0 and TLS (RFC 5246, E.2; RFC 6101, E.1).
 * Ownership: what is read is copied into the arena.
 */
#ifndef TLSWHY_WIRE_SSLV2_HELLO_H
#define TLSWHY_WIRE_SSLV2_HELLO_H

#include "wire/client_hello.h"
#include "wire/writer.h"

/* PARSE_DONE: these bytes begin an SSLv2-format hello. PARSE_MORE: they may yet. PARSE_BAD: they do not. */
enum parse_status sslv2_hello_recognise(bytes_view flight) MUST_CHECK;

/* As client_hello_parse. Does not fill `verbatim`. Where `ended`, what is cut is read as far as it came. */
enum parse_status sslv2_hello_parse(arena *a, bytes_view flight, bool ended, client_hello *out) MUST_CHECK;

/* The record's bytes without its header; then the whole record. */
void sslv2_hello_message_write(writer *w, const client_hello *hello);
void sslv2_hello_write(writer *w, const client_hello *hello);

/* The same of a hello that is kept verbatim. */
bytes_view sslv2_hello_verbatim_message(const client_hello *hello);

/* Cipher specs of three bytes; those whose first byte is 0 are TLS suites. */
code_list sslv2_specs_suites(arena *a, bytes_view specs);
bytes_view sslv2_specs_from_suites(arena *a, code_list suites);

#endif
