#include "client/reach.h"

#include "client/elf_file.h"
#include "client/runtime_module.h"
#include "client/trust_program.h"

#include <string.h>

enum { QUEUE_MAX = 1024 };

/* Shared libraries by the beginning of their names. */
static const struct {
    const char *prefix;
    enum library_kind kind;
} shared[] = {
    {"libssl.so", LIBRARY_OPENSSL}, {"libssl-", LIBRARY_OPENSSL},       {"libgnutls.so", LIBRARY_GNUTLS},
    {"libssl3.so", LIBRARY_NSS},    {"libmbedtls.so", LIBRARY_MBEDTLS}, {"libwolfssl.so", LIBRARY_WOLFSSL},
};

enum library_kind shared_library_kind(const char *path)
{
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        if (strncmp(base_name(path), shared[i].prefix, strlen(shared[i].prefix)) == 0)
            return shared[i].kind;
    return LIBRARY_UNKNOWN;
}

const char *mapped_file(const process_snapshot *p, const char *prefix)
{
    for (size_t i = 0; p->mapped_files != NULL && p->mapped_files[i] != NULL; i++)
        if (strncmp(base_name(p->mapped_files[i]), prefix, strlen(prefix)) == 0)
            return p->mapped_files[i];
    return NULL;
}

const char *readable_path(arena *a, const process_snapshot *p, const char *path)
{
    return p->pid == 0 ? path : arena_printf(a, "/proc/%d/root%s", p->pid, path);
}

static bool read_elf(arena *a, const process_snapshot *p, const char *path, elf_file *out)
{
    return elf_file_read(a, readable_path(a, p, path), out, NULL) || elf_file_read(a, path, out, NULL);
}

/* ---- a walk over what each file needs -------------------------------------------------------------------------------------- */

typedef struct walk {
    arena *arena;
    const process_snapshot *process;
    const char *queue[QUEUE_MAX];
    size_t num;
} walk;

/* "libgnutls.so.30" is mapped as libgnutls.so.30.34.3 where the name that is needed is a link. */
static const char *mapped_as(const process_snapshot *p, const char *needed)
{
    size_t len = strlen(needed);
    for (size_t i = 0; p->mapped_files[i] != NULL; i++) {
        const char *name = base_name(p->mapped_files[i]);
        if (strncmp(name, needed, len) == 0 && (name[len] == '\0' || name[len] == '.'))
            return p->mapped_files[i];
    }
    return NULL;
}

static void enqueue(walk *w, const char *path)
{
    for (size_t i = 0; i < w->num; i++)
        if (strcmp(w->queue[i], path) == 0)
            return;
    if (w->num < QUEUE_MAX)
        w->queue[w->num++] = path;
}

/* Breadth first, so that the nearest is found. */
static bool walk_from(walk *w, const char *start, reach *out)
{
    w->num = 0;
    enqueue(w, start);
    for (size_t i = 0; i < w->num; i++) {
        elf_file elf;
        if (!read_elf(w->arena, w->process, w->queue[i], &elf))
            continue;
        for (size_t k = 0; k < elf.num_needed; k++) {
            const char *file = mapped_as(w->process, elf.needed[k]);
            if (file != NULL && shared_library_kind(file) != LIBRARY_UNKNOWN) {
                *out = (reach){.library = file, .kind = shared_library_kind(file), .module = w->queue[i]};
                return true;
            }
            if (file != NULL)
                enqueue(w, file);
        }
    }
    return false;
}

static bool is_program(const process_snapshot *p, const char *path)
{
    return p->exe != NULL && strcmp(p->exe, path) == 0;
}

/* From the program; else from the modules of runtimes; else from whatever needs one. */
static bool find_by_need(walk *w, reach *out)
{
    const char *const *files = w->process->mapped_files;
    if (w->process->exe != NULL && walk_from(w, w->process->exe, out))
        return true;
    for (size_t i = 0; files[i] != NULL; i++)
        if (runtime_module_is(files[i]) && walk_from(w, files[i], out))
            return true;
    for (size_t i = 0; files[i] != NULL; i++)
        if (shared_library_kind(files[i]) == LIBRARY_UNKNOWN && walk_from(w, files[i], out))
            return true;
    return false;
}

bool reach_find(const process_snapshot *p, reach *out)
{
    *out = (reach){.library = NULL};
    if (p->mapped_files == NULL)
        return false;
    arena *own = arena_new();
    walk *w = ARENA_NEW(own, walk);
    w->arena = own;
    w->process = p;
    bool found = find_by_need(w, out);
    arena_free(own);
    if (found && is_program(p, out->module))
        out->module = NULL;
    for (size_t i = 0; !found && i < sizeof shared / sizeof *shared; i++) { /* loaded by name (dlopen) */
        const char *file = mapped_file(p, shared[i].prefix);
        if (file == NULL)
            continue;
        *out = (reach){.library = file, .kind = shared[i].kind};
        found = true;
    }
    return found;
}
