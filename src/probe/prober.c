/*
 * Waves of questions, and manners.
 *
 * A connection that is refused, or closed or reset without a byte, or told no before TLS or in clear in its place, may say
 * something of the hello, or that this server is asked too often or too much at once. It is a suspect where the server has
 * answered this prober before (or elsewhere in the wave). When all else of the wave is in, the witness (a hello that this server
 * has answered) tells which it was:
 *
 *  1. Where a connection that began after the last suspect was answered, the server is not tired of us; the witness need not be
 *     asked. Otherwise it is asked, alone.
 *  2. The witness is not answered, twice in a row: we ask too often. After a pause of a quarter of a second it is asked again; the
 *     pause doubles, up to 1.5 s, each time that it is not answered. When it is, all suspects are asked again, and connections to
 *     this server are from now on made one at a time and a quarter of a second apart (twice as much each further time that it
 * tires, up to 1.5 s). After REFUSED_WITNESSES_MAX in a row the suspects stand, and so do all that follow until something is
 * answered.
 *  3. The witness is answered, but the suspects had company: one of them is asked again, alone; best one whose like was answered.
 *     If it is answered now, we ask too much at once: from now on one at a time, and the other suspects are asked again. Otherwise
 *     they stand, and this server is not put to this test again (but once more where only then the like of a suspect is answered).
 *     A refused connection is asked again even so: no hello was in it.
 *
 * A server that means its resets costs one connection a wave so, or none, and no pause. A server that resets at random is taken for
 * one that is asked too much at once, the first time; asked one at a time it shows what it is.
 */
#include "probe/attempt.h"
#include "wire/extension.h"
#include "wire/hello_edit.h"

#include <errno.h>
#include <stdlib.h>

#define AT_ONCE_DEFAULT ((size_t)16)
#define TIMEOUT_US_DEFAULT ((int64_t)5000000)
#define PAUSE_US_DEFAULT ((int64_t)250000)
#define PAUSES_IN_LONGEST ((int64_t)6)            /* so that it is 1.5 s */
#define REFUSED_WITNESSES_MAX ((size_t)6)         /* after pauses of 4.75 s in all */
#define WITNESS_TIMEOUT_US_MIN ((int64_t)1000000) /* at least; it answered once, so silence now is a refusal too */
#define REPEATS_MAX ((size_t)3)                   /* of one question */

/* What is being found out about a server's suspects. */
enum check { CHECK_NONE, CHECK_WITNESS, CHECK_ONE_SUSPECT };

/* A server: one address and port. Kept for the prober's life. */
typedef struct host {
    struct host *next;
    address to;
    size_t at_once_max;
    size_t num_running;
    bool is_occupied;        /* by a question that runs alone */
    bool was_tested;         /* step 3: company is not what makes it refuse ... */
    bool was_tested_by_like; /* ... and this by a hello whose like it had answered */
    int64_t gap_us;          /* between the beginnings of two connections; 0: none */
    int64_t next_start_us;
    bool has_witness;
    question witness;
    enum check check;
    struct slot *tested;          /* the suspect that is asked again alone */
    bool is_tired;                /* the witness was refused, and has not been answered since */
    size_t num_refused_witnesses; /* in a row */
    size_t num_times_tired;
    bool was_given_up; /* it went on refusing the witness, and has answered nothing since */
    bool is_settled;   /* for this wave */
} host;

enum slot_state { SLOT_WAITING, SLOT_RUNNING, SLOT_ENDED };

/* A question of the wave, and what has become of it. */
typedef struct slot {
    prober *prober;
    question question;
    host *host;
    enum slot_state state;
    int64_t due_us;
    size_t number; /* of its connection, counted over the prober's life: later ones are higher */
    bool had_company;
    bool was_answered;
    bool stands; /* no suspect any more */
    size_t num_repeats;
    bytes_view likeness; /* the hello without what is fresh in each; empty until it is needed */
    attempt *attempt;
    answer answer;
} slot;

struct prober {
    loop *loop;
    probe_settings settings;
    arena *arena; /* what outlives a wave: hosts and witnesses */
    host *hosts;
    size_t num_connections;

