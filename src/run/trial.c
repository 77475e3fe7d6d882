#include "run/trial.h"

#include "run/run.h"
#include <jansson.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ---- in a process of its own --------------------------------------------------------------------------------------------------
 */

/* From now on it waits more than it works (jobs_settings.at_once). A blank before the document is no part of it. */
static void say_that_it_waits(void *user)
{
    job_write(*(const int *)user, " ");
}

static void watch(void *user, int keep)
{
    const trial *t = user;
    arena *a = arena_new();
    report r;
    error e;
    int exit_status;
    run_settings settings = {.argv = t->argv,
                             .timeout_us = t->timeout_us,
                             .may_fetch = t->may_fetch,
                             .is_trial = true,
                             .silence_us = t->silence_us,
                             .gap_us = t->gap_us,
                             .hello_passed = say_that_it_waits,
                             .hello_passed_user = &keep,
                             .detour = t->detour};
    if (run_watched(a, &settings, &r, &exit_status, &e))
        job_write(keep, report_to_json(a, &r));
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

static void read_connection(arena *a, const json_t *connection, check_row *row)
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
        row->reason = "the connection failed, and no cause was found";
}

void trial_read(arena *a, const trial *t, const job *done, check_row *row)
{
    row->document = bytes_to_text(a, done->written);
    json_t *document = json_loads(row->document, 0, NULL);
    const json_t *connection = telling_connection(json_object_get(document, "connections"), t);
    if (document == NULL)
        row->document = NULL;
    if (connection != NULL)
        read_connection(a, connection, row);
    else
        row->reason =
            done->ran_out_of_time ? "no answer within the time; --timeout gives it more" : "it made no connection that was seen";
    json_decref(document);
}
