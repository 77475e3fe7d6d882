/* The trust store of a program of its own kind: by the option or the variable that names it, as store_naming.h has it. */
#include "client/overlay_inner.h"
#include "client/store_naming.h"

#include <string.h>

typedef struct told {
    store_naming now, next; /* what names its store; what is to name the other one */
    bool has_now;
} told;

static bool find(const overlay_asked *q, told *out)
{
    const setting_list settings = client_settings(q->arena, q->client);
    out->has_now = store_naming_find(q->arena, q->client, &settings, false, &out->now);
    if (out->has_now && out->now.is_argument) {
        out->next = out->now;
        return true;
    }
    return store_naming_known(q->arena, q->client, out->has_now ? &out->now : NULL, &out->next);
}

/* The argument with that path in the place of the one that stands there. */
static const char *with_path(arena *a, const char *argument, const store_naming *n, const char *path)
{
    bytes_view all = bytes_from_text(argument);
    const char *old = n->is_inside ? n->written : n->value;
    size_t at = bytes_find(all, old, 0);
    if (at >= all.len)
        return path;
    return arena_printf(a, "%s%s%s%s", bytes_to_text(a, bytes_slice(all, 0, at)), n->is_inside ? n->before : "", path,
                        argument + at + strlen(old));
}

/* What has to stand first of all (mariadb(1), "--defaults-file"). */
static bool stays_first(const char *argument)
{
    return argument != NULL &&
           (strncmp(argument, "--defaults-", strlen("--defaults-")) == 0 || strcmp(argument, "--no-defaults") == 0);
}

static const char *const *command_with(const overlay_asked *q, const told *t, size_t place, size_t num_words, const char *path)
{
    const char **list = ARENA_ARRAY(q->arena, num_words + 3, const char *);
    size_t num = 0, first = place + 1 + stays_first(q->command[place + 1]);
    bool is_there = t->has_now && t->now.is_argument;
    for (size_t i = 0; i <= num_words; i++) {
        if (!is_there && i == first) {
            list[num++] = t->next.name;
            list[num++] = path;
        }
        if (i < num_words)
            list[num++] =
                is_there && i == place + t->now.argument ? with_path(q->arena, q->command[i], &t->now, path) : q->command[i];
    }
    list[num] = NULL;
    return list;
}

static bool by_option(const overlay_asked *q, const told *t, overlay *out)
{
    size_t num_words, place = overlay_place_in_command(q, &num_words);
    if (place == num_words)
        return false;
    const char *path = overlay_trust_path(q, out);
    out->argv = command_with(q, t, place, num_words, path);
    out->how = arena_printf(q->arena, "%s%s", t->next.before, path);
    out->permanent = arena_printf(q->arena, "To keep it: %s with that.", q->client->program);
    return true;
}

bool overlay_store_is_told(const overlay_asked *q)
{
    told t;
    return find(q, &t);
}

bool by_told_store(const overlay_asked *q, overlay *out)
{
    told t;
    if (wish_parts(q->wish) != WISH_TRUST || !find(q, &t))
        return false;
    return t.next.is_argument ? by_option(q, &t, out) : overlay_trust_by_variable(q, t.next.name, out);
}
