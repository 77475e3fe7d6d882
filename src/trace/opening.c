#include "trace/opening.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Longer than any reply that a script waits for; looked through again with each byte. */
#define REPLY_LEN_MAX ((size_t)8 * 1024)

struct opening {
    loop *loop;
    int socket;
    loop_watch *watch;
    const preamble_script *script;
    size_t step_index;
    buffer reply; /* what no step has taken yet */
    bytes_view unsent;
    flow *flow;
    opening_callback *done;
    void *user;
};

/* False where the socket takes no more for now, or never will: what it has to say is read then. */
static bool send_some(opening *o)
{
    while (o->unsent.len > 0) {
        ssize_t sent = send(o->socket, o->unsent.data, o->unsent.len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        flow_bytes(o->flow, SIDE_CLIENT, bytes_slice(o->unsent, 0, (size_t)sent), loop_now_us(o->loop));
        o->unsent = bytes_slice(o->unsent, (size_t)sent, o->unsent.len);
    }
    return true;
}

/* Says as many steps as can be said now. */
static enum preamble_answer advance(opening *o)
{
    while (send_some(o) && o->step_index < o->script->num_steps) {
        size_t taken = 0;
        enum preamble_answer said = preamble_script_next(o->script, &o->step_index, buffer_view(&o->reply), &taken, &o->unsent);
        if (said != PREAMBLE_YES)
            return said;
        buffer_consume(&o->reply, taken);
    }
    return o->unsent.len > 0 ? PREAMBLE_WAIT : PREAMBLE_YES;
}

/* One byte: what comes after the last reply is the task's. False where there is none. */
static bool receive_byte(opening *o, bool *ended)
{
    uint8_t byte;
    ssize_t len = recv(o->socket, &byte, 1, MSG_DONTWAIT);
    bool is_over = len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR);
    if (len == 1) {
        flow_bytes(o->flow, SIDE_SERVER, bytes_from(&byte, 1), loop_now_us(o->loop));
        is_over = !buffer_append(&o->reply, &byte, 1);
    }
    *ended = *ended || is_over;
    return len == 1 && !is_over;
}

static void go_on(void *user, int events)
{
    opening *o = user;
    bool ended = false;
    enum preamble_answer said = advance(o);
    while (said == PREAMBLE_WAIT && events != LOOP_WRITABLE && receive_byte(o, &ended))
        said = advance(o);
    if (said == PREAMBLE_WAIT && !ended)
        loop_watch_change(o->watch, LOOP_READABLE | (o->unsent.len > 0 ? LOOP_WRITABLE : 0));
    else
        o->done(o->user, said == PREAMBLE_YES);
}

opening *opening_start(loop *l, int socket, const preamble_script *script, flow *f, opening_callback *done, void *user)
{
    opening *o = calloc(1, sizeof *o);
    error e;
    if (o == NULL)
        return NULL;
    *o = (opening){.loop = l, .socket = socket, .script = script, .flow = f, .done = done, .user = user};
    buffer_init(&o->reply, REPLY_LEN_MAX);
    o->watch = loop_watch_start(l, socket, LOOP_READABLE | LOOP_WRITABLE, go_on, o, &e);
    if (o->watch != NULL)
        return o;
    opening_free(o);
    return NULL;
}

void opening_free(opening *o)
{
    if (o == NULL)
        return;
    loop_watch_stop(o->watch);
    buffer_free(&o->reply);
    free(o);
}
