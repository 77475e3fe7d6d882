/*
 * Which certificates a client trusts: from its environment, its arguments, the files that it opened, what is compiled into its
 * library or its runtime. Read from this machine's files by trust_store_find; trust_store_judge is pure.
 *
 * What a program loads by code alone cannot be seen from outside unless the files that it opens are traced; a file that its text
 * names is taken as a hint, and `is_certain` is false.
 *
 * Ownership: everything lives in the arena given. No private key and no password is kept.
 */
#ifndef TLSWHY_CLIENT_TRUST_STORE_H
#define TLSWHY_CLIENT_TRUST_STORE_H

#include "client/client.h"
#include "crypto/trust.h"

enum trust_origin {
    TRUST_FROM_VARIABLE, /* `named` is its name */
    TRUST_FROM_ARGUMENT, /* `named` is the option */
    TRUST_FROM_FILE,   /* a file of the client's configuration: `named` is the setting, `named_in` and `named_at` where it stands */
    TRUST_FROM_TEXT,   /* the program's text, or an argument, names it: a hint */
    TRUST_FROM_OPENED, /* the process opened it */
    TRUST_FROM_LIBRARY, /* compiled into `named`, the library */
    TRUST_FROM_RUNTIME, /* of the runtime: Node.js' own roots, Java's cacerts, certifi */
    TRUST_FROM_SYSTEM,  /* where programs of this system look */
};
const char *trust_origin_name(enum trust_origin origin); /* "variable" ... */

enum trust_form { TRUST_FILE, TRUST_FOLDER, TRUST_KEYSTORE, TRUST_BUILT_IN };

/* One place that the client looks in. */
typedef struct trust_source {
    const char *path; /* of TRUST_BUILT_IN: the binary */
    enum trust_form form;
    enum trust_origin origin;
    const char *named; /* the variable, option, setting or library that names it; or NULL */
    const char *named_in;
    int named_at;       /* line; 0 none */
    size_t argument;    /* of TRUST_FROM_ARGUMENT, and of a hint among the arguments: which of them; 0 not known */
    const char *before; /* what leads to the path there: "--ssl-ca=", "--cacert ", "sslrootcert="; NULL not known */
    bool is_inside;     /* it is a word of a longer argument */
    bool exists, is_readable;
    bool lacks_password;            /* it is encrypted, and its user was told no password for it */
    int system_errno;               /* why it cannot be read; 0 where it can, or is no store */
    const char *problem;            /* in words; NULL none */
    const bytes_view *certificates; /* DER */
    size_t num_certificates;
    size_t num_roots; /* those that signed themselves */
} trust_source;

/* Another store of this machine. */
typedef struct trust_other {
    const char *name; /* "the system's (/etc/ssl/certs/ca-certificates.crt)" */
    const char *path;
    enum trust_form form;
    const bytes_view *certificates;
    size_t num_certificates;
} trust_other;

/* What a client's floor comes from: how large a key or a group, how good a signature it wants at least. */
enum trust_floor_origin {
    FLOOR_UNKNOWN,
    FLOOR_BY_PROGRAM, /* its arguments or its text */
    FLOOR_BY_FILE,    /* a file outside the program, or one that a variable names */
    FLOOR_BY_BUILD,   /* compiled into its library, otherwise than the library's own default */
    FLOOR_BY_DEFAULT, /* its library's own default, or its runtime's */
};

typedef struct trust_floor {
    enum trust_floor_origin origin;
    const char
        *text; /* "SECLEVEL=2, compiled into /lib/libcrypto.so.3", "DH keySize < 2048 in jdk.tls.disabledAlgorithms of ..." */
    const char *file; /* or NULL */
    int line;         /* 0: none */
    size_t bits;      /* where it is a number of bits; 0: it is none */
} trust_floor;

#define TRUST_SOURCES_MAX ((size_t)12)
#define TRUST_OTHERS_MAX ((size_t)12)

