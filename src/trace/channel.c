/*
 * A channel is one connection of a task: opened upstream, joined with the task's socket, relayed, over.
 *
 *   OPENING --upstream up----> JOINING (where the socket is held) --> RELAYING --> OVER
 *      |                          \--task has closed it--> OVER (given up)
 *      '----upstream failed--> OVER, or REFUSING (where held and out of reach) --> OVER
 *
 * A blocking connect waits with its socket untouched and is joined at once when upstream is up. One that is interrupted becomes
 * held, for then the socket has to look pending, and the task may come back to wait again.
 */
#include "trace/state.h"

#include "net/socket_error.h"
#include "trace/process.h"
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define RESTART_THE_CALL 512 /* ERESTARTSYS: the kernel turns it into EINTR or calls again, as the signal's handler wants it */

static channel **bucket_of(trace *t, uint64_t inode)
{
    return &t->channels_by_inode[inode % CHANNEL_BUCKETS];
}

channel *channel_find(const trace *t, uint64_t inode)
{
    channel *c = t->channels_by_inode[inode % CHANNEL_BUCKETS];
    while (c != NULL && (inode == 0 || c->inode != inode))
        c = c->next_in_bucket;
    return c;
}

void channel_set_inode(channel *c, uint64_t inode)
{
    channel **link = bucket_of(c->trace, c->inode);
    while (c->inode != 0 && *link != c)
        link = &(*link)->next_in_bucket;
    if (c->inode != 0)
        *link = c->next_in_bucket;
    c->inode = inode;
    if (inode == 0)
        return;
    channel **first = bucket_of(c->trace, inode);
    c->next_in_bucket = *first;
    *first = c;
}

void channel_forget(channel *c)
{
    channel_set_inode(c, 0);
    c->untold_errno = 0;
    c->untold_success = false;
}

static void close_with_reset(int *fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (*fd < 0)
        return;
    (void)setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    (void)close(*fd);
    *fd = -1;
}

/* ---- a task that waits ------------------------------------------------------------------------------------------- */

static void stop_waiting(channel *c)
{
    c->waiter.waits = false;
    if (c->waiter.task_socket >= 0)
        (void)close(c->waiter.task_socket);
    c->waiter.task_socket = -1;
}

static bool answer_waiter(channel *c, int error_number)
{
    bool told = supervisor_answer(c->trace, c->waiter.id, error_number);
    stop_waiting(c);
    return told;
}

static int64_t send_timeout_us(int fd)
{
    struct timeval timeout = {0};
    socklen_t len = sizeof timeout;
    if (getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, &len) != 0)
        return 0;
    return (int64_t)timeout.tv_sec * 1000000 + timeout.tv_usec;
}

void channel_wait(channel *c, const notification *n, int task_socket)
{
    int64_t timeout_us = task_socket >= 0 ? send_timeout_us(task_socket) : c->send_timeout_us;
    c->send_timeout_us = timeout_us;
    stop_waiting(c); /* whoever waited was interrupted, and has come back */
    c->waiter = (channel_waiter){.waits = true, .id = n->id, .tid = n->tid, .task_socket = task_socket};
    if (timeout_us != 0)
        c->waiter.deadline_us = loop_now_us(c->trace->loop) + timeout_us;
    trace_start_tick(c->trace);
}

/* Puts the replica where the task has its socket; from now on it is the channel's. */
static bool put_in_place(channel *c, int replica, uint64_t id)
{
    struct stat st;
    if (!c->replica)
        return true;
    if (fstat(replica, &st) != 0 || !supervisor_put(c->trace, id, replica, c->task_descriptor, c->closes_on_exec))
        return false;
    channel_set_inode(c, st.st_ino);
    return true;
}

bool channel_hold(channel *c, int task_socket, uint64_t id)
{
    if (!c->held)
        c->held = join_hold(task_socket, &c->lead, &c->held_own) && put_in_place(c, task_socket, id);
    trace_start_tick(c->trace);
    return c->held;
}

/* The task leaves its connect while it is pending; its socket must then look pending to it. */
static void waiter_leaves(channel *c, int error_number)
{
    if (!channel_hold(c, c->waiter.task_socket, c->waiter.id))
        trace_note_unobserved(c->trace, c->connection->pid, "a socket that cannot be led to the relay", NULL);
    (void)answer_waiter(c, error_number);
}

/* ---- over -------------------------------------------------------------------------------------------------------- */

void channel_close(channel *c, enum trace_tcp_state state)
{
    if (c->state == CHANNEL_OVER)
        return;
    opening_free(c->opening);
    c->opening = NULL;
    loop_watch_stop(c->upstream_watch);
    loop_watch_stop(c->joining_watch);
    c->upstream_watch = c->joining_watch = NULL;
    close_with_reset(&c->upstream);
    close_with_reset(&c->joining);
    c->state = CHANNEL_OVER;
    c->trace->num_open--;
    flow_free(c->flow);
    c->flow = NULL;
    c->connection->tcp_state = state;
    c->connection->ended = true;
    c->connection->ended_us = loop_now_us(c->trace->loop);
    trace_connection_changed(c);
}

