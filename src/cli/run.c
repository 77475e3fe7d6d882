#include "cli/output.h"

#include "run/fix.h"
#include <stdio.h>

static const char help_run[] =
    "tlswhy run [OPTION...] [--] COMMAND [ARG...]\n"
    "\n"
    "Runs COMMAND as it is: its input, output, terminal, signals and exit status stay its own. For each TLS connection that\n"
    "fails, the client's own hello is asked again with one thing changed at a time, until the cause is proved. The report\n"
    "follows on stderr when the command has ended. The command is not run again, unless --fix is given.\n"
    "\n"
    "  --fix              where the cause can be mended on the client: RUN THE COMMAND AGAIN, at most three times, with a\n"
    "                     variable, a configuration file of ours or an argument, until it works. A piped input is given again,\n"
    "                     the output is held back (up to 64 MiB), and that of the run that worked is shown\n"
    "  --allow-weaker     with --fix: also try what is weak (below TLS 1.2 or 112 bits, SHA-1 signatures)\n"
    "  --fetch            where the server leaves out a certificate: fetch it from the address that its own certificate gives for\n"
    "                     its issuer (plain HTTP, the way that the connection went), and say what becomes of the path with it.\n"
    "                     Without it that address is only named\n"
    "  --trace-files      also keep which files the command opens (opened_files of --json): which configuration and which trust\n"
    "                     store it really uses is then seen. Every opening of a file takes longer. Part of --fix\n"
    "  --json             the report as one JSON document\n"
    "  -o, --output FILE  the report goes to FILE and not to stderr\n"
    "  --color WHEN       auto (the default: on a terminal, unless NO_COLOR is set), always, never\n"
    "  --timeout SECONDS  for the experiments, from the end of the command; 60\n"
    "  --keylog FILE      adds the secrets of tlswhy's own probes to FILE, in the format that Wireshark reads; never the\n"
    "                     command's own\n"
    "  -v, --verbose      a line for each connection, also where none failed\n"
    "\n"
    "Exit status: the command's own; 125 where tlswhy itself failed; 126 or 127 where the command could not be started.\n"
    "\n"
    "  $ tlswhy run -- python3 app.py\n";

static bool check(const cli_options *options, error *e)
{
    if (options->allows_weaker && !options->fix)
        return error_set(e, ERROR_USAGE, "--allow-weaker goes with --fix: it says what may be tried");
    if (options->rest[0] == NULL)
        return error_set(e, ERROR_USAGE, "run wants a command, as in: tlswhy run -- curl https://example.com");
    return true;
}

static bool emit(arena *a, const cli_options *options, const report *r, error *e)
{
    cli_output output;
    if (!cli_output_open(options, stderr, "stderr", &output, e))
        return false;
    return cli_output_write(
        &output, options->json ? report_to_json(a, r) : report_to_text(a, r, output.wants_color, output.columns, options->verbose),
        e);
}

/* The command has run, perhaps for hours: where the file fails now, its report is shown rather than lost. */
static bool emit_somewhere(arena *a, const cli_options *options, const report *r)
{
    error e;
    if (emit(a, options, r, &e))
        return true;
    cli_complain(e.message);
    cli_options without_file = *options;
    without_file.output = NULL;
    if (options->output != NULL && !emit(a, &without_file, r, &e))
        cli_complain(e.message);
    return false;
}

/* Each line at once, whatever happens later. A key log that cannot be written ends nothing. */
static void write_key(void *user, const char *line)
{
    if (fprintf(user, "%s\n", line) < 0 || fflush(user) != 0)
        clearerr(user);
}

static bool open_key_log(const char *path, FILE **log, error *e)
{
    *log = path == NULL ? NULL : fopen(path, "ae");
    return path == NULL || *log != NULL || error_set_errno(e, "%s cannot be opened for the keys", path);
}

static int watch(const cli_options *options, int *signal_number)
{
    FILE *key_log;
    error e = {.code = ERROR_NONE};
    if (!cli_output_check(options, &e) || !open_key_log(options->key_log, &key_log, &e)) {
        cli_complain(e.message);
        return EXIT_OURS;
    }
    arena *a = arena_new();
    report r;
    int exit_status;
    run_settings settings = {.argv = options->rest,
                             .timeout_us = options->timeout_us,
                             .traces_files = options->traces_files,
                             .may_fetch = options->may_fetch,
                             .tell_at_once = options->output == NULL ? cli_complain : NULL,
                             .key_log = key_log == NULL ? NULL : write_key,
                             .key_log_user = key_log};
    fix_settings fix = {.allows_weaker = options->allows_weaker};
    bool ran = options->fix ? run_fixed(a, &settings, &fix, &r, &exit_status, &e) : run_watched(a, &settings, &r, &exit_status, &e);
    if (key_log != NULL)
        (void)fclose(key_log);
    if (!ran || e.code != ERROR_NONE)
        cli_complain(e.message);
    if (ran && !emit_somewhere(a, options, &r))
        exit_status = EXIT_OURS;
    else if (ran)
        *signal_number = r.signal_number;
    arena_free(a);
    return exit_status;
}

const cli_command cli_run = {.name = "run",
                             .help = help_run,
                             .takes = OPTIONS_OUTPUT | OPTIONS_PROBES | OPTIONS_WATCH | OPTIONS_FETCH,
                             .check = check,
                             .run = watch};
