/* What servers accept as one JSON document, as doc/schema/server.schema.json describes it. */
#include "registry/registry.h"
#include "report/certificate_json.h"
#include "report/json_values.h"
#include "report/report.h"
#include "report/server_report.h"

#include <string.h>

enum { DEPTH_MAX = 32, DIFFERENCES_MAX = 256, VALUE_SHOWN_MAX = 160 };

static json_t *known(enum known k)
{
    return k == KNOWN_UNKNOWN ? json_null() : json_boolean(k == KNOWN_YES);
}

static json_t *accepted_object(arena *a, const accepted_list *list, const char *(*name)(arena *, uint16_t))
{
    json_t *object = json_object();
    bool was_refused = list->accepted == KNOWN_NO || list->refusal.kind != ANSWER_ACCEPTED || list->refusal.version != 0;
    json_object_set_new(object, "accepted", known(list->accepted));
    json_object_set_new(object, "names", json_of_codes(a, list->codes, name));
    json_object_set_new(object, "order", json_string(server_order_name(list->order)));
    json_object_set_new(object, "complete", json_boolean(list->is_complete));
    json_object_set_new(object, "others_refused_by", was_refused ? json_of_text(a, refusal_text(a, &list->refusal)) : json_null());
    return object;
}

static json_t *version_array(arena *a, const server *s)
{
    json_t *array = json_array();
    for (size_t i = 0; i < SERVER_VERSIONS_MAX; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "version", json_string(version_name(a, s->versions[i].version)));
        json_object_set_new(object, "suites", accepted_object(a, &s->versions[i].suites, cipher_suite_name));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *finding_array(arena *a, const trust_judgement *j)
{
    json_t *array = json_array();
    for (size_t i = 0; j != NULL && i < j->num_findings; i++)
        json_array_append_new(array, json_pack("{s:s, s:o}", "cause", trust_kind_cause(j->findings[i].kind), "detail",
                                               json_of_text(a, j->findings[i].detail)));
    return array;
}

static json_t *chain_array(arena *a, const server_at *at)
{
    json_t *array = json_array();
    for (size_t i = 0; i < at->server->num_chains; i++) {
        const server_chain *chain = &at->server->chains[i];
        json_t *object = json_object(), *certificates = json_array();
        for (size_t k = 0; k < chain->num_certificates && k < 32; k++)
            json_array_append_new(certificates, certificate_to_json(a, chain->certificates[k]));
        json_object_set_new(object, "certificates", certificates);
        json_object_set_new(object, "signature_schemes", json_of_codes(a, chain->schemes, signature_scheme_name));
        json_object_set_new(object, "trusted",
                            at->judgements[i] == NULL ? json_null() : json_boolean(at->judgements[i]->num_findings == 0));
        json_object_set_new(object, "findings", finding_array(a, at->judgements[i]));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *fact_array(arena *a, const server *s)
{
    json_t *array = json_array();
    for (size_t i = 0; i < s->num_facts; i++) {
        const server_fact *fact = &s->facts[i];
        json_t *object = json_object();
        json_object_set_new(object, "id", json_string(fact->id));
        json_object_set_new(object, "value", known(fact->known));
        json_object_set_new(object, "refused_by",
                            fact->was_refused ? json_of_text(a, refusal_text(a, &fact->refusal)) : json_null());
        json_object_set_new(object, "detail", json_of_text(a, fact->detail));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *text_array(arena *a, const char *const *items, size_t num_items)
{
    json_t *array = json_array();
    for (size_t i = 0; i < num_items; i++)
        json_array_append_new(array, json_of_text(a, items[i]));
    return array;
}

static json_t *address_object(arena *a, const server_at *at)
{
    const server *s = at->server;
    json_t *object = json_object(), *sizes = json_array();
    for (size_t i = 0; i < s->num_group_sizes; i++)
        json_array_append_new(sizes, json_integer((json_int_t)s->group_sizes[i]));
    json_object_set_new(object, "address", json_of_text(a, at->address));
    json_object_set_new(object, "versions", version_array(a, s));
    json_object_set_new(object, "groups_tls13", accepted_object(a, &s->groups_tls13, group_name));
    json_object_set_new(object, "groups_tls12", accepted_object(a, &s->groups_tls12, group_name));
    json_object_set_new(object, "finite_field_bits", sizes);
    json_object_set_new(object, "signature_schemes_tls13", accepted_object(a, &s->schemes_tls13, signature_scheme_name));
    json_object_set_new(object, "signature_schemes_tls12", accepted_object(a, &s->schemes_tls12, signature_scheme_name));
    json_object_set_new(object, "chains", chain_array(a, at));
    json_object_set_new(object, "facts", fact_array(a, s));
    json_object_set_new(object, "client_certificate_issuers", text_array(a, s->issuers, s->num_issuers));
    json_object_set_new(object, "broke_the_protocol", text_array(a, s->lies, s->num_lies));
    json_object_set_new(object, "ran_out_of_time", json_boolean(s->ran_out_of_time));
    return object;
}

char *server_report_to_json(arena *a, const server_report *r)
{
    json_t *document = json_object(), *addresses = json_array();
    for (size_t i = 0; i < r->num_addresses; i++)
        json_array_append_new(addresses, address_object(a, &r->addresses[i]));
    json_object_set_new(document, "schema", json_string("tlswhy.server/1"));
    json_object_set_new(document, "tlswhy", json_string(TLSWHY_VERSION));
    json_object_set_new(document, "started", json_of_time(r->started_unix));
    json_object_set_new(document, "target",
                        json_pack("{s:o, s:i, s:o}", "host", json_of_text(a, r->host), "port", (int)r->port, "server_name",
                                  json_of_text(a, r->server_name)));
    json_object_set_new(document, "addresses", addresses);
    json_object_set_new(
        document, "probes",
        json_pack("{s:I, s:f}", "connections", (json_int_t)r->num_connections, "seconds", (double)(r->probing_us / 1000) / 1000.0));
    return json_document(a, document);
}

/* ---- what changed ----------------------------------------------------------------------------------------------------- */

typedef struct comparison {
    arena *arena;
    const char **lines;
    size_t num_lines;
} comparison;

static const char *shown(arena *a, const json_t *value)
{
    char *dumped = value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *out = dumped == NULL ? "nothing" : text_escape(a, bytes_from_text(dumped), VALUE_SHOWN_MAX);
    free(dumped);
    return out;
}

static void differ(comparison *c, const char *path, const json_t *before, const json_t *now)
{
    if (c->num_lines < DIFFERENCES_MAX)
        c->lines[c->num_lines++] =
            arena_printf(c->arena, "%s: was %s, is %s", text_escape(c->arena, bytes_from_text(path), VALUE_SHOWN_MAX),
                         shown(c->arena, before), shown(c->arena, now));
}

/* What tells of the asking and not of the server. */
static bool is_of_the_asking(const char *key)
{
    return strcmp(key, "started") == 0 || strcmp(key, "tlswhy") == 0 || strcmp(key, "probes") == 0;
}

/* What an element of a list is called: by its own name, where it has one, and else by its place. */
static const char *element_name(arena *a, const json_t *element, size_t index)
{
    static const char *const naming[] = {"address", "version", "id"};
    for (size_t i = 0; i < sizeof naming / sizeof *naming; i++) {
        const char *name = json_string_value(json_object_get(element, naming[i]));
        if (name != NULL)
            return name;
    }
    return arena_printf(a, "%zu", index);
}

/* Lists of names are told whole; of objects, one by one. Bounded in depth: a file may say anything. */
static void compare_values(comparison *c, const char *path, const json_t *before, const json_t *now, int depth)
{
    const char *key;
    const json_t *value;
    bool are_objects = json_is_object(before) && json_is_object(now);
    bool are_lists = json_is_array(before) && json_is_array(now) && json_array_size(before) == json_array_size(now) &&
                     json_is_object(json_array_get(now, 0));
    if (depth > DEPTH_MAX || json_equal(before, now))
        return;
    if (!are_objects && !are_lists) {
        differ(c, path, before, now);
        return;
    }
    for (size_t i = 0; are_lists && i < json_array_size(now); i++)
        compare_values(c, arena_printf(c->arena, "%s[%s]", path, element_name(c->arena, json_array_get(now, i), i)),
                       json_array_get(before, i), json_array_get(now, i), depth + 1);
    json_t *now_object = are_objects ? (json_t *)now : NULL;
    json_object_foreach(now_object, key, value) if (!is_of_the_asking(key)) compare_values(
        c, path[0] == '\0' ? key : arena_printf(c->arena, "%s.%s", path, key), json_object_get(before, key), value, depth + 1);
}

bool server_report_compare(arena *a, const char *before, const char *now, const char ***lines, size_t *num_lines, error *e)
{
    json_error_t wrong;
    json_t *then = json_loads(before, 0, &wrong), *today = json_loads(now, 0, NULL);
    const char *schema = json_string_value(json_object_get(then, "schema"));
    comparison c = {.arena = a, .lines = ARENA_ARRAY(a, DIFFERENCES_MAX, const char *)};
    bool is_one = schema != NULL && strcmp(schema, "tlswhy.server/1") == 0;
    if (then == NULL)
        (void)error_set(e, ERROR_MALFORMED, "no JSON: line %d: %s", wrong.line, wrong.text);
    else if (!is_one)
        (void)error_set(e, ERROR_MALFORMED, "no report of tlswhy server: its schema is not tlswhy.server/1");
    else
        compare_values(&c, "", then, today, 0);
    json_decref(then);
    json_decref(today);
    *lines = c.lines;
    *num_lines = c.num_lines;
    return is_one;
}
