/*
 * What is said on a connection before TLS begins: HTTP CONNECT (RFC 9110, 9.3.6), SOCKS4, SOCKS5 (RFC 1928), a PROXY header, and
 * the upgrades of SMTP (RFC 3207), IMAP (RFC 9051), POP3 (RFC 2595), FTP (RFC 4217) and others, also inside of a tunnel that a
 * proxy made. Also: which protocol an answer in clear is.
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
    PROTOCOL_LMTP,
    PROTOCOL_SIEVE, /* ManageSieve */
    PROTOCOL_NNTP,
    PROTOCOL_IRC,
    PROTOCOL_RDP,
    PROTOCOL_SOCKS4,       /* and 4a */
    PROTOCOL_PROXY_HEADER, /* HAProxy's PROXY protocol, versions 1 and 2 */
    PROTOCOL_COUNT,
};

/* "http", "smtp" ...: as in `--starttls` and in a verdict. A literal; "unknown" for what is out of range. */
const char *protocol_name(enum protocol p);
/* PROTOCOL_UNKNOWN where no protocol has that name. */
enum protocol protocol_from_name(const char *name);
/* Whether a connection of that protocol can be upgraded to TLS in its middle. */
bool protocol_upgrades(enum protocol p);
/* Whether it asks a proxy to lead on: HTTP CONNECT, SOCKS4, SOCKS5. */
bool protocol_is_proxy(enum protocol p);

/* Which protocol a server's first bytes in clear are, as far as they tell. `port` breaks ties ("220 " is SMTP or FTP). */
enum protocol protocol_of_greeting(bytes_view server_bytes, uint16_t port);
/* Which protocol a client's first bytes are. */
enum protocol protocol_of_request(bytes_view client_bytes);

/* One exchange that made the way for the next: a proxy led on, or a header was passed. */
typedef struct tunnel {
    enum protocol protocol;
    bytes_view authority; /* as below; empty for a PROXY header */
    bytes_view client_bytes, server_bytes;
} tunnel;

#define PREAMBLE_TUNNELS_MAX ((size_t)4)

/* What was said before TLS, as it was seen. */
typedef struct preamble {
    enum protocol protocol;                /* of the last exchange; UNKNOWN: there was none */
    bytes_view client_bytes, server_bytes; /* all that was said; bounded to PREAMBLE_LEN_MAX each */
    bytes_view authority; /* HTTP CONNECT and SOCKS: host:port that was last asked for; view into client_bytes or the arena */
    int status;           /* the last proxy's answer: HTTP status, or SOCKS reply; 0 while none */
    bool complete;        /* TLS may begin */
    bool asked;           /* the client asked to be led on, or to begin TLS */
    bool refused;         /* the other side said no */
    bool not_offered;     /* the server told what it can do, an upgrade is not among it, and the client said no more than goodbye;
                             `refused` too: it ended the dialog before the client could ask */
    bytes_view refusal;   /* the line that said no, where it was one; view into server_bytes */
    bool may_go_on;       /* complete; what comes next may be another exchange as well as TLS */
    tunnel tunnels[PREAMBLE_TUNNELS_MAX]; /* the exchanges before the last one, in their order */
    size_t num_tunnels;
} preamble;

/* Whether a proxy led on, or was asked to. */
bool preamble_has_proxy(const preamble *p);
/* Whether the client wanted to get to TLS by it, as far as can be seen, and did not: nobody answered, or with no. */
bool preamble_was_in_vain(const preamble *p);
/* Whether it was a proxy that said no; what was behind it was not reached. */
bool preamble_proxy_refused(const preamble *p);
/* What a proxy meant by its no, a clause: "it wants the client to log in". A literal; NULL: it is not known, or none said no. */
const char *preamble_proxy_words(const preamble *p);
/* The line that said no; where the server said it unasked, its first of all, without what proxies said before. Empty where that is
 * no text. `server_first_bytes`, also below: as of the conversation, for a last exchange that is no preamble. */
bytes_view preamble_refusing_line(const preamble *p, bytes_view server_first_bytes);
/* Whether the server told what it can do, whoever asked, and an upgrade is not among it: of protocols in which no line says so. Of
 * LDAP and RDP: it said that it has none; a refusal for another reason (busy, other credentials) is not that. */
