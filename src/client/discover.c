#include "client/discover.h"

#include "client/trust_program.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CANDIDATES_MAX = 16 * 1024, THREADS_MAX = 8, FOLDERS_MAX = 128 };
#define PROGRAM_LEN_MIN ((off_t)256 * 1024) /* no TLS library fits into less */

/* ---- what is looked for -------------------------------------------------------------------------------------------------- */

/* Names on the PATH; a version may follow ("python3.11", "php8.2"). Those whose runtime is another are read only, never started. */
static const char *const known_names[] = {
    "python", "pypy",    "node",       "nodejs",  "ruby", "php",   "perl",   "java",   "curl", "wget",
    "git",    "openssl", "gnutls-cli", "aria2c",  "lynx", "w3m",   "links",  "elinks", "lftp", "socat",
    "ncat",   "psql",    "ldapsearch", "sslscan", "apt",  "cargo", "rustup", "wget2",
};

/* Folders where version managers keep programs. `variable` names the folder, or it is `usual` below the home folder. */
static const struct {
    const char *keeper, *variable, *usual, *pattern;
} keepers[] = {
    {"pyenv", "PYENV_ROOT", ".pyenv", "versions/*/bin/python"},
    {"conda", "CONDA_PREFIX", "miniconda3", "bin/{python,curl,openssl,node,wget,perl}"},
    {"conda", NULL, "miniconda3", "{,envs/*/}bin/{python,curl,openssl,node,wget,perl}"},
    {"conda", NULL, "anaconda3", "{,envs/*/}bin/{python,curl,openssl,node,wget,perl}"},
    {"conda", NULL, "miniforge3", "{,envs/*/}bin/{python,curl,openssl,node,wget,perl}"},
    {"conda", NULL, "mambaforge", "{,envs/*/}bin/{python,curl,openssl,node,wget,perl}"},
    {"conda", NULL, "/opt/conda", "{,envs/*/}bin/{python,curl,openssl,node,wget,perl}"},
    {"nvm", "NVM_DIR", ".nvm", "{versions/node/*,v*}/bin/node"},
    {"fnm", "FNM_DIR", ".local/share/fnm", "node-versions/*/installation/bin/node"},
    {"volta", "VOLTA_HOME", ".volta", "tools/image/node/*/bin/node"},
    {"n", "N_PREFIX", "/usr/local", "n/versions/node/*/bin/node"},
    {"asdf", "ASDF_DATA_DIR", ".asdf", "installs/*/*/bin/{python,node,ruby,java,perl,php}"},
    {"rbenv", "RBENV_ROOT", ".rbenv", "versions/*/bin/ruby"},
    {"uv", "UV_PYTHON_INSTALL_DIR", ".local/share/uv/python", "*/bin/python3"},
    {"sdkman", "SDKMAN_DIR", ".sdkman", "candidates/java/*/bin/java"},
    {"the system's folder of Java", NULL, "/usr/lib/jvm", "*/bin/java"},
};

typedef struct candidate {
    const char *path;
    const char *keeper;
    bool is_known; /* by its name */
    /* Filled by the thread that took it: */
    bool has_file; /* a known one leads to a file, which is */
    dev_t device;
    ino_t inode;
    arena *own;
    const client *client;
    executable found;
    bool is_done;
} candidate;

/* Shared by the threads, and given up (not freed) where one of them is still at it when the time is over: a file system that does
 * not answer must not hold anybody up. */
typedef struct search {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    arena *arena;
    program_surroundings surroundings;
    runtime_wanted *is_wanted;
    candidate *candidates;
    size_t num, next;
    size_t num_steps; /* candidates that were listed, taken and done: it goes on */
    bool is_listing, is_listed;
    bool is_given_up;   /* nothing more is listed or taken */
    size_t num_threads; /* still running */
} search;

static bool is_known_name(const char *name)
{
    for (size_t i = 0; i < sizeof known_names / sizeof *known_names; i++) {
        size_t len = strlen(known_names[i]);
        if (strncmp(name, known_names[i], len) == 0 && strspn(name + len, "0123456789.") == strlen(name + len))
            return true;
    }
    return false;
}

