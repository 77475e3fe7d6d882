#include "run/fix.h"

#include "causes/cause.h"
#include "run/effects.h"
#include "run/other_client.h"
#include "run/rerun.h"

#include <string.h>
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
    report *out;
    report_connection *mended; /* in `out` */
    overlay_subject subject;   /* the client of the failure that is mended */
    candidate candidates[CANDIDATES_MAX];
    size_t num_candidates, num_wishes, num_tried;
    uint16_t port;
    bool allows_no_more; /* the command was interrupted, or cannot be run again */
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

/* Then no setting brings it. */
static bool is_lacking(const verdict *v)
{
    return v->why.kind == WHY_LIBRARY || v->why.kind == WHY_BUILD;
}

static void add_candidate(fix *f, const wish *wanted, const overlay *way)
{
    if (f->num_candidates < CANDIDATES_MAX)
        f->candidates[f->num_candidates++] = (candidate){.wish = *wanted, .wish_number = f->num_wishes, .way = *way};
}

static void add_ways(fix *f, const wish *wanted)
{
    overlay ways[WAYS_MAX];
    size_t num = overlay_ways(f->arena, &f->subject, wanted, ways, WAYS_MAX);
    for (size_t i = 0; i < num; i++)
        add_candidate(f, wanted, &ways[i]);
}

static void find_candidates(fix *f, const report_connection *c)
{
    const evidence *e = c->evidence;
    wish wishes[EFFECTS_MAX];
    f->port = e->port;
    f->subject = (overlay_subject){.client = e->client,
                                   .command = f->settings->argv,
                                   .hello = e->failed != NULL && e->failed->has_hello ? &e->failed->hello : NULL,
                                   .is_narrowed_by_code = is_in_the_code(c->verdict)};
    size_t num = is_lacking(c->verdict) ? 0 : effects_of(f->arena, c->verdict, e, wishes);
    for (size_t i = 0; i < num; i++, f->num_wishes++)
        add_ways(f, &wishes[i]);
}

/* ---- what came of a try ------------------------------------------------------------------------------------------------------ */

static bool is_same_server(const fix *f, const report_connection *c)
{
    return c->evidence != NULL && c->evidence->port == f->port;
}

