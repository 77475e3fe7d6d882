#include "client/default_hello.h"

#include "client/private_folder.h"
#include "client/quiet_process.h"
#include "client/recipe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HELLO_LEN_MAX ((size_t)64 * 1024)
enum { ENVIRONMENT_MAX = 4096 };

/* ---- its surroundings -------------------------------------------------------------------------------------------------------- */

/* What sets a policy, and what to put in its place; NULL: nothing. */
static const struct {
    const char *variable, *instead;
} policies[] = {
    {"OPENSSL_CONF", "/dev/null"}, {"GNUTLS_SYSTEM_PRIORITY_FILE", "/dev/null"},
    {"NODE_OPTIONS", NULL},        {"GODEBUG", NULL},
    {"JAVA_TOOL_OPTIONS", NULL},   {"JDK_JAVA_OPTIONS", NULL},
    {"_JAVA_OPTIONS", NULL},       {"GIT_SSL_VERSION", NULL},
    {"GIT_SSL_CIPHER_LIST", NULL}, {"GIT_CONFIG_GLOBAL", "/dev/null"},
    {"GIT_CONFIG_NOSYSTEM", "1"},  {"LDAPNOINIT", "1"}, /* ldap.conf(5): no file, no variable */
};
/* What is ours does not go into the user's file; and git's are the arguments of the command. */
static const char *const never_passed_on[] = {"SSLKEYLOGFILE", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"};

static bool names(const char *entry, const char *variable)
{
    size_t len = strlen(variable);
    return strncmp(entry, variable, len) == 0 && entry[len] == '=';
}

static bool is_set_aside(const char *entry, enum surroundings surroundings)
{
    for (size_t i = 0; i < sizeof never_passed_on / sizeof *never_passed_on; i++)
        if (names(entry, never_passed_on[i]))
            return true;
    for (size_t i = 0; surroundings != SURROUNDINGS_AS_THEY_ARE && i < sizeof policies / sizeof *policies; i++)
        if (names(entry, policies[i].variable))
            return true;
    return false;
}

static char **environment_of(arena *a, const client *c, enum surroundings surroundings)
{
    char **list = ARENA_ARRAY(a, ENVIRONMENT_MAX + sizeof policies / sizeof *policies + 1, char *);
    const char *const *given = c->process->environment;
    size_t num = 0;
    for (size_t i = 0; given != NULL && given[i] != NULL && num < ENVIRONMENT_MAX; i++)
        if (!is_set_aside(given[i], surroundings))
            list[num++] = bytes_to_text(a, bytes_from_text(given[i]));
    for (size_t i = 0; surroundings != SURROUNDINGS_AS_THEY_ARE && i < sizeof policies / sizeof *policies; i++)
        if (policies[i].instead != NULL)
            list[num++] = arena_printf(a, "%s=%s", policies[i].variable, policies[i].instead);
    return list;
}

/* ---- the socket ---------------------------------------------------------------------------------------------------------------
 */

static int listen_on(unsigned *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&at, len) == 0 && listen(fd, 4) == 0 &&
        getsockname(fd, (struct sockaddr *)&at, &len) == 0) {
        *port = ntohs(at.sin_port);
        return fd;
    }
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* False at the deadline. After it nothing is waited for, but what is there already counts: several hellos are read one after the
 * other, and the first may take all the time there is. */
static bool wait_readable(int fd, int64_t deadline_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int64_t left = deadline_ms - now_ms();
    return poll(&p, 1, left > 0 ? (int)left : 0) > 0;
}

/* Reads until the hello is whole. */
static bool read_hello(arena *a, int fd, int64_t deadline_ms, client_hello *out)
{
    buffer all;
    uint8_t piece[4096];
    bool has = false;
    buffer_init(&all, HELLO_LEN_MAX);
    while (!has && wait_readable(fd, deadline_ms)) {
        ssize_t len = read(fd, piece, sizeof piece);
        if (len <= 0 || !buffer_append(&all, piece, (size_t)len))
            break;
        enum parse_status status = client_hello_parse(a, bytes_copy(a, buffer_view(&all)), out);
        has = status == PARSE_DONE || status == PARSE_NOTE;
        if (status == PARSE_BAD)
            break;
    }
    buffer_free(&all);
    return has;
}

static bool has_ended(pid_t pid)
{
    siginfo_t ended = {.si_pid = 0};
    return waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == pid;
}

