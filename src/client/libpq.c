#include "client/libpq.h"

#include "client/narrowing_option.h"
#include "client/reach.h"

#include <string.h>
#include <unistd.h>

/* PostgreSQL's manual, "PostgreSQL Client Applications", "Additional Supplied Programs": their names begin so. */
static const char *const own_programs[] = {"psql",   "pg_",        "pgbench",  "vacuumdb",  "vacuumlo",  "createdb",
                                           "dropdb", "createuser", "dropuser", "reindexdb", "clusterdb", "oid2name"};

/* Of a connection string ("Connection Strings"). */
static const char *const uris[] = {"postgresql://", "postgres://"};
static const char *const words[] = {"sslmode", "sslrootcert", "dbname="};

static bool is_own_program(const client *c)
{
    for (size_t i = 0; i < sizeof own_programs / sizeof *own_programs; i++)
        if (strncmp(c->program, own_programs[i], strlen(own_programs[i])) == 0)
            return true;
    return false;
}

bool libpq_is_uri(bytes_view text)
{
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++)
        if (bytes_find(text, uris[i], 0) < text.len)
            return true;
    return false;
}

static bool is_connection_string(const char *argument)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(argument, words[i]) != NULL)
            return true;
    return libpq_is_uri(bytes_from_text(argument));
}

static bool has_connection_string(const process_snapshot *process)
{
    const char *const *argv = process->argv;
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++)
        if (is_connection_string(argv[i]))
            return true;
    return false;
}

bool libpq_is_used(const client *c)
{
    if (c == NULL || c->process == NULL)
        return false;
    if (c->runtime == RUNTIME_OTHER && is_own_program(c))
        return true;
    return mapped_file(c->process, "libpq.so") != NULL && (c->runtime != RUNTIME_OTHER || has_connection_string(c->process));
}

static bool is_one_that_verifies(const char *mode)
{
    return strncmp(mode, "verify-", strlen("verify-")) == 0;
}

/* PostgreSQL's manual, "SSL Support" and "sslrootcert": a mode that asks for no verification verifies all the same where the file
 * is there; "system" takes the system's store, and then the mode is verify-full if nothing else is told (PostgreSQL 16). */
libpq_trust libpq_trust_find(arena *a, const client *c, const setting_list *settings)
{
    option_told mode = narrowing_option_told(a, c, settings, "sslmode"),
                root = narrowing_option_told(a, c, settings, "sslrootcert");
    bool is_system = root.value != NULL && strcmp(root.value, "system") == 0;
    const char *value = mode.value != NULL ? mode.value : is_system ? "verify-full" : "prefer";
    const char *file = root.value != NULL ? root.value : settings_in_folder(a, c, "HOME", ".postgresql/root.crt");
    libpq_trust t = {.mode = value, .mode_name = mode.name, .is_default = root.value == NULL, .is_argument = root.is_argument};
    t.root = is_system || file == NULL ? NULL : process_path(a, c->process, file);
    t.wants_root = is_one_that_verifies(value);
    t.compares_names = strcmp(value, "verify-full") == 0;
    t.verifies = t.wants_root || is_system || (t.root != NULL && access(t.root, F_OK) == 0);
    return t;
}
