#include "run/verdict_in_full.h"

#include "causes/cause.h"
#include "run/machine_remedies.h"
#include "run/why.h"

/* Of each further obstacle as well, why the client lacks it. */
static void tell_why_of_also(arena *a, verdict *v, const evidence *e, default_hellos *hellos)
{
    for (size_t i = 0; i < v->num_also; i++) {
        verdict other = *v;
        other.cause = v->also[i];
        why w = why_find(a, &other, e, e->client, hellos);
        if (w.kind != WHY_UNKNOWN && w.detail != NULL)
            verdict_add_detail(a, v, arena_printf(a, "As for %s: %s", v->also[i], w.detail));
        verdict_keep_remedies(v, v->also[i], w.kind);
    }
}

const verdict *verdict_in_full(arena *a, const verdict *v, const evidence *e)
{
    verdict *told = verdict_copy(a, v);
    default_hellos *hellos = e->client == NULL ? NULL : default_hellos_new(a, e->client);
    if (told->why.kind == WHY_UNKNOWN) /* else its cause knew */
        told->why = why_find(a, told, e, e->client, hellos);
    verdict_keep_remedies(told, NULL, told->why.kind);
    tell_why_of_also(a, told, e, hellos);
    default_hellos_end(hellos);
    remedies_of_machine(a, told, e);
    return told;
}
