/*
 * What outside a program forbids or changes what its TLS library offers: openssl.cnf and what it includes, java.security, GnuTLS's
 * priority file, and variables. Each with the file and the line, or the variable, that it stands in.
 * Ownership: everything lives in the arena given. Files are hostile input: bounded, and never run.
 */
#ifndef TLSWHY_CLIENT_SETTINGS_H
#define TLSWHY_CLIENT_SETTINGS_H

#include "client/client.h"

enum setting_topic {
    SETTING_VERSION, /* MinProtocol, MaxProtocol, jdk.tls.client.protocols ... */
    SETTING_CIPHER,
    SETTING_GROUP,
    SETTING_SCHEME,
    SETTING_OTHER, /* Options, security level ... */
};

typedef struct setting {
    enum setting_topic topic;
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
/* The last one on that topic that is in the list; NULL where there is none. */
const setting *setting_on(const setting_list *list, enum setting_topic topic);

/* For tests: the settings of an openssl.cnf's text. */
void openssl_settings_read(arena *a, bytes_view text, const char *file, const char *from, setting_list *out);

#endif
