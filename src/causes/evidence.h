/*
 * What a diagnosis begins with: the failed connection and what is known around it. Filled by whoever watched (run, a capture,
 * a test); the engine only reads it. Ownership: the caller's, and must outlive the diagnosis.
 */
#ifndef TLSWHY_CAUSES_EVIDENCE_H
#define TLSWHY_CAUSES_EVIDENCE_H

#include "flow/conversation.h"

struct client;           /* client/client.h */
struct process_snapshot; /* trace/snapshot.h */
struct trust_store;      /* client/trust_store.h */

enum host_source { HOST_FROM_NOTHING, HOST_FROM_SNI, HOST_FROM_CONNECT, HOST_FROM_DNS, HOST_FROM_HOSTS_FILE, HOST_FROM_ARGUMENT };
const char *host_source_name(enum host_source s); /* "sni", "connect", "dns", "hosts", "argument"; NULL for nothing */

enum tcp_outcome {
    TCP_CONNECTED,
    TCP_REFUSED,     /* ECONNREFUSED */
    TCP_TIMEOUT,     /* ETIMEDOUT, or the client gave up while the SYN was unanswered */
    TCP_UNREACHABLE, /* no route, no host */
    TCP_FAILED,      /* any other errno */
    TCP_NO_NAME,     /* the name has no address: nothing to connect to */
    TCP_NOT_TRIED,   /* the command ended before it tried */
};

/* What a file is that a command names. */
enum credential_role {
    CREDENTIAL_CERTIFICATE,
    CREDENTIAL_KEY,
    CREDENTIAL_TRUST,
    CREDENTIAL_KEYSTORE,       /* the client's own certificate and key together */
    CREDENTIAL_TRUST_KEYSTORE, /* what it trusts, in a key store */
    NUM_CREDENTIAL_ROLES
};

/* A file that a command names, or that its client looks for by itself, and that cannot be used. */
typedef struct unusable_credential {
    const char *text; /* a clause: "/etc/client.key cannot be read: Permission denied" */
    enum credential_role role;
    const char *file;
    bool is_default; /* nobody named it: it is where this client looks by itself */
    const char *key; /* of a certificate to which the key given with it does not belong: that key; else NULL */
} unusable_credential;

/* The certificate that a command names for the client to show. */
typedef struct given_credential {
    const char *file;
    const bytes_view *certificates; /* DER, as the file has them; none where it cannot be read */
    size_t num_certificates;
} given_credential;

typedef struct evidence {
    const conversation *failed; /* NULL where no connection came about */
    enum tcp_outcome tcp;
    int tcp_errno;
    int64_t tcp_waited_us;     /* how long the client waited for TCP */
    const char *resolver_said; /* TCP_NO_NAME: the resolver's words */

    const char *host; /* NULL: only the address is known */
    enum host_source host_from;
    bool host_is_address; /* the client was given an address, not a name */
    uint16_t port;
    const char **addresses; /* those that the client used for this host and port, the failed one first */
    size_t num_addresses;
    const char **names; /* names to try as SNI where the client sent none: most likely first; may be empty */
    size_t num_names;

    const char *proxy_variable;             /* the variable or option whose proxy this connection leads to; NULL: none */
    const char *exe;                        /* of the process; NULL unknown */
    const struct process_snapshot *process; /* as it was at its first hello; NULL where that was not seen */
    const struct client *client;            /* what it is; NULL where it was not looked at */
    const char *program_text;               /* its arguments and the script that they name; NULL where it was not read */
    const struct trust_store *trust;        /* what it trusts; NULL where it was not looked for */
    const char *const *argv;                /* of the command; NULL-terminated; may be NULL */
    const char *refusal;                    /* the client's own words for certificates that it refuses; NULL: none were heard */
    const unusable_credential *unusable;    /* NULL: nothing is wrong with the files that the command names */
    const given_credential *own;            /* NULL: the command names none */
    int64_t now_unix;                       /* seconds; 0 unknown */
    bool is_default;     /* the program was asked by nobody for anything but what it does by itself: its hello is its default */
    bool may_fetch;      /* a missing issuer may be fetched from where its certificate says (--fetch) */
    bool command_failed; /* exit status other than 0, or a signal; true also while not known */
} evidence;

#endif
