#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TIMEOUT_US ((int64_t)60 * 1000000)

typedef struct option_row {
    const char *name;
    const char *short_name; /* or NULL */
    unsigned groups;        /* bits of enum option_group, or OPTIONS_CLIENTS */
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

static bool take_trace_files(cli_options *out, const char *value, error *e)
{
    (void)value;
    (void)e;
    out->traces_files = true;
    return true;
}

static bool take_fetch(cli_options *out, const char *value, error *e)
{
    (void)value;
    (void)e;
    out->may_fetch = true;
    return true;
}

static bool take_client(cli_options *out, const char *value, error *e)
{
    size_t num = 0;
    while (out->clients[num] != NULL)
        num++;
    if (num == CLI_CLIENTS_MAX)
        return error_set(e, ERROR_USAGE, "--client %s: at most %zu of them are taken", value, CLI_CLIENTS_MAX);
    out->clients[num] = value;
    return value[0] != '\0' || error_set(e, ERROR_USAGE, "--client wants the name or the file of a program");
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

static bool take_server_name(cli_options *out, const char *value, error *e)
{
    (void)e;
    out->network.server_name = value;
    return true;
}

static bool take_ipv4(cli_options *out, const char *value, error *e)
{
    (void)value;
    (void)e;
    out->network.family = AF_INET;
    return true;
}

static bool take_ipv6(cli_options *out, const char *value, error *e)
{
    (void)value;
    (void)e;
    out->network.family = AF_INET6;
    return true;
}

static bool take_resolve(cli_options *out, const char *value, error *e)
{
    if (out->network.num_resolve == NETWORK_RESOLVE_MAX)
        return error_set(e, ERROR_USAGE, "--resolve %s: at most %zu of them are taken", value, NETWORK_RESOLVE_MAX);
    out->network.resolve[out->network.num_resolve++] = value;
    return target_resolve_option_check(value, e);
}

static bool take_rate(cli_options *out, const char *value, error *e)
{
    char *end;
    out->network.rate = strtod(value, &end);
    bool is_rate = *end == '\0' && end != value && out->network.rate >= 0.01 && out->network.rate <= 10000;
    return is_rate || error_set(e, ERROR_USAGE, "--rate %s: connections a second are wanted, as in --rate 5", value);
}

/* Proxy, PROXY header and upgrade are read by target_parse, which knows where their parts may live. */
static bool take_proxy(cli_options *out, const char *value, error *e)
{
    out->network.proxy = value;
    return value[0] != '\0' || error_set(e, ERROR_USAGE, "--proxy wants http://HOST:PORT or socks5://HOST:PORT");
}

static bool take_proxy_header(cli_options *out, const char *value, error *e)
{
    out->network.proxy_header = value;
    return value[0] != '\0' || error_set(e, ERROR_USAGE, "--proxy-protocol is v1 or v2");
}

static bool take_starttls(cli_options *out, const char *value, error *e)
{
    out->network.starttls = value;
    return value[0] != '\0' || error_set(e, ERROR_USAGE, "--starttls is one of %s", route_starttls_names());
}

static bool take_suites(cli_options *out, const char *value, error *e)
{
    (void)value;
    (void)e;
    out->suites_only = true;
    return true;
}

static bool take_compare(cli_options *out, const char *value, error *e)
{
    out->compare = value;
    return value[0] != '\0' || error_set(e, ERROR_USAGE, "--compare wants a file that was saved with --json");
}

static const option_row option_rows[] = {
    {"--client", NULL, OPTIONS_CLIENTS, true, take_client},
    {"--json", NULL, OPTIONS_OUTPUT, false, take_json},
    {"--output", "-o", OPTIONS_OUTPUT, true, take_output},
    {"--color", NULL, OPTIONS_OUTPUT, true, take_color},
    {"--timeout", NULL, OPTIONS_PROBES | OPTIONS_TIMEOUT, true, take_timeout},
    {"--keylog", NULL, OPTIONS_PROBES, true, take_key_log},
    {"--verbose", "-v", OPTIONS_WATCH, false, take_verbose},
    {"--fix", NULL, OPTIONS_WATCH, false, take_fix},
    {"--allow-weaker", NULL, OPTIONS_WATCH, false, take_allow_weaker},
    {"--fetch", NULL, OPTIONS_FETCH, false, take_fetch},
    {"--trace-files", NULL, OPTIONS_WATCH, false, take_trace_files},
    {"--sni", NULL, OPTIONS_NETWORK, true, take_server_name},
    {"--ipv4", "-4", OPTIONS_NETWORK, false, take_ipv4},
    {"--ipv6", "-6", OPTIONS_NETWORK, false, take_ipv6},
    {"--resolve", NULL, OPTIONS_NETWORK, true, take_resolve},
    {"--rate", NULL, OPTIONS_NETWORK, true, take_rate},
    {"--proxy", NULL, OPTIONS_NETWORK, true, take_proxy},
    {"--proxy-protocol", NULL, OPTIONS_NETWORK, true, take_proxy_header},
    {"--starttls", NULL, OPTIONS_NETWORK, true, take_starttls},
    {"--suites", NULL, OPTIONS_SERVER, false, take_suites},
    {"--compare", NULL, OPTIONS_SERVER, true, take_compare},
};

static const cli_command *const commands[] = {&cli_run, &cli_check, &cli_client, &cli_server, &cli_explain};

static const option_row *find_option(const char *word, const cli_command *command, const char **value)
{
    size_t len = strcspn(word, "=");
    *value = word[len] == '=' ? word + len + 1 : NULL;
    for (size_t i = 0; i < sizeof option_rows / sizeof *option_rows; i++) {
        const option_row *row = &option_rows[i];
        bool is_long = strlen(row->name) == len && strncmp(row->name, word, len) == 0;
        bool is_short = row->short_name != NULL && strcmp(row->short_name, word) == 0;
        if ((is_long || is_short) && (command->takes & row->groups) != 0)
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
            out->wish = CLI_WANTS_HELP;
            return true;
        }
        const option_row *row = find_option(*words, out->command, &value);
        if (row == NULL)
            return error_set(e, ERROR_USAGE, "%s: no such option of tlswhy %s; see tlswhy %s --help", *words, out->command->name,
                             out->command->name);
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

/* tlswhy HOST --json: what follows the first word goes before it, so that it stays the first of the rest. */
static bool read_later_options(cli_options *out, error *e)
{
    bool may_be = out->wish == CLI_WANTS_COMMAND && (out->command->takes & OPTIONS_CLIENTS) != 0 && out->rest[0] != NULL;
    if (!may_be || out->rest[1] == NULL || out->rest[1][0] != '-')
        return true;
    char *word = out->rest[0];
    if (!read_options(out->rest + 1, out, e))
        return false;
    if (out->wish == CLI_WANTS_COMMAND)
        *--out->rest = word;
    return true;
}

/* "example.com", "host:443", "[::1]:443": short for check. */
static bool is_server(const char *word)
{
    return word[0] != '-' && word[0] != '/' && (strpbrk(word, ".:") != NULL || strcmp(word, "localhost") == 0);
}

static const cli_command *find_command(const char *word)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(word, commands[i]->name) == 0)
            return commands[i];
    return NULL;
}

static bool no_such_command(const char *word, error *e)
{
    char names[128] = "";
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t len = strlen(names);
        (void)snprintf(names + len, sizeof names - len, "%s%s", i == 0 ? "" : ", ", commands[i]->name);
    }
    return error_set(e, ERROR_USAGE, "%s: no such command; there are: %s. To watch a command: tlswhy run -- %s ...", word, names,
                     word);
}

