/*
 * `run --fix`: where the command failed for a cause that its client can mend, the command is run again with the smallest change
 * that may do it, at most three times, until one works. No file of the user's is touched; verification is never switched off.
 * Ownership: as of run_watched.
 */
#ifndef TLSWHY_RUN_FIX_H
#define TLSWHY_RUN_FIX_H

#include "run/run.h"

typedef struct fix_settings {
    bool allows_weaker; /* also tries what is weak */
} fix_settings;

/* As run_watched; `*exit_status` and the report's status are of the run whose output is shown: the one that worked, else the first.
 */
bool run_fixed(arena *a, const run_settings *settings, const fix_settings *fix, report *out, int *exit_status, error *e) MUST_CHECK;

#endif
