/*
 * Every TLS client of this machine, really tried against one server: each is run with a line of ours in a process of its own, under
 * the same watch as a command of the user's, so that what fails is diagnosed by the same engine. Verification stays on.
 * Ownership: everything in the report lives in the arena given.
 */
#ifndef TLSWHY_RUN_CHECK_H
#define TLSWHY_RUN_CHECK_H

#include "net/target.h"
#include "report/check.h"

typedef struct check_settings {
    const target *target;       /* server_name (else the host) is whom the clients ask for */
    bool is_led;                /* each connection is led to the first of the target's addresses, by its route */
    const char *const *clients; /* names as typed in a shell, ends in NULL; NULL: all that are found */
    int64_t timeout_us;         /* for each client, diagnosis included */
    double rate;                /* connections that are begun in a second, at most; 0: no bound */
    bool may_fetch;             /* as of run_settings */
} check_settings;

/* Blocks until all are done. False where a client of the user's choice cannot be found, or nothing can be started. */
bool check_clients(arena *a, const check_settings *settings, check_report *out, error *e) MUST_CHECK;

#endif
