#include "run/unconnected.h"

#include "diagnose/diagnosis.h"
#include "run/credentials.h"
#include "run/words.h"
#include <strings.h>

#define LOOKUP_TIMEOUT_MS 2000
#define PORT_ANY 443
enum { NAMES_MAX = 3 };
_Static_assert(2 * NAMES_MAX + 1 <= UNCONNECTED_MAX, "the report has room for all");

static void report_evidence(const unconnected *u, const evidence *e, const trace_lookup *by)
{
    const wanted_probe *none;
    diagnosis *d = diagnosis_new(u->arena, e, NULL);
    if (diagnosis_next_wave(d, &none) != 0)
        return;
    report_connection *c = &u->out->connections[u->out->num_connections++];
    *c = (report_connection){.evidence = e, .outcome = OUTCOME_FAILED, .verdict = diagnosis_verdict(d)};
    if (by != NULL)
        c->pid = by->pid;
    if (by != NULL && by->exe[0] != '\0')
        c->exe = arena_printf(u->arena, "%s", by->exe);
}

static void report_name(const unconnected *u, named_host host, enum host_source from, const char *said, const trace_lookup *by)
{
    evidence *e = ARENA_NEW(u->arena, evidence);
    *e = (evidence){.tcp = TCP_NO_NAME,
                    .resolver_said = said,
                    .host = host.host,
                    .host_from = from,
                    .port = host.port,
                    .command_failed = true,
                    .argv = (const char *const *)u->argv};
    report_evidence(u, e, by);
}

/* The command failed and connected nowhere: does a name of its arguments have no address? Those that it was seen to look up are not
 * asked again. */
static void look_up_names(const unconnected *u)
{
    named_host hosts[NAMES_MAX];
    name_list names;
    names.num = trace_lookups(u->trace, &names.list);
    size_t num = words_hosts(u->arena, (const char *const *)u->argv, hosts, NAMES_MAX);
    for (size_t i = 0; i < num; i++) {
        address *addresses;
        size_t num_addresses;
        const char *said;
        if (names_have(names, hosts[i].host) || address_lookup(u->arena, hosts[i].host, hosts[i].port, LOOKUP_TIMEOUT_MS,
                                                               &addresses, &num_addresses, &said) == LOOKUP_FOUND)
            continue;
        report_name(u, hosts[i], HOST_FROM_ARGUMENT, said, NULL);
    }
}

/* Whether the process connected anywhere after it had looked that name up: then it got on without. */
static bool went_on_after(const unconnected *u, const trace_lookup *k)
{
    int64_t last_us = k->answered_us > k->asked_us ? k->answered_us : k->asked_us;
    for (size_t i = 0; i < u->watched->num_items; i++) {
        const trace_connection *t = u->watched->items[i]->traced;
        if (t != NULL && t->pid == k->pid && t->began_us >= last_us)
            return true;
    }
    return false;
}

static bool any_failed(const unconnected *u)
{
    for (size_t i = 0; i < u->out->num_connections; i++)
        if (u->out->connections[i].outcome == OUTCOME_FAILED)
            return true;
    return false;
}

/* The name as the arguments have it, with their port. */
static bool find_among_arguments(const unconnected *u, const char *name, named_host *found)
{
    enum { HOSTS_MAX = 16 };
    named_host hosts[HOSTS_MAX];
    size_t num = words_hosts(u->arena, (const char *const *)u->argv, hosts, HOSTS_MAX);
    *found = (named_host){.host = name};
    for (size_t i = 0; i < num; i++)
        if (strcasecmp(hosts[i].host, name) == 0) {
            *found = hosts[i];
            return true;
        }
    return false;
}

/* What came of a name that it looked up in vain; NULL where it was not in vain. A resolver may have received an answer in a way
 * that is not seen: it is asked for once more, by us. */
static const char *said_of_name(const unconnected *u, const trace_lookup *k)
{
    address *addresses;
    size_t num_addresses;
    const char *said;
    if (k->answered_us != 0 || k->is_refused)
        return names_failure_text(u->arena, k);
    bool is_found =
        address_lookup(u->arena, k->name, PORT_ANY, LOOKUP_TIMEOUT_MS, &addresses, &num_addresses, &said) == LOOKUP_FOUND;
    return is_found ? NULL : said;
}

/* Names that the command was seen to look up in vain. One that is not named in its arguments counts only where nothing else failed:
 * a program may well ask for a name that it does not need. */
static void report_failed_names(const unconnected *u)
{
    name_list names;
    bool others_failed = any_failed(u);
    size_t num_told = 0;
    names.num = trace_lookups(u->trace, &names.list);
    for (size_t i = 0; i < names.num && num_told < NAMES_MAX; i++) {
        const trace_lookup *k = &names.list[i];
        named_host host;
        bool is_named = find_among_arguments(u, k->name, &host);
        /* With a domain of the search list it is told by its first name. */
        if (names_find_failed(names, k->name, k->pid) != k || names_is_expansion(names, k) || (others_failed && !is_named) ||
            went_on_after(u, k))
            continue;
        const char *said = said_of_name(u, k);
        if (said == NULL)
            continue;
        host.host = arena_printf(u->arena, "%s", host.host);
        report_name(u, host, is_named ? HOST_FROM_ARGUMENT : HOST_FROM_DNS, said, k);
        num_told++;
    }
}

/* It failed and connected nowhere, since its own certificate or key cannot be used. */
static void look_at_credentials(const unconnected *u)
{
    const char *const *argv = (const char *const *)u->argv;
    const unusable_credential *problem = credentials_problem(u->arena, argv);
    named_host host = {.host = NULL};
    if (problem == NULL)
        return;
    (void)words_endpoint(u->arena, argv, &host);
    evidence *e = ARENA_NEW(u->arena, evidence);
    *e = (evidence){.tcp = TCP_NOT_TRIED,
                    .host = host.host,
                    .host_from = host.host == NULL ? HOST_FROM_NOTHING : HOST_FROM_ARGUMENT,
                    .port = host.port,
                    .unusable = problem,
                    .command_failed = true,
                    .argv = argv};
    report_evidence(u, e, NULL);
}

/* Then names and files of the arguments mean something there, not here. */
static bool connects_elsewhere(const unconnected *u)
{
    const trace_unobserved *list;
    size_t num = trace_unobserved_list(u->trace, &list);
    for (size_t i = 0; i < num; i++)
        if (list[i].is_elsewhere)
            return true;
    return false;
}

void unconnected_report(const unconnected *u)
{
    report_failed_names(u);
    if (u->watched->num_items > 0 || connects_elsewhere(u))
        return;
    /* What it was seen to ask for in vain says enough: it need not have come to the others (those behind a proxy). */
    if (u->out->num_connections == 0)
        look_up_names(u);
    if (u->out->num_connections == 0)
        look_at_credentials(u);
}
