#include "run/check_inner.h"

#include "client/discover.h"
#include "client/trust_program.h"
#include "run/python_attempts.h"
#include "trace/capability.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIND_TIME_MS 1500
#define LOOKUP_TIME_MS 3000
#define NAME_TIME_MS 2000
#define ATTEMPTS_TIME_MS ((int64_t)8000)

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
    bool is_known = recipe_exists(is->runtime, path);
    const char *because = recipe_missing_because(is->runtime, path);
    if (!is_known)
        row->reason = because != NULL ? because : "where it connects is up to its own arguments; tlswhy run -- COMMAND watches it";
    else if (!c->has_name_here && !recipe_takes_address(is->runtime, path))
        row->reason = "it cannot be told an address, and the name has none here";
    c->is_askable[c->out->num_rows - 1] = row->reason == NULL;
    c->is_listed_only[c->out->num_rows - 1] = !is_known && because == NULL;
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
    found_clients all = clients_find(c->arena, NULL, NULL, FIND_TIME_MS);
    for (size_t i = 0; i < all.num_clients; i++) {
        const found_client *one = &all.clients[i];
        if (add_row(c, one->path, one->found.path, one->client) && one->keeper == NULL) /* the first of its name on the PATH */
            c->out->rows[c->out->num_rows - 1].name = base_name(one->path);
    }
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
        trials[num] =
            check_trial_of(c, python_attempts_arguments(c->arena, c->programs[i], &c->to, (double)check_gap_us(c) / 1e6), 0);
        jobs[num] = trial_output_job(&trials[num]);
        rows[num++] = i;
    }
    int64_t attempts_ms = ATTEMPTS_TIME_MS + 6 * check_gap_us(c) / 1000;
    jobs_settings settings = {.at_once = check_gap_us(c) > 0 ? 1 : check_at_once(), .soft_ms = attempts_ms, .hard_ms = attempts_ms};
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
        is_needed = is_needed || recipe_needs_folder(c->out->rows[i].client->runtime, c->programs[i]);
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

/* Some clients ask a resolver that cannot be watched: where the name has no address here either, that is why they did not connect.
 */
static void tell_missing_name(check *c)
{
    address *addresses;
    size_t num_addresses;
    const char *said = NULL;
    bool is_wanted = false;
    for (size_t i = 0; i < c->out->num_rows; i++)
        is_wanted = is_wanted || (c->is_askable[i] && c->out->rows[i].result == CHECK_NOT_TRIED);
    if (!is_wanted || c->settings->is_led || c->settings->target->host_is_address ||
        address_lookup(c->arena, c->to.host, (uint16_t)c->to.port, NAME_TIME_MS, &addresses, &num_addresses, &said) == LOOKUP_FOUND)
        return;
    for (size_t i = 0; i < c->out->num_rows; i++) {
        check_row *row = &c->out->rows[i];
        if (!c->is_askable[i] || row->result != CHECK_NOT_TRIED)
            continue;
        row->result = CHECK_FAILS;
        row->cause = "dns-failed";
        row->reason = NULL;
        row->headline = arena_printf(c->arena, "The name %s has no address%s%s; it connected nowhere.", c->to.host,
                                     said == NULL ? "" : ": ", said == NULL ? "" : said);
    }
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
    (void)capability_probe(); /* before the processes that all need to know */
    bool done = make_folder(c, e) && check_try_together(c, e);
    if (done) {
        tell_missing_name(c);
        check_learn_whether_mute(c);
    }
    done = done && check_try_silent_ones_alone(c, e) && check_explain_silence(c, e) && check_try_hellos(c, e) && run_attempts(c, e);
    out->working_command = done && !settings->is_led ? working_command(c) : NULL;
    private_folder_remove(c->folder);
    return done;
}
