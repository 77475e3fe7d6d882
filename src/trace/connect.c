/*
 * What happens at a task's connect(2): it is passed where it is none of ours, else the same connection is opened by us, and the
 * task's socket led to this process. Whatever cannot be done ends in passing the call untouched.
 */
#include "trace/state.h"

#include "trace/process.h"
#include "trace/upstream.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define OPEN_MAX ((size_t)8192) /* connections at once: each takes some 20 KiB */
#define PORT_OF_DNS 53

/* One block seen as any family: what the sockets API means by its casts. */
union socket_address {
    struct sockaddr_storage storage;
    struct sockaddr any;
};

/* What the task asked for. Descriptor -1 where it could not be had. */
typedef struct request {
    const notification *n;
    address to;
    int task_socket;
    uint64_t inode;
    bool blocks;
    bool replica; /* task_socket is ours, equal to the task's */
    bool closes_on_exec;
} request;

static void pass(trace *t, const request *r, const char *why, const char *detail)
{
    if (why != NULL)
        trace_note_unobserved(t, r->n->pid, why, detail);
    supervisor_pass(t, r->n->id);
}

/* False where the kernel should judge the address itself: too short, too long, unreadable, or of a family that is not ours. */
static bool read_address(const notification *n, address *to, int *family)
{
    union socket_address u = {0};
    uint32_t len = (uint32_t)n->args[2];
    if (len < sizeof u.any.sa_family || len > sizeof u.storage || !process_read(n->tid, n->args[1], &u, len))
        return false;
    *family = u.any.sa_family;
    *to = address_from_sockaddr(&u.any, len);
    return *family == AF_UNSPEC || ((*family == AF_INET || *family == AF_INET6) && to->len != 0);
}

/* ---- a socket that is a channel's already ------------------------------------------------------------------------ */

/* As the kernel does it: the socket's own state decides, and the upstream's errno is told once. */
/* A connect that failed is told by the next one, if not by SO_ERROR before; then by ECONNABORTED, once, as by the kernel. */
static void refuse_again(trace *t, channel *c, const request *r)
{
    if (c->dissolved)
        join_dissolve(r->task_socket);
    else if (c->held)
        (void)join_again(r->task_socket, &c->lead);
    if (supervisor_answer(t, r->n->id, c->untold_errno != 0 ? c->untold_errno : ECONNABORTED))
        channel_forget(c);
}

/* Whether a task waits for the channel still: a signal takes its call back without a word, before Linux 5.19. */
static bool has_waiter(const trace *t, const channel *c)
{
    return c->waiter.waits && supervisor_is_alive(t, c->waiter.id);
}

static void connect_again(trace *t, channel *c, const request *r)
{
    bool pending = c->state == CHANNEL_OPENING || c->state == CHANNEL_JOINING || c->state == CHANNEL_REFUSING;
    if (c->untold_success) {
        c->untold_success = !supervisor_answer(t, r->n->id, 0);
    } else if (pending && r->blocks && !has_waiter(t, c)) {
        channel_wait(c, r->n, fcntl(r->task_socket, F_DUPFD_CLOEXEC, 0));
    } else if (pending) {
        (void)supervisor_answer(t, r->n->id, EALREADY);
    } else if (c->connection->tcp_state == TRACE_CONNECT_FAILED) {
        refuse_again(t, c, r);
    } else {
        (void)supervisor_answer(t, r->n->id, join_again(r->task_socket, &c->lead));
    }
}

/* ---- a new connection -------------------------------------------------------------------------------------------- */

/* NULL: it goes where it wants to. */
static const trace_detour *detour_of(const trace *t, const request *r)
{
    return t->detour != NULL && address_port(&r->to) == t->detour->port ? t->detour : NULL;
}

static channel *new_channel(trace *t, const request *r, int upstream)
{
    const trace_detour *detour = detour_of(t, r);
    const address *to = detour == NULL ? &r->to : &detour->to;
    trace_connection *connection = trace_new_connection(t, to, r->n->pid);
    channel *c = ARENA_NEW(connection->arena, channel);
    union socket_address local = {0};
    socklen_t len = sizeof local;
    *c = (channel){.next = t->channels,
                   .trace = t,
                   .connection = connection,
                   .state = CHANNEL_OPENING,
                   .asked = r->to,
                   .task_descriptor = (int)r->n->args[0],
                   .upstream = upstream,
                   .joining = -1,
                   .waiter = {.task_socket = -1}};
    c->flow = flow_new(connection->arena, address_port(to));
    connection->conversation = flow_conversation(c->flow);
    if (to->storage.ss_family == r->to.storage.ss_family && getsockname(upstream, &local.any, &len) == 0)
        c->local = address_from_sockaddr(&local.any, len);
    t->channels = c;
    channel_set_inode(c, r->inode);
    t->num_open++;
    return c;
}

