#include "run/admission.h"

#include "causes/cause.h"
#include "crypto/key_share.h"
#include "diagnose/own_keys.h"
#include "registry/registry.h"
#include "wire/hello_edit.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum { RANDOM_LEN_MAX = 32, SESSION_ID_LEN_MAX = 32, ADDRESSES_MAX = 8 };
/* So long the client's own hello is waited for, where there is time: whoever answers later than that loses real clients too. */
#define ANSWER_US_MAX ((int64_t)15000000)
#define GRACE_US ((int64_t)10000) /* so that who was asked until the end of the time is told as silent, and not as not asked */
enum { EXTENSION_SERVER_NAME = 0, EXTENSION_PRE_SHARED_KEY = 41, EXTENSION_EARLY_DATA = 42, EXTENSION_COOKIE = 44 };

typedef struct asking {
    arena *arena;
    loop *loop;
    const admission_target *target;
    key_ring *keys;
    const preamble_script *script;
    int64_t deadline_us;   /* absolute, of all of it */
    const answer *answers; /* one for each address that was asked; NULL until they are there */
    prober *prober;
    size_t num_connections;
    bool is_decided;
} asking;

static bool make_key_share(void *user, arena *a, uint16_t group, bytes_view *out)
{
    return key_ring_share(user, a, group, out);
}

static const uint16_t bound_to_a_session[] = {EXTENSION_PRE_SHARED_KEY, EXTENSION_EARLY_DATA, EXTENSION_COOKIE};

static bool resumes(const client_hello *hello)
{
    for (size_t i = 0; i < sizeof bound_to_a_session / sizeof *bound_to_a_session; i++)
        if (client_hello_extension(hello, bound_to_a_session[i]) != NULL)
            return true;
    return false;
}

/* As the client would say it to this server, today. */
static client_hello hello_for(asking *k, const client_hello *hello)
{
    arena *a = k->arena;
    const char *name = k->target->server_name;
    uint8_t bytes[RANDOM_LEN_MAX + SESSION_ID_LEN_MAX];
    client_hello own, said = *hello;
    diagnosis_tools tools = {.random_bytes = crypto_random_bytes, .make_key_share = make_key_share, .user = k->keys};
    for (size_t i = 0; i < sizeof bound_to_a_session / sizeof *bound_to_a_session; i++)
        if (client_hello_extension(&said, bound_to_a_session[i]) != NULL)
            said = hello_without_extension(a, &said, bound_to_a_session[i]);
    if (client_hello_extension(&said, EXTENSION_SERVER_NAME) != NULL) /* a client that sends none sends none here either */
        said = hello_with_server_name(a, &said, bytes_from_text(name));
    crypto_random_bytes(NULL, bytes, sizeof bytes);
    bytes_view all = bytes_from(bytes, sizeof bytes);
    bytes_view random = bytes_copy(a, bytes_slice(all, 0, said.random.len));
    said = hello_with_random(a, &said, random, bytes_copy(a, bytes_slice(all, RANDOM_LEN_MAX, said.session_id.len)));
    said.trailing = bytes_from(NULL, 0);
    (void)hello_with_own_keys(a, &tools, &said, &own); /* where one cannot be made, the flight is not read; the answer still is */
    return own;
}

static void take_answers(void *user, const answer *answers, size_t num_answers)
{
    asking *k = user;
    (void)num_answers;
    k->answers = answers;
}

/* Where why it is refused is wanted too, half of the time is kept for that. */
static int64_t answer_timeout_us(const asking *k)
{
    int64_t left_us = k->deadline_us - loop_now_us(k->loop), half_us = left_us / 2;
    return k->target->only_asks ? left_us : half_us < ANSWER_US_MAX ? half_us : ANSWER_US_MAX;
}

static void moment_has_come(void *user)
{
    *(bool *)user = true;
}

/* Until that moment, or the end of the time. False where none is left. */
static bool wait_until(const asking *k, int64_t at_us)
{
    bool has_come = false;
    loop_timer *timer = loop_timer_start(k->loop, at_us < k->deadline_us ? at_us : k->deadline_us, moment_has_come, &has_come);
    while (!has_come && loop_run_once(k->loop))
        continue;
    loop_timer_stop(timer);
    return loop_now_us(k->loop) < k->deadline_us;
}

