#include "trace/snapshot.h"

#include "trace/process.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXTS_LEN_MAX ((size_t)2 * 1024 * 1024) /* of arguments and environment: the kernel's own limit for one exec, about */
#define MAPS_LEN_MAX ((size_t)4 * 1024 * 1024)
#define READ_LEN ((size_t)64 * 1024)

static bool read_descriptor(int fd, size_t len_max, buffer *into)
{
    uint8_t piece[READ_LEN];
    while (into->len < len_max) {
        size_t left = len_max - into->len;
        ssize_t len = read(fd, piece, left < sizeof piece ? left : sizeof piece);
        if (len < 0)
            return false;
        if (len == 0)
            return true;
        if (!buffer_append(into, piece, (size_t)len))
            return false;
    }
    return true;
}

bool file_read(arena *a, const char *path, size_t len_max, bytes_view *out)
{
    *out = bytes_from(NULL, 0);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a pipe or a terminal must not hold us up */
    if (fd < 0)
        return false;
    buffer content;
    buffer_init(&content, len_max);
    bool read_all = read_descriptor(fd, len_max, &content);
    if (read_all)
        *out = bytes_copy(a, buffer_view(&content));
    buffer_free(&content);
    (void)close(fd);
    return read_all;
}

/* Texts that each end in NUL, as a list. */
static const char *const *texts_of(arena *a, bytes_view all)
{
    size_t num = 0;
    for (size_t i = 0; i < all.len; i++)
        num += bytes_at(all, i) == 0;
    const char **list = ARENA_ARRAY(a, num + 2, const char *);
    num = 0;
    for (size_t at = 0; at < all.len;) {
        bytes_view text = bytes_until(bytes_slice(all, at, all.len), 0);
        list[num++] = bytes_to_text(a, text);
        at += text.len + 1;
    }
    return list;
}

static const char *const *proc_texts(arena *a, int pid, const char *name)
{
    bytes_view all;
    if (!file_read(a, arena_printf(a, "/proc/%d/%s", pid, name), TEXTS_LEN_MAX, &all))
        return NULL;
    return texts_of(a, all);
}

static bool is_known(const char *const *list, size_t num, const char *path)
{
    for (size_t i = 0; i < num; i++)
        if (strcmp(list[i], path) == 0)
            return true;
    return false;
}

/* The path of a line of /proc/PID/maps: from its first '/' on, where it is a file that is still there. */
static const char *mapped_path(arena *a, bytes_view line)
{
    static const char gone[] = " (deleted)";
    bytes_view before = bytes_until(line, '/');
    if (before.len == line.len)
        return NULL;
    bytes_view path = bytes_slice(line, before.len, line.len);
    if (bytes_find(path, gone, 0) < path.len)
        path = bytes_slice(path, 0, path.len - (sizeof gone - 1));
    return bytes_to_text(a, path);
}

static const char *const *proc_maps(arena *a, int pid)
{
    enum { FILES_MAX = 4096 };
    bytes_view all;
    if (!file_read(a, arena_printf(a, "/proc/%d/maps", pid), MAPS_LEN_MAX, &all))
        return NULL;
    const char **list = ARENA_ARRAY(a, FILES_MAX + 1, const char *);
    size_t num = 0;
    for (size_t at = 0; at < all.len && num < FILES_MAX;) {
        bytes_view line = bytes_until(bytes_slice(all, at, all.len), '\n');
        const char *path = mapped_path(a, line);
        if (path != NULL && !is_known(list, num, path))
            list[num++] = path;
        at += line.len + 1;
    }
    return list;
}

static const char *proc_link(arena *a, int pid, const char *name)
{
    char target[PATH_MAX];
    ssize_t len = readlink(arena_printf(a, "/proc/%d/%s", pid, name), target, sizeof target);
    return len <= 0 ? NULL : bytes_to_text(a, bytes_from(target, (size_t)len));
}

/* False also where it cannot be told. */
static bool is_another(arena *a, int pid, const char *name)
{
    struct stat theirs, ours;
    return stat(arena_printf(a, "/proc/%d/%s", pid, name), &theirs) == 0 &&
           stat(arena_printf(a, "/proc/self/%s", name), &ours) == 0 &&
           (theirs.st_ino != ours.st_ino || theirs.st_dev != ours.st_dev);
}

const process_snapshot *process_snapshot_read(arena *a, int pid)
{
    process_snapshot *p = ARENA_NEW(a, process_snapshot);
    *p = (process_snapshot){.pid = pid,
                            .exe = process_exe(a, pid),
                            .working_directory = proc_link(a, pid, "cwd"),
                            .has_own_files = is_another(a, pid, "ns/mnt") || is_another(a, pid, "root"),
                            .argv = proc_texts(a, pid, "cmdline"),
                            .environment = proc_texts(a, pid, "environ"),
                            .mapped_files = proc_maps(a, pid)};
    return p;
}

const char *process_variable(const process_snapshot *p, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; p != NULL && p->environment != NULL && p->environment[i] != NULL; i++)
        if (strncmp(p->environment[i], name, len) == 0 && p->environment[i][len] == '=')
            return p->environment[i] + len + 1;
    return NULL;
}

const char *process_path(arena *a, const process_snapshot *p, const char *path)
{
    if (path[0] == '/' || p == NULL || p->working_directory == NULL)
        return path;
    return arena_printf(a, "%s/%s", p->working_directory, path);
}
