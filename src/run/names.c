#include "run/names.h"

#include <string.h>
#include <strings.h>

static bool leads_to(const trace_lookup *k, const address *to)
{
    for (size_t i = 0; i < k->num_addresses; i++)
        if (address_same_host(&k->addresses[i], to))
            return true;
    return false;
}

const char *names_of_address(arena *a, name_list names, const address *to, int pid)
{
    const trace_lookup *best = NULL;
    for (size_t i = 0; i < names.num; i++) {
        const trace_lookup *k = &names.list[i];
        if (!leads_to(k, to))
            continue;
        bool is_own = k->pid == pid, best_is_own = best != NULL && best->pid == pid;
        if (best == NULL || (is_own && !best_is_own) || (is_own == best_is_own && k->answered_us > best->answered_us))
            best = k;
    }
    return best == NULL ? NULL : arena_printf(a, "%s", best->name);
}

/* "host" and "host.corp.example": a resolver tries the domains of its search list, before or after the name alone. */
static bool is_name_or_below_search_list(const char *name, const char *asked)
{
    size_t len = strlen(name);
    return strncasecmp(asked, name, len) == 0 && (asked[len] == '\0' || asked[len] == '.');
}

bool names_have(name_list names, const char *name)
{
    for (size_t i = 0; i < names.num; i++)
        if (is_name_or_below_search_list(name, names.list[i].name))
            return true;
    return false;
}

bool names_is_expansion(name_list names, const trace_lookup *k)
{
    for (size_t i = 0; i < names.num; i++)
        if (names.list[i].pid == k->pid && strlen(names.list[i].name) < strlen(k->name) &&
            is_name_or_below_search_list(names.list[i].name, k->name))
            return true;
    return false;
}

const trace_lookup *names_find_failed(name_list names, const char *name, int pid)
{
    const trace_lookup *failed = NULL;
    for (size_t i = 0; i < names.num; i++) {
        const trace_lookup *k = &names.list[i];
        if ((pid != 0 && k->pid != pid) || !is_name_or_below_search_list(name, k->name))
            continue;
        if (k->num_addresses > 0)
            return NULL;
        if (failed == NULL || strlen(k->name) < strlen(failed->name))
            failed = k;
    }
    return failed;
}

/* RFC 1035, 4.1.1: what a name server's code means, and what people call it. */
static const struct {
    enum dns_code code;
    const char *text;
} codes[] = {
    {DNS_FORMAT_ERROR, "did not understand the question (FORMERR)"},
    {DNS_SERVER_FAILURE, "could not find out (SERVFAIL)"},
    {DNS_NAME_ERROR, "knows no such name (NXDOMAIN)"},
    {DNS_NOT_IMPLEMENTED, "does not answer such questions (NOTIMP)"},
    {DNS_REFUSED, "refused to answer (REFUSED)"},
};

const char *names_failure_text(arena *a, const trace_lookup *failed)
{
    const char *server = address_to_text(a, &failed->server);
    if (failed->answered_us == 0 && failed->is_refused)
        return arena_printf(a, "no name server listens on %s", server);
    if (failed->answered_us == 0)
        return arena_printf(a, "the name server %s did not answer", server);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == failed->code)
            return arena_printf(a, "the name server %s %s", server, codes[i].text);
    if (failed->code == DNS_NO_ERROR)
        return arena_printf(a, "the name server %s knows the name, but no address of it", server);
    return arena_printf(a, "the name server %s failed with code %u", server, failed->code);
}
