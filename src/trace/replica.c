#include "trace/replica.h"

#include "trace/process.h"
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/xattr.h>
#include <unistd.h>

#define LINE_LEN_MAX ((size_t)256)
#define PATH_OF_PROC_MAX ((size_t)64)

/* ---- what was done to sockets ------------------------------------------------------------------------------------ */

bool replica_memory_init(replica_memory *m)
{
    *m = (replica_memory){.calls = calloc(REPLICA_MEMORY_MAX, sizeof *m->calls)};
    return m->calls != NULL;
}

void replica_memory_free(replica_memory *m)
{
    free(m->calls);
    m->calls = NULL;
}

void replica_remember(replica_memory *m, const replica_call *call)
{
    m->calls[m->next % REPLICA_MEMORY_MAX] = *call;
    m->next++;
}

/* ---- what a descriptor is ---------------------------------------------------------------------------------------- */

static FILE *open_fdinfo(pid_t tid, int descriptor)
{
    char path[PATH_OF_PROC_MAX];
    (void)snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", tid, descriptor);
    return fopen(path, "re");
}

static bool read_flags(pid_t tid, int descriptor, int *flags)
{
    char line[LINE_LEN_MAX];
    bool found = false;
    FILE *f = open_fdinfo(tid, descriptor);
    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL) {
        found = strncmp(line, "flags:", 6) == 0;
        if (found)
            *flags = (int)strtol(line + 6, NULL, 8); /* octal, proc_pid_fdinfo(5) */
    }
    if (f != NULL)
        (void)fclose(f);
    return found;
}

/* The kernel's names of protocols, as in /proc/net/protocols. */
static const struct {
    const char *name;
    int family, type;
} kinds[] = {
    {"TCP", AF_INET, SOCK_STREAM},
    {"TCPv6", AF_INET6, SOCK_STREAM},
    {"UDP", AF_INET, SOCK_DGRAM},
    {"UDPv6", AF_INET6, SOCK_DGRAM},
};

bool replica_kind_of(pid_t tid, int descriptor, replica_kind *out)
{
    char path[PATH_OF_PROC_MAX], name[64];
    (void)snprintf(path, sizeof path, "/proc/%d/fd/%d", tid, descriptor);
    ssize_t len = getxattr(path, "system.sockprotoname", name, sizeof name - 1);
    if (len <= 0 || !read_flags(tid, descriptor, &out->flags))
        return false;
    name[len] = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, name) != 0)
            continue;
        out->family = kinds[i].family;
        out->type = kinds[i].type;
        return true;
    }
    return false;
}

/* An epoll set tells the inode of each descriptor in it. */
static bool is_in_epoll_set(pid_t pid, int set, uint64_t inode)
{
    char line[LINE_LEN_MAX], word[32];
    bool found = false;
    FILE *f = open_fdinfo(pid, set);
    (void)snprintf(word, sizeof word, "ino:%" PRIx64 " ", inode);
    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL)
        found = strncmp(line, "tfd:", 4) == 0 && strstr(line, word) != NULL;
    if (f != NULL)
        (void)fclose(f);
    return found;
}

static bool is_epoll_set(pid_t pid, int descriptor)
{
    char path[PATH_OF_PROC_MAX], target[64];
    (void)snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, descriptor);
    ssize_t len = readlink(path, target, sizeof target - 1);
    if (len < 0)
        return false;
    target[len] = 0;
    return strcmp(target, "anon_inode:[eventpoll]") == 0;
}

bool replica_is_safe(pid_t pid, int descriptor, uint64_t inode)
{
    char path[PATH_OF_PROC_MAX];
    (void)snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *dir = opendir(path);
    bool safe = dir != NULL;
    for (struct dirent *entry; safe && (entry = readdir(dir)) != NULL;) {
        int other = (int)strtol(entry->d_name, NULL, 10);
        if (entry->d_name[0] == '.' || other == descriptor)
            continue;
        safe = process_socket_inode(pid, other) != inode && !(is_epoll_set(pid, other) && is_in_epoll_set(pid, other, inode));
    }
    if (dir != NULL)
        (void)closedir(dir);
    return safe;
}

/* ---- the equal socket -------------------------------------------------------------------------------------------- */

/* A bound socket has its address for itself, and may have told it already: no other can be equal to it. */
static bool repeat(int fd, const replica_call *call)
{
    if (call->too_large || call->is_bind)
        return false;
    (void)setsockopt(fd, call->level, call->name, call->value, call->len); /* fails as the task's own has */
    return true;
}

int replica_make(const replica_memory *m, const replica_kind *kind, uint64_t inode)
{
    int fd = socket(kind->family, kind->type | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && fcntl(fd, F_SETFL, kind->flags & O_NONBLOCK) == 0;
    size_t oldest = m->next > REPLICA_MEMORY_MAX ? m->next - REPLICA_MEMORY_MAX : 0;
    for (size_t i = oldest; ok && i < m->next; i++) {
        const replica_call *call = &m->calls[i % REPLICA_MEMORY_MAX];
        ok = call->inode != inode || repeat(fd, call);
    }
    if (ok || fd < 0)
        return fd;
    (void)close(fd);
    return -1;
}