/* The connect failed before anything was sent: the task is told so at once, as it would be by the kernel. */
static void failed_at_once(trace *t, const request *r, int upstream, int problem)
{
    channel *c = new_channel(t, r, upstream);
    c->connection->connect_errno = problem;
    if (!supervisor_answer(t, r->n->id, problem))
        c->untold_errno = problem;
    else
        channel_forget(c);
    channel_close(c, TRACE_CONNECT_FAILED);
}

static bool socket_is_v6_only(int fd)
{
    int value = 0;
    socklen_t len = sizeof value;
    return getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &value, &len) == 0 && value != 0;
}

static void under_way(trace *t, const request *r, int upstream, const address *lead)
{
    channel *c = new_channel(t, r, upstream);
    error e = {0};
    c->lead = *lead;
    c->replica = r->replica;
    c->closes_on_exec = r->closes_on_exec;
    if (!channel_watch_upstream(c, &e) || (!r->blocks && !channel_hold(c, r->task_socket, r->n->id))) {
        channel_forget(c);
        channel_close(c, TRACE_CONNECT_GIVEN_UP);
        pass(t, r, "a socket that cannot be led to the relay", NULL);
        return;
    }
    if (r->blocks)
        channel_wait(c, r->n, fcntl(r->task_socket, F_DUPFD_CLOEXEC, 0));
    else
        (void)supervisor_answer(t, r->n->id, EINPROGRESS); /* interrupted: it comes again and is told EALREADY, as by the kernel */
    trace_connection_changed(c);
}

