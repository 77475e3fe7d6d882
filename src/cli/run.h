/* `tlswhy run`. Ownership: none; everything lives within the call. */
#ifndef TLSWHY_CLI_RUN_H
#define TLSWHY_CLI_RUN_H

#include "cli/options.h"

/* Returns the exit status. Where the command died of a signal, `*signal_number` is set, for the caller to die of it as well. */
int cli_run(const cli_options *options, int *signal_number);

#endif
