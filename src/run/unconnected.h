/*
 * A command that failed before it connected anywhere: a name that has no address, a certificate or key of its own that cannot be
 * used. Asks the system's resolver, where the command was not seen to ask itself: that may take some seconds.
 *
 * Ownership: what it adds to the report lives in the arena.
 */
#ifndef TLSWHY_RUN_UNCONNECTED_H
#define TLSWHY_RUN_UNCONNECTED_H

#include "report/report.h"
#include "run/watched.h"

#define UNCONNECTED_MAX ((size_t)8) /* connections that are added at most */

typedef struct unconnected {
    arena *arena;
    char *const *argv;
    const trace *trace;
    const watched_list *watched;
    report *out; /* has the connections that were made, and room for UNCONNECTED_MAX more */
} unconnected;

/* Of a command that has failed. */
void unconnected_report(const unconnected *u);

#endif
