#include "client/trust_inner.h"

#include <string.h>

const char *trust_origin_name(enum trust_origin origin)
{
    static const char *const names[] = {"variable", "argument", "file", "text", "opened", "library", "runtime", "system"};
    return names[origin];
}

static bool is_in(const bytes_view *list, size_t num, bytes_view der)
{
    for (size_t i = 0; i < num; i++)
        if (bytes_equal(list[i], der))
            return true;
    return false;
}

enum { HINTS = 1, OTHERS = 2 };

/* The certificates of the hints, of the others, or of both; each once. */
static bytes_view *anchors_of(arena *a, const trust_store *store, unsigned which, size_t *num)
{
    size_t max = 0;
    for (size_t i = 0; i < store->num_sources; i++)
        max += store->sources[i].num_certificates;
    bytes_view *list = ARENA_ARRAY(a, max, bytes_view);
    *num = 0;
    for (size_t i = 0; i < store->num_sources; i++) {
        const trust_source *source = &store->sources[i];
        if ((which & (source->origin == TRUST_FROM_TEXT ? HINTS : OTHERS)) == 0)
            continue;
        for (size_t k = 0; k < source->num_certificates; k++)
            if (!is_in(list, *num, source->certificates[k]))
                list[(*num)++] = source->certificates[k];
    }
    return list;
}

const trust_store *trust_store_find(arena *a, const client *of)
{
    trust_store *store = ARENA_NEW(a, trust_store);
    trust_program p = trust_program_read(a, of == NULL ? NULL : of->process);
    store->program = of == NULL ? "" : of->program;
    if (of != NULL) {
        store->runtime = of->runtime;
        store->library = of->library.kind;
        store->library_version = of->library.version;
        store->library_file = of->library.file;
        /* libssl says which version it is, and libcrypto where it looks; where both are mapped */
        const char *crypto = of->library.kind == LIBRARY_OPENSSL ? program_mapped(&p, "libcrypto") : NULL;
        store->library_file = crypto != NULL ? crypto : store->library_file;
        p.settings = client_settings(a, of);
        p.client = of;
    }
    trust_find_rules(&p, of, store);
    trust_find_sources(&p, store);
    trust_find_others(&p, store);
    store->anchors_hinted = anchors_of(a, store, HINTS, &store->num_anchors_hinted);
    store->anchors_default = anchors_of(a, store, OTHERS, &store->num_anchors_default);
    store->anchors = anchors_of(a, store, store->hint_replaces ? HINTS : HINTS | OTHERS, &store->num_anchors);
    return store;
}

bool trust_source_was_named(const trust_source *source)
{
    bool is_named =
        source->origin == TRUST_FROM_VARIABLE || source->origin == TRUST_FROM_ARGUMENT || source->origin == TRUST_FROM_FILE;
    return is_named && source->named != NULL;
}

const char *trust_source_text(arena *a, const trust_source *source)
{
    const char *from = source->named == NULL                  ? ""
                       : source->origin == TRUST_FROM_LIBRARY ? arena_printf(a, " (compiled into %s)", source->named)
                                                              : arena_printf(a, " (%s)", source->named);
    if (source->origin == TRUST_FROM_FILE)
        from = arena_printf(a, " (%s in %s, line %d)", source->named, source->named_in, source->named_at);
    if (source->origin == TRUST_FROM_TEXT)
        from = source->named == NULL ? " (named by the program's text)"
                                     : arena_printf(a, " (%s, an argument that may be its store)", source->named);
    if (source->num_certificates == 0)
        return arena_printf(a, "%s%s: %s", source->path, from, source->problem == NULL ? "empty" : source->problem);
    return arena_printf(a, "%s%s: %zu certificate%s", source->path, from, source->num_certificates,
                        source->num_certificates == 1 ? "" : "s");
}

/* A hint stands in the place of the others, or beside them; where it was left out of account, the other way about. */
static bool counts_in(const client_judgement *j, const trust_source *source)
{
    bool is_hint = source->origin == TRUST_FROM_TEXT;
    if (!j->store->has_hint)
        return true;
    return j->store->hint_replaces ? is_hint != j->without_hint : is_hint || !j->without_hint;
}

const char *trust_judged_store_text(arena *a, const client_judgement *j)
{
    const char *list = NULL;
    for (size_t i = 0; i < j->store->num_sources; i++) {
        if (!counts_in(j, &j->store->sources[i]))
            continue;
        const char *next = trust_source_text(a, &j->store->sources[i]);
        list = list == NULL ? next : arena_printf(a, "%s; %s", list, next);
    }
    return list == NULL ? "no trust store" : list;
}
