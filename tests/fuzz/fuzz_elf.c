/* Program files: headers, dynamic section, notes and sections of ELF, by libelf, and Go's build information. From a file in memory,
 * since that is the way they are read. */
#include "fuzz.h"

#include "client/elf_file.h"
#include "client/library_file.h"
#include "client/linker.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char path[64];
    elf_file elf;
    tls_library library;
    const char *names[4];
    linker l = {.library_path = NULL};
    error e = {.code = ERROR_NONE};
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, len) != (ssize_t)len)
        return 0;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    arena *a = arena_new();
    if (!elf_descriptor_read(a, fd, path, &elf, &e) && e.code == ERROR_NONE)
        __builtin_trap();
    (void)elf_file_imports(path, "dlopen");
    (void)elf_file_bytes_at(a, path, len > 8 ? data[8] : 0, 64);
    (void)library_in_file(a, path, &library);
    (void)library_names_in_file(a, path, names, 4);
    linker_cache_read(a, bytes_from(data, len), &l);
    arena_free(a);
    (void)close(fd);
    return 0;
}
