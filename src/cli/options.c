#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_TIMEOUT_US ((int64_t)60 * 1000000)

typedef struct option_row {
    const char *name;
    const char *short_name; /* or NULL */
    unsigned commands;      /* bits: 1 << enum cli_command */
    bool takes_value;
    bool (*take)(cli_options *out, const char *value, error *e);
} option_row;

static bool take_json(cli_options *out, const char *value, error *e)
{
    (void)value;
    (void)e;
    out->json = true;
    return true;
}

static bool take_verbose(cli_options *out, const char *value, error *e)
{
    (void)value;
    (void)e;
    out->verbose = true;
    return true;
}

static bool take_fix(cli_options *out, const char *value, error *e)
{
    (void)value;
    (void)e;
    out->fix = true;
    return true;
}

static bool take_allow_weaker(cli_options *out, const char *value, error *e)
{
    (void)value;
    (void)e;
    out->allows_weaker = true;
    return true;
}

static bool take_output(cli_options *out, const char *value, error *e)
{
    out->output = value;
    return value[0] != '\0' || error_set(e, ERROR_USAGE, "--output wants the name of a file");
}

static bool take_key_log(cli_options *out, const char *value, error *e)
{
    out->key_log = value;
    return value[0] != '\0' || error_set(e, ERROR_USAGE, "--keylog wants the name of a file");
}

static bool take_color(cli_options *out, const char *value, error *e)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(value, names[i]) == 0) {
            out->color = (enum color_choice)i;
            return true;
        }
    return error_set(e, ERROR_USAGE, "--color %s: it is auto, always or never", value);
}

static bool take_timeout(cli_options *out, const char *value, error *e)
{
    char *end;
    double seconds = strtod(value, &end);
    if (*end != '\0' || end == value || !(seconds > 0) || seconds > 86400)
        return error_set(e, ERROR_USAGE, "--timeout %s: seconds above 0 are wanted, as in --timeout 20", value);
    out->timeout_us = (int64_t)(seconds * 1e6);
    return true;
}

#define FOR_RUN (1u << CLI_RUN)
static const option_row option_rows[] = {
    {"--json", NULL, FOR_RUN, false, take_json},     {"--output", "-o", FOR_RUN, true, take_output},
    {"--color", NULL, FOR_RUN, true, take_color},    {"--timeout", NULL, FOR_RUN, true, take_timeout},
    {"--keylog", NULL, FOR_RUN, true, take_key_log}, {"--verbose", "-v", FOR_RUN, false, take_verbose},
    {"--fix", NULL, FOR_RUN, false, take_fix},       {"--allow-weaker", NULL, FOR_RUN, false, take_allow_weaker},
};

static const char *const command_names[] = {"run", "explain", "help", "version"};

static const option_row *find_option(const char *word, enum cli_command command, const char **value)
{
    size_t len = strcspn(word, "=");
    *value = word[len] == '=' ? word + len + 1 : NULL;
    for (size_t i = 0; i < sizeof option_rows / sizeof *option_rows; i++) {
        const option_row *row = &option_rows[i];
        bool is_long = strlen(row->name) == len && strncmp(row->name, word, len) == 0;
        bool is_short = row->short_name != NULL && strcmp(row->short_name, word) == 0;
        if ((is_long || is_short) && (row->commands & (1u << command)) != 0)
            return row;
    }
    return NULL;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Reads the options of a command; `*rest` becomes what follows them. */
static bool read_options(char **words, cli_options *out, error *e)
{
    for (; *words != NULL && (*words)[0] == '-'; words++) {
        const char *value;
        if (strcmp(*words, "--") == 0) {
            words++;
            break;
        }
        if (is_help(*words)) {
            out->help_for = out->command;
            out->command = CLI_HELP;
            return true;
        }
        const option_row *row = find_option(*words, out->command, &value);
        if (row == NULL)
            return error_set(e, ERROR_USAGE, "%s: no such option of tlswhy %s; see tlswhy %s --help", *words,
                             command_names[out->command], command_names[out->command]);
        if (row->takes_value && value == NULL && *++words == NULL)
            return error_set(e, ERROR_USAGE, "%s wants a value", row->name);
        if (!row->takes_value && value != NULL)
            return error_set(e, ERROR_USAGE, "%s takes no value", row->name);
        if (!row->take(out, value != NULL ? value : *words, e))
            return false;
    }
    out->rest = words;
    return true;
}

static bool find_command(const char *word, cli_options *out, error *e)
{
    if (is_help(word) || strcmp(word, "--version") == 0) {
        out->command = is_help(word) ? CLI_HELP : CLI_VERSION;
        return true;
    }
    for (size_t i = 0; i < sizeof command_names / sizeof *command_names; i++)
        if (strcmp(word, command_names[i]) == 0) {
            out->command = (enum cli_command)i;
            return true;
        }
    return error_set(e, ERROR_USAGE, "%s: no such command; there are: run, explain. To watch a command: tlswhy run -- %s ...", word,
                     word);
}

bool cli_options_read(int argc, char **argv, cli_options *out, error *e)
{
    *out = (cli_options){.command = CLI_HELP, .help_for = CLI_HELP, .timeout_us = DEFAULT_TIMEOUT_US};
    if (argc < 2)
        return error_set(e, ERROR_USAGE, "nothing to do. To watch a command that fails: tlswhy run -- COMMAND");
    if (!find_command(argv[1], out, e))
        return false;
    out->rest = argv + 2;
    if (out->command != CLI_RUN && out->command != CLI_EXPLAIN)
        return true;
    if (!read_options(argv + 2, out, e))
        return false;
    if (out->allows_weaker && !out->fix)
        return error_set(e, ERROR_USAGE, "--allow-weaker goes with --fix: it says what may be tried");
    if (out->command == CLI_RUN && out->rest[0] == NULL)
        return error_set(e, ERROR_USAGE, "run wants a command, as in: tlswhy run -- curl https://example.com");
    return true;
}

static const char help_all[] =
    "tlswhy says why a TLS handshake fails, and proves it by experiment.\n"
    "\n"
    "  tlswhy run [OPTION...] [--] COMMAND [ARG...]   watch COMMAND; for each TLS connection that fails, say why\n"
    "  tlswhy explain [CAUSE]                         the catalogue of causes, or one of them\n"
    "  tlswhy COMMAND --help                          more about one of these\n"
    "  tlswhy --version\n"
    "\n"
    "  $ tlswhy run -- curl https://example.com\n";

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

static const char help_explain[] =
    "tlswhy explain [CAUSE]\n"
    "\n"
    "Prints what a cause means, how it is proved and what to do about it; without a cause, the list of all.\n"
    "\n"
    "  $ tlswhy explain no-shared-cipher\n";

const char *cli_help(enum cli_command help_for)
{
    switch (help_for) {
    case CLI_RUN:
        return help_run;
    case CLI_EXPLAIN:
        return help_explain;
    default:
        return help_all;
    }
}
