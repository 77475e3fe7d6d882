/*
 * All that is known of a client: what it is, what it says of itself, the hello that it sends by default with and without the policy
 * around it, what it trusts, what it reads, and what would mislead who looks for it.
 * Ownership: everything lives in the arena given.
 */
#ifndef TLSWHY_CLIENT_SUMMARY_H
#define TLSWHY_CLIENT_SUMMARY_H

#include "client/discover.h"
#include "client/elf_file.h"
#include "client/own_words.h"
#include "client/settings.h"
#include "client/trust_store.h"
#include "wire/client_hello.h"

/* A version of the protocol, as far as the library, its defaults and the policy around it go. */
enum summary_answer { SUMMARY_NO, SUMMARY_YES, SUMMARY_UNKNOWN };

typedef struct summary_version {
    uint16_t version;
    enum summary_answer can, by_default, by_policy;
} summary_version;

enum { SUMMARY_VERSIONS = 6, SUMMARY_NOTES_MAX = 8 };

typedef struct client_summary {
    const client *client;
    executable found; /* of a program that was named; empty for a process */
    int pid;          /* of a process; 0 */
    elf_file elf;     /* of the program's file */
    const char *runtime_version;
    own_words said;
    summary_version versions[SUMMARY_VERSIONS]; /* lowest first */
    bool has_hello;
    client_hello hello;       /* with the policy around it: what it sends as it is */
    const char *no_hello_for; /* why there is none; NULL where there is */
    const trust_store *store;
    setting_list settings;
    bool settings_file_exists;
    const char *notes[SUMMARY_NOTES_MAX]; /* sentences: what would mislead */
    size_t num_notes;
} client_summary;

/* Of a program, as typed in a shell; runs it where it is a runtime that is known (its default hello on a socket of loopback, its
 * version), each time with a deadline. NULL with a sentence in `e`. A program without TLS is a summary whose library is unknown. */
const client_summary *summary_of_program(arena *a, const char *name, error *e) MUST_CHECK;
/* Of a running process. Where it cannot be read (another user's), what its command line leads to is told, and a note says so. */
const client_summary *summary_of_process(arena *a, int pid, error *e) MUST_CHECK;

/* The versions of a client that was only found, without running it. */
void summary_versions_told(arena *a, const client *c, summary_version out[SUMMARY_VERSIONS]);
/* The highest that it can speak; 0 not known. */
uint16_t summary_version_max(arena *a, const client *c);

#endif
