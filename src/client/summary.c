#include "client/summary.h"

#include "client/settled_library.h"

#include "client/default_hello.h"
#include "client/library_versions.h"
#include "client/trust_program.h"
#include "registry/registry.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_WORDS_TIMEOUT_MS ((int64_t)5000)

static const uint16_t told_versions[SUMMARY_VERSIONS] = {VERSION_SSL2,  VERSION_SSL3,  VERSION_TLS10,
                                                         VERSION_TLS11, VERSION_TLS12, VERSION_TLS13};

/* ---- versions -------------------------------------------------------------------------------------------------------------- */

static enum summary_answer answer(bool known, bool yes)
{
    return !known ? SUMMARY_UNKNOWN : yes ? SUMMARY_YES : SUMMARY_NO;
}

void summary_versions_told(arena *a, const client *c, summary_version out[SUMMARY_VERSIONS])
{
    library_default by_default;
    code_list can = library_versions(a, &c->library);
    bool has_default = library_default_find(&c->library, &by_default);
    for (size_t i = 0; i < SUMMARY_VERSIONS; i++) {
        uint16_t v = told_versions[i];
        enum summary_answer able = answer(can.num_codes > 0, codes_contain(can, v));
        enum summary_answer offered = answer(has_default, v >= by_default.version_min && v <= by_default.version_max);
        out[i] = (summary_version){.version = v, .can = able, .by_default = offered, .by_policy = SUMMARY_UNKNOWN};
    }
}

uint16_t summary_version_max(arena *a, const client *c)
{
    return codes_max(library_versions(a, &c->library));
}

/* A hello up to TLS 1.2 names its highest version alone: what is below it is not said. */
static enum summary_answer offers(arena *a, const client_hello *hello, uint16_t version)
{
    bool states_all = client_hello_version_min_stated(hello) != 0;
    if (version > client_hello_version_max(hello))
        return SUMMARY_NO;
    if (!states_all && version < client_hello_version_max(hello))
        return SUMMARY_UNKNOWN;
    return codes_contain(client_hello_versions(a, hello), version) ? SUMMARY_YES : SUMMARY_NO;
}

/* `open`: what it sends without a policy around it; NULL not known. */
static void take_versions(arena *a, client_summary *p, const client_hello *open)
{
    summary_versions_told(a, p->client, p->versions);
    for (size_t i = 0; i < SUMMARY_VERSIONS; i++) {
        summary_version *v = &p->versions[i];
        enum summary_answer now = p->has_hello ? offers(a, &p->hello, v->version) : SUMMARY_UNKNOWN;
        enum summary_answer plain = open != NULL ? offers(a, open, v->version) : SUMMARY_UNKNOWN;
        if (plain != SUMMARY_UNKNOWN)
            v->by_default = plain;
        v->by_policy = now == SUMMARY_UNKNOWN && p->has_hello ? v->by_default : now;
        if (v->by_policy == SUMMARY_YES || v->by_default == SUMMARY_YES)
            v->can = SUMMARY_YES;
    }
}

/* ---- what would mislead ---------------------------------------------------------------------------------------------------------
 */

static void note(client_summary *p, const char *text)
{
    if (p->num_notes < SUMMARY_NOTES_MAX)
        p->notes[p->num_notes++] = text;
}

/* The command that people look at to learn about a library. */
static const struct {
    enum library_kind kind;
    const char *command;
} commands[] = {{LIBRARY_OPENSSL, "openssl"}, {LIBRARY_LIBRESSL, "openssl"}, {LIBRARY_GNUTLS, "gnutls-cli"}};

static const char *called(const client *c)
{
    const char *name = runtime_name(c->runtime);
    return name != NULL ? name : c->program[0] != '\0' ? c->program : "program";
}

