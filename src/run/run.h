/*
 * A command watched from its start to the report: the connections that failed are diagnosed, as soon as they fail.
 * Ownership: everything in the report lives in the arena given.
 */
#ifndef TLSWHY_RUN_RUN_H
#define TLSWHY_RUN_RUN_H

#include "crypto/key_ring.h"
#include "net/loop.h"
#include "report/report.h"
#include "trace/trace.h"

typedef struct run_settings {
    char *const *argv;  /* the command, NULL-terminated */
    bool only_watches;  /* no experiment is made, and no verdict */
    bool may_fetch;     /* a missing issuer is fetched from where its certificate says */
    bool traces_files;  /* keeps which files the command's processes open */
    int64_t timeout_us; /* for all diagnoses together, from the end of the command */
    /* The command is a client that is tried, as it is by default, with others beside it: it is ended, with all of its process group
     * (which must be this process's own and the command's alone), once a connection has come about; no other client is looked for.
     */
    bool is_trial;
    int words; /* of a trial: a file that takes the command's standard error, to be read from its beginning; 0: it is not kept */
    /* A connection whose hello is not answered for so long is left at that: no experiment is made about it, and the command is
     * ended where it is a trial. 0: experiments begin. */
    int64_t silence_us;
    int64_t gap_us;                   /* between the beginnings of two connections of an experiment, at least; 0: none */
    void (*hello_passed)(void *user); /* called as soon as a first hello was seen; NULL: nobody wants to know */
    void *hello_passed_user;
    const trace_detour *detour; /* NULL: each connection goes where the command wants to go */
    key_log_line *key_log;      /* where secrets of our own probes go; NULL: nowhere */
    void *key_log_user;
    /* A line for the user while the command runs: what it does now will not work under watch. NULL: only in the report. */
    void (*tell_at_once)(const char *text);
} run_settings;

/* Runs the command and fills `out`. False where it could not be started: then `e` says why, and `*exit_status` is what to exit with
 * (127, 126 or 125). On true, `*exit_status` is the command's, or 128 and the signal's number where it died of one. */
bool run_watched(arena *a, const run_settings *settings, report *out, int *exit_status, error *e) MUST_CHECK;

#endif
