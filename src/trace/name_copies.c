#include "trace/name_copies.h"

#include "trace/process.h"
#include <unistd.h>

static void drop(name_copy *c)
{
    if (c->inode != 0)
        (void)close(c->ours);
    *c = (name_copy){0};
}

void name_copies_add(name_copies *n, const name_copy *copy)
{
    for (size_t i = 0; i < NAME_COPIES_MAX; i++) {
        name_copy *c = &n->list[i];
        if (c->inode != 0 && process_socket_inode(c->tid, c->descriptor) != c->inode)
            drop(c);
    }
    name_copy *place = &n->list[n->next++ % NAME_COPIES_MAX];
    drop(place);
    *place = *copy;
}

int name_copies_find(const name_copies *n, uint64_t inode)
{
    for (size_t i = 0; inode != 0 && i < NAME_COPIES_MAX; i++)
        if (n->list[i].inode == inode)
            return n->list[i].ours;
    return -1;
}

void name_copies_free(name_copies *n)
{
    for (size_t i = 0; i < NAME_COPIES_MAX; i++)
        drop(&n->list[i]);
}
