#include "run/check.h"

#include "client/discover.h"
#include "client/recipe.h"
#include "run/jobs.h"
#include "run/python_attempts.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FIND_TIME_MS 1500
/* A client that has said nothing for so long will not; a busy Java takes some seconds to start. */
#define CLIENT_TIME_MS ((int64_t)8000)
#define CLIENT_TIME_ALONE_MS ((int64_t)15000)
#define ATTEMPTS_TIME_MS ((int64_t)8000)
enum { AT_ONCE_PER_PROCESSOR = 3, ROWS_MAX = 256, COMMAND_WORDS_MAX = 72, REPORT_DESCRIPTOR = 3 };

typedef struct check {
    arena *arena;
    const check_settings *settings;
    program_surroundings surroundings;
    recipe_target to;
    check_report *out;
    const char *programs[ROWS_MAX]; /* the path that each row's program is started by */
    bool is_askable[ROWS_MAX];
} check;

/* ---- which clients ---------------------------------------------------------------------------------------------------------- */

static void add_row(check *c, const char *shown, const char *path, const client *is)
{
    if (c->out->num_rows == ROWS_MAX)
        return;
    check_row *row = &c->out->rows[c->out->num_rows];
    c->programs[c->out->num_rows++] = path;
    *row = (check_row){.program = shown, .client = is, .result = CHECK_NOT_TRIED};
    if (!recipe_exists(is->runtime))
        row->reason = "it is not known how it is asked to connect; tlswhy run -- COMMAND watches it";
    else if (c->to.address != NULL && !recipe_takes_address(is->runtime))
        row->reason = "it cannot be told an address";
    c->is_askable[c->out->num_rows - 1] = row->reason == NULL;
}

static bool add_chosen(check *c, error *e)
{
    for (const char *const *name = c->settings->clients; *name != NULL; name++) {
        executable found;
        const client *is = client_of_program(c->arena, &c->surroundings, *name, &found, e);
        if (is == NULL) {
            e->code = ERROR_NOT_FOUND; /* whatever it was: the user named it */
            return false;
        }
        add_row(c, *name, found.path, is);
    }
    return true;
}

static void add_all(check *c)
{
    found_clients all = clients_find(c->arena, NULL, FIND_TIME_MS);
    for (size_t i = 0; i < all.num_clients; i++)
        if (all.clients[i].is_startable && recipe_exists(all.clients[i].client->runtime))
            add_row(c, all.clients[i].path, all.clients[i].found.path, all.clients[i].client);
}

/* ---- each one's run ------------------------------------------------------------------------------------------------------------
 */

/* This program itself, as `tlswhy run`. */
static char **watched_command(check *c, char **argv)
{
    const char *const own[] = {"/proc/self/exe",
                               "run",
                               "--json",
                               "--output",
                               arena_printf(c->arena, "/dev/fd/%d", REPORT_DESCRIPTOR),
                               "--timeout",
                               arena_printf(c->arena, "%.3f", (double)c->settings->timeout_us / 1e6),
                               "--"};
    char **command = ARENA_ARRAY(c->arena, COMMAND_WORDS_MAX, char *);
    size_t num = 0;
    for (; num < sizeof own / sizeof *own; num++)
        command[num] = bytes_to_text(c->arena, bytes_from_text(own[num]));
    for (size_t i = 0; argv[i] != NULL && num + 1 < COMMAND_WORDS_MAX; i++)
        command[num++] = argv[i];
    return command;
}

static const char *kept_text(arena *a, const json_t *value)
{
    const char *text = json_string_value(value);
    return text == NULL ? NULL : bytes_to_text(a, bytes_from_text(text));
}

/* The connection that tells most: one to that port that worked, else the one that failed otherwise than by refusing TCP. */
static const json_t *telling_connection(const json_t *connections, unsigned port)
{
    const json_t *best = NULL, *connection;
    size_t index;
    json_array_foreach(connections, index, connection)
    {
        const char *outcome = json_string_value(json_object_get(connection, "outcome"));
        const char *cause = json_string_value(json_object_get(json_object_get(connection, "verdict"), "cause"));
        bool is_meant = json_integer_value(json_object_get(json_object_get(connection, "target"), "port")) == (json_int_t)port;
        if (outcome == NULL || !is_meant)
            continue;
        if (strcmp(outcome, "ok") == 0)
            return connection;
        if (strcmp(outcome, "failed") == 0 && (best == NULL || cause == NULL || strcmp(cause, "tcp-refused") != 0))
            best = connection;
    }
    return best;
}

static void read_connection(arena *a, const json_t *connection, check_row *row)
{
    const json_t *verdict = json_object_get(connection, "verdict");
    const json_t *chosen = json_object_get(json_object_get(connection, "server"), "chosen");
    const char *outcome = json_string_value(json_object_get(connection, "outcome"));
    row->result = outcome != NULL && strcmp(outcome, "ok") == 0 ? CHECK_WORKS : CHECK_FAILS;
    row->version = kept_text(a, json_object_get(chosen, "version"));
    row->cipher = kept_text(a, json_object_get(chosen, "cipher"));
    row->cause = kept_text(a, json_object_get(verdict, "cause"));
    row->headline = kept_text(a, json_object_get(verdict, "headline"));
    row->why = kept_text(a, json_object_get(json_object_get(verdict, "why"), "detail"));
    if (row->result == CHECK_FAILS && row->cause == NULL)
        row->reason = "the connection failed, and no cause was found";
}

static void read_run(check *c, const job *j, check_row *row)
{
    row->document = bytes_to_text(c->arena, j->written);
    json_t *document = json_loads(row->document, 0, NULL);
    const json_t *connection = telling_connection(json_object_get(document, "connections"), c->to.port);
    if (document == NULL)
        row->document = NULL;
    if (connection != NULL)
        read_connection(c->arena, connection, row);
    else
        row->reason =
            j->ran_out_of_time ? "no answer within the time; --timeout gives it more" : "it made no connection that was seen";
    json_decref(document);
}

