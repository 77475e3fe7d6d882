#include "client/program.h"

#include "client/library_file.h"
#include "client/runtime_module.h"
#include "client/trust_program.h"

#include <unistd.h>

static const char *const *copied(arena *a, const char *const *texts)
{
    size_t num = 0;
    while (texts[num] != NULL)
        num++;
    const char **copy = ARENA_ARRAY(a, num + 1, const char *);
    for (size_t i = 0; i < num; i++)
        copy[i] = arena_printf(a, "%s", texts[i]);
    return copy;
}

program_surroundings program_surroundings_read(arena *a, const char *const *environment)
{
    process_snapshot *process = ARENA_NEW(a, process_snapshot);
    *process = *process_snapshot_read(a, getpid());
    if (environment != NULL)
        process->environment = copied(a, environment);
    return (program_surroundings){.process = process, .linker = linker_read(a, process->environment)};
}

/* As a process of it would have them; argv[0] as it was found, since a virtual environment of Python is told by that. */
static const char *const *arguments_of(arena *a, const executable *found)
{
    const char **argv = ARENA_ARRAY(a, 3, const char *);
    argv[0] = found->path;
    argv[1] = found->script;
    return argv;
}

/* The files that would be mapped: of the program, its runtime's module, and `named` (NULL none), loaded by its name. */
static const char *const *files_of(arena *a, const program_surroundings *s, const executable *found, const char *named)
{
    const char *module = runtime_module_find(a, runtime_of_name(base_name(found->file)), found->file, s->process);
    const char *files[] = {found->file, module == NULL ? named : module, module == NULL ? NULL : named, NULL};
    return linker_closure(a, &s->linker, files);
}

/* The library whose name stands in a program that loads libraries by itself: the first that is there. NULL none. */
static const char *loaded_by_name(arena *a, const program_surroundings *s, const char *program)
{
    enum { NAMES_MAX = 16 };
    const char *names[NAMES_MAX];
    if (!elf_file_imports(program, "dlopen"))
        return NULL;
    size_t num = library_names_in_file(a, program, names, NAMES_MAX);
    for (size_t i = 0; i < num; i++) {
        const char *file = linker_find(a, &s->linker, names[i], program);
        if (file != NULL)
            return file;
    }
    return NULL;
}

static const client *client_with(arena *a, const process_snapshot *process, bool is_loaded_by_name)
{
    client *c = ARENA_NEW(a, client);
    *c = *client_identify(a, process);
    c->is_loaded_by_name = is_loaded_by_name && c->library.kind != LIBRARY_UNKNOWN;
    return c;
}

const client *client_of_program(arena *a, const program_surroundings *s, const char *name, executable *found, error *e)
{
    executable unused;
    elf_file elf;
    executable *out = found == NULL ? &unused : found;
    if (!executable_find(a, s->process, name, out, e) || !elf_file_read(a, out->file, &elf, e))
        return NULL;
    process_snapshot *process = ARENA_NEW(a, process_snapshot);
    *process = (process_snapshot){.exe = out->file,
                                  .working_directory = s->process->working_directory,
                                  .argv = arguments_of(a, out),
                                  .environment = s->process->environment,
                                  .mapped_files = files_of(a, s, out, NULL)};
    const client *c = client_with(a, process, false);
    const char *named = c->library.kind == LIBRARY_UNKNOWN ? loaded_by_name(a, s, out->file) : NULL;
    if (named == NULL)
        return c;
    process->mapped_files = files_of(a, s, out, named);
    return client_with(a, process, true);
}
