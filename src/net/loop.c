/*
 * libuv sees nothing of the caller's but a descriptor, a moment, a signal. Each watch is one libuv handle in a block of its own,
 * which libuv keeps until its close callback has run: the block is freed there, so that a callback may stop its own watch.
 */
#include "net/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct loop {
    uv_loop_t uv;
};

struct loop_watch {
    uv_poll_t handle; /* first: libuv hands it back */
    int events;
    loop_ready_callback *ready;
    void *user;
};

struct loop_timer {
    uv_timer_t handle;
    loop *loop;
    int64_t at_us;
    loop_timer_callback *elapsed;
    void *user;
};

struct loop_signal {
    uv_signal_t handle;
    loop_signal_callback *arrived;
    void *user;
};

/* Small and rare: where these fail, the process is past helping; abort says so at once. */
static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL)
        abort();
    return memory;
}

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, free_handle);
}

static bool explain(error *e, int status, const char *what, int value)
{
    errno = -status; /* on Unix libuv's codes are negated errno values */
    return error_set_errno(e, "%s %d", what, value);
}

/* ---- the loop ---------------------------------------------------------------------------------------------------- */

loop *loop_new(error *e)
{
    loop *l = allocate(sizeof *l);
    int status = uv_loop_init(&l->uv);
    if (status == 0)
        return l;
    errno = -status;
    (void)error_set_errno(e, "cannot make an event loop");
    free(l);
    return NULL;
}

static void close_walked(uv_handle_t *handle, void *unused)
{
    (void)unused;
    close_handle(handle);
}

void loop_free(loop *l)
{
    if (l == NULL)
        return;
    uv_walk(&l->uv, close_walked, NULL);
    while (uv_run(&l->uv, UV_RUN_DEFAULT) != 0)
        continue;
    (void)uv_loop_close(&l->uv);
    free(l);
}

int64_t loop_now_us(const loop *l)
{
    (void)l;
    return (int64_t)(uv_hrtime() / 1000);
}

bool loop_run_once(loop *l)
{
    return uv_run(&l->uv, UV_RUN_ONCE) != 0;
}

bool loop_after_fork(loop *l, error *e)
{
    int status = uv_loop_fork(&l->uv);
    if (status == 0)
        return true;
    errno = -status;
    return error_set_errno(e, "cannot go on with the event loop after fork");
}

/* ---- descriptors ------------------------------------------------------------------------------------------------- */

_Static_assert((int)LOOP_READABLE == (int)UV_READABLE && (int)LOOP_WRITABLE == (int)UV_WRITABLE &&
                   (int)LOOP_DISCONNECT == (int)UV_DISCONNECT,
               "our events are libuv's");

static void descriptor_is_ready(uv_poll_t *handle, int status, int events)
{
    loop_watch *w = handle->data;
    if (status < 0)
        w->events = 0; /* libuv has stopped it */
    w->ready(w->user, status < 0 ? status : events);
}

loop_watch *loop_watch_start(loop *l, int fd, int events, loop_ready_callback *ready, void *user, error *e)
{
    loop_watch *w = allocate(sizeof *w);
    int status = uv_poll_init(&l->uv, &w->handle, fd);
    if (status != 0) {
        (void)explain(e, status, "cannot watch descriptor", fd);
        free(w);
        return NULL;
    }
    w->handle.data = w;
    w->ready = ready;
    w->user = user;
    loop_watch_change(w, events);
    return w;
}

void loop_watch_change(loop_watch *w, int events)
{
    if (events == w->events)
        return;
    w->events = events;
    if (events == 0)
        (void)uv_poll_stop(&w->handle);
    else
        (void)uv_poll_start(&w->handle, events, descriptor_is_ready);
}

void loop_watch_stop(loop_watch *w)
{
    if (w != NULL)
        close_handle((uv_handle_t *)&w->handle);
}

/* ---- moments ----------------------------------------------------------------------------------------------------- */

static void timer_elapsed(uv_timer_t *handle);

/* libuv counts whole milliseconds of a clock that it cuts off, so a timer may come a little early: it is then set again. */
static void arm(loop_timer *t)
{
    int64_t left_us = t->at_us - loop_now_us(t->loop);
    uint64_t left_ms = left_us <= 0 ? 0 : ((uint64_t)left_us + 999) / 1000;
    uv_update_time(&t->loop->uv);
    (void)uv_timer_start(&t->handle, timer_elapsed, left_ms, 0);
}

static void timer_elapsed(uv_timer_t *handle)
{
    loop_timer *t = handle->data;
    if (loop_now_us(t->loop) < t->at_us)
        arm(t);
    else
        t->elapsed(t->user);
}

loop_timer *loop_timer_start(loop *l, int64_t at_us, loop_timer_callback *elapsed, void *user)
{
    loop_timer *t = allocate(sizeof *t);
    (void)uv_timer_init(&l->uv, &t->handle); /* documented not to fail */
    t->handle.data = t;
    t->loop = l;
    t->at_us = at_us;
    t->elapsed = elapsed;
    t->user = user;
    arm(t);
    return t;
}

void loop_timer_stop(loop_timer *t)
{
    if (t != NULL)
        close_handle((uv_handle_t *)&t->handle);
}

/* ---- signals ----------------------------------------------------------------------------------------------------- */

static void signal_arrived(uv_signal_t *handle, int signal_number)
{
    loop_signal *s = handle->data;
    s->arrived(s->user, signal_number);
}

loop_signal *loop_signal_start(loop *l, int signal_number, loop_signal_callback *arrived, void *user, error *e)
{
    loop_signal *s = allocate(sizeof *s);
    int status = uv_signal_init(&l->uv, &s->handle);
    if (status != 0) {
        (void)explain(e, status, "cannot watch signal", signal_number);
        free(s);
        return NULL;
    }
    s->handle.data = s;
    s->arrived = arrived;
    s->user = user;
    status = uv_signal_start(&s->handle, signal_arrived, signal_number);
    if (status == 0)
        return s;
    (void)explain(e, status, "cannot watch signal", signal_number);
    close_handle((uv_handle_t *)&s->handle);
    return NULL;
}

void loop_signal_stop(loop_signal *s)
{
    if (s != NULL)
        close_handle((uv_handle_t *)&s->handle);
}
