#include "server/server.h"

#include "registry/registry.h"
#include <string.h>

const char *known_name(enum known k)
{
    static const char *const names[] = {"unknown", "no", "yes"};
    return names[k];
}

const char *server_order_name(enum server_order order)
{
    static const char *const names[] = {"unknown", "server", "client", "mixed"};
    return names[order];
}

/* By the proxy, or by the server that was asked to upgrade. */
static const char *preamble_refusal_text(arena *a, const refusal *r)
{
    if (r->by_proxy && r->preamble_status == 0)
        return arena_printf(a, "refused by the proxy: %s", r->proxy_words);
    if (r->by_proxy)
        return arena_printf(a, "refused by the proxy: %d%s%s", r->preamble_status, r->proxy_words == NULL ? "" : ", ",
                            r->proxy_words == NULL ? "" : r->proxy_words);
    if (r->lacks_upgrade)
        return "the server does not offer to begin TLS";
    return r->preamble_line.len == 0 ? "refused before TLS began"
                                     : arena_printf(a, "refused before TLS began: %s", bytes_to_text(a, r->preamble_line));
}

const char *refusal_text(arena *a, const refusal *r)
{
    static const char *const texts[] = {
        [ANSWER_ACCEPTED] = "answered with something else",
        [ANSWER_RETRY] = "asked for another hello",
        [ANSWER_ENCRYPTED_ALERT] = "an alert under protection",
        [ANSWER_CLOSED] = "closed without an answer",
        [ANSWER_RESET] = "connection reset",
        [ANSWER_SILENCE] = "silence",
        [ANSWER_PLAIN] = "an answer that is not TLS",
        [ANSWER_MALFORMED] = "an answer that breaks the protocol",
        [ANSWER_NOT_CONNECTED] = "not connected",
        [ANSWER_PREAMBLE_REFUSED] = "refused before TLS began",
        [ANSWER_FAILED] = "could not be asked",
    };
    if (r->kind == ANSWER_ACCEPTED && r->problem != NULL)
        return r->problem;
    if (r->before_hello && r->kind != ANSWER_PREAMBLE_REFUSED)
        return arena_printf(a, "%s before TLS began", r->kind == ANSWER_CLOSED ? "closed" : texts[r->kind]);
    if (r->has_begun && (r->kind == ANSWER_SILENCE || r->kind == ANSWER_CLOSED || r->kind == ANSWER_RESET))
        return arena_printf(a, "%s after it had begun to answer", r->kind == ANSWER_CLOSED ? "closed" : texts[r->kind]);
    if (r->kind == ANSWER_PREAMBLE_REFUSED && r->problem == NULL)
        return preamble_refusal_text(a, r);
    if (r->kind == ANSWER_ALERT)
        return arena_printf(a, "alert %s", alert_name(a, r->alert));
    if (r->version != 0)
        return arena_printf(a, "answered with %s", version_name(a, r->version));
    if (r->kind == ANSWER_NOT_CONNECTED && r->connect_errno != 0)
        return arena_printf(a, "not connected: %s", strerror(r->connect_errno));
    return r->problem == NULL ? texts[r->kind] : arena_printf(a, "%s: %s", texts[r->kind], r->problem);
}

bool accepted_list_has_refusal(const accepted_list *list)
{
    const refusal *r = &list->refusal;
    return list->accepted == KNOWN_NO || r->kind != ANSWER_ACCEPTED || r->version != 0;
}

enum { ALERT_UNRECOGNIZED_NAME = 112 }; /* RFC 6066, 3 */

bool refusal_is_of_name(const refusal *r)
{
    return r->kind == ANSWER_ALERT && r->alert == ALERT_UNRECOGNIZED_NAME;
}

const refusal *server_refusal_of_name(const server *s)
{
    for (size_t i = 0; i < SERVER_VERSIONS_MAX; i++) {
        const accepted_list *suites = &s->versions[i].suites;
        if (suites->accepted == KNOWN_UNKNOWN && refusal_is_of_name(&suites->refusal))
            return &suites->refusal;
    }
    return NULL;
}

bool server_speaks_tls(const server *s)
{
    for (size_t i = 0; i < SERVER_VERSIONS_MAX; i++)
        if (s->versions[i].suites.accepted == KNOWN_YES)
            return true;
    return false;
}
