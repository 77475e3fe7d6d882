/*
 * How a client can be made to offer or accept something else without touching a file of the user's: variables, files of ours in a
 * private folder (a configuration that includes the user's own, a module that is loaded before the program), other arguments.
 * The right way for the library and the runtime that were found.
 * Pure but for the user's own configuration files, which are read; what is to be written is returned, with the folder left open
 * (OVERLAY_FOLDER). Ownership: lives in the arena given.
 */
#ifndef TLSWHY_CLIENT_OVERLAY_H
#define TLSWHY_CLIENT_OVERLAY_H

#include "client/client.h"
#include "wire/client_hello.h"

/* What a client is to offer or accept otherwise than it did; what is zero stays as it is. */
typedef struct wish {
    uint16_t version_max, version_min;
    code_list suites, groups, schemes; /* as well as what it offers now */
    code_list groups_only;             /* instead of all that it offers now */
    bool has_level;
    int level; /* OpenSSL's security level (SSL_CTX_set_security_level(3)) */
    bool no_dhe, no_alpn;
    bool legacy_server; /* one without secure renegotiation is accepted */
    bool not_strict;    /* RFC 5280's rules of form, where the client insists on them of late (Python 3.13) */
    bool has_without;
    uint16_t without;                     /* an extension */
    const char *server_name;              /* to be sent */
    const char *trust_file;               /* PEM, of the machine's; NULL: one is made of the certificates */
    const bytes_view *trust_certificates; /* DER */
    size_t num_trust_certificates;
    const char *trust_name; /* what they are, for people: "the system's store (/etc/...)" */
    bool is_weak;           /* allows what is weak: a version below TLS 1.2, less than 112 bits, SHA-1 signatures, an unprotected
                               renegotiation */
} wish;

/* Stands in texts for the private folder of the run. */
#define OVERLAY_FOLDER "@FOLDER@"
#define OVERLAY_VARIABLES_MAX ((size_t)4)
#define OVERLAY_FILES_MAX ((size_t)3)

typedef struct overlay_variable {
    const char *name, *value;
} overlay_variable;

typedef struct overlay_file {
    const char *name; /* in the folder */
    bytes_view content;
    bool is_program; /* may be executed */
} overlay_file;

typedef struct overlay {
    overlay_variable variables[OVERLAY_VARIABLES_MAX];
    size_t num_variables;
    overlay_file files[OVERLAY_FILES_MAX];
    size_t num_files;
    const char *const *argv; /* the whole command as it is to be run; NULL: as it was */
    const char *how;         /* "--tls-max 1.2": after "by" */
    const char *permanent;   /* how the user makes it so, sentences */
} overlay;

/* What is to be made to do otherwise. */
typedef struct overlay_subject {
    const client *client;
    char *const *command;      /* the command's argv; ends in NULL */
    const client_hello *hello; /* that it sent; NULL unknown */
    bool is_narrowed_by_code;  /* the program itself takes it away: what is set around it will not help */
} overlay_subject;

/* The ways for this client, best first; returns how many there are, at most `max`. */
size_t overlay_ways(arena *a, const overlay_subject *subject, const wish *wanted, overlay *out, size_t max);

/* "A = b; C = d" of lines. */
const char *overlay_one_line(arena *a, const char *lines);

/* A word as a shell reads it. */
const char *shell_quoted(arena *a, const char *word);

/* A text with OVERLAY_FOLDER replaced. */
const char *overlay_in_folder(arena *a, const char *text, const char *folder);

#endif
