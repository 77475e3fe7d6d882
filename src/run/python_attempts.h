/*
 * What people write in Python when a connection fails, each way tried with one interpreter: the default context, and the constants
 * that forum answers name. Pure: a line of ours for the interpreter, and what it printed. Ownership: lives in the arena given.
 */
#ifndef TLSWHY_RUN_PYTHON_ATTEMPTS_H
#define TLSWHY_RUN_PYTHON_ATTEMPTS_H

#include "client/recipe.h"
#include "report/check.h"

/* The arguments that `program` is started with; ends in NULL. */
char **python_attempts_arguments(arena *a, const char *program, const recipe_target *to, double gap);

/* Reads what it printed into the row's attempts and constants. Lines that are none of ours are passed over. */
void python_attempts_read(arena *a, bytes_view printed, check_row *row);

#endif