static void time_is_up(void *user)
{
    asking *k = user;
    prober_cut(k->prober);
}

/* The hello to each of so many addresses at the same time; false where they could not be asked. */
static bool ask_addresses(asking *k, const client_hello *hello, size_t num)
{
    question *questions = ARENA_ARRAY(k->arena, num, question);
    for (size_t i = 0; i < num; i++) {
        client_hello said = hello_for(k, hello);
        questions[i] = (question){.to = k->target->addresses[i],
                                  .script = *k->script,
                                  .hello = arena_copy(k->arena, &said, sizeof said),
                                  .depth = DEPTH_FINISH,
                                  .delay_us = (int64_t)i * k->target->gap_us,
                                  .keys = k->keys};
    }
    k->prober = prober_new(k->loop, &(probe_settings){.timeout_us = answer_timeout_us(k), .random_bytes = crypto_random_bytes});
    prober_ask(k->prober, k->arena, questions, num, take_answers, k);
    loop_timer *deadline = loop_timer_start(k->loop, k->deadline_us + GRACE_US, time_is_up, k);
    while (k->answers == NULL && loop_run_once(k->loop))
        continue;
    loop_timer_stop(deadline);
    k->num_connections = prober_num_connections(k->prober);
    prober_free(k->prober);
    return k->answers != NULL;
}

static void take_choice(admission *out, const answer *given)
{
    const conversation *c = given->conversation;
    if (c == NULL || !c->has_server_hello)
        return;
    out->version = c->server_hello.version;
    out->suite = c->server_hello.cipher_suite;
    out->group = c->server_hello.group != 0 ? c->server_hello.group : c->has_server_key_exchange ? c->server_key_exchange.group : 0;
    out->alpn = c->server_hello.alpn;
    if (given->flight == NULL)
        return;
    if (given->flight->alpn.len > 0)
        out->alpn = given->flight->alpn;
    out->wants_certificate = given->flight->has_certificate_request || c->has_certificate_request;
}

/* ---- why not ----------------------------------------------------------------------------------------------------- */

static enum tcp_outcome tcp_of(const answer *given)
{
    switch (given->kind == ANSWER_NOT_CONNECTED ? given->connect_errno : 0) {
    case 0:
        return TCP_CONNECTED;
    case ECONNREFUSED:
        return TCP_REFUSED;
    case ETIMEDOUT:
        return TCP_TIMEOUT;
    case ENETUNREACH:
    case EHOSTUNREACH:
        return TCP_UNREACHABLE;
    default:
        return TCP_FAILED;
    }
}

static evidence evidence_of(arena *a, const admission_target *t, const answer *given)
{
    evidence e = {.failed = given->conversation,
                  .tcp = tcp_of(given),
                  .tcp_errno = given->connect_errno,
                  .tcp_waited_us = given->total_us,
                  .host = t->host,
                  .host_from = HOST_FROM_ARGUMENT,
                  .host_is_address = t->host_is_address,
                  .port = t->port,
                  .now_unix = (int64_t)time(NULL),
                  .command_failed = true};
    e.num_addresses = t->num_addresses < ADDRESSES_MAX ? t->num_addresses : ADDRESSES_MAX;
    e.addresses = ARENA_ARRAY(a, e.num_addresses, const char *);
    for (size_t i = 0; i < e.num_addresses; i++)
        e.addresses[i] = address_to_text(a, &t->addresses[i]);
    e.names = ARENA_ARRAY(a, 2, const char *);
    if (!t->host_is_address)
        e.names[e.num_names++] = t->host;
    e.names[e.num_names++] = "server.invalid"; /* nobody's (RFC 6761): whether any name at all is enough */
    return e;
}

static void inquiry_decided(void *user, inquiry *i)
{
    asking *k = user;
    (void)i;
    k->is_decided = true;
}

/* Of those addresses of `t` that answered so; by then. */
static void find_out_why(asking *k, admission *out, const answer *given, const admission_target *t, int64_t deadline_us)
{
    out->evidence = evidence_of(k->arena, t, given);
    inquiry_target target = {.addresses = t->addresses,
                             .round_trip_us = given->connect_us,
                             .deadline_us = deadline_us,
                             .gap_us = t->gap_us * (int64_t)t->num_addresses, /* each has a gap of its own */
                             .script = k->script};
    k->is_decided = false;
    inquiry *i = inquiry_start(k->arena, k->loop, &out->evidence, &target, inquiry_decided, k);
    while (!k->is_decided && loop_run_once(k->loop))
        continue;
    out->verdict = inquiry_verdict(i);
    out->num_connections += inquiry_num_connections(i);
    inquiry_free(i);
}

