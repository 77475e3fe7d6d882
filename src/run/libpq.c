#include "run/libpq.h"

#include "client/libpq.h"
#include "client/trust_program.h"

#include <errno.h>
#include <string.h>

#define FILE_LEN_MAX ((size_t)4 * 1024 * 1024)

/* What a script tells libpq in its own code is seen as far as the words stand there. */
static bool script_says(const trust_program *p, const char *word)
{
    return p->client->runtime != RUNTIME_OTHER && program_text_has(p, word);
}

/* Where an argument or a script names a file, credentials.h looks at it. */
static const char *file_looked_for(const trust_program *p, const libpq_trust *told)
{
    bool wants_one = told->wants_root || script_says(p, "verify-full") || script_says(p, "verify-ca");
    bool is_elsewhere = told->is_argument || script_says(p, "sslrootcert") || script_says(p, "service=");
    return wants_one && !is_elsewhere ? told->root : NULL;
}

const unusable_credential *libpq_problem(arena *a, const process_snapshot *process)
{
    if (process == NULL || process->has_own_files || process->exe == NULL)
        return NULL;
    const char *name = base_name(process->exe);
    const client c = {.process = process, .runtime = runtime_of_name(name), .program = name};
    if (!libpq_is_used(&c))
        return NULL;
    trust_program p = trust_program_read(a, process);
    p.client = &c;
    setting_list settings = client_settings(a, &c);
    libpq_trust told = libpq_trust_find(a, &c, &settings);
    bytes_view content;
    const char *file = file_looked_for(&p, &told);
    if (file == NULL || file_read(a, file, FILE_LEN_MAX, &content))
        return NULL;
    unusable_credential *u = ARENA_NEW(a, unusable_credential);
    *u = (unusable_credential){.text = arena_printf(a, "%s cannot be read: %s", file, strerror(errno)),
                               .role = CREDENTIAL_TRUST,
                               .file = file,
                               .is_default = told.is_default};
    return u;
}
