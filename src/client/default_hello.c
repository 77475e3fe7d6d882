#include "client/default_hello.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HELLO_LEN_MAX ((size_t)64 * 1024)
enum { ARGUMENTS_MAX = 16, ENVIRONMENT_MAX = 4096 };

/* ---- how each runtime is asked --------------------------------------------------------------------------------------------- */

/* %PORT% stands for the port. Each connects to 127.0.0.1 with the server name "localhost", by what the runtime takes by default. */
static const char python_line[] = "import socket,ssl\n"
                                  "s=socket.create_connection(('127.0.0.1',%PORT%),2)\n"
                                  "c=getattr(ssl,'create_default_context',None)\n"
                                  "if c: c().wrap_socket(s,server_hostname='localhost')\n"
                                  "else: ssl.wrap_socket(s)\n";
static const char node_line[] = "require('https').get({host:'127.0.0.1',port:%PORT%,servername:'localhost',path:'/'}).on('error',"
                                "function(){process.exit()})";
static const char perl_line[] =
    "use IO::Socket::SSL; IO::Socket::SSL->new(PeerAddr=>'127.0.0.1',PeerPort=>%PORT%,SSL_hostname=>'localhost');";
static const char ruby_line[] = "require 'net/http'; h=Net::HTTP.new('localhost',%PORT%); h.use_ssl=true; h.get('/')";
static const char php_line[] = "@file_get_contents('https://localhost:%PORT%/');";

static const struct {
    enum runtime runtime;
    const char *arguments[ARGUMENTS_MAX]; /* after the program */
} recipes[] = {
    {RUNTIME_PYTHON, {"-c", python_line}},
    {RUNTIME_NODE, {"-e", node_line}},
    {RUNTIME_PERL, {"-e", perl_line}},
    {RUNTIME_RUBY, {"-e", ruby_line}},
    {RUNTIME_PHP, {"-r", php_line}},
    {RUNTIME_CURL, {"-s", "-o", "/dev/null", "--noproxy", "*", "https://localhost:%PORT%/"}},
    {RUNTIME_WGET, {"-q", "-O", "/dev/null", "--no-proxy", "--tries=1", "--timeout=2", "https://localhost:%PORT%/"}},
    {RUNTIME_OPENSSL, {"s_client", "-connect", "127.0.0.1:%PORT%", "-servername", "localhost"}},
    {RUNTIME_GNUTLS_CLI, {"-p", "%PORT%", "localhost"}},
};

static char *with_port(arena *a, const char *text, unsigned port)
{
    static const char place[] = "%PORT%";
    bytes_view all = bytes_from_text(text);
    size_t at = bytes_find(all, place, 0);
    if (at == all.len)
        return bytes_to_text(a, all);
    return arena_printf(a, "%s%u%s", bytes_to_text(a, bytes_slice(all, 0, at)), port, text + at + sizeof place - 1);
}

static char **arguments_of(arena *a, const client *c, unsigned port)
{
    char **argv = ARENA_ARRAY(a, ARGUMENTS_MAX + 2, char *);
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        if (recipes[i].runtime != c->runtime)
            continue;
        /* As it was called: a virtual environment of Python is found by that name. */
        const char *own = c->process->argv == NULL || c->process->argv[0] == NULL ? NULL : c->process->argv[0];
        argv[0] = bytes_to_text(a, bytes_from_text(own != NULL && own[0] == '/' ? own : c->process->exe));
        for (size_t k = 0; recipes[i].arguments[k] != NULL; k++)
            argv[k + 1] = with_port(a, recipes[i].arguments[k], port);
        return argv;
    }
    return NULL;
}

/* ---- its surroundings -------------------------------------------------------------------------------------------------------- */

/* What sets a policy, and what to put in its place; NULL: nothing. */
static const struct {
    const char *variable, *instead;
} policies[] = {
    {"OPENSSL_CONF", "/dev/null"}, {"GNUTLS_SYSTEM_PRIORITY_FILE", "/dev/null"},
    {"NODE_OPTIONS", NULL},        {"GODEBUG", NULL},
    {"JAVA_TOOL_OPTIONS", NULL},   {"JDK_JAVA_OPTIONS", NULL},
    {"CURL_HOME", "/dev/null"},
};

static bool names(const char *entry, const char *variable)
{
    size_t len = strlen(variable);
    return strncmp(entry, variable, len) == 0 && entry[len] == '=';
}

static bool is_set_aside(const char *entry, enum surroundings surroundings)
{
    if (names(entry, "SSLKEYLOGFILE")) /* what is ours does not go into the user's file */
        return true;
    for (size_t i = 0; surroundings == SURROUNDINGS_WITHOUT_POLICY && i < sizeof policies / sizeof *policies; i++)
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
    for (size_t i = 0; surroundings == SURROUNDINGS_WITHOUT_POLICY && i < sizeof policies / sizeof *policies; i++)
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

/* False at the deadline. */
static bool wait_readable(int fd, int64_t deadline_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int64_t left = deadline_ms - now_ms();
    return left > 0 && poll(&p, 1, (int)left) > 0;
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

static bool take_hello(arena *a, int listener, client_hello *out)
{
    int64_t deadline_ms = now_ms() + DEFAULT_HELLO_TIMEOUT_MS;
    if (!wait_readable(listener, deadline_ms))
        return false;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    bool has = fd >= 0 && read_hello(a, fd, deadline_ms, out);
    if (fd >= 0)
        (void)close(fd);
    return has;
}

/* ---- the program ----------------------------------------------------------------------------------------------------------------
 */

/* In a group of its own, without a terminal, with its output thrown away. */
static bool start(arena *a, const client *c, unsigned port, enum surroundings surroundings, pid_t *pid)
{
    char **argv = arguments_of(a, c, port);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    if (argv == NULL || argv[0] == NULL)
        return false;
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    (void)posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    (void)posix_spawnattr_init(&attributes);
    (void)sigfillset(&all);
    (void)sigemptyset(&none);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    bool started = posix_spawn(pid, argv[0], &files, &attributes, argv, environment_of(a, c, surroundings)) == 0;
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&files);
    return started;
}

bool default_hello_capture(arena *a, const client *c, enum surroundings surroundings, client_hello *out)
{
    unsigned port = 0;
    pid_t pid = 0;
    int listener = listen_on(&port);
    bool has = false;
    if (listener < 0)
        return false;
    if (c->process->exe != NULL && start(a, c, port, surroundings, &pid)) {
        has = take_hello(a, listener, out);
        (void)kill(-pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    (void)close(listener);
    return has;
}
