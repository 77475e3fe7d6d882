#include "run/other_client.h"

#include "causes/change.h"
#include "client/capability.h"
#include "client/discover.h"
#include "client/quiet_process.h"
#include "client/recipe.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { FIND_TIME_MS = 1000, TRY_TIME_MS = 2000, TRIES_MAX = 3, ARGUMENTS_MAX = 10, POLL_MS = 10 };

/* ---- how each is asked for a handshake
 * ------------------------------------------------------------------------------------------- */

/* %HOST% and %PORT% stand for the server. Each ends with 0 where the handshake and the verification of the certificates worked, and
 * sends nothing after it. */
static const char python_line[] =
    "import socket, ssl; ssl.create_default_context().wrap_socket(socket.create_connection(('%HOST%', "
    "%PORT%), 2), server_hostname='%HOST%')";
static const char node_line[] = "require('tls').connect({host: '%HOST%', port: %PORT%, servername: '%HOST%'}, function () { "
                                "process.exit(0) }).on('error', function () { process.exit(1) })";
static const char perl_line[] = "IO::Socket::SSL->new(PeerHost => '%HOST%', PeerPort => %PORT%) or exit 1";
static const char ruby_line[] =
    "c = OpenSSL::SSL::SSLContext.new; c.set_params; s = OpenSSL::SSL::SSLSocket.new(TCPSocket.new('%HOST%', "
    "%PORT%), c); s.hostname = '%HOST%'; s.connect; s.post_connection_check('%HOST%')";
static const char php_line[] = "exit(stream_socket_client('ssl://%HOST%:%PORT%', $n, $s, 2) ? 0 : 1);";

static const struct {
    enum runtime runtime;
    const char *arguments[ARGUMENTS_MAX];
} recipes[] = {
    {RUNTIME_OPENSSL,
     {"s_client", "-brief", "-verify_return_error", "-verify_hostname", "%HOST%", "-servername", "%HOST%", "-connect",
      "%HOST%:%PORT%"}},
    {RUNTIME_GNUTLS_CLI, {"-p", "%PORT%", "%HOST%"}},
    {RUNTIME_PYTHON, {"-c", python_line}},
    {RUNTIME_PERL, {"-MIO::Socket::SSL", "-e", perl_line}},
    {RUNTIME_PHP, {"-r", php_line}},
    {RUNTIME_RUBY, {"-ropenssl", "-rsocket", "-e", ruby_line}},
    {RUNTIME_NODE, {"-e", node_line}},
};
enum { RECIPES = sizeof recipes / sizeof *recipes };

static size_t recipe_of(enum runtime runtime)
{
    size_t i = 0;
    while (i < RECIPES && recipes[i].runtime != runtime)
        i++;
    return i;
}

static char **arguments_for(arena *a, const found_client *c, const evidence *e)
{
    char **argv = ARENA_ARRAY(a, ARGUMENTS_MAX + 2, char *);
    const char *const *words = recipes[recipe_of(c->client->runtime)].arguments;
    argv[0] = bytes_to_text(a, bytes_from_text(c->path));
    for (size_t i = 0; words[i] != NULL; i++)
        argv[i + 1] = recipe_fill(a, words[i], &(recipe_target){.host = e->host, .port = e->port});
    return argv;
}

/* ---- one handshake
 * ---------------------------------------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Its exit status; ended, and -1, where it takes longer. */
static int wait_for(pid_t pid, int64_t deadline_ms)
{
    int status = 0;
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    for (;;) {
        pid_t ended = waitpid(pid, &status, WNOHANG);
        if (ended == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        if ((ended < 0 && errno != EINTR) || now_ms() > deadline_ms)
            break;
        (void)nanosleep(&pause, NULL);
    }
    quiet_process_end(pid);
    return -1;
}

/* ---- whom to ask
 * ------------------------------------------------------------------------------------------------------------------ */

/* What one client has and another has not. */
static bool is_of_the_client(const char *cause)
{
    static const char *const causes[] = {"client-version-too-old", "server-version-too-old",
                                         "version-intolerance",    "no-shared-cipher",
                                         "no-shared-group",        "no-shared-signature-algorithm",
                                         "extension-intolerance",  "hello-size-intolerance",
                                         "sslv2-hello-rejected",   "record-version-intolerance",
                                         "dh-too-small",           "signature-too-weak",
                                         "renegotiation-unsafe",   "ems-required"};
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (strcmp(causes[i], cause) == 0)
            return true;
    return false;
}

/* The host goes into lines of code: nothing but what a name may have. */
static bool host_is_plain(const char *host)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    return host != NULL && host[0] != 0 && host[0] != '-' && strspn(host, plain) == strlen(host);
}

