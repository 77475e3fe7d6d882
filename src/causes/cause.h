/*
 * A cause: what arouses its suspicion, which single change of the hello would prove it, how it is told.
 * Ownership: causes and their tables are constant; what they tell lives in the arena of the diagnosis.
 * One file for each cause (or close family) in this folder; the table is in causes.c.
 */
#ifndef TLSWHY_CAUSES_CAUSE_H
#define TLSWHY_CAUSES_CAUSE_H

#include "causes/facts.h"
#include "causes/verdict.h"

#define PROPOSALS_MAX ((size_t)24)

typedef struct cause cause;

typedef struct proposal {
    const cause *cause;
    change change;
} proposal;

typedef struct proposal_list {
    proposal proposals[PROPOSALS_MAX];
    size_t num_proposals;
} proposal_list;

/* The order of naming where several single changes work (DESIGN.md). Those of the encoding come first: where one of them alone
 * works, the offer was well understood, and nothing that is offered is at fault. */
enum naming_rank {
    RANK_ENCODING,
    RANK_VERSION,
    RANK_FALLBACK,
    RANK_SUITE,
    RANK_GROUP,
    RANK_SCHEME,
    RANK_NAME,
    RANK_ALPN,
    RANK_EXTENSION,
    RANK_SIZE,
};

struct cause {
    const char *id;
    enum where where;
    enum naming_rank rank;
    /* Plain without a probe: fills `v` (cause, headline, remedies ...) and returns true. NULL: never. */
    bool (*observe)(const facts *f, verdict *v);
    /* Adds the single changes that would prove it, most telling first. NULL: none. */
    void (*propose)(const cause *self, const facts *f, proposal_list *out);
    /* The words for a proven change: headline, details, remedies. NULL where observe does it. */
    void (*tell)(const facts *f, const change *c, verdict *v);
};

extern const cause *const causes[];
extern const size_t num_causes;
const cause *cause_find(const char *id); /* NULL where there is none */

void proposal_add(proposal_list *list, const cause *c, change proposed);

/* ---- telling: what the causes' files share --------------------------------------------------------------------- */

/* Room for each in a verdict, in its arena. */
#define VERDICT_DETAILS_MAX ((size_t)12)
#define VERDICT_REMEDIES_MAX ((size_t)32)
void verdict_add_detail(arena *a, verdict *v, const char *text);
/* A copy that can be added to. */
verdict *verdict_copy(arena *a, const verdict *v);
/* Behind those that cost as little security: what costs none comes first, then what is narrowest. */
void verdict_add_remedy(arena *a, verdict *v, remedy r);

/* A remedy as a row of a cause's own table: whom it is for, and what is filled in, remedies.h tells. */
typedef struct remedy_row {
    enum remedy_owner who;
    const char *program; /* a selector: "python >= 3.7, able"; NULL: for all */
    const char *text;
    const char *command; /* "$ ..." for a shell, else a line of code or configuration; or NULL */
    enum lowers_security lowers_security;
} remedy_row;
/* Adds those rows that fit the client, with what was proved filled in. */
void verdict_add_remedy_rows(const facts *f, verdict *v, const remedy_row *rows, size_t num_rows);
/* The same, with what only that cause knows; NULL where there is none. */
typedef struct remedy_given {
    const char *file; /* of certificates, for {file} */
    const char *key;  /* a file, for {key} */
    const char *name; /* of a host, for {name} */
    const char *text; /* for rows that have none; it is told as it is */
} remedy_given;
void verdict_add_remedy_rows_with(const facts *f, verdict *v, const remedy_row *rows, size_t num_rows, const remedy_given *given);
/* Drops those of that cause (an id; NULL: the verdict's own) that are of no help, now that it is known why the client lacks it. */
void verdict_keep_remedies(verdict *v, const char *of_cause, enum why_kind kind);

/* "example.com:443", "192.0.2.7:443". */
const char *facts_target(const facts *f);

extern const cause cause_alpn_mismatch, cause_cert_chain_incomplete, cause_cert_chain_misordered, cause_cert_expired,
    cause_cert_malformed, cause_cert_name_mismatch, cause_cert_not_yet_valid, cause_cert_revoked, cause_cert_self_signed,
    cause_cert_staple_missing, cause_cert_unknown_issuer, cause_cert_weak, cause_cert_wrong_purpose, cause_client_cert_missing,
    cause_client_cert_rejected, cause_client_credentials_unusable, cause_client_clock_wrong, cause_client_speaks_plain,
    cause_client_version_too_old, cause_closed_without_notify, cause_dh_too_small, cause_dns_failed, cause_ech_rejected,
    cause_ems_required, cause_extension_intolerance, cause_handshake_timeout, cause_hello_size_intolerance,
    cause_inappropriate_fallback, cause_large_flight_lost, cause_message_too_large, cause_no_shared_cipher, cause_no_shared_group,
    cause_no_shared_signature_algorithm, cause_not_tls, cause_nothing_to_offer, cause_post_handshake_auth_unsupported,
    cause_proxy_refused, cause_psk_rejected, cause_record_corrupted, cause_record_version_intolerance, cause_renegotiation_unsafe,
    cause_server_drops_all, cause_server_version_too_old, cause_signature_too_weak, cause_sni_missing, cause_sni_unrecognized,
    cause_sslv2_hello_rejected, cause_starttls_needed, cause_starttls_refused, cause_tcp_refused, cause_tcp_timeout,
    cause_trust_store_differs, cause_trust_store_missing, cause_unknown, cause_version_intolerance;

#endif
