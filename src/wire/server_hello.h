/*
 * What a server answers: ServerHello, HelloRetryRequest, Certificate, ServerKeyExchange, CertificateRequest of SSL 3.0 to
 * TLS 1.2, and the part of TLS 1.3 that is in clear. Ownership: views point into the arena given.
 */
#ifndef TLSWHY_WIRE_SERVER_HELLO_H
#define TLSWHY_WIRE_SERVER_HELLO_H

#include "wire/client_hello.h"

enum handshake_type {
    HANDSHAKE_HELLO_REQUEST = 0,
    HANDSHAKE_CLIENT_HELLO = 1,
    HANDSHAKE_SERVER_HELLO = 2,
    HANDSHAKE_NEW_SESSION_TICKET = 4,
    HANDSHAKE_ENCRYPTED_EXTENSIONS = 8,
    HANDSHAKE_CERTIFICATE = 11,
    HANDSHAKE_SERVER_KEY_EXCHANGE = 12,
    HANDSHAKE_CERTIFICATE_REQUEST = 13,
    HANDSHAKE_SERVER_HELLO_DONE = 14,
    HANDSHAKE_CERTIFICATE_VERIFY = 15,
    HANDSHAKE_CLIENT_KEY_EXCHANGE = 16,
    HANDSHAKE_FINISHED = 20,
    HANDSHAKE_CERTIFICATE_STATUS = 22,
};

typedef struct server_hello {
    bool is_retry_request; /* RFC 8446, 4.1.3: the random says so */
    uint16_t version;      /* negotiated: supported_versions where sent, else legacy_version */
    uint16_t legacy_version;
    bytes_view random;
    bytes_view session_id;
    uint16_t cipher_suite;
    uint8_t compression_method;
    extension *extensions;
    size_t num_extensions;
    uint16_t group;    /* of key_share; 0 where none */
    bytes_view cookie; /* of a HelloRetryRequest */
    bytes_view alpn;   /* up to TLS 1.2; in TLS 1.3 it is encrypted */
    bool has_renegotiation_info, has_extended_master_secret;
    finding_list findings;
} server_hello;

/* `body` is the handshake message's body, without type and length. */
enum parse_status server_hello_parse(arena *a, bytes_view body, server_hello *out) MUST_CHECK;
const extension *server_hello_extension(const server_hello *hello, uint16_t type);

/* Certificate of SSL 3.0 to TLS 1.2 (RFC 5246, 7.4.2): DER, leaf first. */
typedef struct certificate_list {
    bytes_view *certificates;
    size_t num_certificates;
    finding_list findings;
} certificate_list;
enum parse_status certificate_list_parse(arena *a, bytes_view body, certificate_list *out) MUST_CHECK;

enum key_exchange_kind { KEY_EXCHANGE_UNKNOWN, KEY_EXCHANGE_DHE, KEY_EXCHANGE_ECDHE, KEY_EXCHANGE_RSA_EXPORT };

typedef struct server_key_exchange {
    enum key_exchange_kind kind;
    uint16_t group;              /* named curve (RFC 8422, 5.4); 0 for DHE */
    size_t prime_bits;           /* DHE; 0 otherwise */
    uint16_t finite_field_group; /* DHE: the group of RFC 7919 that has that prime; 0: none of them */
    uint16_t signature_scheme;   /* TLS 1.2; 0 before, and for anonymous suites */
    bytes_view prime, generator; /* DHE */
    bytes_view public_value;     /* DHE: dh_Ys; ECDHE: the point */
    bytes_view params;           /* ServerDHParams or ServerECDHParams: what is signed */
    bytes_view signature;
} server_key_exchange;
/* The kind follows from the suite, which the caller knows. */
enum parse_status server_key_exchange_parse(arena *a, bytes_view body, enum key_exchange_kind kind, bool is_anonymous,
                                            uint16_t version, server_key_exchange *out) MUST_CHECK;

typedef struct certificate_request {
    bytes_view certificate_types;
    code_list signature_schemes;
    bytes_view *authorities; /* DER DistinguishedNames */
    size_t num_authorities;
} certificate_request;
enum parse_status certificate_request_parse(arena *a, bytes_view body, uint16_t version, certificate_request *out) MUST_CHECK;

#endif
