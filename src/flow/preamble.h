/*
 * What is said on a connection before TLS begins: HTTP CONNECT (RFC 9110, 9.3.6), SOCKS5 (RFC 1928), and the upgrades of
 * SMTP (RFC 3207), IMAP (RFC 9051), POP3 (RFC 2595), FTP (RFC 4217) and others. Also: which protocol an answer in clear is.
 * Pure. Ownership: views borrow from the conversation that holds them.
 */
#ifndef TLSWHY_FLOW_PREAMBLE_H
#define TLSWHY_FLOW_PREAMBLE_H

#include "base/bytes.h"

enum protocol {
    PROTOCOL_UNKNOWN,
    PROTOCOL_TLS,
    PROTOCOL_HTTP,
    PROTOCOL_HTTP_CONNECT, /* a proxy that is asked to lead on */
    PROTOCOL_SOCKS5,
    PROTOCOL_SMTP,
    PROTOCOL_IMAP,
    PROTOCOL_POP3,
    PROTOCOL_FTP,
    PROTOCOL_LDAP,
    PROTOCOL_XMPP,
    PROTOCOL_POSTGRESQL,
    PROTOCOL_MYSQL,
    PROTOCOL_SSH,
    PROTOCOL_HTTP2, /* without TLS */
    PROTOCOL_COUNT,
};

/* "http", "smtp" ...: as in `--starttls` and in a verdict. A literal; "unknown" for what is out of range. */
const char *protocol_name(enum protocol p);
/* PROTOCOL_UNKNOWN where no protocol has that name. */
enum protocol protocol_from_name(const char *name);
/* Whether a connection of that protocol can be upgraded to TLS in its middle. */
bool protocol_upgrades(enum protocol p);

/* Which protocol a server's first bytes in clear are, as far as they tell. `port` breaks ties ("220 " is SMTP or FTP). */
enum protocol protocol_of_greeting(bytes_view server_bytes, uint16_t port);
/* Which protocol a client's first bytes are. */
enum protocol protocol_of_request(bytes_view client_bytes);

/* One exchange before TLS, as it was seen. */
typedef struct preamble {
    enum protocol protocol;                /* UNKNOWN: there was none */
    bytes_view client_bytes, server_bytes; /* all that was said; bounded to PREAMBLE_LEN_MAX each */
    bytes_view authority; /* HTTP CONNECT and SOCKS5: host:port that was asked for; view into client_bytes or the arena */
    int status;           /* the proxy's answer: HTTP status, or SOCKS5 reply; 0 while none */
    bool complete;        /* TLS may begin */
    bool refused;         /* the other side said no */
} preamble;

#define PREAMBLE_LEN_MAX ((size_t)64 * 1024)

/* Looks at all that both sides said so far and fills `out`. Returns true while these bytes are a preamble or may yet become
 * one; false where they are TLS from the first byte or something that is no preamble. When `out->complete` turns true, the
 * TLS bytes of the client begin at client_bytes.len, those of the server at server_bytes.len. */
bool preamble_read(arena *a, bytes_view client_bytes, bytes_view server_bytes, uint16_t port, preamble *out);

/* A script by which a preamble is said again, without credentials: alternately what to wait for and what to send. */
enum expectation {
    EXPECT_NOTHING,     /* send at once */
    EXPECT_LINE,        /* one line that ends a reply (SMTP and FTP: the code is followed by a space) */
    EXPECT_HTTP_HEADER, /* to the blank line */
    EXPECT_TAGGED_LINE, /* IMAP: "a1 OK" */
    EXPECT_POP3_LINE,
    EXPECT_BYTES, /* at least one byte */
    EXPECT_XMPP_PROCEED,
    EXPECT_LDAP_RESPONSE,
    EXPECT_MYSQL_GREETING,
    EXPECT_SOCKS5_METHOD,
    EXPECT_SOCKS5_REPLY,
    EXPECT_POSTGRESQL_REPLY, /* one byte: 'S' is yes */
};

typedef struct preamble_step {
    enum expectation expectation; /* waited for first ... */
    bytes_view send;              /* ... then this is sent; may be empty */
} preamble_step;

typedef struct preamble_script {
    preamble_step *steps;
    size_t num_steps;
} preamble_script;

/* The script for `protocol`; `authority` (host:port) for CONNECT and SOCKS5, `host` for what names it (SMTP EHLO does not). */
preamble_script preamble_script_make(arena *a, enum protocol protocol, const char *authority, const char *host);

/* How much of `received` answers a step, and whether with yes. Returns PREAMBLE_WAIT until it is whole. */
enum preamble_answer { PREAMBLE_WAIT, PREAMBLE_YES, PREAMBLE_NO };
enum preamble_answer preamble_step_answered(enum expectation expectation, bytes_view received, size_t *answer_len);

#endif
