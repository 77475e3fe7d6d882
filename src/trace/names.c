/*
 * Questions to name servers and their answers, on their way. The calls are always passed; an answer is looked at where it lies, in
 * the socket's queue, before the task takes it (MSG_PEEK). A resolver that receives otherwise (read, recvmsg) is seen to ask, as
 * far as its calls tell that, but not to be answered, and is listed: notifying those calls would cost all that use them for data.
 * So are the first datagrams of any other socket, for HTTP/3 may be on it (datagrams.h).
 */
#include "trace/state.h"

#include "trace/process.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define PORT_OF_DNS 53
#define ANSWER_LEN_MAX ((size_t)4096) /* of one that has addresses in front; what is longer is looked at so far */
#define MESSAGES_MAX ((size_t)2)

/* One block seen as any family: what the sockets API means by its casts. */
union socket_address {
    struct sockaddr_storage storage;
    struct sockaddr any;
};

/* struct mmsghdr of sendmmsg(2), as far as it is needed, in the layouts of 64 and 32 bits. */
typedef struct message_layout {
    size_t size, iov, pointer_len;
} message_layout;
static const message_layout wide_layout = {64, 16, 8}, narrow_layout = {32, 8, 4};

static bool read_question(const notification *n, uint64_t at, uint64_t len, uint8_t out[FILTER_QUESTION_LEN_MAX])
{
    return len > 0 && len <= FILTER_QUESTION_LEN_MAX && process_read(n->tid, at, out, len);
}

static void note(trace *t, const notification *n, const name_socket *socket, bytes_view message)
{
    pid_t pid = process_of_task(n->tid);
    trace_lookup *k = lookups_note(&t->lookups, pid, socket, message, loop_now_us(t->loop));
    if (k == NULL || k->exe[0] != 0)
        return;
    arena *scratch = arena_new();
    const char *exe = process_exe(scratch, pid);
    (void)snprintf(k->exe, sizeof k->exe, "%s", exe == NULL ? "" : exe);
    arena_free(scratch);
}

/* ---- who asks ----------------------------------------------------------------------------------------------------- */

static name_asker *asker_of(trace *t, pid_t pid)
{
    for (size_t i = 0; i < NAME_ASKERS_MAX; i++)
        if (t->name_askers[i].pid == pid)
            return &t->name_askers[i];
    return NULL;
}

void names_note_socket(trace *t, pid_t pid, uint64_t inode, const address *server)
{
    lookups_add_socket(&t->lookups, inode, server);
    if (!t->passes_all && pid != 0 && asker_of(t, pid) == NULL)
        t->name_askers[t->next_name_asker++ % NAME_ASKERS_MAX] = (name_asker){.pid = pid, .exe = process_exe(t->arena, pid)};
}

void names_note_unanswered(trace *t)
{
    for (size_t i = 0; i < NAME_ASKERS_MAX; i++) {
        const name_asker *asker = &t->name_askers[i];
        if (asker->pid != 0 && !asker->is_seen_receiving)
            trace_note_unobserved_of(t, asker->pid, asker->exe, "answers of a name server",
                                     "none came, or the program receives them by another call than recvfrom(2), or waits in it");
    }
}

static void note_receiving(trace *t, pid_t pid)
{
    name_asker *asker = asker_of(t, pid);
    if (asker != NULL)
        asker->is_seen_receiving = true;
}

/* ---- asking ------------------------------------------------------------------------------------------------------ */

static bool read_destination(const notification *n, uint64_t at, uint64_t len, address *to)
{
    union socket_address u = {0};
    if (at == 0 || len < sizeof u.any.sa_family || len > sizeof u.storage || !process_read(n->tid, at, &u, len))
        return false;
    *to = address_from_sockaddr(&u.any, (socklen_t)len);
    return to->len != 0;
}

/* Where a datagram goes that does not go where its socket is connected to. */
static void note_destination(trace *t, const notification *n, uint64_t inode, const address *to)
{
    datagrams_go_to(t, n, inode, to);
    if (address_port(to) == PORT_OF_DNS)
        names_note_socket(t, process_of_task(n->tid), inode, to);
}

void question_notified(trace *t, const notification *n)
{
    address to;
    uint8_t question[FILTER_QUESTION_LEN_MAX];
    if (read_destination(n, n->args[4], n->args[5], &to)) {
        uint64_t inode = process_socket_inode(n->tid, (int)n->args[0]);
        name_socket unknown = {.server = to}; /* its inode cannot be told */
        note_destination(t, n, inode, &to);
        const name_socket *socket = lookups_find_socket(&t->lookups, inode);
        if (address_port(&to) == PORT_OF_DNS && read_question(n, n->args[1], n->args[2], question))
            note(t, n, socket == NULL ? &unknown : socket, bytes_from(question, n->args[2]));
    }
    supervisor_pass(t, n->id);
}

