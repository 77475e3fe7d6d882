/*
 * A server as a pure function from a hello to an answer. It knows nothing of the engine or of the causes.
 * Ownership: lists live in the arena of the pair; answers in the arena given.
 */
#ifndef TLSWHY_TESTS_SIM_SERVER_H
#define TLSWHY_TESTS_SIM_SERVER_H

#include "dice.h"
#include "flow/preamble.h"
#include "wire/client_hello.h"

enum reaction { REACT_ALERT, REACT_CLOSE, REACT_RESET, REACT_SILENCE };
enum name_rule {
    NAME_IGNORED,
    NAME_REQUIRED,
    NAME_KNOWN_ONLY, /* another name is refused; none is fine */
    NAME_STRICT,     /* its own name or nothing */
};
enum manner { MANNER_TLS, MANNER_DROPS_ALL, MANNER_HTTP, MANNER_SMTP /* greets, and upgrades when asked */ };

typedef struct sim_server {
    enum manner manner;
    code_list versions;
    code_list suites; /* in its order */
    bool prefers_own_order;
    code_list groups;
    code_list schemes;
    bool has_rsa, has_ecdsa, has_ed25519; /* its certificates' keys */
    bool refuses_absent_schemes;          /* TLS 1.2 without signature_algorithms: SHA-1 would be meant (RFC 5246, 7.4.1.4.1) */
    enum name_rule name_rule;
    bytes_view name; /* the one that it knows */
    bytes_view alpn; /* the one protocol that it insists on; empty: it does not insist */
    bool wants_ems;
    bool minds_fallback;
    bool reads_sslv2;

    uint16_t breaks_above_version; /* 0: never */
    int breaks_on_extension;       /* -1: never */
    bool breaks_on_grease;
    size_t breaks_from_len, breaks_to_len; /* of the message in bytes; 0: never */
    uint16_t breaks_on_record_version;     /* 0: never */
    bool breaks_on_pieces;                 /* of more than one record */

    enum reaction breaking; /* how it breaks on what it is intolerant of, or drops */
    uint8_t breaking_alert;
    enum reaction refusing; /* how it refuses where nothing is in common */

    bool has_rsa_pss;       /* a key for RSASSA-PSS only: no RSA key exchange, no PKCS #1 signature */
    uint16_t ecdsa_curve;   /* of its ECDSA key; 0: it has one for every curve */
    bool looks_at_curve;    /* up to TLS 1.2 that curve has to be among the client's groups, as OpenSSL has it */
    bool refuses_encrypted; /* TLS 1.3: what it cannot sign it notices after its ServerHello */
    bool warns_of_name;     /* a warning unrecognized_name, and it goes on (RFC 6066, 3) */
    bool asks_certificate;
    bool shares_records; /* several messages of its flight in one record */
    bool is_serial;      /* while one connection is left without an answer, the others are too */
    bool breaks_on_segments;
    uint16_t breaks_above_record_version; /* 0: never */
} sim_server;

typedef struct sim_answer {
    bytes_view bytes;   /* what it sends */
    enum reaction ends; /* REACT_ALERT: it sent what it had, and the stream stays open */
    bool wants_retry;   /* bytes are a HelloRetryRequest */
    uint16_t retry_group;
    bool accepts;
} sim_answer;

/* `upgraded`: the upgrade of the server's own protocol went before. */
sim_answer sim_server_answer(arena *a, const sim_server *s, const client_hello *hello, bool upgraded);

#endif
