#include "cli/output.h"

#include "client/recipe.h"
#include "net/target.h"
#include "run/check.h"
#include <stdio.h>

enum { PORT_DEFAULT = 443, EXIT_SOME_FAIL = 1, LOOKUP_TIMEOUT_MS = 5000 };

static const char help_check[] =
    "tlswhy check [OPTION...] HOST[:PORT]        or in short: tlswhy HOST[:PORT]\n"
    "\n"
    "Tries every TLS client of this machine against that server, as it is by default, and says for each whether it works (the\n"
    "version and the suite) or why not. Interpreters are started with a line of ours that asks for a page; each is watched as by\n"
    "tlswhy run, and verification of certificates stays on. Of a Python that fails, or was chosen, also what people try in code:\n"
    "the default context, PROTOCOL_TLSv1 and its kind, TLS 1.3 alone; and which of those constants it has at all.\n"
    "\n"
    "  --client CLIENT    only this one, by its name or its file; may be given again\n"
    "  --starttls PROTOCOL\n"
    "                     STARTTLS first, which is said on each client's connection before its own bytes: smtp, imap, pop3 ...\n"
    "  --proxy URL        through http://HOST:PORT or socks5://HOST:PORT, in the same way\n"
    "  --proxy-protocol V a PROXY header first, v1 or v2\n"
    "  --sni NAME         the clients ask for NAME, at HOST's address\n"
    "  -4, --ipv4         only over IPv4\n"
    "  -6, --ipv6         only over IPv6\n"
    "  --resolve HOST:PORT:ADDRESS\n"
    "                     that address, to which each client's connection is led; one that has to look the name up, and finds\n"
    "                     none, is not tried then\n"
    "  --rate N           begin at most N connections a second, the clients one after the other\n"
    "  --fetch            as of tlswhy run: fetches a certificate that the server leaves out\n"
    "  --json             the report as one JSON document\n"
    "  -o, --output FILE  the report goes to FILE and not to stdout\n"
    "  --color WHEN       auto (the default: on a terminal, unless NO_COLOR is set), always, never\n"
    "  --timeout SECONDS  for the experiments on each client that fails; 60\n"
    "\n"
    "Exit status: 0 where all work; 1 where one does not, or none was found; 2 for wrong usage; 125 where tlswhy itself failed.\n"
    "\n"
    "  $ tlswhy check --client python3 --client curl example.com:8443\n";

static bool check(const cli_options *options, error *e)
{
    if (options->rest[0] == NULL)
        return error_set(e, ERROR_USAGE, "check wants a server, as in: tlswhy check example.com:443");
    if (options->rest[1] != NULL)
        return error_set(e, ERROR_USAGE, "%s: check takes one server", options->rest[1]);
    if (options->key_log != NULL)
        return error_set(e, ERROR_USAGE, "--keylog: check writes no keys; tlswhy run -- COMMAND does");
    return true;
}

/* The clients are led only where the user said something of the way. */
static bool read_target(arena *a, const cli_options *options, target *to, check_settings *settings, error *e)
{
    const network_options *n = &options->network;
    if (!target_parse(a, options->rest[0], PORT_DEFAULT, n, to, e))
        return false;
    if (!recipe_is_host(to->host))
        return error_set(e, ERROR_USAGE, "%s: a host name or an address is wanted, as in example.com:443", options->rest[0]);
    if (n->server_name != NULL && !recipe_is_host(n->server_name))
        return error_set(e, ERROR_USAGE, "--sni %s: a host name is wanted, which the clients ask for", n->server_name);
    settings->target = to;
    settings->rate = n->rate;
    settings->is_led = n->family != AF_UNSPEC || n->num_resolve > 0 || n->server_name != NULL || n->proxy != NULL ||
                       n->proxy_header != NULL || n->starttls != NULL;
    return !settings->is_led || target_resolve(a, to, n, LOOKUP_TIMEOUT_MS, e);
}

static bool emit(arena *a, const cli_options *options, const check_report *r, error *e)
{
    cli_output output;
    if (!cli_output_open(options, stdout, "stdout", &output, e))
        return false;
    return cli_output_write(&output, options->json ? check_to_json(a, r) : check_to_text(a, r, output.wants_color, output.columns),
                            e);
}

static int try_clients(const cli_options *options, int *signal_number)
{
    arena *a = arena_new();
    error e = {.code = ERROR_NONE};
    check_report r;
    target to;
    check_settings settings = {.timeout_us = options->timeout_us,
                               .may_fetch = options->may_fetch,
                               .clients = options->clients[0] == NULL ? NULL : options->clients};
    int exit_status = EXIT_USAGE;
    (void)signal_number;
    if (!read_target(a, options, &to, &settings, &e)) {
        cli_complain(e.message);
        exit_status = e.code == ERROR_USAGE ? EXIT_USAGE : EXIT_SOME_FAIL;
    } else if (!check_clients(a, &settings, &r, &e)) {
        cli_complain(e.message);
        exit_status = e.code == ERROR_NOT_FOUND ? EXIT_SOME_FAIL : EXIT_OURS;
    } else if (!emit(a, options, &r, &e)) {
        cli_complain(e.message);
        exit_status = EXIT_OURS;
    } else {
        exit_status = check_all_work(&r) ? 0 : EXIT_SOME_FAIL;
    }
    arena_free(a);
    return exit_status;
}

const cli_command cli_check = {.name = "check",
                               .help = help_check,
                               .takes = OPTIONS_OUTPUT | OPTIONS_PROBES | OPTIONS_FETCH | OPTIONS_NETWORK | OPTIONS_CLIENTS,
                               .check = check,
                               .run = try_clients};
