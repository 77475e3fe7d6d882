/* Waves: which hello is asked where, how often, and whether its silence may be believed. */
#include "diagnose/engine.h"
#include "registry/registry.h"

enum { RANDOM_LEN_MAX = 32, SESSION_ID_LEN_MAX = 32 };

void trial_plan(trial *t, const client_hello *hello)
{
    *t = (trial){.planned = true, .hello = *hello};
    t->last_failure.kind = ANSWER_ACCEPTED;
}

bool trial_plan_changes(diagnosis *d, trial *t, const change_set *set)
{
    client_hello changed;
    if (!change_set_apply(d->arena, d->tools, &d->replayed, set, &changed))
        return false;
    trial_plan(t, &changed);
    t->keeps_chunks = true;
    for (size_t i = 0; i < set->num_changes; i++)
        if (set->changes[i].kind == CHANGE_ONE_RECORD)
            t->keeps_chunks = false;
    return true;
}

bool trial_works(const trial *t)
{
    return t->asked > 0 && 2 * t->accepted > t->asked;
}

size_t trial_message_len(diagnosis *d, const trial *t)
{
    return hello_message_len(d->arena, &t->hello);
}

/* Fresh randoms each time; a hello that is kept verbatim cannot be touched without being mended, and one that a pre-shared key is
 * bound to (RFC 8446, 4.2.11.2) not without being broken. */
static client_hello with_fresh_random(diagnosis *d, const client_hello *hello, bool is_binding)
{
    if (hello->verbatim.len > 0 || is_binding)
        return *hello;
    uint8_t bytes[RANDOM_LEN_MAX + SESSION_ID_LEN_MAX];
    d->tools->random_bytes(d->tools->user, bytes, sizeof bytes);
    bytes_view all = bytes_from(bytes, sizeof bytes);
    bytes_view random = bytes_copy(d->arena, bytes_slice(all, 0, hello->random.len));
    bytes_view session_id = bytes_copy(d->arena, bytes_slice(all, RANDOM_LEN_MAX, hello->session_id.len));
    return hello_with_random(d->arena, hello, random, session_id);
}

bool can_spend(const diagnosis *d, size_t more)
{
    bool is_last = d->stage == STAGE_CONFIRM || d->stage == STAGE_CONFIRM_DROPS;
    size_t proof = is_last ? 0 : PROOF_CONNECTIONS;
    return d->num_connections + d->num_askings + more + proof <= CONNECTIONS_WANTED_MAX;
}

void ask(diagnosis *d, trial *t, size_t times, size_t address_index)
{
    bool is_proof = d->stage == STAGE_CONFIRM || d->stage == STAGE_CONFIRM_DROPS || d->stage == STAGE_AGAIN;
    times *= is_proof ? 1 : d->repeats;
    for (size_t i = 0; i < times && t->planned && d->num_askings < WAVE_LEN_MAX; i++)
        d->wave[d->num_askings++] =
            (asking){.of = t, .address_index = address_index, .hello = with_fresh_random(d, &t->hello, t->is_binding)};
}

static wanted_probe probe_of(const diagnosis *d, const asking *a, size_t place)
{
    const trial *t = a->of;
    return (wanted_probe){.hello = t->listens_only ? NULL : &a->hello,
                          .address_index = a->address_index,
                          .preamble = t->preamble,
                          .keeps_chunks = t->keeps_chunks,
                          .depth = t->depth,
                          .small_segments = t->small_segments,
                          .delay_us = (int64_t)place * (d->stage == STAGE_CONFIRM ? STAGGER_US : STAGGER_US / 10),
                          .runs_alone = d->asking_alone || d->is_serial,
                          .waits_long = true};
}

size_t wave_hand_out(diagnosis *d, const wanted_probe **probes)
{
    size_t num = d->asking_alone ? d->num_alone : d->num_askings;
    for (size_t i = 0; i < num; i++)
        d->probes[i] = probe_of(d, &d->wave[d->asking_alone ? d->alone[i] : i], i);
    *probes = d->probes;
    d->num_connections += num;
    d->num_waves++;
    return num;
}

