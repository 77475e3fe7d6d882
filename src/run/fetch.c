#include "run/fetch.h"

#include "crypto/issuer_file.h"
#include "flow/http_file.h"
#include "net/lookup.h"
#include "net/target.h"
#include "probe/attempt.h"

#include <errno.h>
#include <string.h>

enum { HTTP_PORT = 80 };

struct fetch {
    arena *arena;
    loop *loop;
    fetch_way way;
    fetch_callback *done;
    void *user;
    int64_t deadline_us;
    target to;
    question question;
    name_lookup *lookup;
    attempt *attempt;
    loop_timer *timer; /* the look-up's deadline, or what brings a failure at the start back into the loop */
    fetched got;
};

void fetch_cancel(fetch *f)
{
    if (f == NULL)
        return;
    name_lookup_cancel(f->lookup);
    if (f->attempt != NULL)
        attempt_cancel(f->attempt);
    loop_timer_stop(f->timer);
    f->lookup = NULL;
    f->attempt = NULL;
    f->timer = NULL;
}

static void finish(fetch *f)
{
    fetch_cancel(f);
    f->done(f->user, &f->got);
}

static void fail(fetch *f, const char *problem)
{
    f->got.problem = problem;
    finish(f);
}

/* ---- the answer -------------------------------------------------------------------------------------------------------- */

static const char *why_nothing_came(const fetch *f, const answer *got)
{
    switch (got->kind) {
    case ANSWER_NOT_CONNECTED:
        return arena_printf(f->arena, "no connection came about: %s", strerror(got->connect_errno));
    case ANSWER_PREAMBLE_REFUSED:
        return "the proxy did not lead there";
    case ANSWER_FAILED:
        return got->problem;
    default:
        return "no answer came";
    }
}

static void read_file(fetch *f, bytes_view said)
{
    http_file_answer answered = http_file_answer_read(f->arena, said);
    issuer_file file = issuer_file_read(f->arena, answered.body);
    f->got.certificates = file.certificates;
    f->got.num_certificates = file.num_certificates;
    f->got.form = file.form;
    if (answered.problem != NULL)
        f->got.problem = answered.problem;
    else if (file.num_certificates == 0)
        f->got.problem = "what is there is no certificate";
}

static void answered(void *user, const answer *got, bool was_answered)
{
    fetch *f = user;
    f->attempt = NULL;
    if (was_answered && got->said.len > 0)
        read_file(f, got->said);
    else
        f->got.problem = why_nothing_came(f, got);
    finish(f);
}

/* ---- the way there ------------------------------------------------------------------------------------------------------- */

static int64_t time_left_us(const fetch *f)
{
    int64_t left = f->deadline_us - loop_now_us(f->loop);
    return left > 0 ? left : 1;
}

static void ask(fetch *f, const address *to)
{
    f->question.to = *to;
    f->attempt = attempt_start(f->loop, f->arena, &f->question, time_left_us(f), answered, f);
}

static void found(void *user, enum lookup_result result, const address *addresses, size_t num_addresses, const char *said)
{
    fetch *f = user;
    f->lookup = NULL;
    loop_timer_stop(f->timer);
    f->timer = NULL;
    if (result != LOOKUP_FOUND || num_addresses == 0)
        fail(f, arena_printf(f->arena, "%s has no address: %s", f->to.host, said));
    else
        ask(f, &addresses[0]);
}

static void look_up_took_too_long(void *user)
{
    fail(user, "the resolver did not answer in time");
}

static void failed_at_start(void *user)
{
    finish(user);
}

/* From the loop: who started it must have its handle first. */
static void fail_later(fetch *f, const char *problem)
{
    f->got.problem = problem;
    f->timer = loop_timer_start(f->loop, loop_now_us(f->loop), failed_at_start, f);
}

/* The first proxy of the failed connection's way; PROTOCOL_UNKNOWN: it went straight. */
static enum protocol proxy_of(const fetch_way *way)
{
    const preamble *p = way->preamble;
    if (p == NULL)
        return PROTOCOL_UNKNOWN;
    for (size_t i = 0; i < p->num_tunnels; i++)
        if (protocol_is_proxy(p->tunnels[i].protocol))
            return p->tunnels[i].protocol;
    return protocol_is_proxy(p->protocol) ? p->protocol : PROTOCOL_UNKNOWN;
}

static const char *authority_of(const fetch *f)
{
    bool has_colon = strchr(f->to.host, ':') != NULL;
    return arena_printf(f->arena, has_colon ? "[%s]:%u" : "%s:%u", f->to.host, f->to.port);
}

static void begin(fetch *f)
{
    address itself;
    enum protocol proxy = proxy_of(&f->way);
    f->question.request = http_file_request(f->arena, f->got.uri, proxy == PROTOCOL_HTTP_CONNECT);
    if (proxy != PROTOCOL_UNKNOWN && proxy != PROTOCOL_HTTP_CONNECT)
        f->question.script = preamble_script_make(f->arena, proxy, authority_of(f), f->to.host);
    if (proxy != PROTOCOL_UNKNOWN) {
        ask(f, f->way.connected);
        return;
    }
    if (address_from_text(f->to.host, f->to.port, &itself)) {
        ask(f, &itself);
        return;
    }
    f->lookup = name_lookup_start(f->arena, f->loop, f->to.host, f->to.port, found, f);
    if (f->lookup == NULL)
        fail_later(f, "the resolver could not be asked");
    else
        f->timer = loop_timer_start(f->loop, f->deadline_us, look_up_took_too_long, f);
}

fetch *fetch_start(arena *a, loop *l, const char *uri, const fetch_way *way, fetch_callback *done, void *user)
{
    fetch *f = ARENA_NEW(a, fetch);
    error e;
    *f = (fetch){.arena = a, .loop = l, .way = *way, .done = done, .user = user, .got = {.uri = uri}};
    f->deadline_us = loop_now_us(l) + way->timeout_us;
    if (!http_file_can_be_asked(uri))
        fail_later(f, "it is no address of plain HTTP that can be asked for");
    else if (!target_parse(a, uri, HTTP_PORT, &(network_options){0}, &f->to, &e))
        fail_later(f, "it names no host that can be asked");
    else
        begin(f);
    return f;
}
