/*
 * One run of the command with something changed around it: variables, files of ours, other arguments. All is as it was afterwards.
 * Ownership: everything lives in the arena given; the `kept` is borrowed.
 */
#ifndef TLSWHY_RUN_RERUN_H
#define TLSWHY_RUN_RERUN_H

#include "client/overlay.h"
#include "run/kept.h"
#include "run/run.h"

typedef struct rerun {
    report report;
    int exit_status;
    bool ran;
    bool may_go_on;       /* the command may be run once more: what it wrote and read is kept */
    bool was_interrupted; /* somebody wants it to end: by a signal to us, or of those that are sent for that */
} rerun;

/* `way`: NULL for the command as it is. */
rerun rerun_make(arena *a, const run_settings *settings, kept *k, const overlay *way, error *e);

#endif
