/*
 * What a message of the domain name system asks and answers (RFC 1035, 4): the name, the type, the code of the answer, and the
 * addresses in it. Everything else in it is passed over.
 *
 * Ownership: the name lives in the arena given.
 */
#ifndef TLSWHY_WIRE_DNS_MESSAGE_H
#define TLSWHY_WIRE_DNS_MESSAGE_H

#include "wire/reader.h"

#define DNS_ADDRESSES_MAX ((size_t)16)
#define DNS_NAME_TEXT_LEN_MAX ((size_t)1024) /* 255 bytes, each of which may take four characters */

/* RFC 1035, 4.1.1, and RFC 3596, 2.1. */
enum dns_type { DNS_TYPE_A = 1, DNS_TYPE_AAAA = 28 };
enum dns_code { DNS_NO_ERROR, DNS_FORMAT_ERROR, DNS_SERVER_FAILURE, DNS_NAME_ERROR, DNS_NOT_IMPLEMENTED, DNS_REFUSED };

typedef struct dns_address {
    size_t len; /* 4 or 16 */
    uint8_t bytes[16];
} dns_address;

typedef struct dns_message {
    uint16_t id;
    bool is_answer;
    bool is_cut;      /* TC: the whole of it goes over TCP */
    uint8_t code;     /* enum dns_code, or a later one */
    const char *name; /* of the question, without the dot at its end; what is unusual in it as \DDD (RFC 4343, 2.1) */
    uint16_t type;    /* of the question */
    dns_address addresses[DNS_ADDRESSES_MAX]; /* of the answer section, whatever aliases led to them */
    size_t num_addresses;
} dns_message;

/* PARSE_DONE, or PARSE_BAD where these bytes are no message with one question. An answer section that is cut gives what came. */
enum parse_status dns_message_read(arena *a, bytes_view bytes, dns_message *out);

#endif
