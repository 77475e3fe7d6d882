#include "trace/trace.h"

#include "trace/process.h"
#include "trace/state.h"
#include "trace/upstream.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNOBSERVED_MAX ((size_t)256)
#define TICK_US ((int64_t)20 * 1000)

/* ---- what is kept for the caller --------------------------------------------------------------------------------- */

/* Doubles an array in the arena when it is full. */
static void *grown(arena *a, const void *old, size_t num, size_t *capacity, size_t size)
{
    *capacity = *capacity == 0 ? 16 : *capacity * 2;
    void *fresh = arena_alloc_array(a, *capacity, size);
    if (num > 0)
        memcpy(fresh, old, num * size);
    return fresh;
}

trace_connection *trace_new_connection(trace *t, const address *to, pid_t pid)
{
    arena *own = arena_new();
    trace_connection *c = ARENA_NEW(own, trace_connection);
    *c = (trace_connection){.number = t->num_begun++,
                            .to = *to,
                            .pid = pid,
                            .exe = process_exe(own, pid),
                            .arena = own,
                            .tcp_state = TRACE_CONNECTING,
                            .began_us = loop_now_us(t->loop)};
    if (t->num_connections == t->connections_capacity)
        t->connections = grown(t->arena, t->connections, t->num_connections, &t->connections_capacity, sizeof(trace_connection *));
    t->connections[t->num_connections++] = c;
    return c;
}

void trace_connection_changed(const channel *c)
{
    const trace_callbacks *callbacks = &c->trace->callbacks;
    if (callbacks->connection_changed != NULL)
        callbacks->connection_changed(callbacks->user, c->connection);
}

static bool is_noted(const trace *t, const trace_unobserved *u)
{
    for (size_t i = 0; i < t->num_unobserved; i++) {
        const trace_unobserved *known = &t->unobserved[i];
        bool same_program = (known->exe == NULL) == (u->exe == NULL) && (u->exe == NULL || strcmp(known->exe, u->exe) == 0);
        if (strcmp(known->what, u->what) == 0 && (known->pid == u->pid || (u->is_program && same_program)))
            return true;
    }
    return t->num_unobserved == UNOBSERVED_MAX;
}

static void keep_unobserved(trace *t, const trace_unobserved *u)
{
    if (is_noted(t, u))
        return;
    if (t->num_unobserved == t->unobserved_capacity)
        t->unobserved = grown(t->arena, t->unobserved, t->num_unobserved, &t->unobserved_capacity, sizeof(trace_unobserved));
    t->unobserved[t->num_unobserved++] = *u;
    if (t->callbacks.not_observed != NULL)
        t->callbacks.not_observed(t->callbacks.user, u);
}

void trace_note_unobserved(trace *t, pid_t pid, const char *what, const char *detail)
{
    keep_unobserved(t, &(trace_unobserved){.what = what, .pid = pid, .exe = process_exe(t->arena, pid), .detail = detail});
}

void trace_note_unobserved_of(trace *t, pid_t pid, const char *exe, const char *what, const char *detail)
{
    keep_unobserved(t, &(trace_unobserved){.what = what, .pid = pid, .exe = exe, .detail = detail, .is_program = true});
}

void trace_note_program(trace *t, pid_t pid, const char *program, trace_unobserved u)
{
    u.pid = pid;
    u.exe = arena_printf(t->arena, "%s", program);
    u.is_program = true;
    keep_unobserved(t, &u);
}

/* ---- what happens ------------------------------------------------------------------------------------------------ */

static void tick(void *user)
{
    trace *t = user;
    bool again = false;
    loop_timer_stop(t->tick);
    t->tick = NULL;
    for (channel *c = t->channels; c != NULL; c = c->next)
        again = channel_tick(c) || again;
    if (again)
        trace_start_tick(t);
}

void trace_start_tick(trace *t)
{
    if (t->tick == NULL)
        t->tick = loop_timer_start(t->loop, loop_now_us(t->loop) + TICK_US, tick, t);
}

