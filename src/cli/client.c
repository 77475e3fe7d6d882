#include "cli/output.h"

#include "report/client_report.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_TIME_MS ((int64_t)10000)
enum { EXIT_NO_CLIENT = 1 };

static const char help_client[] =
    "tlswhy client [OPTION...] [PROGRAM|PID]\n"
    "\n"
    "Tells which TLS library a program really uses, through which file, what that library can do, what the program offers by\n"
    "default and what policy leaves of it, which certificates it trusts, and which files and variables it reads. PROGRAM is what\n"
    "is typed in a shell: scripts, shims and wrappers are followed. PID is a running process. Without one: a line for every TLS\n"
    "client that is found on the PATH and in the folders of pyenv, nvm, conda and their kind.\n"
    "\n"
    "A PROGRAM whose runtime is known (Python, Node.js, Ruby, PHP, Perl, Java, curl, wget, git, openssl, gnutls-cli), or that is\n"
    "known by its name (kubectl, docker, terraform, cargo, aria2c ...), is started with a line of\n"
    "tlswhy's own, to say its version and to send its hello to a socket on loopback, each time for some seconds at most.\n"
    "For the list, which takes 10 seconds at most, nothing is started.\n"
    "\n"
    "  --json             one JSON document\n"
    "  -o, --output FILE  to FILE and not to stdout\n"
    "  --color WHEN       auto (the default: on a terminal, unless NO_COLOR is set), always, never\n"
    "\n"
    "Exit status: 0; 1 where the program is no TLS client; 2 where there is no such program or process, or it cannot be read.\n"
    "\n"
    "  $ tlswhy client python3\n";

static bool check(const cli_options *options, error *e)
{
    if (options->rest[0] != NULL && options->rest[1] != NULL)
        return error_set(e, ERROR_USAGE, "client takes one program or process; for another, call it again");
    return true;
}

/* A number is a process, unless a file of that name is meant (./1234). 0: it is none. */
static int process_number(const char *word)
{
    char *end;
    long number = strtol(word, &end, 10);
    return word[0] >= '0' && word[0] <= '9' && *end == '\0' && number > 0 && number <= 1 << 30 ? (int)number : 0;
}

static int emit(const cli_options *options, const char *json, const char *text, cli_output *output)
{
    error e;
    if (cli_output_write(output, options->json ? json : text, &e))
        return 0;
    cli_complain(e.message);
    return EXIT_OURS;
}

static int tell_all(arena *a, const cli_options *options, cli_output *output)
{
    found_clients list = clients_find(a, NULL, NULL, LIST_TIME_MS);
    return emit(options, options->json ? clients_to_json(a, &list) : NULL,
                clients_to_text(a, &list, output->wants_color, output->columns), output);
}

static int tell_one(arena *a, const cli_options *options, cli_output *output)
{
    const char *word = options->rest[0];
    int pid = process_number(word);
    error e;
    const client_summary *p = pid != 0 ? summary_of_process(a, pid, &e) : summary_of_program(a, word, &e);
    if (p == NULL) {
        cli_complain(e.message);
        return EXIT_USAGE;
    }
    int exit_status = emit(options, options->json ? summary_to_json(a, p) : NULL,
                           summary_to_text(a, p, output->wants_color, output->columns), output);
    return exit_status == 0 && p->client->library.kind == LIBRARY_UNKNOWN ? EXIT_NO_CLIENT : exit_status;
}

static int tell(const cli_options *options, int *signal_number)
{
    (void)signal_number;
    arena *a = arena_new();
    cli_output output;
    error e;
    int exit_status = EXIT_OURS;
    if (!cli_output_open(options, stdout, "stdout", &output, &e))
        cli_complain(e.message);
    else
        exit_status = options->rest[0] == NULL ? tell_all(a, options, &output) : tell_one(a, options, &output);
    arena_free(a);
    return exit_status;
}

const cli_command cli_client = {.name = "client", .help = help_client, .takes = OPTIONS_OUTPUT, .check = check, .run = tell};
