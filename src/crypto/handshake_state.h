/*
 * The inside of a handshake, shared by the files of this room that make it. Not for other rooms.
 * Ownership: a handshake lives in the arena given; its buffers and ciphers outside of it, until it is over.
 */
#ifndef TLSWHY_CRYPTO_HANDSHAKE_STATE_H
#define TLSWHY_CRYPTO_HANDSHAKE_STATE_H

#include "crypto/handshake.h"
#include "crypto/key_schedule.h"
#include "crypto/prf.h"
#include "crypto/records_tls12.h"

/* What a server may send in one flight, headers included. */
#define TRANSCRIPT_LEN_MAX ((size_t)1024 * 1024)
#define MESSAGE_HEADER_LEN ((size_t)4)

enum state {
    AWAITS_SERVER_HELLO,
    AWAITS_SECOND_HELLO, /* a retry request came */
    READS_FLIGHT,
    AWAITS_FINISHED,      /* up to TLS 1.2: our last flight went out */
    FLIGHT_READ,          /* all of the server's flight was read; ours is not wanted */
    AWAITS_CONSENT,       /* TLS 1.3: our last flight went out after the server's Finished */
    AWAITS_END,           /* up to TLS 1.2: both Finished are said, and nothing more is */
    AWAITS_RENEGOTIATION, /* the same, and our second hello went out */
    ANSWERED,             /* the server said something to our last flight */
    OVER,                 /* nothing more can be read */
};

/* Up to TLS 1.2. */
typedef struct block_state {
    suite_tls12 suite;
    const char *why_not; /* the suite's keys cannot be computed; its flight can be read all the same */
    const char *hash;    /* of PRF and transcript; NULL in that case */
    uint16_t version;
    bool extended_master_secret, encrypts_then_macs;
    bool has_server_key_exchange;
    server_key_exchange server_key_exchange;
    uint8_t master[MASTER_SECRET_LEN];
    uint8_t verify_data[VERIFY_DATA_LEN]; /* of our Finished */
    record_keys *reading, *writing;       /* NULL until they are made */
    bool server_changed_cipher;
} block_state;

struct handshake {
    arena *arena;
    const key_ring *keys;
    bool finishes;
    bool waits_for_request; /* tickets are no answer */
    bool lingers, renegotiates;
    enum state state;
    server_flight flight;
    buffer transcript;
    buffer received; /* what no whole record was made of yet */
    buffer messages; /* what no whole message was made of yet */
    bytes_view to_send;

    client_hello hello; /* the last one that was sent */
    uint8_t client_random[32], server_random[32];

    /* TLS 1.3 */
    const suite_parameters *suite; /* NULL in an earlier version */
    secret handshake_secret, client_secret, server_secret;
    secret master_secret, resumption_secret; /* from the server's Finished, and ours, on */
    traffic_keys reading, writing, application_writing;
    bool is_protected;
    bool compatible; /* the hello has a session id: a ChangeCipherSpec is expected of a client (RFC 8446, D.4) */

    block_state block; /* earlier versions */
};

/* handshake.c */
void handshake_give_up(handshake *h, const char *why); /* the first reason stays; NULL none */
void handshake_say(handshake *h, bytes_view message);  /* into the transcript */
void handshake_note(handshake *h, const char *text);
void handshake_note_unread(handshake *h, enum parse_status status, const char *text);

bytes_view handshake_close_notify(void); /* the alert, not protected yet */

void handshake_log(const handshake *h, const char *label, bytes_view value);

/* handshake_tls13.c */
void tls13_server_hello(handshake *h, const server_hello *hello, bytes_view message);
void tls13_message(handshake *h, uint8_t type, bytes_view message, bytes_view body);

/* handshake_tls12.c */
void tls12_server_hello(handshake *h, const server_hello *hello, bytes_view message);
void tls12_message(handshake *h, uint8_t type, bytes_view message, bytes_view body);
void tls12_change_cipher_spec(handshake *h);
void tls12_release(handshake *h);

#endif
