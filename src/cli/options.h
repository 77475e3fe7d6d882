/*
 * What the user asked for: arguments into a plain struct.
 * Ownership: texts point into argv.
 */
#ifndef TLSWHY_CLI_OPTIONS_H
#define TLSWHY_CLI_OPTIONS_H

#include "cli/command.h"
#include "net/target.h"
#include "report/report.h"

enum cli_wish { CLI_WANTS_COMMAND, CLI_WANTS_HELP, CLI_WANTS_VERSION };

#define CLI_CLIENTS_MAX ((size_t)64)

typedef struct cli_options {
    enum cli_wish wish;
    const cli_command *command; /* of CLI_WANTS_HELP: NULL for the whole */
    bool json;
    const char *output;  /* a file, or NULL: where the command writes by itself */
    const char *key_log; /* a file, or NULL: none */
    enum color_choice color;
    int64_t timeout_us;
    bool verbose;
    bool fix, allows_weaker;
    bool traces_files;
    bool may_fetch;
    network_options network;
    const char *clients[CLI_CLIENTS_MAX + 1]; /* --client, ends in NULL */
    bool suites_only;
    const char *compare; /* a file, or NULL */
    char **rest;         /* what follows the options: the command to run, or the words of explain; NULL-terminated */
} cli_options;

/* False and a sentence in `e` where the arguments are not understood: exit status 2. */
bool cli_options_read(int argc, char **argv, cli_options *out, error *e) MUST_CHECK;

/* The help for one command, or for the whole where it is NULL; a literal. */
const char *cli_help(const cli_command *command);

#endif
