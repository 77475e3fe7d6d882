#include "run/fix.h"

#include "run/effects.h"
#include "run/kept.h"
#include "run/other_client.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES_MAX = 3, WAYS_MAX = 4, CANDIDATES_MAX = EFFECTS_MAX * WAYS_MAX };

typedef struct candidate {
    wish wish;
    size_t wish_number; /* several candidates may be ways to one wish */
    overlay way;
} candidate;

typedef struct fix {
    arena *arena;
    const run_settings *settings;
    const fix_settings *wanted;
    kept *kept;
    candidate candidates[CANDIDATES_MAX];
    size_t num_candidates, num_tried;
    const client_hello *hello; /* of the failure; NULL none */
    uint16_t port;
    const char *folder; /* of ours, private; NULL where none was made */
} fix;

/* ---- what to try -------------------------------------------------------------------------------------------------------- */

static report_connection *first_explained(report *r)
{
    for (size_t i = 0; i < r->num_connections; i++) {
        const report_connection *c = &r->connections[i];
        bool tcp_only = c->verdict != NULL && strcmp(c->verdict->cause, "tcp-refused") == 0; /* another address may have followed */
        if (c->outcome == OUTCOME_FAILED && c->verdict != NULL && !tcp_only)
            return &r->connections[i];
    }
    return NULL;
}

static bool is_in_the_code(const verdict *v)
{
    return v->why.kind == WHY_CODE || v->why.kind == WHY_DEFAULT;
}

static void find_candidates(fix *f, const report_connection *c)
{
    const evidence *e = c->evidence;
    wish wishes[EFFECTS_MAX];
    f->hello = e->failed != NULL && e->failed->has_hello ? &e->failed->hello : NULL;
    f->port = e->port;
    overlay_subject subject = {
        .client = e->client, .command = f->settings->argv, .hello = f->hello, .is_narrowed_by_code = is_in_the_code(c->verdict)};
    bool is_lacking = c->verdict->why.kind == WHY_LIBRARY; /* then no setting brings it */
    size_t num = is_lacking ? 0 : effects_of(f->arena, c->verdict, e, wishes);
    for (size_t i = 0; i < num; i++) {
        overlay ways[WAYS_MAX];
        size_t num_ways = overlay_ways(f->arena, &subject, &wishes[i], ways, WAYS_MAX);
        for (size_t k = 0; k < num_ways; k++)
            f->candidates[f->num_candidates++] = (candidate){.wish = wishes[i], .wish_number = i, .way = ways[k]};
    }
}

/* ---- one try --------------------------------------------------------------------------------------------------------------- */

/* A folder's name goes into variables and options that know no quotes. */
static const char *parent_folder(void)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./";
    const char *parent = getenv("TMPDIR");
    bool is_usable = parent != NULL && parent[0] == '/' && strspn(parent, plain) == strlen(parent);
    return is_usable ? parent : "/tmp";
}

static bool write_file(const fix *f, const overlay_file *file)
{
    const char *path = arena_printf(f->arena, "%s/%s", f->folder, file->name);
    mode_t mode = S_IRUSR | S_IWUSR | (file->is_program ? S_IXUSR : 0);
    bytes_view content = file->content;
    bool is_text = bytes_find(content, OVERLAY_FOLDER, 0) < content.len;
    if (is_text)
        content = bytes_from_text(overlay_in_folder(f->arena, bytes_to_text(f->arena, content), f->folder));
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    size_t at = 0;
    while (fd >= 0 && at < content.len) {
        bytes_view rest = bytes_slice(content, at, content.len);
        ssize_t written = write(fd, rest.data, rest.len);
        if (written <= 0 && errno != EINTR)
            break;
        at += written > 0 ? (size_t)written : 0;
    }
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0 && at == content.len;
}