bool preamble_lacks_upgrade(const preamble *p, bytes_view server_first_bytes);
/* Where the tunnels end and the last exchange begins, in bytes of the client and of the server. */
void preamble_tunnel_lens(const preamble *p, size_t *client_len, size_t *server_len);

#define PREAMBLE_LEN_MAX ((size_t)64 * 1024)

/* Looks at all that both sides said so far and fills `out`. Returns true while these bytes are a preamble or may yet become
 * one; false where they are TLS from the first byte or something that is no preamble. When `out->complete` turns true, the
 * TLS bytes of the client begin at client_bytes.len, those of the server at server_bytes.len; as long as may_go_on is true too,
 * they may turn out to be another exchange. */
bool preamble_read(arena *a, bytes_view client_bytes, bytes_view server_bytes, uint16_t port, preamble *out);

/* A script by which a preamble is said: alternately what to wait for and what to send. */
enum expectation {
    EXPECT_NOTHING,     /* send at once */
    EXPECT_LINE,        /* one line that ends a reply (SMTP and FTP: the code is followed by a space) */
    EXPECT_HTTP_HEADER, /* to the blank line */
    EXPECT_TAGGED_LINE, /* IMAP: "a1 OK" */
    EXPECT_POP3_LINE,
    EXPECT_SIEVE_RESPONSE,
    EXPECT_IRC_REPLY,
    EXPECT_XMPP_FEATURES, /* STARTTLS is among them */
    EXPECT_XMPP_PROCEED,
    EXPECT_LDAP_RESPONSE,
    EXPECT_MYSQL_GREETING,   /* which offers TLS */
    EXPECT_POSTGRESQL_REPLY, /* one byte: 'S' is yes */
    EXPECT_RDP_CONFIRM,      /* which chooses TLS */
    EXPECT_SOCKS4_REPLY,
    EXPECT_SOCKS5_METHOD,
    EXPECT_SOCKS5_METHOD_OR_PASSWORD, /* PREAMBLE_SKIP where no password is wanted */
    EXPECT_SOCKS5_PASSWORD_REPLY,
    EXPECT_SOCKS5_REPLY,
    EXPECTATION_COUNT,
};

typedef struct preamble_step {
    enum expectation expectation; /* waited for first ... */
    bytes_view send;              /* ... then this is sent; may be empty */
} preamble_step;

typedef struct preamble_script {
    preamble_step *steps;
    size_t num_steps;
} preamble_script;

/* The script for `protocol`, without credentials; `authority` (host:port) for proxies, `host` for what names it (SMTP EHLO does
 * not). What has no script has no steps. */
preamble_script preamble_script_make(arena *a, enum protocol protocol, const char *authority, const char *host);
/* The script that asks a proxy with a name and a password (RFC 7617, RFC 1929; SOCKS4 sends the name alone). */
preamble_script preamble_script_with_login(arena *a, enum protocol proxy, const char *authority, const char *user,
                                           const char *password);
/* The script that says a PROXY header by which the connection counts as made by us: version 1 (UNKNOWN) or 2 (LOCAL). */
preamble_script preamble_script_of_proxy_header(arena *a, unsigned version);
/* The script that says `p` again, without credentials: through the same tunnels, then the upgrade of `p` (`upgrade` UNKNOWN),
 * another one, or none at all (TLS). */
preamble_script preamble_script_again(arena *a, const preamble *p, enum protocol upgrade, const char *host);
/* One after the other. */
preamble_script preamble_script_joined(arena *a, preamble_script first, preamble_script second);

/* How much of `received` answers a step, and whether with yes. Returns PREAMBLE_WAIT until it is whole. PREAMBLE_SKIP: yes; what
 * the step would send, and what the next would wait for, is left out. */
enum preamble_answer { PREAMBLE_WAIT, PREAMBLE_YES, PREAMBLE_SKIP, PREAMBLE_NO };
enum preamble_answer preamble_step_answered(enum expectation expectation, bytes_view received, size_t *answer_len);

/* The next step of a script, of which there has to be one: PREAMBLE_YES where it can be made, with what is to be sent, the bytes of
 * `received` that it took, and `*index` moved on; else PREAMBLE_WAIT or PREAMBLE_NO, and nothing is changed. */
enum preamble_answer preamble_script_next(const preamble_script *script, size_t *index, bytes_view received, size_t *taken,
                                          bytes_view *send);

#endif
