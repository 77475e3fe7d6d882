/*
 * How a client can be made to offer or accept something else without touching a file of the user's: a variable, a configuration
 * file of ours that includes the user's own, a further argument. The right way for the library and the runtime that were found.
 * Pure: what is to be written is returned, with the folder left open (OVERLAY_FOLDER). Ownership: lives in the arena given.
 */
#ifndef TLSWHY_CLIENT_OVERLAY_H
#define TLSWHY_CLIENT_OVERLAY_H

#include "client/client.h"

enum effect_kind {
    EFFECT_VERSION_MAX,       /* `version` */
    EFFECT_VERSION_MIN,       /* `version` */
    EFFECT_CIPHERS,           /* `list`: in OpenSSL's names, to be added to what is offered by default */
    EFFECT_NO_DHE,            /* suites with finite-field Diffie-Hellman left out */
    EFFECT_GROUPS,            /* `list`: in OpenSSL's names, all that is to be offered */
    EFFECT_SCHEMES,           /* `list`: the same */
    EFFECT_LEVEL,             /* `level`: OpenSSL's security level */
    EFFECT_WITHOUT_EXTENSION, /* `code` */
    EFFECT_LEGACY_SERVER,     /* one without secure renegotiation is accepted */
    EFFECT_TRUST,             /* `path`: a file of certificates that is trusted */
    EFFECT_WITHOUT_ALPN,
};

typedef struct effect {
    enum effect_kind kind;
    uint16_t version, code;
    const char *list, *path;
    int level;
    bool is_weak; /* allows what is weak: a version below TLS 1.2, less than 112 bits, SHA-1 signatures, an unprotected
                     renegotiation */
} effect;

/* Stands in texts for the private folder of the run. */
#define OVERLAY_FOLDER "@FOLDER@"
enum { OVERLAY_ARGUMENTS_MAX = 4 };

typedef struct overlay {
    const char *variable, *value;                     /* to be set for the run; NULL none */
    const char *file, *content;                       /* a file in the folder; NULL none */
    const char *arguments[OVERLAY_ARGUMENTS_MAX + 1]; /* after the command's own; ends in NULL */
    const char *permanent;                            /* how the user makes it so, a sentence */
} overlay;

/* The ways for this client, best first; returns how many there are, at most `max`. `command` is the command's argv, whose first
 * word says whether arguments can be added to it. */
size_t overlay_ways(arena *a, const client *c, char *const *command, const effect *wanted, overlay *out, size_t max);

/* A text with OVERLAY_FOLDER replaced. */
const char *overlay_in_folder(arena *a, const char *text, const char *folder);

#endif