static size_t at_once(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return (size_t)(processors < 1 ? 1 : processors) * AT_ONCE_PER_PROCESSOR;
}

/* Some servers take one connection at a time, and a machine on which all are started at once is slow: silence counts only from one
 * that was tried alone. */
static bool was_silent(const check_row *row)
{
    static const char *const causes_of_silence[] = {"handshake-timeout", "tcp-timeout", "unknown"};
    bool is_silent = row->result == CHECK_NOT_TRIED || (row->result == CHECK_FAILS && row->cause == NULL);
    for (size_t i = 0; row->cause != NULL && i < sizeof causes_of_silence / sizeof *causes_of_silence; i++)
        is_silent = is_silent || strcmp(row->cause, causes_of_silence[i]) == 0;
    return is_silent;
}

/* Runs the rows (or only those that were answered with silence), as many at once and for as long as the settings say. */
static bool run_rows(check *c, bool only_silent, const jobs_settings *settings, error *e)
{
    job jobs[ROWS_MAX] = {0};
    size_t rows[ROWS_MAX], num = 0;
    for (size_t i = 0; i < c->out->num_rows; i++) {
        const check_row *row = &c->out->rows[i];
        if (!c->is_askable[i] || (only_silent && !was_silent(row)))
            continue;
        char **argv = recipe_arguments(c->arena, row->client->runtime, c->programs[i], NULL, &c->to, RECIPE_DEFAULT);
        if (argv == NULL)
            continue;
        jobs[num] = (job){.argv = watched_command(c, argv), .keeps = REPORT_DESCRIPTOR};
        rows[num++] = i;
    }
    if (!jobs_run(c->arena, jobs, num, settings, e))
        return false;
    for (size_t i = 0; i < num; i++)
        read_run(c, &jobs[i], &c->out->rows[rows[i]]);
    return true;
}

static bool run_all(check *c, error *e)
{
    int64_t more_ms = c->settings->timeout_us / 1000;
    jobs_settings together = {.at_once = at_once(), .soft_ms = CLIENT_TIME_MS, .hard_ms = CLIENT_TIME_MS + more_ms};
    jobs_settings alone = {.at_once = 1, .soft_ms = CLIENT_TIME_ALONE_MS, .hard_ms = CLIENT_TIME_ALONE_MS + more_ms};
    return run_rows(c, false, &together, e) && (c->out->num_rows < 2 || run_rows(c, true, &alone, e));
}

/* ---- what is tried in Python's code
 * ---------------------------------------------------------------------------------------------- */

/* Of those that were chosen; else of the first that fails by default, and not before TLS has begun. */
static bool wants_attempts(const check *c, const check_row *row, size_t num_before)
{
    bool is_python = row->client->runtime == RUNTIME_PYTHON;
    if (c->settings->clients != NULL || !is_python)
        return is_python;
    bool has_tls = row->cause == NULL || (strncmp(row->cause, "tcp-", 4) != 0 && strncmp(row->cause, "dns-", 4) != 0);
    return num_before == 0 && row->result == CHECK_FAILS && has_tls;
}

static bool run_attempts(check *c, error *e)
{
    job jobs[ROWS_MAX] = {0};
    size_t rows[ROWS_MAX], num = 0;
    for (size_t i = 0; i < c->out->num_rows; i++) {
        const check_row *row = &c->out->rows[i];
        if (!wants_attempts(c, row, num))
            continue;
        jobs[num] = (job){.argv = python_attempts_arguments(c->arena, c->programs[i], &c->to), .keeps = STDOUT_FILENO};
        rows[num++] = i;
    }
    jobs_settings settings = {.at_once = at_once(), .soft_ms = ATTEMPTS_TIME_MS, .hard_ms = ATTEMPTS_TIME_MS};
    if (!jobs_run(c->arena, jobs, num, &settings, e))
        return false;
    for (size_t i = 0; i < num; i++)
        python_attempts_read(c->arena, jobs[i].written, &c->out->rows[rows[i]]);
    return true;
}

/* ---- Java's folder
 * ------------------------------------------------------------------------------------------------------------------ */

static bool make_folder(check *c, error *e)
{
    char *folder = bytes_to_text(c->arena, bytes_from_text("/tmp/tlswhy-XXXXXX"));
    bool is_needed = false;
    for (size_t i = 0; i < c->out->num_rows; i++)
        is_needed = is_needed || recipe_needs_folder(c->out->rows[i].client->runtime);
    if (!is_needed)
        return true;
    if (mkdtemp(folder) == NULL)
        return error_set_errno(e, "no folder can be made in /tmp");
    c->to.folder = folder;
    return recipe_fill_folder(c->arena, folder, e);
}

bool check_clients(arena *a, const check_settings *settings, check_report *out, error *e)
{
    check *c = ARENA_NEW(a, check);
    *c = (check){.arena = a,
                 .settings = settings,
                 .out = out,
                 .to = {.host = settings->host, .address = settings->address, .port = settings->port}};
    *out = (check_report){.started_unix = (int64_t)time(NULL), .host = settings->host, .port = settings->port};
    out->rows = ARENA_ARRAY(a, ROWS_MAX, check_row);
    c->surroundings = program_surroundings_read(a, NULL);
    if (settings->clients == NULL)
        add_all(c);
    else if (!add_chosen(c, e))
        return false;
    bool done = make_folder(c, e) && run_all(c, e) && run_attempts(c, e);
    if (c->to.folder != NULL)
        recipe_empty_folder(a, c->to.folder);
    return done;
}
