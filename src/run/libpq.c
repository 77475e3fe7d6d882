#include "run/libpq.h"

#include "client/trust_program.h"

#include <errno.h>
#include <string.h>

#define FILE_LEN_MAX ((size_t)4 * 1024 * 1024)

/* PostgreSQL's manual, "SSL Support": with these two modes the file has to be there, with the others its absence is no error. A
 * service file may say it as well; that is not read. */
static bool is_told_to_verify(const trust_program *p)
{
    static const char *const modes[] = {"verify-full", "verify-ca"};
    const char *variable = program_variable(p, "PGSSLMODE");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (program_text_has(p, modes[i]) || (variable != NULL && strcmp(variable, modes[i]) == 0))
            return true;
    return false;
}

/* Where a connection string names one, that counts, and credentials.h looks at it. */
static const char *file_looked_for(const trust_program *p, bool *is_default)
{
    const char *named = program_variable(p, "PGSSLROOTCERT"), *home = program_variable(p, "HOME");
    *is_default = named == NULL;
    if (program_text_has(p, "sslrootcert") || program_text_has(p, "service=") || program_variable(p, "PGSERVICE") != NULL)
        return NULL;
    if (named != NULL)
        return strcmp(named, "system") == 0 ? NULL : program_path(p, named);
    return home == NULL ? NULL : arena_printf(p->arena, "%s/.postgresql/root.crt", home);
}

const unusable_credential *libpq_problem(arena *a, const process_snapshot *process)
{
    if (process == NULL || process->has_own_files)
        return NULL;
    const trust_program unread = {.arena = a, .process = process};
    if (program_mapped(&unread, "libpq.so") == NULL)
        return NULL;
    trust_program p = trust_program_read(a, process);
    bool is_default = false;
    bytes_view content;
    const char *file = is_told_to_verify(&p) ? file_looked_for(&p, &is_default) : NULL;
    if (file == NULL || file_read(a, file, FILE_LEN_MAX, &content))
        return NULL;
    unusable_credential *u = ARENA_NEW(a, unusable_credential);
    *u = (unusable_credential){.text = arena_printf(a, "%s cannot be read: %s", file, strerror(errno)),
                               .role = CREDENTIAL_TRUST,
                               .file = file,
                               .is_default = is_default};
    return u;
}
