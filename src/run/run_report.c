#include "registry/registry.h"
#include "run/run_inner.h"
#include "run/unconnected.h"
#include "run/verdict_in_full.h"
#include <signal.h>
#include <string.h>

/* ---- each connection ---------------------------------------------------------------------------------------------------- */

/* Its place among the connections, from 1 on; 0 for none. */
static size_t number_of(const run *r, const watched *w)
{
    for (size_t i = 0; w != NULL && i < r->watched.num_items; i++)
        if (r->watched.items[i] == w)
            return i + 1;
    return 0;
}

static const verdict *verdict_of(const watched *w)
{
    const watched *source = w->twin != NULL ? w->twin : w;
    return source->inquiry == NULL ? NULL : inquiry_verdict(source->inquiry);
}

/* A client that spoke in clear, to a server that takes no TLS, wanted none; nor did one, as far as is known, that connected and
 * left without a word: it may have looked whether the port is open. */
static bool was_plain_after_all(const watched *w, const verdict *v)
{
    enum course course = course_of(w->traced);
    const conversation *c = w->traced->conversation;
    bool left_unsaid = course == COURSE_NOTHING_SAID && c->has_first_end && c->first_end == SIDE_CLIENT;
    return (course == COURSE_PLAIN_REFUSED || left_unsaid) && v != NULL && strcmp(v->cause, "unknown") == 0;
}

/* Many end so, and most of the others do not mind: where no cause holds, it was fine. Also of a client that is tried, with nothing
 * to ask for: some call that a failure, others do not. */
static bool was_fine_after_all(const run *r, const watched *w, const verdict *v)
{
    enum course course = course_of(w->traced);
    int died_of = r->exit.signal_number; /* a trial is ended by the first, at last by the second */
    bool has_crashed = died_of != 0 && died_of != SIGTERM && died_of != SIGKILL;
    bool left_by_itself = course == COURSE_LEFT && client_left_by_itself(w->traced) && !has_crashed;
    bool is_usual = course == COURSE_CUT || course == COURSE_UNANSWERED || course == COURSE_UNHEARD ||
                    (r->settings->is_trial && left_by_itself && v != NULL && v->certificates_pass);
    return is_usual && !run_was_refused_in_words(r, w) && (v == NULL || strcmp(v->cause, "unknown") == 0);
}

static void report_one(run *r, watched *w, report *out)
{
    const trace_connection *t = w->traced;
    report_connection *c = &out->connections[out->num_connections++];
    watched_fill_evidence(r->arena, w, &r->watched, r->settings->argv, run_command_failed(r), false, &w->told);
    w->told.is_default = r->settings->is_trial;
    *c = (report_connection){
        .evidence = &w->told, .address = address_to_text(r->arena, &t->to), .pid = t->pid, .exe = t->exe, .began_us = t->began_us};
    c->outcome = run_outcome_now(r, w);
    if (c->outcome != OUTCOME_FAILED)
        return;
    c->verdict = verdict_of(w);
    c->same_as = number_of(r, w->twin);
    c->num_more = w->num_more;
    if (was_plain_after_all(w, c->verdict)) {
        c->outcome = OUTCOME_PLAIN;
        c->verdict = NULL;
    }
    if (was_fine_after_all(r, w, c->verdict)) {
        c->outcome = OUTCOME_OK;
        c->verdict = NULL;
    }
}

static bool is_known_failure(const report_connection *c)
{
    return c->outcome == OUTCOME_FAILED && c->verdict != NULL && strcmp(c->verdict->cause, "unknown") != 0;
}

static bool another_was_explained(const report *out, const report_connection *of)
{
    for (size_t i = 0; i < out->num_connections; i++)
        if (is_known_failure(&out->connections[i]) && out->connections[i].evidence->port == of->evidence->port)
            return true;
    return false;
}

