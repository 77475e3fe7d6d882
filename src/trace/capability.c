#include "trace/capability.h"

#include "trace/listener.h"
#include "trace/process.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint32_t mark = 0x746c7377;

/* A process to try on. It ends with its parent, however that ends, and does not keep the listener of its tale waiting. */
static pid_t start_target(int tell)
{
    pid_t parent = getpid(), child = fork();
    if (child != 0)
        return child;
    (void)close(tell);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    while (getppid() == parent)
        (void)pause();
    _exit(0);
}

/* A filter that lets everything pass; it goes with this process. */
static int try_listener(size_t *notification_size)
{
    struct sock_filter allow[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
    struct sock_fprog program = {1, allow};
    struct seccomp_notif_sizes sizes = {0};
    listener_report report = {0};
    int fd = listener_install(&program, &report);
    if (fd >= 0)
        (void)close(fd);
    if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0)
        *notification_size = sizes.seccomp_notif;
    return report.failed_errno;
}

/* Tells after each try what it knows: the next may be the last thing that this process does. */
static _Noreturn void try_in_turn(int tell)
{
    capability found = {.listener_errno = ENOSYS};
    uint32_t seen = 0;
    int held[2]; /* what the target has open all the while */
    pid_t target = pipe(held) == 0 ? start_target(tell) : -1;
    found.start_errno = target > 0 ? 0 : errno;
    found.reads_status = target > 0 && process_of_task(target) == target;
    (void)!write(tell, &found, sizeof found);
    found.reads_memory = target > 0 && process_read(target, (uint64_t)(uintptr_t)&mark, &seen, sizeof seen) && seen == mark;
    (void)!write(tell, &found, sizeof found);
    found.listener_errno = try_listener(&found.notification_size);
    (void)!write(tell, &found, sizeof found);
    found.copies_descriptors = target > 0 && process_get_descriptor(target, target, held[0]) >= 0;
    (void)!write(tell, &found, sizeof found);
    if (target > 0)
        (void)kill(target, SIGKILL);
    _exit(0);
}

static void hear(int from, capability *found)
{
    capability told;
    ssize_t n;
    do {
        n = read(from, &told, sizeof told);
        if (n == (ssize_t)sizeof told)
            *found = told;
    } while (n > 0 || (n < 0 && errno == EINTR));
}

static capability probe(void)
{
    capability found = {.reads_status = true, .listener_errno = ENOSYS}; /* as long as nothing else is heard */
    int pair[2];
    found.start_errno = pipe(pair) == 0 ? 0 : errno;
    if (found.start_errno != 0)
        return found;
    pid_t child = fork();
    found.start_errno = child < 0 ? errno : 0;
    if (child == 0) {
        (void)close(pair[0]);
        try_in_turn(pair[1]);
    }
    (void)close(pair[1]);
    hear(pair[0], &found);
    (void)close(pair[0]);
    if (child > 0)
        (void)waitpid(child, NULL, 0);
    return found;
}

capability capability_probe(void)
{
    static capability found;
    static bool is_found;
    if (!is_found)
        found = probe();
    is_found = true;
    return found;
}

bool capability_explain_listener(error *e, int listener_errno)
{
    if (listener_errno == EBUSY)
        return error_set(
            e, ERROR_UNSUPPORTED,
            "the command is watched already: seccomp user notification has one listener only (tlswhy inside tlswhy, or LXD)");
    if (listener_errno == EINVAL)
        return error_set(e, ERROR_UNSUPPORTED,
                         "this kernel has no seccomp user notification that can be used: Linux 5.9 or later is needed");
    if (listener_errno == EPERM || listener_errno == ENOSYS)
        return error_set(
            e, ERROR_UNSUPPORTED,
            "this sandbox does not allow seccomp(2): in Docker add --security-opt seccomp=unconfined, or a profile that "
            "allows it; in a systemd unit add SystemCallFilter=seccomp");
    errno = listener_errno;
    return error_set_errno(e, "cannot install the seccomp filter");
}

bool capability_suffices(const capability *c, error *e)
{
    if (c->start_errno != 0) {
        errno = c->start_errno;
        return error_set_errno(e, "cannot start a process to try what this machine allows");
    }
    if (!c->reads_status)
        return error_set(
            e, ERROR_UNSUPPORTED,
            "processes cannot be looked up in /proc here, and so it is not known who connects: mount -t proc proc /proc");
    if (!c->reads_memory)
        return error_set(e, ERROR_UNSUPPORTED,
                         "a process may not read its child's memory here, and so cannot see where it connects: in Docker add "
                         "--cap-add SYS_PTRACE; elsewhere see /proc/sys/kernel/yama/ptrace_scope, which must be 0 or 1");
    return c->listener_errno == 0 || capability_explain_listener(e, c->listener_errno);
}
