/*
 * What was seen on a connection, in words: for a text and for the JSON's timeline.
 * Ownership: texts live in the arena, or are constant.
 */
#ifndef TLSWHY_REPORT_STORY_H
#define TLSWHY_REPORT_STORY_H

#include "report/report.h"

/* "client_hello", "server_hello TLS 1.2", "alert handshake_failure", "fin", "preamble smtp" ... */
const char *event_text(arena *a, const event *e, const conversation *c);
/* The same for people: "hello", "chose TLS 1.2", "alert handshake_failure (40)", "closed the connection" ... */
const char *event_words(arena *a, const event *e, const conversation *c);
const char *side_name(enum side s);             /* "client", "server" */
const char *stream_end_name(enum stream_end e); /* "fin", "reset", "timeout"; NULL while open */

/* Host, port and address as one reads them: "api.example.com:443 (192.0.2.7)"; where a proxy led on, the host and port that it was
 * asked for: "api.example.com:443 (by the proxy 192.0.2.1:3128)". Escaped. */
const char *connection_title(arena *a, const report_connection *c);
/* "192.0.2.1:3128" where the client asked a proxy (CONNECT, SOCKS5) to lead on, or connected to the one that its environment names;
 * NULL where it did neither. */
const char *proxy_of(arena *a, const report_connection *c);
/* "node[4242]". Escaped. */
const char *process_title(arena *a, const report_connection *c);

#endif
