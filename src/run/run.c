#include "run/run.h"

#include "client/settled_library.h"
#include "client/trust_program.h"
#include "registry/registry.h"
#include "run/refusal.h"
#include "run/run_inner.h"
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SILENCE_US ((int64_t)1000000)
/* After the command has ended its connections' last bytes and ends may still be on their way through the relay. */
#define SETTLE_US ((int64_t)20000)
/* ... and a server's word to a client that is tried, and that has left at once. */
#define SETTLE_TRIAL_US ((int64_t)200000)
#define FAREWELL_US ((int64_t)300000) /* from SIGTERM to SIGKILL */
#define LOOK_US ((int64_t)10000)
#define CONNECT_US ((int64_t)3500000) /* and for TCP: the second repetition of a SYN has had its answer by then (RFC 6298) */
enum { INQUIRIES_AT_ONCE_MAX = 4 };

void run_note(run *r, const char *text)
{
    if (r->num_notes < NOTES_MAX)
        r->notes[r->num_notes++] = text;
}

bool run_command_failed(const run *r)
{
    return !r->command_has_ended || r->exit.status != 0;
}

/* ---- inquiries ----------------------------------------------------------------------------------------------------- */

static void start_waiting_inquiries(run *r);

/* Some take their time to leave, or try once more first. */
static void farewell_is_over(void *user)
{
    const run *r = user;
    if (!r->command_has_ended)
        (void)kill(trace_command_pid(r->trace), SIGKILL);
}

/* Ends the command, and this process's own group with it: what watches forwards it to the command. */
static void end_trial(run *r)
{
    if (!r->settings->is_trial || r->command_has_ended)
        return;
    (void)kill(0, SIGTERM);
    if (r->farewell == NULL)
        r->farewell = loop_timer_start(r->loop, loop_now_us(r->loop) + FAREWELL_US, farewell_is_over, r);
}

/* A client whose hello nobody answers may wait for minutes. */
static void end_silent_trial(run *r, const inquiry *decided)
{
    for (size_t i = 0; i < r->watched.num_items; i++)
        if (r->watched.items[i]->inquiry == decided && course_of(r->watched.items[i]->traced) == COURSE_SILENT)
            end_trial(r);
}

static void inquiry_decided(void *user, inquiry *i)
{
    run *r = user;
    r->num_active--;
    end_silent_trial(r, i);
    start_waiting_inquiries(r);
}

static int64_t round_trip_of(const trace_connection *t)
{
    return t->connected_us > t->began_us ? t->connected_us - t->began_us : 0;
}

const client *run_client_of(run *r, const evidence *e)
{
    bool has_hello = e->failed != NULL && e->failed->has_hello;
    return client_that_sent(r->arena, e->process, has_hello ? &e->failed->hello : NULL);
}

/* What the client is; and what it trusts, only where it got so far as to want it, since that reads some files. */
static void find_client(run *r, evidence *e)
{
    if (e->process == NULL)
        return;
    e->client = run_client_of(r, e);
    e->program_text = trust_program_read(r->arena, e->process).text;
    /* Also without a hello: a store that is not there may be why. That of a process with files of its own is none of ours. */
    if (e->failed != NULL && !e->process->has_own_files)
        e->trust = trust_store_find(r->arena, e->client);
}

/* What was said on its connection by us is said again in full, a password of the user's included. NULL: it was led by nobody. */
static const preamble_script *script_of(const run *r, const watched *w)
{
    const trace_detour *d = r->settings->detour;
    bool is_led = d != NULL && d->script.num_steps > 0 && address_equal(&d->to, &w->traced->to);
    return is_led ? &d->script : NULL;
}

static bool was_established(const trace_connection *t)
{
    enum course course = course_of(t);
    return course == COURSE_FINE || course == COURSE_LEFT || course == COURSE_UNANSWERED || course == COURSE_UNHEARD ||
           course == COURSE_CUT;
}

