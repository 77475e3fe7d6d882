#include "client/executable.h"

#include "client/helper_program.h"
#include "client/trust_program.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRIPT_LEN_MAX ((size_t)256 * 1024)
enum { WORDS_MAX = 16 };

static bool can_run(const char *path)
{
    struct stat is;
    return stat(path, &is) == 0 && S_ISREG(is.st_mode) && access(path, X_OK) == 0;
}

/* The next after `skipped` of that name; what a shim of ours leads on to may lie behind the shim. */
static const char *on_path_behind(arena *a, const process_snapshot *s, const char *name, const char *skipped)
{
    const char *folders = process_variable(s, "PATH");
    for (bytes_view rest = bytes_from_text(folders == NULL ? "/usr/local/bin:/usr/bin:/bin" : folders); rest.len > 0;) {
        bytes_view folder = bytes_until(rest, ':');
        rest = bytes_slice(rest, folder.len + 1, rest.len);
        const char *path = process_path(a, s, arena_printf(a, "%s/%s", folder.len == 0 ? "." : bytes_to_text(a, folder), name));
        if (skipped != NULL && strcmp(path, skipped) == 0)
            skipped = NULL;
        else if (can_run(path) && skipped == NULL)
            return path;
    }
    return NULL;
}

const char *executable_on_path(arena *a, const process_snapshot *surroundings, const char *name)
{
    return on_path_behind(a, surroundings, name, NULL);
}

/* ---- shims ------------------------------------------------------------------------------------------------------------------ */

/* pyenv and what was made after it: ROOT/shims/NAME asks which version is meant, by a variable, a file of the working directory or
 * of one above, or ROOT/version; the program is ROOT/versions/VERSION/bin/NAME. */
static const struct {
    const char *name, *root_variable, *version_variable, *version_file;
} shims[] = {
    {"pyenv", "PYENV_ROOT", "PYENV_VERSION", ".python-version"},
    {"rbenv", "RBENV_ROOT", "RBENV_VERSION", ".ruby-version"},
    {"nodenv", "NODENV_ROOT", "NODENV_VERSION", ".node-version"},
    {"plenv", "PLENV_ROOT", "PLENV_VERSION", ".perl-version"},
};

/* Versions with ':' or newlines between; NULL where the file is not there. */
static const char *versions_in_file(arena *a, const char *path)
{
    bytes_view text;
    return file_read(a, path, 4096, &text) && text.len > 0 ? bytes_to_text(a, text) : NULL;
}

static const char *versions_wanted(arena *a, const process_snapshot *s, size_t shim, const char *root)
{
    const char *set = process_variable(s, shims[shim].version_variable);
    if (set != NULL && set[0] != '\0')
        return set;
    for (bytes_view folder = bytes_from_text(s->working_directory); folder.len > 0;) {
        const char *found = versions_in_file(a, arena_printf(a, "%s/%s", bytes_to_text(a, folder), shims[shim].version_file));
        if (found != NULL)
            return found;
        while (folder.len > 0 && bytes_at(folder, folder.len - 1) != '/')
            folder = bytes_slice(folder, 0, folder.len - 1);
        folder = bytes_slice(folder, 0, folder.len > 0 ? folder.len - 1 : 0);
    }
    return versions_in_file(a, arena_printf(a, "%s/version", root));
}

/* "3.11" stands for the newest 3.11.x as well (pyenv since 2.3): by name, which is near enough for what differs in the last digit.
 */
static const char *program_of_version(arena *a, const char *root, const char *version, const char *name)
{
    const char *path = arena_printf(a, "%s/versions/%s/bin/%s", root, version, name);
    return can_run(path) ? path : NULL;
}

