/*
 * What the files of this room share: the trace, its channels (one for each connection that is led through us), and the
 * notification at hand. Nothing outside src/trace includes this.
 */
#ifndef TLSWHY_TRACE_STATE_H
#define TLSWHY_TRACE_STATE_H

#include "trace/capability.h"
#include "trace/datagrams.h"
#include "trace/filter.h"
#include "trace/guardian.h"
#include "trace/join.h"
#include "trace/lookups.h"
#include "trace/name_copies.h"
#include "trace/opened.h"
#include "trace/opening.h"
#include "trace/quic.h"
#include "trace/relay.h"
#include "trace/replica.h"
#include "trace/spawn.h"
#include "trace/trace.h"

typedef struct notification {
    uint64_t id;
    pid_t tid, pid; /* thread and process; of calls that come often the process is 0, and looked for where it is needed */
    enum watched_call call;
    bool is_narrow; /* pointers have 32 bits */
    uint64_t args[6];
} notification;

enum channel_state {
    CHANNEL_OPENING,  /* upstream's connect is under way */
    CHANNEL_JOINING,  /* upstream is up; the task's held socket is being joined */
    CHANNEL_REFUSING, /* upstream failed; the task's held socket, out of reach, is being joined, to be reset */
    CHANNEL_RELAYING,
    CHANNEL_OVER, /* failed or ended; kept for what the task may still ask about its socket */
};

/* A task that waits in a connect for what becomes of a channel. */
typedef struct channel_waiter {
    bool waits;
    uint64_t id;
    pid_t tid;
    int task_socket;     /* our copy of the task's socket, for as long as it waits */
    int64_t deadline_us; /* SO_SNDTIMEO; 0: none */
} channel_waiter;

typedef struct channel {
    struct channel *next, *next_in_bucket;
    trace *trace;
    trace_connection *connection;
    flow *flow;
    enum channel_state state;
    bool replica;        /* the task's socket is replaced by one of ours when it is led anywhere */
    uint64_t inode;      /* of the task's socket: its identity, whoever holds it under whichever number */
    int task_descriptor; /* where it was when it was connected */
    bool closes_on_exec;
    address asked;           /* where the task wants to go, which it takes for where it goes */
    address local;           /* upstream's own address, which the task takes for its socket's */
    address lead;            /* where on loopback the task's socket is led */
    bool held;               /* the task's socket waits at the holder ... */
    address held_own;        /* ... and has this address */
    bool dissolved;          /* it was made to fail by join_refuse */
    int64_t send_timeout_us; /* of the task's socket when it last waited */
    int untold_errno;        /* upstream's failure, for SO_ERROR or the next connect */
    bool untold_success;     /* the task was interrupted while it was told: its connect comes again */
    channel_waiter waiter;
    int upstream;   /* -1 once a relay has it */
    bool was_reset; /* upstream came up, and was reset before it was joined */
    loop_watch *upstream_watch;
    opening *opening; /* what is said there first; NULL: nothing, or it has been */
    int joining;      /* our end of the held socket's connection, while it comes up */
    loop_watch *joining_watch;
    relay *relay;
} channel;

enum { TRACE_SIGNALS = 6 }; /* SIGCHLD, those that ask for the end, SIGTSTP */

/* A process that asked name servers, and whether it was seen to receive what they answer. */
typedef struct name_asker {
    pid_t pid; /* 0: none */
    const char *exe;
    bool is_seen_receiving;
} name_asker;
enum { NAME_ASKERS_MAX = 64 };

#define CHANNEL_BUCKETS ((size_t)4096)

struct trace {
    arena *arena;
    loop *loop;
    trace_callbacks callbacks;
    capability can;
    replica_memory memory; /* without calls where sockets can be reached */
    spawned command;
    guardian guardian;
    bool command_over;
    bool has_tasks;
    bool passes_all;         /* no new connection is led through us any more */
    uint64_t network_cookie; /* of our network namespace; 0: not known */
    join_holder holder;
    conduit_pool conduits;
    lookup_log lookups;
    name_copies name_copies;
    name_asker name_askers[NAME_ASKERS_MAX]; /* a ring */
    size_t next_name_asker;
    quic_looks quic_looks;
    datagram_watch datagrams;
    const trace_detour *detour; /* NULL: none */
    bool wants_files;
    opened_files opened;
    struct seccomp_notif *received; /* as large as this kernel's */
    size_t received_size;
    loop_watch *listener_watch;
    loop_signal *signals[TRACE_SIGNALS];
    bool was_interrupted; /* by a signal that asks for the end, while the command ran */
    loop_timer *tick, *first_look, *job_look;
    channel *channels;                           /* all, the newest first */
    channel *channels_by_inode[CHANNEL_BUCKETS]; /* those whose socket is known */
    trace_connection **connections;
    size_t num_connections, connections_capacity, num_begun;
    trace_unobserved *unobserved;
    size_t num_unobserved, unobserved_capacity;
    size_t num_open; /* channels that are not over */
    void (*saved_interrupt)(int), (*saved_quit)(int), (*saved_pipe)(int);
};