/* "`openssl` on your PATH is 3.0.19; this Python does not use it". Said also where the client has no such library at all. */
static void note_other_command(arena *a, const program_surroundings *s, client_summary *p)
{
    const client *c = p->client;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        bool is_asked = commands[i].kind == c->library.kind || (i == 0 && c->library.kind != LIBRARY_GNUTLS);
        const client *other = !is_asked ? NULL : client_of_program(a, s, commands[i].command, NULL, NULL);
        if (other == NULL || other->library.version == NULL || strcmp(c->program, commands[i].command) == 0 ||
            is_same_file(other->library.file, c->library.file))
            continue;
        note(p, arena_printf(a, "`%s` on your PATH is %s %s (%s); this %s does not use it.", commands[i].command,
                             library_name(other->library.kind), other->library.version, other->library.file, called(c)));
        return;
    }
}

static void note_two_libraries(arena *a, client_summary *p, client *c)
{
    const tls_library *library = &p->client->library;
    if (p->has_hello && library_settle(a, &c->library, &p->hello))
        note(p, arena_printf(a, "%s is in the same file, but the hello that it sends by default is one of %s.", library->also,
                             library_name(library->kind)));
    else if (library->also != NULL)
        note(p,
             arena_printf(a, "%s is in the same file; which of the two is used is seen when it runs: `tlswhy run -v -- COMMAND`.",
                          library->also));
}

static void note_own_words(arena *a, client_summary *p, client *c)
{
    const char *version = own_words_library_version(a, &p->said, c->library.kind);
    if (version == NULL || c->library.version == NULL || strcmp(version, c->library.version) == 0)
        return;
    if (p->said.is_built_with) {
        note(p, arena_printf(a, "This %s was built with %s %s, and says so; it uses %s.", called(c), library_name(c->library.kind),
                             version, c->library.version));
        return;
    }
    note(p, arena_printf(a, "Its files say %s %s; it says %s of itself, which counts.", library_name(c->library.kind),
                         c->library.version, version));
    c->library.version = version;
}

/* ---- the whole
 * -------------------------------------------------------------------------------------------------------------------- */

/* A process of another user, or with a root of its own, is not started again: its program would run with our rights, or be another
 * one of that name. */
static bool may_start(arena *a, const process_snapshot *process)
{
    struct stat is, ours, theirs;
    if (process->pid == 0)
        return true;
    return stat(arena_printf(a, "/proc/%d", process->pid), &is) == 0 && is.st_uid == geteuid() && stat("/", &ours) == 0 &&
           stat(arena_printf(a, "/proc/%d/root/", process->pid), &theirs) == 0 && ours.st_dev == theirs.st_dev &&
           ours.st_ino == theirs.st_ino;
}

static const char *no_hello_because(const client *c, bool is_started)
{
    if (!is_started)
        return "a process of another user, or of a container, is not started again to be asked";
    return c->runtime == RUNTIME_OTHER || c->runtime == RUNTIME_GO
               ? "how to make this program connect is not known; `tlswhy run -v -- COMMAND` shows what it sends"
               : "it sent none when it was asked to connect to a socket of ours";
}

static void fill_files(arena *a, const client *c, client_summary *p)
{
    p->store = trust_store_find(a, c);
    p->settings = client_settings(a, c);
    p->settings_file_exists = p->settings.file != NULL && access(p->settings.file, F_OK) == 0;
}

/* What it says and sends when it is started, and what its files tell meanwhile. */
static void ask(arena *a, const client *c, default_hellos *hellos, client_summary *p)
{
    default_hellos_begin(hellos, SURROUNDINGS_AS_THEY_ARE);
    default_hellos_begin(hellos, SURROUNDINGS_WITHOUT_POLICY);
    fill_files(a, c, p);
    p->said = client_own_words(a, c, OWN_WORDS_TIMEOUT_MS);
    p->has_hello = default_hellos_wait(hellos, SURROUNDINGS_AS_THEY_ARE, &p->hello);
}

