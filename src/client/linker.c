#include "client/linker.h"

#include "trace/snapshot.h"
#include "wire/reader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CACHE_LEN_MAX ((size_t)32 * 1024 * 1024)
enum { CACHED_MAX = 64 * 1024, CLOSURE_MAX = 1024, ANCESTORS_MAX = 16 };

/* ---- the cache ------------------------------------------------------------------------------------------------------------ */

static const char *cached_text(arena *a, bytes_view cache, uint32_t at)
{
    return at >= cache.len ? NULL : bytes_to_text(a, bytes_until(bytes_slice(cache, at, 4096), 0));
}

/* Its numbers are in this machine's order; the two that it runs on are little-endian. */
static bool read_little_u32(reader *r, uint32_t *out)
{
    uint8_t byte[4];
    for (size_t i = 0; i < sizeof byte; i++)
        if (!read_u8(r, "number of the linker's cache", &byte[i]))
            return false;
    *out = (uint32_t)byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;
    return true;
}

void linker_cache_read(arena *a, bytes_view cache, linker *out)
{
    static const char magic[] = "glibc-ld.so.cache1.1";
    enum { HEADER_LEN = 48, ENTRY_LEN = 24 };
    uint32_t num = 0;
    size_t start = bytes_find(cache, magic, 0); /* an older format may stand before it */
    bytes_view own = bytes_slice(cache, start, cache.len);
    reader head = reader_from(bytes_slice(own, sizeof magic - 1, own.len));
    if (!read_little_u32(&head, &num) || num > CACHED_MAX)
        return;
    linker_entry *entries = ARENA_ARRAY(a, num, linker_entry);
    for (uint32_t i = 0; i < num; i++) {
        uint32_t flags, key, value;
        reader entry = reader_from(bytes_slice(own, HEADER_LEN + (size_t)i * ENTRY_LEN, ENTRY_LEN));
        if (!read_little_u32(&entry, &flags) || !read_little_u32(&entry, &key) || !read_little_u32(&entry, &value))
            break;
        const char *name = cached_text(a, own, key), *path = cached_text(a, own, value);
        if (name != NULL && path != NULL)
            entries[out->num_cached++] = (linker_entry){.name = name, .path = path};
    }
    out->cached = entries;
}

linker linker_read(arena *a, const char *const *environment)
{
    process_snapshot ours = {.environment = environment};
    linker l = {.library_path = process_variable(&ours, "LD_LIBRARY_PATH")};
    bytes_view cache;
    if (file_read(a, "/etc/ld.so.cache", CACHE_LEN_MAX, &cache))
        linker_cache_read(a, cache, &l);
    return l;
}

/* ---- one name -------------------------------------------------------------------------------------------------------------- */

typedef struct linked_file {
    const char *path;
    elf_file elf;
    size_t parent; /* its own index: nobody's */
} linked_file;

static bool fits(arena *a, const char *path, const elf_file *program)
{
    elf_file found;
    return access(path, R_OK) == 0 && elf_file_read(a, path, &found, NULL) && elf_files_fit(&found, program);
}

static const char *folder_of(arena *a, const char *path)
{
    char *real = realpath(path, NULL);
    const char *full = real == NULL ? path : arena_printf(a, "%s", real);
    free(real);
    const char *slash = strrchr(full, '/');
    return slash == NULL ? "." : bytes_to_text(a, bytes_from(full, (size_t)(slash - full)));
}

/* $ORIGIN or ${ORIGIN} at a folder's beginning: the folder of the file that says so (ld.so(8), "Rpath token expansion"). */
static const char *expanded(arena *a, bytes_view folder, const char *origin_file)
{
    static const char *const tokens[] = {"$ORIGIN", "${ORIGIN}"};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        if (bytes_start_with(folder, tokens[i]))
            return arena_printf(a, "%s%s", folder_of(a, origin_file),
                                bytes_to_text(a, bytes_slice(folder, strlen(tokens[i]), folder.len)));
    return bytes_to_text(a, folder);
}