static void relay_moved(void *user)
{
    trace_connection_changed(user);
}

static void relay_is_over(void *user)
{
    channel *c = user;
    relay_free(c->relay);
    c->relay = NULL;
    channel_close(c, TRACE_CONNECTED);
}

/* The task has closed its socket, or we cannot join it: its connection never came about. */
static void give_up(channel *c)
{
    bool was_up = c->opening != NULL;
    if (c->waiter.waits)
        (void)answer_waiter(c, ECONNABORTED);
    channel_close(c, was_up ? TRACE_CONNECTED : TRACE_CONNECT_GIVEN_UP);
}

/* ---- joined ------------------------------------------------------------------------------------------------------ */

static bool start_relay(channel *c, int client_socket)
{
    error e;
    int upstream = c->upstream;
    relay_callbacks callbacks = {relay_moved, relay_is_over, c};
    loop_watch_stop(c->upstream_watch);
    loop_watch_stop(c->joining_watch);
    c->upstream_watch = c->joining_watch = NULL;
    c->upstream = c->joining = -1;
    c->relay = relay_start(c->trace->loop, client_socket, upstream, c->flow, &c->trace->conduits, &callbacks, &e);
    c->state = CHANNEL_RELAYING;
    if (c->relay != NULL && c->was_reset)
        relay_server_has_reset(c->relay);
    return c->relay != NULL;
}

/* Moves the task's socket on from "connecting", as the connect that waited would have. */
static void finish_connect(const channel *c)
{
    if (c->waiter.task_socket >= 0)
        (void)join_again(c->waiter.task_socket, &c->lead);
}

static void held_is_refused(channel *c)
{
    close_with_reset(&c->joining);
    if (c->waiter.waits) {
        int told = c->untold_errno;
        if (c->dissolved)
            join_dissolve(c->waiter.task_socket);
        else
            finish_connect(c); /* takes the reset's own errno away and makes the socket fresh again */
        if (answer_waiter(c, told))
            channel_forget(c);
    }
    channel_close(c, TRACE_CONNECT_FAILED);
}

static void held_is_joined(void *user, int events)
{
    channel *c = user;
    int joining = c->joining;
    (void)events;
    if (socket_error_take(joining) != 0) {
        if (c->state == CHANNEL_REFUSING)
            channel_close(c, TRACE_CONNECT_FAILED);
        else
            give_up(c);
        return;
    }
    if (c->state == CHANNEL_REFUSING) {
        held_is_refused(c);
        return;
    }
    finish_connect(c);
    bool started = start_relay(c, joining);
    if (c->waiter.waits)
        c->untold_success = !answer_waiter(c, 0);
    if (!started)
        channel_close(c, TRACE_CONNECTED);
}

static bool is_writable(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    return poll(&ready, 1, 0) > 0;
}

static void release_held(channel *c, enum channel_state next)
{
    error e;
    c->state = next;
    c->joining = join_release(&c->lead, &c->held_own);
    if (c->joining >= 0 && is_writable(c->joining)) { /* as a rule: over loopback it is up within the call */
        held_is_joined(c, LOOP_WRITABLE);
        return;
    }
    if (c->joining >= 0)
        c->joining_watch = loop_watch_start(c->trace->loop, c->joining, LOOP_WRITABLE, held_is_joined, c, &e);
    if (c->joining_watch != NULL)
        return;
    if (next == CHANNEL_REFUSING)
        channel_close(c, TRACE_CONNECT_FAILED);
    else
        give_up(c);
}

/* ---- upstream ---------------------------------------------------------------------------------------------------- */

/* The task's connect is made by the kernel after all: its socket is as it was before. */
static void pass_waiter(channel *c)
{
    uint64_t id = c->waiter.id;
    join_dissolve(c->waiter.task_socket);
    stop_waiting(c);
    channel_forget(c);
    channel_close(c, TRACE_CONNECT_GIVEN_UP);
    trace_note_unobserved(c->trace, c->connection->pid, "a socket that cannot be led to the relay", NULL);
    supervisor_pass(c->trace, id);
}

static void join_waiter(channel *c)
{
    int client = join_now(c->waiter.task_socket, &c->lead);
    if (client < 0 || !put_in_place(c, c->waiter.task_socket, c->waiter.id)) {
        close_with_reset(&client);
        pass_waiter(c);
        return;
    }
    bool started = start_relay(c, client);
    c->untold_success = !answer_waiter(c, 0);
    if (!started)
        channel_close(c, TRACE_CONNECTED);
}

