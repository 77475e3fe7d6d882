#include "run/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WRITTEN_LEN_MAX ((size_t)16 * 1024 * 1024)
enum { AT_ONCE_MAX = 16, STEP_MS = 200, NOT_STARTED = 127 };

typedef struct running {
    job *job; /* NULL: free */
    size_t index;
    pid_t pid;
    int ended; /* a pidfd: what it writes to may be held open by a child that outlives it */
    int from;
    buffer written;
    int64_t began_ms;
    bool was_asked_to_end;
} running;

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A child without what its parent has set up for itself: terminal, standard files, signals. It does not outlive it. */
static void enter_child(void)
{
    sigset_t none;
    int empty = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGHUP);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        (void)dup2(empty, fd);
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void be_child(const job *j, int to)
{
    int status = 0;
    enter_child();
    if (j->argv == NULL) {
        j->body(j->user, to);
    } else {
        (void)dup2(to, j->keeps);
        (void)execv(j->argv[0], j->argv);
        status = NOT_STARTED;
    }
    _exit(status);
}

/* The write end is high enough not to be one that is put in its place. */
static bool start(running *r, job *j, error *e)
{
    enum { DESCRIPTOR_MIN = 10 };
    const char *name = j->argv == NULL ? "a process of tlswhy's own" : j->argv[0];
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set_errno(e, "no pipe for %s", name);
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    int to = fcntl(ends[1], F_DUPFD_CLOEXEC, DESCRIPTOR_MIN);
    (void)close(ends[1]);
    bool can_start = to >= 0 && (j->argv == NULL || access(j->argv[0], X_OK) == 0);
    bool started = can_start && (r->pid = fork()) >= 0;
    if (started && r->pid == 0)
        be_child(j, to);
    if (!started)
        (void)error_set_errno(e, "%s cannot be started", name);
    if (to >= 0)
        (void)close(to);
    if (!started) {
        (void)close(ends[0]);
        return false;
    }
    r->job = j;
    r->from = ends[0];
    r->ended = (int)syscall(SYS_pidfd_open, r->pid, 0);
    r->began_ms = now_ms();
    r->was_asked_to_end = false;
    buffer_init(&r->written, WRITTEN_LEN_MAX);
    return true;
}

static void finish(arena *a, running *r, const jobs_settings *settings)
{
    (void)kill(-r->pid, SIGKILL);
    while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    (void)close(r->from);
    if (r->ended >= 0)
        (void)close(r->ended);
    r->job->written = bytes_copy(a, buffer_view(&r->written));
    buffer_free(&r->written);
    r->job = NULL;
    if (settings->ended != NULL)
        settings->ended(settings->user, r->index);
}

/* Takes what there is. False at the end of what it writes, and where that is more than is kept. */
static bool take(running *r)
{
    uint8_t piece[16384];
    for (;;) {
        ssize_t got = read(r->from, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno == EAGAIN;
        if (got == 0 || !buffer_append(&r->written, piece, (size_t)got))
            return false;
    }
}

static void end_late_ones(arena *a, running *list, const jobs_settings *settings)
{
    for (size_t i = 0; i < AT_ONCE_MAX; i++) {
        running *r = &list[i];
        int64_t took = r->job == NULL ? 0 : now_ms() - r->began_ms;
        if (r->job != NULL && took > settings->soft_ms && !r->was_asked_to_end) {
            (void)kill(r->pid, SIGTERM);
            r->was_asked_to_end = true;
            r->job->ran_out_of_time = true;
        }
        if (r->job != NULL && took > settings->hard_ms) {
            finish(a, r, settings);
        }
    }
}

static void wait_for_some(arena *a, running *list, const jobs_settings *settings)
{
    struct pollfd polled[2 * AT_ONCE_MAX];
    for (size_t i = 0; i < AT_ONCE_MAX; i++) {
        polled[2 * i] = (struct pollfd){.fd = list[i].job == NULL ? -1 : list[i].from, .events = POLLIN};
        polled[2 * i + 1] = (struct pollfd){.fd = list[i].job == NULL ? -1 : list[i].ended, .events = POLLIN};
    }
    if (poll(polled, 2 * AT_ONCE_MAX, STEP_MS) > 0)
        for (size_t i = 0; i < AT_ONCE_MAX; i++) {
            bool says_something = polled[2 * i].revents != 0, has_ended = polled[2 * i + 1].revents != 0;
            if ((says_something || has_ended) && (!take(&list[i]) || has_ended))
                finish(a, &list[i], settings);
        }
    end_late_ones(a, list, settings);
}

static bool is_busy(const running *r, const jobs_settings *settings)
{
    bool may_wait = settings->busy_ms > 0 && (buffer_view(&r->written).len > 0 || now_ms() - r->began_ms >= settings->busy_ms);
    return r->job != NULL && !may_wait;
}

/* Starts as many more as there is room for; `*next` is the first that was not. Returns how many could be started. */
static size_t start_some(running *list, job *jobs, size_t num_jobs, size_t *next, const jobs_settings *settings, error *e)
{
    size_t num_busy = 0, num_started = 0;
    int64_t last_ms = 0;
    for (size_t i = 0; i < AT_ONCE_MAX; i++)
        last_ms = list[i].began_ms > last_ms ? list[i].began_ms : last_ms;
    for (size_t i = 0; i < AT_ONCE_MAX; i++)
        num_busy += is_busy(&list[i], settings);
    for (size_t i = 0; i < AT_ONCE_MAX && num_busy < settings->at_once; i++) {
        if (settings->gap_ms > 0 && (num_started > 0 || now_ms() - last_ms < settings->gap_ms))
            return num_started;
        bool is_free = list[i].job == NULL;
        while (list[i].job == NULL && *next < num_jobs) {
            list[i].index = (*next)++;
            if (settings->begins != NULL)
                settings->begins(settings->user, list[i].index);
            num_started += start(&list[i], &jobs[list[i].index], e);
        }
        num_busy += is_free && list[i].job != NULL;
    }
    return num_started;
}

bool jobs_run(arena *a, job *jobs, size_t num_jobs, const jobs_settings *settings, error *e)
{
    running list[AT_ONCE_MAX] = {0};
    size_t next = 0, num_started = 0, num_running = 0;
    do {
        num_started += start_some(list, jobs, num_jobs, &next, settings, e);
        num_running = 0;
        for (size_t i = 0; i < AT_ONCE_MAX; i++)
            num_running += list[i].job != NULL;
        if (num_running > 0 || next < num_jobs)
            wait_for_some(a, list, settings);
    } while (num_running > 0 || next < num_jobs);
    return num_started > 0 || num_jobs == 0;
}

void job_write(int keep, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t len = write(keep, text, left);
        if (len < 0 && errno != EINTR)
            return;
        text += len < 0 ? 0 : len;
        left -= len < 0 ? 0 : (size_t)len;
    }
}
