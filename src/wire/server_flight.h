/*
 * What a server says after its ServerHello: in TLS 1.3 under protection (RFC 8446, 4.3 and 4.4): EncryptedExtensions,
 * CertificateRequest, Certificate, CertificateVerify; up to TLS 1.2 in clear. Read from messages that were decrypted elsewhere.
 * Ownership: views point into the arena given.
 */
#ifndef TLSWHY_WIRE_SERVER_FLIGHT_H
#define TLSWHY_WIRE_SERVER_FLIGHT_H

#include "wire/record.h"
#include "wire/server_hello.h"

/* NewSessionTicket (RFC 8446, 4.6.1). Up to TLS 1.2 lifetime and ticket alone (RFC 5077, 3.3). */
typedef struct session_ticket {
    uint32_t lifetime_s;
    uint32_t age_add;
    bytes_view nonce, ticket;
    bool has_early_data; /* early data is offered, up to ... */
    uint32_t max_early_data_size;
} session_ticket;

typedef struct server_flight {
    bool is_read;        /* keys were made, and the flight was read up to its Finished, or up to an alert or the stream's end */
    bool is_damaged;     /* a protected record of it was not authentic */
    const char *why_not; /* where it was not: a clause for people */
    bool has_encrypted_extensions;
    extension *extensions; /* of EncryptedExtensions */
    size_t num_extensions;
    bytes_view alpn; /* the protocol chosen; empty none */
    bool has_certificate;
    size_t certificate_len; /* of its message's body as the header claims, also where it did not come; 0 none */
    certificate_list certificates;
    bytes_view ocsp_response;          /* stapled to the leaf (RFC 6066, 8); empty none */
    bytes_view certificate_timestamps; /* TLS 1.3: SignedCertificateTimestampList beside the leaf (RFC 6962, 3.3); empty none */
    uint16_t compressed_by;            /* CertificateCompressionAlgorithm (RFC 8879, 7.3) where the Certificate came so; 0 none */
    bool has_certificate_request;
    certificate_request certificate_request;         /* schemes and authorities from its extensions */
    uint16_t signature_scheme;                       /* of CertificateVerify, in TLS 1.2 of ServerKeyExchange; 0 none */
    bool has_certificate_verify, signature_is_right; /* up to TLS 1.2: the signature of ServerKeyExchange */
    bool has_finished, finished_is_right;            /* up to TLS 1.2 it comes after ours */
    bool sent_finished;                              /* our Finished (and an empty Certificate where one was asked for) went out */
    size_t num_tickets;                              /* NewSessionTicket messages after it; the first of them: */
    session_ticket ticket;
    bytes_view resumption_key; /* TLS 1.3: the PSK of that ticket (RFC 8446, 4.6.1) */
    bool asked_to_renegotiate; /* up to TLS 1.2: a second hello went out under protection ... */
    bool renegotiated;         /* ... and a ServerHello came */
    bool asks_after_handshake; /* a CertificateRequest after it (RFC 8446, 4.6.2) */
    bool has_data;             /* application data after it */
    bool has_alert;            /* in clear or decrypted: the one that ended it; warnings are findings */
    alert alert;
    finding_list findings;
} server_flight;

/* Whether the handshake was ended by an alert. A close_notify after the server's Finished ends the connection alone: both had all
 * of the handshake before. */
bool server_flight_was_refused(const server_flight *f);

/* Of `version`; views borrow from `body`. */
enum parse_status session_ticket_parse(arena *a, bytes_view body, uint16_t version, session_ticket *out) MUST_CHECK;
/* How many timestamps a SignedCertificateTimestampList holds (RFC 6962, 3.3). 0 where it cannot be read. */
size_t timestamp_list_count(bytes_view list);

/* Bodies, without type and length. What cannot be read is a finding; PARSE_BAD then. */
enum parse_status encrypted_extensions_parse(arena *a, bytes_view body, server_flight *out) MUST_CHECK;
enum parse_status certificate_request_tls13_parse(arena *a, bytes_view body, certificate_request *out) MUST_CHECK;
enum parse_status certificate_tls13_parse(arena *a, bytes_view body, server_flight *out) MUST_CHECK;
/* CertificateStatus of a message up to TLS 1.2 (RFC 6066, 8): the OCSP response, empty where it is none; in the arena. */
bytes_view certificate_status_parse(arena *a, bytes_view body);
/* `signature` borrows from `body`. */
enum parse_status certificate_verify_parse(bytes_view body, uint16_t *scheme, bytes_view *signature) MUST_CHECK;

#endif
