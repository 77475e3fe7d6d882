/*
 * The options of clients, on their command line and in their own files, that narrow what the TLS library would offer: a table with
 * its sources. Ownership: constant.
 */
#ifndef TLSWHY_CLIENT_NARROWING_OPTION_H
#define TLSWHY_CLIENT_NARROWING_OPTION_H

#include "client/settings.h"

typedef struct narrowing_option {
    enum runtime runtime;
    const char *option;  /* an argument that is this, or begins with it and '=' */
    bool takes_value;    /* else the next argument is none of it */
    unsigned narrows;    /* bits of enum narrowed */
    const char *program; /* of RUNTIME_OTHER: the program's name begins so, or LIBPQ; else NULL */
    bool is_inside;      /* a word of an argument: "OPENSSL:host:443,cipher=X", "host=x sslsni=0", "postgresql://host/?sslsni=0" */
} narrowing_option;

#define LIBPQ "libpq" /* who connects by libpq (libpq_is_used) */
extern const narrowing_option narrowing_options[];
extern const size_t num_narrowing_options;

/* Whether the row is of that client. */
bool narrowing_option_is_of(const narrowing_option *row, const client *c);

/* What an argument says of an option: "--ssl-ca FILE", "--ssl-ca=FILE", "host=x sslrootcert=FILE". */
typedef struct option_said {
    const char *text;    /* as it is told: with its value, or the word of it that narrows; NULL: the argument is another one */
    const char *value;   /* NULL: none */
    bool is_in_next;     /* the value is the argument after it */
    const char *written; /* of a word inside: as it stands there, name and value, with quotes, blanks and escapes; else NULL */
} option_said;
/* `next`: the argument after it; NULL: there is none. */
option_said narrowing_option_said(arena *a, const narrowing_option *row, const char *argument, const char *next);

/* What counts of an option of a program of its own kind: the last argument that says it, else the last setting that narrows the
 * same. */
typedef struct option_told {
    const char *name;  /* the option's, or the setting's */
    const char *value; /* NULL: nothing is told */
    bool is_argument;
} option_told;
option_told narrowing_option_told(arena *a, const client *c, const setting_list *settings, const char *option);

/* The row of an option, written with its dashes; NULL where it is none of that runtime's that narrow. */
const narrowing_option *narrowing_option_find(enum runtime runtime, const char *option);

#endif