/* It ended well; or it did not, for a reason of its own, and yet the connection that had failed came about. */
static bool trial_worked(const fix *f, const rerun *t)
{
    bool is_connected = false;
    if (t->report.exit_status == 0)
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
static bool trial_met_the_wish(const fix *f, const rerun *t, const wish *wanted)
{
    for (size_t i = 0; i < t->report.num_connections; i++) {
        const report_connection *c = &t->report.connections[i];
        if (is_same_server(f, c) && c->evidence->failed != NULL && c->evidence->failed->has_hello)
            return wish_is_met(f->arena, wanted, &c->evidence->failed->hello);
    }
    return false;
}

/* Then what the hello lacks afterwards may be just that. */
static bool takes_away(const fix *f, const wish *w)
{
    bool caps = w->version_max != 0 && f->subject.hello != NULL && w->version_max < client_hello_version_max(f->subject.hello);
    return caps || w->no_dhe || w->no_alpn || w->has_without || w->groups_only.num_codes > 0;
}

static bool is_on_trust(const verdict *v)
{
    static const char *const ids[] = {"trust-store-missing", "trust-store-differs", "cert-self-signed", "cert-chain-incomplete",
                                      "cert-unknown-issuer"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (strcmp(v->cause, ids[i]) == 0)
            return true;
    return false;
}

/* That store did not do, and another one of the machine (none of ours, which has gone by now) would: that was not known before. */
static bool is_another_store(const verdict *v, const wish *gone)
{
    const char *file = v->trust == NULL ? NULL : v->trust->file;
    return file != NULL && access(file, R_OK) == 0 && (gone->trust_file == NULL || strcmp(file, gone->trust_file) != 0);
}

/* What stands in the way now that the first obstacle has gone; NULL where it is the same, or not known. */
static const report_connection *next_obstacle(fix *f, rerun *t, const wish *gone)
{
    const report_connection *c = first_explained(&t->report);
    const verdict *before = f->mended->verdict;
    if (c != NULL && c->verdict->changes != NULL && takes_away(f, gone))
        return NULL;
    if (c != NULL && gone->num_trust_certificates > 0 && is_on_trust(c->verdict) && !is_another_store(c->verdict, gone))
        return NULL;
    if (c == NULL || !is_same_server(f, c) || strcmp(c->verdict->cause, "unknown") == 0 ||
        strcmp(c->verdict->cause, before->cause) == 0)
        return NULL;
    for (size_t i = 0; i < before->num_also; i++)
        if (strcmp(before->also[i], c->verdict->cause) == 0)
            return NULL;
    return c;
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

/* What has to lie in a folder of the user's own, where the words name one. */
static const char *files_text(arena *a, const overlay *way)
{
    enum { SHOWN_MAX = 600 };
    const char *text = " FOLDER stands for a folder of your own, with";
    for (size_t i = 0; i < way->num_files; i++) {
        const overlay_file *file = &way->files[i];
        const char *name = arena_printf(a, "%s %s", i == 0 ? "" : ",", file->name);
        bool is_shown = bytes_until(file->content, 0).len == file->content.len && file->content.len <= SHOWN_MAX;
        text = arena_printf(a, "%s%s (%s)", text, name,
                            is_shown ? overlay_one_line(a, bytes_to_text(a, file->content)) : "those certificates");
    }
    return arena_printf(a, "%s.", text);
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
    if (strstr(r.text, OVERLAY_FOLDER) != NULL)
        r.text = arena_printf(a, "%s%s", overlay_in_folder(a, r.text, "FOLDER"), files_text(a, &c->way));
    return r;
}

/* A line for a shell that calls the client with other arguments: where those that were tried work, it would say so once more. */
static bool says_it_again(const fix *f, const candidate *tried, const remedy *r)
{
    const char *program = f->subject.client->process->exe;
    const char *name = program == NULL ? NULL : strrchr(program, '/');
    return tried->way.argv != NULL && r->who == REMEDY_CLIENT && r->command != NULL && name != NULL &&
           strncmp(r->command, name + 1, strlen(name + 1)) == 0;
}

/* Before what was found without it, or after it. `tried`: the candidate that worked; NULL for what was not tried. */
static void put_remedy(const fix *f, remedy r, bool is_first, const candidate *tried)
{
    const verdict *v = f->mended->verdict;
    verdict *told = arena_copy(f->arena, v, sizeof *v);
    told->remedies = ARENA_ARRAY(f->arena, v->num_remedies + 1, remedy);
    told->num_remedies = 0;
    if (is_first)
        told->remedies[told->num_remedies++] = r;
    for (size_t i = 0; i < v->num_remedies; i++)
        if (tried == NULL || !says_it_again(f, tried, &v->remedies[i]))
            told->remedies[told->num_remedies++] = v->remedies[i];
    if (!is_first)
        told->remedies[told->num_remedies++] = r;
    f->mended->verdict = told;
}

static bool is_known_failure(const report *r)
{
    return r->exit_status != 0 && r->signal_number == 0;
}

static void note_failures(const fix *f, const char *tried)
{
    if (tried != NULL)
        add_note(f->arena, f->out, arena_printf(f->arena, "The command was run again with %s, and failed all the same.", tried));
}

/* The verdict on the first run learns what its mending brought to light. */
static void tell_next_obstacle(const fix *f, const report_connection *next, const wish *gone)
{
    const verdict *other = next->verdict;
    verdict *told = verdict_copy(f->arena, f->mended->verdict);
    const char **also = ARENA_ARRAY(f->arena, told->num_also + 1, const char *);
    for (size_t i = 0; i < told->num_also; i++)
        also[i] = told->also[i];
    also[told->num_also++] = other->cause;
    told->also = also;
    verdict_add_detail(
        f->arena, told,
        arena_printf(f->arena, "With %s it went on, and failed for another cause: %s", wish_text(f->arena, gone), other->headline));
    for (size_t i = 0; i < other->num_remedies; i++) {
        remedy r = other->remedies[i];
        r.of_cause = other->cause;
        r.text = arena_printf(f->arena, "Also, for %s: %s", other->cause, r.text);
        verdict_add_remedy(f->arena, told, r);
    }
    f->mended->verdict = told;
}

/* ---- one after the other
 * --------------------------------------------------------------------------------------------------------- */

/* A line that sets a variable which was set in vain is no remedy. */
static void drop_what_failed(const fix *f, const overlay *way)
{
    const verdict *v = f->mended->verdict;
    verdict *told = verdict_copy(f->arena, v);
    told->num_remedies = 0;
    for (size_t i = 0; i < v->num_remedies; i++) {
        const char *command = v->remedies[i].command;
        bool has_failed = false;
        for (size_t k = 0; k < way->num_variables && command != NULL; k++)
            has_failed = has_failed || strstr(command, arena_printf(f->arena, "%s=%s ", way->variables[k].name,
                                                                    way->variables[k].value)) == command;
        if (!has_failed)
            told->remedies[told->num_remedies++] = v->remedies[i];
    }
    f->mended->verdict = told;
}

/* Two ways at once; false where both change the arguments, or the same variable, or write the same file. */
static bool overlays_joined(arena *a, const overlay *one, const overlay *other, overlay *out)
{
    *out = *one;
    if (one->argv != NULL && other->argv != NULL)
        return false;
    out->argv = one->argv != NULL ? one->argv : other->argv;
    for (size_t i = 0; i < other->num_variables; i++) {
        for (size_t k = 0; k < one->num_variables; k++)
            if (strcmp(one->variables[k].name, other->variables[i].name) == 0)
                return false;
        if (out->num_variables == OVERLAY_VARIABLES_MAX)
            return false;
        out->variables[out->num_variables++] = other->variables[i];
    }
    for (size_t i = 0; i < other->num_files; i++) {
        for (size_t k = 0; k < one->num_files; k++)
            if (strcmp(one->files[k].name, other->files[i].name) == 0)
                return false;
        if (out->num_files == OVERLAY_FILES_MAX)
            return false;
        out->files[out->num_files++] = other->files[i];
    }
    out->how = arena_printf(a, "%s and %s", one->how, other->how);
    out->permanent = arena_printf(a, "%s %s", one->permanent, other->permanent);
    return true;
}

/* The first obstacle has gone: what removes the next one is tried together with what removed it, in one way or in two. */
static void add_candidates_for_next(fix *f, const report_connection *next, const candidate *gone)
{
    wish wishes[EFFECTS_MAX];
    size_t num = is_lacking(next->verdict) ? 0 : effects_of(f->arena, next->verdict, next->evidence, wishes);
    f->num_candidates = 0; /* the others were for what has gone */
    for (size_t i = 0; i < num; i++, f->num_wishes++) {
        wish both = wishes_joined(f->arena, &gone->wish, &wishes[i]);
        overlay ways[WAYS_MAX], joined;
        size_t num_ways = overlay_ways(f->arena, &f->subject, &wishes[i], ways, WAYS_MAX);
        add_ways(f, &both);
        for (size_t k = 0; k < num_ways; k++)
            if (overlays_joined(f->arena, &gone->way, &ways[k], &joined))
                add_candidate(f, &both, &joined);
    }
}

static void take_result(fix *f, const rerun *t, int *exit_status)
{
    *exit_status = t->exit_status;
    f->out->exit_status = t->report.exit_status;
    f->out->signal_number = t->report.signal_number;
}

/* One that is not to be tried without a word is named; false for that. */
static bool may_be_tried(const fix *f, size_t number)
{
    const candidate *c = &f->candidates[number];
    bool is_first_way = number == 0 || f->candidates[number - 1].wish_number != c->wish_number;
    if (!c->wish.is_weak || f->wanted->allows_weaker)
        return true;
    if (is_first_way)
        put_remedy(f, remedy_of(f->arena, c, false), false, NULL);
    return false;
}

static const char *and_tried(arena *a, const char *tried, const candidate *c)
{
    const char *by = arena_printf(a, "%s by %s", wish_text(a, &c->wish), c->way.how);
    return tried == NULL ? by : arena_printf(a, "%s; %s", tried, by);
}

/* Tries in order. Returns the number of the run to be shown: of the one that worked, or that was interrupted; 0 is the first run.
 */
static size_t try_all(fix *f, int *exit_status)
{
    size_t given_up = SIZE_MAX;
    const char *tried = NULL;
    error ignored;
    for (size_t i = 0; i < f->num_candidates && f->num_tried < TRIES_MAX && !f->allows_no_more; i++) {
        const candidate one = f->candidates[i];
        if (one.wish_number == given_up || !may_be_tried(f, i))
            continue;
        rerun t = rerun_make(f->arena, f->settings, f->kept, &one.way, &ignored);
        if (!t.ran)
            continue;
        f->num_tried++;
        f->allows_no_more = !t.may_go_on || t.was_interrupted;
        if (t.was_interrupted || trial_worked(f, &t)) {
            take_result(f, &t, exit_status);
            if (!t.was_interrupted)
                put_remedy(f, remedy_of(f->arena, &one, true), true, &one);
            note_failures(f, tried);
            return f->num_tried;
        }
        tried = and_tried(f->arena, tried, &one);
        const report_connection *next = next_obstacle(f, &t, &one.wish);
        if (next == NULL)
            drop_what_failed(f, &one.way);
        if (next != NULL) {
            tell_next_obstacle(f, next, &one.wish);
            add_candidates_for_next(f, next, &one);
            i = SIZE_MAX; /* from the first of them */
        } else if (trial_met_the_wish(f, &t, &one.wish)) {
            given_up = one.wish_number;
        }
    }
    note_failures(f, tried);
    return 0;
}

/* Then another program may do. What is named already (as why the library is too old) is not named again. */
static void nothing_worked(const fix *f, bool had_candidates)
{
    remedy other;
    bool is_known = false;
    const verdict *v = f->mended->verdict;
    for (size_t i = 0; i < v->num_remedies; i++)
        is_known = is_known || (v->remedies[i].verified && !v->remedies[i].is_verified_by_hello);
    if (!is_known && other_client_find(f->arena, v, f->mended->evidence, &other))
        put_remedy(f, other, true, NULL);
    if (!had_candidates)
        add_note(f->arena, f->out,
                 "Nothing is known that could be changed around the client to mend this: the command was not run again.");
    else if (f->num_tried == 0)
        add_note(f->arena, f->out,
                 "All that could be changed around the client is weak: the command was not run again without --allow-weaker.");
}

static size_t mend(fix *f, int *exit_status)
{
    find_candidates(f, f->mended);
    bool had_candidates = f->num_candidates > 0;
    size_t shown = try_all(f, exit_status);
    if (shown == 0)
        nothing_worked(f, had_candidates);
    return shown;
}

bool run_fixed(arena *a, const run_settings *settings, const fix_settings *wanted, report *out, int *exit_status, error *e)
{
    fix f = {.arena = a, .settings = settings, .wanted = wanted, .kept = kept_new(e), .out = out};
    *exit_status = 125;
    if (f.kept == NULL)
        return false;
    rerun first = rerun_make(a, settings, f.kept, NULL, e);
    size_t shown = 0;
    *out = first.report;
    *exit_status = first.exit_status;
    f.mended = first.ran && is_known_failure(out) && !first.was_interrupted ? first_explained(out) : NULL;
    if (f.mended != NULL && first.may_go_on)
        shown = mend(&f, exit_status);
    else if (f.mended != NULL)
        add_note(a, out, "The command's output or input could not be kept: it was not run again.");
    kept_show(f.kept, shown);
    kept_free(f.kept);
    return first.ran;
}
