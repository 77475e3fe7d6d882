/*
 * What Go's crypto/tls of a version offers by default, and which GODEBUG setting changes that: a Go program cannot be asked for its
 * default hello, and its build information says which Go it was built by. Pure: tables with their sources.
 * Ownership: constant, or in the arena given.
 */
#ifndef TLSWHY_CLIENT_GO_DEFAULTS_H
#define TLSWHY_CLIENT_GO_DEFAULTS_H

#include "client/capability.h"

typedef struct go_default {
    bool is_offered;     /* where no GODEBUG changes it */
    const char *setting; /* the setting of GODEBUG that changes it ("tlsmlkem"); NULL: none does */
    const char *value;   /* to which it has to be set so ("0") */
} go_default;

go_default go_default_of(const char *version, enum ability what, uint16_t code);
/* Whether "http2client=0,tlsmlkem=0" changes that: the last of a name counts. `text` may be NULL. */
bool go_debug_changes(arena *a, const char *text, const go_default *is);

#endif
