/*
 * What a task is about to run: a program that would get more privileges than its caller does not get them under no_new_privs, which
 * an ordinary user's filter needs; and one that lets somebody else connect. The call is always passed.
 */
#include "trace/state.h"

#include "trace/delegate.h"
#include "trace/process.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ARGUMENTS_MAX ((size_t)32)
#define ARGUMENT_LEN_MAX ((size_t)256) /* a verb is shorter */

/* The path as this process can open it, through the task's own root, folder or descriptor. */
static bool reachable_path(const notification *n, char *out, size_t size)
{
    char text[PATH_MAX];
    bool at = n->call == WATCHED_EXEC_AT;
    if (!process_read_text(n->tid, n->args[at ? 1 : 0], text, sizeof text))
        return false;
    int len;
    if (text[0] == '/')
        len = snprintf(out, size, "/proc/%d/root%s", n->tid, text);
    else if (at && (int)n->args[0] != AT_FDCWD)
        len = snprintf(out, size, "/proc/%d/fd/%d%s%s", n->tid, (int)n->args[0], text[0] != 0 ? "/" : "", text);
    else
        len = snprintf(out, size, "/proc/%d/cwd/%s", n->tid, text);
    return len > 0 && (size_t)len < size;
}

static bool gains_privileges(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    if ((st.st_mode & S_ISUID) != 0 && st.st_uid != geteuid())
        return true;
    return ((st.st_mode & S_ISGID) != 0 && (st.st_mode & S_IXGRP) != 0) || getxattr(path, "security.capability", NULL, 0) > 0;
}

/* ---- what it is told to do ----------------------------------------------------------------------------------------- */

/* Its arguments without the first, as far as there is room: a list of pointers in the task's memory. */
static size_t read_arguments(arena *a, const notification *n, const char *arguments[ARGUMENTS_MAX])
{
    char text[ARGUMENT_LEN_MAX];
    size_t pointer_len = n->is_narrow ? sizeof(uint32_t) : sizeof(uint64_t), num = 0;
    uint64_t list = n->args[n->call == WATCHED_EXEC_AT ? 2 : 1], at;
    for (size_t i = 1; num < ARGUMENTS_MAX && process_read_pointer(n->tid, list + i * pointer_len, pointer_len, &at) && at != 0;
         i++)
        if (process_read_text(n->tid, at, text, sizeof text))
            arguments[num++] = arena_printf(a, "%s", text);
    return num;
}

/* PATH is searched by trying: what is not there is not run. */
static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
}

static void look_at_program(trace *t, const notification *n, const char *path)
{
    const char *arguments[ARGUMENTS_MAX], *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    arena *scratch = arena_new();
    const char *detail = delegate_detail(name, arguments, read_arguments(scratch, n, arguments));
    if (detail != NULL && is_program(path))
        trace_note_program(
            t, n->pid, name,
            (trace_unobserved){.what = "connections that are made elsewhere", .detail = detail, .is_elsewhere = true});
    if (t->command.no_new_privs && gains_privileges(path))
        trace_note_program(
            t, n->pid, name,
            (trace_unobserved){.what = "a set-id program",
                               .detail = "it runs without its privileges here: put sudo in front of tlswhy, not behind it",
                               .is_urgent = true});
    arena_free(scratch);
}

void exec_notified(trace *t, const notification *n)
{
    char path[PATH_MAX + 64];
    if (!t->passes_all && reachable_path(n, path, sizeof path))
        look_at_program(t, n, path);
    supervisor_pass(t, n->id);
}