/* It asked for something, and ended well: curl says what it thinks of a certificate also where it goes on with it. w3m, which ends
 * well where it refuses one, asks for nothing then. */
static bool had_what_it_wanted(const run *r, const watched *w)
{
    return course_of(w->traced) != COURSE_LEFT && r->command_has_ended && r->exit.status == 0 && r->exit.signal_number == 0;
}

/* What the client says of certificates is about this connection, and not about one whose handshake it ended. */
bool run_was_refused_in_words(const run *r, const watched *w)
{
    if (r->refusal == NULL || !was_established(w->traced) || had_what_it_wanted(r, w))
        return false;
    for (size_t i = 0; i < r->watched.num_items; i++)
        if (course_of(r->watched.items[i]->traced) == COURSE_REFUSED)
            return false;
    return true;
}

/* A server that has answered the client is likely to answer us, however busy it is. */
static bool has_answer_to_its_hello(const trace_connection *t)
{
    return t->conversation != NULL && t->conversation->has_server_hello;
}

static void start_inquiry(run *r, watched *w)
{
    w->wants_inquiry = false;
    watched_fill_evidence(r->arena, w, &r->watched, r->settings->argv, run_command_failed(r), true, &w->asked);
    w->asked.is_default = r->settings->is_trial;
    w->asked.refusal = run_was_refused_in_words(r, w) ? r->refusal : NULL;
    find_client(r, &w->asked);
    w->asked.may_fetch = r->settings->may_fetch;
    int64_t deadline = r->command_has_ended ? r->deadline_us : loop_now_us(r->loop) + r->settings->timeout_us;
    inquiry_target target = {.addresses = w->addresses,
                             .script = script_of(r, w),
                             .round_trip_us = round_trip_of(w->traced),
                             .silence_us = has_answer_to_its_hello(w->traced) ? r->settings->silence_us : 0,
                             .deadline_us = deadline,
                             .gap_us = r->settings->gap_us,
                             .key_log = r->settings->key_log,
                             .key_log_user = r->settings->key_log_user};
    w->is_about_silence = course_of(w->traced) == COURSE_SILENT;
    w->inquiry = inquiry_start(r->arena, r->loop, &w->asked, &target, inquiry_decided, r);
    r->num_inquiries++;
    r->num_active++;
}

/* One at a time for each server and port: what one inquiry asks must not count as load in the eyes of another. */
static bool server_is_busy(const run *r, const watched *w)
{
    for (size_t i = 0; i < r->watched.num_items; i++) {
        const watched *other = r->watched.items[i];
        if (other->inquiry != NULL && !inquiry_is_decided(other->inquiry) &&
            address_port(&other->traced->to) == address_port(&w->traced->to))
            return true;
    }
    return false;
}

static void start_waiting_inquiries(run *r)
{
    for (size_t i = 0; i < r->watched.num_items && r->num_active < INQUIRIES_AT_ONCE_MAX; i++) {
        watched *w = r->watched.items[i];
        if (w->wants_inquiry && r->num_inquiries < INQUIRIES_MAX && !server_is_busy(r, w))
            start_inquiry(r, w);
    }
}

/* Those that shared its verdict look for one of their own. */
static void leave_twins(run *r, const watched *w)
{
    for (size_t i = 0; i < r->watched.num_items; i++)
        if (r->watched.items[i]->twin == w)
            r->watched.items[i]->twin = NULL;
}

/* The server did answer after all: what was asked about its silence is of no use, and what comes now is another matter. */
static void drop_inquiry_of_silence(run *r, watched *w)
{
    w->is_about_silence = false;
    if (!inquiry_is_decided(w->inquiry))
        r->num_active--;
    inquiry_free(w->inquiry);
    w->inquiry = NULL;
    r->num_inquiries--;
    leave_twins(r, w);
}

static bool has_been_answered(const trace_connection *t)
{
    const conversation *c = t->conversation;
    return c->server_len > c->preamble.server_bytes.len;
}