static void listener_ready(void *user, int events)
{
    trace *t = user;
    (void)events;
    if (supervisor_receive(t))
        return;
    t->has_tasks = false;
    loop_watch_stop(t->listener_watch);
    t->listener_watch = NULL;
}

static void command_has_ended(trace *t, int status)
{
    trace_exit how = {.was_interrupted = t->was_interrupted,
                      .status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                      .signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0};
    if (t->command_over)
        return;
    t->command_over = true;
    names_note_unanswered(t);
    if (t->callbacks.command_ended != NULL)
        t->callbacks.command_ended(t->callbacks.user, &how);
}

/* This process is the subreaper: what the command leaves behind comes to it when it dies. */
static void child_has_changed(void *user, int signal_number)
{
    trace *t = user;
    int status, saved = 0;
    bool ended = false, stopped = false;
    pid_t pid;
    (void)signal_number;
    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
        if (pid != t->command.pid)
            continue;
        stopped = WIFSTOPPED(status);
        ended = ended || !stopped;
        saved = status;
    }
    if (ended)
        command_has_ended(t, saved);
    else if (stopped)
        job_command_has_stopped(t);
}

static void look_at_children(void *user)
{
    child_has_changed(user, SIGCHLD);
}

/* Sent to this process alone (a service manager, timeout(1)): meant for the command. */
static void forward_signal(void *user, int signal_number)
{
    trace *t = user;
    t->was_interrupted = t->was_interrupted || !t->command_over;
    if (!t->command_over)
        (void)kill(t->command.pid, signal_number);
}

