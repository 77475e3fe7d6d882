/*
 * The table of commands: `tlswhy NAME`. Each has a file of its own here, with its help and what it does; none has logic beyond
 * arguments in, exit status out. To add one: its file, its row in options.c, its manual page.
 * Ownership: rows are constant.
 */
#ifndef TLSWHY_CLI_COMMAND_H
#define TLSWHY_CLI_COMMAND_H

#include "base/error.h"

enum { EXIT_USAGE = 2, EXIT_OURS = 125 };

/* Which options a command takes: bits, since some have several in common. The rows of options.c name their group. */
enum option_group {
    OPTIONS_OUTPUT = 1,   /* --json, --output, --color */
    OPTIONS_PROBES = 2,   /* --timeout, --keylog */
    OPTIONS_WATCH = 4,    /* --fix, --allow-weaker, --trace-files, --verbose */
    OPTIONS_NETWORK = 8,  /* --sni, -4, -6, --resolve, --rate, --proxy, --proxy-protocol, --starttls: network_options */
    OPTIONS_TIMEOUT = 16, /* --timeout alone */
    OPTIONS_FETCH = 64,   /* --fetch */
    OPTIONS_SERVER = 32,  /* --suites, --compare */
};

/* --client; and its options may follow its first word, which is none. */
enum { OPTIONS_CLIENTS = 1 << 16 };

struct cli_options;

typedef struct cli_command {
    const char *name;
    const char *help; /* for stdout, with its line end */
    unsigned takes;   /* bits of enum option_group */
    /* What the options alone cannot tell: false and a sentence in `e` where they do not fit together. NULL: all fit. */
    bool (*check)(const struct cli_options *options, error *e);
    /* Does it; returns the exit status. Where a watched command died of a signal, `*signal_number` is set, for the caller to die of
     * it as well. */
    int (*run)(const struct cli_options *options, int *signal_number);
} cli_command;

extern const cli_command cli_run, cli_client, cli_explain, cli_server;

extern const cli_command cli_check;

#endif
