#include "run/visit.h"

#include "client/trust_store.h"
#include "crypto/key_share.h"
#include "server/survey.h"
#include <pthread.h>
#include <signal.h>
#include <time.h>

/* So long a probe waits; a server over a long way has answered by then. Whether silence is believed, the survey decides. */
#define SILENCE_US ((int64_t)3000000)
enum { AT_ONCE_MAX = 16, FIRST_PIECE_LEN = 50 };

/* The system's roots are read beside the probes: that takes as long as a few of them. */
typedef struct store_reader {
    arena *arena; /* its own: the probes use the other */
    const trust_store *store;
    pthread_t thread;
    bool is_running;
} store_reader;

/* One address. */
typedef struct visit {
    arena *arena;
    loop *loop;
    const address *to;
    preamble_script script; /* before each hello */
    key_ring *keys;
    diagnosis_tools tools;
    prober *prober;
    survey *survey;
    bool is_late;
    size_t *num_running;
} visit;

static bool make_key_share(void *user, arena *a, uint16_t group, bytes_view *out)
{
    return key_ring_share(user, a, group, out);
}

static void *read_store(void *argument)
{
    store_reader *r = argument;
    r->store = trust_store_find(r->arena, NULL);
    return NULL;
}

/* No signal is meant for it. */
static void store_reader_start(store_reader *r)
{
    sigset_t all, before;
    *r = (store_reader){.arena = arena_new()};
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    r->is_running = pthread_create(&r->thread, NULL, read_store, r) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static const trust_store *store_reader_wait(store_reader *r)
{
    if (r->is_running)
        (void)pthread_join(r->thread, NULL);
    else
        (void)read_store(r);
    return r->store;
}

static void next_wave(visit *v);

static void wave_answered(void *user, const answer *answers, size_t num_answers)
{
    visit *v = user;
    survey_feed(v->survey, answers, num_answers);
    if (!v->is_late)
        next_wave(v);
}

static question question_for(const visit *v, const survey_probe *wanted)
{
    question q = {.to = *v->to,
                  .hello = wanted->hello,
                  .depth = wanted->depth,
                  .keys = v->keys,
                  .stays_at_retry = wanted->stays_at_retry,
                  .runs_alone = wanted->runs_alone,
                  .at_once_max = wanted->at_once_max,
                  .timeout_us = wanted->timeout_us,
                  .delay_us = wanted->delay_us,
                  .script = v->script};
    if (wanted->in_pieces) {
        q.chunk_lens = ARENA_ARRAY(v->arena, 2, size_t);
        q.chunk_lens[0] = q.chunk_lens[1] = FIRST_PIECE_LEN;
        q.num_chunks = 2;
    }
    return q;
}

static void next_wave(visit *v)
{
    const survey_probe *wanted;
    size_t num = survey_next_wave(v->survey, &wanted);
    if (num == 0) {
        --*v->num_running;
        return;
    }
    question *questions = ARENA_ARRAY(v->arena, num, question);
    for (size_t i = 0; i < num; i++)
        questions[i] = question_for(v, &wanted[i]);
    prober_ask(v->prober, v->arena, questions, num, wave_answered, v);
}

static void begin(visit *v, const visit_settings *settings)
{
    const target *t = settings->target;
    double rate = settings->rate / (double)t->num_addresses;
    size_t at_once_max = AT_ONCE_MAX / t->num_addresses; /* they may all be one machine */
    v->keys = key_ring_new();
    v->tools = (diagnosis_tools){.random_bytes = crypto_random_bytes, .make_key_share = make_key_share, .user = v->keys};
    v->survey = survey_new(v->arena,
                           &(survey_settings){.server_name = bytes_from_text(t->server_name), .suites_only = settings->suites_only},
                           &v->tools);
    v->prober = prober_new(v->loop, &(probe_settings){.timeout_us = SILENCE_US,
                                                      .at_once_max = at_once_max > 0 ? at_once_max : 1,
                                                      .gap_us = settings->rate > 0 ? (int64_t)(1e6 / rate) : 0,
                                                      .random_bytes = crypto_random_bytes});
    next_wave(v);
}

static void deadline_passed(void *user)
{
    *(bool *)user = true;
}

/* Until all are over, or the time is. */
static bool wait_for_all(loop *l, int64_t deadline_us, const size_t *num_running)
{
    bool is_late = false;
    loop_timer *deadline = loop_timer_start(l, deadline_us, deadline_passed, &is_late);
    while (*num_running > 0 && !is_late && loop_run_once(l))
        continue;
    loop_timer_stop(deadline);
    return *num_running > 0;
}

static const trust_judgement *judge(arena *a, const trust_store *store, const server_chain *chain, const server_report *r)
{
    trust_flight flight = {.certificates = chain->certificates, .num_certificates = chain->num_certificates};
    const char *host = r->server_name != NULL ? r->server_name : r->host;
    return trust_store_judge_alone(a, store, &flight, host, r->started_unix);
}

static const char *limit_of(const visit *v)
{
    enum prober_limit limit = prober_limit_of(v->prober, v->to);
    if (limit == PROBER_WITH_PAUSES)
        return "It did not answer all that was asked in a short time, and was asked with pauses.";
    if (limit == PROBER_ONE_AT_A_TIME)
        return "It did not answer all that was asked at once, and was asked one at a time.";
    if (survey_asks_slowly(v->survey))
        return "It refused what was asked in a short time, and was asked with pauses.";
    return survey_asks_few_at_once(v->survey) ? "It left unanswered what was asked beside others, and was asked two at once."
                                              : NULL;
}

static void tell(arena *a, visit *v, const trust_store *store, bool is_late, server_report *r, server_at *out)
{
    v->is_late = is_late;
    prober_cut(v->prober);
    server *known = arena_copy(a, survey_server(v->survey), sizeof *known);
    known->ran_out_of_time = is_late;
    known->limit = limit_of(v);
    *out = (server_at){.address = address_to_text(a, v->to), .server = known};
    for (size_t i = 0; i < known->num_chains; i++)
        out->judgements[i] = judge(a, store, &known->chains[i], r);
    r->num_connections += prober_num_connections(v->prober);
}

bool visit_server(arena *a, const visit_settings *settings, server_report *out, error *e)
{
    const target *t = settings->target;
    loop *l = loop_new(e);
    if (l == NULL)
        return false;
    int64_t began_us = loop_now_us(l);
    store_reader roots = {0};
    if (!settings->suites_only)
        store_reader_start(&roots);
    size_t num_running = t->num_addresses;
    visit *visits = ARENA_ARRAY(a, t->num_addresses, visit);
    *out = (server_report){.host = t->host,
                           .port = t->port,
                           .server_name = t->server_name,
                           .proxy = route_proxy_text(a, &t->route),
                           .started_unix = time(NULL)};
    for (size_t i = 0; i < t->num_addresses; i++) {
        visits[i] = (visit){.arena = a,
                            .loop = l,
                            .to = &t->addresses[i],
                            .script = route_script(a, &t->route, t->host, t->port),
                            .num_running = &num_running};
        begin(&visits[i], settings);
    }
    bool is_late = wait_for_all(l, began_us + settings->timeout_us, &num_running);
    out->probing_us = loop_now_us(l) - began_us;
    const trust_store *store = settings->suites_only ? NULL : store_reader_wait(&roots);
    out->addresses = ARENA_ARRAY(a, t->num_addresses, server_at);
    out->num_addresses = t->num_addresses;
    for (size_t i = 0; i < t->num_addresses; i++) {
        tell(a, &visits[i], store, is_late, out, &out->addresses[i]);
        prober_free(visits[i].prober);
        key_ring_free(visits[i].keys);
    }
    arena_free(roots.arena);
    loop_free(l);
    return true;
}