/* From the terminal, which sends it to the command itself as well. */
static void note_signal(void *user, int signal_number)
{
    trace *t = user;
    (void)signal_number;
    t->was_interrupted = t->was_interrupted || !t->command_over;
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

/* Each connection takes two descriptors here; the command keeps the limit that it was given. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* The terminal's signals go to the whole process group; the command decides what they mean. */
static void ignore_signals(trace *t)
{
    t->saved_interrupt = signal(SIGINT, SIG_IGN);
    t->saved_quit = signal(SIGQUIT, SIG_IGN);
    t->saved_pipe = signal(SIGPIPE, SIG_IGN);
}

static void restore_signals(const trace *t)
{
    (void)signal(SIGINT, t->saved_interrupt);
    (void)signal(SIGQUIT, t->saved_quit);
    (void)signal(SIGPIPE, t->saved_pipe);
}

static bool prepare(trace *t, error *e)
{
    t->can = capability_probe();
    if (!capability_suffices(&t->can, e))
        return false;
    t->received_size = t->can.notification_size > sizeof *t->received ? t->can.notification_size : sizeof *t->received;
    t->received = arena_alloc(t->arena, t->received_size);
    if (!t->can.copies_descriptors && !replica_memory_init(&t->memory))
        return error_set_errno(e, "cannot remember what is done to sockets");
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    return true;
}

/* Since 6.6: the task and the supervisor are woken on the same CPU in turn, which halves the time of a notification. */
static void wake_synchronously(int listener)
{
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif
    (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

/* Only now, when the command is known to be watched by nobody else: whoever watches us as well would take what the holder connects
 * for the command's. The command waits in its execve meanwhile. */
static bool open_holder(trace *t, error *e)
{
    if (join_holder_open(&t->holder, e)) {
        t->network_cookie = upstream_network_cookie(t->holder.sockets[0]);
        return true;
    }
    (void)kill(t->command.pid, SIGKILL);
    (void)waitpid(t->command.pid, NULL, 0);
    return false;
}

/* Serves the command's own execve until it has succeeded or failed. Returns its errno, 0 for success. */
static int await_exec(trace *t)
{
    int problem = 0;
    for (;;) {
        struct pollfd ready[2] = {{.fd = t->command.exec_pipe, .events = POLLIN}, {.fd = t->command.listener, .events = POLLIN}};
        if (poll(ready, 2, -1) < 0)
            continue;
        if ((ready[1].revents & POLLIN) != 0)
            (void)supervisor_receive(t);
        if (ready[0].revents != 0)
            break;
    }
    ssize_t n = read(t->command.exec_pipe, &problem, sizeof problem);
    (void)close(t->command.exec_pipe);
    t->command.exec_pipe = -1;
    return n == (ssize_t)sizeof problem ? problem : 0;
}

static bool watch_everything(trace *t, error *e)
{
    static const struct {
        int number;
        void (*take)(void *, int);
    } taken[TRACE_SIGNALS - 1] = {{SIGTERM, forward_signal},
                                  {SIGHUP, forward_signal},
                                  {SIGINT, note_signal},
                                  {SIGQUIT, note_signal},
                                  {SIGTSTP, job_stop_is_asked}};
    t->listener_watch = loop_watch_start(t->loop, t->command.listener, LOOP_READABLE, listener_ready, t, e);
    t->signals[0] = loop_signal_start(t->loop, SIGCHLD, child_has_changed, t, e);
    bool ok = t->listener_watch != NULL && t->signals[0] != NULL;
    for (size_t i = 0; ok && i < sizeof taken / sizeof *taken; i++) {
        t->signals[i + 1] = loop_signal_start(t->loop, taken[i].number, taken[i].take, t, e);
        ok = t->signals[i + 1] != NULL;
    }
    return ok;
}

/* With the signals held that are handled only when the command runs already. */
static bool start_held(trace *t, char *const argv[], const sigset_t *before, int *exit_status, error *e)
{
    filter_wants wants = {.shapes = t->memory.calls != NULL, .files = t->wants_files};
    if (!spawn_watched(argv, wants, before, &t->command, e) || !open_holder(t, e))
        return false;
    t->has_tasks = true;
    wake_synchronously(t->command.listener);
    ignore_signals(t);
    raise_descriptor_limit();
    int problem = await_exec(t);
    if (problem != 0) {
        (void)waitpid(t->command.pid, NULL, 0);
        *exit_status = problem == ENOENT ? 127 : 126;
        errno = problem;
        return error_set_errno(e, "%s", argv[0]);
    }
    guardian_start(&t->guardian, t->command.listener, t->received_size);
    if (watch_everything(t, e)) {
        t->first_look = loop_timer_start(t->loop, 0, look_at_children, t); /* it may have ended before it was watched */
        return true;
    }
    (void)kill(t->command.pid, SIGKILL);
    return false;
}

/* A signal that comes at once must neither end this process beside a command that has begun, nor be lost. */
static bool start(trace *t, char *const argv[], int *exit_status, error *e)
{
    static const int held[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
    sigset_t holding, before;
    *exit_status = 125;
    if (!prepare(t, e))
        return false;
    (void)sigemptyset(&holding);
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        (void)sigaddset(&holding, held[i]);
    (void)sigprocmask(SIG_BLOCK, &holding, &before);
    bool ok = start_held(t, argv, &before, exit_status, e);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return ok;
}

trace *trace_start(arena *a, loop *l, const trace_settings *settings, int *exit_status, error *e)
{
    trace *t = ARENA_NEW(a, trace);
    *t = (trace){.arena = a,
                 .loop = l,
                 .callbacks = settings->callbacks,
                 .detour = settings->detour,
                 .wants_files = settings->wants_files,
                 .opened = {.arena = a},
                 .command = {.pid = -1, .listener = -1, .exec_pipe = -1},
                 .guardian = {.life = -1},
                 .holder = {.sockets = {-1, -1}, .fillers = {-1, -1}},
                 .saved_interrupt = SIG_DFL,
                 .saved_quit = SIG_DFL,
                 .saved_pipe = SIG_DFL};
    if (start(t, settings->argv, exit_status, e))
        return t;
    trace_free(t);
    return NULL;
}

size_t trace_connections(const trace *t, const trace_connection *const **connections)
{
    *connections = (const trace_connection *const *)t->connections;
    return t->num_connections;
}

/* Of a failure that it has not been told, or of a socket that it still has: its next connect is answered by how this one ended. */
static bool may_be_asked_about(const channel *c)
{
    bool is_told = c->untold_errno == 0 && !c->untold_success && c->connection->tcp_state == TRACE_CONNECTED;
    return !is_told && c->inode != 0 && process_socket_inode(c->connection->pid, c->task_descriptor) == c->inode;
}

static void remove_connection(trace *t, const trace_connection *connection)
{
    size_t num = 0;
    for (size_t i = 0; i < t->num_connections; i++)
        if (t->connections[i] != connection)
            t->connections[num++] = t->connections[i];
    t->num_connections = num;
}

bool trace_forget(trace *t, const trace_connection *connection)
{
    channel **link = &t->channels;
    while (*link != NULL && (*link)->connection != connection)
        link = &(*link)->next;
    channel *c = *link;
    if (c == NULL || c->state != CHANNEL_OVER || may_be_asked_about(c))
        return false;
    *link = c->next;
    channel_set_inode(c, 0);
    channel_free(c);
    remove_connection(t, connection);
    arena_free(connection->arena);
    return true;
}

size_t trace_unobserved_list(const trace *t, const trace_unobserved **list)
{
    *list = t->unobserved;
    return t->num_unobserved;
}

size_t trace_lookups(const trace *t, const trace_lookup **list)
{
    *list = t->lookups.list;
    return t->lookups.num;
}

const char *const *trace_opened_files(const trace *t, arena *a, int pid)
{
    return t->wants_files ? opened_files_of(&t->opened, a, pid) : NULL;
}

int trace_command_pid(const trace *t)
{
    return t->command.pid;
}

bool trace_has_tasks(const trace *t)
{
    return t->has_tasks || t->num_open > 0;
}

static void close_all(trace *t)
{
    for (channel *c = t->channels; c != NULL; c = c->next)
        channel_free(c);
    loop_watch_stop(t->listener_watch);
    loop_timer_stop(t->tick);
    loop_timer_stop(t->first_look);
    loop_timer_stop(t->job_look);
    for (size_t i = 0; i < TRACE_SIGNALS; i++) {
        loop_signal_stop(t->signals[i]);
        t->signals[i] = NULL;
    }
    t->listener_watch = NULL;
    t->tick = t->first_look = t->job_look = NULL;
    if (t->command.listener >= 0)
        (void)close(t->command.listener);
    t->command.listener = -1;
    datagrams_stop(&t->datagrams);
    guardian_stop(&t->guardian);
    join_holder_close(&t->holder);
    replica_memory_free(&t->memory);
    lookups_free(&t->lookups);
    name_copies_free(&t->name_copies);
    opened_files_free(&t->opened);
}

/* ---- detached ---------------------------------------------------------------------------------------------------- */

static void detach_from_terminal(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)setsid();
    for (int fd = 0; null >= 0 && fd < 3; fd++)
        (void)dup2(null, fd);
}

static _Noreturn void go_on_detached(trace *t)
{
    error e;
    detach_from_terminal();
    t->passes_all = true;
    t->callbacks = (trace_callbacks){0};
    t->command_over = true;
    bool ok = loop_after_fork(t->loop, &e);
    while (ok && trace_has_tasks(t))
        ok = loop_run_once(t->loop);
    _exit(0);
}

bool trace_detach(trace *t, error *e)
{
    pid_t pid = fork();
    if (pid < 0)
        return error_set_errno(e, "cannot fork");
    if (pid == 0)
        go_on_detached(t);
    close_all(t);
    t->has_tasks = false;
    return true;
}

void trace_free(trace *t)
{
    if (t == NULL)
        return;
    close_all(t);
    restore_signals(t);
    for (size_t i = 0; i < t->num_connections; i++)
        arena_adopt(t->arena, t->connections[i]->arena);
}