/* A client that leaves after a handshake that went well, without a word, may have had what it wanted: a session that it goes on
 * with, an answer to whether there is a server. Where another of its connections to that port is what the command failed for, it
 * was fine. */
static void settle_those_that_left(const run *r, report *out)
{
    for (size_t i = 0; i < r->watched.num_items && i < out->num_connections; i++) {
        report_connection *c = &out->connections[i];
        bool is_unexplained = c->outcome == OUTCOME_FAILED && !is_known_failure(c);
        if (!is_unexplained || course_of(r->watched.items[i]->traced) != COURSE_LEFT || !another_was_explained(out, c))
            continue;
        c->outcome = OUTCOME_OK;
        c->verdict = NULL;
    }
}

static void report_unobserved_ones(run *r, report *out)
{
    const trace_unobserved *list;
    out->num_not_observed = trace_unobserved_list(r->trace, &list);
    out->not_observed = ARENA_ARRAY(r->arena, out->num_not_observed, report_unobserved);
    for (size_t i = 0; i < out->num_not_observed; i++)
        out->not_observed[i] =
            (report_unobserved){.what = list[i].what, .pid = list[i].pid, .exe = list[i].exe, .detail = list[i].detail};
}

/* The handshake went well without one; what the server then says of it is in its own protocol, and cannot be seen. */
static void note_certificates_not_given(run *r, const report *out)
{
    for (size_t i = 0; i < out->num_connections; i++) {
        const report_connection *c = &out->connections[i];
        const evidence *e = c->evidence;
        if (c->outcome != OUTCOME_OK || e->failed == NULL || !conversation_gave_no_certificate(e->failed))
            continue;
        run_note(r,
                 arena_printf(
                     r->arena,
                     "%s:%u asked for a client certificate, and the client sent none. The handshake went well all the same; a "
                     "server may refuse it afterwards in its own protocol (nginx: HTTP status 400, \"No required SSL certificate "
                     "was sent\").",
                     e->host != NULL ? e->host : c->address, e->port));
        return;
    }
}

/* What the command failed for may lie behind the handshake: a proxy whose backend is dead ends the connection so. */
static void note_ends_after_handshake(run *r, const report *out)
{
    for (size_t i = out->num_connections; i-- > 0;) {
        const report_connection *c = &out->connections[i];
        const evidence *e = c->evidence;
        if (c->outcome == OUTCOME_FAILED)
            return;
        const char *end = c->outcome == OUTCOME_OK && e->failed != NULL ? server_end_after_handshake(e->failed) : NULL;
        if (end == NULL)
            continue;
        run_note(r, arena_printf(r->arena, "The handshake with %s:%u went well (%s); the server then %s.",
                                 e->host != NULL ? e->host : c->address, e->port,
                                 version_name(r->arena, e->failed->server_hello.version), end));
        return;
    }
}

static void note_own_files(run *r, const report *out)
{
    for (size_t i = 0; i < out->num_connections; i++) {
        const report_connection *c = &out->connections[i];
        const process_snapshot *process = c->evidence->process;
        if (c->outcome != OUTCOME_FAILED || process == NULL || !process->has_own_files)
            continue;
        run_note(r, arena_printf(
                        r->arena,
                        "%s[%d] has a root folder or a mount namespace of its own: its trust store is not known, and settings in "
                        "files were looked for outside of it. Put tlswhy inside to have them.",
                        c->exe != NULL ? c->exe : "A process", c->pid));
        return;
    }
}

