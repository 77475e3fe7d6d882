#include "client/quiet_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void redirect(posix_spawn_file_actions_t *files, int output)
{
    (void)posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (output < 0) {
        (void)posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        (void)posix_spawn_file_actions_addopen(files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        return;
    }
    (void)posix_spawn_file_actions_adddup2(files, output, STDOUT_FILENO);
    (void)posix_spawn_file_actions_adddup2(files, output, STDERR_FILENO);
}

bool quiet_process_start(char *const *argv, char *const *environment, int output, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    (void)posix_spawn_file_actions_init(&files);
    redirect(&files, output);
    (void)posix_spawnattr_init(&attributes);
    (void)sigfillset(&all);
    (void)sigemptyset(&none);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    bool started = posix_spawn(pid, argv[0], &files, &attributes, argv, environment) == 0;
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&files);
    return started;
}

void quiet_process_end(pid_t pid)
{
    (void)kill(-pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until its end, the bound or the deadline. */
static void read_all(int fd, int64_t deadline_ms, buffer *into)
{
    uint8_t piece[4096];
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left = deadline_ms - now_ms();
        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            return;
        ssize_t len = read(fd, piece, sizeof piece);
        if (len <= 0 || !buffer_append(into, piece, (size_t)len))
            return;
    }
}

bool quiet_process_output(arena *a, char *const *argv, char *const *environment, size_t len_max, int64_t time_ms, bytes_view *out)
{
    int ends[2];
    pid_t pid = 0;
    *out = bytes_from(NULL, 0);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    bool started = quiet_process_start(argv, environment, ends[1], &pid);
    (void)close(ends[1]);
    if (started) {
        buffer printed;
        buffer_init(&printed, len_max);
        read_all(ends[0], now_ms() + time_ms, &printed);
        *out = bytes_copy(a, buffer_view(&printed));
        buffer_free(&printed);
        quiet_process_end(pid);
    }
    (void)close(ends[0]);
    return started;
}
