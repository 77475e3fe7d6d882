/* server-drops-all and handshake-timeout: every hello, also the most agreeable one, is dropped in the same way, or left without an
 * answer. */
#include "causes/cause.h"

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL,
     "Look at the server's log and at what stands before it: an access list, a rate limit, a load balancer without a living "
     "backend.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, NULL, "Try from another address: if it works there, this one is blocked.", NULL, LOWERS_NONE},
};

static void tell_drops(const facts *f, const change *c, verdict *v)
{
    (void)c;
    v->headline = arena_printf(f->arena,
                               "%s takes the TCP connection and then refuses every hello alike (%s), also the most agreeable one. "
                               "Nothing in the client's hello is at fault.",
                               facts_target(f), answer_text(f->arena, &f->control));
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

static void tell_timeout(const facts *f, const change *change_made, verdict *v)
{
    (void)change_made;
    const conversation *c = f->control.conversation;
    if (c != NULL && c->has_server_hello)
        v->headline =
            arena_printf(f->arena,
                         "%s begins to answer and then says nothing more: after %zu bytes its handshake stalls, each time, "
                         "also where it need send no large packets.",
                         facts_target(f), c->server_len);
    else
        v->headline = arena_printf(
            f->arena, "%s takes the TCP connection and never answers a hello, not even the most agreeable one.", facts_target(f));
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

const cause cause_server_drops_all = {.id = "server-drops-all", .where = WHERE_SERVER, .tell = tell_drops};
const cause cause_handshake_timeout = {.id = "handshake-timeout", .where = WHERE_SERVER, .tell = tell_timeout};