/* Silence is a refusal only where the same server answers another hello: it may be slow, or answer nobody. */
static bool is_shown_by_silence_alone(const answer *given, const verdict *v)
{
    bool is_silent = given->kind == ANSWER_SILENCE || (given->kind == ANSWER_NOT_CONNECTED && given->connect_errno == ETIMEDOUT);
    bool is_told_apart = v != NULL && v->proof == PROOF_EXPERIMENT && strcmp(v->cause, cause_handshake_timeout.id) != 0;
    return is_silent && !is_told_apart;
}

/* After our Finished, in which a certificate may have been missed: in TLS 1.3 the server's own says nothing of that. */
static bool was_refused_later(const answer *given)
{
    const server_flight *f = given->flight;
    if (f == NULL || !f->sent_finished || !f->has_alert)
        return false;
    bool is_tls13 = given->conversation != NULL && given->conversation->server_hello.version >= VERSION_TLS13;
    return server_flight_was_refused(f) || (is_tls13 && f->has_certificate_request && f->num_tickets == 0);
}

/* What the answer alone tells. */
static admission read_answer(const client_hello *hello, const answer *given)
{
    admission out = {.left_out_resumption = resumes(hello), .is_silent = given->kind == ANSWER_SILENCE};
    out.is_admitted = (given->kind == ANSWER_ACCEPTED || given->kind == ANSWER_RETRY) && !was_refused_later(given);
    take_choice(&out, given);
    if (given->kind == ANSWER_FAILED)
        out.problem = given->problem != NULL ? given->problem : "it could not be asked";
    return out;
}

static bool needs_a_reason(const asking *k, const admission *out)
{
    return !out->is_admitted && out->problem == NULL && !k->target->only_asks;
}

static void explain(asking *k, admission *out, const answer *given, const admission_target *t, int64_t deadline_us)
{
    if (!wait_until(k, loop_now_us(k->loop) + t->gap_us)) {
        out->problem = given->kind == ANSWER_SILENCE ? "no answer came in time" : NULL;
        return;
    }
    find_out_why(k, out, given, t, deadline_us);
    if (is_shown_by_silence_alone(given, out->verdict))
        out->problem = arena_printf(k->arena, "no %s came in %.1f s", given->kind == ANSWER_SILENCE ? "answer" : "connection",
                                    (double)given->total_us / 1e6);
}

static asking asking_begin(arena *a, loop *l, const admission_target *target)
{
    preamble_script script = route_script(a, target->route, target->host, target->port);
    return (asking){.arena = a,
                    .loop = l,
                    .target = target,
                    .keys = key_ring_new(),
                    .script = arena_copy(a, &script, sizeof script),
                    .deadline_us = loop_now_us(l) + target->timeout_us};
}

admission admission_ask(arena *a, loop *l, const client_hello *hello, const admission_target *target)
{
    asking k = asking_begin(a, l, target);
    admission out = {.problem = "the event loop ended before the answer"};
    if (ask_addresses(&k, hello, 1)) {
        out = read_answer(hello, &k.answers[0]);
        out.num_connections = k.num_connections;
        if (needs_a_reason(&k, &out))
            explain(&k, &out, &k.answers[0], target, k.deadline_us);
    }
    key_ring_free(k.keys);
    return out;
}

/* ---- several addresses ------------------------------------------------------------------------------------------- */

