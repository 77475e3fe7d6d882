#include "run/rerun.h"

#include "client/private_folder.h"

#include <signal.h>
#include <stdlib.h>

/* Files for one run; NULL where it needs none, or they cannot be made: then `*ok` is false. */
static private_folder *make_folder(arena *a, const overlay *way, bool *ok)
{
    error ignored;
    private_folder *folder = way->num_files == 0 ? NULL : private_folder_new(a, &ignored);
    *ok = way->num_files == 0 || folder != NULL;
    for (size_t i = 0; i < way->num_files && *ok; i++) {
        bytes_view content = way->files[i].content;
        if (bytes_find(content, OVERLAY_FOLDER, 0) < content.len)
            content = bytes_from_text(overlay_in_folder(a, bytes_to_text(a, content), folder->path));
        *ok = private_folder_write(a, folder, way->files[i].name, content, way->files[i].is_program, &ignored);
    }
    return folder;
}

static char *const *command_with(arena *a, const overlay *way, char *const *usual, const char *folder)
{
    size_t num = 0;
    if (way->argv == NULL)
        return usual;
    while (way->argv[num] != NULL)
        num++;
    char **argv = ARENA_ARRAY(a, num + 1, char *);
    for (size_t i = 0; i < num; i++)
        argv[i] = bytes_to_text(a, bytes_from_text(overlay_in_folder(a, way->argv[i], folder)));
    return argv;
}

/* Sets the variables; `before` gets what was there, for restore_variables. */
static void set_variables(arena *a, const overlay *way, const char *folder, const char *before[OVERLAY_VARIABLES_MAX])
{
    for (size_t i = 0; i < way->num_variables; i++) {
        const char *own = getenv(way->variables[i].name);
        before[i] = own == NULL ? NULL : arena_printf(a, "%s", own);
        (void)setenv(way->variables[i].name, overlay_in_folder(a, way->variables[i].value, folder), 1);
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

/* By a terminal, a service manager or timeout(1); also where a shell tells of it by its status. */
static bool is_wish_to_end(const report *r)
{
    static const int sent[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++)
        if (r->signal_number == sent[i] || r->exit_status == 128 + sent[i])
            return true;
    return r->was_interrupted;
}

static rerun run_once(arena *a, const run_settings *settings, kept *k, error *e)
{
    rerun t = {.exit_status = 125};
    if (!kept_begin(k, e))
        return t;
    t.ran = run_watched(a, settings, &t.report, &t.exit_status, e);
    t.may_go_on = kept_end(k) && t.ran;
    t.was_interrupted = t.ran && is_wish_to_end(&t.report);
    return t;
}

rerun rerun_make(arena *a, const run_settings *settings, kept *k, const overlay *way, error *e)
{
    run_settings with = *settings;
    const char *before[OVERLAY_VARIABLES_MAX];
    bool is_made;
    with.traces_files = true; /* what is to be changed should be known well */
    if (way == NULL)
        return run_once(a, &with, k, e);
    private_folder *folder = make_folder(a, way, &is_made);
    const char *path = folder == NULL ? "" : folder->path;
    rerun t = {.exit_status = 125, .may_go_on = true};
    with.argv = command_with(a, way, settings->argv, path);
    if (is_made) {
        set_variables(a, way, path, before);
        t = run_once(a, &with, k, e);
        restore_variables(way, before);
    }
    private_folder_remove(folder);
    return t;
}
