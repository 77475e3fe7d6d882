/*
 * The TLS clients of this machine: interpreters of Python, Node.js, Ruby, PHP, Perl and Java, curl, wget, git, openssl, gnutls-cli
 * and others by name on the PATH, programs of Go and Rust there, and what pyenv, nvm, conda and their kind keep in folders of their
 * own. Told from files alone: nothing is run.
 * Ownership: everything lives in the arena given.
 */
#ifndef TLSWHY_CLIENT_DISCOVER_H
#define TLSWHY_CLIENT_DISCOVER_H

#include "client/program.h"

typedef struct found_client {
    const char *path;     /* as it is called: the first of that name on the PATH, or the file in its keeper's folder */
    const char *keeper;   /* "pyenv", "nvm" ...: lies in that one's folder, and not on the PATH; NULL: on the PATH */
    const client *client; /* never NULL; its library is known */
    executable found;     /* what leads from `path` to its file */
    bool is_startable;    /* a runtime that is known how to be started harmlessly; others (a Go program, say) are only read */
} found_client;

typedef struct found_clients {
    found_client *clients; /* in the order of the PATH, then of the keepers; one program file once */
    size_t num_clients;
    size_t num_late; /* program files that were not read within the time, and one more where not all were listed */
} found_clients;

/* Whether clients of that runtime are looked for. */
typedef bool runtime_wanted(enum runtime runtime);

/* `is_wanted`: NULL all, also those without a runtime that is known. `environment` as in program_surroundings_read. Returns with
 * what was found until then once nothing has come for `time_ms`, and after four times as long at the latest. */
found_clients clients_find(arena *a, const char *const *environment, runtime_wanted *is_wanted, int64_t time_ms);

#endif
