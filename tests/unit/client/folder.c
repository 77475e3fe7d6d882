#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

test_folder folder_new(void)
{
    test_folder f = {.arena = arena_new()};
    char *path = arena_printf(f.arena, "/tmp/test-folder-XXXXXX");
    assert_non_null(mkdtemp(path));
    f.path = path;
    return f;
}

const char *folder_add(const test_folder *f, const char *name, const void *content, size_t len)
{
    char *path = arena_printf(f->arena, "%s/%s", f->path, name);
    for (char *slash = strchr(path + strlen(f->path) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0755);
        *slash = '/';
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, len), (ssize_t)len);
    assert_int_equal(close(fd), 0);
    return path;
}

const char *folder_add_text(const test_folder *f, const char *name, const char *text)
{
    return folder_add(f, name, text, strlen(text));
}

static int remove_one(const char *path, const struct stat *is, int what, struct FTW *walk)
{
    (void)is;
    (void)what;
    (void)walk;
    return remove(path);
}

void folder_free(test_folder *f)
{
    assert_int_equal(nftw(f->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    arena_free(f->arena);
}

const process_snapshot *folder_surroundings(const test_folder *f, const char *const *environment)
{
    process_snapshot *s = ARENA_NEW(f->arena, process_snapshot);
    *s = (process_snapshot){.working_directory = f->path, .environment = environment};
    return s;
}
