/*
 * Programs that are no interpreter and no tool for any URL, but can be made to connect to a given server: known by their name. Each
 * is asked for something that changes nothing, with a configuration of ours in place of the user's where that has secrets in it.
 * Inside of client/; see recipe.h. Ownership: constants.
 */
#ifndef TLSWHY_CLIENT_RECIPE_PROGRAMS_H
#define TLSWHY_CLIENT_RECIPE_PROGRAMS_H

#include "client/client.h"

enum { RECIPE_VARIABLES_MAX = 8, RECIPE_ARGUMENTS_MAX = 10 };

typedef struct recipe_program {
    const char *name;
    enum runtime runtime;                        /* RUNTIME_OTHER: no other than itself, or a program of Go */
    const char *variables[RECIPE_VARIABLES_MAX]; /* NAME=value */
    const char *arguments[RECIPE_ARGUMENTS_MAX]; /* after the program; empty: it is known not to be asked */
    const char *led[RECIPE_ARGUMENTS_MAX];       /* where the address is told beside the name; empty: it cannot be */
    const char *reason;                          /* why it is not asked */
    const char *source;                          /* whose manual says so */
} recipe_program;

/* NULL for what is not known; a name that a version follows is another program. Where there is one, it goes before its runtime's.
 */
const recipe_program *recipe_program_find(enum runtime runtime, const char *program);

#endif
