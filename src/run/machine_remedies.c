#include "run/machine_remedies.h"

#include "causes/cause.h"
#include "causes/weak.h"
#include "client/overlay.h"
#include "client/trust_store.h"
#include "run/other_client.h"
#include "run/packages.h"
#include "run/why_store.h"

#include <string.h>

static bool is_weak(const verdict *v)
{
    const change_set *set = v->changes;
    for (size_t i = 0; set != NULL && i < set->num_changes; i++)
        if (change_is_weak(&set->changes[i]))
            return true;
    return false;
}

/* What stands in a file of policy holds for every program that reads it. */
static void add_policy(arena *a, verdict *v)
{
    if (v->why.kind != WHY_POLICY || v->why.file == NULL || v->why.line == 0)
        return;
    const char *does = why_store_is_asked(v->cause) ? "names that store" : "forbids it";
    verdict_add_remedy(a, v,
                       (remedy){.who = REMEDY_SYSTEM,
                                .text = arena_printf(a, "Change line %d of %s, which %s: that is for every program that reads it.",
                                                     v->why.line, v->why.file, does),
                                .lowers_security = is_weak(v) ? LOWERS_THIS_MACHINE : LOWERS_NONE});
}

/* Where the file is the library's alone, as GnuTLS's, a copy without the line serves this program alone. */
static void add_copy_of_policy(arena *a, verdict *v, const evidence *e)
{
    bool is_gnutls = e->client->library.kind == LIBRARY_GNUTLS;
    if (v->why.kind != WHY_POLICY || v->why.file == NULL || v->why.line == 0 || !is_gnutls)
        return;
    verdict_add_remedy(
        a, v,
        (remedy){.who = REMEDY_CLIENT,
                 .text = "For this program alone, by a copy of that file without the line:",
                 .command = arena_printf(a,
                                         "sed %dd %s > own-gnutls.conf && GNUTLS_SYSTEM_PRIORITY_FILE=own-gnutls.conf "
                                         "%s ...",
                                         v->why.line, shell_quoted(a, v->why.file), e->client->program),
                 .lowers_security = is_weak(v) ? LOWERS_THIS_PROGRAM : LOWERS_NONE});
}

static void add_package(arena *a, verdict *v, const evidence *e)
{
    bool is_roots = strcmp(v->cause, "trust-store-missing") == 0 && trust_system_file() == NULL,
         is_library = v->why.kind == WHY_LIBRARY && !v->why.is_for_good;
    const char *command = is_roots ? package_for_roots(a) : is_library ? package_for_runtime(a, e->client) : NULL;
    if (command != NULL)
        verdict_add_remedy(a, v,
                           (remedy){.who = REMEDY_SYSTEM,
                                    .text = is_roots ? "Install the system's roots, where they are missing."
                                                     : "Install a newer one, where this is to be had:",
                                    .command = command});
}

static void add_other_client(arena *a, verdict *v, const evidence *e)
{
    remedy other;
    bool is_library = v->why.kind == WHY_LIBRARY || v->why.kind == WHY_BUILD;
    if (is_library && other_client_find(a, v, e, &other))
        verdict_add_remedy(a, v, other);
}

/* A library that lacks it does not offer it for any setting, whatever a hello of ours may have. */
static void drop_settings(verdict *v)
{
    size_t kept = 0;
    for (size_t i = 0; i < v->num_remedies; i++)
        if (!v->remedies[i].is_verified_by_hello)
            v->remedies[kept++] = v->remedies[i];
    v->num_remedies = kept;
}

void remedies_of_machine(arena *a, verdict *v, const evidence *e)
{
    if (e->client == NULL)
        return;
    if (v->why.kind == WHY_LIBRARY || v->why.kind == WHY_BUILD)
        drop_settings(v);
    add_copy_of_policy(a, v, e);
    add_policy(a, v);
    add_package(a, v, e);
    if (!e->is_default)
        add_other_client(a, v, e);
}