/* A hello to which the server has not said a byte, nor ended the connection: the client did, by itself or with its time. */
static bool went_unanswered(const trace_connection *t)
{
    const conversation *c = t->conversation;
    return c->has_first_end && c->first_end == SIDE_CLIENT && c->client_len > c->preamble.client_bytes.len;
}

/* Its silence is all that is to be known of it. */
static bool is_left_silent(const run *r, const watched *w)
{
    const trace_connection *t = w->traced;
    return w->was_given_up || (r->settings->silence_us > 0 && t->conversation != NULL && !has_been_answered(t) &&
                               (w->silence_over || went_unanswered(t)));
}

/* A client that is not known to look at the certificates so late has a reason of its own: no server is asked anything for that. */
static bool is_left_alone(const run *r, const watched *w)
{
    if (course_of(w->traced) != COURSE_UNHEARD)
        return false;
    const client *is = w->process == NULL ? NULL : client_that_sent(r->arena, w->process, NULL);
    return is == NULL || w->process->has_own_files || !trust_store_find(r->arena, is)->asks_first;
}

static void want_inquiry(run *r, watched *w)
{
    if (r->settings->only_watches || is_left_silent(r, w) || is_left_alone(r, w) || w->inquiry != NULL || w->wants_inquiry ||
        w->twin != NULL)
        return;
    w->twin = watched_twin(w, &r->watched);
    if (w->twin != NULL)
        return;
    w->wants_inquiry = true;
    start_waiting_inquiries(r);
}

/* ---- while the command runs ------------------------------------------------------------------------------------------ */

static void silence_lasted(void *user)
{
    watched *w = user;
    w->silence_over = true;
}

static void watch_silence(run *r, watched *w)
{
    if (w->silence != NULL)
        return;
    int64_t wait = 8 * round_trip_of(w->traced), least = r->settings->silence_us > 0 ? r->settings->silence_us : SILENCE_US;
    w->silence = loop_timer_start(r->loop, loop_now_us(r->loop) + (wait > least ? wait : least), silence_lasted, w);
}

/* ---- a client that is tried ------------------------------------------------------------------------------------------- */

static void look_at_trial(void *user)
{
    run *r = user;
    loop_timer_stop(r->look);
    r->look = NULL;
    if (r->command_has_ended)
        return;
    if (tried_look(&r->tried, loop_now_us(r->loop)))
        end_trial(r);
    else if (r->tried.connection != NULL)
        r->look = loop_timer_start(r->loop, loop_now_us(r->loop) + LOOK_US, look_at_trial, r);
}

static void watch_trial(run *r, const trace_connection *t)
{
    if (!r->settings->is_trial || r->tried.connection != NULL || !tried_goes_well(t))
        return;
    tried_begin(&r->tried, t, loop_now_us(r->loop));
    r->look = loop_timer_start(r->loop, loop_now_us(r->loop), look_at_trial, r);
}

/* The first address may be dead, and another one not. */
static bool any_connected(const run *r)
{
    for (size_t i = 0; i < r->watched.num_items; i++)
        if (r->watched.items[i]->traced->tcp_state == TRACE_CONNECTED)
            return true;
    return false;
}

static void patience_is_over(void *user)
{
    run *r = user;
    loop_timer_stop(r->patience);
    r->patience = NULL;
    if (!r->command_has_ended && !any_connected(r))
        end_trial(r);
}

static void watch_patience(run *r, const trace_connection *t)
{
    if (r->settings->is_trial && r->patience == NULL && t->tcp_state == TRACE_CONNECTING)
        r->patience = loop_timer_start(r->loop, loop_now_us(r->loop) + CONNECT_US, patience_is_over, r);
}

static watched *find_watched(run *r, const trace_connection *t)
{
    for (size_t i = r->watched.num_items; i-- > 0;)
        if (r->watched.items[i]->traced == t)
            return r->watched.items[i];
    return watched_add(r->arena, &r->watched, t);
}

