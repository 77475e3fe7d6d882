#include "cli/admit.h"
#include "cli/output.h"

#include "net/loop.h"
#include "run/visit.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COMPARED_LEN_MAX ((size_t)16 * 1024 * 1024)
enum { PORT_DEFAULT = 443, LOOKUP_TIMEOUT_MS = 10000, LEFT_US_MIN = 1000, EXIT_EXPLAINED = 1, WIDE_COLUMNS = 132 };

static const char help_server[] =
    "tlswhy server [OPTION...] HOST[:PORT]\n"
    "\n"
    "What the server accepts, completely: versions, cipher suites and whose order counts, groups, signature schemes,\n"
    "protocols, certificates, names, sessions, habits; at each address of the host, with the differences. Whatever is refused\n"
    "is told with how it was refused, and what could not be found out is unknown, never no.\n"
    "\n"
    "  --suites           versions and cipher suites alone: fewer connections\n"
    "  --compare FILE     what changed since a report that was saved with --json; exit status 1 if anything did\n"
    "  --client CLIENT    not that, but whether this client would get in, and why not: a file with its hello (records, or "
    "base64),\n"
    "                     or a profile that comes with tlswhy (curl, python-3.6 ...); may be given again\n"
    "  --starttls PROTO   upgrade first: smtp, lmtp, imap, pop3, ftp, ldap, xmpp, xmpp-server, postgres, mysql, sieve, nntp,\n"
    "                     irc, rdp\n"
    "  --proxy URL        by http://, socks5:// or socks4://[USER:PASSWORD@]HOST[:PORT]\n"
    "  --proxy-protocol V begin with a PROXY header, v1 or v2, as a backend behind a load balancer wants it\n"
    "  --sni NAME         the server name to send; '' for none. The host, where it is a name\n"
    "  -4, --ipv4         IPv4 addresses only\n"
    "  -6, --ipv6         IPv6 addresses only\n"
    "  --resolve HOST:PORT:ADDRESS  instead of asking the resolver; may be given again\n"
    "  --rate N           begin at most N connections a second\n"
    "  --timeout SECONDS  for all of it; 60\n"
    "  --json             the report as one JSON document\n"
    "  -o, --output FILE  the report goes to FILE and not to stdout\n"
    "  --color WHEN       auto (the default: on a terminal, unless NO_COLOR is set), always, never\n"
    "\n"
    "At most 16 connections at once are made, over all addresses, fewer where the server begins to refuse them.\n"
    "Exit status: 0; 1 where there was no TLS to be had, --compare found a difference, or a client would not get in; 2 usage; 125 "
    "where tlswhy itself failed.\n"
    "\n"
    "  $ tlswhy server example.com\n";

static bool check(const cli_options *options, error *e)
{
    target t;
    arena *a = arena_new();
    bool fits = options->rest[0] != NULL && options->rest[1] == NULL;
    bool is_mixed = options->clients[0] != NULL && (options->suites_only || options->compare != NULL);
    if (is_mixed)
        (void)error_set(e, ERROR_USAGE, "--client asks whether a client gets in, and nothing else: it does not go with %s",
                        options->suites_only ? "--suites" : "--compare");
    else if (!fits)
        (void)error_set(e, ERROR_USAGE, "server wants one HOST[:PORT], as in: tlswhy server example.com");
    fits = fits && !is_mixed && target_parse(a, options->rest[0], PORT_DEFAULT, &options->network, &t, e);
    arena_free(a);
    return fits;
}

static bool read_file(arena *a, const char *path, const char **text, error *e)
{
    buffer all;
    char piece[65536];
    size_t len;
    buffer_init(&all, COMPARED_LEN_MAX);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_set_errno(e, "--compare: %s cannot be opened", path);
    bool fits = true;
    while (fits && (len = fread(piece, 1, sizeof piece, file)) > 0)
        fits = buffer_append(&all, piece, len);
    bool was_read = ferror(file) == 0;
    (void)fclose(file);
    *text = bytes_to_text(a, buffer_view(&all));
    buffer_free(&all);
    if (!was_read)
        return error_set(e, ERROR_SYSTEM, "--compare: %s cannot be read", path);
    return fits || error_set(e, ERROR_LIMIT, "--compare: %s is larger than any report", path);
}

