#include "run/check.h"

#include "client/discover.h"
#include "client/recipe.h"
#include "client/trust_program.h"
#include "run/python_attempts.h"
#include "run/trial.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FIND_TIME_MS 1500
#define LOOKUP_TIME_MS 3000
/* A client that has said nothing for so long will not; a busy Java takes some seconds to start. */
#define CLIENT_TIME_MS ((int64_t)8000)
#define CLIENT_BUSY_MS ((int64_t)1500)
#define CLIENT_TIME_ALONE_MS ((int64_t)15000)
#define ATTEMPTS_TIME_MS ((int64_t)8000)
enum { AT_ONCE_PER_PROCESSOR = 3, ROWS_MAX = 256 };

typedef struct check {
    arena *arena;
    const check_settings *settings;
    program_surroundings surroundings;
    recipe_target to;
    private_folder *folder; /* of ours, where a runtime needs one */
    trace_detour detour;
    bool has_name_here; /* the host has an address on this machine */
    check_report *out;
    const char *programs[ROWS_MAX]; /* the path that each row's program is started by */
    bool is_askable[ROWS_MAX];
} check;

/* ---- which clients ---------------------------------------------------------------------------------------------------------- */

/* ~/.pyenv/versions/3.12.1/bin/python: what a shell takes. */
static const char *below_home(arena *a, const process_snapshot *process, const char *path)
{
    const char *home = process_variable(process, "HOME");
    size_t len = home == NULL ? 0 : strlen(home);
    return len > 1 && strncmp(path, home, len) == 0 && path[len] == '/' ? arena_printf(a, "~%s", path + len) : path;
}

/* False where the list is full. */
static bool add_row(check *c, const char *shown, const char *path, const client *is)
{
    if (c->out->num_rows == ROWS_MAX)
        return false;
    check_row *row = &c->out->rows[c->out->num_rows];
    c->programs[c->out->num_rows++] = path;
    *row = (check_row){.program = shown, .name = below_home(c->arena, c->surroundings.process, shown), .client = is};
    row->result = CHECK_NOT_TRIED;
    if (!recipe_exists(is->runtime))
        row->reason = "where it connects is up to its own arguments; tlswhy run -- COMMAND watches it";
    else if (!c->has_name_here && !recipe_takes_address(is->runtime))
        row->reason = "it cannot be told an address, and the name has none here";
    c->is_askable[c->out->num_rows - 1] = row->reason == NULL;
    return true;
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
        (void)add_row(c, *name, found.path, is);
    }
    return true;
}

/* A program of Go or Rust, say, is listed, too: that it was not tried is better said than passed over. */
static void add_all(check *c)
{
    found_clients all = clients_find(c->arena, NULL, FIND_TIME_MS);
    for (size_t i = 0; i < all.num_clients; i++) {
        const found_client *one = &all.clients[i];
        if (add_row(c, one->path, one->found.path, one->client) && one->keeper == NULL) /* the first of its name on the PATH */
            c->out->rows[c->out->num_rows - 1].name = base_name(one->path);
    }
}

/* ---- each one's trial ---------------------------------------------------------------------------------------------------------
 */

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

static trial trial_of(const check *c, char **argv)
{
    bool is_led = c->settings->is_led;
    return (trial){.argv = argv,
                   .port = is_led ? address_port(&c->detour.to) : c->to.port,
                   .detour = is_led ? &c->detour : NULL,
                   .timeout_us = c->settings->timeout_us,
                   .may_fetch = c->settings->may_fetch};
}

/* Tries these rows, as many at once and for as long as the settings say. */
static bool try_rows(check *c, const size_t *rows, size_t num_rows, const jobs_settings *settings, error *e)
{
    job jobs[ROWS_MAX] = {0};
    trial trials[ROWS_MAX];
    for (size_t i = 0; i < num_rows; i++) {
        const check_row *row = &c->out->rows[rows[i]];
        char **argv = recipe_arguments(c->arena, row->client->runtime, c->programs[rows[i]], NULL, &c->to,
                                       c->settings->is_led ? RECIPE_LED : RECIPE_DEFAULT);
        trials[i] = trial_of(c, argv);
        jobs[i] = trial_job(&trials[i]);
    }
    if (!jobs_run(c->arena, jobs, num_rows, settings, e))
        return false;
    for (size_t i = 0; i < num_rows; i++)
        trial_read(c->arena, &trials[i], &jobs[i], &c->out->rows[rows[i]]);
    return true;
}

