/*
 * getaddrinfo knows no deadline, so it runs in a thread. The question is owned by two, the asker and the thread; whoever leaves
 * last frees it. After the deadline the asker leaves, and the thread goes on until the resolver gives up or the process ends. An
 * asker that has a loop is told through a descriptor, which is closed with the question.
 */
#include "net/lookup.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define ADDRESSES_MAX ((size_t)64)

typedef struct lookup {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    int num_owners;
    bool has_ended;
    char *host;
    char service[8];
    int status;       /* of getaddrinfo */
    int system_errno; /* of EAI_SYSTEM */
    struct addrinfo *found;
    int event; /* becomes readable when it has ended; -1: none */
} lookup;

static lookup *lookup_new(const char *host, uint16_t port)
{
    lookup *l = calloc(1, sizeof *l);
    char *copy = strdup(host);
    if (l == NULL || copy == NULL) {
        free(l);
        free(copy);
        return NULL;
    }
    l->host = copy;
    l->event = -1;
    l->num_owners = 1;
    (void)snprintf(l->service, sizeof l->service, "%u", port);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return l;
}

static void lookup_leave(lookup *l)
{
    pthread_mutex_lock(&l->lock);
    int left = --l->num_owners;
    pthread_mutex_unlock(&l->lock);
    if (left > 0)
        return;
    if (l->found != NULL)
        freeaddrinfo(l->found);
    if (l->event >= 0)
        (void)close(l->event);
    pthread_cond_destroy(&l->ended);
    pthread_mutex_destroy(&l->lock);
    free(l->host);
    free(l);
}

static void *look_up(void *user)
{
    lookup *l = user;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int status = getaddrinfo(l->host, l->service, &hints, &found);
    int system_errno = errno;
    pthread_mutex_lock(&l->lock);
    l->status = status;
    l->system_errno = system_errno;
    l->found = status == 0 ? found : NULL;
    l->has_ended = true;
    pthread_cond_signal(&l->ended);
    pthread_mutex_unlock(&l->lock);
    if (l->event >= 0)
        (void)eventfd_write(l->event, 1);
    lookup_leave(l);
    return NULL;
}

/* Signals are the main thread's: the new one starts with all of them blocked. */
static int start_thread(lookup *l)
{
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    l->num_owners++;
    int status = pthread_create(&thread, NULL, look_up, l);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status == 0)
        pthread_detach(thread);
    else
        l->num_owners--;
    return status;
}

static bool wait_until_ended(lookup *l, int timeout_ms)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += timeout_ms / 1000;
    deadline.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_sec++;
        deadline.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&l->lock);
    int status = 0;
    while (!l->has_ended && status == 0)
        status = pthread_cond_timedwait(&l->ended, &l->lock, &deadline);
    bool has_ended = l->has_ended;
    pthread_mutex_unlock(&l->lock);
    return has_ended;
}

/* getaddrinfo(3), RETURN VALUE. */
typedef struct failure_row {
    int status;
    enum lookup_result result;
    const char *text;
} failure_row;

static const failure_row failures[] = {
    {EAI_NONAME, LOOKUP_NO_SUCH_NAME, "the resolver knows no such name"},
    {EAI_NODATA, LOOKUP_NO_SUCH_NAME, "the name exists, but has no address"},
    {EAI_ADDRFAMILY, LOOKUP_NO_SUCH_NAME, "the name exists, but has no IPv4 or IPv6 address"},
    {EAI_AGAIN, LOOKUP_NO_ANSWER, "the resolver could not find out for now: a name server did not answer, or failed"},
    {EAI_FAIL, LOOKUP_NO_ANSWER, "a name server refused to answer"},
    {EAI_FAMILY, LOOKUP_NO_ANSWER, "the resolver does not know this family of addresses"},
    {EAI_BADFLAGS, LOOKUP_NO_ANSWER, "the resolver does not know how it was asked"},
    {EAI_SOCKTYPE, LOOKUP_NO_ANSWER, "the resolver does not know TCP"},
    {EAI_SERVICE, LOOKUP_NO_ANSWER, "the resolver does not take the port number"},
    {EAI_MEMORY, LOOKUP_NO_ANSWER, "the resolver ran out of memory"},
    {EAI_OVERFLOW, LOOKUP_NO_ANSWER, "the resolver's answer was too long"},
    {EAI_IDN_ENCODE, LOOKUP_NO_SUCH_NAME, "the name cannot be written in the characters of DNS"},
};