static void connection_changed(void *user, const trace_connection *t)
{
    run *r = user;
    watched *w = find_watched(r, t);
    watched_take_snapshot(w, &r->watched);
    if (r->settings->hello_passed != NULL && !r->hello_was_told && t->conversation != NULL && t->conversation->has_hello) {
        r->hello_was_told = true;
        r->settings->hello_passed(r->settings->hello_passed_user);
    }
    enum course course = course_of(t);
    if (w->inquiry != NULL && w->is_about_silence && has_been_answered(t))
        drop_inquiry_of_silence(r, w);
    if (course == COURSE_SILENT)
        watch_silence(r, w);
    if (course == COURSE_REFUSED && t->conversation->has_hello)
        want_inquiry(r, w);
    watch_trial(r, t);
    watch_patience(r, t);
}

/* Those that have been silent so long that an answer is no longer likely. */
static void ask_about_silent_ones(run *r)
{
    for (size_t i = 0; i < r->watched.num_items; i++) {
        watched *w = r->watched.items[i];
        if (!w->silence_over || course_of(w->traced) != COURSE_SILENT)
            continue;
        if (is_left_silent(r, w) && !r->silence_was_told) {
            w->was_given_up = true;     /* what the server says to its end comes too late */
            r->silence_was_told = true; /* once: the signal that it sends wakes this loop, too */
            end_trial(r);
        }
        want_inquiry(r, w);
    }
}

static void settled(void *user)
{
    ((run *)user)->is_settled = true;
}

static void command_ended(void *user, const trace_exit *status)
{
    run *r = user;
    r->command_has_ended = true;
    r->exit = *status;
    r->ended_us = loop_now_us(r->loop);
    r->deadline_us = loop_now_us(r->loop) + r->settings->timeout_us;
}

/* At once, since the command's own message will be about something else. */
static void told_not_observed(void *user, const trace_unobserved *what)
{
    const run *r = user;
    if (what->is_urgent && r->settings->tell_at_once != NULL)
        r->settings->tell_at_once(arena_printf(r->arena, "%s is %s: %s", what->exe, what->what, what->detail));
}

/* Whether some connection is still in a state that its last bytes may change. */
static bool any_open(const run *r)
{
    for (size_t i = 0; i < r->watched.num_items; i++) {
        const trace_connection *t = r->watched.items[i]->traced;
        if (t != NULL && !t->ended && course_of(t) != COURSE_FINE)
            return true;
    }
    return false;
}

static void run_until_settled(run *r)
{
    while (!r->command_has_ended && loop_run_once(r->loop)) {
        ask_about_silent_ones(r);
        forget_some(&r->forgotten, r->trace, &r->watched);
    }
    int64_t settle_us = r->settings->is_trial && !r->tried.went_well ? SETTLE_TRIAL_US : SETTLE_US;
    r->settle = loop_timer_start(r->loop, loop_now_us(r->loop) + settle_us, settled, r);
    while (!r->is_settled && any_open(r) && loop_run_once(r->loop)) {
    }
    loop_timer_stop(r->settle);
}

/* ---- after it has ended ----------------------------------------------------------------------------------------------- */

/* It left before it could be seen that the server is content without one. Up to TLS 1.2 its Finished has shown that. */
static bool left_without_certificate(const trace_connection *t)
{
    const conversation *c = t->conversation;
    return course_of(t) == COURSE_LEFT && c->server_hello.version >= VERSION_TLS13 && conversation_gave_no_certificate(c) &&
           !c->established_data[SIDE_SERVER];
}

/* A client that is tried was to connect, and to be let in, whatever its exit status is: w3m's is 0, and s_client's. */
static bool is_tried_in_vain(const run *r, const trace_connection *t)
{
    enum course course = course_of(t);
    return r->settings->is_trial && (course == COURSE_NO_TCP || course == COURSE_TCP_GIVEN_UP || left_without_certificate(t));
}