static int detour_socket(const trace_detour *detour)
{
    return socket(detour->to.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
}

static void open_connection(trace *t, const request *r)
{
    if (t->num_open >= OPEN_MAX) {
        pass(t, r, "more connections at once than are watched", NULL);
        return;
    }
    address lead;
    const trace_detour *detour = detour_of(t, r);
    const address *goal = detour == NULL ? &r->to : &detour->to;
    union socket_address to = {.storage = goal->storage};
    if (!join_holder_address(&t->holder, &r->to, socket_is_v6_only(r->task_socket), &lead)) {
        pass(t, r, "IPv6 where loopback has none", NULL);
        return;
    }
    int upstream = detour == NULL ? upstream_socket(r->task_socket) : detour_socket(detour);
    if (upstream < 0) {
        pass(t, r,
             errno == EMFILE || errno == ENFILE ? "more connections than this process may have open"
                                                : "a socket that cannot be copied",
             NULL);
        return;
    }
    if (connect(upstream, &to.any, goal->len) == 0 || errno == EINPROGRESS)
        under_way(t, r, upstream, &lead);
    else
        failed_at_once(t, r, upstream, errno);
}

static void connect_with_socket(trace *t, const request *r)
{
    bool silent;
    channel *known = channel_find(t, r->inode);
    if (known != NULL) {
        connect_again(t, known, r);
        return;
    }
    const char *obstacle = upstream_obstacle(r->task_socket, t->network_cookie, &silent);
    if (obstacle == NULL && t->network_cookie == 0 && !process_shares_network(r->n->tid))
        obstacle = "another network namespace";
    if (obstacle != NULL)
        pass(t, r, silent ? NULL : obstacle, NULL);
    else
        open_connection(t, r);
}

/* ---- where the task's socket cannot be reached ------------------------------------------------------------------- */

/* The same as connect_again, as far as it can be done from outside. */
static void connect_again_unreached(trace *t, channel *c, const request *r)
{
    bool pending = c->state == CHANNEL_OPENING || c->state == CHANNEL_JOINING || c->state == CHANNEL_REFUSING;
    if (c->untold_success) {
        c->untold_success = !supervisor_answer(t, r->n->id, 0);
    } else if (pending && r->blocks && !has_waiter(t, c)) {
        channel_wait(c, r->n, -1);
    } else if (pending) {
        (void)supervisor_answer(t, r->n->id, EALREADY);
    } else if (c->connection->tcp_state == TRACE_CONNECT_FAILED) {
        if (supervisor_answer(t, r->n->id, c->untold_errno != 0 ? c->untold_errno : ECONNABORTED))
            channel_forget(c);
    } else {
        supervisor_pass(t, r->n->id);
    }
}

/* The same for a socket that asks a name server: ours is put in its place, so that its answers can be looked at. False where the
 * kernel should make the call itself. */
static bool replace_name_socket(trace *t, const request *r, const replica_kind *kind)
{
    union socket_address to = {.storage = r->to.storage};
    struct stat st;
    int descriptor = (int)r->n->args[0];
    if (name_copies_find(&t->name_copies, r->inode) >= 0 || !replica_is_safe(r->n->pid, descriptor, r->inode))
        return false;
    int fd = replica_make(&t->memory, kind, r->inode);
    if (fd < 0)
        return false;
    if (connect(fd, &to.any, r->to.len) != 0 || fstat(fd, &st) != 0 ||
        !supervisor_put(t, r->n->id, fd, descriptor, r->closes_on_exec)) {
        (void)close(fd);
        return false;
    }
    names_note_socket(t, r->n->pid, st.st_ino, &r->to);
    name_copies_add(&t->name_copies, &(name_copy){.inode = st.st_ino, .ours = fd, .tid = r->n->tid, .descriptor = descriptor});
    return true;
}

static void connect_datagrams_unreached(trace *t, const request *r, const replica_kind *kind)
{
    uint16_t port = address_port(&r->to);
    datagrams_connected(t, r->n, r->inode, &r->to);
    if (port == PORT_OF_DNS && process_shares_network(r->n->tid) && replace_name_socket(t, r, kind)) {
        (void)supervisor_answer(t, r->n->id, 0);
        return;
    }
    if (port == PORT_OF_DNS)
        names_note_socket(t, r->n->pid, r->inode, &r->to);
    pass(t, r, NULL, NULL);
}

static void connect_unreached(trace *t, request *r)
{
    replica_kind kind;
    int descriptor = (int)r->n->args[0];
    channel *known = channel_find(t, r->inode);
    if (r->inode == 0 || !replica_kind_of(r->n->tid, descriptor, &kind)) {
        pass(t, r, r->inode == 0 ? NULL : "a process whose sockets cannot be reached", NULL);
        return;
    }
    r->replica = true;
    r->blocks = (kind.flags & O_NONBLOCK) == 0;
    r->closes_on_exec = (kind.flags & O_CLOEXEC) != 0;
    if (known != NULL)
        connect_again_unreached(t, known, r);
    else if (kind.type == SOCK_DGRAM)
        connect_datagrams_unreached(t, r, &kind);
    else if (address_port(&r->to) == PORT_OF_DNS)
        pass(t, r, NULL, NULL);
    else if (!process_shares_network(r->n->tid))
        pass(t, r, "another network namespace", NULL);
    else if (!replica_is_safe(r->n->pid, descriptor, r->inode) || (r->task_socket = replica_make(&t->memory, &kind, r->inode)) < 0)
        pass(t, r, "a socket that cannot be replaced", NULL);
    else
        open_connection(t, r);
    if (r->task_socket >= 0)
        (void)close(r->task_socket);
}

/* ---- the way in -------------------------------------------------------------------------------------------------- */

static bool is_datagram(int fd)
{
    int type = 0;
    socklen_t len = sizeof type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_DGRAM;
}

static void connect_inet(trace *t, request *r)
{
    uint16_t port = address_port(&r->to);
    r->task_socket = supervisor_copy_socket(t, r->n);
    if (r->task_socket < 0) {
        pass(t, r, errno == EBADF ? NULL : "a process whose sockets cannot be reached", NULL);
        return;
    }
    r->blocks = (fcntl(r->task_socket, F_GETFL) & O_NONBLOCK) == 0;
    bool is_of_udp = is_datagram(r->task_socket);
    if (is_of_udp)
        datagrams_connected(t, r->n, r->inode, &r->to);
    if (is_of_udp && port == PORT_OF_DNS)
        names_note_socket(t, r->n->pid, r->inode, &r->to);
    if (is_of_udp)
        pass(t, r, NULL, NULL);
    else if (port == PORT_OF_DNS || !supervisor_is_alive(t, r->n->id))
        pass(t, r, NULL, NULL);
    else
        connect_with_socket(t, r);
    (void)close(r->task_socket);
}

void connect_notified(trace *t, const notification *n)
{
    request r = {.n = n, .task_socket = -1};
    int family = 0;
    errno = 0;
    bool readable = !t->passes_all && read_address(n, &r.to, &family);
    if (!readable && family == AF_VSOCK) {
        pass(t, &r, "a socket between a virtual machine and its host (AF_VSOCK)", NULL);
        return;
    }
    if (!readable) {
        bool refused = errno == EPERM || errno == EACCES;
        pass(t, &r, refused ? "a process that cannot be read" : NULL,
             refused ? "where it connects, if at all, is not known" : NULL);
        return;
    }
    r.inode = process_socket_inode(n->tid, (int)n->args[0]);
    if (family == AF_UNSPEC) {
        channel *c = channel_find(t, r.inode);
        if (c != NULL)
            channel_forget(c); /* the socket is dissolved */
        datagrams_connected(t, n, r.inode, NULL);
        pass(t, &r, NULL, NULL);
        return;
    }
    if (t->memory.calls != NULL)
        connect_unreached(t, &r);
    else
        connect_inet(t, &r);
}