    arena *wave_arena;
    slot *slots; /* one for each question, then one for the witness; NULL: no wave */
    size_t num_questions;
    wave_callback *done;
    void *user;
    loop_timer *wake;
};

prober *prober_new(loop *l, const probe_settings *settings)
{
    arena *a = arena_new();
    prober *p = ARENA_NEW(a, prober);
    *p = (prober){.loop = l, .settings = *settings, .arena = a};
    if (p->settings.at_once_max == 0)
        p->settings.at_once_max = AT_ONCE_DEFAULT;
    if (p->settings.pause_us <= 0)
        p->settings.pause_us = PAUSE_US_DEFAULT;
    if (p->settings.timeout_us <= 0)
        p->settings.timeout_us = TIMEOUT_US_DEFAULT;
    return p;
}

void prober_free(prober *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; p->slots != NULL && i <= p->num_questions; i++)
        if (p->slots[i].state == SLOT_RUNNING)
            attempt_cancel(p->slots[i].attempt);
    loop_timer_stop(p->wake);
    arena_free(p->arena);
}

size_t prober_num_connections(const prober *p)
{
    return p->num_connections;
}

enum prober_limit prober_limit_of(const prober *p, const address *to)
{
    for (const host *h = p->hosts; h != NULL; h = h->next)
        if (address_equal(&h->to, to))
            return h->num_times_tired > 0                     ? PROBER_WITH_PAUSES
                   : h->at_once_max < p->settings.at_once_max ? PROBER_ONE_AT_A_TIME
                                                              : PROBER_NO_LIMIT;
    return PROBER_NO_LIMIT;
}

/* ---- hosts and their witnesses ----------------------------------------------------------------------------------- */

static host *find_host(prober *p, const address *to)
{
    for (host *h = p->hosts; h != NULL; h = h->next)
        if (address_equal(&h->to, to))
            return h;
    host *h = ARENA_NEW(p->arena, host);
    *h = (host){.next = p->hosts, .to = *to, .at_once_max = p->settings.at_once_max, .gap_us = p->settings.gap_us};
    p->hosts = h;
    return h;
}

static preamble_script copy_script(arena *a, const preamble_script *script)
{
    preamble_script copy = {.steps = ARENA_ARRAY(a, script->num_steps, preamble_step), .num_steps = script->num_steps};
    for (size_t i = 0; i < script->num_steps; i++)
        copy.steps[i] = (preamble_step){.expectation = script->steps[i].expectation, .send = bytes_copy(a, script->steps[i].send)};
    return copy;
}

/* The first hello that the host answers becomes its witness, in the prober's own memory. One that cannot be copied does not. */
static void keep_witness(prober *p, host *h, const question *q, int64_t took_us)
{
    int64_t timeout_us = 4 * took_us > WITNESS_TIMEOUT_US_MIN ? 4 * took_us : WITNESS_TIMEOUT_US_MIN;
    bytes_view flight;
    client_hello *hello = ARENA_NEW(p->arena, client_hello);
    if (q->hello == NULL || !client_hello_write(p->arena, q->hello, &flight, NULL))
        return;
    enum parse_status status = client_hello_parse(p->arena, flight, hello);
    if (status != PARSE_DONE && status != PARSE_NOTE)
        return;
    h->witness = (question){.to = h->to, .hello = hello, .timeout_us = timeout_us, .runs_alone = true};
    h->witness.script = copy_script(p->arena, &q->script);
    h->has_witness = true;
}

static bytes_view random_view(prober *p, size_t len)
{
    uint8_t *bytes = arena_alloc(p->wave_arena, len);
    p->settings.random_bytes(p->settings.random_user, bytes, len);
    return bytes_from(bytes, len);
}

