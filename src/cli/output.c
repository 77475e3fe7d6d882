#include "cli/output.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SENTENCE_LEN_MAX ((size_t)2048)
enum { COLUMNS_DEFAULT = 80, COLUMNS_MAX = 100 };

static bool wants_color(const cli_options *options, FILE *to)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    if (options->color != COLOR_AUTO)
        return options->color == COLOR_ALWAYS;
    bool dumb = terminal == NULL || strcmp(terminal, "dumb") == 0;
    return isatty(fileno(to)) && (no_color == NULL || no_color[0] == '\0') && !dumb;
}

static size_t width_of(FILE *to)
{
    struct winsize size;
    if (!isatty(fileno(to)) || ioctl(fileno(to), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_DEFAULT;
    return size.ws_col;
}

void cli_complain(const char *sentence)
{
    arena *a = arena_new();
    fprintf(stderr, "tlswhy: %s\n", text_escape(a, bytes_from_text(sentence), SENTENCE_LEN_MAX));
    arena_free(a);
}

/* A named pipe is only looked at: whoever reads it would take a first closing for the end. */
bool cli_output_check(const cli_options *options, error *e)
{
    struct stat st;
    if (options->output == NULL)
        return true;
    bool is_pipe = stat(options->output, &st) == 0 && S_ISFIFO(st.st_mode);
    int fd = is_pipe ? -1 : open(options->output, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
    if (is_pipe ? faccessat(AT_FDCWD, options->output, W_OK, AT_EACCESS) != 0 : fd < 0)
        return error_set_errno(e, "%s cannot be opened for the report", options->output);
    if (fd >= 0)
        (void)close(fd);
    return true;
}

bool cli_output_open(const cli_options *options, FILE *standard, const char *name, cli_output *out, error *e)
{
    *out = (cli_output){.to = standard, .name = name};
    if (options->output != NULL) {
        *out = (cli_output){.to = fopen(options->output, "we"), .name = options->output, .is_file = true};
        if (out->to == NULL)
            return error_set_errno(e, "%s cannot be opened for the report", options->output);
    }
    out->wants_color = wants_color(options, out->to);
    out->width = width_of(out->to);
    out->columns = out->width < COLUMNS_MAX ? out->width : COLUMNS_MAX;
    return true;
}

bool cli_output_write(cli_output *output, const char *text, error *e)
{
    bool written = fputs(text, output->to) != EOF && fflush(output->to) == 0;
    if (!written)
        (void)error_set_errno(e, "the report could not be written to %s", output->name);
    if (output->is_file && fclose(output->to) != 0 && written)
        return error_set_errno(e, "the report could not be written to %s", output->name);
    return written;
}
