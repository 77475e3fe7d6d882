/*
 * Each direction is read into scratch space, written on at once, and what the receiver does not take yet is held; nothing more is
 * read from that sender until it has been taken: back-pressure as on one connection.
 *
 * Once the flow is settled, much that waits is moved by splice(2), through a pipe of a megabyte and without a copy (conduit.h). The
 * last that waits is always read, so that how a stream ended (its last bytes) is known as well.
 *
 * A reset is passed on last: what its sender had sent before is delivered first, for a receiver that lost an alert to the reset
 * behind it would see another failure than it sees without us.
 *
 * A client that has closed its socket, to a server that never ends its side, leaves a connection behind that nobody will read from:
 * the kernel forgets its own such sockets after a while (tcp_fin_timeout), so ours is closed, and becomes one of these.
 */
#include "trace/relay.h"

#include "net/socket_error.h"
#include "trace/socket_table.h"
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TURN_LEN ((size_t)1024 * 1024)       /* moved in one direction before the others have their turn */
#define SPLICE_LEN_MIN ((size_t)64 * 1024)   /* waiting; less is read, as is what a stream ends with: */
#define SPLICE_LEN_LEFT ((size_t)4096)       /* that much is left to be read */
#define RESET_WAIT_US ((int64_t)1000 * 1000) /* for a receiver that does not read, before a reset reaches it all the same */
#define RESET_LOOK_US ((int64_t)2000)
#define CLOSED_LOOK_US ((int64_t)1000 * 1000)      /* before it is asked whether a client that has ended its side reads on */
#define CLOSED_LOOK_US_MAX ((int64_t)60000 * 1000) /* each time it does, twice as long, until: */
#define RESET_AGE_US ((int64_t)1000) /* of a relay, before it passes one on: whoever has just connected asks whether it has */

/* Of the leg between us and the task, which nobody else sees: it loses nothing, and an algorithm that paces what is sent (BBR) only
 * holds it up there. Every kernel has this one, and lets anybody choose it (tcp(7)). */
static const char loopback_congestion[] = "reno";

typedef struct direction {
    enum side side; /* whose bytes */
    buffer held;
    conduit conduit;
    bool is_bulk; /* the last reading took all that there was room for */
    bool read_over;
    enum stream_end end;
    bool receiver_gone;
    bool passed_on; /* the end was */
} direction;

struct relay {
    loop *loop;
    flow *flow;
    conduit_pool *pool;
    relay_callbacks callbacks;
    int sockets[2]; /* by side */
    loop_watch *watches[2];
    direction directions[2];
    bool reset[2]; /* that side's peer has reset its connection */
    int64_t began_us, reset_at_us;
    loop_timer *reset_timer, *closed_timer;
    int64_t closed_look_us; /* how long it has been waited for closed_timer */
    bool over;
};

static enum side other(enum side s)
{
    return s == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
}

static bool is_empty(const direction *d)
{
    return d->held.len == 0 && d->conduit.held == 0;
}

/* ---- ending ------------------------------------------------------------------------------------------------------ */

static void close_all(relay *r)
{
    loop_timer_stop(r->reset_timer);
    loop_timer_stop(r->closed_timer);
    r->reset_timer = r->closed_timer = NULL;
    for (int s = 0; s < 2; s++) {
        loop_watch_stop(r->watches[s]);
        r->watches[s] = NULL;
        if (r->sockets[s] >= 0)
            (void)close(r->sockets[s]);
        r->sockets[s] = -1;
        buffer_free(&r->directions[s].held);
        conduit_close(&r->directions[s].conduit);
    }
}

static void end(relay *r)
{
    if (r->over)
        return;
    r->over = true;
    close_all(r);
    r->callbacks.over(r->callbacks.user);
}

static void end_with_reset(relay *r)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    for (int s = 0; s < 2; s++) {
        direction *d = &r->directions[s];
        (void)setsockopt(r->sockets[s], SOL_SOCKET, SO_LINGER, &now, sizeof now);
        if (!d->read_over && r->reset[s])
            flow_end(r->flow, (enum side)s, STREAM_RESET, loop_now_us(r->loop));
    }
    end(r);
}

static void direction_over(relay *r, direction *d, enum stream_end how)
{
    d->read_over = true;
    d->end = how;
    flow_end(r->flow, d->side, how, loop_now_us(r->loop));
    r->callbacks.moved(r->callbacks.user);
}

/* A socket failed with an error: its peer is gone, which for those behind us is a reset, whatever the errno was. */
static void side_failed(relay *r, enum side s)
{
    r->reset[s] = true;
    direction *towards = &r->directions[other(s)];
    towards->receiver_gone = true;
    buffer_consume(&towards->held, towards->held.len);
    conduit_close(&towards->conduit);
}

/* ---- moving bytes ------------------------------------------------------------------------------------------------ */

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static ssize_t write_held(direction *d, int to)
{
    if (d->conduit.held > 0)
        return conduit_drain(&d->conduit, to);
    ssize_t n = send(to, d->held.data, d->held.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0)
        buffer_consume(&d->held, (size_t)n);
    return n;
}

