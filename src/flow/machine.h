/*
 * The state machine's own state, shared by the files of this room. Not for other rooms.
 *
 * Ownership: a flow lives in its conversation's arena, its buffers outside of it, until flow_free.
 */
#ifndef TLSWHY_FLOW_MACHINE_H
#define TLSWHY_FLOW_MACHINE_H

#include "flow/conversation.h"

#define FIRST_BYTES_LEN_MAX ((size_t)1024)
#define FINDINGS_MAX ((size_t)16)
/* A hello's flight: its message, its record headers, and what follows it before the server speaks. */
#define FLIGHT_LEN_MAX (HANDSHAKE_MESSAGE_LEN_MAX + (size_t)64 * 1024)
#define HANDSHAKE_HEADER_LEN ((size_t)4)
#define RECORD_BUFFER_LEN_MAX ((size_t)64 * 1024) /* a record, or a message in SSLv2 format: 32 KiB */

/* What one side's bytes are. */
enum stream_kind {
    STREAM_UNDECIDED,
    STREAM_TLS,
    STREAM_SSLV2,  /* the first message of either side; TLS records may follow a client's */
    STREAM_OPAQUE, /* no TLS, or not to be read any more: only counted */
};

typedef struct side_stream {
    enum stream_kind kind;
    buffer record;       /* the beginning of a record (or of a stream that is not decided yet) */
    size_t offset;       /* in all that this side sent: where `record` begins */
    buffer message;      /* the beginning of a handshake message, header included */
    size_t message_skip; /* bytes of an oversized message that are still to pass */
    bool is_protected;   /* up to TLS 1.2: ChangeCipherSpec was sent */
    bool has_finished;   /* the protected Finished was seen; in TLS 1.3 of the client, by its size */
    size_t num_empty;    /* empty records */
    uint8_t *first_bytes;
    size_t num_first_bytes;
} side_stream;

struct flow {
    conversation conversation;
    side_stream streams[2];

    /* What may yet become a preamble, and how much was spent on looking at it. */
    bool preamble_pending;
    enum side pending_first; /* who spoke first */
    buffer pending[2];
    size_t pending_looked_at; /* bytes, all looks together */
    size_t pending_next_len;  /* no look before there are so many bytes */
    size_t num_exchanges;     /* of the preamble that were noted as over */

    /* The client's records while the server has not answered, from which its hello is read. */
    bool flight_open;
    buffer flight;
    size_t hello_flight_len; /* of the flight when the hello was read from it */

    bool is_tls13;
    bool early_data; /* offered, and perhaps still on its way: TLS 1.3 records of the client mean nothing yet */
    size_t num_server_hellos;
    bool hello_unreadable;
    bool has_certificate;
};

/* notes.c */
void note_event(flow *f, event e);
/* `offset` counts all bytes of that side; `text` is a literal or in the arena. Past FINDINGS_MAX they are dropped. */
void note_finding(flow *f, size_t offset, const char *text);
/* The stream of that side ended in the middle of something that was to have `wanted` bytes (of which its header is not whole, if
 * that is not above `len`): a finding, unless it was the deadline that ended it. */
void note_cut(flow *f, enum side side, enum stream_end end, const char *what, size_t len, size_t wanted);
void note_first_bytes(flow *f, enum side side, bytes_view bytes);
void note_first_bytes_restart(flow *f, enum side side);
/* tail.c */
void note_tail(flow *f, enum side side, bytes_view bytes);
/* Whether bytes that passed once the handshake was over are one record, an alert, as far as its header and its size tell. */
bool is_alert_alone(const conversation *c, bytes_view bytes);
void note_phase(flow *f, enum handshake_phase phase); /* only ever upwards */
void note_established_data(flow *f, enum side side);

/* records.c: bytes after the preamble */
void records_feed(flow *f, enum side side, bytes_view bytes, int64_t now_us);
/* What can be said of a stream that ended in the middle of something. */
void records_end(flow *f, enum side side, enum stream_end end, int64_t now_us);
/* The first hello's trailing bytes are complete: the server speaks, or the client has ended. */
void records_close_flight(flow *f);

/* handshake.c: the payload of handshake records in clear */
void handshake_feed(flow *f, enum side side, bytes_view payload, int64_t now_us);
void handshake_end(flow *f, enum side side, enum stream_end end);
/* Keeps what there is of a hello that will never be whole. */
void handshake_keep_cut_hello(flow *f);
void handshake_hello_from_flight(flow *f, int64_t now_us, size_t message_len);

/* protection.c: what records say whose content cannot be read */
void protection_begin(flow *f, enum side side); /* a ChangeCipherSpec */
bool protection_applies(const flow *f, enum side side, uint8_t content_type);
void protection_record(flow *f, enum side side, const record *r, int64_t now_us);
bool protection_may_be_alert(const flow *f, const record *r); /* of a protected record */
void protection_end(flow *f, enum side side, enum stream_end end);

/* sslv2.c: messages in SSLv2 format */
/* How long the message is whose first bytes these are, header included; 0 while that cannot be told. */
size_t sslv2_message_len(bytes_view bytes);
bool sslv2_is_client_hello(bytes_view bytes);   /* needs 6 bytes */
bool sslv2_is_server_message(bytes_view bytes); /* needs 3 bytes */
void sslv2_server_message(flow *f, bytes_view bytes, int64_t now_us);

#endif
