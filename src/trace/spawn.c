#include "trace/spawn.h"

#include "trace/capability.h"
#include "trace/filter.h"
#include "trace/listener.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- in the child: only what is safe after fork ------------------------------------------------------------------ */

union control {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
};

static void send_report(int to, const listener_report *report, int listener)
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
    struct sock_filter instructions[FILTER_LEN_MAX];
    struct sock_fprog program = {(unsigned short)filter_build(instructions, wants), instructions};
    listener_report report = {0};
    int listener = listener_install(&program, &report);
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

static bool receive_report(int from, listener_report *report, int *listener)
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

static bool finish(pid_t child, int from, spawned *out, error *e)
{
    listener_report report = {0};
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
    return received ? capability_explain_listener(e, report.failed_errno)
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