/* Of what its files tell; `c` may be corrected by what it says itself. */
static void fill(arena *a, const program_surroundings *s, client *c, client_summary *p)
{
    client_hello open;
    p->client = c;
    if (c->process->exe != NULL && !elf_file_read(a, c->process->exe, &p->elf, NULL))
        p->elf = (elf_file){.needed = NULL};
    if (c->library.kind == LIBRARY_UNKNOWN)
        return;
    bool is_started = may_start(a, c->process);
    default_hellos *hellos = default_hellos_new(a, c);
    if (is_started)
        ask(a, c, hellos, p);
    else
        fill_files(a, c, p);
    bool is_open = is_started && default_hellos_wait(hellos, SURROUNDINGS_WITHOUT_POLICY, &open);
    default_hellos_end(hellos);
    p->no_hello_for = p->has_hello ? NULL : no_hello_because(c, is_started);
    p->runtime_version = c->runtime == RUNTIME_GO || c->runtime == RUNTIME_JAVA ? c->library.version : p->said.runtime_version;
    note_own_words(a, p, c);
    note_two_libraries(a, p, c);
    note_other_command(a, s, p);
    take_versions(a, p, is_open ? &open : NULL);
}

static client *copy_of(arena *a, const client *c)
{
    client *copy = ARENA_NEW(a, client);
    *copy = *c;
    return copy;
}

const client_summary *summary_of_program(arena *a, const char *name, error *e)
{
    client_summary *p = ARENA_NEW(a, client_summary);
    program_surroundings s = program_surroundings_read(a, NULL);
    const client *c = client_of_program(a, &s, name, &p->found, e);
    if (c == NULL)
        return NULL;
    fill(a, &s, copy_of(a, c), p);
    return p;
}

/* What can be told of a process that may not be read: its command line is open to all. */
static const client *client_from_outside(arena *a, const program_surroundings *s, const process_snapshot *process,
                                         client_summary *p, error *e)
{
    const char *name = process->argv == NULL ? NULL : process->argv[0];
    error why = {.code = ERROR_NONE};
    if (name == NULL || name[0] == '\0') {
        (void)error_set(e, ERROR_UNSUPPORTED, "process %d has no program file that can be seen: it is the kernel's, or has ended",
                        process->pid);
        return NULL;
    }
    const client *c = client_of_program(a, s, name, &p->found, &why);
    if (c == NULL) {
        (void)error_set(
            e, ERROR_UNSUPPORTED,
            "process %d may not be read, and what its command line names is not found here (%s). `tlswhy run` in front of "
            "its command would see what it uses",
            process->pid, why.message);
        return NULL;
    }
    note(p, arena_printf(a,
                         "Process %d may not be read: it is another user's, or protects itself. This is what a program of its name "
                         "(%s) would use. `tlswhy run` in front of its command would see what it does use; so would root.",
                         process->pid, name));
    return c;
}

/* An interpreter loads its library when a program of it first wants one. Until then it is what the file would load. */
static const client *client_from_inside(arena *a, const process_snapshot *process, client_summary *p)
{
    const client *now = client_identify(a, process), *later = NULL;
    if (now->library.kind != LIBRARY_UNKNOWN || now->runtime == RUNTIME_OTHER)
        return now;
    if (may_start(a, process)) { /* its files are those that we see */
        program_surroundings theirs = program_surroundings_read(a, process->environment);
        later = client_of_program(a, &theirs, process->exe, &p->found, NULL);
    }
    bool is_known = later != NULL && later->library.kind != LIBRARY_UNKNOWN;
    note(p, arena_printf(a, "Process %d has loaded no TLS library so far.%s", process->pid,
                         is_known ? " This is what it would load when its program wants one." : ""));
    return is_known ? later : now;
}

const client_summary *summary_of_process(arena *a, int pid, error *e)
{
    client_summary *p = ARENA_NEW(a, client_summary);
    program_surroundings s = program_surroundings_read(a, NULL);
    struct stat is;
    if (stat(arena_printf(a, "/proc/%d", pid), &is) != 0) {
        (void)error_set(e, ERROR_NOT_FOUND, "there is no process %d", pid);
        return NULL;
    }
    const process_snapshot *process = process_snapshot_read(a, pid);
    p->pid = pid;
    bool is_open = process->exe != NULL && process->mapped_files != NULL && process->mapped_files[0] != NULL;
    const client *c = is_open ? client_from_inside(a, process, p) : client_from_outside(a, &s, process, p, e);
    if (c == NULL)
        return NULL;
    fill(a, &s, copy_of(a, c), p);
    return p;
}