/* The witness with randoms of its own. */
static question fresh_witness(prober *p, const host *h)
{
    question q = h->witness;
    client_hello *hello = arena_copy(p->wave_arena, q.hello, sizeof *q.hello);
    if (hello->verbatim.len == 0)
        *hello = hello_with_random(p->wave_arena, hello, random_view(p, hello->random.len), random_view(p, hello->session_id.len));
    q.hello = hello;
    return q;
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

static void go_on(prober *p);

static void slot_has_ended(void *user, const answer *heard, bool was_answered)
{
    slot *s = user;
    prober *p = s->prober;
    s->answer = *heard;
    s->was_answered = was_answered && heard->kind != ANSWER_PLAIN; /* "too many connections", said in clear by some */
    s->state = SLOT_ENDED;
    s->attempt = NULL;
    s->host->num_running--;
    s->host->is_occupied = false;
    if (s->was_answered)
        s->host->was_given_up = false;
    if (s->was_answered && !s->host->has_witness)
        keep_witness(p, s->host, &s->question, heard->total_us);
    go_on(p);
}

static void start(prober *p, slot *s, int64_t now_us)
{
    host *h = s->host;
    int64_t timeout_us = s->question.timeout_us > 0 ? s->question.timeout_us : p->settings.timeout_us;
    s->had_company = h->num_running > 0;
    for (size_t i = 0; h->num_running > 0 && i <= p->num_questions; i++)
        if (p->slots[i].state == SLOT_RUNNING && p->slots[i].host == h)
            p->slots[i].had_company = true;
    s->state = SLOT_RUNNING;
    h->num_running++;
    h->is_occupied = s->question.runs_alone;
    h->next_start_us = now_us + h->gap_us;
    s->number = ++p->num_connections;
    s->attempt = attempt_start(p->loop, p->wave_arena, &s->question, timeout_us, slot_has_ended, s);
}

static bool has_room(const slot *s)
{
    const host *h = s->host;
    size_t own_max = s->question.runs_alone ? 1 : s->question.at_once_max;
    return !h->is_occupied && h->num_running < h->at_once_max && (own_max == 0 || h->num_running < own_max);
}

static void wake_up(void *user)
{
    prober *p = user;
    loop_timer_stop(p->wake);
    p->wake = NULL;
    go_on(p);
}

/* Starts whatever may start now, and sets the clock for what is due later. What waits for room is started when room is made. */
static void start_what_is_due(prober *p)
{
    int64_t now_us = loop_now_us(p->loop), wake_us = INT64_MAX;
    for (size_t i = 0; i <= p->num_questions; i++) {
        slot *s = &p->slots[i];
        if (s->state != SLOT_WAITING)
            continue;
        int64_t due_us = s->due_us > s->host->next_start_us ? s->due_us : s->host->next_start_us;
        if (due_us > now_us)
            wake_us = due_us < wake_us ? due_us : wake_us;
        else if (has_room(s))
            start(p, s, now_us);
    }
    loop_timer_stop(p->wake);
    p->wake = wake_us == INT64_MAX ? NULL : loop_timer_start(p->loop, wake_us, wake_up, p);
}

/* ---- suspects ---------------------------------------------------------------------------------------------------- */

static bool is_suspect(const slot *s, const host *h)
{
    if (s->host != h || s->was_answered || s->stands || s->num_repeats >= REPEATS_MAX)
        return false;
    const conversation *c = s->answer.conversation;
    if (s->answer.kind == ANSWER_PREAMBLE_REFUSED) /* by the server: "421 too many connections"; a proxy's no is one */
        return c != NULL && !protocol_is_proxy(c->preamble.protocol);
    return s->answer.kind == ANSWER_CLOSED || s->answer.kind == ANSWER_RESET || s->answer.kind == ANSWER_NOT_CONNECTED ||
           s->answer.kind == ANSWER_PLAIN;
}

static void ask_again(prober *p, slot *s)
{
    s->state = SLOT_WAITING;
    s->due_us = loop_now_us(p->loop);
    s->num_repeats++;
}

/* Returns whether there were any. */
static bool ask_all_suspects_again(prober *p, const host *h)
{
    bool any = false;
    for (size_t i = 0; i < p->num_questions; i++)
        if (is_suspect(&p->slots[i], h)) {
            ask_again(p, &p->slots[i]);
            any = true;
        }
    return any;
}

static void let_all_suspects_stand(prober *p, const host *h)
{
    for (size_t i = 0; i < p->num_questions; i++)
        if (is_suspect(&p->slots[i], h))
            p->slots[i].stands = true;
}

/* Whether a connection that began after the last suspect was answered. */
static bool is_shown_not_tired(const prober *p, const host *h)
{
    size_t last_suspect = 0, last_answered = 0;
    for (size_t i = 0; i < p->num_questions; i++) {
        const slot *s = &p->slots[i];
        if (is_suspect(s, h) && s->number > last_suspect)
            last_suspect = s->number;
        if (s->host == h && s->was_answered && s->number > last_answered)
            last_answered = s->number;
    }
    return last_answered > last_suspect;
}

static bool ask_witness(prober *p, host *h)
{
    slot *s = &p->slots[p->num_questions];
    *s = (slot){.prober = p, .question = fresh_witness(p, h), .host = h, .state = SLOT_WAITING};
    h->check = CHECK_WITNESS;
    return true;
}

/* What two hellos that ask the same have in common: all but randoms and keys. Empty where there is none. */
static bytes_view hello_likeness(arena *a, const client_hello *hello)
{
    static const uint8_t zeros[32];
    bytes_view out = bytes_from(NULL, 0), none = bytes_from(zeros, sizeof zeros);
    if (hello == NULL)
        return out;
    client_hello bare = hello_with_random(a, hello, none, none);
    bare = hello_without_extension(a, &bare, EXTENSION_KEY_SHARE);
    return client_hello_message(a, &bare, &out, NULL) ? out : bytes_from(NULL, 0);
}

static bytes_view likeness(prober *p, slot *s)
{
    if (s->likeness.len == 0)
        s->likeness = hello_likeness(p->wave_arena, s->question.hello);
    return s->likeness;
}

/* Whether a hello like the suspect's was answered in this wave, or is the witness. */
static bool like_was_answered(prober *p, const host *h, slot *suspect)
{
    if (bytes_equal(likeness(p, suspect), hello_likeness(p->wave_arena, h->witness.hello)))
        return true;
    for (size_t i = 0; i < p->num_questions; i++) {
        slot *s = &p->slots[i];
        if (s->host == h && s->was_answered && bytes_equal(likeness(p, s), likeness(p, suspect)))
            return true;
    }
    return false;
}

/* The suspect that tells most when it is asked alone, or NULL where none tells anything. */
static slot *suspect_to_test(prober *p, host *h)
{
    slot *with_company = NULL;
    for (size_t i = 0; i < p->num_questions; i++) {
        slot *s = &p->slots[i];
        if (!is_suspect(s, h))
            continue;
        if (s->answer.kind == ANSWER_NOT_CONNECTED)
            return s;
        if (!s->had_company || h->was_tested_by_like)
            continue;
        if (like_was_answered(p, h, s)) {
            h->was_tested_by_like = true;
            return s;
        }
        if (with_company == NULL && !h->was_tested)
            with_company = s;
    }
    return with_company;
}

/* Step 3: the server is not tired. */
static bool test_one_suspect(prober *p, host *h)
{
    slot *s = suspect_to_test(p, h);
    if (s == NULL) {
        let_all_suspects_stand(p, h);
        return false;
    }
    h->check = CHECK_ONE_SUSPECT;
    h->tested = s;
    s->question.runs_alone = true;
    s->stands = true; /* if it ends as before: then so do the others */
    ask_again(p, s);
    return true;
}

/* `steps` doublings of the first pause, up to the longest. */
static int64_t pause_after(const prober *p, size_t steps)
{
    int64_t pause_us = p->settings.pause_us, longest_us = PAUSES_IN_LONGEST * pause_us;
    for (size_t i = 0; i < steps && pause_us < longest_us; i++)
        pause_us *= 2;
    return pause_us < longest_us ? pause_us : longest_us;
}

static void slower(const prober *p, host *h)
{
    int64_t gap_us = pause_after(p, h->num_times_tired++);
    h->gap_us = gap_us > p->settings.gap_us ? gap_us : p->settings.gap_us;
}

/* Step 2: the witness was not answered. */
static bool slow_down(prober *p, host *h)
{
    size_t num_refused = ++h->num_refused_witnesses;
    if (num_refused > REFUSED_WITNESSES_MAX) {
        h->was_given_up = true;
        let_all_suspects_stand(p, h);
        return false;
    }
    if (num_refused == 1)
        return ask_witness(p, h); /* once may be chance */
    if (num_refused == 2)
        slower(p, h);
    h->is_tired = true;
    h->at_once_max = 1;
    h->next_start_us = loop_now_us(p->loop) + pause_after(p, num_refused - 2);
    return ask_witness(p, h);
}

static bool heard_witness(prober *p, host *h)
{
    if (!p->slots[p->num_questions].was_answered)
        return slow_down(p, h);
    h->num_refused_witnesses = 0;
    if (!h->is_tired)
        return test_one_suspect(p, h);
    h->is_tired = false;
    return ask_all_suspects_again(p, h);
}

static bool heard_one_suspect(prober *p, host *h)
{
    if (h->tested->was_answered) {
        h->at_once_max = 1;
        return ask_all_suspects_again(p, h);
    }
    h->was_tested = true;
    let_all_suspects_stand(p, h);
    return false;
}

static bool has_suspects(const prober *p, const host *h)
{
    for (size_t i = 0; i < p->num_questions; i++)
        if (is_suspect(&p->slots[i], h))
            return true;
    return false;
}

/* One step on the way to settle this host's suspects. Returns whether something was asked again. */
static bool settle_host(prober *p, host *h)
{
    enum check check = h->check;
    h->check = CHECK_NONE;
    if (check == CHECK_WITNESS)
        return heard_witness(p, h);
    if (check == CHECK_ONE_SUSPECT)
        return heard_one_suspect(p, h);
    if (!h->has_witness || h->was_given_up || !has_suspects(p, h))
        return false;
    return is_shown_not_tired(p, h) ? test_one_suspect(p, h) : ask_witness(p, h);
}

static bool settle(prober *p)
{
    for (host *h = p->hosts; h != NULL; h = h->next) {
        if (h->is_settled)
            continue;
        if (settle_host(p, h))
            return true;
        h->is_settled = true;
    }
    return false;
}

/* ---- waves ------------------------------------------------------------------------------------------------------- */

static bool all_have_ended(const prober *p)
{
    for (size_t i = 0; i <= p->num_questions; i++)
        if (p->slots[i].state != SLOT_ENDED)
            return false;
    return true;
}

/* The prober may be freed, or asked the next wave, in the callback. */
static void finish_wave(prober *p)
{
    answer *answers = ARENA_ARRAY(p->wave_arena, p->num_questions, answer);
    for (size_t i = 0; i < p->num_questions; i++)
        answers[i] = p->slots[i].answer;
    p->slots = NULL;
    p->done(p->user, answers, p->num_questions);
}

void prober_cut(prober *p)
{
    if (p->slots == NULL)
        return;
    for (size_t i = 0; i <= p->num_questions; i++) {
        slot *s = &p->slots[i];
        if (s->state == SLOT_RUNNING)
            attempt_cancel(s->attempt);
        if (s->state != SLOT_ENDED)
            s->answer = (answer){.kind = ANSWER_FAILED, .problem = "time ran out"};
        s->state = SLOT_ENDED;
    }
    loop_timer_stop(p->wake);
    p->wake = NULL;
    finish_wave(p);
}

static void go_on(prober *p)
{
    start_what_is_due(p);
    if (!all_have_ended(p))
        return;
    if (settle(p))
        start_what_is_due(p);
    else
        finish_wave(p);
}

void prober_ask(prober *p, arena *a, const question *questions, size_t num_questions, wave_callback *done, void *user)
{
    int64_t now_us = loop_now_us(p->loop);
    p->wave_arena = a;
    p->num_questions = num_questions;
    p->slots = ARENA_ARRAY(a, num_questions + 1, slot);
    p->done = done;
    p->user = user;
    for (host *h = p->hosts; h != NULL; h = h->next) {
        h->is_settled = false;
        h->num_refused_witnesses = 0;
    }
    for (size_t i = 0; i < num_questions; i++)
        p->slots[i] = (slot){.prober = p,
                             .question = questions[i],
                             .host = find_host(p, &questions[i].to),
                             .state = SLOT_WAITING,
                             .due_us = now_us + questions[i].delay_us};
    p->slots[num_questions] = (slot){.prober = p, .state = SLOT_ENDED};
    p->wake = loop_timer_start(p->loop, now_us, wake_up, p); /* all begins in the loop: no callback before this returns */
}
