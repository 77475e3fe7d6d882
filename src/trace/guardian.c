#include "trace/guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PLACES 4096u /* tasks that wait in a call at once; one more would not be set free */

static void let_pass(int listener, uint64_t id)
{
    struct seccomp_notif_resp response = {.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    int result;
    do
        result = ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
    while (result != 0 && errno == EINTR);
}

/* The one that watched has gone: what it left without an answer, then all that comes. */
static void take_over(const guardian *g, int listener, struct seccomp_notif *received, size_t size)
{
    for (size_t i = 0; i < PLACES; i++)
        if (g->unanswered[i] != 0)
            let_pass(listener, g->unanswered[i]);
    for (;;) {
        struct pollfd ready = {.fd = listener, .events = POLLIN};
        if (poll(&ready, 1, -1) < 0)
            continue;
        if ((ready.revents & POLLIN) == 0)
            return;
        memset(received, 0, size); /* the kernel wants it so */
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, received) == 0)
            let_pass(listener, received->id);
    }
}

/* Nothing is held open but the two; the command's own three not even where a sandbox knows no close_range(2). */
static void keep_only(int a, int b)
{
    unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);
    for (int fd = 0; fd < 3; fd++)
        if (fd != a && fd != b)
            (void)close(fd);
    if (low > 3)
        (void)close_range(3, low - 1, 0);
    if (high - low > 1)
        (void)close_range(low + 1, high - 1, 0);
    (void)close_range(high + 1, ~0u, 0);
}

static _Noreturn void stay(const guardian *g, int listener, int life, struct seccomp_notif *received, size_t size)
{
    static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
    (void)setsid();
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        (void)signal(ignored[i], SIG_IGN);
    keep_only(listener, life);
    struct pollfd ended[2] = {{.fd = life}, {.fd = listener}};
    while (poll(ended, 2, -1) < 0)
        ;
    if (ended[1].revents == 0)
        take_over(g, listener, received, size);
    _exit(0);
}

void guardian_start(guardian *g, int listener, size_t size)
{
    int ends[2];
    struct seccomp_notif *received = malloc(size); /* before the fork: afterwards only what is safe there */
    void *places = mmap(NULL, PLACES * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    *g = (guardian){.unanswered = places == MAP_FAILED ? NULL : places, .life = -1};
    if (received != NULL && g->unanswered != NULL && pipe2(ends, O_CLOEXEC) == 0) {
        pid_t pid = fork();
        if (pid == 0)
            stay(g, listener, ends[0], received, size);
        (void)close(ends[0]);
        g->life = ends[1];
    }
    free(received);
}

void guardian_stop(guardian *g)
{
    if (g->life >= 0)
        (void)close(g->life);
    if (g->unanswered != NULL)
        (void)munmap(g->unanswered, PLACES * sizeof(uint64_t));
    *g = (guardian){.life = -1};
}

void guardian_received(guardian *g, int listener, uint64_t id)
{
    for (size_t i = 0; g->unanswered != NULL && i < PLACES; i++) {
        uint64_t *place = &g->unanswered[g->next];
        g->next = (g->next + 1) % PLACES;
        if (*place != 0 && (ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, place) == 0 || errno != ENOENT))
            continue;
        *place = id;
        return;
    }
}

/* As a rule it is the last one that was received. */
void guardian_answered(guardian *g, uint64_t id)
{
    for (size_t i = 1; g->unanswered != NULL && i <= PLACES; i++) {
        uint64_t *place = &g->unanswered[(g->next + PLACES - i) % PLACES];
        if (*place != id)
            continue;
        *place = 0;
        return;
    }
}
