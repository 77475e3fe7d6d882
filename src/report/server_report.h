/*
 * What servers accept, told: as text for a terminal, and as JSON; and what changed since a JSON that was saved.
 * Ownership: everything borrows from the arena of the survey.
 */
#ifndef TLSWHY_REPORT_SERVER_REPORT_H
#define TLSWHY_REPORT_SERVER_REPORT_H

#include "base/error.h"
#include "crypto/trust.h"
#include "server/server.h"

typedef struct server_at {
    const char *address; /* numeric */
    const server *server;
    const trust_judgement *judgements[SERVER_CERTIFICATES_MAX]; /* of its chains, by the system's store */
} server_at;

typedef struct server_report {
    const char *host;
    uint16_t port;
    const char *server_name; /* that was sent; NULL none */
    const char *proxy; /* that led to it, as the user wrote it but without who asks: the addresses are the proxy's; NULL none */
    int64_t started_unix;
    server_at *addresses;
    size_t num_addresses;
    size_t num_connections;
    int64_t probing_us;
} server_report;

char *server_report_to_text(arena *a, const server_report *r, bool color, size_t columns, bool with_gnutls);
/* As doc/schema/server.schema.json says; ends with a newline. */
char *server_report_to_json(arena *a, const server_report *r);

/* Whether any address speaks TLS. */
bool server_report_has_tls(const server_report *r);

/* Whether a text is such a document; `e` says why not. */
bool server_report_is_readable(const char *text, error *e) MUST_CHECK;

/* What differs between two documents, one line each: "addresses[0].versions[3].suites.names: was ..., is ...". When, how long and
 * how many connections it took is no difference. Lines are escaped for a terminal. False where `before` is no such document. */
bool server_report_compare(arena *a, const char *before, const char *now, const char ***lines, size_t *num_lines,
                           error *e) MUST_CHECK;

#endif