/* Files for one run, 0700; removed after it, also where the run was ended by a signal: those go to the command. */
static bool make_folder(fix *f, const overlay *way)
{
    char *folder = arena_printf(f->arena, "%s/tlswhy-XXXXXX", parent_folder());
    f->folder = NULL;
    if (way->num_files == 0)
        return true;
    if (mkdtemp(folder) == NULL)
        return false;
    f->folder = folder;
    bool written = true;
    for (size_t i = 0; i < way->num_files && written; i++)
        written = write_file(f, &way->files[i]);
    return written;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

/* With whatever the command itself put there. */
static void remove_folder(const fix *f)
{
    enum { DESCRIPTORS_MAX = 8 };
    if (f->folder != NULL)
        (void)nftw(f->folder, remove_entry, DESCRIPTORS_MAX, FTW_DEPTH | FTW_PHYS);
}

static char *const *command_of(const fix *f, const overlay *way)
{
    size_t num = 0;
    if (way->argv == NULL)
        return f->settings->argv;
    while (way->argv[num] != NULL)
        num++;
    char **argv = ARENA_ARRAY(f->arena, num + 1, char *);
    for (size_t i = 0; i < num; i++)
        argv[i] =
            bytes_to_text(f->arena, bytes_from_text(overlay_in_folder(f->arena, way->argv[i], f->folder == NULL ? "" : f->folder)));
    return argv;
}

/* Sets the variables; `before` gets what was there, for restore_variables. */
static void set_variables(const fix *f, const overlay *way, const char *before[OVERLAY_VARIABLES_MAX])
{
    for (size_t i = 0; i < way->num_variables; i++) {
        const char *own = getenv(way->variables[i].name);
        before[i] = own == NULL ? NULL : arena_printf(f->arena, "%s", own);
        (void)setenv(way->variables[i].name,
                     overlay_in_folder(f->arena, way->variables[i].value, f->folder == NULL ? "" : f->folder), 1);
    }
}

static void restore_variables(const overlay *way, const char *const before[OVERLAY_VARIABLES_MAX])
{
    for (size_t i = 0; i < way->num_variables; i++) {
        if (before[i] == NULL)
            (void)unsetenv(way->variables[i].name);
        else
            (void)setenv(way->variables[i].name, before[i], 1);
    }
}

typedef struct trial_run {
    report report;
    int exit_status;
    bool ran, may_go_on; /* may_go_on: the command may be run once more */
} trial_run;

static trial_run run_once(fix *f, char *const *argv, bool diagnoses, error *e)
{
    trial_run t = {.exit_status = 125};
    run_settings settings = *f->settings;
    settings.argv = argv;
    settings.only_watches = !diagnoses;
    settings.traces_files = settings.traces_files || diagnoses; /* what is to be changed should be known well */
    if (!kept_begin(f->kept, e))
        return t;
    t.ran = run_watched(f->arena, &settings, &t.report, &t.exit_status, e);
    t.may_go_on = kept_end(f->kept) && t.ran && t.report.signal_number == 0;
    return t;
}

static trial_run try_candidate(fix *f, const candidate *c)
{
    trial_run t = {.exit_status = 125, .may_go_on = true};
    error ignored = {.code = ERROR_NONE};
    if (make_folder(f, &c->way)) {
        const char *before[OVERLAY_VARIABLES_MAX];
        set_variables(f, &c->way, before);
        t = run_once(f, command_of(f, &c->way), false, &ignored);
        restore_variables(&c->way, before);
    }
    remove_folder(f);
    return t;
}

static bool is_same_server(const fix *f, const report_connection *c)
{
    return c->evidence != NULL && c->evidence->port == f->port;
}

/* It ended well; or it did not, for a reason of its own, and yet the connection that had failed came about. */
static bool trial_worked(const fix *f, const trial_run *t)
{
    bool is_connected = false;
    if (t->exit_status == 0)
        return true;
    for (size_t i = 0; i < t->report.num_connections; i++) {
        const report_connection *c = &t->report.connections[i];
        if (is_same_server(f, c) && c->outcome == OUTCOME_FAILED && c->evidence->failed != NULL)
            return false;
        is_connected = is_connected || (is_same_server(f, c) && c->outcome == OUTCOME_OK);
    }
    return is_connected && t->report.signal_number == 0;
}

/* Whether the client did as wished in that run, by its hello: then it is not the way that failed, but the wish. */
static bool trial_met_the_wish(const fix *f, const trial_run *t, const wish *wanted)
{
    for (size_t i = 0; i < t->report.num_connections; i++) {
        const report_connection *c = &t->report.connections[i];
        if (is_same_server(f, c) && c->evidence->failed != NULL && c->evidence->failed->has_hello)
            return wish_is_met(f->arena, wanted, &c->evidence->failed->hello);
    }
    return false;
}

/* ---- telling ------------------------------------------------------------------------------------------------------------------
 */

static void add_note(arena *a, report *r, const char *text)
{
    const char **notes = ARENA_ARRAY(a, r->num_notes + 1, const char *);
    for (size_t i = 0; i < r->num_notes; i++)
        notes[i] = r->notes[i];
    notes[r->num_notes++] = text;
    r->notes = notes;
}

/* The first variable whose value is of use after the run as well. */
static const overlay_variable *lasting_variable(const overlay *way)
{
    for (size_t i = 0; i < way->num_variables; i++)
        if (strstr(way->variables[i].value, OVERLAY_FOLDER) == NULL)
            return &way->variables[i];
    return NULL;
}

static remedy remedy_of(arena *a, const candidate *c, bool worked)
{
    const char *cost = wish_cost(&c->wish);
    const overlay_variable *set = worked ? lasting_variable(&c->way) : NULL;
    remedy r = {.who = REMEDY_CLIENT,
                .lowers_security = c->wish.is_weak || c->wish.not_strict ? LOWERS_THIS_PROGRAM : LOWERS_NONE,
                .verified = worked,
                .variable = set == NULL ? NULL : set->name,
                .value = set == NULL ? NULL : set->value};
    r.text = arena_printf(a, "%s %s, by %s%s. %s%s%s", worked ? "Run again with" : "Run it with", wish_text(a, &c->wish),
                          c->way.how, worked ? ", the command worked" : " (weak: tried only with --allow-weaker)", c->way.permanent,
                          cost == NULL ? "" : " ", cost == NULL ? "" : cost);
    r.text = overlay_in_folder(a, r.text, "FOLDER");
    return r;
}

/* What was not tried comes after all that was found without it. */
static void put_remedy_last(arena *a, report_connection *c, remedy r)
{
    verdict *told = arena_copy(a, c->verdict, sizeof *c->verdict);
    told->remedies = ARENA_ARRAY(a, c->verdict->num_remedies + 1, remedy);
    for (size_t i = 0; i < c->verdict->num_remedies; i++)
        told->remedies[i] = c->verdict->remedies[i];
    told->remedies[told->num_remedies++] = r;
    c->verdict = told;
}

static void put_remedy_first(arena *a, report_connection *c, remedy r)
{
    verdict *told = arena_copy(a, c->verdict, sizeof *c->verdict);
    told->remedies = ARENA_ARRAY(a, c->verdict->num_remedies + 1, remedy);
    told->remedies[0] = r;
    for (size_t i = 0; i < c->verdict->num_remedies; i++)
        told->remedies[i + 1] = c->verdict->remedies[i];
    told->num_remedies = c->verdict->num_remedies + 1;
    c->verdict = told;
}

static bool is_known_failure(const report *r)
{
    return r->exit_status != 0 && r->signal_number == 0;
}

static void note_failures(const fix *f, report *out, const char *tried)
{
    if (tried != NULL)
        add_note(f->arena, out, arena_printf(f->arena, "The command was run again with %s, and failed all the same.", tried));
}

/* Tries in order. Returns the number of the run that worked (the first run is 0), or 0. */
static size_t try_all(fix *f, report_connection *c, report *out, int *exit_status)
{
    size_t num_runs = 1, given_up = EFFECTS_MAX;
    const char *tried = NULL;
    for (size_t i = 0; i < f->num_candidates && num_runs <= TRIES_MAX; i++) {
        const candidate *one = &f->candidates[i];
        bool is_first_way = i == 0 || f->candidates[i - 1].wish_number != one->wish_number;
        if (one->wish_number == given_up)
            continue;
        if (one->wish.is_weak && !f->wanted->allows_weaker) {
            if (is_first_way)
                put_remedy_last(f->arena, c, remedy_of(f->arena, one, false));
            continue;
        }
        trial_run t = try_candidate(f, one);
        if (!t.ran)
            continue;
        f->num_tried++;
        if (trial_worked(f, &t)) {
            put_remedy_first(f->arena, c, remedy_of(f->arena, one, true));
            *exit_status = t.exit_status;
            out->exit_status = t.report.exit_status;
            note_failures(f, out, tried);
            return num_runs;
        }
        num_runs++;
        const char *by = arena_printf(f->arena, "%s by %s", wish_text(f->arena, &one->wish), one->way.how);
        tried = tried == NULL ? by : arena_printf(f->arena, "%s; %s", tried, by);
        if (!t.may_go_on)
            break;
        if (trial_met_the_wish(f, &t, &one->wish))
            given_up = one->wish_number;
    }
    note_failures(f, out, tried);
    return 0;
}

/* Then another program may do. What is named already (as why the library is too old) is not named again. */
static void nothing_worked(const fix *f, report_connection *c, report *out)
{
    remedy other;
    bool is_known = false;
    for (size_t i = 0; i < c->verdict->num_remedies; i++)
        is_known = is_known || (c->verdict->remedies[i].verified && !c->verdict->remedies[i].is_verified_by_hello);
    if (!is_known && other_client_find(f->arena, c->verdict, c->evidence, &other))
        put_remedy_first(f->arena, c, other);
    if (f->num_candidates == 0)
        add_note(f->arena, out,
                 "Nothing is known that could be changed around the client to mend this: the command was not run again.");
    else if (f->num_tried == 0)
        add_note(f->arena, out,
                 "All that could be changed around the client is weak: the command was not run again without --allow-weaker.");
}

bool run_fixed(arena *a, const run_settings *settings, const fix_settings *wanted, report *out, int *exit_status, error *e)
{
    fix f = {.arena = a, .settings = settings, .wanted = wanted, .kept = kept_new(e)};
    *exit_status = 125;
    if (f.kept == NULL)
        return false;
    trial_run first = run_once(&f, settings->argv, true, e);
    size_t shown = 0;
    *out = first.report;
    *exit_status = first.exit_status;
    report_connection *c = first.ran && is_known_failure(out) ? first_explained(out) : NULL;
    if (c != NULL && first.may_go_on) {
        find_candidates(&f, c);
        shown = try_all(&f, c, out, exit_status);
        if (shown == 0)
            nothing_worked(&f, c, out);
    } else if (c != NULL) {
        add_note(a, out, "The command's output or input could not be kept: it was not run again.");
    }
    kept_show(f.kept, shown);
    kept_free(f.kept);
    return first.ran;
}