static enum lookup_result explain_failure(arena *a, const lookup *l, const char **text)
{
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (failures[i].status == l->status) {
            *text = failures[i].text;
            return failures[i].result;
        }
    const char *words = l->status == EAI_SYSTEM ? strerror(l->system_errno) : gai_strerror(l->status);
    *text = arena_printf(a, "the resolver failed: %s", words);
    return LOOKUP_NO_ANSWER;
}

static bool is_among(const address *addr, const address *addresses, size_t num_addresses)
{
    for (size_t i = 0; i < num_addresses; i++)
        if (address_equal(addr, &addresses[i]))
            return true;
    return false;
}

static enum lookup_result collect(arena *a, const lookup *l, address **addresses, size_t *num_addresses, const char **text)
{
    if (l->status != 0)
        return explain_failure(a, l, text);
    *addresses = ARENA_ARRAY(a, ADDRESSES_MAX, address);
    for (const struct addrinfo *i = l->found; i != NULL && *num_addresses < ADDRESSES_MAX; i = i->ai_next) {
        address addr = address_from_sockaddr(i->ai_addr, i->ai_addrlen);
        if (addr.len != 0 && !is_among(&addr, *addresses, *num_addresses))
            (*addresses)[(*num_addresses)++] = addr;
    }
    *text = arena_printf(a, "the resolver found %zu address%s", *num_addresses, *num_addresses == 1 ? "" : "es");
    return *num_addresses > 0 ? LOOKUP_FOUND : LOOKUP_NO_SUCH_NAME;
}

enum lookup_result address_lookup(arena *a, const char *host, uint16_t port, int timeout_ms, address **addresses,
                                  size_t *num_addresses, const char **text)
{
    *addresses = NULL;
    *num_addresses = 0;
    *text = "the resolver could not be asked: no memory or no thread left";
    lookup *l = lookup_new(host, port);
    enum lookup_result result = LOOKUP_NO_ANSWER;
    if (l == NULL)
        return result;
    if (start_thread(l) == 0) {
        if (wait_until_ended(l, timeout_ms))
            result = collect(a, l, addresses, num_addresses, text);
        else
            *text = arena_printf(a, "the resolver did not answer within %d ms", timeout_ms);
    }
    lookup_leave(l);
    return result;
}

/* ---- without waiting ------------------------------------------------------------------------------------------------ */

struct name_lookup {
    arena *arena;
    lookup *lookup;
    loop_watch *watch;
    name_lookup_callback *answered;
    void *user;
};

void name_lookup_cancel(name_lookup *n)
{
    if (n == NULL || n->lookup == NULL)
        return;
    loop_watch_stop(n->watch);
    lookup_leave(n->lookup);
    n->watch = NULL;
    n->lookup = NULL;
}

/* The thread has written everything before the descriptor became readable. */
static void name_lookup_ended(void *user, int events)
{
    name_lookup *n = user;
    address *addresses = NULL;
    size_t num_addresses = 0;
    const char *said = NULL;
    (void)events;
    pthread_mutex_lock(&n->lookup->lock);
    enum lookup_result result = collect(n->arena, n->lookup, &addresses, &num_addresses, &said);
    pthread_mutex_unlock(&n->lookup->lock);
    name_lookup_cancel(n);
    n->answered(n->user, result, addresses, num_addresses, said);
}

name_lookup *name_lookup_start(arena *a, loop *l, const char *host, uint16_t port, name_lookup_callback *answered, void *user)
{
    name_lookup *n = ARENA_NEW(a, name_lookup);
    error unheard;
    *n = (name_lookup){.arena = a, .lookup = lookup_new(host, port), .answered = answered, .user = user};
    if (n->lookup == NULL)
        return NULL;
    n->lookup->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (n->lookup->event >= 0)
        n->watch = loop_watch_start(l, n->lookup->event, LOOP_READABLE, name_lookup_ended, n, &unheard);
    if (n->watch == NULL || start_thread(n->lookup) != 0) {
        name_lookup_cancel(n);
        return NULL;
    }
    return n;
}
