#include "trace/datagram_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_LEN_MAX ((size_t)256)
#define LINES_MAX ((size_t)4096) /* of each table: it is looked at between two calls that wait */
#define PATH_OF_PROC_MAX ((size_t)64)
#define PORT_FIRST_GIVEN 32768 /* where the kernel does not say: its defaults */
#define PORT_LAST_GIVEN 60999

/* The hexadecimal port behind the next colon that has one, and what follows it. */
static const char *read_port(const char *text, uint16_t *out)
{
    const char *colon = strchr(text, ':');
    char *end;
    if (colon == NULL)
        return NULL;
    *out = (uint16_t)strtoul(colon + 1, &end, 16);
    return end == colon + 1 ? NULL : end;
}

/* "  512: 0100007F:D431 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12345 2 ..." */
bool datagram_row_read(const char *line, datagram_row *out)
{
    enum { FIELDS_BEFORE_INODE = 6 }; /* state, queues, timer, retransmissions, user, timeout */
    *out = (datagram_row){.inode = 0};
    const char *at = strchr(line, ':');
    at = at == NULL ? NULL : read_port(at + 1, &out->own_port);
    at = at == NULL ? NULL : read_port(at, &out->peer_port);
    for (int i = 0; at != NULL && i < FIELDS_BEFORE_INODE; i++) {
        at += strspn(at, " ");
        at += strcspn(at, " ");
    }
    out->inode = at == NULL ? 0 : strtoull(at, NULL, 10);
    return out->inode != 0;
}

size_t datagram_table_read(pid_t pid, bool (*is_wanted)(void *user, const datagram_row *row), void *user, datagram_row *out,
                           size_t max)
{
    static const char *const names[] = {"udp", "udp6"};
    char path[PATH_OF_PROC_MAX], line[LINE_LEN_MAX];
    size_t num = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "/proc/%d/net/%s", pid, names[i]);
        FILE *f = fopen(path, "re");
        for (size_t n = 0; f != NULL && n < LINES_MAX && num < max && fgets(line, sizeof line, f) != NULL; n++)
            num += datagram_row_read(line, &out[num]) && is_wanted(user, &out[num]) ? 1 : 0;
        if (f != NULL)
            (void)fclose(f);
    }
    return num;
}

bool datagram_port_is_given(uint16_t port)
{
    char line[LINE_LEN_MAX], *end = line;
    FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    bool has_read = f != NULL && fgets(line, sizeof line, f) != NULL;
    unsigned long first = has_read ? strtoul(line, &end, 10) : PORT_FIRST_GIVEN;
    unsigned long last = has_read ? strtoul(end, NULL, 10) : PORT_LAST_GIVEN;
    if (f != NULL)
        (void)fclose(f);
    return port >= first && port <= last;
}