void run_make_report(run *r, report *out)
{
    r->num_known = forget_all_known(r->arena, &r->forgotten, r->trace, &r->known);
    out->num_more_ok = r->forgotten.num_ok;
    out->num_more_plain = r->forgotten.num_plain;
    out->num_more_others = r->forgotten.num_others;
    out->connections = ARENA_ARRAY(r->arena, r->watched.num_items + UNCONNECTED_MAX, report_connection);
    for (size_t i = 0; i < r->watched.num_items; i++)
        report_one(r, r->watched.items[i], out);
    settle_those_that_left(r, out);
    if (run_command_failed(r) && !r->settings->only_watches)
        unconnected_report(&(unconnected){r->arena, r->settings->argv, r->trace, &r->watched, out});
    if (out->num_connections == 0 && run_command_failed(r))
        run_note(r, "The command made no TCP connection that was seen.");
    if (run_command_failed(r))
        note_certificates_not_given(r, out);
    if (run_command_failed(r))
        note_ends_after_handshake(r, out);
    note_own_files(r, out);
    if (r->num_inquiries == INQUIRIES_MAX)
        run_note(r, arena_printf(r->arena, "Only the first %d failures were examined.", INQUIRIES_MAX));
    report_unobserved_ones(r, out);
    out->notes = r->notes;
    out->num_notes = r->num_notes;
    out->argv = (const char *const *)r->settings->argv;
    out->exit_status = r->exit.status;
    out->signal_number = r->exit.signal_number;
    out->was_interrupted = r->exit.was_interrupted;
    for (size_t i = 0; i < r->watched.num_items; i++) {
        const inquiry *asked = r->watched.items[i]->inquiry;
        if (asked == NULL || inquiry_verdict(asked) == NULL)
            continue;
        out->num_probe_connections += inquiry_num_connections(asked);
        out->probing_us += inquiry_verdict(asked)->probing_us;
    }
}

/* ---- the clients --------------------------------------------------------------------------------------------------------- */

/* Nothing was tried at either, and what is told names the host and no address. */
static bool says_the_same(const report_connection *one, const report_connection *other)
{
    const evidence *e = one->evidence, *o = other->evidence;
    if (one->outcome != OUTCOME_FAILED || other->outcome != OUTCOME_FAILED || one->verdict == NULL || other->verdict == NULL ||
        other->same_as != 0 || one->verdict->num_experiments + other->verdict->num_experiments > 0 || one->pid != other->pid)
        return false;
    return e->port == o->port && e->host != NULL && o->host != NULL && strcmp(e->host, o->host) == 0 &&
           strcmp(one->verdict->cause, other->verdict->cause) == 0 && strcmp(one->verdict->headline, other->verdict->headline) == 0;
}

static void tell_client(run *r, report *out, size_t number, evidence *e)
{
    report_connection *c = &out->connections[number];
    if (c->same_as != 0) {
        e->client = out->connections[c->same_as - 1].evidence->client;
        c->verdict = out->connections[c->same_as - 1].verdict;
        return;
    }
    e->client = r->watched.items[number]->asked.client;
    e->trust = r->watched.items[number]->asked.trust;
    if (e->client == NULL)
        e->client = run_client_of(r, e);
    if (c->verdict != NULL)
        c->verdict = verdict_in_full(r->arena, c->verdict, e);
}

/* A name's addresses that fail in the same words, as where nothing listens at any of them, are told once. */
static void fold_same_words(report *out)
{
    for (size_t i = 0; i < out->num_connections; i++)
        for (size_t k = 0; k < i; k++)
            if (out->connections[k].same_as == 0 && says_the_same(&out->connections[k], &out->connections[i]))
                out->connections[i].same_as = k + 1;
}

void run_tell_clients(run *r, report *out)
{
    for (size_t i = 0; i < out->num_connections && !r->settings->only_watches; i++) {
        report_connection *c = &out->connections[i];
        evidence *e = i < r->watched.num_items ? &r->watched.items[i]->told : NULL;
        if (c->outcome == OUTCOME_FAILED && e != NULL && e == c->evidence && e->process != NULL)
            tell_client(r, out, i, e);
        else if (c->outcome == OUTCOME_FAILED && c->verdict != NULL)
            c->verdict = verdict_in_full(r->arena, c->verdict, c->evidence);
    }
    fold_same_words(out);
}
