/*
 * The surveys of a server's addresses, asked by probers: all at the same time, each address for itself.
 * Ownership: the report lives in the arena given.
 */
#ifndef TLSWHY_RUN_VISIT_H
#define TLSWHY_RUN_VISIT_H

#include "net/target.h"
#include "probe/probe.h"
#include "report/server_report.h"

typedef struct visit_settings {
    const target *target; /* resolved */
    double rate;          /* connections a second, over all addresses; 0: no bound */
    int64_t timeout_us;   /* for all of it; what is not known by then stays unknown */
    bool suites_only;
} visit_settings;

/* False where the event loop could not be made. */
bool visit_server(arena *a, const visit_settings *settings, server_report *out, error *e) MUST_CHECK;

#endif
