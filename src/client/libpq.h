/*
 * PostgreSQL's client library: who connects by it, and how it is told to verify the server. All that judge such a client ask here.
 * Ownership: what is returned lives in the arena given, or is the process's.
 */
#ifndef TLSWHY_CLIENT_LIBPQ_H
#define TLSWHY_CLIENT_LIBPQ_H

#include "client/settings.h"

/* Whether it connects by libpq: a program of PostgreSQL's own; another one that has libpq mapped and is told a connection string;
 * an interpreter that has it mapped, since it is its script that loads it. That libpq is mapped says little of others: libgdal and
 * Exim bring it along, and speak TLS by themselves. */
bool libpq_is_used(const client *c);

/* Whether there is a connection URI in that text. */
bool libpq_is_uri(bytes_view text);

/* How it is told to verify: by a connection string, else by a service file, else by the environment. */
typedef struct libpq_trust {
    const char *mode, *mode_name; /* "verify-full"; what says so: "sslmode", "PGSSLMODE" */
    const char *root;             /* the file of CAs, which may not be there; NULL: the system's store, or no home is known */
    bool is_default;              /* nobody names it: it is ~/.postgresql/root.crt */
    bool is_argument;             /* an argument names it */
    bool wants_root;              /* the mode asks for verification: without that file there is no connection */
    bool compares_names;          /* verify-full alone does */
    bool verifies;                /* it was told to, or the file is there: then it does in any mode */
} libpq_trust;
libpq_trust libpq_trust_find(arena *a, const client *c, const setting_list *settings);

#endif