static const char *find_in_folders(arena *a, const char *folders, const char *origin_file, const char *name,
                                   const elf_file *program)
{
    for (bytes_view rest = bytes_from_text(folders); rest.len > 0;) {
        bytes_view folder = bytes_until(rest, ':');
        rest = bytes_slice(rest, folder.len + 1, rest.len);
        const char *path = arena_printf(a, "%s/%s", expanded(a, folder, origin_file), name);
        if (folder.len > 0 && fits(a, path, program))
            return path;
    }
    return NULL;
}

static const char *find_in_cache(arena *a, const linker *l, const char *name, const elf_file *program)
{
    for (size_t i = 0; i < l->num_cached; i++)
        if (strcmp(l->cached[i].name, name) == 0 && fits(a, l->cached[i].path, program))
            return l->cached[i].path;
    return NULL;
}

/* DT_RPATH counts where the same file has no DT_RUNPATH, and holds for what its libraries need as well. */
static const char *find_by_rpath(arena *a, const linked_file *all, size_t of, const char *name)
{
    if (all[of].elf.runpath != NULL)
        return NULL;
    for (size_t i = of, steps = 0; steps < ANCESTORS_MAX; i = all[i].parent, steps++) {
        const elf_file *elf = &all[i].elf;
        const char *found = elf->runpath != NULL ? NULL : find_in_folders(a, elf->rpath, all[i].path, name, &all[of].elf);
        if (found != NULL)
            return found;
        if (all[i].parent == i)
            break;
    }
    return NULL;
}

static const char *find_needed(arena *a, const linker *l, const linked_file *all, size_t of, const char *name)
{
    static const char usual[] = "/lib:/usr/lib:/lib64:/usr/lib64:/usr/local/lib";
    const elf_file *elf = &all[of].elf;
    if (strchr(name, '/') != NULL)
        return fits(a, name, elf) ? name : NULL;
    const char *found = find_by_rpath(a, all, of, name);
    if (found == NULL)
        found = find_in_folders(a, l->library_path, all[of].path, name, elf);
    if (found == NULL)
        found = find_in_folders(a, elf->runpath, all[of].path, name, elf);
    if (found == NULL)
        found = find_in_cache(a, l, name, elf);
    return found != NULL ? found : find_in_folders(a, usual, all[of].path, name, elf);
}

/* ---- all of them ---------------------------------------------------------------------------------------------------------------
 */

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* By its name, as the dynamic linker does: one libssl.so.3 is enough for a process. */
static bool is_loaded(const linked_file *all, size_t num, const char *name)
{
    for (size_t i = 0; i < num; i++)
        if (strcmp(base_of(all[i].path), base_of(name)) == 0 || (all[i].elf.name != NULL && strcmp(all[i].elf.name, name) == 0))
            return true;
    return false;
}

static size_t add_file(arena *a, linked_file *all, size_t num, const char *path, size_t parent)
{
    if (num == CLOSURE_MAX || !elf_file_read(a, path, &all[num].elf, NULL))
        return num;
    all[num].path = path;
    all[num].parent = parent == CLOSURE_MAX ? num : parent;
    return num + 1;
}

const char *const *linker_closure(arena *a, const linker *l, const char *const *files)
{
    arena *own = arena_new();
    linked_file *all = ARENA_ARRAY(own, CLOSURE_MAX, linked_file);
    size_t num = 0;
    for (; *files != NULL; files++)
        if (!is_loaded(all, num, *files))
            num = add_file(own, all, num, *files, num == 0 ? CLOSURE_MAX : 0);
    for (size_t i = 0; i < num; i++)
        for (size_t k = 0; k < all[i].elf.num_needed; k++) {
            const char *name = all[i].elf.needed[k];
            const char *path = is_loaded(all, num, name) ? NULL : find_needed(own, l, all, i, name);
            if (path != NULL)
                num = add_file(own, all, num, path, i);
        }
    const char **paths = ARENA_ARRAY(a, num + 1, const char *);
    for (size_t i = 0; i < num; i++)
        paths[i] = arena_printf(a, "%s", all[i].path);
    arena_free(own);
    return paths;
}

const char *linker_find(arena *a, const linker *l, const char *name, const char *program)
{
    linked_file all[1] = {{.path = program}};
    if (!elf_file_read(a, program, &all[0].elf, NULL))
        return NULL;
    return find_needed(a, l, all, 0, name);
}
