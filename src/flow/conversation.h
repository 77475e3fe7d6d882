/*
 * What two sides said on one connection, in order, with times. Made from two byte streams by one state machine without
 * I/O, whichever way the bytes came: a relay, a socket of ours, a capture file.
 *
 * Ownership: everything in a conversation lives in its arena. Memory is bounded: handshake messages up to
 * HANDSHAKE_MESSAGE_LEN_MAX, CONVERSATION_EVENTS_MAX events; what is past that is counted and not kept.
 * Times are microseconds of the caller's monotonic clock.
 */
#ifndef TLSWHY_FLOW_CONVERSATION_H
#define TLSWHY_FLOW_CONVERSATION_H

#include "flow/preamble.h"
#include "wire/record.h"
#include "wire/server_hello.h"

#define HANDSHAKE_MESSAGE_LEN_MAX ((size_t)256 * 1024)
#define CONVERSATION_EVENTS_MAX ((size_t)64)
#define CONVERSATION_TAIL_LEN ((size_t)72)

enum side { SIDE_CLIENT, SIDE_SERVER };

/* How a direction of the stream ended, or that it has not. */
enum stream_end {
    STREAM_OPEN,
    STREAM_FIN,
    STREAM_RESET,
    STREAM_TIMEOUT, /* nothing came before the deadline; only of our own probes, or of a client that gave up waiting */
};

/* The furthest point that the handshake reached. */
enum handshake_phase {
    PHASE_NOTHING,       /* no TLS yet from the client */
    PHASE_CLIENT_HELLO,  /* a whole hello */
    PHASE_RETRY_REQUEST, /* the server asked for another hello */
    PHASE_SERVER_HELLO,  /* version and suite are chosen */
    PHASE_SERVER_FLIGHT, /* up to TLS 1.2: ServerHelloDone, or ChangeCipherSpec of a resumption; TLS 1.3: a protected record that is
                            no alert by its size */
    PHASE_CLIENT_FINISHED, /* the client went on: ChangeCipherSpec and Finished, or in TLS 1.3 a protected record that is no alert
                              by its size */
    PHASE_ESTABLISHED, /* up to TLS 1.2: both sent Finished; TLS 1.3: as above, and either the server sent a protected record after
                          it that is no alert by its size, or the connection went on without the server ending it */
};

enum event_kind {
    EVENT_CLIENT_HELLO,
    EVENT_RETRY_REQUEST,
    EVENT_SERVER_HELLO,
    EVENT_CERTIFICATE,
    EVENT_SERVER_KEY_EXCHANGE,
    EVENT_CERTIFICATE_REQUEST,
    EVENT_SERVER_HELLO_DONE,
    EVENT_CLIENT_KEY_EXCHANGE,
    EVENT_OTHER_HANDSHAKE, /* code: the handshake type */
    EVENT_CHANGE_CIPHER_SPEC,
    EVENT_PROTECTED_RECORD, /* len: payload length */
    EVENT_ALERT,            /* code: description; level in `level`; only in clear */
    EVENT_PREAMBLE,         /* code: enum protocol */
    EVENT_PLAIN_DATA,       /* not TLS */
    EVENT_STREAM_END,       /* code: enum stream_end */
    EVENT_CONNECTED,
};

typedef struct event {
    int64_t at_us;
    enum side side;
    enum event_kind kind;
    uint16_t code;
    uint8_t level;
    size_t len; /* bytes of the message or record payload */
} event;

/* One record of a side, whether it could be read or not. */
typedef struct record_note {
    uint8_t content_type;       /* as its header says: of a protected one in TLS 1.3 always application_data */
    size_t len;                 /* payload, bytes */
    enum handshake_phase phase; /* how far the handshake had come before it */
    bool is_protected;
    bool may_be_alert; /* it is one in clear, or protected up to TLS 1.2; in TLS 1.3 it has an alert's size, bare or padded by 16
                          bytes as Java does, which close_notify has too */
    int64_t at_us;
} record_note;

