#include "run/trial.h"

#include "run/refusal.h"
#include "run/run.h"
#include <jansson.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#define BEFORE_WORDS '\036'
#define TIME_IS_UP "it ran out of time; --timeout gives it more"

/* ---- in a process of its own --------------------------------------------------------------------------------------------------
 */

/* From now on it waits more than it works (jobs_settings.at_once). A blank before the document is no part of it. */
static void say_that_it_waits(void *user)
{
    job_write(*(const int *)user, " ");
}

/* What it says goes nowhere else. 0: nothing is kept of it. */
static int words_file(void)
{
    int words = memfd_create("words", MFD_CLOEXEC);
    return words > STDERR_FILENO && dup2(words, STDERR_FILENO) == STDERR_FILENO ? words : 0;
}

/* Behind the document, and what stands between them is in neither: the last that the client said. */
static void write_last_words(arena *a, int words, int keep)
{
    const char *last = refusal_last_line(a, refusal_read_words(a, words));
    if (last != NULL)
        job_write(keep, arena_printf(a, "%c%s", BEFORE_WORDS, last));
}

static void watch(void *user, int keep)
{
    const trial *t = user;
    arena *a = arena_new();
    report r;
    error e;
    int exit_status, words = words_file();
    run_settings settings = {.argv = t->argv,
                             .timeout_us = t->timeout_us,
                             .may_fetch = t->may_fetch,
                             .is_trial = true,
                             .words = words,
                             .silence_us = t->silence_us,
                             .gap_us = t->gap_us,
                             .hello_passed = say_that_it_waits,
                             .hello_passed_user = &keep,
                             .detour = t->detour};
    if (run_watched(a, &settings, &r, &exit_status, &e)) {
        job_write(keep, report_to_json(a, &r));
        write_last_words(a, words, keep);
    }
    arena_free(a);
}

static void watch_output(void *user, int keep)
{
    const trial *t = user;
    arena *a = arena_new();
    report r;
    error unheard;
    int exit_status;
    run_settings settings = {.argv = t->argv, .only_watches = true, .detour = t->detour};
    (void)dup2(keep, STDOUT_FILENO);
    (void)!run_watched(a, &settings, &r, &exit_status, &unheard);
    arena_free(a);
}

job trial_output_job(trial *t)
{
    return (job){.body = watch_output, .user = t};
}

job trial_job(trial *t)
{
    return (job){.body = watch, .user = t};
}

/* ---- what came of it ----------------------------------------------------------------------------------------------------------
 */

static const char *kept_text(arena *a, const json_t *value)
{
    const char *text = json_string_value(value);
    return text == NULL ? NULL : bytes_to_text(a, bytes_from_text(text));
}

/* To that port; or to none, since the host that it was told had no address. */
static bool is_meant(const trial *t, const json_t *connection, const char *cause)
{
    const json_t *to = json_object_get(connection, "target");
    const char *host = json_string_value(json_object_get(to, "host"));
    bool has_no_name = cause != NULL && strcmp(cause, "dns-failed") == 0 && host != NULL && strcasecmp(host, t->host) == 0;
    return has_no_name || json_integer_value(json_object_get(to, "port")) == (json_int_t)t->port;
}

/* The connection that tells most: one that is meant and worked, else the one that failed otherwise than by refusing TCP. */
static const json_t *telling_connection(const json_t *connections, const trial *t)
{
    const json_t *best = NULL, *connection;
    size_t index;
    json_array_foreach(connections, index, connection)
    {
        const char *outcome = json_string_value(json_object_get(connection, "outcome"));
        const char *cause = json_string_value(json_object_get(json_object_get(connection, "verdict"), "cause"));
        if (outcome == NULL || !is_meant(t, connection, cause))
            continue;
        if (strcmp(outcome, "ok") == 0)
            return connection;
        bool tells_little = cause != NULL && (strcmp(cause, "tcp-refused") == 0 || strcmp(cause, "nothing-to-offer") == 0);
        if (strcmp(outcome, "failed") == 0 && (best == NULL || !tells_little))
            best = connection; /* a client that is ended while it tries again says nothing on its second */
    }
    return best;
}

static check_remedy read_remedy(arena *a, const json_t *told)
{
    return (check_remedy){.who = kept_text(a, json_object_get(told, "who")),
                          .text = kept_text(a, json_object_get(told, "text")),
                          .command = kept_text(a, json_object_get(told, "command")),
                          .line = kept_text(a, json_object_get(told, "line")),
                          .lowers_security = kept_text(a, json_object_get(told, "lowers_security"))};
}

