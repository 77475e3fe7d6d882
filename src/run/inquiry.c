#include "run/inquiry.h"

#include "crypto/key_share.h"
#include "run/fetch.h"

/* Silence is believed after a second, or eight round trips where they are longer. */
#define SILENCE_US ((int64_t)1000000)
#define ANSWER_US_MAX ((int64_t)10000000)
enum { SILENCE_ROUND_TRIPS = 8, PROBES_AT_ONCE_MAX = 16 };
#define FETCH_US ((int64_t)5000000)

struct inquiry {
    arena *arena;
    loop *loop;
    const evidence *given;
    inquiry_target target;
    inquiry_callback *decided;
    void *user;
    key_ring *keys;
    diagnosis_tools tools;
    prober *prober;
    fetch *fetch; /* NULL: none runs */
    diagnosis *diagnosis;
    verdict *verdict;
    loop_timer *deadline;
    int64_t began_us;
    bool is_decided;
};

static bool make_key_share(void *user, arena *a, uint16_t group, bytes_view *out)
{
    return key_ring_share(user, a, group, out);
}

/* A server that let the client wait may let us wait as long, and somewhat more. */
static int64_t silence_us(const inquiry *i)
{
    const conversation *failed = i->given->failed;
    int64_t round_trips = i->target.round_trip_us * SILENCE_ROUND_TRIPS;
    int64_t waited = failed == NULL ? 0 : 2 * conversation_answer_time_us(failed);
    int64_t longest = round_trips > waited ? round_trips : waited < ANSWER_US_MAX ? waited : ANSWER_US_MAX;
    int64_t least = i->target.silence_us > SILENCE_US ? i->target.silence_us : SILENCE_US;
    return (longest > least ? longest : least) + 2 * i->target.round_trip_us;
}

static preamble_script script_for(const inquiry *i, enum protocol wanted)
{
    const preamble none = {0};
    if (i->target.script != NULL && wanted == PROTOCOL_UNKNOWN)
        return *i->target.script;
    const preamble *own = i->given->failed == NULL ? &none : &i->given->failed->preamble;
    return preamble_script_again(i->arena, own, wanted, i->given->host);
}

static void keep_chunks(const inquiry *i, question *q)
{
    const conversation *failed = i->given->failed;
    size_t num = failed == NULL ? 0 : failed->num_client_chunks;
    size_t kept_max = sizeof failed->client_chunk_lens / sizeof *failed->client_chunk_lens;
    q->num_chunks = num < kept_max ? num : kept_max;
    q->chunk_lens = ARENA_ARRAY(i->arena, q->num_chunks, size_t);
    for (size_t k = 0; k < q->num_chunks; k++)
        q->chunk_lens[k] = failed->client_chunk_lens[k];
}

static question question_for(const inquiry *i, const wanted_probe *wanted)
{
    question q = {.to = i->target.addresses[wanted->address_index],
                  .script = script_for(i, wanted->preamble),
                  .hello = wanted->hello,
                  .delay_us = wanted->delay_us,
                  .timeout_us = silence_us(i),
                  .runs_alone = wanted->runs_alone,
                  .small_segments = wanted->small_segments,
                  .depth = wanted->depth,
                  .keys = i->keys};
    if (wanted->keeps_chunks)
        keep_chunks(i, &q);
    return q;
}

static void next_wave(inquiry *i);

static void finish(inquiry *i)
{
    loop_timer_stop(i->deadline);
    i->deadline = NULL;
    i->verdict = arena_copy(i->arena, diagnosis_verdict(i->diagnosis), sizeof *i->verdict);
    i->verdict->probing_us = loop_now_us(i->loop) - i->began_us;
    i->verdict->num_connections = prober_num_connections(i->prober);
    i->is_decided = true;
    i->decided(i->user, i);
}

static void wave_answered(void *user, const answer *answers, size_t num_answers)
{
    inquiry *i = user;
    if (i->is_decided)
        return;
    diagnosis_feed(i->diagnosis, answers, num_answers);
    next_wave(i);
}

