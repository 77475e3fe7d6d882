#include "trace/opened.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NUM_SLOTS (OPENED_FILES_MAX * 2)

void opened_files_free(opened_files *f)
{
    free(f->list);
    free(f->slots);
    *f = (opened_files){.arena = f->arena};
}

/* FNV-1a, 64 bits. */
static size_t hash_of(int pid, const char *path)
{
    uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)pid;
    for (const char *c = path; *c != '\0'; c++)
        hash = (hash ^ (uint8_t)*c) * 0x100000001b3u;
    return (size_t)(hash % NUM_SLOTS);
}

/* Its slot, or the free one where it would be. Half of them are always free. */
static size_t *find_slot(const opened_files *f, int pid, const char *path)
{
    size_t at = hash_of(pid, path);
    while (f->slots[at] != 0 && (f->list[f->slots[at] - 1].pid != pid || strcmp(f->list[f->slots[at] - 1].path, path) != 0))
        at = (at + 1) % NUM_SLOTS;
    return &f->slots[at];
}

bool opened_files_have(const opened_files *f, int pid, const char *path)
{
    return f->slots != NULL && *find_slot(f, pid, path) != 0;
}

static bool begin(opened_files *f)
{
    if (f->slots != NULL)
        return true;
    f->list = calloc(OPENED_FILES_MAX, sizeof *f->list);
    f->slots = calloc(NUM_SLOTS, sizeof *f->slots);
    if (f->list != NULL && f->slots != NULL)
        return true;
    opened_files_free(f);
    return false;
}

void opened_files_add(opened_files *f, int pid, const char *path)
{
    if (!begin(f))
        return;
    size_t *slot = find_slot(f, pid, path);
    if (*slot != 0)
        return;
    if (f->num == OPENED_FILES_MAX) {
        f->num_left_out++;
        return;
    }
    f->list[f->num++] = (opened_file){pid, arena_printf(f->arena, "%s", path)};
    *slot = f->num;
}

const char *const *opened_files_of(const opened_files *f, arena *a, int pid)
{
    size_t num = 0;
    for (size_t i = 0; i < f->num; i++)
        num += f->list[i].pid == pid ? 1 : 0;
    const char **paths = ARENA_ARRAY(a, num + 1, const char *);
    num = 0;
    for (size_t i = 0; i < f->num; i++)
        if (f->list[i].pid == pid)
            paths[num++] = f->list[i].path;
    return paths;
}
