#include "run/admission.h"

#include "causes/cause.h"
#include "crypto/key_share.h"
#include "diagnose/own_keys.h"
#include "wire/hello_edit.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum { RANDOM_LEN_MAX = 32, SESSION_ID_LEN_MAX = 32, ADDRESSES_MAX = 8 };
/* So long the client's own hello is waited for, where there is time: whoever answers later than that loses real clients too. */
#define ANSWER_US_MAX ((int64_t)15000000)
enum { EXTENSION_SERVER_NAME = 0, EXTENSION_PRE_SHARED_KEY = 41, EXTENSION_EARLY_DATA = 42, EXTENSION_COOKIE = 44 };

typedef struct asking {
    arena *arena;
    loop *loop;
    const admission_target *target;
    key_ring *keys;
    int64_t deadline_us;  /* absolute, of all of it */
    const answer *answer; /* NULL until it is there */
    bool is_decided;
} asking;

static bool make_key_share(void *user, arena *a, uint16_t group, bytes_view *out)
{
    return key_ring_share(user, a, group, out);
}

/* As the client would say it to this server, today. */
static client_hello hello_for(asking *k, const client_hello *hello, admission *out)
{
    static const uint16_t bound_to_a_session[] = {EXTENSION_PRE_SHARED_KEY, EXTENSION_EARLY_DATA, EXTENSION_COOKIE};
    arena *a = k->arena;
    const char *name = k->target->server_name;
    uint8_t bytes[RANDOM_LEN_MAX + SESSION_ID_LEN_MAX];
    client_hello own, said = *hello;
    diagnosis_tools tools = {.random_bytes = crypto_random_bytes, .make_key_share = make_key_share, .user = k->keys};
    for (size_t i = 0; i < sizeof bound_to_a_session / sizeof *bound_to_a_session; i++)
        if (client_hello_extension(&said, bound_to_a_session[i]) != NULL) {
            said = hello_without_extension(a, &said, bound_to_a_session[i]);
            out->left_out_resumption = true;
        }
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

static void take_answer(void *user, const answer *answers, size_t num_answers)
{
    asking *k = user;
    if (num_answers > 0)
        k->answer = &answers[0];
}

static void run_until_answered(asking *k)
{
    while (k->answer == NULL && loop_run_once(k->loop))
        continue;
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

static const answer *ask_once(asking *k, const client_hello *hello, preamble_script script, size_t *num_connections)
{
    const int64_t timeout_us = answer_timeout_us(k);
    prober *p = prober_new(k->loop, &(probe_settings){.timeout_us = timeout_us, .random_bytes = crypto_random_bytes});
    question q = {.to = k->target->addresses[0], .script = script, .hello = hello, .depth = DEPTH_FINISH, .keys = k->keys};
    prober_ask(p, k->arena, &q, 1, take_answer, k);
    run_until_answered(k);
    *num_connections = prober_num_connections(p);
    prober_free(p);
    return k->answer;
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

static void find_out_why(asking *k, admission *out, const answer *given, const preamble_script *script)
{
    out->evidence = evidence_of(k->arena, k->target, given);
    inquiry_target target = {.addresses = k->target->addresses,
                             .round_trip_us = given->connect_us,
                             .deadline_us = k->deadline_us,
                             .gap_us = k->target->gap_us,
                             .script = script};
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

static void judge(asking *k, admission *out, const answer *given, const preamble_script *script)
{
    bool refused_later = given->flight != NULL && given->flight->sent_finished && given->flight->has_alert;
    out->is_admitted = (given->kind == ANSWER_ACCEPTED || given->kind == ANSWER_RETRY) && !refused_later;
    take_choice(out, given);
    out->is_silent = given->kind == ANSWER_SILENCE;
    if (out->is_admitted || k->target->only_asks)
        return;
    (void)wait_until(k, loop_now_us(k->loop) + k->target->gap_us);
    find_out_why(k, out, given, script);
    if (is_shown_by_silence_alone(given, out->verdict))
        out->problem = arena_printf(k->arena, "no %s came in %.1f s", given->kind == ANSWER_SILENCE ? "answer" : "connection",
                                    (double)given->total_us / 1e6);
}

admission admission_ask(arena *a, loop *l, const client_hello *hello, const admission_target *target)
{
    admission out = {0};
    asking k = {
        .arena = a, .loop = l, .target = target, .keys = key_ring_new(), .deadline_us = loop_now_us(l) + target->timeout_us};
    client_hello *said = arena_copy(a, hello, sizeof *hello);
    preamble_script *script = ARENA_NEW(a, preamble_script);
    *said = hello_for(&k, hello, &out);
    *script = route_script(a, target->route, target->host, target->port);
    bool has_time = wait_until(&k, target->begin_us);
    const answer *given = has_time ? ask_once(&k, said, *script, &out.num_connections) : NULL;
    if (!has_time)
        out.problem = "time ran out before it was asked";
    else if (given == NULL || given->kind == ANSWER_FAILED)
        out.problem = given == NULL ? "the event loop ended before the answer" : given->problem;
    else
        judge(&k, &out, given, script);
    key_ring_free(k.keys);
    return out;
}

admission_told admission_tell(const client_profile *p, const admission *came)
{
    return (admission_told){.client = p->name,
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
