/*
 * How a runtime is asked to connect to a server by what it takes by default: its command line, with a line of ours where it is an
 * interpreter. Verification stays on, with the client's own store. Pure, but for the folder that Java needs.
 * Ownership: arguments live in the arena given.
 */
#ifndef TLSWHY_CLIENT_RECIPE_H
#define TLSWHY_CLIENT_RECIPE_H

#include "client/client.h"
#include "client/private_folder.h"

enum recipe_breadth {
    RECIPE_DEFAULT, /* what the runtime offers by itself, in its surroundings: the policy files that its arguments name stay */
    RECIPE_HELLO,   /* as by default, without what is of use only after its hello: no store is read, which takes a Java long */
    RECIPE_WITHOUT_POLICY, /* so, and reads no configuration of its own */
    RECIPE_LED,            /* as by default; told the address, where the name does not lead there */
    RECIPE_WIDE,           /* all suites and versions that its library can be made to offer */
};

typedef struct recipe_target {
    const char *host;    /* sent as the server's name */
    const char *address; /* what is connected to, where a runtime can be told; NULL: the host */
    unsigned port;
    const char *folder; /* of ours, with Java's class in it; NULL: none, and Java cannot be asked */
} recipe_target;

/* The arguments that `program` is started with, itself first; NULL where that runtime is none that is known how to be asked. `like`
 * (or NULL) is the process whose policy files are kept. */
char **recipe_arguments(arena *a, enum runtime runtime, const char *program, const process_snapshot *like, const recipe_target *to,
                        enum recipe_breadth breadth);

/* A line of ours with %HOST%, %ADDRESS%, %PORT% and %FOLDER% replaced. The host and the address must be hosts (recipe_is_host):
 * they become part of code. */
char *recipe_fill(arena *a, const char *text, const recipe_target *to);
bool recipe_is_host(const char *text);

/* `program` is its path, or its name: some are known by that alone. */
bool recipe_exists(enum runtime runtime, const char *program);
/* Why one that is known is not asked, in a clause; NULL where there is nothing to say. */
const char *recipe_missing_because(enum runtime runtime, const char *program);
/* Whether it can be told to connect to another address than its host's. */
bool recipe_takes_address(enum runtime runtime, const char *program);

/* Whether it needs a folder, and what has to be in it. */
bool recipe_needs_folder(enum runtime runtime, const char *program);
bool recipe_fill_folder(arena *a, const private_folder *folder, error *e) MUST_CHECK;

#endif