/* ---- the list -------------------------------------------------------------------------------------------------------------- */

/* Its name alone is looked at: the file that it leads to may lie where nothing answers, and the list must not wait for that. */
static void add_candidate(search *s, const char *path, const char *keeper, bool is_known)
{
    if (s->is_wanted != NULL && !s->is_wanted(runtime_of_name(base_name(path))))
        return;
    (void)pthread_mutex_lock(&s->lock);
    if (s->num < CANDIDATES_MAX && !s->is_given_up) {
        s->candidates[s->num++] = (candidate){.path = path, .keeper = keeper, .is_known = is_known};
        s->num_steps++;
        (void)pthread_cond_broadcast(&s->changed);
    }
    (void)pthread_mutex_unlock(&s->lock);
}

static int shorter_first(const void *one, const void *other)
{
    const char *a = *(const char *const *)one, *b = *(const char *const *)other;
    size_t a_len = strlen(a), b_len = strlen(b);
    return a_len != b_len ? (a_len < b_len ? -1 : 1) : strcmp(a, b);
}

/* Short names first: a program that has several is called by the plainest. */
static void list_folder(search *s, const char *folder, bool known)
{
    DIR *opened = opendir(folder);
    const char **names = ARENA_ARRAY(s->arena, CANDIDATES_MAX, const char *);
    size_t num = 0;
    const struct dirent *entry;
    while (opened != NULL && num < CANDIDATES_MAX && (entry = readdir(opened)) != NULL)
        if (entry->d_name[0] != '.' && is_known_name(entry->d_name) == known)
            names[num++] = arena_printf(s->arena, "%s", entry->d_name);
    if (opened != NULL)
        (void)closedir(opened);
    qsort(names, num, sizeof *names, shorter_first);
    for (size_t i = 0; i < num; i++)
        add_candidate(s, arena_printf(s->arena, "%s/%s", folder, names[i]), NULL, known);
}

/* /bin may be a link to /usr/bin, and a folder may stand on the PATH twice. */
static bool is_listed_before(const struct stat *folders, size_t num, const struct stat *one)
{
    for (size_t i = 0; i < num; i++)
        if (folders[i].st_dev == one->st_dev && folders[i].st_ino == one->st_ino)
            return true;
    return false;
}

static void list_path(search *s, bool known)
{
    struct stat seen[FOLDERS_MAX];
    size_t num_seen = 0;
    const char *folders = process_variable(s->surroundings.process, "PATH");
    for (bytes_view rest = bytes_from_text(folders); rest.len > 0;) {
        bytes_view folder = bytes_until(rest, ':');
        rest = bytes_slice(rest, folder.len + 1, rest.len);
        const char *path = bytes_to_text(s->arena, folder);
        if (path[0] != '/' || num_seen == FOLDERS_MAX || stat(path, &seen[num_seen]) != 0 ||
            is_listed_before(seen, num_seen, &seen[num_seen]))
            continue;
        num_seen++;
        list_folder(s, path, known);
    }
}

static void list_keepers(search *s)
{
    const char *home = process_variable(s->surroundings.process, "HOME");
    for (size_t i = 0; i < sizeof keepers / sizeof *keepers; i++) {
        const char *named = keepers[i].variable == NULL ? NULL : process_variable(s->surroundings.process, keepers[i].variable);
        const char *root = named != NULL && named[0] == '/' ? named : keepers[i].usual;
        glob_t found;
        if (root[0] != '/' && home == NULL)
            continue;
        const char *pattern = root[0] == '/' ? arena_printf(s->arena, "%s/%s", root, keepers[i].pattern)
                                             : arena_printf(s->arena, "%s/%s/%s", home, root, keepers[i].pattern);
        if (glob(pattern, GLOB_BRACE, NULL, &found) != 0)
            continue;
        for (size_t k = 0; k < found.gl_pathc; k++)
            add_candidate(s, arena_printf(s->arena, "%s", found.gl_pathv[k]), keepers[i].keeper, true);
        globfree(&found);
    }
}

/* ---- one candidate ------------------------------------------------------------------------------------------------------------
 */

