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

/* A report held against one that was saved. Lines are escaped for a terminal: "versions[TLS 1.2].suites.names: without ...". */
typedef struct server_comparison {
    const char **changes;
    size_t num_changes;
    const char **unknowns; /* what is known in one of the two alone: no changes */
    size_t num_unknowns;
    bool of_suites_alone; /* one of the two has nothing but versions and suites */
    const char *document; /* the report with `compared` in it; ends with a newline */
} server_comparison;

/* When, how long and how many connections it took is no difference, nor is what two runs tell of the same server by chance. False
 * where `before` is no such document. */
bool server_report_compare(arena *a, const char *before, const char *now, server_comparison *out, error *e) MUST_CHECK;
char *server_comparison_to_text(arena *a, const server_comparison *c);

#endif