typedef struct trust_store {
    enum runtime runtime;
    enum library_kind library;
    const char *program;         /* "curl", "python3.11" ...; "" unknown */
    const char *library_file;    /* mapped; NULL unknown */
    const char *library_version; /* "3.0.22"; NULL unknown */

    trust_source sources[TRUST_SOURCES_MAX];
    size_t num_sources;
    bool is_certain;       /* whether these are surely all that it trusts, and in use */
    const char *uncertain; /* why not; NULL */
    bool has_hint;         /* a source is TRUST_FROM_TEXT */
    bool hint_is_given;    /* ... the text shows in so many words that it is handed over, and not but named */
    bool hint_replaces;    /* ... which stands in the place of the others (Node.js' `ca`, Perl's SSL_ca_file) */

    bytes_view *anchors; /* of all sources, each once */
    size_t num_anchors;
    bytes_view *anchors_hinted; /* of the hints alone; see trust_store_judge */
    size_t num_anchors_hinted;
    bytes_view *anchors_default; /* without the hints */
    size_t num_anchors_default;
    const bytes_view *revocations; /* DER of CRLs that it was given */
    size_t num_revocations;
    const char *revocations_from; /* the file, or the first of them; NULL none */

    trust_rules rules;             /* what is known of how it judges; the level may be set from elsewhere */
    trust_floor floor;             /* whose floor it is */
    trust_floor groups_floor;      /* of Diffie-Hellman groups, where that is another; else the same */
    trust_floor late_groups_floor; /* of the same, by a runtime that looks once the handshake is over (Node.js); else unknown */
    bool is_strict_unknown;        /* strict is possible, and was not seen */
    const char *insists_on_notify; /* who takes the end of a stream without close_notify for an error; NULL: nobody */
    bool insists_on_notify_surely;
    const char *unverified;       /* "-k": it was told not to verify; NULL */
    bool asks_first;              /* it is known to ask before it looks at the certificates, and what says that it looks was read */
    const char *expected_host;    /* that it was told to compare with, in the place of the one that it asks for; NULL */
    int64_t clock_offset;         /* seconds that the client's clock is made to differ by from this machine's (libfaketime); 0 */
    const char *clock_from;       /* "FAKETIME=-2y"; NULL */
    bool is_clock_unsynchronised; /* the kernel says so */

    const char *told_by;        /* what would name another file for this program: its option or its variable; NULL none is known */
    const char *told_by_option; /* "--ssl-ca ": what leads to the file, where that is an option; NULL: told_by is a variable */
    const char *localhost_is;   /* what it takes "localhost" for when it compares names (libldap); NULL: for that */

    trust_other others[TRUST_OTHERS_MAX];
    size_t num_others;
} trust_store;

/* Reads what there is on this machine; never fails. `client` may be NULL: the system's store is assumed, not certain. */
const trust_store *trust_store_find(arena *a, const client *of);

/* What came from the server. */
typedef struct trust_flight {
    const bytes_view *certificates; /* DER, as sent */
    size_t num_certificates;
    size_t message_len; /* bytes, as the message claims, also where not all of it could be kept; 0 unknown */
    bytes_view staple;  /* the OCSP response; empty none */
    bool is_staple_known;
} trust_flight;

typedef struct client_judgement {
    const trust_judgement *trust; /* never NULL */
    const trust_store *store;
    const trust_other *trusted_by[TRUST_OTHERS_MAX]; /* other stores with which the path would be complete to an anchor */
    size_t num_trusted_by;
    const trust_other *missing_in; /* the store that has the missing intermediate; NULL none */
    const bytes_view *missing;     /* and its DER; also where it was fetched */
    bool without_hint;             /* the finding holds only if the file that the program's text names is not what it uses */
    bool took_own_name;            /* it was asked for localhost, and compared localhost_is */
    bool would_be_valid_now;       /* the client's clock is off, and by this machine's the certificates are in their time */
    bool has_valid_other_path;     /* the path is out of time, and one by its own store that a newer library would take is not */
    bool is_all_out_of_time;       /* every certificate of the path that was sent is out of its time, in the same direction */
} client_judgement;

/* Judges as this client does. `now_unix`: this machine's clock. `further`: certificates known from elsewhere (fetched, the server's
 * other chains); may be empty. Pure. */
const client_judgement *trust_store_judge(arena *a, const trust_store *store, const trust_flight *flight, const char *host,
                                          int64_t now_unix, const bytes_view *further, size_t num_further);

/* No more than whether this store trusts the server: no hints, and no other stores. */
const trust_judgement *trust_store_judge_alone(arena *a, const trust_store *store, const trust_flight *flight, const char *host,
                                               int64_t now_unix);

/* The file with the roots of this system; NULL where it has none. */
const char *trust_system_file(void);

/* "/etc/ssl/certs/ca-certificates.crt (compiled into libcrypto.so.3): 140 certificates" */
const char *trust_source_text(arena *a, const trust_source *source);
/* Whether a variable, an argument or a file of its configuration names it: then it was meant. */
bool trust_source_was_named(const trust_source *source);
/* The sources that count in a judgement, joined by "; ". */
const char *trust_judged_store_text(arena *a, const client_judgement *j);

#endif
