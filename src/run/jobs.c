#include "run/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WRITTEN_LEN_MAX ((size_t)16 * 1024 * 1024)
enum { AT_ONCE_MAX = 16, STEP_MS = 200 };

extern char **environ;

typedef struct running {
    job *job; /* NULL: free */
    pid_t pid;
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

static bool spawn(const job *j, int to, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    (void)posix_spawn_file_actions_init(&files);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        (void)posix_spawn_file_actions_addopen(&files, fd, "/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&files, to, j->keeps);
    (void)posix_spawnattr_init(&attributes);
    (void)sigfillset(&all);
    (void)sigemptyset(&none);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    int failed = posix_spawn(pid, j->argv[0], &files, &attributes, j->argv, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&files);
    errno = failed;
    return failed == 0;
}

/* The write end is high enough not to be one that is put in its place. */
static bool start(running *r, job *j, error *e)
{
    enum { DESCRIPTOR_MIN = 10 };
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set_errno(e, "no pipe for %s", j->argv[0]);
    int to = fcntl(ends[1], F_DUPFD_CLOEXEC, DESCRIPTOR_MIN);
    (void)close(ends[1]);
    bool started = to >= 0 && spawn(j, to, &r->pid);
    if (!started)
        (void)error_set_errno(e, "%s cannot be started", j->argv[0]);
    if (to >= 0)
        (void)close(to);
    if (!started) {
        (void)close(ends[0]);
        return false;
    }
    r->job = j;
    r->from = ends[0];
    r->began_ms = now_ms();
    r->was_asked_to_end = false;
    buffer_init(&r->written, WRITTEN_LEN_MAX);
    return true;
}

static void finish(arena *a, running *r)
{
    (void)kill(-r->pid, SIGKILL);
    while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    (void)close(r->from);
    r->job->written = bytes_copy(a, buffer_view(&r->written));
    buffer_free(&r->written);
    r->job = NULL;
}

/* False at the end of what it writes, and where that is more than is kept. */
static bool take(running *r)
{
    uint8_t piece[16384];
    ssize_t got = read(r->from, piece, sizeof piece);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    return got > 0 && buffer_append(&r->written, piece, (size_t)got);
}

static void end_late_ones(arena *a, running *list, const jobs_settings *settings)
{
    for (size_t i = 0; i < AT_ONCE_MAX; i++) {
        running *r = &list[i];
        int64_t took = r->job == NULL ? 0 : now_ms() - r->began_ms;
        if (r->job != NULL && took > settings->soft_ms && !r->was_asked_to_end) {
            (void)kill(r->pid, SIGTERM);
            r->was_asked_to_end = true;
        }
        if (r->job != NULL && took > settings->hard_ms) {
            r->job->ran_out_of_time = true;
            finish(a, r);
        }
    }
}

static void wait_for_some(arena *a, running *list, const jobs_settings *settings)
{
    struct pollfd polled[AT_ONCE_MAX];
    for (size_t i = 0; i < AT_ONCE_MAX; i++)
        polled[i] = (struct pollfd){.fd = list[i].job == NULL ? -1 : list[i].from, .events = POLLIN};
    if (poll(polled, AT_ONCE_MAX, STEP_MS) > 0)
        for (size_t i = 0; i < AT_ONCE_MAX; i++)
            if (polled[i].revents != 0 && !take(&list[i]))
                finish(a, &list[i]);
    end_late_ones(a, list, settings);
}

bool jobs_run(arena *a, job *jobs, size_t num_jobs, const jobs_settings *settings, error *e)
{
    running list[AT_ONCE_MAX] = {0};
    size_t next = 0, num_started = 0, num_running = 0;
    do {
        num_running = 0;
        for (size_t i = 0; i < AT_ONCE_MAX && i < settings->at_once; i++) {
            while (list[i].job == NULL && next < num_jobs)
                if (start(&list[i], &jobs[next++], e))
                    num_started++;
            num_running += list[i].job != NULL;
        }
        if (num_running > 0)
            wait_for_some(a, list, settings);
    } while (num_running > 0);
    return num_started > 0 || num_jobs == 0;
}
