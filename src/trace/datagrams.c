#include "trace/datagrams.h"

#include "trace/datagram_table.h"
#include "trace/process.h"
#include "trace/state.h"

#define PORT_OF_HTTPS 443
#define FIRST_LOOK_US 20000 /* getaddrinfo is done by then */
#define LAST_WAIT_US 10000000
#define ROWS_MAX ((size_t)16)
#define OVER_443 "UDP 443 (HTTP/3)"

/* ---- what is known of sockets ------------------------------------------------------------------------------------- */

static bool has(const uint64_t list[DATAGRAM_SOCKETS_MAX], uint64_t inode)
{
    for (size_t i = 0; inode != 0 && i < DATAGRAM_SOCKETS_MAX; i++)
        if (list[i] == inode)
            return true;
    return false;
}

static void forget(uint64_t list[DATAGRAM_SOCKETS_MAX], uint64_t inode)
{
    for (size_t i = 0; i < DATAGRAM_SOCKETS_MAX; i++)
        if (list[i] == inode)
            list[i] = 0;
}

static void keep(uint64_t list[DATAGRAM_SOCKETS_MAX], size_t *next, uint64_t inode)
{
    if (inode != 0 && !has(list, inode))
        list[(*next)++ % DATAGRAM_SOCKETS_MAX] = inode;
}

static void note_443(trace *t, pid_t pid)
{
    trace_note_unobserved(t, pid, OVER_443, NULL);
}

void datagrams_go_to(trace *t, const notification *n, uint64_t inode, const address *to)
{
    if (address_port(to) != PORT_OF_HTTPS)
        keep(t->datagrams.known, &t->datagrams.next_known, inode);
    else if (notification_is_of_udp(n))
        note_443(t, n->pid != 0 ? n->pid : process_of_task(n->tid));
}

void datagrams_socket_used(trace *t, const notification *n, uint64_t inode)
{
    if (!has(t->datagrams.suspects, inode))
        return;
    forget(t->datagrams.suspects, inode);
    note_443(t, n->pid != 0 ? n->pid : process_of_task(n->tid));
}

/* ---- looking ------------------------------------------------------------------------------------------------------ */

static void start_look(trace *t);

/* Whether it tells of HTTP/3, or of datagrams to somebody who is not known. */
static bool row_is_wanted(void *user, const datagram_row *row)
{
    const trace *t = user;
    bool is_open = row->peer_port == 0 && !has(t->datagrams.known, row->inode) && datagram_port_is_given(row->own_port);
    return row->peer_port == PORT_OF_HTTPS || is_open;
}

static void note_row(trace *t, pid_t pid, const datagram_row *row)
{
    if (row->peer_port == PORT_OF_HTTPS)
        note_443(t, pid);
    else
        trace_note_unobserved(t, pid, "datagrams to an address that is not seen",
                              "a UDP socket is neither connected nor seen to send; HTTP/3 or questions for names may be on it");
    keep(t->datagrams.known, &t->datagrams.next_known, row->inode);
    forget(t->datagrams.suspects, row->inode);
}

static void look_at_sockets(trace *t, pid_t pid)
{
    datagram_row rows[ROWS_MAX];
    size_t num = datagram_table_read(pid, row_is_wanted, t, rows, ROWS_MAX);
    for (size_t i = 0; i < num; i++)
        if (process_has_socket(pid, rows[i].inode))
            note_row(t, pid, &rows[i]);
}

static void look(void *user)
{
    trace *t = user;
    int64_t now_us = loop_now_us(t->loop);
    loop_timer_stop(t->datagrams.look);
    t->datagrams.look = NULL;
    for (size_t i = 0; i < DATAGRAM_MAKERS_MAX; i++) {
        datagram_maker *m = &t->datagrams.makers[i];
        if (m->pid == 0 || m->next_us > now_us)
            continue;
        look_at_sockets(t, m->pid);
        m->wait_us *= 2;
        m->next_us = now_us + m->wait_us;
        if (m->wait_us > LAST_WAIT_US)
            m->pid = 0;
    }
    start_look(t);
}

static void start_look(trace *t)
{
    int64_t next_us = INT64_MAX;
    for (size_t i = 0; i < DATAGRAM_MAKERS_MAX; i++) {
        const datagram_maker *m = &t->datagrams.makers[i];
        if (m->pid != 0 && m->next_us < next_us)
            next_us = m->next_us;
    }
    if (next_us != INT64_MAX && t->datagrams.look == NULL)
        t->datagrams.look = loop_timer_start(t->loop, next_us, look, t);
}

/* The one of that process, or the place of the oldest. */
static datagram_maker *maker_of(datagram_watch *w, pid_t pid)
{
    for (size_t i = 0; i < DATAGRAM_MAKERS_MAX; i++)
        if (w->makers[i].pid == pid)
            return &w->makers[i];
    return &w->makers[w->next_maker++ % DATAGRAM_MAKERS_MAX];
}

static void watch_process(trace *t, pid_t pid)
{
    if (t->passes_all || pid == 0)
        return;
    datagram_maker *m = maker_of(&t->datagrams, pid);
    int64_t soon_us = loop_now_us(t->loop) + FIRST_LOOK_US;
    bool is_sooner = m->pid == pid && m->next_us < soon_us;
    *m = (datagram_maker){.pid = pid, .next_us = is_sooner ? m->next_us : soon_us, .wait_us = FIRST_LOOK_US};
    loop_timer_stop(t->datagrams.look);
    t->datagrams.look = NULL;
    start_look(t);
}

void datagrams_connected(trace *t, const notification *n, uint64_t inode, const address *to)
{
    forget(t->datagrams.suspects, inode);
    if (to == NULL || address_port(to) != PORT_OF_HTTPS)
        return;
    if (inode == 0)
        note_443(t, n->pid);
    keep(t->datagrams.suspects, &t->datagrams.next_suspect, inode);
    watch_process(t, n->pid);
}

void socket_notified(trace *t, const notification *n)
{
    supervisor_pass(t, n->id);
    watch_process(t, process_of_task(n->tid));
}

void datagrams_stop(datagram_watch *w)
{
    loop_timer_stop(w->look);
    w->look = NULL;
}
