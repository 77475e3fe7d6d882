/*
 * A program that nobody knows how to make connect, judged by the hello that its library is recorded to send (data/profiles): that
 * is sent in its place, by a process of ours (a job). What comes of it is not the program's own doing, and is never told as if it
 * were. Ownership: what is read lives in the arena given; the settings are borrowed.
 */
#ifndef TLSWHY_RUN_HELLO_TRIAL_H
#define TLSWHY_RUN_HELLO_TRIAL_H

#include "net/target.h"
#include "report/check.h"
#include "run/jobs.h"

typedef struct hello_trial {
    const char *profile;
    const target *to; /* addresses are looked up where it has none */
    int64_t timeout_us;
    int64_t gap_us; /* between the beginnings of two connections, at least; 0: none */
    bool only_asks; /* why it is refused is not wanted */
} hello_trial;

/* The newest profile in that folder (NULL: none) of that library in that version but for its last part: "go-1.23.8" for Go 1.23.1.
 * NULL where there is none. `*is_near`: none of that release was recorded, and it is of the one before (Go's alone). */
const char *hello_trial_profile(arena *a, const char *folder, const tls_library *library, bool *is_near);

job hello_trial_job(hello_trial *t);

typedef struct hello_told {
    bool is_known;    /* an answer came, or none did within the time */
    bool is_admitted; /* the handshake got through */
    bool is_silent;
    const char *what; /* of the profile, in words: "go 1.19.8, on Debian ..."; "" nothing */
    const char *version, *cipher, *cause, *headline, *problem; /* NULL each where there is none */
} hello_told;

hello_told hello_trial_read(arena *a, const job *done);

#endif
