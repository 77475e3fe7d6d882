/*
 * What two sides say, for the tests of this room and of those above: built by hand, then heard by a flow.
 * Ownership: everything in the arena of the talk.
 */
#ifndef TLSWHY_TESTS_FLOW_TALK_H
#define TLSWHY_TESTS_FLOW_TALK_H

#include "flow/conversation.h"

typedef struct talk_step {
    enum side side;
    bytes_view bytes;
    enum stream_end end; /* STREAM_OPEN: bytes are said; else the side ends so */
} talk_step;

typedef struct talk {
    arena *arena;
    uint16_t port;
    talk_step steps[64];
    size_t num_steps;
} talk;

talk *talk_new(uint16_t port);
void talk_free(talk *t);

void talk_say(talk *t, enum side side, bytes_view bytes);
void talk_text(talk *t, enum side side, const char *text);
/* Lines in their order, each with its CR LF: "> EHLO me" from the client, "< 250 ok" from the server; up to NULL. */
void talk_lines(talk *t, const char *const *lines);
#define TALK_LINES(t, ...) talk_lines(t, (const char *const[]){__VA_ARGS__, NULL})
void talk_end(talk *t, enum side side, enum stream_end end);
void talk_record(talk *t, enum side side, uint8_t content_type, bytes_view payload);
void talk_alert(talk *t, enum side side, uint8_t level, uint8_t description);
/* A record of `len` zeros: how a protected one looks. */
void talk_protected(talk *t, enum side side, uint8_t content_type, size_t len);
void talk_change_cipher_spec(talk *t, enum side side);

/* Handshake messages, each in a record of its own. */
void talk_client_hello(talk *t);     /* offers TLS 1.3 and below */
void talk_early_data_hello(talk *t); /* and early data */
void talk_server_hello(talk *t, uint16_t version, uint16_t suite);
void talk_retry_request(talk *t);
void talk_message(talk *t, enum side side, uint8_t type, bytes_view body);

bytes_view record_bytes(arena *a, uint8_t content_type, bytes_view payload);
bytes_view message_bytes(arena *a, uint8_t type, bytes_view body);
bytes_view server_hello_body(arena *a, uint16_t version, uint16_t suite, bool is_retry);
bytes_view certificate_body(arena *a, size_t num_certificates, size_t certificate_len);
bytes_view client_hello_flight(arena *a, bool early_data);
bytes_view zeros(arena *a, size_t len);
bytes_view joined(arena *a, bytes_view first, bytes_view second);

/* Hears the talk, its steps whole, and again in pieces of 1, 3 and 7 bytes: ends the test where that makes a difference. */
const conversation *talk_heard(talk *t);
/* Its steps cut into pieces of `piece_len` bytes; 0: whole. */
const conversation *talk_heard_in_pieces(talk *t, size_t piece_len);

bool conversation_has_finding(const conversation *c, const char *part);
size_t conversation_num_events(const conversation *c, enum side side, enum event_kind kind);

#endif