/* One that ended without having connected will not do so. */
static bool wait_for_connection(int listener, pid_t pid, int64_t deadline_ms)
{
    enum { STEP_MS = 20 };
    bool ended = false;
    do {
        ended = has_ended(pid);
        if (wait_readable(listener, now_ms() + STEP_MS))
            return true;
    } while (!ended && now_ms() < deadline_ms);
    return false;
}

static bool take_hello(arena *a, int listener, pid_t pid, int64_t deadline_ms, client_hello *out)
{
    if (!wait_for_connection(listener, pid, deadline_ms))
        return false;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    bool has = fd >= 0 && read_hello(a, fd, deadline_ms, out);
    if (fd >= 0)
        (void)close(fd);
    return has;
}

/* ---- the program ----------------------------------------------------------------------------------------------------------------
 */

/* As it was called: a virtual environment of Python is found by that name. */
static const char *program_of(const client *c)
{
    const char *own = c->process->argv == NULL || c->process->argv[0] == NULL ? NULL : c->process->argv[0];
    return own != NULL && own[0] == '/' ? own : c->process->exe;
}

/* One that was started. */
typedef struct waited {
    bool was_begun, has;
    pid_t pid; /* 0: it was not started, or has ended */
    int listener;
    int64_t deadline_ms;
    private_folder *folder;
    client_hello hello;
} waited;

struct default_hellos {
    arena *arena;
    const client *client;
    waited all[SURROUNDINGS_WIDE + 1];
};

/* False where it needs a folder, and none can be made. */
static bool make_folder(arena *a, const client *c, private_folder **out)
{
    error ignored;
    if (!recipe_needs_folder(c->runtime, program_of(c)))
        return true;
    *out = private_folder_new(a, &ignored);
    return *out != NULL && recipe_fill_folder(a, *out, &ignored);
}

static void start_program(const default_hellos *d, enum surroundings surroundings, unsigned port, waited *w)
{
    static const enum recipe_breadth breadths[] = {[SURROUNDINGS_AS_THEY_ARE] = RECIPE_HELLO,
                                                   [SURROUNDINGS_WITHOUT_POLICY] = RECIPE_WITHOUT_POLICY,
                                                   [SURROUNDINGS_WIDE] = RECIPE_WIDE};
    const client *c = d->client;
    recipe_target to = {
        .host = "localhost", .address = "127.0.0.1", .port = port, .folder = w->folder == NULL ? NULL : w->folder->path};
    char **argv = recipe_arguments(d->arena, c->runtime, program_of(c), c->process, &to, breadths[surroundings]);
    if (argv == NULL || !quiet_process_start(argv, environment_of(d->arena, c, surroundings), -1, &w->pid))
        w->pid = 0;
    w->deadline_ms = now_ms() + DEFAULT_HELLO_TIMEOUT_MS;
}

static void end_program(waited *w)
{
    if (w->pid > 0)
        quiet_process_end(w->pid);
    if (w->listener >= 0)
        (void)close(w->listener);
    private_folder_remove(w->folder);
    w->pid = 0;
    w->listener = -1;
    w->folder = NULL;
}

default_hellos *default_hellos_new(arena *a, const client *c)
{
    default_hellos *d = ARENA_NEW(a, default_hellos);
    *d = (default_hellos){.arena = a, .client = c};
    for (size_t i = 0; i <= SURROUNDINGS_WIDE; i++)
        d->all[i].listener = -1;
    return d;
}

void default_hellos_begin(default_hellos *d, enum surroundings surroundings)
{
    waited *w = &d->all[surroundings];
    unsigned port = 0;
    if (w->was_begun)
        return;
    w->was_begun = true;
    bool is_known = d->client->process->exe != NULL && recipe_exists(d->client->runtime, program_of(d->client));
    if (is_known && make_folder(d->arena, d->client, &w->folder) && (w->listener = listen_on(&port)) >= 0)
        start_program(d, surroundings, port, w);
    if (w->pid == 0)
        end_program(w);
}

bool default_hellos_wait(default_hellos *d, enum surroundings surroundings, client_hello *out)
{
    waited *w = &d->all[surroundings];
    default_hellos_begin(d, surroundings);
    if (w->pid > 0)
        w->has = take_hello(d->arena, w->listener, w->pid, w->deadline_ms, &w->hello);
    end_program(w);
    if (w->has)
        *out = w->hello;
    return w->has;
}

void default_hellos_end(default_hellos *d)
{
    for (size_t i = 0; d != NULL && i <= SURROUNDINGS_WIDE; i++)
        end_program(&d->all[i]);
}
