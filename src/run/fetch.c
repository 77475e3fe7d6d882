#include "run/fetch.h"

#include "crypto/issuer_file.h"
#include "flow/http_file.h"
#include "net/lookup.h"
#include "net/target.h"
#include "probe/attempt.h"

#include <errno.h>
#include <string.h>

enum { HTTP_PORT = 80, TIMES_LED_ON_MAX = 3 };

struct fetch {
    arena *arena;
    loop *loop;
    fetch_way way;
    fetch_callback *done;
    void *user;
    int64_t deadline_us;
    const char *asked; /* the address that is asked for now: uri, or what it led on to */
    int times_led_on;
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

static void read_file(fetch *f, const http_file_answer *got)
{
    http_file_answer answered = *got;
    issuer_file file = issuer_file_read(f->arena, answered.body);
    f->got.certificates = file.certificates;
    f->got.num_certificates = file.num_certificates;
    f->got.form = file.form;
    if (answered.problem != NULL)
        f->got.problem = answered.problem;
    else if (file.num_certificates == 0)
        f->got.problem = "what is there is no certificate";
}

static bool begin(fetch *f);

/* To where the answer leads on. A certificate fetched by HTTPS might need the very certificate that is missing. */
static void follow(fetch *f, const char *location)
{
    f->asked = http_file_led_on(f->arena, f->asked, location);
    if (f->asked == NULL)
        f->got.problem = "it leads on to what is no address of plain HTTP";
    else if (++f->times_led_on > TIMES_LED_ON_MAX)
        f->got.problem = "it leads on again and again";
    else if (begin(f))
        return;
    finish(f);
}

static void answered(void *user, const answer *got, bool was_answered)
{
    fetch *f = user;
    f->attempt = NULL;
    http_file_answer file = {0};
    if (was_answered && got->said.len > 0)
        file = http_file_answer_read(f->arena, got->said);
    else
        f->got.problem = why_nothing_came(f, got);
    if (file.location != NULL) {
        follow(f, file.location);
        return;
    }
    if (was_answered && got->said.len > 0)
        read_file(f, &file);
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

/* False where nothing was begun: then the problem is set. */
static bool begin(fetch *f)
{
    error e;
    address itself;
    enum protocol proxy = proxy_of(&f->way);
    if (!target_parse(f->arena, f->asked, HTTP_PORT, &(network_options){0}, &f->to, &e)) {
        f->got.problem = "it names no host that can be asked";
        return false;
    }
    f->question = (question){.request = http_file_request(f->arena, f->asked, proxy == PROTOCOL_HTTP_CONNECT)};
    if (proxy != PROTOCOL_UNKNOWN && proxy != PROTOCOL_HTTP_CONNECT)
        f->question.script = preamble_script_make(f->arena, proxy, authority_of(f), f->to.host);
    if (proxy != PROTOCOL_UNKNOWN) {
        ask(f, f->way.connected);
        return true;
    }
    if (address_from_text(f->to.host, f->to.port, &itself)) {
        ask(f, &itself);
        return true;
    }
    f->lookup = name_lookup_start(f->arena, f->loop, f->to.host, f->to.port, found, f);
    if (f->lookup == NULL)
        f->got.problem = "the resolver could not be asked";
    else
        f->timer = loop_timer_start(f->loop, f->deadline_us, look_up_took_too_long, f);
    return f->lookup != NULL;
}

static void failed_at_start(void *user)
{
    finish(user);
}

fetch *fetch_start(arena *a, loop *l, const char *uri, const fetch_way *way, fetch_callback *done, void *user)
{
    fetch *f = ARENA_NEW(a, fetch);
    *f = (fetch){.arena = a, .loop = l, .way = *way, .done = done, .user = user, .asked = uri, .got = {.uri = uri}};
    f->deadline_us = loop_now_us(l) + way->timeout_us;
    bool can_be = http_file_can_be_asked(uri);
    if (!can_be)
        f->got.problem = "it is no address of plain HTTP that can be asked for";
    if (!can_be || !begin(f)) /* from the loop: who started it must have its handle first */
        f->timer = loop_timer_start(l, loop_now_us(l), failed_at_start, f);
    return f;
}