typedef struct conversation {
    arena *arena;
    uint16_t port; /* the server's, for what a greeting may be */

    preamble preamble;
    bool client_spoke_tls; /* the client's bytes (after a preamble) are TLS or SSLv2 */
    bool server_spoke_tls;
    bytes_view client_first_bytes; /* after the preamble (all of it, while that is not complete); up to 1 KiB, for what is no TLS */
    bytes_view server_first_bytes; /* the same of the server, up to 1 KiB */
    size_t client_len, server_len; /* bytes in all, preamble included */
    size_t num_client_chunks;      /* in how many pieces the hello's bytes came ... */
    size_t client_chunk_lens[16];  /* ... and the first of their lengths */

    bool has_hello;
    client_hello hello;    /* the first one, its trailing bytes included */
    bool has_second_hello; /* after a retry request */
    client_hello second_hello;

    bool has_server_hello;
    server_hello server_hello; /* the last that is not a retry request */
    bool has_retry_request;
    server_hello retry_request;
    certificate_list certificates; /* up to TLS 1.2 */
    bool has_server_key_exchange;
    server_key_exchange server_key_exchange;
    bool has_certificate_request; /* up to TLS 1.2 */
    certificate_request certificate_request;
    bool has_client_certificate; /* up to TLS 1.2: a Certificate from the client, empty or not */
    certificate_list client_certificates;

    bool plain[2];     /* by side: its bytes (after a preamble) are neither TLS nor SSLv2 */
    bool malformed[2]; /* by side: its bytes began as TLS and went on as what cannot be read as such */

    enum handshake_phase phase;
    bool has_alert[2]; /* by side: the last fatal alert in clear, or else the last warning */
    alert alerts[2];
    bool has_encrypted_alert[2]; /* TLS 1.3 by its size (19 bytes; of a client before its Finished also 35, as Java pads), up to
                                    TLS 1.2 by its content type after ChangeCipherSpec */
    size_t num_protected[2];     /* protected records of each side */
    size_t num_records[2];       /* records of each side, whole ones */
    record_note last_records[2]; /* the last whole one of each side; all zeros where there is none */
    bool has_last_sender;
    enum side last_sender;           /* whose record came last */
    size_t unfinished_record_len[2]; /* bytes that came of a record that is not whole, header included; 0: none ... */
    size_t unfinished_wanted[2];     /* ... and how many it says that it has, once its header is there */
    bool was_cut[2];                 /* by side: its end, or its deadline, came in the middle of a record or a handshake message */
    bool established_data[2]; /* that side sent application data after the handshake: protected application_data up to 1.2; in
                                 TLS 1.3 a    protected record after the client's Finished that is no alert by its size */

    bool server_data_in_time;   /* the server's came before the client ended */
    bool server_answer_in_time; /* the same, and after the client's: in TLS 1.3 what came before may be tickets */

    uint8_t tails[2][CONVERSATION_TAIL_LEN]; /* by side: the last bytes of its stream, also of what was not read along */
    size_t tail_lens[2];
    bool changed_cipher_wrongly[2]; /* by side: its ChangeCipherSpec is another byte than 1, the only one that there is */
    enum stream_end end[2];         /* how the direction that this side sends in ended */
    bool has_first_end;
    enum side first_end; /* who ended first */

    event events[CONVERSATION_EVENTS_MAX];
    size_t num_events;
    size_t num_events_dropped;
    finding_list findings; /* what breaks a rule: garbage, endless records, oversized messages */
} conversation;

/* Whether the last record of that side is an alert, as far as its header and its size tell: close_notify, if nothing failed. */
bool conversation_ended_with_alert(const conversation *c, enum side side);
/* The server asked for a certificate, and the client answered that it has none: in clear up to TLS 1.2, else by the size of its
 * first protected record. */
bool conversation_gave_no_certificate(const conversation *c);
/* The handshake went well, both sent data, and then the server's stream ended first, in good order for TCP, and without
 * close_notify. */
bool conversation_was_cut(const conversation *c);
/* The handshake went well, the client sent data, and ended at once, before anything came from the server: some look at the
 * certificates only when they have asked. */
bool conversation_was_left_unanswered(const conversation *c);

/* The handshake went well, the client sent data, and left at once, without having heard what the server said to it: it had reset
 * the connection (TCP tells so of what was not read), or in TLS 1.3 nothing had come since but what came before. A client that
 * fails for what it was told looks the same where it does not read to the end. */
bool conversation_was_left_unheard(const conversation *c);

/* Of a conversation without TLS: which protocol it is in, behind the proxies that led on; PROTOCOL_UNKNOWN where nothing tells. */
enum protocol conversation_protocol_in_clear(const conversation *c);
/* What the server said, in clear, by which it wants TLS first: its line, or what its code means; empty where there is none. */
bytes_view conversation_demand_for_tls(const conversation *c);
/* The server said something in answer to the client, or by itself, behind the proxies and the upgrade that led on. */
bool conversation_has_word_of_server(const conversation *c);

/* How long the server took to answer the client's hello, microseconds; 0 where it did not, or only once the client had ended: that
 * answers the end. */
int64_t conversation_answer_time_us(const conversation *c);

/* Nobody said anything, and the client waited so long before it ended that it must have wanted the server to begin: a client with
 * nothing to offer, however slowly it starts, knows that sooner. */
bool conversation_waited_in_vain(const conversation *c);

typedef struct flow flow; /* the state machine */

flow *flow_new(arena *a, uint16_t port);
/* Gives back what is not in the arena. The conversation stays until its arena goes. */
void flow_free(flow *f);
const conversation *flow_conversation(const flow *f);

void flow_connected(flow *f, int64_t now_us);
/* Bytes that `side` sent. Any cut is fine, also one byte at a time. Never fails: what cannot be read is a finding. */
void flow_bytes(flow *f, enum side side, bytes_view bytes, int64_t now_us);
/* That side's stream ended. A hello or message that was cut by it is kept as far as it came. */
void flow_end(flow *f, enum side side, enum stream_end end, int64_t now_us);

/* Whether nothing more can be learnt from the bytes: the handshake is over, or this is not TLS. From then on the relay need not
 * read along; it must still report the end, and that bytes passed, with flow_passed. */
bool flow_is_settled(const flow *f);
void flow_passed(flow *f, enum side side, bytes_view bytes, int64_t now_us);
/* So many bytes passed that nobody looked at; those after them, CONVERSATION_TAIL_LEN at least, are told by flow_passed. */
void flow_skipped(flow *f, enum side side, size_t len);

#endif