bool cli_options_read(int argc, char **argv, cli_options *out, error *e)
{
    *out = (cli_options){.wish = CLI_WANTS_COMMAND, .timeout_us = DEFAULT_TIMEOUT_US};
    if (argc < 2)
        return error_set(e, ERROR_USAGE, "nothing to do. To watch a command that fails: tlswhy run -- COMMAND");
    if (is_help(argv[1]) || strcmp(argv[1], "help") == 0) {
        out->wish = CLI_WANTS_HELP;
        return true;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
        out->wish = CLI_WANTS_VERSION;
        return true;
    }
    out->command = find_command(argv[1]);
    bool is_short = out->command == NULL && is_server(argv[1]);
    if (is_short)
        out->command = &cli_check;
    if (out->command == NULL)
        return no_such_command(argv[1], e);
    if (!read_options(argv + (is_short ? 1 : 2), out, e) || !read_later_options(out, e))
        return false;
    return out->wish == CLI_WANTS_HELP || out->command->check == NULL || out->command->check(out, e);
}

static const char help_all[] =
    "tlswhy says why a TLS handshake fails, and proves it by experiment.\n"
    "\n"
    "  tlswhy run [OPTION...] [--] COMMAND [ARG...]   watch COMMAND; for each TLS connection that fails, say why\n"
    "  tlswhy check [OPTION...] HOST[:PORT]           every TLS client of this machine, tried against that server\n"
    "  tlswhy HOST[:PORT]                             short for check\n"
    "  tlswhy client [OPTION...] [PROGRAM|PID]        what a program really uses for TLS; without one: all on this machine\n"
    "  tlswhy server [OPTION...] HOST[:PORT]          all that a server accepts\n"
    "  tlswhy explain [CAUSE | ERROR TEXT]            the catalogue of causes, one of them, or those of an error message\n"
    "  tlswhy COMMAND --help                          more about one of these\n"
    "  tlswhy --version\n"
    "\n"
    "  $ tlswhy run -- curl https://example.com\n";

const char *cli_help(const cli_command *command)
{
    return command == NULL ? help_all : command->help;
}
