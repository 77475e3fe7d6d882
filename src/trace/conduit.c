#include "trace/conduit.h"

#include <fcntl.h>
#include <unistd.h>

/* /proc/sys/fs/pipe-max-size as it comes: more is refused to an ordinary user, whose pipes together get 64 MiB. */
#define CONDUIT_SIZE (1024 * 1024)

bool conduit_open(conduit *c, conduit_pool *pool)
{
    *c = (conduit){.pool = pool, .ends = {-1, -1}};
    if (pool->num_open >= CONDUITS_MAX || pipe2(c->ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    pool->num_open++;
    c->is_open = true;
    if (fcntl(c->ends[1], F_SETPIPE_SZ, CONDUIT_SIZE) >= CONDUIT_SIZE) {
        c->size = CONDUIT_SIZE;
        return true;
    }
    conduit_close(c);
    return false;
}

void conduit_close(conduit *c)
{
    if (!c->is_open)
        return;
    (void)close(c->ends[0]);
    (void)close(c->ends[1]);
    c->pool->num_open--;
    *c = (conduit){.ends = {-1, -1}};
}

ssize_t conduit_fill(conduit *c, int from, size_t len)
{
    ssize_t n = splice(from, NULL, c->ends[1], NULL, len < c->size ? len : c->size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    c->held += n > 0 ? (size_t)n : 0;
    return n;
}

ssize_t conduit_drain(conduit *c, int to)
{
    ssize_t n = splice(c->ends[0], NULL, to, NULL, c->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE);
    c->held -= n > 0 ? (size_t)n : 0;
    return n;
}