static void file_came(void *user, const fetched *what)
{
    inquiry *i = user;
    i->fetch = NULL;
    if (i->is_decided)
        return;
    diagnosis_feed_fetched(i->diagnosis, what);
    next_wave(i);
}

static void fetch_file(inquiry *i, const char *uri)
{
    const conversation *failed = i->given->failed;
    fetch_way way = {
        .preamble = failed == NULL ? NULL : &failed->preamble, .connected = &i->target.addresses[0], .timeout_us = FETCH_US};
    i->fetch = fetch_start(i->arena, i->loop, uri, &way, file_came, i);
}

static void next_wave(inquiry *i)
{
    const wanted_probe *wanted;
    size_t num = diagnosis_next_wave(i->diagnosis, &wanted);
    if (num == 0 && diagnosis_wanted_file(i->diagnosis) != NULL) {
        fetch_file(i, diagnosis_wanted_file(i->diagnosis));
        return;
    }
    if (num == 0) {
        finish(i);
        return;
    }
    question *questions = ARENA_ARRAY(i->arena, num, question);
    for (size_t k = 0; k < num; k++)
        questions[k] = question_for(i, &wanted[k]);
    prober_ask(i->prober, i->arena, questions, num, wave_answered, i);
}

/* Out of time: what was seen so far is told, and no cause is named. */
static void deadline_passed(void *user)
{
    inquiry *i = user;
    loop_timer_stop(i->deadline);
    i->deadline = NULL;
    if (i->is_decided)
        return;
    i->verdict = ARENA_NEW(i->arena, verdict);
    i->verdict->cause = "unknown";
    i->verdict->where = WHERE_BOTH;
    i->verdict->headline = "Time ran out before the cause was found; --timeout gives it more.";
    i->verdict->num_connections = prober_num_connections(i->prober);
    i->verdict->probing_us = loop_now_us(i->loop) - i->began_us;
    i->is_decided = true;
    i->decided(i->user, i);
}

static void begin(void *user)
{
    inquiry *i = user;
    loop_timer_stop(i->deadline);
    i->deadline = loop_timer_start(i->loop, i->target.deadline_us, deadline_passed, i);
    next_wave(i);
}

inquiry *inquiry_start(arena *a, loop *l, const evidence *given, const inquiry_target *target, inquiry_callback *decided,
                       void *user)
{
    inquiry *i = ARENA_NEW(a, inquiry);
    *i = (inquiry){.arena = a, .loop = l, .given = given, .target = *target, .decided = decided, .user = user};
    i->began_us = loop_now_us(l);
    i->keys = key_ring_new();
    key_ring_log_to(i->keys, target->key_log, target->key_log_user);
    i->tools = (diagnosis_tools){.random_bytes = crypto_random_bytes, .make_key_share = make_key_share, .user = i->keys};
    i->diagnosis = diagnosis_new(a, given, &i->tools);
    i->prober = prober_new(l, &(probe_settings){.timeout_us = silence_us(i),
                                                .at_once_max = PROBES_AT_ONCE_MAX,
                                                .gap_us = target->gap_us,
                                                .random_bytes = crypto_random_bytes});
    /* From the loop, not from here: who starts it must have its handle before it may be decided. */
    i->deadline = loop_timer_start(l, i->began_us, begin, i);
    return i;
}

void inquiry_free(inquiry *i)
{
    if (i == NULL)
        return;
    i->is_decided = true;
    loop_timer_stop(i->deadline);
    fetch_cancel(i->fetch);
    i->fetch = NULL;
    prober_free(i->prober);
    i->prober = NULL;
    key_ring_free(i->keys);
    i->keys = NULL;
}

bool inquiry_is_decided(const inquiry *i)
{
    return i->is_decided;
}

const verdict *inquiry_verdict(const inquiry *i)
{
    return i->verdict;
}

size_t inquiry_num_connections(const inquiry *i)
{
    return prober_num_connections(i->prober);
}
