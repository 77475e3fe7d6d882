#include "report/server_differences.h"

#include "report/json_values.h"
#include "report/report.h"

#include <string.h>

enum { DEPTH_MAX = 32, DIFFERENCES_MAX = 256, VALUE_SHOWN_MAX = 160, NAMES_SHOWN_MAX = 2000 };

/* ---- finding ----------------------------------------------------------------------------------------------------------- */

static void compare_values(arena *a, server_differences *out, const char *path, json_t *before, json_t *now, int depth);

static void differ(server_differences *out, const char *path, json_t *before, json_t *now)
{
    if (out->num_differences < DIFFERENCES_MAX)
        out->differences[out->num_differences++] =
            (server_difference){.path = path, .key = out->key, .before = before, .now = now, .in = out->in, .at = out->at};
}

/* What tells of the asking and not of the server, or follows from what is compared anyway. */
static bool is_of_the_asking(const char *key)
{
    static const char *const keys[] = {"started",       "tlswhy",       "probes", "differences", "limit",
                                       "openssl_names", "gnutls_names", "der",    "compared"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

/* What an element of a list is called: by its own name; NULL where it has none. */
static const char *element_name(const json_t *element)
{
    static const char *const naming[] = {"address", "version", "id"};
    for (size_t i = 0; i < sizeof naming / sizeof *naming; i++) {
        const char *name = json_string_value(json_object_get(element, naming[i]));
        if (name != NULL)
            return name;
    }
    return NULL;
}

/* The element of that name; where it has none, the one of that place. */
static json_t *element_like(const json_t *list, const char *name, size_t index)
{
    for (size_t i = 0; name != NULL && i < json_array_size(list); i++) {
        const char *other = element_name(json_array_get(list, i));
        if (other != NULL && strcmp(name, other) == 0)
            return json_array_get(list, i);
    }
    return name == NULL ? json_array_get(list, index) : NULL;
}

static bool is_list_of_objects(const json_t *value)
{
    return json_is_array(value) && json_is_object(json_array_get(value, 0));
}

/* Those of `list` that the other has too are compared once, with `both`; the others are differences. */
static void compare_elements(arena *a, server_differences *out, const char *path, json_t *list, json_t *other, bool both, int depth)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *element = json_array_get(list, i);
        const char *name = element_name(element);
        json_t *like = element_like(other, name, i);
        const char *at = name != NULL ? arena_printf(a, "%s[%s]", path, name) : arena_printf(a, "%s[%zu]", path, i);
        if (strcmp(path, "addresses") == 0)
            out->at = (server_pair){.before = both ? like : element, .now = both ? element : like};
        if (both)
            compare_values(a, out, at, like, element, depth + 1);
        else if (like == NULL)
            differ(out, at, element, NULL);
    }
}

/* Those that are gone after all others. */
static void compare_lists(arena *a, server_differences *out, const char *path, json_t *before, json_t *now, int depth)
{
    const char *key = out->key;
    server_pair in = out->in;
    compare_elements(a, out, path, now, before, true, depth);
    out->key = key;
    out->in = in;
    compare_elements(a, out, path, before, now, false, depth);
}

static void compare_members(arena *a, server_differences *out, const char *path, json_t *before, json_t *now, int depth)
{
    const char *key;
    json_t *value;
    json_object_foreach(now, key, value)
    {
        json_t *then = json_object_get(before, key);
        out->in = (server_pair){.before = before, .now = now};
        out->key = key;
        if (!is_of_the_asking(key) && then != NULL) /* an older tlswhy did not say it: the server may have done so even then */
            compare_values(a, out, path[0] == '\0' ? bytes_to_text(a, bytes_from_text(key)) : arena_printf(a, "%s.%s", path, key),
                           then, value, depth + 1);
    }
}

static void compare_values(arena *a, server_differences *out, const char *path, json_t *before, json_t *now, int depth)
{
    if (depth > DEPTH_MAX || json_equal(before, now))
        return;
    if (json_is_object(before) && json_is_object(now)) {
        compare_members(a, out, path, before, now, depth);
    } else if (is_list_of_objects(before) && is_list_of_objects(now)) {
        compare_lists(a, out, path, before, now, depth);
    } else {
        differ(out, path, before, now);
    }
}

server_differences server_differences_between(arena *a, json_t *before, json_t *now)
{
    server_differences out = {.differences = ARENA_ARRAY(a, DIFFERENCES_MAX, server_difference), .before = before, .now = now};
    compare_values(a, &out, "", before, now, 0);
    return out;
}

void server_differences_free(server_differences *d)
{
    json_decref(d->before);
    json_decref(d->now);
}

size_t server_report_base(const server_report *r)
{
    for (size_t i = 0; i < r->num_addresses; i++)
        if (server_speaks_tls(r->addresses[i].server))
            return i;
    return 0;
}

server_differences server_address_differences(arena *a, const server_at *base, const server_at *other)
{
    json_t *before = server_address_json(a, base), *now = server_address_json(a, other);
    json_object_del(before, "address");
    json_object_del(now, "address");
    return server_differences_between(a, before, now);
}

/* ---- telling ----------------------------------------------------------------------------------------------------------- */

/* "CN=localhost" of a certificate, or of a chain by its first; NULL of anything else. */
static const char *subject_of(const json_t *value)
{
    const json_t *leaf = json_array_get(json_object_get(value, "certificates"), 0);
    return json_string_value(json_object_get(leaf == NULL ? value : leaf, "subject"));
}

