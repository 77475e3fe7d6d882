/*
 * Receives what the filter notifies and hands it to the one that answers. A notification that nobody can make sense of is passed:
 * the kernel then makes the call as if nobody watched.
 */
#include "trace/state.h"

#include "trace/process.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

#define TYPE_OF_SOCKET 0xfu /* SOCK_TYPE_MASK: what is above are flags */
#define RECEIVED_MAX 64     /* at once, before the loop has its turn */

static bool respond(trace *t, uint64_t id, int error_number, uint32_t flags)
{
    struct seccomp_notif_resp response = {.id = id, .error = -error_number, .flags = flags};
    int result;
    do
        result = ioctl(t->command.listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
    while (result != 0 && errno == EINTR);
    guardian_answered(&t->guardian, id);
    return result == 0;
}

bool supervisor_answer(trace *t, uint64_t id, int error_number)
{
    return respond(t, id, error_number, 0);
}

void supervisor_pass(trace *t, uint64_t id)
{
    (void)respond(t, id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

bool supervisor_put(trace *t, uint64_t id, int socket, int at, bool closes_on_exec)
{
    struct seccomp_notif_addfd put = {.id = id,
                                      .flags = SECCOMP_ADDFD_FLAG_SETFD,
                                      .srcfd = (uint32_t)socket,
                                      .newfd = (uint32_t)at,
                                      .newfd_flags = closes_on_exec ? O_CLOEXEC : 0};
    int result;
    do
        result = ioctl(t->command.listener, SECCOMP_IOCTL_NOTIF_ADDFD, &put);
    while (result < 0 && errno == EINTR);
    return result >= 0;
}

bool supervisor_is_alive(const trace *t, uint64_t id)
{
    return ioctl(t->command.listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0 || errno == EINTR;
}

int supervisor_copy_socket(const trace *t, const notification *n)
{
    if (t->can.copies_descriptors)
        return process_get_descriptor(n->tid, n->pid != 0 ? n->pid : process_of_task(n->tid), (int)n->args[0]);
    errno = EPERM;
    return -1;
}

/* socketcall(2) has its arguments in the task's memory, as 32-bit numbers. */
static bool unfold_socketcall(notification *n)
{
    uint32_t folded[6] = {0};
    enum watched_call call = filter_call_of_socketcall(n->args[0]);
    bool is_datagram = call == WATCHED_SEND_TO || call == WATCHED_RECEIVE_FROM;
    size_t num = is_datagram ? 6 : call == WATCHED_SOCKET_ERROR || call == WATCHED_SET_OPTION ? 5 : 3;
    if (call == WATCHED_NONE || !process_read(n->tid, n->args[1], folded, num * sizeof *folded))
        return false;
    if (call == WATCHED_SOCKET_ERROR && (folded[1] != SOL_SOCKET || folded[2] != SO_ERROR))
        return false;
    bool is_of_udp = (folded[0] == AF_INET || folded[0] == AF_INET6) && (folded[1] & TYPE_OF_SOCKET) == SOCK_DGRAM;
    if (call == WATCHED_SOCKET && !is_of_udp)
        return false;
    n->call = call;
    for (size_t i = 0; i < 6; i++)
        n->args[i] = folded[i];
    return true;
}

static void io_uring_notified(trace *t, const notification *n)
{
    trace_note_unobserved(t, n->pid, "io_uring", "connections that the process makes through it would not be seen");
    supervisor_pass(t, n->id);
}

static void send_to_notified(trace *t, const notification *n)
{
    if ((n->args[3] & MSG_FASTOPEN) != 0)
        fast_open_notified(t, n);
    else
        question_notified(t, n);
}

/* Those that come often, and as a rule say nothing. */
static bool is_frequent(enum watched_call call)
{
    bool is_datagram = call == WATCHED_SEND_TO || call == WATCHED_SEND_SEVERAL || call == WATCHED_RECEIVE_FROM ||
                       call == WATCHED_RECEIVE_SEVERAL || call == WATCHED_SOCKET;
    return is_datagram || call >= WATCHED_OPEN;
}

static void dispatch(trace *t, notification *n)
{
    static void (*const handlers[])(trace *, const notification *) = {
        [WATCHED_CONNECT] = connect_notified,
        [WATCHED_GETPEERNAME] = peer_name_notified,
        [WATCHED_GETSOCKNAME] = own_name_notified,
        [WATCHED_SOCKET_ERROR] = socket_error_notified,
        [WATCHED_EXEC] = exec_notified,
        [WATCHED_EXEC_AT] = exec_notified,
        [WATCHED_IO_URING] = io_uring_notified,
        [WATCHED_SEND_TO] = send_to_notified,
        [WATCHED_SEND_MESSAGE] = fast_open_notified,
        [WATCHED_RECEIVE_FROM] = answer_notified,
        [WATCHED_RECEIVE_SEVERAL] = answer_notified,
        [WATCHED_SOCKET] = socket_notified,
        [WATCHED_SEND_SEVERAL] = questions_notified,
        [WATCHED_BIND] = bind_notified,
        [WATCHED_SET_OPTION] = option_notified,
        [WATCHED_OPEN] = open_notified,
        [WATCHED_OPEN_AT] = open_notified,
        [WATCHED_OPEN_AT_2] = open_notified,
    };
    bool known = n->call != WATCHED_NONE && n->tid != 0 && (n->call != WATCHED_SOCKETCALL || unfold_socketcall(n));
    bool frequent = is_frequent(n->call);
    n->pid = known && !frequent ? process_of_task(n->tid) : 0;
    if (!known || (frequent ? t->passes_all : n->pid == 0))
        supervisor_pass(t, n->id);
    else
        handlers[n->call](t, n);
}

/* Receiving blocks where nothing waits, whatever the descriptor's flags are: it is asked first. */
static short waiting(const trace *t)
{
    struct pollfd ready = {.fd = t->command.listener, .events = POLLIN};
    return poll(&ready, 1, 0) > 0 ? ready.revents : 0;
}

bool supervisor_receive(trace *t)
{
    for (int i = 0; i < RECEIVED_MAX; i++) {
        short events = waiting(t);
        if ((events & POLLIN) == 0)
            return (events & POLLHUP) == 0;
        memset(t->received, 0, t->received_size); /* the kernel wants it so */
        if (ioctl(t->command.listener, SECCOMP_IOCTL_NOTIF_RECV, t->received) != 0)
            continue; /* ENOENT: the task was interrupted meanwhile */
        const struct seccomp_data *data = &t->received->data;
        notification n = {.id = t->received->id,
                          .tid = (pid_t)t->received->pid,
                          .call = filter_call(data->arch, (uint32_t)data->nr),
                          .is_narrow = filter_is_narrow(data->arch, (uint32_t)data->nr)};
        for (size_t j = 0; j < 6; j++)
            n.args[j] = data->args[j];
        guardian_received(&t->guardian, t->command.listener, n.id);
        dispatch(t, &n);
    }
    return true;
}
