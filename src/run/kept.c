#include "run/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUNS_MAX = 8, PIECE_LEN = 65536, END_TIMEOUT_MS = 200 };

/* Copies what comes out of a pipe into a store; past the bound it goes on to where it would have gone, the store first. */
typedef struct pump {
    pthread_t thread;
    int from, store, through; /* `through`: the real stdout, or the pipe to the command */
    size_t store_len;
    size_t replay_len; /* of a pump for stdin: that much of the store is given before more is read */
    bool is_running, has_overflowed;
} pump;

struct kept {
    int own_stdin, own_stdout;
    bool keeps_stdin, has_file_stdin, keeps_stdout;
    off_t stdin_offset;
    int stdin_store; /* what was read of a piped stdin so far */
    size_t stdin_len;
    pump input, output;
    int input_write; /* the command's end is closed in us after the run */
    int outputs[RUNS_MAX];
    size_t num_runs;
    bool cannot_repeat;
};

static int store_new(void)
{
    return memfd_create("tlswhy", MFD_CLOEXEC);
}

static bool write_all(int to, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(to, bytes, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && errno == EAGAIN) {
            struct pollfd p = {.fd = to, .events = POLLOUT};
            (void)poll(&p, 1, -1);
            continue;
        }
        if (written <= 0)
            return false;
        bytes += written;
        len -= (size_t)written;
    }
    return true;
}

static bool copy_store(int store, int to, size_t len)
{
    uint8_t piece[PIECE_LEN];
    for (size_t at = 0; at < len;) {
        ssize_t got = pread(store, piece, sizeof piece < len - at ? sizeof piece : len - at, (off_t)at);
        if (got <= 0 || !write_all(to, piece, (size_t)got))
            return false;
        at += (size_t)got;
    }
    return true;
}

static ssize_t read_some(int from, uint8_t *piece)
{
    for (;;) {
        ssize_t got = read(from, piece, PIECE_LEN);
        if (got >= 0 || errno != EINTR)
            return got;
    }
}

/* ---- stdout -------------------------------------------------------------------------------------------------------------- */

static void *pump_output(void *argument)
{
    pump *p = argument;
    uint8_t piece[PIECE_LEN];
    ssize_t got;
    while ((got = read_some(p->from, piece)) > 0) {
        if (!p->has_overflowed && p->store_len + (size_t)got > KEPT_LEN_MAX) {
            p->has_overflowed = true;
            (void)copy_store(p->store, p->through, p->store_len);
        }
        if (!write_all(p->has_overflowed ? p->through : p->store, piece, (size_t)got))
            break;
        p->store_len += p->has_overflowed ? 0 : (size_t)got;
    }
    return NULL;
}

/* ---- stdin --------------------------------------------------------------------------------------------------------------- */

/* What was kept, and then what is still to come, which is kept too. The command may end before it has read everything. */
static void *pump_input(void *argument)
{
    pump *p = argument;
    uint8_t piece[PIECE_LEN];
    bool takes = copy_store(p->store, p->through, p->replay_len);
    while (takes) {
        struct pollfd both[2] = {{.fd = p->from, .events = POLLIN}, {.fd = p->through, .events = 0}};
        if (poll(both, 2, -1) < 0 && errno != EINTR)
            break;
        if ((both[1].revents & (POLLERR | POLLHUP)) != 0) /* the command has ended */
            break;
        if ((both[0].revents & (POLLIN | POLLHUP)) == 0)
            continue;
        ssize_t got = read_some(p->from, piece);
        if (got <= 0)
            break;
        if (p->store_len + (size_t)got > KEPT_LEN_MAX || !write_all(p->store, piece, (size_t)got))
            p->has_overflowed = true;
        else
            p->store_len += (size_t)got;
        takes = write_all(p->through, piece, (size_t)got);
    }
    (void)close(p->through);
    return NULL;
}

/* ---- both ------------------------------------------------------------------------------------------------------------------ */

/* No signal is meant for a pump. */
static bool pump_start(pump *p, void *(*work)(void *))
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    p->is_running = pthread_create(&p->thread, NULL, work, p) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return p->is_running;
}

kept *kept_new(error *e)
{
    struct stat in;
    kept *k = calloc(1, sizeof *k);
    if (k == NULL) {
        error_set(e, ERROR_SYSTEM, "memory is out");
        return NULL;
    }
    k->own_stdin = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    k->own_stdout = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    k->stdin_store = k->input_write = -1;
    k->keeps_stdout = k->own_stdout >= 0;
    bool has_stdin = k->own_stdin >= 0 && fstat(k->own_stdin, &in) == 0;
    k->has_file_stdin = has_stdin && S_ISREG(in.st_mode);
    k->keeps_stdin = has_stdin && (S_ISFIFO(in.st_mode) || S_ISSOCK(in.st_mode));
    if (k->has_file_stdin)
        k->stdin_offset = lseek(k->own_stdin, 0, SEEK_CUR);
    if (k->keeps_stdin)
        k->stdin_store = store_new();
    return k;
}

