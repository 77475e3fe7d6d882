/*
 * For developers: runs a command under trace and tells of each connection and of what was not observed. Its exit status is the
 * command's.
 *
 *   watch [-f] [-o FILE] COMMAND [ARG...]     tells FILE (stderr by default) after the command has ended; -f: also which files
 *                                             the command's first process opened
 */
#include "trace/trace.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct watching {
    bool over;
    trace_exit exit;
} watching;

static void command_ended(void *user, const trace_exit *how)
{
    watching *w = user;
    w->over = true;
    w->exit = *how;
}

static const char *state_name(enum trace_tcp_state state)
{
    static const char *const names[] = {"connecting", "connected", "failed", "given up"};
    return names[state];
}

static const char *phase_name(enum handshake_phase phase)
{
    static const char *const names[] = {"nothing",       "client hello",    "retry request", "server hello",
                                        "server flight", "client finished", "established"};
    return names[phase];
}

static const char *end_name(enum stream_end end)
{
    static const char *const names[] = {"open", "fin", "reset", "timeout"};
    return names[end];
}

static void tell_connection(arena *a, FILE *out, const trace_connection *c)
{
    const conversation *said = c->conversation;
    fprintf(out, "%zu %s:%u %s", c->number, address_to_text(a, &c->to), address_port(&c->to), state_name(c->tcp_state));
    if (c->tcp_state == TRACE_CONNECT_FAILED)
        fprintf(out, " (%s)", strerror(c->connect_errno));
    fprintf(out, ", %s, client %zu bytes %s, server %zu bytes %s%s\n", phase_name(said->phase), said->client_len,
            end_name(said->end[SIDE_CLIENT]), said->server_len, end_name(said->end[SIDE_SERVER]), c->ended ? "" : ", not ended");
}

/* "looked up NAME: ADDRESS, ADDRESS", or the code that came, or that nothing did. */
static void tell_lookup(arena *a, FILE *out, const trace_lookup *k)
{
    fprintf(out, "looked up %s:", k->name);
    for (size_t i = 0; i < k->num_addresses; i++)
        fprintf(out, "%s %s", i == 0 ? "" : ",", address_to_text(a, &k->addresses[i]));
    if (k->num_addresses == 0 && k->answered_us != 0)
        fprintf(out, " code %d", k->code);
    fprintf(out, "%s%s\n", k->answered_us == 0 ? " no answer" : "", k->is_refused ? ", refused" : "");
}

static void tell(arena *a, FILE *out, const trace *t)
{
    const trace_connection *const *connections;
    const trace_unobserved *unobserved;
    size_t num = trace_connections(t, &connections);
    for (size_t i = 0; i < num; i++)
        tell_connection(a, out, connections[i]);
    const trace_lookup *lookups;
    num = trace_lookups(t, &lookups);
    for (size_t i = 0; i < num; i++)
        tell_lookup(a, out, &lookups[i]);
    const char *const *files = trace_opened_files(t, a, trace_command_pid(t));
    for (size_t i = 0; files != NULL && files[i] != NULL; i++)
        fprintf(out, "opened %s\n", files[i]);
    num = trace_unobserved_list(t, &unobserved);
    for (size_t i = 0; i < num; i++)
        fprintf(out, "not observed: %s, %s%s%s\n", unobserved[i].what, unobserved[i].exe != NULL ? unobserved[i].exe : "?",
                unobserved[i].detail == NULL ? "" : ": ", unobserved[i].detail == NULL ? "" : unobserved[i].detail);
}

static void wake_up(void *unused)
{
    (void)unused;
}

/* Half a second for what the command left on the wire; whoever takes longer is served by a process of its own. */
static void drain(trace *t, loop *l)
{
    int64_t until = loop_now_us(l) + 500 * 1000;
    error e;
    while (trace_has_tasks(t) && loop_now_us(l) < until) {
        loop_timer *timer = loop_timer_start(l, until, wake_up, NULL);
        (void)loop_run_once(l);
        loop_timer_stop(timer);
    }
    if (trace_has_tasks(t) && !trace_detach(t, &e))
        fprintf(stderr, "watch: %s\n", e.message);
}

static int watch(char *const argv[], bool wants_files, FILE *out)
{
    error e = {0};
    watching w = {0};
    arena *a = arena_new();
    loop *l = loop_new(&e);
    trace_settings settings = {.argv = argv, .wants_files = wants_files, .callbacks = {.command_ended = command_ended, .user = &w}};
    int status = 125;
    trace *t = l != NULL ? trace_start(a, l, &settings, &status, &e) : NULL;
    if (t == NULL) {
        fprintf(stderr, "watch: %s\n", e.message);
        return status;
    }
    while (!w.over && loop_run_once(l))
        continue;
    drain(t, l);
    tell(a, out, t);
    trace_free(t);
    loop_free(l);
    arena_free(a);
    return w.exit.signal_number != 0 ? 128 + w.exit.signal_number : w.exit.status;
}

int main(int argc, char **argv)
{
    FILE *out = stderr;
    int first = 1;
    bool wants_files = false;
    for (; first < argc && argv[first][0] == '-'; first++) {
        wants_files = wants_files || strcmp(argv[first], "-f") == 0;
        if (strcmp(argv[first], "-o") == 0 && first + 1 < argc)
            out = fopen(argv[++first], "we");
    }
    if (argc <= first || out == NULL) {
        fprintf(stderr, "usage: watch [-f] [-o FILE] COMMAND [ARG...]\n");
        return 125;
    }
    return watch(argv + first, wants_files, out);
}
