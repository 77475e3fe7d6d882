/*
 * `tlswhy server --client`: whether clients, by their captured hellos, would get in.
 * Ownership: everything lives in the arena given.
 */
#ifndef TLSWHY_CLI_ADMIT_H
#define TLSWHY_CLI_ADMIT_H

#include "cli/options.h"

/* Asks for each of options->clients and writes the report. Returns the exit status: 0 where all would get in, 1 where one would
 * not. `t` is resolved; all of it takes no longer than `timeout_us`. */
int cli_admit(arena *a, const cli_options *options, const target *t, int64_t timeout_us);

#endif
