/*
 * What a diagnosis comes to: the cause, how it is known, and the experiments that show it.
 * Ownership: everything in a verdict lives in the arena of the diagnosis that made it.
 */
#ifndef TLSWHY_CAUSES_VERDICT_H
#define TLSWHY_CAUSES_VERDICT_H

#include "base/bytes.h"
#include "crypto/issuer_file.h"

enum proof { PROOF_NONE, PROOF_EXPERIMENT, PROOF_OBSERVED, PROOF_INFERRED };
enum where { WHERE_CLIENT, WHERE_SERVER, WHERE_BOTH, WHERE_NETWORK };
enum why_kind { WHY_UNKNOWN, WHY_LIBRARY, WHY_BUILD, WHY_POLICY, WHY_CODE, WHY_DEFAULT, NUM_WHY_KINDS };
enum lowers_security { LOWERS_NONE, LOWERS_THIS_CONNECTION, LOWERS_THIS_PROGRAM, LOWERS_THIS_MACHINE };
enum remedy_owner { REMEDY_CLIENT, REMEDY_SERVER, REMEDY_SYSTEM };

const char *proof_name(enum proof p);       /* "experiment" ...; "none" */
const char *where_name(enum where w);       /* "client" ... */
const char *why_kind_name(enum why_kind k); /* "library" ... */
const char *lowers_security_name(enum lowers_security l);
const char *remedy_owner_name(enum remedy_owner o);

typedef struct why {
    enum why_kind kind;
    const char *detail; /* a sentence, or NULL */
    const char *file;   /* or NULL */
    int line;           /* 0: none */
    bool is_for_good;   /* of a library: no version of it can */
} why;

typedef struct remedy {
    enum remedy_owner who;
    const char *text;
    const char *command; /* for a shell, or NULL */
    const char *line;    /* of code or of a configuration; or NULL */
    enum lowers_security lowers_security;
    bool verified;             /* by a run of the command, or of the other client that it names ... */
    bool is_verified_by_hello; /* ... or only this: a hello as it makes the client send was accepted */
    unsigned only_for;    /* bits (1 << enum why_kind): of help only where that is why the client lacks it; 0: whatever it is */
    const char *of_cause; /* the id of another obstacle that it removes; NULL: the verdict's own cause */
    const char *variable, *value; /* to be set in the client's environment; NULL none */
} remedy;

/* Certificates that some store of this machine trusts already, and with which this client would trust the server. */
typedef struct trust_remedy {
    const char *name;               /* "the system's store (/etc/ssl/certs/ca-certificates.crt)" */
    const char *file;               /* that has them in PEM; NULL where there is none as it is wanted */
    const bytes_view *certificates; /* DER */
    size_t num_certificates;
} trust_remedy;

/* One experiment as it is shown: the same hello asked `times` times with `agreed` answers alike. */
typedef struct experiment {
    const char *change; /* "none" for the control, else "offer TLS 1.2" ... */
    const char *label;  /* for people: "the client's hello, unchanged", "the same, offering TLS 1.2" */
    const char *result; /* "alert handshake_failure (40)", "ServerHello TLS 1.2" ... of most of them */
    size_t times, agreed;
    bytes_view hello; /* the bytes sent, the last time */
} experiment;

/* How often control and change failed and worked at one address. */
typedef struct seen {
    const char *address;
    size_t control_failed, control_worked, change_failed, change_worked;
} seen;

/* A file of certificates that was asked for at the address that a certificate gives for its issuer (--fetch). */
typedef struct fetched {
    const char *uri;
    const bytes_view *certificates; /* DER */
    size_t num_certificates;
    enum issuer_form form; /* how they were written there */
    const char *problem;   /* why there are none, a clause; NULL: there are */
} fetched;

#define FETCHES_MAX ((size_t)4) /* no public path has more intermediates */

struct change_set;

typedef struct verdict {
    const struct change_set *changes; /* what made the difference; NULL where no change of the hello did */
    const char *cause;                /* an id of CAUSES.md */
    enum where where;
    enum proof proof;
    const char *headline; /* one sentence or two */
    const char **details; /* further lines: what the server accepts, what was tried; may be empty */
    size_t num_details;
    const char **also; /* further causes, in the order they must be removed */
    size_t num_also;
    why why;
    remedy *remedies;
    size_t num_remedies;
    const trust_remedy *trust; /* NULL where trusting is not what would help, or nothing on this machine vouches for it */
    experiment *experiments;
    size_t num_experiments;
    seen *seen;
    size_t num_seen;
    /* What is known of the server, for the table: accepted and refused versions as tried. */
    code_list server_versions, server_versions_refused;
    code_list server_cipher_suites, server_groups, server_signature_schemes; /* as far as seen */
    const fetched *fetched;                                                  /* what --fetch brought, in its order */
    size_t num_fetched;
    bytes_view *certificates; /* DER, as the server sent them to one of the probes; may be empty */
    size_t num_certificates;
    bool certificates_pass; /* they were read, and the client trusts them as far as is known, or verifies none */
    size_t num_connections; /* probes made */
    size_t num_waves;
    int64_t probing_us; /* filled by who ran the waves */
} verdict;

#endif
