#include "cli/run.h"

#include "run/fix.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { EXIT_OURS = 125, COLUMNS_DEFAULT = 80, COLUMNS_MAX = 100 };

static bool wants_color(const cli_options *options, FILE *to)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    if (options->color != COLOR_AUTO)
        return options->color == COLOR_ALWAYS;
    bool dumb = terminal == NULL || strcmp(terminal, "dumb") == 0;
    return isatty(fileno(to)) && (no_color == NULL || no_color[0] == '\0') && !dumb;
}

static size_t columns_of(FILE *to)
{
    struct winsize size;
    if (!isatty(fileno(to)) || ioctl(fileno(to), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_DEFAULT;
    return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}

static bool write_report(arena *a, const cli_options *options, const report *r, FILE *to, error *e)
{
    const char *text =
        options->json ? report_to_json(a, r) : report_to_text(a, r, wants_color(options, to), columns_of(to), options->verbose);
    if (fputs(text, to) == EOF || fflush(to) != 0)
        return error_set_errno(e, "the report could not be written to %s", options->output == NULL ? "stderr" : options->output);
    return true;
}

static bool emit(arena *a, const cli_options *options, const report *r, error *e)
{
    if (options->output == NULL)
        return write_report(a, options, r, stderr, e);
    FILE *to = fopen(options->output, "we");
    if (to == NULL)
        return error_set_errno(e, "%s cannot be opened for the report", options->output);
    bool written = write_report(a, options, r, to, e);
    if (fclose(to) != 0 && written)
        return error_set_errno(e, "the report could not be written to %s", options->output);
    return written;
}

/* Each line at once, whatever happens later. A key log that cannot be written ends nothing. */
static void write_key(void *user, const char *line)
{
    if (fprintf(user, "%s\n", line) < 0 || fflush(user) != 0)
        clearerr(user);
}

static FILE *open_key_log(const char *path)
{
    if (path == NULL)
        return NULL;
    FILE *log = fopen(path, "ae");
    if (log == NULL)
        fprintf(stderr, "tlswhy: %s cannot be opened for the keys: %s\n", path, strerror(errno));
    return log;
}

int cli_run(const cli_options *options, int *signal_number)
{
    FILE *key_log = open_key_log(options->key_log);
    if (options->key_log != NULL && key_log == NULL)
        return EXIT_OURS;
    arena *a = arena_new();
    error e = {.code = ERROR_NONE};
    report r;
    int exit_status;
    run_settings settings = {.argv = options->rest,
                             .timeout_us = options->timeout_us,
                             .key_log = key_log == NULL ? NULL : write_key,
                             .key_log_user = key_log};
    fix_settings fix = {.allows_weaker = options->allows_weaker};
    bool ran = options->fix ? run_fixed(a, &settings, &fix, &r, &exit_status, &e) : run_watched(a, &settings, &r, &exit_status, &e);
    if (key_log != NULL)
        (void)fclose(key_log);
    if (ran && e.code != ERROR_NONE)
        fprintf(stderr, "tlswhy: %s\n", e.message);
    if (!ran || !emit(a, options, &r, &e)) {
        fprintf(stderr, "tlswhy: %s\n", e.message);
        exit_status = ran ? EXIT_OURS : exit_status;
    } else {
        *signal_number = r.signal_number;
    }
    arena_free(a);
    return exit_status;
}
