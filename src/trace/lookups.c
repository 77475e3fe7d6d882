#include "trace/lookups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lookups_free(lookup_log *l)
{
    free(l->list);
    *l = (lookup_log){0};
}

const name_socket *lookups_find_socket(const lookup_log *l, uint64_t inode)
{
    for (size_t i = 0; inode != 0 && i < NAME_SOCKETS_MAX; i++)
        if (l->sockets[i].inode == inode)
            return &l->sockets[i];
    return NULL;
}

void lookups_add_socket(lookup_log *l, uint64_t inode, const address *server)
{
    for (size_t i = 0; i < NAME_SOCKETS_MAX; i++)
        if (inode != 0 && l->sockets[i].inode == inode) {
            l->sockets[i].server = *server;
            return;
        }
    if (inode != 0)
        l->sockets[l->next_socket++ % NAME_SOCKETS_MAX] = (name_socket){inode, *server};
}

static trace_lookup *find(const lookup_log *l, int pid, const char *name)
{
    for (size_t i = 0; i < l->num; i++)
        if (l->list[i].pid == pid && strcmp(l->list[i].name, name) == 0)
            return &l->list[i];
    return NULL;
}

/* The one of that name, or a new one in the place of the oldest. NULL where memory is out or the name is none. */
static trace_lookup *find_or_add(lookup_log *l, int pid, const char *name)
{
    size_t len = strlen(name);
    trace_lookup *found = find(l, pid, name);
    if (found != NULL || len == 0 || len > LOOKUP_NAME_LEN_MAX)
        return found;
    if (l->list == NULL)
        l->list = calloc(LOOKUPS_MAX, sizeof *l->list);
    if (l->list == NULL)
        return NULL;
    found = &l->list[l->next++ % LOOKUPS_MAX];
    l->num = l->num < LOOKUPS_MAX ? l->num + 1 : l->num;
    *found = (trace_lookup){.pid = pid};
    (void)snprintf(found->name, sizeof found->name, "%s", name);
    return found;
}

static void add_address(trace_lookup *k, const dns_address *from)
{
    address fresh;
    if (!address_from_bytes(bytes_from(from->bytes, from->len), 0, &fresh))
        return;
    for (size_t i = 0; i < k->num_addresses; i++)
        if (address_equal(&k->addresses[i], &fresh))
            return;
    if (k->num_addresses == LOOKUP_ADDRESSES_MAX) {
        k->num_addresses--;
        for (size_t i = 0; i < k->num_addresses; i++)
            k->addresses[i] = k->addresses[i + 1];
    }
    k->addresses[k->num_addresses++] = fresh;
}

static void note_answer(trace_lookup *k, const dns_message *m, int64_t now_us)
{
    k->answered_us = now_us;
    k->code = m->code > k->code ? m->code : k->code;
    for (size_t i = 0; i < m->num_addresses; i++)
        add_address(k, &m->addresses[i]);
}

trace_lookup *lookups_note(lookup_log *l, int pid, const name_socket *socket, bytes_view message, int64_t now_us)
{
    arena *scratch = arena_new();
    dns_message m;
    bool is_one = dns_message_read(scratch, message, &m) == PARSE_DONE && (m.type == DNS_TYPE_A || m.type == DNS_TYPE_AAAA);
    trace_lookup *k = is_one ? find_or_add(l, pid, m.name) : NULL;
    if (k != NULL) {
        k->server = socket->server;
        k->inode = socket->inode;
        if (m.is_answer)
            note_answer(k, &m, now_us);
        else
            k->asked_us = now_us;
    }
    arena_free(scratch);
    return k;
}

void lookups_note_refused(lookup_log *l, uint64_t inode)
{
    for (size_t i = 0; i < l->num; i++)
        if (l->list[i].inode == inode)
            l->list[i].is_refused = true;
}
