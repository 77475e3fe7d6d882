/*
 * Files that a task opens, where they are wanted (--trace-files). The call is always passed: whether it will succeed is not known,
 * so a file counts where it is there and an ordinary one.
 */
#include "trace/state.h"

#include "trace/process.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE ((size_t)PATH_MAX * 2)

/* Where a relative path begins: a descriptor's folder, or the task's own. False where it cannot be told. */
static bool read_folder(const notification *n, char out[PATH_MAX])
{
    char link[64];
    bool by_descriptor = n->call != WATCHED_OPEN && (int)n->args[0] != AT_FDCWD;
    if (by_descriptor)
        (void)snprintf(link, sizeof link, "/proc/%d/fd/%d", n->tid, (int)n->args[0]);
    else
        (void)snprintf(link, sizeof link, "/proc/%d/cwd", n->tid);
    ssize_t len = readlink(link, out, PATH_MAX - 1);
    out[len > 0 ? len : 0] = '\0';
    return out[0] == '/';
}

/* The path from the task's own root on. */
static bool read_path(const notification *n, char out[PATH_SIZE])
{
    char given[PATH_MAX], folder[PATH_MAX] = "";
    if (!process_read_text(n->tid, n->args[n->call == WATCHED_OPEN ? 0 : 1], given, sizeof given) || given[0] == '\0')
        return false;
    if (given[0] != '/' && !read_folder(n, folder))
        return false;
    const char *relative = strncmp(given, "./", 2) == 0 ? given + 2 : given;
    return snprintf(out, PATH_SIZE, given[0] == '/' ? "%s%s" : "%s/%s", folder, relative) < (int)PATH_SIZE;
}

static bool is_file(pid_t tid, const char *path)
{
    char reached[PATH_SIZE + 32];
    struct stat st;
    (void)snprintf(reached, sizeof reached, "/proc/%d/root%s", tid, path);
    return stat(reached, &st) == 0 && S_ISREG(st.st_mode);
}

void open_notified(trace *t, const notification *n)
{
    char path[PATH_SIZE];
    pid_t pid = read_path(n, path) ? process_of_task(n->tid) : 0;
    if (pid != 0 && !opened_files_have(&t->opened, pid, path) && is_file(n->tid, path))
        opened_files_add(&t->opened, pid, path);
    if (pid != 0 && t->opened.num_left_out > 0)
        trace_note_unobserved(t, pid, "more opened files than are kept", NULL);
    supervisor_pass(t, n->id);
}