/* Before anything is asked: a file that nothing can be held against is no use. */
static bool read_saved_report(arena *a, const char *path, const char **text, error *e)
{
    error wrong;
    if (!read_file(a, path, text, e))
        return false;
    return server_report_is_readable(*text, &wrong) || error_set(e, wrong.code, "--compare: %s is %s", path, wrong.message);
}

static bool compare(arena *a, const cli_options *options, const char *before, const char *now, server_comparison *out, error *e)
{
    error wrong;
    return server_report_compare(a, before, now, out, &wrong) ||
           error_set(e, wrong.code, "--compare: %s is %s", options->compare, wrong.message);
}

/* `before`: the report that was saved, as text; NULL: none. */
static bool emit(arena *a, const cli_options *options, const char *before, const server_report *r, bool *differs, error *e)
{
    cli_output output;
    server_comparison compared = {.document = options->json || before != NULL ? server_report_to_json(a, r) : NULL};
    if (before != NULL && !compare(a, options, before, compared.document, &compared, e))
        return false;
    *differs = compared.num_changes > 0;
    if (!cli_output_open(options, stdout, "stdout", &output, e))
        return false;
    bool is_wide = output.width >= WIDE_COLUMNS; /* so much that all names of a suite have room in a line */
    const char *text = options->json ? compared.document
                       : before != NULL
                           ? server_comparison_to_text(a, &compared)
                           : server_report_to_text(a, r, output.wants_color, is_wide ? WIDE_COLUMNS : output.columns, is_wide);
    return cli_output_write(&output, text, e);
}

static int failed(arena *a, const error *e, int exit_status)
{
    cli_complain(e->message);
    arena_free(a);
    return exit_status;
}

/* Within --timeout, of which `*left_us` is what remains: a little where nothing does, so that there is a report. */
static bool resolve(arena *a, const cli_options *options, target *t, int64_t *left_us, error *e)
{
    int64_t began_us = loop_now_us(NULL), timeout_ms = (options->timeout_us + 999) / 1000;
    int lookup_ms = timeout_ms < LOOKUP_TIMEOUT_MS ? (int)timeout_ms : LOOKUP_TIMEOUT_MS;
    bool is_resolved = target_resolve(a, t, &options->network, lookup_ms, e);
    *left_us = options->timeout_us - (loop_now_us(NULL) - began_us);
    *left_us = *left_us > LEFT_US_MIN ? *left_us : LEFT_US_MIN;
    return is_resolved;
}

static int survey_it(const cli_options *options, int *signal_number)
{
    (void)signal_number;
    arena *a = arena_new();
    error e = {.code = ERROR_NONE};
    target t;
    server_report r;
    const char *before = NULL;
    bool differs = false;
    int64_t left_us;
    if (!target_parse(a, options->rest[0], PORT_DEFAULT, &options->network, &t, &e))
        return failed(a, &e, EXIT_USAGE);
    if (options->compare != NULL && !read_saved_report(a, options->compare, &before, &e))
        return failed(a, &e, EXIT_USAGE);
    if (!resolve(a, options, &t, &left_us, &e))
        return failed(a, &e, EXIT_EXPLAINED);
    if (options->clients[0] != NULL) {
        int admitted = cli_admit(a, options, &t, left_us);
        arena_free(a);
        return admitted;
    }
    visit_settings settings = {
        .target = &t, .rate = options->network.rate, .timeout_us = left_us, .suites_only = options->suites_only};
    if (!visit_server(a, &settings, &r, &e) || !emit(a, options, before, &r, &differs, &e))
        return failed(a, &e, EXIT_OURS);
    int exit_status = differs || !server_report_has_tls(&r) ? EXIT_EXPLAINED : 0;
    arena_free(a);
    return exit_status;
}

const cli_command cli_server = {.name = "server",
                                .help = help_server,
                                .takes = OPTIONS_OUTPUT | OPTIONS_TIMEOUT | OPTIONS_NETWORK | OPTIONS_SERVER | OPTIONS_CLIENTS,
                                .check = check,
                                .run = survey_it};
