/*
 * One client, tried against a server: started by its recipe under watch, in a process of its own (a job), so that what fails is
 * diagnosed as a command of the user's is. Ownership: what is read lives in the arena given; the settings are borrowed.
 */
#ifndef TLSWHY_RUN_TRIAL_H
#define TLSWHY_RUN_TRIAL_H

#include "report/check.h"
#include "run/jobs.h"
#include "trace/trace.h"

typedef struct trial {
    char **argv;
    const char *host;           /* whom it asks for */
    unsigned port;              /* that its connection leads to, in the end */
    const trace_detour *detour; /* NULL: it goes its own way */
    int64_t timeout_us;         /* for its diagnosis */
    int64_t silence_us, gap_us; /* as of run_settings */
    bool may_fetch;             /* as of run_settings */
} trial;

job trial_job(trial *t);
/* The same, where only what it prints is wanted: nothing is diagnosed. */
job trial_output_job(trial *t);

/* What came of it, into the row. */
void trial_read(arena *a, const trial *t, const job *done, check_row *row);

#endif
