/*
 * What a server accepts: versions, suites, groups, schemes, certificates, habits. Data only, as a survey fills it.
 * Ownership: all of it lives in the arena of the survey.
 */
#ifndef TLSWHY_SERVER_SERVER_H
#define TLSWHY_SERVER_SERVER_H

#include "probe/answer.h"

/* What could not be found out is unknown, never no. */
enum known { KNOWN_UNKNOWN, KNOWN_NO, KNOWN_YES };
const char *known_name(enum known k); /* "unknown", "no", "yes" */

/* How a hello was refused. */
typedef struct refusal {
    enum answer_kind kind; /* ANSWER_ACCEPTED: it was answered, but not with what was asked for */
    uint8_t alert;
    uint16_t version; /* of a ServerHello that answered with another version; 0: none */
    int connect_errno;
    bool before_hello;  /* it ended so before the hello was sent, in what comes before TLS */
    bool has_begun;     /* it had begun to answer */
    bool by_proxy;      /* ANSWER_PREAMBLE_REFUSED: with preamble_status, an HTTP status or a SOCKS reply, or 0; else by a line */
    bool lacks_upgrade; /* of ANSWER_PREAMBLE_REFUSED: the server told that it has none; not that it has none now */
    int preamble_status;
    const char *proxy_words;  /* what the proxy meant by it, a clause; NULL: not known */
    bytes_view preamble_line; /* hostile, as all that a server says */
    const char *problem;      /* or NULL */
} refusal;
/* "alert handshake_failure (40)", "closed without an answer" ... In the arena or constant; may have words of the server in it. */
const char *refusal_text(arena *a, const refusal *r);
/* Whether it was for the server name, or for want of one: what else was in the hello is not known to be refused. */
bool refusal_is_of_name(const refusal *r);

/* ORDER_MIXED: the server's, but among some that are equal to it the client's. */
enum server_order { ORDER_UNKNOWN, ORDER_SERVER, ORDER_CLIENT, ORDER_MIXED };
const char *server_order_name(enum server_order order); /* "unknown", "server", "client", "mixed" */

/* A list of codes of which a server takes some. */
typedef struct accepted_list {
    enum known accepted; /* any of them */
    code_list codes;     /* in the server's order where that counts */
    enum server_order order;
    bool is_order_settled; /* seen of any two, and not only of some */
    code_list *equals;     /* of ORDER_MIXED: the lists of those among which the client's order decides */
    size_t num_equals;
    bool is_complete; /* every other candidate was refused */
    code_list refused;
    refusal refusal; /* of those that were refused */
} accepted_list;
/* Whether it is known how any was refused. */
bool accepted_list_has_refusal(const accepted_list *list);

typedef struct server_version {
    uint16_t version;
    accepted_list suites; /* its `accepted` is the version's. Of SSL 2.0 the codes are the first bytes of its cipher kinds */
} server_version;
/* "SSL_CK_RC4_128_WITH_MD5"; "unknown" for what is none. */
const char *ssl2_cipher_name(arena *a, uint16_t first_byte);

enum { SERVER_VERSIONS_MAX = 6, SERVER_CERTIFICATES_MAX = 8, SERVER_LIES_MAX = 16, SERVER_GROUP_SIZES_MAX = 8 };

/* A chain as it was sent: leaf first, DER. */
typedef struct server_chain {
    bytes_view *certificates;
    size_t num_certificates;
    code_list schemes;     /* that the server signed with by this leaf's key, by number */
    size_t num_timestamps; /* in the leaf (RFC 6962, 3.3) */
} server_chain;

/* One habit: what was asked, and what came of it. */
typedef struct server_fact {
    unsigned place; /* where it belongs among the others */
    const char *id, *label;
    enum known known;
    const char *detail; /* what else there is to say; NULL nothing */
    bool was_refused;
    refusal refusal;  /* where was_refused */
    size_t hello_len; /* of the hello that asked for it; 0: none did, for it alone */
} server_fact;

enum { SERVER_FACTS_MAX = 96, SERVER_ISSUERS_MAX = 32 };

typedef struct server {
    server_version versions[SERVER_VERSIONS_MAX]; /* SSL 2.0 to TLS 1.3 */
    accepted_list groups_tls13, groups_tls12;
    accepted_list finite_field_groups; /* of RFC 7919, in TLS 1.2 */
    accepted_list schemes_tls13, schemes_tls12;
    accepted_list protocols;                    /* ALPN, by numbers of our own: application_protocol_name */
    size_t group_sizes[SERVER_GROUP_SIZES_MAX]; /* of the primes of DHE up to TLS 1.2, bits */
    size_t num_group_sizes;
    server_chain chains[SERVER_CERTIFICATES_MAX];
    size_t num_chains;
    server_fact facts[SERVER_FACTS_MAX];
    size_t num_facts;
    const char *issuers[SERVER_ISSUERS_MAX]; /* of client certificates that are taken */
    size_t num_issuers;
    const char *lies[SERVER_LIES_MAX]; /* where it broke the protocol: what, in a clause */
    size_t num_lies;
    bool answered_in_clear; /* some answer was no TLS, but that protocol as far as it tells */
    enum protocol plain_protocol;
    const char *limit; /* a sentence, where the server did not bear all that would have been asked at once; NULL: it did */
    bool ran_out_of_time;
} server;

/* "h2"; "unknown" where there is no such number. */
const char *application_protocol_name(arena *a, uint16_t number);

/* Whether there was any TLS to be had. */
bool server_speaks_tls(const server *s);
/* How it refused the server name, so that nothing is known of a version; NULL: it did not. */
const refusal *server_refusal_of_name(const server *s);

#endif