/* Writes what is held. Returns whether nothing is left. */
static bool flush_direction(relay *r, direction *d)
{
    int to = r->sockets[other(d->side)];
    while (!is_empty(d)) {
        ssize_t n = write_held(d, to);
        if (n < 0 && would_block())
            return false;
        if (n <= 0) {
            side_failed(r, other(d->side));
            return true;
        }
    }
    if (d->held.capacity > 0) {
        buffer_free(&d->held);
        buffer_init(&d->held, RELAY_HELD_LEN_MAX);
    }
    return true;
}

/* Reads along, until nothing more can be learnt from the bytes. */
static void read_along(relay *r, const direction *d, bytes_view bytes)
{
    if (flow_is_settled(r->flow)) {
        flow_passed(r->flow, d->side, bytes, loop_now_us(r->loop));
        return;
    }
    flow_bytes(r->flow, d->side, bytes, loop_now_us(r->loop));
    r->callbacks.moved(r->callbacks.user);
}

static void pass_on(relay *r, direction *d, bytes_view bytes)
{
    read_along(r, d, bytes);
    if (d->receiver_gone)
        return;
    ssize_t sent = send(r->sockets[other(d->side)], bytes.data, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && !would_block()) {
        side_failed(r, other(d->side));
        return;
    }
    bytes_view rest = bytes_slice(bytes, sent > 0 ? (size_t)sent : 0, bytes.len);
    if (!buffer_append(&d->held, rest.data, rest.len)) /* cannot be: the scratch space is no larger than the bound */
        side_failed(r, d->side);
}

/* Reads once. Returns how much came; 0: nothing more now, or ever. */
static size_t read_once(relay *r, direction *d)
{
    uint8_t scratch[RELAY_HELD_LEN_MAX];
    ssize_t n = recv(r->sockets[d->side], scratch, sizeof scratch, MSG_DONTWAIT);
    if (n > 0) {
        d->is_bulk = n == (ssize_t)sizeof scratch;
        pass_on(r, d, bytes_from(scratch, (size_t)n));
        return (size_t)n;
    }
    if (n < 0 && would_block())
        return 0;
    if (n < 0)
        side_failed(r, d->side);
    direction_over(r, d, r->reset[d->side] ? STREAM_RESET : STREAM_FIN);
    return 0;
}

/* How much of what waits is worth splicing; 0: read it. */
static size_t splice_len(const relay *r, direction *d)
{
    int waiting = 0;
    if (!d->is_bulk || d->receiver_gone || !flow_is_settled(r->flow))
        return 0;
    d->is_bulk = ioctl(r->sockets[d->side], FIONREAD, &waiting) == 0 && waiting > 0 && (size_t)waiting >= SPLICE_LEN_MIN;
    return d->is_bulk ? (size_t)waiting - SPLICE_LEN_LEFT : 0;
}

/* Takes much that waits without reading it. Returns how much it was; 0: reading tells what is the matter. */
static size_t splice_once(relay *r, direction *d)
{
    size_t len = splice_len(r, d);
    if (len == 0)
        conduit_close(&d->conduit); /* it is empty: all that was held has been written */
    if (len == 0 || (!d->conduit.is_open && !conduit_open(&d->conduit, r->pool)))
        return 0;
    ssize_t n = conduit_fill(&d->conduit, r->sockets[d->side], len);
    if (n <= 0)
        return 0;
    flow_skipped(r->flow, d->side, (size_t)n);
    return (size_t)n;
}

static void move(relay *r, direction *d)
{
    for (size_t moved = 0; moved < TURN_LEN && flush_direction(r, d) && !d->read_over;) {
        size_t len = splice_once(r, d);
        if (len == 0)
            len = read_once(r, d);
        if (len == 0)
            return;
        moved += len;
    }
    (void)flush_direction(r, d);
}

/* ---- passing ends on --------------------------------------------------------------------------------------------- */

static void pump(relay *r);

static void reset_is_due(void *user)
{
    relay *r = user;
    loop_timer_stop(r->reset_timer);
    r->reset_timer = NULL;
    pump(r);
}

/* What went before the reset has arrived at the other side, or has had its time. */
static bool reset_may_pass(relay *r, enum side from)
{
    const direction *d = &r->directions[from];
    int64_t now = loop_now_us(r->loop);
    int unacknowledged = 0;
    if (r->reset_at_us == 0)
        r->reset_at_us = now + RESET_WAIT_US;
    if (now < r->began_us + RESET_AGE_US)
        return false;
    if (d->receiver_gone || now >= r->reset_at_us)
        return true;
    if (!d->read_over || !is_empty(d))
        return false;
    return ioctl(r->sockets[other(from)], SIOCOUTQ, &unacknowledged) != 0 || unacknowledged == 0;
}