/* By its version alone it is too old as well. */
static bool is_too_old(const verdict *v, const tls_library *library)
{
    const char *since;
    const change_set *set = v->changes;
    for (size_t i = 0; set != NULL && i < set->num_changes; i++)
        if (set->changes[i].kind == CHANGE_VERSION_RAISED && library_lacks(library, ABILITY_VERSION, set->changes[i].code, &since))
            return true;
    return false;
}

/* One that differs in nothing that counts has been asked. */
static bool is_asked(const found_client *c, const found_client *const *asked, size_t num_asked)
{
    for (size_t i = 0; i < num_asked; i++) {
        const tls_library *one = &c->client->library, *other = &asked[i]->client->library;
        bool same_version = one->version != NULL && other->version != NULL && strcmp(one->version, other->version) == 0;
        if (c->client->runtime == asked[i]->client->runtime && one->kind == other->kind && same_version)
            return true;
    }
    return false;
}

static bool may_be_started(enum runtime runtime)
{
    return recipe_of(runtime) < RECIPES;
}

static bool may_be_asked(const verdict *v, const evidence *e, const found_client *c)
{
    const char *own = e->process == NULL ? NULL : e->process->exe;
    bool is_itself = own != NULL && c->client->process->exe != NULL && strcmp(own, c->client->process->exe) == 0;
    return c->is_startable && !is_itself && may_be_started(c->client->runtime) && !is_too_old(v, &c->client->library);
}

static remedy remedy_of(arena *a, const found_client *c, char *const *argv, const evidence *e)
{
    const char *library = client_library_text(a, c->client), *command = argv[0];
    for (size_t i = 1; argv[i] != NULL; i++)
        command = arena_printf(a, strpbrk(argv[i], " '();$") != NULL ? "%s \"%s\"" : "%s %s", command, argv[i]);
    return (remedy){
        .who = REMEDY_CLIENT,
        .text = arena_printf(a, "Another client of this machine gets through: %s%s%s. Its handshake with %s:%u worked here.",
                             c->path, library == NULL ? "" : ", with ", library == NULL ? "" : library, e->host, e->port),
        .command = command,
        .verified = true};
}

/* Of the same runtime first: it can take the other's place. */
static size_t choose(const verdict *v, const evidence *e, const found_clients *all, const found_client *out[TRIES_MAX])
{
    size_t num = 0;
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < all->num_clients && num < TRIES_MAX; i++) {
            const found_client *c = &all->clients[i];
            bool is_same = c->client->runtime == e->client->runtime;
            if (is_same == (round == 0) && may_be_asked(v, e, c) && !is_asked(c, out, num))
                out[num++] = c;
        }
    return num;
}

/* All at the same time. The first in order that gets through is the place of the result, or `num`; the others are ended. */
static size_t first_through(char **const argvs[], size_t num)
{
    pid_t pids[TRIES_MAX] = {0};
    size_t first = num;
    int64_t deadline_ms = now_ms() + TRY_TIME_MS;
    for (size_t i = 0; i < num; i++)
        if (!quiet_process_start(argvs[i], environ, -1, &pids[i]))
            pids[i] = 0;
    for (size_t i = 0; i < num; i++) {
        if (first == num && pids[i] > 0 && wait_for(pids[i], deadline_ms) == 0)
            first = i;
        else if (first < i && pids[i] > 0)
            quiet_process_end(pids[i]);
    }
    return first;
}

bool other_client_find(arena *a, const verdict *v, const evidence *e, remedy *out)
{
    const found_client *chosen[TRIES_MAX];
    char **argvs[TRIES_MAX];
    bool is_direct = e->failed != NULL && e->failed->preamble.protocol == PROTOCOL_UNKNOWN;
    if (!is_of_the_client(v->cause) || !is_direct || !host_is_plain(e->host) || e->client == NULL)
        return false;
    found_clients all = clients_find(a, e->process == NULL ? NULL : e->process->environment, may_be_started, FIND_TIME_MS);
    size_t num = choose(v, e, &all, chosen);
    for (size_t i = 0; i < num; i++)
        argvs[i] = arguments_for(a, chosen[i], e);
    size_t first = first_through(argvs, num);
    if (first < num)
        *out = remedy_of(a, chosen[first], argvs[first], e);
    return first < num;
}