static const char *shim_leads_to(arena *a, const process_snapshot *s, const char *path, size_t shim, const char *root)
{
    const char *versions = versions_wanted(a, s, shim, root), *name = base_name(path);
    for (bytes_view rest = bytes_from_text(versions == NULL ? "system" : versions); rest.len > 0;) {
        size_t len = 0;
        while (len < rest.len && strchr(": \t\r\n", bytes_at(rest, len)) == NULL)
            len++;
        const char *version = bytes_to_text(a, bytes_slice(rest, 0, len));
        rest = bytes_slice(rest, len + 1, rest.len);
        const char *found = len == 0                         ? NULL
                            : strcmp(version, "system") == 0 ? on_path_behind(a, s, name, path)
                                                             : program_of_version(a, root, version, name);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* The root that the shim itself names (`export PYENV_ROOT="..."`). Which shim it is, or -1. */
static int shim_of(arena *a, bytes_view script, const char **root)
{
    for (size_t i = 0; i < sizeof shims / sizeof *shims; i++) {
        const char *before = arena_printf(a, "export %s=\"", shims[i].root_variable);
        size_t at = bytes_find(script, before, 0);
        if (at == script.len)
            continue;
        *root = bytes_to_text(a, bytes_until(bytes_slice(script, at + strlen(before), script.len), '"'));
        return (int)i;
    }
    return -1;
}

/* ---- scripts ------------------------------------------------------------------------------------------------------------------
 */

static size_t words_of(arena *a, bytes_view line, const char **words)
{
    size_t num = 0;
    for (size_t at = 0; at < line.len && num < WORDS_MAX;) {
        size_t len = 0;
        while (at + len < line.len && !isspace(bytes_at(line, at + len)))
            len++;
        if (len > 0)
            words[num++] = bytes_to_text(a, bytes_slice(line, at, len));
        at += len + 1;
    }
    return num;
}

/* "#!/usr/bin/env -S NAME=value python3 -u": the word that env looks up on the PATH. */
static const char *word_for_env(const char *const *words, size_t num)
{
    for (size_t i = 1; i < num; i++) {
        if (strcmp(words[i], "-u") == 0 || strcmp(words[i], "-C") == 0)
            i++;
        else if (words[i][0] != '-' && strchr(words[i], '=') == NULL)
            return words[i];
    }
    return NULL;
}

static bool is_shell(const char *interpreter)
{
    static const char *const names[] = {"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "busybox"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(base_name(interpreter), names[i]) == 0)
            return true;
    return false;
}

/* The last line that begins with `exec` and names a file outright: how wrappers end. NULL where there is none. */
static const char *program_of_wrapper(arena *a, bytes_view script)
{
    const char *found = NULL;
    for (size_t at = 0; at < script.len;) {
        bytes_view line = bytes_until(bytes_slice(script, at, script.len), '\n');
        const char *words[WORDS_MAX];
        size_t num = words_of(a, line, words), first = 1;
        at += line.len + 1;
        if (num >= 2 && strcmp(words[0], "exec") == 0) {
            first = num >= 4 && strcmp(words[1], "-a") == 0 ? 3 : 1;
            bytes_view word = bytes_from_text(words[first]);
            if (bytes_at(word, 0) == '"' || bytes_at(word, 0) == '\'')
                word = bytes_until(bytes_slice(word, 1, word.len), (uint8_t)bytes_at(word, 0));
            if (bytes_at(word, 0) == '/' && bytes_until(word, '$').len == word.len)
                found = bytes_to_text(a, word);
        }
    }
    return found;
}

/* ---- one step after the other --------------------------------------------------------------------------------------------------
 */

typedef struct search {
    arena *arena;
    const process_snapshot *surroundings;
    executable *out;
    error *e;
} search;

static const char *no_way_on(const search *f, const char *path, const char *what)
{
    (void)error_set(f->e, ERROR_UNSUPPORTED, "%s %s", path, what);
    return NULL;
}

/* What a shell script leads to; NULL with a sentence. */
static const char *follow_shell(const search *f, const char *path, bytes_view script)
{
    const char *root = NULL;
    int shim = shim_of(f->arena, script, &root);
    const char *next =
        shim >= 0 ? shim_leads_to(f->arena, f->surroundings, path, (size_t)shim, root) : program_of_wrapper(f->arena, script);
    if (next == NULL && shim >= 0)
        return no_way_on(
            f, path,
            arena_printf(f->arena, "is a shim of %s, and no version that is chosen here has this program", shims[shim].name));
    if (next == NULL)
        return no_way_on(
            f, path, arena_printf(f->arena, "is a shell script; what it starts is seen when it runs: tlswhy run -v -- %s", path));
    f->out->steps[f->out->num_steps++] =
        shim >= 0 ? arena_printf(f->arena, "%s is a shim of %s, which chooses %s", path, shims[shim].name, next)
                  : arena_printf(f->arena, "%s is a script that starts %s", path, next);
    return next;
}

static const char *follow_script(const search *f, const char *path, bytes_view script)
{
    const char *words[WORDS_MAX];
    size_t num = words_of(f->arena, bytes_until(bytes_slice(script, 2, script.len), '\n'), words);
    const char *interpreter = num == 0 ? NULL : words[0];
    if (interpreter != NULL && strcmp(base_name(interpreter), "env") == 0) {
        const char *wanted = word_for_env(words, num);
        interpreter = wanted == NULL                ? NULL
                      : strchr(wanted, '/') != NULL ? process_path(f->arena, f->surroundings, wanted)
                                                    : executable_on_path(f->arena, f->surroundings, wanted);
        if (wanted != NULL && interpreter == NULL)
            return no_way_on(f, path, arena_printf(f->arena, "is a script for %s, which is not on the PATH", wanted));
    }
    if (interpreter == NULL)
        return no_way_on(f, path, "is a script that names no interpreter");
    if (is_shell(interpreter))
        return follow_shell(f, path, script);
    if (!can_run(interpreter))
        return no_way_on(f, path, arena_printf(f->arena, "is a script for %s, which is not there", interpreter));
    f->out->script = path;
    f->out->steps[f->out->num_steps++] = arena_printf(f->arena, "%s is a script for %s", path, interpreter);
    return interpreter;
}

/* One file: an ELF file ends the search (`*done`); else where to go on, or NULL with a sentence. */
static const char *follow(const search *f, const char *path, bool *done)
{
    static const char elf_magic[] = "\177ELF";
    bytes_view text;
    char *real = realpath(path, NULL);
    const char *file = real == NULL ? path : arena_printf(f->arena, "%s", real);
    free(real);
    f->out->path = path;
    f->out->file = file;
    const char *how, *helper = helper_program_find(f->arena, f->surroundings, path, file, &how);
    if (helper != NULL && can_run(helper)) {
        f->out->steps[f->out->num_steps++] = arena_printf(f->arena, "%s %s %s", path, how, helper);
        return helper;
    }
    bool is_read = file_read(f->arena, file, sizeof elf_magic - 1, &text);
    *done = is_read && bytes_start_with(text, elf_magic);
    if (*done)
        return path;
    if (!is_read || !file_read(f->arena, file, SCRIPT_LEN_MAX, &text)) {
        (void)error_set_errno(f->e, "cannot read %s", path);
        return NULL;
    }
    if (text.len == 0)
        return no_way_on(f, path, "is empty");
    if (!bytes_start_with(text, "#!"))
        return no_way_on(f, path, "is neither a program file (ELF) nor a script with an interpreter line (#!)");
    return follow_script(f, path, text);
}

/* Where the search begins; NULL with a sentence. */
static const char *starting_point(const search *f, const char *name)
{
    if (strchr(name, '/') == NULL) {
        const char *path = name[0] == '\0' ? NULL : executable_on_path(f->arena, f->surroundings, name);
        if (path == NULL)
            (void)error_set(f->e, ERROR_NOT_FOUND, "%s: no such program on the PATH", name[0] == '\0' ? "\"\"" : name);
        return path;
    }
    const char *path = process_path(f->arena, f->surroundings, name);
    struct stat is;
    if (stat(path, &is) != 0) {
        (void)error_set_errno(f->e, "cannot find %s", path);
        return NULL;
    }
    if (!S_ISREG(is.st_mode))
        return no_way_on(f, path, S_ISDIR(is.st_mode) ? "is a folder, not a program" : "is no file that can be run");
    return path;
}

bool executable_find(arena *a, const process_snapshot *surroundings, const char *name, executable *out, error *e)
{
    *out = (executable){.num_steps = 0};
    search f = {.arena = a, .surroundings = surroundings, .out = out, .e = e};
    const char *path = starting_point(&f, name);
    bool done = false;
    while (path != NULL && !done && out->num_steps < EXECUTABLE_STEPS_MAX)
        path = follow(&f, path, &done);
    if (path != NULL && !done)
        return error_set(e, ERROR_LIMIT, "%s: one script leads to another, more than %d times", name, EXECUTABLE_STEPS_MAX);
    return path != NULL;
}

bool is_same_file(const char *one, const char *other)
{
    struct stat a, b;
    return one != NULL && other != NULL && stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}