/* The slow ones first, so that the others run beside them. */
static bool try_together(check *c, error *e)
{
    size_t rows[ROWS_MAX], num = 0;
    int64_t more_ms = c->settings->timeout_us / 1000;
    jobs_settings together = {
        .at_once = at_once(), .busy_ms = CLIENT_BUSY_MS, .soft_ms = CLIENT_TIME_MS, .hard_ms = CLIENT_TIME_MS + more_ms};
    for (int is_slow = 1; is_slow >= 0; is_slow--)
        for (size_t i = 0; i < c->out->num_rows; i++)
            if (c->is_askable[i] && recipe_needs_folder(c->out->rows[i].client->runtime) == (is_slow != 0))
                rows[num++] = i;
    return try_rows(c, rows, num, &together, e);
}

static bool same_text(const char *one, const char *other)
{
    return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

/* A server that takes one connection at a time would have let the first of them in. */
static bool all_met_the_same(const check *c)
{
    const check_row *first = NULL;
    size_t num = 0;
    for (size_t i = 0; i < c->out->num_rows; i++) {
        const check_row *row = &c->out->rows[i];
        if (!c->is_askable[i])
            continue;
        if (row->cause == NULL || (first != NULL && !same_text(row->cause, first->cause)))
            return false;
        first = row;
        num++;
    }
    return num > 2;
}

/* Those that were answered with silence, again and one after the other, until one that is alone meets the same: then it is believed
 * of the others too. */
static bool try_silent_ones_alone(check *c, error *e)
{
    int64_t more_ms = c->settings->timeout_us / 1000;
    jobs_settings alone = {.at_once = 1, .soft_ms = CLIENT_TIME_ALONE_MS, .hard_ms = CLIENT_TIME_ALONE_MS + more_ms};
    const char *believed = "";
    if (c->out->num_rows < 2 || all_met_the_same(c))
        return true;
    for (size_t i = 0; i < c->out->num_rows; i++) {
        check_row *row = &c->out->rows[i];
        const char *cause = row->cause;
        if (!c->is_askable[i] || !was_silent(row) || same_text(cause, believed))
            continue;
        if (!try_rows(c, &i, 1, &alone, e))
            return false;
        if (was_silent(row) && same_text(cause, row->cause))
            believed = cause;
    }
    return true;
}

/* ---- what is tried in Python's code
 * ---------------------------------------------------------------------------------------------- */

static bool failed_before_tls(const check_row *row)
{
    static const char *const before[] = {"tcp-", "dns-", "proxy-", "starttls-", "handshake-timeout"};
    for (size_t i = 0; row->cause != NULL && i < sizeof before / sizeof *before; i++)
        if (strncmp(row->cause, before[i], strlen(before[i])) == 0)
            return true;
    return false;
}

/* Of those that were chosen; else of the first that fails by default. */
static bool wants_attempts(const check *c, const check_row *row, size_t num_before)
{
    if (row->client->runtime != RUNTIME_PYTHON || failed_before_tls(row))
        return false;
    return c->settings->clients != NULL || (num_before == 0 && row->result == CHECK_FAILS);
}

static bool run_attempts(check *c, error *e)
{
    job jobs[ROWS_MAX] = {0};
    trial trials[ROWS_MAX];
    size_t rows[ROWS_MAX], num = 0;
    for (size_t i = 0; i < c->out->num_rows; i++) {
        if (!wants_attempts(c, &c->out->rows[i], num))
            continue;
        trials[num] = trial_of(c, python_attempts_arguments(c->arena, c->programs[i], &c->to));
        jobs[num] = trial_output_job(&trials[num]);
        rows[num++] = i;
    }
    jobs_settings settings = {.at_once = at_once(), .soft_ms = ATTEMPTS_TIME_MS, .hard_ms = ATTEMPTS_TIME_MS};
    if (!jobs_run(c->arena, jobs, num, &settings, e))
        return false;
    for (size_t i = 0; i < num; i++)
        python_attempts_read(c->arena, jobs[i].written, &c->out->rows[rows[i]]);
    return true;
}

/* ---- one that works -----------------------------------------------------------------------------------------------------------
 */

/* What a person can type, by the runtimes for which that is short. */
static const struct {
    enum runtime runtime;
    const char *arguments;
} short_commands[] = {
    {RUNTIME_CURL, "https://%HOST%:%PORT%/"},
    {RUNTIME_WGET, "-O - https://%HOST%:%PORT%/"},
    {RUNTIME_OPENSSL, "s_client -connect %HOST%:%PORT% -servername %HOST%"},
    {RUNTIME_GNUTLS_CLI, "-p %PORT% %HOST%"},
    {RUNTIME_GIT, "ls-remote https://%HOST%:%PORT%/"},
};

static const char *working_command(check *c)
{
    for (size_t i = 0; i < sizeof short_commands / sizeof *short_commands; i++)
        for (size_t k = 0; k < c->out->num_rows; k++) {
            const check_row *row = &c->out->rows[k];
            if (row->result == CHECK_WORKS && row->client->runtime == short_commands[i].runtime)
                return arena_printf(c->arena, "%s %s", row->name, recipe_fill(c->arena, short_commands[i].arguments, &c->to));
        }
    return NULL;
}

/* ---- Java's folder
 * ------------------------------------------------------------------------------------------------------------------ */

static bool make_folder(check *c, error *e)
{
    bool is_needed = false;
    for (size_t i = 0; i < c->out->num_rows; i++)
        is_needed = is_needed || recipe_needs_folder(c->out->rows[i].client->runtime);
    if (!is_needed)
        return true;
    c->folder = private_folder_new(c->arena, e);
    if (c->folder == NULL)
        return false;
    c->to.folder = c->folder->path;
    return recipe_fill_folder(c->arena, c->folder, e);
}

/* ---- the way there
 * --------------------------------------------------------------------------------------------------------------- */

/* Clients that take no address look the name up by themselves, before they can be led. */
static bool has_name_here(arena *a, const target *to)
{
    static const network_options none = {.family = AF_UNSPEC};
    target looked_up = {.host = to->host, .port = to->port, .host_is_address = to->host_is_address};
    error unheard;
    return to->host_is_address || target_resolve(a, &looked_up, &none, LOOKUP_TIME_MS, &unheard);
}

/* What each client is told, and where its connection is led. */
static void set_out(check *c)
{
    const target *to = c->settings->target;
    c->to = (recipe_target){.host = to->server_name != NULL ? to->server_name : to->host, .port = to->port};
    c->has_name_here = true;
    if (!c->settings->is_led)
        return;
    c->to.address = address_to_text(c->arena, &to->addresses[0]);
    c->detour =
        (trace_detour){.port = to->port, .to = to->addresses[0], .script = route_script(c->arena, &to->route, to->host, to->port)};
    c->has_name_here = has_name_here(c->arena, to);
}

bool check_clients(arena *a, const check_settings *settings, check_report *out, error *e)
{
    check *c = ARENA_NEW(a, check);
    *c = (check){.arena = a, .settings = settings, .out = out};
    *out = (check_report){.started_unix = (int64_t)time(NULL), .host = settings->target->host, .port = settings->target->port};
    out->rows = ARENA_ARRAY(a, ROWS_MAX, check_row);
    out->proxy = route_proxy_text(a, &settings->target->route);
    out->starttls = settings->target->route.starttls == PROTOCOL_UNKNOWN ? NULL : protocol_name(settings->target->route.starttls);
    c->surroundings = program_surroundings_read(a, NULL);
    set_out(c);
    if (settings->clients == NULL)
        add_all(c);
    else if (!add_chosen(c, e))
        return false;
    bool done = make_folder(c, e) && try_together(c, e) && try_silent_ones_alone(c, e) && run_attempts(c, e);
    out->working_command = done && !settings->is_led ? working_command(c) : NULL;
    private_folder_remove(c->folder);
    return done;
}
