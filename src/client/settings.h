/*
 * What outside a program forbids or changes what its TLS library offers: openssl.cnf and what it includes, java.security, GnuTLS's
 * priority file, the files of curl, wget and git, and variables. Each with the file and the line, or the variable, that it stands
 * in. Ownership: everything lives in the arena given. Files are hostile input: bounded, and never run.
 */
#ifndef TLSWHY_CLIENT_SETTINGS_H
#define TLSWHY_CLIENT_SETTINGS_H

#include "client/client.h"

/* What a setting, an option or a line of code may take away: bits, since a priority string may take all of it. */
enum narrowed {
    NARROWED_VERSION_MAX = 1,
    NARROWED_VERSION_MIN = 2,
    NARROWED_CIPHER = 4,   /* suites up to TLS 1.2 */
    NARROWED_CIPHER13 = 8, /* suites of TLS 1.3 */
    NARROWED_GROUP = 16,
    NARROWED_SCHEME = 32,
    NARROWED_NAME = 64,
    NARROWED_ALPN = 128,
    NARROWED_LEVEL = 256,         /* how weak a key or signature may be */
    NARROWED_STORE = 512,         /* which certificates it trusts: another store takes the place of the default */
    NARROWED_VERIFICATION = 1024, /* whether it looks at certificates at all */
};
#define NARROWED_VERSION (NARROWED_VERSION_MAX | NARROWED_VERSION_MIN)
#define NARROWED_ANY_CIPHER (NARROWED_CIPHER | NARROWED_CIPHER13)
#define NARROWED_ALL_OFFERS (NARROWED_VERSION | NARROWED_ANY_CIPHER | NARROWED_GROUP | NARROWED_SCHEME)

typedef struct setting {
    unsigned narrows; /* bits of enum narrowed; 0: nothing for certain, since it is for some hosts alone */
    const char *name, *value;
    const char *file; /* or NULL: a variable's value alone */
    int line;         /* 0: none */
    const char *from; /* the variable or argument that names the file, or NULL: compiled in */
} setting;

typedef struct setting_list {
    setting *settings;
    size_t num_settings;
    const char *file; /* the main file that was looked at; NULL none */
} setting_list;

setting_list client_settings(arena *a, const client *c);
/* The last one in the list that narrows that (any of the bits), since later ones count; NULL where there is none. */
const setting *setting_on(const setting_list *list, unsigned narrows);

/* The variable that names the trust store of a program of its own kind: "PGSSLROOTCERT", "LDAPTLS_CACERT"; NULL: none is known.
 * `*file_is_stronger`: one of its files that names another counts before it (libpq's connection service file). */
const char *settings_store_variable(const client *c, bool *file_is_stronger);

/* The argument (or the variable's word) that names a file with settings: "--openssl-config=FILE",
 * "-Djava.security.properties=FILE". NULL where there is none; `*value` is the file as it was written. */
const char *settings_argument(arena *a, const client *c, const char *option, const char **value);

/* A path that stands in the environment's folder: "$HOME/.curlrc"; NULL where that variable is not set. */
const char *settings_in_folder(arena *a, const client *c, const char *variable, const char *name);

/* For tests: the settings of an openssl.cnf's text, in the sections that `application` ("openssl_conf") leads to. */
void openssl_settings_read(arena *a, bytes_view text, const char *application, const char *file, const char *from,
                           setting_list *out);

#endif
