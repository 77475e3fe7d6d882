/*
 * One thing changed in a client's hello: what an experiment tries, and what a verdict names.
 *
 * A change is a value; several are applied in the order of their kinds, so that a set of them means the same in whatever order it
 * was found. Ownership: what a change points to lives in the arena of the diagnosis.
 */
#ifndef TLSWHY_CAUSES_CHANGE_H
#define TLSWHY_CAUSES_CHANGE_H

#include "wire/hello_edit.h"

/* What making a hello needs from outside: randomness and keys. Handed in, so that a test is exact. */
typedef struct diagnosis_tools {
    void (*random_bytes)(void *user, uint8_t *out, size_t len);
    /* A real public key; false where it cannot be made. NULL: none can. */
    bool (*make_key_share)(void *user, arena *a, uint16_t group, bytes_view *out);
    void *user;
} diagnosis_tools;

/* In the order in which they are applied. */
enum change_kind {
    CHANGE_TLS_FORMAT,         /* an SSLv2-format hello as a TLS record */
    CHANGE_GREASE,             /* all GREASE values left out */
    CHANGE_EXTENSIONS_REMOVED, /* `codes`: extension types */
    CHANGE_VERSION_RAISED,     /* `code`: offered as well, with what it requires */
    CHANGE_VERSION_LOWERED,    /* `code`: the highest offered; where no lower one was offered, with what it requires */
    CHANGE_VERSION_CAPPED,     /* `code`: the highest offered; nothing but the versions above it is left out */
    CHANGE_SUITES_ADDED,       /* `codes` */
    CHANGE_FALLBACK_REMOVED,   /* TLS_FALLBACK_SCSV left out (RFC 7507) */
    CHANGE_GROUPS_ADDED,       /* `codes` */
    CHANGE_SCHEMES_ADDED,      /* `codes` */
    CHANGE_NAME_ADDED,         /* `name` as server_name, where there was none, or another */
    CHANGE_NAME_REMOVED,
    CHANGE_ALPN_REMOVED,
    CHANGE_EXTENDED_MASTER_SECRET, /* added */
    CHANGE_LARGE_SHARES_REMOVED,   /* post-quantum key shares left out; their groups stay offered */
    CHANGE_ONE_RECORD,             /* in one record and one segment */
    CHANGE_RECORD_VERSION,         /* `code` */
    CHANGE_SIZE,                   /* `len`: the handshake message padded (or its padding cut) to so many bytes */
    CHANGE_KIND_COUNT,
};

typedef struct change {
    enum change_kind kind;
    uint16_t code;
    code_list codes;
    bytes_view name;
    size_t len;
} change;

typedef struct change_set {
    change changes[CHANGE_KIND_COUNT * 2];
    size_t num_changes;
} change_set;

void change_set_add(change_set *set, change c);
change_set change_set_of(change c);
bool change_set_has_kind(const change_set *set, enum change_kind kind);
change_set change_set_without(const change_set *set, size_t index);

/* The hello with the changes made. False where one of them cannot be made (a key share, a size), or would change nothing. */
bool change_set_apply(arena *a, const diagnosis_tools *tools, const client_hello *hello, const change_set *set,
                      client_hello *out) MUST_CHECK;

/* "offer TLS 1.2": as in the JSON. */
const char *change_name(arena *a, const change *c);
const char *change_set_name(arena *a, const change_set *set);
/* "offering TLS 1.2": after "the same, ". */
const char *change_label(arena *a, const change *c);
const char *change_set_label(arena *a, const change_set *set);

/* Extensions that carry a feature of their own or are the frame of others; never named as ones to be intolerant of. */
bool extension_carries_feature(uint16_t type);
/* The extensions of a hello that a server ought to ignore where it does not know them: all but those above, and padding. */
code_list extensions_removable(arena *a, const client_hello *hello);
/* A key share of more bytes than any classical group's: ML-KEM alone or in a hybrid. */
bool group_is_post_quantum(uint16_t group);

/* Suites, groups and schemes that a version requires (the sections on mandatory-to-implement of its RFC). */
code_list version_required_suites(arena *a, uint16_t version);

#endif