static void upstream_is_ready(channel *c)
{
    loop_watch_change(c->upstream_watch, 0);
    if (c->waiter.waits && !c->held && !supervisor_is_alive(c->trace, c->waiter.id))
        waiter_leaves(c, EINTR);
    if (c->held)
        release_held(c, CHANNEL_JOINING);
    else if (c->waiter.waits)
        join_waiter(c);
    else
        give_up(c);
    trace_connection_changed(c);
}

/* Where the other side does not agree, the task's connection comes about and ends. */
static void opening_is_over(void *user, bool agreed)
{
    channel *c = user;
    error e;
    opening_free(c->opening);
    c->opening = NULL;
    if (!agreed)
        (void)shutdown(c->upstream, SHUT_RDWR);
    if (channel_watch_upstream(c, &e))
        upstream_is_ready(c);
    else
        give_up(c);
}

static void upstream_is_up(channel *c)
{
    const trace_detour *detour = c->trace->detour;
    bool opens = detour != NULL && detour->script.num_steps > 0 && address_port(&c->asked) == detour->port;
    c->connection->connected_us = loop_now_us(c->trace->loop);
    c->connection->tcp_state = TRACE_CONNECTED;
    flow_connected(c->flow, c->connection->connected_us);
    if (!opens) {
        upstream_is_ready(c);
        return;
    }
    loop_watch_stop(c->upstream_watch);
    c->upstream_watch = NULL;
    c->opening = opening_start(c->trace->loop, c->upstream, &detour->script, c->flow, opening_is_over, c);
    if (c->opening == NULL)
        give_up(c);
}

/* A held socket fails. Before the task can see that, what it will be told is known. */
static void refuse_held(channel *c, int problem)
{
    bool may_reach = c->trace->can.copies_descriptors;
    int reached = may_reach ? process_get_socket(c->connection->pid, c->task_descriptor, c->inode) : -1;
    c->untold_errno = problem;
    loop_watch_change(c->upstream_watch, 0);
    if (reached < 0 && c->waiter.task_socket < 0) {
        if (join_refuse_from_afar(&c->lead, &c->held_own))
            held_is_refused(c);
        else
            release_held(c, CHANNEL_REFUSING);
        return;
    }
    c->dissolved = true;
    join_refuse(c->waiter.task_socket >= 0 ? c->waiter.task_socket : reached);
    if (reached >= 0)
        (void)close(reached);
    held_is_refused(c);
}

static void upstream_failed(channel *c, int problem)
{
    c->connection->connect_errno = problem;
    if (c->held) {
        refuse_held(c, problem);
        return;
    }
    if (c->waiter.waits && !answer_waiter(c, problem))
        c->untold_errno = problem;
    else
        channel_forget(c);
    channel_close(c, TRACE_CONNECT_FAILED);
}

static void upstream_ready(void *user, int events)
{
    channel *c = user;
    int problem = socket_error_take(c->upstream);
    (void)events;
    c->was_reset = socket_error_is_of_established(problem);
    if (problem != 0 && !c->was_reset)
        upstream_failed(c, problem);
    else
        upstream_is_up(c);
}

bool channel_watch_upstream(channel *c, error *e)
{
    c->upstream_watch = loop_watch_start(c->trace->loop, c->upstream, LOOP_WRITABLE, upstream_ready, c, e);
    return c->upstream_watch != NULL;
}

/* ---- now and then ------------------------------------------------------------------------------------------------ */

static void look_at_waiter(channel *c)
{
    const trace *t = c->trace;
    const channel_waiter *w = &c->waiter;
    if (!supervisor_is_alive(t, w->id))
        waiter_leaves(c, EINTR); /* tells nobody: it is gone, or comes back */
    else if (w->deadline_us != 0 && loop_now_us(t->loop) >= w->deadline_us)
        waiter_leaves(c, c->held ? EALREADY : EINPROGRESS);
    else if (t->command.wait_killable && process_has_signal(w->tid))
        waiter_leaves(c, w->deadline_us != 0 ? EINTR : RESTART_THE_CALL);
}

static bool is_held_alone(const channel *c)
{
    return c->state == CHANNEL_OPENING && c->held && !c->waiter.waits;
}

bool channel_tick(channel *c)
{
    if (c->waiter.waits)
        look_at_waiter(c);
    if (is_held_alone(c) && process_socket_inode(c->connection->pid, c->task_descriptor) != c->inode &&
        !join_is_held(&c->trace->holder, &c->lead, &c->held_own))
        give_up(c);
    return c->waiter.waits || is_held_alone(c);
}

void channel_free(channel *c)
{
    relay_free(c->relay);
    c->relay = NULL;
    opening_free(c->opening);
    c->opening = NULL;
    stop_waiting(c);
    loop_watch_stop(c->upstream_watch);
    loop_watch_stop(c->joining_watch);
    c->upstream_watch = c->joining_watch = NULL;
    if (c->upstream >= 0)
        (void)close(c->upstream);
    if (c->joining >= 0)
        (void)close(c->joining);
    c->upstream = c->joining = -1;
    flow_free(c->flow);
    c->flow = NULL;
}
