/*
 * What a task is about to run: a program that would get more privileges than its caller does not get them under no_new_privs, which
 * an ordinary user's filter needs. The call is always passed.
 */
#include "trace/state.h"

#include "trace/process.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

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

void exec_notified(trace *t, const notification *n)
{
    char path[PATH_MAX + 64];
    if (t->command.no_new_privs && reachable_path(n, path, sizeof path) && gains_privileges(path))
        trace_note_unobserved(t, n->pid, "a set-id program",
                              "it runs without its privileges here: put sudo in front of tlswhy, not behind it");
    supervisor_pass(t, n->id);
}