static void note_destination_of_message(trace *t, const notification *n, uint64_t inode, uint64_t at, const message_layout *l)
{
    uint64_t name, len;
    address to;
    if (process_read_message_name(n->tid, at, l->pointer_len, &name, &len) && read_destination(n, name, len, &to))
        note_destination(t, n, inode, &to);
}

/* The first piece of a message: a question is never in several. */
static void note_question_of_message(trace *t, const notification *n, const name_socket *socket, uint64_t at,
                                     const message_layout *l)
{
    uint64_t iov, start, len;
    uint8_t question[FILTER_QUESTION_LEN_MAX];
    if (process_read_pointer(n->tid, at + l->iov, l->pointer_len, &iov) &&
        process_read_pointer(n->tid, iov, l->pointer_len, &start) &&
        process_read_pointer(n->tid, iov + l->pointer_len, l->pointer_len, &len) && read_question(n, start, len, question))
        note(t, n, socket, bytes_from(question, len));
}

void questions_notified(trace *t, const notification *n)
{
    const message_layout *l = n->is_narrow ? &narrow_layout : &wide_layout;
    uint64_t inode = process_socket_inode(n->tid, (int)n->args[0]);
    datagrams_socket_used(t, n, inode);
    for (size_t i = 0; i < n->args[2] && i < MESSAGES_MAX; i++) {
        uint64_t at = n->args[1] + i * l->size;
        note_destination_of_message(t, n, inode, at, l);
        const name_socket *socket = lookups_find_socket(&t->lookups, inode);
        if (socket != NULL)
            note_question_of_message(t, n, socket, at, l);
    }
    supervisor_pass(t, n->id);
}

/* ---- being answered ---------------------------------------------------------------------------------------------- */

/* What waits at a task's socket. */
typedef struct peeked {
    uint8_t bytes[ANSWER_LEN_MAX];
    size_t len;
    address from;
    bool has_failed;
    int problem; /* the socket's error, if looking has taken it away */
} peeked;

/* False where nothing waits. */
static bool peek(int fd, peeked *out)
{
    union socket_address from = {0};
    socklen_t len = sizeof from;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    out->has_failed = poll(&ready, 1, 0) > 0 && (ready.revents & POLLERR) != 0;
    if (out->has_failed || (ready.revents & POLLIN) == 0)
        return false;
    ssize_t n = recvfrom(fd, out->bytes, sizeof out->bytes, MSG_PEEK | MSG_DONTWAIT, &from.any, &len);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        out->problem = errno;
    out->len = n > 0 ? (size_t)n : 0;
    out->from = address_from_sockaddr(&from.any, len);
    return n > 0;
}

/* The task's socket, for as long as its call waits: a copy, or ours that was put in its place. -1 where it cannot be had. */
static int reach_socket(const trace *t, const notification *n, uint64_t inode)
{
    int ours = name_copies_find(&t->name_copies, inode);
    return ours >= 0 ? fcntl(ours, F_DUPFD_CLOEXEC, 0) : supervisor_copy_socket(t, n);
}

static void look_at_datagram(trace *t, const notification *n, uint64_t inode, const name_socket *socket, const peeked *p)
{
    if (socket == NULL) {
        datagrams_go_to(t, n, inode, &p->from);
        return;
    }
    note_receiving(t, process_of_task(n->tid));
    note(t, n, socket, bytes_from(p->bytes, p->len));
}

void answer_notified(trace *t, const notification *n)
{
    peeked p = {.len = 0};
    uint64_t inode = process_socket_inode(n->tid, (int)n->args[0]);
    const name_socket *socket = lookups_find_socket(&t->lookups, inode);
    datagrams_socket_used(t, n, inode);
    bool wanted = socket != NULL || (quic_wants_look(&t->quic_looks, inode) && notification_is_of_udp(n));
    int fd = wanted ? reach_socket(t, n, inode) : -1;
    if (fd >= 0 && peek(fd, &p))
        look_at_datagram(t, n, inode, socket, &p);
    if (fd >= 0)
        (void)close(fd);
    if (socket != NULL && (p.has_failed || p.problem != 0))
        lookups_note_refused(&t->lookups, inode);
    if (p.problem != 0)
        (void)supervisor_answer(t, n->id, p.problem); /* the error is told once: it came in between, and is the task's */
    else
        supervisor_pass(t, n->id);
}