static bool is_silent(const asking *a)
{
    return a->got.kind == ANSWER_SILENCE && !a->was_alone;
}

/* A server that answered one that was asked later than a silent one does not make them wait for each other. */
static bool server_took_several(const diagnosis *d)
{
    bool silent_before = false;
    for (size_t i = 0; i < d->num_askings; i++) {
        if (is_silent(&d->wave[i]))
            silent_before = true;
        else if (silent_before && d->wave[i].got.kind != ANSWER_SILENCE)
            return true;
    }
    return false;
}

/* Those two of our own that a server is most likely to know: one of today's, and one that no server is too old for. */
static bool is_likely_to_be_known(const diagnosis *d, const asking *a)
{
    for (size_t i = 0; i < NUM_TRIED_VERSIONS; i++)
        if (a->of == &d->versions[i])
            return tried_versions[i] == VERSION_TLS12 || tried_versions[i] == VERSION_TLS10;
    return false;
}

static void doubt_two_of_all(diagnosis *d)
{
    for (size_t i = 1; i < d->num_askings && d->num_alone < 2; i++)
        if (is_likely_to_be_known(d, &d->wave[i]))
            d->alone[d->num_alone++] = i;
    for (size_t i = 1; i < d->num_askings && d->num_alone < 2; i++)
        if (d->num_alone == 0 || d->alone[0] != i)
            d->alone[d->num_alone++] = i;
}

/* Where every one was silent, two of them alone decide for all: the agreeable ones stand behind the control. */
static void doubt_silence(diagnosis *d)
{
    d->num_alone = 0;
    d->takes_several = d->takes_several || (!d->is_serial && server_took_several(d));
    if (d->num_askings < 2 || d->takes_several)
        return;
    bool all_silent = true;
    for (size_t i = 0; i < d->num_askings; i++)
        all_silent = all_silent && is_silent(&d->wave[i]);
    if (all_silent)
        doubt_two_of_all(d);
    for (size_t i = 0; i < d->num_askings && !all_silent; i++)
        if (is_silent(&d->wave[i]))
            d->alone[d->num_alone++] = i;
}

/* One of them answered when it was alone: the server takes one at a time, and none of the others' silence counts. */
static void doubt_the_rest(diagnosis *d)
{
    bool any_answered = false;
    for (size_t i = 0; i < d->num_alone; i++)
        any_answered = any_answered || d->wave[d->alone[i]].got.kind != ANSWER_SILENCE;
    d->num_alone = 0;
    if (!any_answered)
        return;
    d->is_serial = true;
    for (size_t i = 0; i < d->num_askings; i++)
        if (is_silent(&d->wave[i]))
            d->alone[d->num_alone++] = i;
}

static void count_answer(diagnosis *d, asking *a)
{
    trial *t = a->of;
    bytes_view flight;
    if (client_hello_write(d->arena, &a->hello, &flight, NULL))
        t->last_bytes = flight;
    /* Another address may well be another server; and the proof counts for itself. */
    bool same_server = a->address_index == 0 && d->stage != STAGE_CONFIRM;
    if (same_server && t->asked > 0 && (t->accepted > 0) != answer_accepts(&a->got))
        d->is_fickle = true;
    t->asked++;
    t->last = a->got;
    if (answer_accepts(&a->got)) {
        t->accepted++;
        t->last_accepted = a->got;
    } else {
        t->last_failure = a->got;
    }
}

bool wave_take(diagnosis *d, const answer *answers, size_t num_answers)
{
    size_t expected = d->asking_alone ? d->num_alone : d->num_askings;
    for (size_t i = 0; i < num_answers && i < expected; i++) {
        asking *a = &d->wave[d->asking_alone ? d->alone[i] : i];
        a->got = answers[i];
        a->was_alone = d->asking_alone || d->is_serial || d->num_askings == 1;
    }
    if (d->asking_alone)
        doubt_the_rest(d);
    else
        doubt_silence(d);
    d->asking_alone = d->num_alone > 0;
    if (d->asking_alone)
        return false;
    for (size_t i = 0; i < d->num_askings; i++)
        count_answer(d, &d->wave[i]);
    return true;
}