static bool same_problem(const char *one, const char *other)
{
    return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

static bool are_alike(const answer *given, const answer *other, const admission *one, const admission *two)
{
    return given->kind == other->kind && given->alert.description == other->alert.description &&
           given->connect_errno == other->connect_errno && one->is_admitted == two->is_admitted && one->version == two->version &&
           one->suite == two->suite && one->group == two->group && bytes_equal(one->alpn, two->alpn) &&
           one->wants_certificate == two->wants_certificate && same_problem(one->problem, two->problem);
}

/* Addresses that answered alike. */
typedef struct address_group {
    admission admission;
    const answer *given;
    address *addresses;
    size_t num_addresses;
} address_group;

static void join(asking *k, address_group *groups, size_t *num_groups, const client_hello *hello, size_t index)
{
    const answer *given = &k->answers[index];
    admission came = read_answer(hello, given);
    size_t at = 0;
    while (at < *num_groups && !are_alike(given, groups[at].given, &came, &groups[at].admission))
        at++;
    address_group *g = &groups[at];
    if (at == *num_groups) {
        *g = (address_group){.admission = came, .given = given};
        g->addresses = ARENA_ARRAY(k->arena, k->target->num_addresses, address);
        ++*num_groups;
    }
    g->addresses[g->num_addresses++] = k->target->addresses[index];
}

/* A client goes on to the next address of the name where it gets no connection to one. */
static void pass_over(asking *k, address_group *g)
{
    g->admission.is_passed_over = true;
    g->admission.problem = arena_printf(k->arena, "no connection: %s", strerror(g->given->connect_errno));
}

static bool is_connected(const address_group *g)
{
    return g->given->kind != ANSWER_NOT_CONNECTED && g->given->kind != ANSWER_FAILED;
}

/* Those that are refused share the time that is left. */
static void explain_groups(asking *k, address_group *groups, size_t num_groups)
{
    size_t num_connected = 0, num_open = 0;
    for (size_t i = 0; i < num_groups; i++)
        num_connected += is_connected(&groups[i]);
    for (size_t i = 0; i < num_groups; i++) {
        if (groups[i].given->kind == ANSWER_NOT_CONNECTED && num_connected > 0)
            pass_over(k, &groups[i]);
        num_open += needs_a_reason(k, &groups[i].admission);
    }
    for (size_t i = 0; i < num_groups; i++) {
        address_group *g = &groups[i];
        if (!needs_a_reason(k, &g->admission))
            continue;
        int64_t now_us = loop_now_us(k->loop), share_us = (k->deadline_us - now_us) / (int64_t)num_open--;
        admission_target these = *k->target;
        these.addresses = g->addresses;
        these.num_addresses = g->num_addresses;
        explain(k, &g->admission, g->given, &these, now_us + share_us);
    }
}

size_t admissions_ask(arena *a, loop *l, const client_hello *hello, const admission_target *target, admission *out)
{
    asking k = asking_begin(a, l, target);
    size_t num_groups = 0;
    address_group *groups = ARENA_ARRAY(a, target->num_addresses, address_group);
    bool was_asked = wait_until(&k, target->begin_us) && ask_addresses(&k, hello, target->num_addresses);
    for (size_t i = 0; was_asked && i < target->num_addresses; i++)
        join(&k, groups, &num_groups, hello, i);
    explain_groups(&k, groups, num_groups);
    for (size_t i = 0; i < num_groups; i++) {
        out[i] = groups[i].admission;
        out[i].addresses = groups[i].addresses;
        out[i].num_addresses = groups[i].num_addresses;
    }
    if (!was_asked)
        out[num_groups++] = (admission){
            .problem = "time ran out before it was asked", .addresses = target->addresses, .num_addresses = target->num_addresses};
    out[0].num_connections += k.num_connections;
    key_ring_free(k.keys);
    return num_groups;
}

static const char **addresses_of(arena *a, const admission *came)
{
    const char **texts = ARENA_ARRAY(a, came->num_addresses, const char *);
    for (size_t i = 0; i < came->num_addresses; i++)
        texts[i] = address_to_text(a, &came->addresses[i]);
    return texts;
}

admission_told admission_tell(arena *a, const client_profile *p, const admission *came)
{
    return (admission_told){.client = p->name,
                            .addresses = addresses_of(a, came),
                            .num_addresses = came->num_addresses,
                            .is_passed_over = came->is_passed_over,
                            .what = p->what,
                            .is_admitted = came->is_admitted,
                            .wants_certificate = came->wants_certificate,
                            .left_out_resumption = came->left_out_resumption,
                            .version = came->version,
                            .suite = came->suite,
                            .group = came->group,
                            .alpn = came->alpn,
                            .problem = came->problem,
                            .verdict = came->verdict,
                            .num_connections = came->num_connections};
}
