#include "run/fix.h"

#include "run/effects.h"
#include "run/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES_MAX = 3, WAYS_MAX = 3, CANDIDATES_MAX = EFFECTS_MAX * WAYS_MAX };

typedef struct candidate {
    effect effect;
    overlay way;
} candidate;

typedef struct fix {
    arena *arena;
    const run_settings *settings;
    const fix_settings *wanted;
    kept *kept;
    candidate candidates[CANDIDATES_MAX];
    size_t num_candidates;
    const char *folder; /* of ours, private; NULL where none was made */
    const char *file;   /* in it; NULL none */
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

static void find_candidates(fix *f, const report_connection *c)
{
    effect effects[EFFECTS_MAX];
    size_t num = effects_of(f->arena, c->verdict, c->evidence, effects);
    for (size_t i = 0; i < num; i++) {
        overlay ways[WAYS_MAX];
        size_t num_ways = overlay_ways(f->arena, c->evidence->client, f->settings->argv, &effects[i], ways, WAYS_MAX);
        for (size_t k = 0; k < num_ways; k++)
            f->candidates[f->num_candidates++] = (candidate){.effect = effects[i], .way = ways[k]};
    }
}

/* ---- one try --------------------------------------------------------------------------------------------------------------- */

/* Files for one run, 0700; removed after it, also where the run was ended by a signal: those go to the command. */
static bool make_folder(fix *f, const overlay *way)
{
    const char *parent = getenv("TMPDIR");
    char *folder = arena_printf(f->arena, "%s/tlswhy-XXXXXX", parent != NULL && parent[0] == '/' ? parent : "/tmp");
    f->folder = f->file = NULL;
    if (way->file == NULL)
        return true;
    if (mkdtemp(folder) == NULL)
        return false;
    f->folder = folder;
    f->file = arena_printf(f->arena, "%s/%s", folder, way->file);
    int fd = open(f->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    const char *content = overlay_in_folder(f->arena, way->content, folder);
    bool written = fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content);
    if (fd >= 0)
        (void)close(fd);
    return written;
}

static void remove_folder(const fix *f)
{
    if (f->file != NULL)
        (void)unlink(f->file);
    if (f->folder != NULL)
        (void)rmdir(f->folder);
}

static char **with_arguments(const fix *f, const overlay *way)
{
    size_t num = 0, more = 0;
    while (f->settings->argv[num] != NULL)
        num++;
    char **argv = ARENA_ARRAY(f->arena, num + OVERLAY_ARGUMENTS_MAX + 1, char *);
    for (size_t i = 0; i < num; i++)
        argv[i] = f->settings->argv[i];
    for (; way->arguments[more] != NULL; more++)
        argv[num + more] = bytes_to_text(f->arena, bytes_from_text(way->arguments[more]));
    return argv;
}

/* Sets the variable; returns what was there, for restore_variable. */
static const char *set_variable(const fix *f, const overlay *way)
{
    const char *before = way->variable == NULL ? NULL : getenv(way->variable);
    const char *kept_value = before == NULL ? NULL : arena_printf(f->arena, "%s", before);
    if (way->variable != NULL)
        (void)setenv(way->variable, overlay_in_folder(f->arena, way->value, f->folder == NULL ? "" : f->folder), 1);
    return kept_value;
}

static void restore_variable(const overlay *way, const char *before)
{
    if (way->variable == NULL)
        return;
    if (before == NULL)
        (void)unsetenv(way->variable);
    else
        (void)setenv(way->variable, before, 1);
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
        const char *before = set_variable(f, &c->way);
        t = run_once(f, with_arguments(f, &c->way), false, &ignored);
        restore_variable(&c->way, before);
    }
    remove_folder(f);
    return t;
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

/* "OPENSSL_CONF", "--tls-max 1.2". */
static const char *way_text(arena *a, const overlay *way)
{
    const char *text = way->variable == NULL ? NULL : arena_printf(a, "the variable %s", way->variable);
    for (size_t i = 0; way->arguments[i] != NULL; i++)
        text = text == NULL ? arena_printf(a, "the argument%s %s", way->arguments[i + 1] == NULL ? "" : "s", way->arguments[i])
                            : arena_printf(a, "%s %s", text, way->arguments[i]);
    return text;
}

static remedy remedy_of(arena *a, const candidate *c, bool worked)
{
    const char *cost = effect_cost(&c->effect);
    bool in_file = c->way.variable != NULL && strstr(c->way.value, OVERLAY_FOLDER) != NULL;
    remedy r = {.who = REMEDY_CLIENT,
                .lowers_security = c->effect.is_weak ? LOWERS_THIS_PROGRAM : LOWERS_NONE,
                .verified = worked,
                .variable = worked && !in_file ? c->way.variable : NULL,
                .value = worked && !in_file ? c->way.value : NULL};
    r.text = arena_printf(a, "%s %s, by %s%s. %s%s%s", worked ? "Run again with" : "Run it with", effect_text(a, &c->effect),
                          way_text(a, &c->way), worked ? ", the command worked" : " (weak: tried only with --allow-weaker)",
                          c->way.permanent, cost == NULL ? "" : " ", cost == NULL ? "" : cost);
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

/* Tries in order. Returns the number of the run that worked (the first run is 0), or 0. */
static size_t try_all(fix *f, report_connection *c, report *out, int *exit_status)
{
    size_t num_runs = 1;
    const char *tried = NULL;
    for (size_t i = 0; i < f->num_candidates && num_runs <= TRIES_MAX; i++) {
        const candidate *one = &f->candidates[i];
        if (one->effect.is_weak && !f->wanted->allows_weaker) {
            if (i == 0 || f->candidates[i - 1].effect.kind != one->effect.kind)
                put_remedy_last(f->arena, c, remedy_of(f->arena, one, false));
            continue;
        }
        trial_run t = try_candidate(f, one);
        if (!t.ran)
            continue;
        if (t.exit_status == 0) {
            put_remedy_first(f->arena, c, remedy_of(f->arena, one, true));
            *exit_status = out->exit_status = 0;
            return num_runs;
        }
        num_runs++;
        const char *by = arena_printf(f->arena, "%s by %s", effect_text(f->arena, &one->effect), way_text(f->arena, &one->way));
        tried = tried == NULL ? by : arena_printf(f->arena, "%s; %s", tried, by);
        if (!t.may_go_on)
            break;
    }
    if (tried != NULL)
        add_note(f->arena, out, arena_printf(f->arena, "The command was run again with %s, and failed all the same.", tried));
    return 0;
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
        if (f.num_candidates == 0)
            add_note(a, out,
                     "Nothing is known that could be changed around the client to mend this: the command was not run again.");
    } else if (c != NULL) {
        add_note(a, out, "The command's output or input could not be kept: it was not run again.");
    }
    kept_show(f.kept, shown);
    kept_free(f.kept);
    return first.ran;
}
