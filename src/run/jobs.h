/*
 * Programs, or functions of ours in processes of their own, run side by side, a few at a time, each with a deadline; what they
 * write to one descriptor is kept. Their standard input and output are empty. Ownership: what was written lives in the arena given.
 * It blocks until all have ended; each has a process group of its own, which is ended with it. Where this process ends first, they
 * are told by SIGHUP.
 */
#ifndef TLSWHY_RUN_JOBS_H
#define TLSWHY_RUN_JOBS_H

#include "base/bytes.h"
#include "base/error.h"

typedef struct job {
    char **argv;                        /* the first is a path; NULL: `body` is called */
    void (*body)(void *user, int keep); /* in a process of its own, which ends with it; what it writes to `keep` is kept */
    void *user;
    int keeps; /* of a program: the descriptor whose bytes are kept */
    bytes_view written;
    bool ran_out_of_time; /* it was asked to end, or was ended */
} job;

typedef struct jobs_settings {
    size_t at_once;  /* of those that have written nothing yet and have run for less than `busy_ms`: the others are likely to wait,
                      * and make  room for more */
    int64_t gap_ms;  /* between the beginnings of two, at least */
    int64_t busy_ms; /* 0: all of them count */
    int64_t soft_ms; /* after which SIGTERM is sent */
    int64_t hard_ms; /* and SIGKILL */
    void (*begins)(void *user, size_t index); /* NULL, or called before a job is started: it may still be changed */
    void (*ended)(void *user, size_t index);  /* NULL, or called once it has: what it has written is there */
    void *user;
} jobs_settings;

/* False where none of them could be started. */
bool jobs_run(arena *a, job *jobs, size_t num_jobs, const jobs_settings *settings, error *e) MUST_CHECK;

/* For a body: all of the text, to the descriptor that is kept. What nobody reads any more is lost. */
void job_write(int keep, const char *text);

#endif
