/*
 * What a TLS 1.3 server says under protection after its ServerHello (RFC 8446, 4.3 and 4.4): EncryptedExtensions,
 * CertificateRequest, Certificate, CertificateVerify. Read from messages that were decrypted elsewhere.
 * Ownership: views point into the arena given.
 */
#ifndef TLSWHY_WIRE_SERVER_FLIGHT_H
#define TLSWHY_WIRE_SERVER_FLIGHT_H

#include "wire/record.h"
#include "wire/server_hello.h"

typedef struct server_flight {
    bool is_read;        /* keys were made, and the flight was read up to its Finished, or up to an alert or the stream's end */
    const char *why_not; /* where it was not: a clause for people */
    bool has_encrypted_extensions;
    extension *extensions; /* of EncryptedExtensions */
    size_t num_extensions;
    bytes_view alpn; /* the protocol chosen; empty none */
    bool has_certificate;
    certificate_list certificates;
    bytes_view ocsp_response; /* stapled to the leaf (RFC 6066, 8); empty none */
    bool has_certificate_request;
    certificate_request certificate_request; /* schemes and authorities from its extensions */
    uint16_t signature_scheme;               /* of CertificateVerify; 0 none */
    bool has_certificate_verify, signature_is_right;
    bool has_finished, finished_is_right;
    bool sent_finished; /* our Finished (and an empty Certificate where one was asked for) went out */
    size_t num_tickets; /* NewSessionTicket messages after it */
    bool has_data;      /* application data after it */
    bool has_alert;     /* in clear or decrypted; the last one */
    alert alert;
    finding_list findings;
} server_flight;

/* Bodies, without type and length. What cannot be read is a finding; PARSE_BAD then. */
enum parse_status encrypted_extensions_parse(arena *a, bytes_view body, server_flight *out) MUST_CHECK;
enum parse_status certificate_request_tls13_parse(arena *a, bytes_view body, certificate_request *out) MUST_CHECK;
enum parse_status certificate_tls13_parse(arena *a, bytes_view body, server_flight *out) MUST_CHECK;
/* `signature` borrows from `body`. */
enum parse_status certificate_verify_parse(bytes_view body, uint16_t *scheme, bytes_view *signature) MUST_CHECK;

#endif
