#include "trace/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define STATUS_LEN_MAX ((size_t)8192)
#define PATH_OF_PROC_MAX ((size_t)64)
#define DESCRIPTORS_LOOKED_AT_MAX 512
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* since 6.9: a descriptor for one thread */
#endif

/* ---- /proc/TID/status -------------------------------------------------------------------------------------------- */

static bool read_status(pid_t tid, char out[STATUS_LEN_MAX])
{
    char path[PATH_OF_PROC_MAX];
    (void)snprintf(path, sizeof path, "/proc/%d/status", tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t len = read(fd, out, STATUS_LEN_MAX - 1);
    (void)close(fd);
    out[len > 0 ? len : 0] = 0;
    return len > 0;
}

/* The number after "\nNAME:"; 0 where the line is missing. */
static uint64_t status_number(const char *status, const char *name, int base)
{
    char line[32];
    (void)snprintf(line, sizeof line, "\n%s:", name);
    const char *found = strstr(status, line);
    return found == NULL ? 0 : strtoull(found + strlen(line), NULL, base);
}

pid_t process_of_task(pid_t tid)
{
    char status[STATUS_LEN_MAX];
    return read_status(tid, status) ? (pid_t)status_number(status, "Tgid", 10) : 0;
}

bool process_is_stopped(pid_t pid)
{
    char status[STATUS_LEN_MAX];
    return read_status(pid, status) && strstr(status, "\nState:\tT (stopped)") != NULL;
}

bool process_sleeps_uninterrupted(pid_t pid)
{
    char status[STATUS_LEN_MAX];
    return read_status(pid, status) && strstr(status, "\nState:\tD ") != NULL;
}

/* A signal sent to a process goes to its first thread, if that takes it (complete_signal in kernel/signal.c); for another thread it
 * is certain only where there is no choice. */
bool process_has_signal(pid_t tid)
{
    char status[STATUS_LEN_MAX];
    if (!read_status(tid, status))
        return false;
    uint64_t pending = status_number(status, "SigPnd", 16);
    if ((pid_t)status_number(status, "Tgid", 10) == tid || status_number(status, "Threads", 10) == 1)
        pending |= status_number(status, "ShdPnd", 16);
    return (pending & ~status_number(status, "SigBlk", 16) & ~status_number(status, "SigIgn", 16)) != 0;
}

/* ---- links in /proc ---------------------------------------------------------------------------------------------- */

static bool read_link(const char *path, char *out, size_t size)
{
    ssize_t len = readlink(path, out, size - 1);
    if (len < 0)
        return false;
    out[len] = 0;
    return true;
}

const char *process_exe(arena *a, pid_t pid)
{
    char path[PATH_OF_PROC_MAX], target[PATH_MAX];
    (void)snprintf(path, sizeof path, "/proc/%d/exe", pid);
    return read_link(path, target, sizeof target) ? arena_printf(a, "%s", target) : NULL;
}

uint64_t process_socket_inode(pid_t tid, int descriptor)
{
    char path[PATH_OF_PROC_MAX], target[64];
    uint64_t inode = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/fd/%d", tid, descriptor);
    if (!read_link(path, target, sizeof target) || strncmp(target, "socket:[", 8) != 0)
        return 0;
    inode = strtoull(target + 8, NULL, 10);
    return inode;
}

bool process_has_socket(pid_t pid, uint64_t inode)
{
    bool found = false;
    for (int fd = 0; !found && fd < DESCRIPTORS_LOOKED_AT_MAX; fd++)
        found = process_socket_inode(pid, fd) == inode;
    return found;
}

bool process_shares_network(pid_t tid)
{
    char path[PATH_OF_PROC_MAX];
    struct stat theirs, ours;
    (void)snprintf(path, sizeof path, "/proc/%d/ns/net", tid);
    if (stat(path, &theirs) != 0 || stat("/proc/self/ns/net", &ours) != 0)
        return true;
    return theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Some sandboxes refuse process_vm_readv and allow /proc/TID/mem. */
static int open_memory(pid_t tid, int flags)
{
    char path[PATH_OF_PROC_MAX];
    (void)snprintf(path, sizeof path, "/proc/%d/mem", tid);
    return open(path, flags | O_CLOEXEC);
}

static struct iovec span(uint64_t at, size_t len)
{
    return (struct iovec){.iov_base = (void *)(uintptr_t)at, .iov_len = len}; /* in the task's address space, never followed here */
}

bool process_read(pid_t tid, uint64_t at, void *out, size_t len)
{
    struct iovec ours = {.iov_base = out, .iov_len = len}, theirs = span(at, len);
    ssize_t n = process_vm_readv(tid, &ours, 1, &theirs, 1, 0);
    if (n >= 0 || (errno != EPERM && errno != ENOSYS))
        return n == (ssize_t)len;
    int fd = open_memory(tid, O_RDONLY);
    if (fd < 0)
        return false;
    n = pread(fd, out, len, (off_t)at);
    (void)close(fd);
    return n == (ssize_t)len;
}

bool process_read_pointer(pid_t tid, uint64_t at, size_t len, uint64_t *out)
{
    uint32_t narrow;
    if (len == sizeof *out)
        return process_read(tid, at, out, sizeof *out);
    bool has_read = process_read(tid, at, &narrow, sizeof narrow);
    *out = has_read ? narrow : 0;
    return has_read;
}

bool process_read_message_name(pid_t tid, uint64_t at, size_t pointer_len, uint64_t *name, uint64_t *name_len)
{
    uint32_t len = 0;
    bool is_read = process_read_pointer(tid, at, pointer_len, name) && process_read(tid, at + pointer_len, &len, sizeof len);
    *name_len = len;
    return is_read;
}

bool process_write(pid_t tid, uint64_t at, const void *data, size_t len)
{
    char copy[256];
    if (len > sizeof copy)
        return false;
    memcpy(copy, data, len); /* the system call's local side is not const */
    struct iovec ours = {.iov_base = copy, .iov_len = len}, theirs = span(at, len);
    ssize_t n = process_vm_writev(tid, &ours, 1, &theirs, 1, 0);
    if (n >= 0 || (errno != EPERM && errno != ENOSYS))
        return n == (ssize_t)len;
    int fd = open_memory(tid, O_RDWR);
    if (fd < 0)
        return false;
    n = pwrite(fd, data, len, (off_t)at);
    (void)close(fd);
    return n == (ssize_t)len;
}

/* Page by page, since text may end just before one that is not mapped. */
bool process_read_text(pid_t tid, uint64_t at, char *out, size_t size)
{
    size_t have = 0;
    while (have < size) {
        size_t piece = 4096 - (size_t)((at + have) & 4095);
        if (piece > size - have)
            piece = size - have;
        if (!process_read(tid, at + have, out + have, piece))
            return false;
        if (memchr(out + have, 0, piece) != NULL)
            return true;
        have += piece;
    }
    return false;
}

/* ---- descriptors ------------------------------------------------------------------------------------------------- */

static int open_pidfd(pid_t tid, pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
    if (fd < 0 && errno == EINVAL) /* an older kernel: by the process, which has the same descriptors unless it took pains */
        fd = (int)syscall(SYS_pidfd_open, pid, 0);
    return fd;
}

static bool is_inode(int fd, uint64_t inode)
{
    struct stat st;
    return fstat(fd, &st) == 0 && (uint64_t)st.st_ino == inode;
}

int process_get_descriptor(pid_t tid, pid_t pid, int descriptor)
{
    int pidfd = open_pidfd(tid, pid);
    if (pidfd < 0)
        return -1;
    int fd = (int)syscall(SYS_pidfd_getfd, pidfd, descriptor, 0);
    int saved = errno;
    (void)close(pidfd);
    uint64_t inode = fd >= 0 ? process_socket_inode(tid, descriptor) : 0;
    if (fd >= 0 && inode != 0 && !is_inode(fd, inode)) {
        (void)close(fd); /* the process's, where the thread has descriptors of its own */
        fd = -1;
        saved = ESRCH;
    }
    errno = saved;
    return fd;
}

int process_get_socket(pid_t pid, int descriptor, uint64_t inode)
{
    if (inode == 0 || process_socket_inode(pid, descriptor) != inode)
        return -1;
    int fd = process_get_descriptor(pid, pid, descriptor);
    if (fd < 0 || is_inode(fd, inode))
        return fd;
    (void)close(fd);
    return -1;
}
