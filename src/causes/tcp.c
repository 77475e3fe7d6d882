/* dns-failed, tcp-refused and tcp-timeout: there was no connection to begin with. */
#include "causes/cause.h"

#include <string.h>

static const remedy_row name_rows[] = {
    {REMEDY_CLIENT, NULL, "Check the spelling of the name.", NULL, LOWERS_NONE},
    {REMEDY_SYSTEM, NULL, "Ask the resolver yourself, and look which one is used.", "$ getent hosts {host}; cat /etc/resolv.conf",
     LOWERS_NONE},
};

static bool observe_no_name(const facts *f, verdict *v)
{
    if (f->evidence->tcp != TCP_NO_NAME)
        return false;
    v->proof = PROOF_OBSERVED;
    const char *said = f->evidence->resolver_said;
    v->headline = arena_printf(f->arena, "The name %s has no address%s%s.", f->evidence->host, said == NULL ? "" : ": ",
                               said == NULL ? "" : said);
    verdict_add_remedy_rows(f, v, name_rows, sizeof name_rows / sizeof *name_rows);
    return true;
}

static const remedy_row refused_rows[] = {
    {REMEDY_SERVER, NULL, "Start the service, or let it listen on that address and port.", "$ ss -ltn", LOWERS_NONE},
    {REMEDY_CLIENT, NULL, "Check the port, and whether the name leads to the right machine.", NULL, LOWERS_NONE},
};

/* ", the proxy that HTTPS_PROXY names", where it is one. */
static const char *as_proxy(const facts *f)
{
    const char *named_by = f->evidence->proxy_variable;
    return named_by == NULL ? "" : arena_printf(f->arena, ", the proxy that %s names", named_by);
}

static bool observe_refused(const facts *f, verdict *v)
{
    if (f->evidence->tcp != TCP_REFUSED)
        return false;
    v->proof = PROOF_OBSERVED;
    v->headline = arena_printf(f->arena, "Nothing listens on %s%s: the TCP connection is refused.", facts_target(f), as_proxy(f));
    verdict_add_remedy_rows(f, v, refused_rows, sizeof refused_rows / sizeof *refused_rows);
    return true;
}

static const remedy_row timeout_rows[] = {
    {REMEDY_SYSTEM, NULL, "Look at what filters on the way: firewall, security group, VPN, proxy that has to be used.", NULL,
     LOWERS_NONE},
    {REMEDY_CLIENT, NULL, "Check the address and the port.", NULL, LOWERS_NONE},
};

static bool observe_timeout(const facts *f, verdict *v)
{
    const evidence *e = f->evidence;
    if (e->tcp != TCP_TIMEOUT && e->tcp != TCP_UNREACHABLE && e->tcp != TCP_FAILED)
        return false;
    v->proof = PROOF_OBSERVED;
    if (e->tcp == TCP_TIMEOUT)
        v->headline = arena_printf(
            f->arena, "No answer from %s%s to the TCP connection in %.1f s: it is filtered on the way, or there is no such host.",
            facts_target(f), as_proxy(f), (double)e->tcp_waited_us / 1e6);
    else
        v->headline = arena_printf(f->arena, "%s%s cannot be reached: %s.", facts_target(f), as_proxy(f), strerror(e->tcp_errno));
    verdict_add_remedy_rows(f, v, timeout_rows, sizeof timeout_rows / sizeof *timeout_rows);
    return true;
}

const cause cause_dns_failed = {.id = "dns-failed", .where = WHERE_NETWORK, .observe = observe_no_name};
const cause cause_tcp_refused = {.id = "tcp-refused", .where = WHERE_SERVER, .observe = observe_refused};
const cause cause_tcp_timeout = {.id = "tcp-timeout", .where = WHERE_NETWORK, .observe = observe_timeout};
