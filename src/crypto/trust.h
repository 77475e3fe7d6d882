/*
 * A server's certificates judged as a client judges them: libcrypto's verification on exactly the inputs that are given, and then
 * what is wrong in our words. Pure: no file, no clock, no network.
 *
 * Certificates are hostile input: texts come back as they are in the certificate, shortened, with NULs and controls escaped by
 * libcrypto or here; who shows them escapes again. Ownership: a judgement and its texts live in the arena; the DER that it points
 * to stays the caller's.
 */
#ifndef TLSWHY_CRYPTO_TRUST_H
#define TLSWHY_CRYPTO_TRUST_H

#include "crypto/certificate.h"

/* What may be wrong; each is one cause of the catalogue. */
enum trust_kind {
    TRUST_TOO_LARGE,      /* the Certificate message is larger than the client takes */
    TRUST_MISORDERED,     /* the leaf is not first, or the client takes them only in order */
    TRUST_SELF_SIGNED,    /* the leaf signed itself, and is no anchor */
    TRUST_INCOMPLETE,     /* an intermediate is missing from what was sent */
    TRUST_UNKNOWN_ISSUER, /* the path ends at an issuer that is no anchor */
    TRUST_EXPIRED,
    TRUST_NOT_YET_VALID,
    TRUST_NAME_MISMATCH,
    TRUST_WEAK,          /* a key or a signature below the level */
    TRUST_WRONG_PURPOSE, /* extended key usage, key usage, no CA, path length, name constraints */
    TRUST_MALFORMED,     /* cannot be read, or breaks a rule of RFC 5280 that this client enforces */
    TRUST_REVOKED,
    TRUST_STAPLE_MISSING,
    TRUST_KIND_COUNT,
};
/* The id of its cause: "cert-expired" ... */
const char *trust_kind_cause(enum trust_kind kind);

/* What a client asks of a path. All zero is a client that trusts nothing, at security level 0. */
typedef struct trust_rules {
    int security_level;         /* OpenSSL's 0 to 5 */
    bool takes_sha1;            /* at level 1, as OpenSSL before 3.0 does */
    bool is_strict;             /* X509_V_FLAG_X509_STRICT */
    bool ends_at_any_anchor;    /* X509_V_FLAG_PARTIAL_CHAIN: an anchor need not be self-signed */
    bool takes_sent_first;      /* follows what was sent before its own store (OpenSSL before 1.1.0, without TRUSTED_FIRST) */
    bool takes_no_other;        /* and looks for no other path where that one leads nowhere (OpenSSL before 1.0.1n and 1.0.2b) */
    bool reads_common_name;     /* where there is no subjectAltName for hosts */
    bool wants_order;           /* does not sort the certificates itself */
    bool wants_staple;          /* an OCSP response has to be stapled, whatever the certificate says */
    bool wants_promised_staple; /* ... where the certificate says so (RFC 7633) */
    bool ignores_names;         /* does not compare the host name */
    bool judges_leaf_first;     /* the leaf's time, then the name, and only then the path to an anchor (Go) */
    bool compares_names_last;   /* once the path was verified, its times included (curl, Java, Ruby) */
    size_t certificate_message_len_max; /* bytes; 0 none */
    size_t certificates_max;            /* 0 none */
} trust_rules;

typedef struct trust_question {
    const bytes_view *sent; /* DER, in the order of the Certificate message */
    size_t num_sent;
    size_t message_len;        /* bytes of the Certificate message, where that is known better; 0: from those sent */
    const bytes_view *anchors; /* DER: what the client trusts */
    size_t num_anchors;
    const bytes_view *known; /* DER: certificates from elsewhere, where a missing issuer may be found; may be empty */
    size_t num_known;
    const bytes_view *revocations; /* DER of CRLs; may be empty */
    size_t num_revocations;
    bytes_view staple;    /* the stapled OCSPResponse, DER; empty: none */
    bool is_staple_known; /* whether it could be seen that there was one or none */
    int64_t now_unix;     /* the client's clock */
    const char *host;     /* name or address; NULL: not judged */
    trust_rules rules;
} trust_question;

enum trust_role { TRUST_LEAF, TRUST_INTERMEDIATE, TRUST_ROOT };

#define TRUST_NOT_SENT (-1)

/* One thing that is wrong. Texts are NULL where there is nothing to say. */
typedef struct trust_finding {
    enum trust_kind kind;
    int position; /* of the certificate at fault as it was sent, from 0; TRUST_NOT_SENT: it is the client's, or is missing */
    enum trust_role role;
    bool is_certain;                 /* false: another kind would look the same, see `detail` */
    certificate_summary certificate; /* the one at fault */
    int64_t days;                    /* since it expired, or until it is valid; rounded down, at least 0 */
    const char *names;               /* that the certificate is for */
    const char *missing;             /* subject of the missing issuer */
    int missing_known;               /* its index in `known`; -1: not among them */
    const char *anchor;              /* where it is TRUST_INCOMPLETE: whom of the client's own store the known ones lead to */
    bytes_view anchor_der;           /* and itself */
    const char *to_be_had;           /* where the next issuer that nobody here knows is to be had; NULL where nobody says */
    const char *aia;                 /* where the certificate says that its issuer is to be had (RFC 5280, 4.2.2.1) */
    const char *detail;              /* a clause: "RSA key of 1024 bits, level 2 wants 2048" ... */
} trust_finding;

#define TRUST_FINDINGS_MAX ((size_t)16)
#define TRUST_PATH_MAX ((size_t)16)

/* A certificate of the path that was built, leaf first. */
typedef struct trust_step {
    certificate_summary certificate;
    int position; /* as sent, or TRUST_NOT_SENT */
} trust_step;

typedef struct trust_judgement {
    trust_finding findings[TRUST_FINDINGS_MAX]; /* in the order in which they have to be removed */
    size_t num_findings;
    trust_step path[TRUST_PATH_MAX];
    size_t path_len;
    size_t num_sent;
    size_t certificates_len; /* bytes of all that were sent */
    bool is_out_of_order;    /* the issuer of one is not the next; most clients sort them */
    int64_t now_unix;
    const char *host;
    trust_rules rules;
} trust_judgement;

/* Judges; never fails. Nothing found: the client has no reason to refuse these certificates. Reads at most 256 certificates of what
 * was sent. */
const trust_judgement *trust_judge(arena *a, const trust_question *question);
/* The first finding of that kind; NULL none. */
const trust_finding *trust_finding_of(const trust_judgement *j, enum trust_kind kind);

/* "2 of 3, CN=Example Intermediate" for a finding's certificate: its place among those sent, and its subject. In `a`. */
const char *trust_place_text(arena *a, const trust_judgement *j, const trust_finding *finding);

#endif