/* supervisor.c */
/* Answers with an errno (positive) or 0, or lets the kernel make the call as if nobody watched. The answer is false where the task
 * was interrupted or is gone: it has not been told then. */
bool supervisor_answer(trace *t, uint64_t id, int error_number);
void supervisor_pass(trace *t, uint64_t id);
/* Puts a socket of ours where the task has its own, under the same number. */
bool supervisor_put(trace *t, uint64_t id, int socket, int at, bool closes_on_exec) MUST_CHECK;
/* A copy of the socket that the call is about, the caller's to close; -1 with errno. Not tried where the sandbox does not allow it:
 * it may end who tries. */
int supervisor_copy_socket(const trace *t, const notification *n) MUST_CHECK;
bool supervisor_is_alive(const trace *t, uint64_t id);
/* Takes what waits at the listener; never blocks. False once no task is left. */
bool supervisor_receive(trace *t);

/* trace.c */
/* Keeps that something is not observed, once for each process. `what` and `detail` (or NULL) are literals or in the arena. */
void trace_note_unobserved(trace *t, pid_t pid, const char *what, const char *detail);
/* The same where the process has gone: `exe` is in the arena, and told once for each. */
void trace_note_unobserved_of(trace *t, pid_t pid, const char *exe, const char *what, const char *detail);
/* The same of a program that is about to run: `what` and `detail` of `u` are literals, the rest is filled in here. */
void trace_note_program(trace *t, pid_t pid, const char *program, trace_unobserved u);
trace_connection *trace_new_connection(trace *t, const address *to, pid_t pid);
void trace_connection_changed(const channel *c);
void trace_start_tick(trace *t);

/* channel.c: what becomes of a connection once its upstream has been opened */
channel *channel_find(const trace *t, uint64_t inode);
/* The channel's socket is that one from now on; 0: none any more. */
void channel_set_inode(channel *c, uint64_t inode);
/* The socket is no longer the channel's: another connect with it is another connection. */
void channel_forget(channel *c);
bool channel_watch_upstream(channel *c, error *e) MUST_CHECK;
/* The task's socket goes to the holder, while the task waits in notification `id`. `task_socket` stays the caller's. */
bool channel_hold(channel *c, int task_socket, uint64_t id) MUST_CHECK;
/* The task waits in its connect. Takes `task_socket`. */
void channel_wait(channel *c, const notification *n, int task_socket);
/* The connection is over, or has never been. */
void channel_close(channel *c, enum trace_tcp_state state);
/* Every 20 ms while there are waiters or held sockets: signals, deadlines, tasks that gave up. Returns whether any are left. */
bool channel_tick(channel *c);
void channel_free(channel *c);

/* names.c */
/* The process's socket talks to that name server. */
void names_note_socket(trace *t, pid_t pid, uint64_t inode, const address *server);
/* When the command has ended: who asked, and receives by calls that are not notified, is listed. */
void names_note_unanswered(trace *t);

/* datagrams.c */
/* A task sends a datagram there. */
void datagrams_go_to(trace *t, const notification *n, uint64_t inode, const address *to);
/* It does more with the socket than ask for its addresses. */
void datagrams_socket_used(trace *t, const notification *n, uint64_t inode);
/* It connects the socket; `to` is NULL where it takes that back. */
void datagrams_connected(trace *t, const notification *n, uint64_t inode, const address *to);
void datagrams_stop(datagram_watch *w);
void socket_notified(trace *t, const notification *n);

/* job.c */
/* The command was seen to have stopped: this process does likewise, where a shell would see that. Returns when it goes on. */
void job_command_has_stopped(trace *t);
/* SIGTSTP. */
void job_stop_is_asked(void *user, int signal_number);

/* shape.c */
/* Whether the first argument is a socket of UDP. */
bool notification_is_of_udp(const notification *n);

/* connect.c, fast_open.c, peer.c, shape.c, exec.c, names.c, open.c: one for each kind of notification */
void connect_notified(trace *t, const notification *n);
void peer_name_notified(trace *t, const notification *n);
void own_name_notified(trace *t, const notification *n);
void socket_error_notified(trace *t, const notification *n);
void bind_notified(trace *t, const notification *n);
void option_notified(trace *t, const notification *n);
void question_notified(trace *t, const notification *n);
void questions_notified(trace *t, const notification *n);
void open_notified(trace *t, const notification *n);
void answer_notified(trace *t, const notification *n);
void exec_notified(trace *t, const notification *n);
/* sendto or sendmsg with MSG_FASTOPEN. */
void fast_open_notified(trace *t, const notification *n);

#endif
