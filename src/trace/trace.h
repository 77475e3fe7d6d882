/*
 * Runs a command under watch: every TCP connection that it or its descendants make is led through a relay of ours, which
 * passes the bytes on and reads along until the handshake is over. DESIGN.md, "How run works", is the requirement.
 *
 * While a trace lives this process reaps every child that it has (it is the subreaper), ignores SIGINT, SIGQUIT and SIGPIPE, and
 * forwards SIGTERM and SIGHUP to the command. It must not block for long: tasks under watch wait for it.
 *
 * Ownership: a trace owns the child, the listener, sockets and flows. `trace_connection`s live until trace_forget, or with the
 * trace's arena; the callbacks get them as they change.
 */
#ifndef TLSWHY_TRACE_TRACE_H
#define TLSWHY_TRACE_TRACE_H

#include "flow/conversation.h"
#include "net/address.h"
#include "net/loop.h"
#include "trace/lookups.h"

enum trace_tcp_state { TRACE_CONNECTING, TRACE_CONNECTED, TRACE_CONNECT_FAILED, TRACE_CONNECT_GIVEN_UP };

typedef struct trace_connection {
    size_t number;   /* from 0, in the order of their connects */
    address to;      /* where the client wanted to go (IPv4-mapped as it asked), or was led by a detour */
    int pid;         /* the process (Tgid), as this process sees it */
    const char *exe; /* /proc/PID/exe at connect time; NULL where it cannot be read */
    enum trace_tcp_state tcp_state;
    int connect_errno;                        /* of TRACE_CONNECT_FAILED */
    int64_t began_us, connected_us, ended_us; /* monotonic; 0 where not yet */
    arena *arena;                             /* its own: all of it lives there */
    bool is_forgotten, went_fine;             /* of a copy, for whoever keeps one of what was forgotten: how it was */
    bool ended;                               /* both directions are over, or it never came about */
    const conversation *conversation;
} trace_connection;

/* What was not seen, and why: "io_uring", "UDP 443 (HTTP/3)", "another network namespace", ... */
typedef struct trace_unobserved {
    const char *what;
    int pid;
    const char *exe;
    const char *detail; /* or NULL */
    bool is_program;    /* told once for each `exe`, which may be what the process was about to become */
    bool is_elsewhere;  /* the command's connections are made by somebody else */
    bool is_urgent;     /* to be told at once: what the command does now will not work */
} trace_unobserved;

/* What the command's exit was: one of the two is set. */
typedef struct trace_exit {
    int status;           /* 0 to 255; -1 where it died of a signal */
    int signal_number;    /* 0: none */
    bool was_interrupted; /* this process was sent SIGINT, SIGQUIT, SIGTERM or SIGHUP while the command ran */
} trace_exit;

typedef struct trace_callbacks {
    /* Something about it changed: connected, bytes that moved its conversation on, an end. Called often; keep it cheap. */
    void (*connection_changed)(void *user, const trace_connection *connection);
    /* The command itself has ended (children may live on). Once. */
    void (*command_ended)(void *user, const trace_exit *status);
    /* Something more is not observed. NULL: not wanted. */
    void (*not_observed)(void *user, const trace_unobserved *what);
    void *user;
} trace_callbacks;

/* Connections to that port are led elsewhere, whatever their address, and something is said on each before the task's own bytes:
 * what a proxy wants, or an upgrade. It counts as said by the task. */
typedef struct trace_detour {
    uint16_t port;
    address to;
    preamble_script script; /* no steps: nothing is said */
} trace_detour;

typedef struct trace_settings {
    char *const *argv;          /* NULL-terminated, looked up on PATH */
    const trace_detour *detour; /* NULL: none */
    bool wants_files;           /* also keep which files are opened: each open then takes some microseconds more */
    trace_callbacks callbacks;
} trace_settings;

typedef struct trace trace;

/* Starts the command with this process's stdin, stdout, stderr, terminal and environment.
 * On failure `e` says why and `*exit_status` is what tlswhy should exit with: 127 not found, 126 not executable, 125 ours. */
trace *trace_start(arena *a, loop *l, const trace_settings *settings, int *exit_status, error *e) MUST_CHECK;

size_t trace_connections(const trace *t, const trace_connection *const **connections);
/* Gives back all that is kept of a connection that has ended. False where the command may still ask about its socket: try later.
 * Not within a callback. */
bool trace_forget(trace *t, const trace_connection *connection);
size_t trace_unobserved_list(const trace *t, const trace_unobserved **list);
/* Names that were looked up, in no order; until trace_detach or trace_free. */
size_t trace_lookups(const trace *t, const trace_lookup **list);
/* Files that a process has opened so far, in order: a list that ends in NULL, in the arena; NULL where they are not wanted. */
const char *const *trace_opened_files(const trace *t, arena *a, int pid);
int trace_command_pid(const trace *t);
/* Whether tasks under watch are left (the command's children that outlive it), or connections that still pass bytes: what a command
 * has written before it ended is still on its way. */
bool trace_has_tasks(const trace *t);
/* Goes on for what is left, in a process of its own that detaches; returns in the caller. Call last. New connections are no longer
 * led through a relay then. */
bool trace_detach(trace *t, error *e) MUST_CHECK;
void trace_free(trace *t);

#endif
