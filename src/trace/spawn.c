#include "trace/spawn.h"

#include "trace/filter.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child tells along with the listener, or instead of it. */
typedef struct child_report {
    int failed_errno; /* 0: the listener comes with this */
    bool no_new_privs;
    bool wait_killable;
} child_report;

/* ---- in the child: only what is safe after fork ------------------------------------------------------------------ */

static int install(const struct sock_fprog *program, child_report *report)
{
    unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
    if (fd < 0 && errno == EINVAL) {
        flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
        fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
    }
    report->wait_killable = (flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) != 0;
    return fd;
}

static int install_filter(filter_wants wants, child_report *report)
{
    struct sock_filter instructions[FILTER_LEN_MAX];
    struct sock_fprog program = {(unsigned short)filter_build(instructions, wants), instructions};
    int fd = install(&program, report);
    if (fd < 0 && errno == EACCES && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) { /* no CAP_SYS_ADMIN */
        report->no_new_privs = true;
        fd = install(&program, report);
    }
    report->failed_errno = fd < 0 ? errno : 0;
    return fd;
}

union control {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
};

static void send_report(int to, const child_report *report, int listener)
{
    union control control = {0};
    struct iovec span = {.iov_base = (void *)(uintptr_t)report, .iov_len = sizeof *report};
    struct msghdr message = {.msg_iov = &span, .msg_iovlen = 1};
    if (listener >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof listener);
        memcpy(CMSG_DATA(c), &listener, sizeof listener);
    }
    (void)sendmsg(to, &message, MSG_NOSIGNAL);
}

static _Noreturn void run_child(char *const argv[], filter_wants wants, const sigset_t *signals, int report_to, int exec_pipe)
{
    child_report report = {0};
    int listener = install_filter(wants, &report);
    send_report(report_to, &report, listener);
    if (listener < 0)
        _exit(125);
    (void)close(listener); /* closes on exec as well; but an exec that fails must not hold it */
    (void)close(report_to);
    (void)sigprocmask(SIG_SETMASK, signals, NULL);
    execvp(argv[0], argv);
    int saved = errno;
    (void)!write(exec_pipe, &saved, sizeof saved);
    _exit(saved == ENOENT ? 127 : 126);
}

/* ---- in the parent ----------------------------------------------------------------------------------------------- */

static bool receive_report(int from, child_report *report, int *listener)
{
    union control control = {0};
    struct iovec span = {.iov_base = report, .iov_len = sizeof *report};
    struct msghdr message = {.msg_iov = &span, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space};
    ssize_t n;
    do
        n = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    if (n == (ssize_t)sizeof *report && c != NULL && c->cmsg_type == SCM_RIGHTS)
        memcpy(listener, CMSG_DATA(c), sizeof *listener);
    return n == (ssize_t)sizeof *report;
}

bool spawn_explain(error *e, int problem)
{
    if (problem == EBUSY)
        return error_set(
            e, ERROR_UNSUPPORTED,
            "the command is watched already: seccomp user notification has one listener only (tlswhy inside tlswhy, or LXD)");
    if (problem == EINVAL)
        return error_set(e, ERROR_UNSUPPORTED,
                         "this kernel has no seccomp user notification that can be used: Linux 5.9 or later is needed");
    if (problem == EPERM || problem == ENOSYS)
        return error_set(
            e, ERROR_UNSUPPORTED,
            "this sandbox does not allow seccomp(2): in Docker add --security-opt seccomp=unconfined, or a profile that allows it");
    errno = problem;
    return error_set_errno(e, "cannot install the seccomp filter");
}

static bool finish(pid_t child, int from, spawned *out, error *e)
{
    child_report report = {0};
    int listener = -1;
    bool received = receive_report(from, &report, &listener);
    if (received && report.failed_errno == 0 && listener >= 0) {
        *out = (spawned){.pid = child,
                         .listener = listener,
                         .exec_pipe = -1,
                         .no_new_privs = report.no_new_privs,
                         .wait_killable = report.wait_killable};
        return true;
    }
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    return received ? spawn_explain(e, report.failed_errno)
                    : error_set(e, ERROR_SYSTEM, "the command's process ended before it could be watched");
}

bool spawn_watched(char *const argv[], filter_wants wants, const sigset_t *signals, spawned *out, error *e)
{
    int pair[2], pipe_ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return error_set_errno(e, "cannot make a socket pair");
    if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
        (void)error_set_errno(e, "cannot make a pipe");
        (void)close(pair[0]);
        (void)close(pair[1]);
        return false;
    }
    pid_t child = fork();
    if (child == 0)
        run_child(argv, wants, signals, pair[1], pipe_ends[1]);
    (void)close(pair[1]);
    (void)close(pipe_ends[1]);
    bool ok = child > 0 ? finish(child, pair[0], out, e) : error_set_errno(e, "cannot fork");
    (void)close(pair[0]);
    if (ok)
        out->exec_pipe = pipe_ends[0];
    else
        (void)close(pipe_ends[0]);
    return ok;
}
