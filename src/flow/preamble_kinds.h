/*
 * The protocols of preamble.h, one file each, and what they share. Not for other rooms.
 * Ownership: views borrow from the bytes given; nothing is kept.
 */
#ifndef TLSWHY_FLOW_PREAMBLE_KINDS_H
#define TLSWHY_FLOW_PREAMBLE_KINDS_H

#include "flow/preamble.h"

enum match {
    MATCH_NO,
    MATCH_PERHAPS, /* more bytes may tell */
    MATCH_YES,
};

/* All that was said, as preamble_read got it. */
typedef struct dialog {
    arena *arena;
    bytes_view client, server;
    uint16_t port;
} dialog;

/* Whether the dialog is of that protocol. */
typedef enum match preamble_match(const dialog *d);
/* Fills `out`, whose protocol is set. Returns false where it is no preamble after all. */
typedef bool preamble_reader(const dialog *d, preamble *out);

preamble_match http_connect_match, socks4_match, socks5_match, proxy_header_match, postgresql_match, ldap_match, xmpp_match,
    mysql_match, rdp_match, line_protocol_match;
preamble_reader http_connect_read, socks4_read, socks5_read, proxy_header_read, postgresql_read, ldap_read, xmpp_read, mysql_read,
    rdp_read, line_protocol_read;

/* The server said no, in the reply that ends there: `refusal` becomes its last line. */
void preamble_refuse(preamble *out, bytes_view server, size_t reply_end);
/* What both sides said up to there is the preamble. */
void preamble_finish(preamble *out, size_t client_len, size_t server_len);

/* ---- preamble_text.c --------------------------------------------------------------------------------------------- */

/* Whether `v` begins with `text` (ASCII case ignored); PERHAPS where it is a beginning of `text`. */
enum match text_match(bytes_view v, const char *text);
/* The line at `*offset`, without its CR LF or LF; moves `*offset` behind it. False, and nothing changed, where it is not whole. */
bool text_line(bytes_view v, size_t *offset, bytes_view *line);
/* Where the header that begins at `offset` ends, its blank line included. False where it is not whole. */
bool text_header_end(bytes_view v, size_t offset, size_t *end);
/* Where `text` is next found, from `offset` on (ASCII case ignored). */
bool text_find(bytes_view v, size_t offset, const char *text, size_t *at);
/* `words` (separated by one space) as the whole of `line`, whatever blanks surround and separate them; ASCII case ignored. */
bool text_is_command(bytes_view line, const char *words);
/* The decimal number that `v` begins with; -1 where there is none. At most 9 digits are read. */
int text_number(bytes_view v);

/* One reply of a protocol whose replies are lines, from `*offset` on: moves it behind the reply. */
enum reply { REPLY_NOT_YET, REPLY_YES, REPLY_YES_AT_ONCE, REPLY_NO, REPLY_PRELIMINARY };
enum reply numeric_reply(bytes_view server, size_t *offset);              /* SMTP (RFC 5321, 4.2), FTP (RFC 959, 4.2) */
enum reply pop3_reply(bytes_view server, size_t *offset);                 /* RFC 1939, 3 */
enum reply imap_reply(bytes_view server, bytes_view tag, size_t *offset); /* RFC 9051, 7.1 */

enum reply nntp_reply(bytes_view server, size_t *offset);  /* RFC 3977, 3.2 */
enum reply sieve_reply(bytes_view server, size_t *offset); /* RFC 5804, 1.2 */
enum reply irc_reply(bytes_view server, size_t *offset);   /* to STARTTLS alone: 670, 691 and their kind */
/* To CAP LS (IRCv3): whether the list is whole, and `tls` is not in it. */
bool irc_lacks_tls(bytes_view server, size_t *offset);

/* The first line that says no for want of TLS; empty where none does. */
bytes_view line_that_demands_tls(bytes_view server);

/* The answers to steps that have a structure of their own; offsets as above. */
enum reply http_reply(bytes_view server, size_t *offset, int *status);
enum reply ldap_reply(bytes_view server, int message_id, size_t *offset);
enum reply xmpp_features(bytes_view server, size_t *offset);
enum reply xmpp_reply(bytes_view server, size_t *offset);
enum reply socks4_reply(bytes_view server, size_t *offset, int *code);
enum reply socks5_method_reply(bytes_view server, size_t *offset);
enum reply socks5_method_or_password_reply(bytes_view server, size_t *offset);
enum reply socks5_password_reply(bytes_view server, size_t *offset);
enum reply socks5_reply(bytes_view server, size_t *offset, int *code);
enum reply postgresql_reply(bytes_view server, size_t *offset);
enum reply mysql_greeting(bytes_view server, size_t *offset);
enum reply mysql_greeting_with_tls(bytes_view server, size_t *offset);
bool mysql_offers_tls(bytes_view server);
/* Whom a client opens its stream to ("example.com"); empty where it does not say. */
bytes_view xmpp_domain(bytes_view client);
/* Whether it opens it as a server. */
bool xmpp_is_between_servers(bytes_view client);
/* The name of the condition that a stream ends with ("host-unknown": RFC 6120, 4.9.3); empty where it does not. */
bytes_view xmpp_stream_error(bytes_view server);
/* The list of what the stream can do is whole, and STARTTLS not in it; or it would be empty, which Prosody says by an error. */
bool xmpp_lacks_tls(bytes_view server);
/* A server without TLS answers protocolError to what was asked (RFC 4511, 4.14); one that is busy or shuts down does not. */
bool ldap_lacks_tls(bytes_view server, int message_id);
/* A confirm that goes on in clear, or the two failures that say it (MS-RDPBCGR, 2.2.1.2). The others want something else. */
bool rdp_lacks_tls(bytes_view server);
/* The same of those that have no lines: what their code means, or their words. */
bytes_view ldap_demand_for_tls(bytes_view server);
bytes_view mysql_demand_for_tls(bytes_view server);
bytes_view postgresql_demand_for_tls(bytes_view server);
enum reply rdp_confirm(bytes_view server, size_t *offset);

/* "host:port" in its parts, an IPv6 address without its brackets; 443 where there is no port. The host is in the arena. */
void authority_split(arena *a, const char *authority, char **host, uint16_t *port);

/* What a client says; all in the arena. `user` and `password` may be NULL. */
bytes_view socks4_request(arena *a, const char *authority, const char *user);
bytes_view socks5_request(arena *a, const char *authority);
bytes_view socks5_login(arena *a, const char *user, const char *password);
bytes_view http_connect_request(arena *a, const char *authority, const char *user, const char *password);
bytes_view proxy_header(arena *a, unsigned version);
bytes_view xmpp_stream_header(arena *a, const char *host, bool is_server);

#endif
