/*
 * Where a report goes: --output's file, or where the command writes by itself; how wide it is, and whether in color.
 * Ownership: an output that was opened is closed by cli_output_write.
 */
#ifndef TLSWHY_CLI_OUTPUT_H
#define TLSWHY_CLI_OUTPUT_H

#include "cli/options.h"
#include <stdio.h>

typedef struct cli_output {
    FILE *to;
    const char *name; /* for messages: the file's, or "stderr" ... */
    bool is_file;     /* of ours: closed after writing */
    bool wants_color;
    size_t columns; /* 80 where that is not known; no more than can be read well */
    size_t width;   /* all that there are; 80 where that is not known */
} cli_output;

/* A sentence of ours on stderr, in a line of its own: what it quotes of arguments, files or servers is made safe for a terminal. */
void cli_complain(const char *sentence);

/* Whether --output's file can be opened, for those who begin something that cannot be taken back before they write; it is made,
 * empty, where it is not there. What is in it stays until cli_output_open. */
bool cli_output_check(const cli_options *options, error *e) MUST_CHECK;

/* `standard` (stdout or stderr, called `name` in messages) is taken where --output is not given. False where the file cannot be
 * opened. */
bool cli_output_open(const cli_options *options, FILE *standard, const char *name, cli_output *out, error *e) MUST_CHECK;

/* Writes the text and closes the output. False where it could not all be written: a full disk, a closed pipe. */
bool cli_output_write(cli_output *output, const char *text, error *e) MUST_CHECK;

#endif