static const char *subjects_text(arena *a, const json_t *list)
{
    const char *text = "";
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *subject = subject_of(json_array_get(list, i));
        if (subject == NULL)
            return NULL;
        text = arena_printf(a, "%s%s%s", text, i == 0 ? "" : "; ", text_escape(a, bytes_from_text(subject), VALUE_SHOWN_MAX));
    }
    return text;
}

static const char *shown(arena *a, const json_t *value)
{
    if (json_is_array(value) && json_array_size(value) == 0)
        return "none";
    if (subject_of(value) != NULL)
        return text_escape(a, bytes_from_text(subject_of(value)), VALUE_SHOWN_MAX);
    if (json_is_array(value) && subjects_text(a, value) != NULL)
        return subjects_text(a, value);
    if (json_is_boolean(value))
        return json_is_true(value) ? "yes" : "no";
    if (json_is_null(value))
        return "unknown";
    if (json_is_string(value))
        return text_escape(a, bytes_from_text(json_string_value(value)), VALUE_SHOWN_MAX);
    char *dumped = value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *out = dumped == NULL ? "nothing" : text_escape(a, bytes_from_text(dumped), VALUE_SHOWN_MAX);
    free(dumped);
    return out;
}

static bool has_name(const json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *other = json_string_value(json_array_get(list, i));
        if (other != NULL && name != NULL && strcmp(name, other) == 0)
            return true;
    }
    return false;
}

/* The names of one list that are not in the other, or NULL. */
static const char *names_without(arena *a, const json_t *list, const json_t *unwanted)
{
    const char *names = NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (name != NULL && !has_name(unwanted, name))
            names = names == NULL ? name : arena_printf(a, "%s, %s", names, name);
    }
    return names == NULL ? NULL : text_escape(a, bytes_from_text(names), NAMES_SHOWN_MAX);
}

bool server_names_has_more(const json_t *list, const json_t *other)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!has_name(other, json_string_value(json_array_get(list, i))))
            return true;
    return false;
}

/* An empty one is one too. */
static bool is_list_of_names(const json_t *value)
{
    return json_is_array(value) && (json_array_size(value) == 0 || json_is_string(json_array_get(value, 0)));
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Whether another difference says of the same object that it is accepted here and not there. */
static bool differs_whether_accepted(const server_differences *found, const char *path)
{
    size_t object_len = (size_t)(strrchr(path, '.') - path) + 1;
    for (size_t i = 0; i < found->num_differences; i++) {
        const char *other = found->differences[i].path;
        if (strncmp(other, path, object_len) == 0 && strcmp(other + object_len, "accepted") == 0)
            return true;
    }
    return false;
}

bool server_difference_follows(const server_differences *found, size_t index)
{
    const server_difference *d = &found->differences[index];
    if (strncmp(d->path, "facts[", strlen("facts[")) == 0 && (d->before == NULL || d->now == NULL))
        return true;
    bool is_of_a_list = ends_with(d->path, ".order") || ends_with(d->path, ".order_settled") || ends_with(d->path, ".equal") ||
                        ends_with(d->path, ".complete") || ends_with(d->path, ".others_refused_by");
    return is_of_a_list && differs_whether_accepted(found, d->path);
}

const char *server_difference_text(arena *a, const server_difference *d, const char *was, const char *is)
{
    const char *path = text_escape(a, bytes_from_text(d->path), VALUE_SHOWN_MAX);
    if (strcmp(d->key, "addresses") == 0 && (d->before == NULL || d->now == NULL))
        return arena_printf(a, "%s: %s", path, d->now == NULL ? "is no address of it any more" : "is a new address of it");
    if (!is_list_of_names(d->before) || !is_list_of_names(d->now))
        return arena_printf(a, "%s: %s %s, %s %s", path, was, shown(a, d->before), is, shown(a, d->now));
    const char *gone = names_without(a, d->before, d->now), *added = names_without(a, d->now, d->before);
    if (gone == NULL && added == NULL)
        return arena_printf(a, "%s: in another order: %s %s, %s %s", path, was, shown(a, d->before), is, shown(a, d->now));
    return arena_printf(a, "%s:%s%s%s%s%s", path, gone == NULL ? "" : " without ", gone == NULL ? "" : gone,
                        gone != NULL && added != NULL ? ";" : "", added == NULL ? "" : " with ", added == NULL ? "" : added);
}

/* What any report has, of whatever version. */
static bool has_addresses(const json_t *document)
{
    json_t *addresses = json_object_get(document, "addresses");
    for (size_t i = 0; i < json_array_size(addresses); i++)
        if (!json_is_array(json_object_get(json_array_get(addresses, i), "versions")))
            return false;
    return json_array_size(addresses) > 0;
}

/* The document; NULL where it is none of ours. */
json_t *server_report_read(const char *text, error *e)
{
    json_error_t wrong;
    json_t *document = json_loads(text, 0, &wrong);
    const char *schema = json_string_value(json_object_get(document, "schema"));
    if (document == NULL)
        (void)error_set(e, ERROR_MALFORMED, "no JSON: line %d: %s", wrong.line, wrong.text);
    else if (schema == NULL || strcmp(schema, "tlswhy.server/1") != 0)
        (void)error_set(e, ERROR_MALFORMED, "no report of tlswhy server: its schema is not tlswhy.server/1");
    else if (!has_addresses(document))
        (void)error_set(e, ERROR_MALFORMED, "no whole report of tlswhy server: it tells of no address");
    else
        return document;
    json_decref(document);
    return NULL;
}

bool server_report_is_readable(const char *text, error *e)
{
    json_t *document = server_report_read(text, e);
    json_decref(document);
    return document != NULL;
}