/* They are in order: what costs no security first. */
static void read_remedies(arena *a, const json_t *all, check_row *row)
{
    const json_t *one;
    bool has_clients = false;
    size_t index;
    row->num_remedies = 0;
    json_array_foreach(all, index, one)
    {
        const char *who = json_string_value(json_object_get(one, "who"));
        bool is_clients = who != NULL && strcmp(who, "client") == 0;
        if (index == 0 || (is_clients && !has_clients && row->num_remedies < CHECK_REMEDIES_MAX))
            row->remedies[row->num_remedies++] = read_remedy(a, one);
        has_clients = has_clients || is_clients;
    }
}

/* A hello was sent, and not a byte came back. */
static bool is_silent(const json_t *connection)
{
    const json_t *happened, *events = json_object_get(connection, "timeline");
    bool has_hello = false;
    size_t index;
    json_array_foreach(events, index, happened)
    {
        const char *who = json_string_value(json_object_get(happened, "who"));
        const char *what = json_string_value(json_object_get(happened, "what"));
        if (who != NULL && strcmp(who, "server") == 0)
            return false;
        if (what != NULL && (strcmp(what, "fin") == 0 || strcmp(what, "rst") == 0))
            break; /* what the server says to the client's end is no answer to its hello */
        has_hello = has_hello || (what != NULL && strcmp(what, "client_hello") == 0);
    }
    return has_hello;
}

/* Nothing else is known, so its own words are told. */
static const char *with_words(arena *a, const char *reason, const char *said)
{
    return said == NULL ? reason : arena_printf(a, "%s; it says: %s", reason, said);
}

/* Where a client is ended since its time is up, these say no more than that. A silence that our own hellos met too says more. */
static bool is_cut_short(const check_row *row)
{
    static const char *const causes[] = {"unknown", "nothing-to-offer"};
    bool is_one = row->cause == NULL;
    for (size_t i = 0; row->cause != NULL && i < sizeof causes / sizeof *causes; i++)
        is_one = is_one || strcmp(row->cause, causes[i]) == 0;
    return row->result == CHECK_FAILS && is_one && !row->is_silent;
}

static void tell_time_is_up(check_row *row)
{
    row->result = CHECK_NOT_TRIED;
    row->cause = row->headline = row->why = NULL;
    row->num_remedies = 0;
    row->reason = TIME_IS_UP;
}

static void read_connection(arena *a, const json_t *connection, const char *said, check_row *row)
{
    const json_t *told = json_object_get(connection, "verdict");
    const json_t *chosen = json_object_get(json_object_get(connection, "server"), "chosen");
    const char *outcome = json_string_value(json_object_get(connection, "outcome"));
    row->result = outcome != NULL && strcmp(outcome, "ok") == 0 ? CHECK_WORKS : CHECK_FAILS;
    row->version = kept_text(a, json_object_get(chosen, "version"));
    row->cipher = kept_text(a, json_object_get(chosen, "cipher"));
    row->cause = kept_text(a, json_object_get(told, "cause"));
    row->headline = kept_text(a, json_object_get(told, "headline"));
    row->why = kept_text(a, json_object_get(json_object_get(told, "why"), "detail"));
    read_remedies(a, json_object_get(told, "remedies"), row);
    row->is_silent = row->result == CHECK_FAILS && row->cause == NULL && is_silent(connection);
    if (row->is_silent)
        row->reason = "silent: its hello is not answered";
    else if (row->result == CHECK_FAILS && row->cause == NULL)
        row->reason = with_words(a, "the connection failed, and no cause was found", said);
    else if (row->result == CHECK_FAILS && strcmp(row->cause, "unknown") == 0 && row->headline != NULL && said != NULL)
        row->headline = arena_printf(a, "%s The client says: %s", row->headline, said);
}

/* A client that is tried again alone. */
static void forget_earlier_trial(check_row *row)
{
    *row = (check_row){.program = row->program,
                       .name = row->name,
                       .client = row->client,
                       .result = CHECK_NOT_TRIED,
                       .attempts = row->attempts,
                       .num_attempts = row->num_attempts,
                       .constants = row->constants};
}

void trial_read(arena *a, const trial *t, const job *done, check_row *row)
{
    bytes_view document = bytes_until(done->written, BEFORE_WORDS);
    bytes_view words = bytes_slice(done->written, document.len + 1, done->written.len);
    const char *said = words.len == 0 ? NULL : bytes_to_text(a, words);
    forget_earlier_trial(row);
    row->document = bytes_to_text(a, document);
    json_t *read = json_loads(row->document, 0, NULL);
    const json_t *connection = telling_connection(json_object_get(read, "connections"), t);
    if (read == NULL)
        row->document = NULL;
    if (connection != NULL)
        read_connection(a, connection, said, row);
    else
        row->reason = done->ran_out_of_time ? TIME_IS_UP : with_words(a, "it made no connection that was seen", said);
    if (connection != NULL && done->ran_out_of_time && is_cut_short(row))
        tell_time_is_up(row);
    json_decref(read);
}