/* Go's programs carry their build information. Rust's need libgcc_s (and not libstdc++), or nothing at all; what else they need is
 * of the C library, or a TLS library that they are linked with. */
static bool may_have_tls_inside(arena *a, const char *path)
{
    static const char *const plain[] = {"libc.so",   "libm.so",      "libgcc_s.so",  "libdl.so",   "libpthread.so",
                                        "librt.so",  "ld-linux",     "libresolv.so", "libutil.so", "linux-vdso",
                                        "libssl.so", "libcrypto.so", "libz.so"};
    elf_file elf;
    struct stat is;
    if (stat(path, &is) != 0 || !S_ISREG(is.st_mode) || is.st_size < PROGRAM_LEN_MIN || access(path, X_OK) != 0 ||
        !elf_file_read(a, path, &elf, NULL) || !elf.is_program)
        return false;
    if (elf.go_build_info.len > 0)
        return true;
    bool has_libgcc = elf.num_needed == 0;
    for (size_t i = 0; i < elf.num_needed; i++) {
        bool is_plain = false;
        has_libgcc = has_libgcc || strncmp(elf.needed[i], "libgcc_s.so", 11) == 0;
        for (size_t k = 0; k < sizeof plain / sizeof *plain; k++)
            is_plain = is_plain || strncmp(elf.needed[i], plain[k], strlen(plain[k])) == 0;
        if (!is_plain)
            return false;
    }
    return has_libgcc;
}

/* With the lock held. */
static bool is_anothers(const search *s, const candidate *c)
{
    for (const candidate *earlier = s->candidates; earlier < c; earlier++)
        if (earlier->has_file && earlier->device == c->device && earlier->inode == c->inode)
            return true;
    return false;
}

/* A file may have several names (node and nodejs), and is long to read: only the first of them in the list needs to be. */
static bool is_to_be_read(search *s, arena *own, candidate *c)
{
    executable found;
    error ignored;
    struct stat is;
    if (!c->is_known)
        return may_have_tls_inside(own, c->path);
    if (!executable_find(own, s->surroundings.process, c->path, &found, &ignored) || stat(found.file, &is) != 0)
        return false;
    (void)pthread_mutex_lock(&s->lock);
    c->has_file = true;
    c->device = is.st_dev;
    c->inode = is.st_ino;
    bool is_first = !s->is_given_up && !is_anothers(s, c);
    (void)pthread_mutex_unlock(&s->lock);
    return is_first;
}

static void look_at(search *s, candidate *c)
{
    arena *own = arena_new();
    executable found = {.num_steps = 0};
    const client *identified = is_to_be_read(s, own, c) ? client_of_program(own, &s->surroundings, c->path, &found, NULL) : NULL;
    bool is_client = identified != NULL && identified->library.kind != LIBRARY_UNKNOWN;
    (void)pthread_mutex_lock(&s->lock);
    c->own = own;
    c->client = is_client ? identified : NULL;
    c->found = found;
    c->is_done = true;
    s->num_steps++;
    (void)pthread_mutex_unlock(&s->lock);
}

/* ---- threads --------------------------------------------------------------------------------------------------------------------
 */

static void list_all(search *s)
{
    list_path(s, true);
    list_keepers(s);
    if (s->is_wanted == NULL)
        list_path(s, false);
}

/* The first one to come makes the list, while the others take what stands in it already. Called and left with the lock held. */
static void make_list(search *s)
{
    s->is_listing = true;
    (void)pthread_mutex_unlock(&s->lock);
    list_all(s);
    (void)pthread_mutex_lock(&s->lock);
    s->is_listed = true;
    (void)pthread_cond_broadcast(&s->changed);
}

/* NULL: there is no more. With the lock held. */
static candidate *next_candidate(search *s)
{
    while (s->next == s->num && !s->is_listed && !s->is_given_up)
        (void)pthread_cond_wait(&s->changed, &s->lock);
    if (s->next == s->num || s->is_given_up)
        return NULL;
    s->num_steps++;
    return &s->candidates[s->next++];
}

