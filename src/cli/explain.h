/* `tlswhy explain`. Ownership: none; everything lives within the call. */
#ifndef TLSWHY_CLI_EXPLAIN_H
#define TLSWHY_CLI_EXPLAIN_H

#include "cli/options.h"

/* Returns the exit status: 0, or 2 where there is no such cause. */
int cli_explain(const cli_options *options);

#endif
