#include "client/trust_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STORE_LEN_MAX = 16 * 1024 * 1024, BINARY_LEN_MAX = 512 * 1024 * 1024, FOLDER_FILES_MAX = 2000, FOUND_LEN_MAX = 512 };

static int open_ordinary(const char *path, struct stat *is)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, is) != 0)
        return fd;
    if (S_ISREG(is->st_mode))
        return fd;
    close(fd);
    errno = S_ISDIR(is->st_mode) ? EISDIR : EINVAL;
    return -1;
}

/* A large file as it lies in memory; to be given back with munmap. */
static bytes_view mapped_file(const char *path)
{
    struct stat is;
    int fd = open_ordinary(path, &is);
    if (fd < 0)
        return bytes_from(NULL, 0);
    size_t len = is.st_size > 0 && is.st_size < BINARY_LEN_MAX ? (size_t)is.st_size : 0;
    void *at = len == 0 ? MAP_FAILED : mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    return at == MAP_FAILED ? bytes_from(NULL, 0) : bytes_from(at, len);
}

static void unmap(bytes_view file)
{
    if (file.len > 0)
        munmap((void *)(uintptr_t)file.data, file.len);
}

const char *trust_file_text_after(arena *a, const char *path, const char *text, char end)
{
    bytes_view file = mapped_file(path);
    const uint8_t *found = file.len == 0 ? NULL : memmem(file.data, file.len, text, strlen(text));
    const char *after = NULL;
    if (found != NULL) {
        bytes_view rest = bytes_slice(file, (size_t)(found - file.data) + strlen(text), FOUND_LEN_MAX);
        after = bytes_to_text(a, bytes_until(rest, (uint8_t)end));
    }
    unmap(file);
    return after;
}

static void keep(trust_source *source, const keystore *read)
{
    source->certificates = read->certificates;
    source->num_certificates = read->num_certificates;
    for (size_t i = 0; i < read->num_certificates; i++)
        source->num_roots += certificate_is_root(read->certificates[i]);
    source->is_readable = read->num_certificates > 0;
    source->problem = read->num_certificates > 0 ? NULL : read->problem;
}

static void fail(arena *a, trust_source *source, int code)
{
    source->system_errno = code;
    source->exists = code != ENOENT && code != ENOTDIR;
    source->problem = code == ENOENT || code == ENOTDIR ? "does not exist" : arena_printf(a, "cannot be read: %s", strerror(code));
}

static void load_file(arena *a, trust_source *source, const char *password, keystore *out)
{
    bytes_view file;
    if (!file_read(a, source->path, STORE_LEN_MAX, &file)) {
        fail(a, source, errno);
        return;
    }
    source->exists = true;
    *out = keystore_read(a, file, password);
    source->lacks_password = out->num_certificates == 0 && out->wants_password && password == NULL;
    keep(source, out);
}

/* c_rehash's names, "0a1b2c3d.0": OpenSSL looks for no others in a folder. */
static int is_hashed(const struct dirent *entry)
{
    enum { HASH_LEN = 8 };
    size_t len = strspn(entry->d_name, "0123456789abcdef");
    const char *rest = strchr(entry->d_name, '.');
    return len == HASH_LEN && rest == strchr(entry->d_name, '\0') - strlen(rest == NULL ? "" : rest) && rest != NULL &&
           rest[1] != '\0' && strspn(rest + 1, "0123456789") == strlen(rest + 1);
}

static void append(arena *a, keystore *to, const keystore *more)
{
    if (to->certificates == NULL)
        to->certificates = ARENA_ARRAY(a, KEYSTORE_CERTIFICATES_MAX, bytes_view);
    for (size_t i = 0; i < more->num_certificates && to->num_certificates < KEYSTORE_CERTIFICATES_MAX; i++)
        to->certificates[to->num_certificates++] = more->certificates[i];
}

static void load_folder(arena *a, trust_source *source, keystore *out)
{
    enum { CERTIFICATE_LEN_MAX = 64 * 1024 };
    struct dirent **names = NULL;
    int num = scandir(source->path, &names, is_hashed, alphasort);
    if (num < 0) {
        fail(a, source, errno);
        return;
    }
    source->exists = true;
    for (int i = 0; i < num; i++) {
        bytes_view file;
        if (i < FOLDER_FILES_MAX &&
            file_read(a, arena_printf(a, "%s/%s", source->path, names[i]->d_name), CERTIFICATE_LEN_MAX, &file)) {
            keystore read = keystore_read(a, file, NULL);
            append(a, out, &read);
        }
        free(names[i]);
    }
    free(names);
    out->problem = num == 0 ? "no file in it is named by its hash (openssl rehash)" : "no certificate is in it";
    keep(source, out);
}

static void load_built_in(arena *a, trust_source *source, keystore *out)
{
    bytes_view file = mapped_file(source->path);
    source->exists = file.len > 0;
    *out = keystore_read_embedded(a, file);
    out->problem = "no certificates were found in it";
    unmap(file);
    keep(source, out);
}

void trust_source_load(arena *a, trust_source *source, const char *password, keystore *out)
{
    *out = (keystore){0};
    if (source->form == TRUST_FOLDER)
        load_folder(a, source, out);
    else if (source->form == TRUST_BUILT_IN)
        load_built_in(a, source, out);
    else
        load_file(a, source, password, out);
}