static void *work(void *user)
{
    search *s = user;
    candidate *c;
    (void)pthread_mutex_lock(&s->lock);
    if (!s->is_listing)
        make_list(s);
    while ((c = next_candidate(s)) != NULL) {
        (void)pthread_mutex_unlock(&s->lock);
        look_at(s, c);
        (void)pthread_mutex_lock(&s->lock);
    }
    s->num_threads--;
    (void)pthread_cond_broadcast(&s->changed);
    (void)pthread_mutex_unlock(&s->lock);
    return NULL;
}

static struct timespec deadline_after(int64_t time_ms)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(time_ms / 1000);
    t.tv_nsec += (long)(time_ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

static search *search_new(const char *const *environment, runtime_wanted *is_wanted)
{
    arena *own = arena_new();
    search *s = ARENA_NEW(own, search);
    pthread_condattr_t attributes;
    s->arena = own;
    s->is_wanted = is_wanted;
    s->surroundings = program_surroundings_read(own, environment);
    s->candidates = ARENA_ARRAY(own, CANDIDATES_MAX, candidate);
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&s->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    return s;
}

/* Twice as many as processors: they wait for files, too. */
static void start_threads(search *s)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = processors < 1 ? 2 : (size_t)processors * 2;
    for (size_t i = 0; i < wanted && i < THREADS_MAX; i++) {
        pthread_t thread;
        s->num_threads++;
        if (pthread_create(&thread, NULL, work, s) != 0)
            s->num_threads--;
        else
            (void)pthread_detach(thread);
    }
}

/* ---- what came of it
 * -------------------------------------------------------------------------------------------------------------- */

static bool is_startable(enum runtime runtime)
{
    return runtime != RUNTIME_OTHER && runtime != RUNTIME_GO;
}

/* A file may have several names: perl and perl5.36.0. */
static bool is_among(const found_clients *list, const char *file)
{
    for (size_t i = 0; i < list->num_clients; i++)
        if (strcmp(list->clients[i].found.file, file) == 0 || is_same_file(list->clients[i].found.file, file))
            return true;
    return false;
}

/* With the lock held. What a thread has not done yet is not touched. */
static found_clients collect(arena *a, search *s)
{
    found_clients list = {.clients = ARENA_ARRAY(a, s->num + 1, found_client), .num_late = !s->is_listed};
    for (size_t i = 0; i < s->num; i++) {
        candidate *c = &s->candidates[i];
        list.num_late += !c->is_done;
        if (c->own != NULL)
            arena_adopt(a, c->own);
        if (c->is_done && c->client != NULL && !is_among(&list, c->found.file))
            list.clients[list.num_clients++] = (found_client){.path = arena_printf(a, "%s", c->path),
                                                              .keeper = c->keeper,
                                                              .client = c->client,
                                                              .found = c->found,
                                                              .is_startable = is_startable(c->client->runtime)};
    }
    return list;
}

/* A busy machine is given more time, a file system that does not answer is not. With the lock held. */
static void wait_while_it_goes_on(search *s, int64_t time_ms)
{
    enum { ROUNDS_MAX = 4 };
    for (int round = 0; round < ROUNDS_MAX && s->num_threads > 0; round++) {
        struct timespec deadline = deadline_after(time_ms);
        size_t before = s->num_steps;
        int late = 0;
        while (s->num_threads > 0 && late != ETIMEDOUT)
            late = pthread_cond_timedwait(&s->changed, &s->lock, &deadline);
        if (s->num_steps == before)
            return;
    }
}

found_clients clients_find(arena *a, const char *const *environment, runtime_wanted *is_wanted, int64_t time_ms)
{
    search *s = search_new(environment, is_wanted);
    (void)pthread_mutex_lock(&s->lock);
    start_threads(s);
    wait_while_it_goes_on(s, time_ms);
    found_clients list = collect(a, s);
    s->is_given_up = true; /* whoever is late takes no more */
    (void)pthread_cond_broadcast(&s->changed);
    bool is_over = s->num_threads == 0;
    (void)pthread_mutex_unlock(&s->lock);
    if (is_over) {
        (void)pthread_cond_destroy(&s->changed);
        (void)pthread_mutex_destroy(&s->lock);
        arena_adopt(a, s->arena); /* what was found borrows from its surroundings */
    }
    return list;
}