enum outcome run_outcome_now(const run *r, const watched *w)
{
    if (run_was_refused_in_words(r, w))
        return OUTCOME_FAILED;
    if (r->tried.went_well && r->tried.connection == w->traced)
        return OUTCOME_OK;
    bool is_last = w == r->watched.items[r->watched.num_items - 1]; /* the status is about that one */
    bool was_answered = course_of(w->traced) == COURSE_CUT && is_last && r->command_has_ended &&
                        status_tells_of_an_answer(r->settings->argv[0], r->exit.status);
    bool has_failed = run_command_failed(r) && !was_answered;
    return outcome_of(w->traced, r->known, r->num_known, has_failed || is_tried_in_vain(r, w->traced));
}

static void interrupted(void *user, int signal_number)
{
    (void)signal_number;
    ((run *)user)->is_interrupted = true;
}

/* The command has ended: from here on Ctrl-C is meant for us, and what is known is told. */
static void run_inquiries(run *r)
{
    error unheard; /* without it the deadline is what ends them */
    loop_signal *interrupt = loop_signal_start(r->loop, SIGINT, interrupted, r, &unheard);
    r->num_known = forget_all_known(r->arena, &r->forgotten, r->trace, &r->known);
    r->refusal = refusal_in_words(r->arena, refusal_read_words(r->arena, r->settings->words));
    for (size_t i = 0; i < r->watched.num_items; i++)
        if (run_outcome_now(r, r->watched.items[i]) == OUTCOME_FAILED)
            want_inquiry(r, r->watched.items[i]);
    while (r->num_active > 0 && !r->is_interrupted && loop_run_once(r->loop)) {
    }
    if (r->is_interrupted)
        run_note(r, "The experiments were interrupted: what was known then is told.");
    loop_signal_stop(interrupt);
}

static void end_run(run *r, error *e)
{
    for (size_t i = 0; i < r->watched.num_items; i++) {
        loop_timer_stop(r->watched.items[i]->silence);
        inquiry_free(r->watched.items[i]->inquiry);
    }
    loop_timer_stop(r->look);
    loop_timer_stop(r->patience);
    loop_timer_stop(r->farewell);
    error detached;
    if (!r->settings->is_trial && trace_has_tasks(r->trace) && !trace_detach(r->trace, &detached))
        *e = detached;
    trace_free(r->trace);
    watched_keep_programs(r->arena, &r->watched);
    loop_free(r->loop);
}

bool run_watched(arena *a, const run_settings *settings, report *out, int *exit_status, error *e)
{
    run *r = ARENA_NEW(a, run);
    *r = (run){.arena = a, .settings = settings};
    *out = (report){.started_unix = (int64_t)time(NULL)};
    *exit_status = 125;
    r->loop = loop_new(e);
    if (r->loop == NULL)
        return false;
    trace_settings watching = {.argv = settings->argv,
                               .detour = settings->detour,
                               .wants_files = settings->traces_files,
                               .callbacks = {.connection_changed = connection_changed,
                                             .command_ended = command_ended,
                                             .not_observed = told_not_observed,
                                             .user = r}};
    r->trace = trace_start(a, r->loop, &watching, exit_status, e);
    if (r->trace == NULL) {
        loop_free(r->loop);
        return false;
    }
    r->watched.trace = r->trace;
    /* Who wants the trial is gone: what is watched forwards it to the command, and nothing more is asked. */
    loop_signal *given_up = settings->is_trial ? loop_signal_start(r->loop, SIGHUP, interrupted, r, e) : NULL;
    run_until_settled(r);
    run_inquiries(r);
    loop_signal_stop(given_up);
    run_make_report(r, out);
    end_run(r, e);
    run_tell_clients(r, out);
    out->told_after_us = loop_now_us(NULL) - r->ended_us;
    *exit_status = r->exit.signal_number != 0 ? 128 + r->exit.signal_number : r->exit.status;
    return true;
}
