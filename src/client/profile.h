/*
 * A client as its captured hello: a file that the user names, or a profile of data/profiles ("curl", "python-3.6.15").
 * Ownership: everything lives in the arena given.
 */
#ifndef TLSWHY_CLIENT_PROFILE_H
#define TLSWHY_CLIENT_PROFILE_H

#include "wire/client_hello.h"

typedef struct client_profile {
    const char *name; /* "curl-7.88.1", or the file as it was named */
    const char *what; /* its first line of comment, "curl 7.88.1, on Debian ..."; "" where there is none */
    client_hello hello;
} client_profile;

/* The records of a hello, as they are or in base64 with lines of comment (#) before it. False and a sentence where it is neither.
 */
bool profile_read(arena *a, const char *name, bytes_view file, client_profile *out, error *e) MUST_CHECK;
/* `wanted` is a file where there is one of that name; else a profile: its whole name, or the beginning up to the version, which is
 * then the newest. */
bool profile_find(arena *a, const char *wanted, client_profile *out, error *e) MUST_CHECK;
/* The folder of the profiles: beside the program as it was installed, or as it was built; NULL where neither is there. */
const char *profile_folder(arena *a);
/* Names of all profiles, sorted; returns how many. */
size_t profile_names(arena *a, const char *folder, const char ***names);
/* Of sorted names the last that is `wanted`, or begins with it up to the version or a part of it; NULL where none does. */
const char *profile_newest(const char *const *names, size_t num_names, const char *wanted);

#endif