static bool begin_input(kept *k, error *e)
{
    int ends[2];
    if (k->has_file_stdin)
        (void)lseek(k->own_stdin, k->stdin_offset, SEEK_SET);
    if (!k->keeps_stdin)
        return true;
    if (k->stdin_store < 0 || pipe2(ends, O_CLOEXEC) != 0)
        return error_set_errno(e, "the command's input cannot be kept");
    (void)lseek(k->stdin_store, 0, SEEK_END);
    k->input = (pump){
        .from = k->own_stdin, .store = k->stdin_store, .through = ends[1], .store_len = k->stdin_len, .replay_len = k->stdin_len};
    (void)dup2(ends[0], STDIN_FILENO);
    (void)close(ends[0]);
    return pump_start(&k->input, pump_input) || error_set(e, ERROR_SYSTEM, "a thread for the command's input cannot be started");
}

static bool begin_output(kept *k, error *e)
{
    int ends[2];
    if (!k->keeps_stdout || k->num_runs == RUNS_MAX)
        return true;
    int store = store_new();
    if (store < 0 || pipe2(ends, O_CLOEXEC) != 0)
        return error_set_errno(e, "the command's output cannot be kept");
    k->outputs[k->num_runs] = store;
    k->output = (pump){.from = ends[0], .store = store, .through = k->own_stdout};
    (void)dup2(ends[1], STDOUT_FILENO);
    (void)close(ends[1]);
    return pump_start(&k->output, pump_output) || error_set(e, ERROR_SYSTEM, "a thread for the command's output cannot be started");
}

bool kept_begin(kept *k, error *e)
{
    return begin_input(k, e) && begin_output(k, e);
}

static void end_input(kept *k)
{
    if (!k->input.is_running)
        return;
    (void)dup2(k->own_stdin, STDIN_FILENO); /* the last reader of the pipe goes: the pump sees it */
    (void)pthread_join(k->input.thread, NULL);
    k->stdin_len = k->input.store_len;
    k->cannot_repeat = k->cannot_repeat || k->input.has_overflowed;
    k->input.is_running = false;
}

/* Goes on for a child that is left and still writes; never returns in it. */
static void leave_copier(pump *p)
{
    uint8_t piece[PIECE_LEN];
    ssize_t got;
    (void)setsid();
    while ((got = read_some(p->from, piece)) > 0)
        if (!write_all(p->through, piece, (size_t)got))
            break;
    _exit(0);
}

/* The pump ends when the last writer has gone. A child that outlives the command is one: then all is shown, and the rest streams.
 */
static void end_output(kept *k)
{
    struct timespec until;
    if (!k->output.is_running)
        return;
    (void)dup2(k->own_stdout, STDOUT_FILENO);
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += END_TIMEOUT_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    if (pthread_timedjoin_np(k->output.thread, NULL, &until) != 0) {
        (void)pthread_cancel(k->output.thread);
        (void)pthread_join(k->output.thread, NULL);
        if (!k->output.has_overflowed)
            (void)copy_store(k->output.store, k->output.through, k->output.store_len);
        k->output.has_overflowed = true;
        if (fork() == 0)
            leave_copier(&k->output);
    }
    (void)close(k->output.from);
    k->cannot_repeat = k->cannot_repeat || k->output.has_overflowed;
    k->output.is_running = false;
}

bool kept_end(kept *k)
{
    end_input(k);
    end_output(k);
    k->num_runs++;
    return !k->cannot_repeat && k->num_runs < RUNS_MAX;
}

void kept_show(kept *k, size_t number)
{
    struct stat store;
    if (!k->keeps_stdout || number >= k->num_runs || (k->cannot_repeat && number + 1 == k->num_runs && k->output.has_overflowed))
        return;
    if (fstat(k->outputs[number], &store) == 0)
        (void)copy_store(k->outputs[number], k->own_stdout, (size_t)store.st_size);
}

void kept_free(kept *k)
{
    if (k == NULL)
        return;
    for (size_t i = 0; i < k->num_runs && i < RUNS_MAX; i++)
        (void)close(k->outputs[i]);
    if (k->own_stdin >= 0)
        (void)close(k->own_stdin);
    if (k->own_stdout >= 0)
        (void)close(k->own_stdout);
    if (k->stdin_store >= 0)
        (void)close(k->stdin_store);
    free(k);
}
