#include "client/private_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *parent_folder(void)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./";
    const char *parent = getenv("TMPDIR");
    bool is_usable = parent != NULL && parent[0] == '/' && strspn(parent, plain) == strlen(parent);
    return is_usable ? parent : "/tmp";
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

static void remove_all(const char *path)
{
    enum { DESCRIPTORS_MAX = 8 };
    (void)nftw(path, remove_entry, DESCRIPTORS_MAX, FTW_DEPTH | FTW_PHYS);
}

/* In a session of its own, so that no signal for us or for our group ends it as well; it holds nothing open but its end. */
static _Noreturn void keep(const char *path, int end)
{
    static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
    (void)setsid();
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        (void)signal(ignored[i], SIG_IGN);
    for (int fd = 0; fd < 3; fd++)
        if (fd != end)
            (void)close(fd);
    if (end > 3)
        (void)close_range(3, (unsigned)end - 1, 0);
    (void)close_range((unsigned)end + 1, ~0u, 0);
    struct pollfd over = {.fd = end, .events = POLLIN};
    while (poll(&over, 1, -1) < 0)
        ;
    remove_all(path);
    _exit(0);
}

private_folder *private_folder_new(arena *a, error *e)
{
    int ends[2];
    private_folder *f = ARENA_NEW(a, private_folder);
    char *path = arena_printf(a, "%s/tlswhy-XXXXXX", parent_folder());
    if (mkdtemp(path) == NULL) {
        (void)error_set_errno(e, "no folder for temporary files can be made");
        return NULL;
    }
    *f = (private_folder){.path = path, .life = -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return f;
    pid_t pid = fork();
    if (pid == 0)
        keep(path, ends[0]);
    (void)close(ends[0]);
    f->life = ends[1];
    return f;
}

bool private_folder_write(arena *a, const private_folder *f, const char *name, bytes_view content, bool is_program, error *e)
{
    mode_t mode = S_IRUSR | S_IWUSR | (is_program ? S_IXUSR : 0);
    int fd = open(arena_printf(a, "%s/%s", f->path, name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    size_t at = 0;
    if (fd < 0)
        return error_set_errno(e, "a temporary file cannot be made");
    while (at < content.len) {
        bytes_view rest = bytes_slice(content, at, content.len);
        ssize_t written = write(fd, rest.data, rest.len);
        if (written <= 0 && errno != EINTR)
            break;
        at += written > 0 ? (size_t)written : 0;
    }
    bool whole = at == content.len || error_set_errno(e, "a temporary file cannot be written");
    (void)close(fd);
    return whole;
}

/* A word to the keeper, and not only an end: a process that we left behind may hold a copy of ours. */
void private_folder_remove(private_folder *f)
{
    if (f == NULL)
        return;
    remove_all(f->path);
    if (f->life >= 0) {
        (void)send(f->life, "", 1, MSG_NOSIGNAL);
        (void)close(f->life);
    }
    f->life = -1;
}