/* Returns whether the relay is over. */
static bool pass_resets_on(relay *r)
{
    for (int s = 0; s < 2; s++) {
        if (!r->reset[s])
            continue;
        if (reset_may_pass(r, (enum side)s)) {
            end_with_reset(r);
            return true;
        }
        if (r->reset_timer == NULL)
            r->reset_timer = loop_timer_start(r->loop, loop_now_us(r->loop) + RESET_LOOK_US, reset_is_due, r);
    }
    return false;
}

static void pass_ends_on(relay *r)
{
    for (int s = 0; s < 2; s++) {
        direction *d = &r->directions[s];
        if (!d->read_over || d->end != STREAM_FIN || d->passed_on || !is_empty(d))
            continue;
        if (!d->receiver_gone)
            (void)shutdown(r->sockets[other(d->side)], SHUT_WR);
        d->passed_on = true;
    }
}

static void look_later(relay *r);

static void look_whether_closed(void *user)
{
    relay *r = user;
    loop_timer_stop(r->closed_timer);
    r->closed_timer = NULL;
    if (socket_table_peer_is_closed(r->sockets[SIDE_CLIENT]))
        end(r);
    else
        look_later(r);
}

static void look_later(relay *r)
{
    int64_t wait_us = r->closed_look_us == 0 ? CLOSED_LOOK_US : 2 * r->closed_look_us;
    r->closed_look_us = wait_us < CLOSED_LOOK_US_MAX ? wait_us : CLOSED_LOOK_US_MAX;
    r->closed_timer = loop_timer_start(r->loop, loop_now_us(r->loop) + r->closed_look_us, look_whether_closed, r);
}

static int wanted_events(const relay *r, enum side s)
{
    const direction *from = &r->directions[s], *towards = &r->directions[other(s)];
    int events = 0;
    if (!from->read_over && is_empty(from))
        events |= LOOP_READABLE;
    if (!is_empty(towards))
        events |= LOOP_WRITABLE;
    if (r->reset[s] || (from->read_over && towards->passed_on))
        return 0;                              /* the timer looks after it, or nothing more can come of it */
    return events != 0 ? events : LOOP_URGENT; /* to hear of its failure all the same */
}

static void pump(relay *r)
{
    for (int s = 0; s < 2; s++)
        move(r, &r->directions[s]);
    for (int s = 0; s < 2; s++) /* a write may have failed for what the other direction has yet to read */
        if (r->reset[s] && !r->directions[s].read_over && is_empty(&r->directions[s]))
            move(r, &r->directions[s]);
    pass_ends_on(r);
    if (pass_resets_on(r))
        return;
    if (r->directions[0].passed_on && r->directions[1].passed_on) {
        end(r);
        return;
    }
    if (r->directions[SIDE_CLIENT].passed_on && r->closed_timer == NULL)
        look_later(r);
    for (int s = 0; s < 2; s++)
        loop_watch_change(r->watches[s], wanted_events(r, (enum side)s));
}

static void socket_ready(relay *r, enum side s, int events)
{
    if (events < 0 && socket_error_take(r->sockets[s]) != 0) /* the watch is paused */
        side_failed(r, s);
    pump(r);
}

static void client_ready(void *user, int events)
{
    socket_ready(user, SIDE_CLIENT, events);
}

static void server_ready(void *user, int events)
{
    socket_ready(user, SIDE_SERVER, events);
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

relay *relay_start(loop *l, int client_socket, int server_socket, flow *f, conduit_pool *pool, const relay_callbacks *callbacks,
                   error *e)
{
    static loop_ready_callback *const ready[2] = {client_ready, server_ready};
    relay *r = calloc(1, sizeof *r);
    if (r == NULL)
        abort();
    *r = (relay){.loop = l,
                 .flow = f,
                 .pool = pool,
                 .callbacks = *callbacks,
                 .sockets = {client_socket, server_socket},
                 .began_us = loop_now_us(l)};
    for (int s = 0; s < 2; s++) {
        r->directions[s] = (direction){.side = (enum side)s};
        buffer_init(&r->directions[s].held, RELAY_HELD_LEN_MAX);
        (void)setsockopt(r->sockets[s], IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    }
    (void)setsockopt(client_socket, IPPROTO_TCP, TCP_CONGESTION, loopback_congestion, sizeof loopback_congestion - 1);
    for (int s = 0; s < 2; s++) {
        r->watches[s] = loop_watch_start(l, r->sockets[s], LOOP_READABLE, ready[s], r, e);
        if (r->watches[s] == NULL) {
            (void)setsockopt(client_socket, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
            (void)setsockopt(server_socket, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
            relay_free(r);
            return NULL;
        }
    }
    return r;
}

void relay_server_has_reset(relay *r)
{
    side_failed(r, SIDE_SERVER);
}

void relay_catch_up(relay *r)
{
    pump(r);
}

int relay_server_socket(const relay *r)
{
    return r->sockets[SIDE_SERVER];
}

void relay_free(relay *r)
{
    if (r == NULL)
        return;
    close_all(r);
    free(r);
}
