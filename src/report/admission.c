#include "report/admission.h"

#include "registry/registry.h"
#include "report/page.h"
#include "report/report.h"
#include "report/verdict_json.h"

#include <stdlib.h>
#include <string.h>

enum { INDENT = 2, DEEP_INDENT = 4, SHOWN_MAX = 2000, NAME_SHOWN_MAX = 200 };

static const char *safe(page *p, const char *text)
{
    return text_escape(p->arena, bytes_from_text(text), SHOWN_MAX);
}

static const char *choice_text(arena *a, const admission_told *t)
{
    const char *text = version_name(a, t->version);
    if (t->suite != 0)
        text = arena_printf(a, "%s, %s", text, cipher_suite_name(a, t->suite));
    if (t->group != 0)
        text = arena_printf(a, "%s, %s", text, group_name(a, t->group));
    if (t->alpn.len > 0)
        text = arena_printf(a, "%s, ALPN %s", text, text_escape(a, t->alpn, NAME_SHOWN_MAX));
    return text;
}

static void why_block(page *p, const admission_told *t)
{
    const verdict *v = t->verdict;
    page_wrapped(p, STYLE_PLAIN, DEEP_INDENT, "", safe(p, v->headline == NULL ? "The cause is not known." : v->headline));
    for (size_t i = 0; i < v->num_details; i++)
        page_wrapped(p, STYLE_PLAIN, DEEP_INDENT, "", safe(p, v->details[i]));
    for (size_t i = 0; i < v->num_remedies; i++)
        page_wrapped(p, STYLE_PLAIN, DEEP_INDENT + 2, arena_printf(p->arena, "%*s- ", DEEP_INDENT, ""),
                     safe(p, v->remedies[i].text == NULL ? "" : v->remedies[i].text));
    page_line(p, STYLE_PLAIN, DEEP_INDENT, arena_printf(p->arena, "More about it: tlswhy explain %s", v->cause));
}

/* " at 192.0.2.7, 192.0.2.8" where a client has several rows, or one for several addresses. */
static const char *place_text(page *p, const admission_told *t, bool is_one_of_several)
{
    const char *text = "";
    for (size_t i = 0; i < t->num_addresses && (is_one_of_several || t->num_addresses > 1); i++)
        text = arena_printf(p->arena, "%s%s%s", text, i == 0 ? " at " : ", ", t->addresses[i]);
    return text;
}

static void told_block(page *p, const admission_told *t, bool is_one_of_several)
{
    const char *client = safe(p, t->client), *place = place_text(p, t, is_one_of_several);
    if (t->what[0] != '\0')
        client = arena_printf(p->arena, "%s (%s)", client, safe(p, t->what));
    page_newline(p);
    if (t->problem != NULL) {
        page_wrapped(p, STYLE_BOLD, INDENT, "",
                     arena_printf(p->arena, "%s%s: %s: %s", t->is_passed_over ? "passed over" : "unknown", place, client,
                                  safe(p, t->problem)));
        if (t->verdict != NULL)
            why_block(p, t);
        return;
    }
    page_wrapped(p, t->is_admitted ? STYLE_GREEN : STYLE_RED, INDENT, "",
                 arena_printf(p->arena, "%s%s: %s", t->is_admitted ? "gets in" : "refused", place, client));
    if (t->version != 0)
        page_wrapped(p, STYLE_PLAIN, DEEP_INDENT, "", choice_text(p->arena, t));
    if (t->wants_certificate)
        page_wrapped(p, STYLE_PLAIN, DEEP_INDENT, "", "The server asks for a client certificate; none was sent.");
    if (t->left_out_resumption)
        page_wrapped(p, STYLE_PLAIN, DEEP_INDENT, "", "The session that its hello resumes was left out: it cannot be remade.");
    if (!t->is_admitted && t->verdict != NULL)
        why_block(p, t);
}

static bool is_some_admitted(const admission_told *told, size_t num_told)
{
    for (size_t i = 0; i < num_told; i++)
        if (told[i].is_admitted)
            return true;
    return false;
}

/* Whether the row before or after it is of the same client. */
static bool is_one_of_several(const admission_told *told, size_t num_told, size_t index)
{
    return (index > 0 && strcmp(told[index - 1].client, told[index].client) == 0) ||
           (index + 1 < num_told && strcmp(told[index + 1].client, told[index].client) == 0);
}

char *admissions_to_text(arena *a, const char *server, const admission_told *told, size_t num_told, bool color, size_t columns)
{
    page p;
    page_init(&p, a, color, columns);
    page_wrapped(&p, STYLE_PLAIN, 0, "", arena_printf(a, "Clients at %s, by their hellos", safe(&p, server)));
    for (size_t i = 0; i < num_told; i++)
        told_block(&p, &told[i], is_one_of_several(told, num_told, i));
    if (is_some_admitted(told, num_told)) {
        page_newline(&p);
        page_wrapped(&p, STYLE_PLAIN, INDENT, "",
                     "Whether a client trusts the server's certificate is not in its hello, and not judged here: tlswhy check asks "
                     "the clients themselves.");
    }
    return page_take(&p);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static json_t *name_or_null(arena *a, uint16_t code, const char *(*name)(arena *, uint16_t))
{
    return code == 0 ? json_null() : json_string(name(a, code));
}

static json_t *text_or_null(arena *a, const char *value)
{
    return value == NULL || value[0] == '\0' ? json_null() : json_string(text_escape(a, bytes_from_text(value), SHOWN_MAX));
}

static json_t *address_array(const admission_told *t)
{
    json_t *array = json_array();
    for (size_t i = 0; i < t->num_addresses; i++)
        json_array_append_new(array, json_string(t->addresses[i]));
    return array;
}

static json_t *told_object(arena *a, const admission_told *t)
{
    json_t *object = json_object();
    json_object_set_new(object, "client", text_or_null(a, t->client));
    json_object_set_new(object, "what", text_or_null(a, t->what));
    json_object_set_new(object, "addresses", address_array(t));
    json_object_set_new(object, "passed_over", json_boolean(t->is_passed_over));
    json_object_set_new(object, "admitted", t->problem != NULL ? json_null() : json_boolean(t->is_admitted));
    json_object_set_new(object, "problem", text_or_null(a, t->problem));
    json_object_set_new(object, "version", name_or_null(a, t->version, version_name));
    json_object_set_new(object, "cipher", name_or_null(a, t->suite, cipher_suite_name));
    json_object_set_new(object, "group", name_or_null(a, t->group, group_name));
    json_object_set_new(object, "alpn", t->alpn.len == 0 ? json_null() : json_string(text_escape(a, t->alpn, NAME_SHOWN_MAX)));
    json_object_set_new(object, "wants_certificate", json_boolean(t->wants_certificate));
    json_object_set_new(object, "verdict", verdict_to_json(a, t->verdict));
    json_object_set_new(object, "connections", json_integer((json_int_t)t->num_connections));
    return object;
}

json_t *admission_array(arena *a, const admission_told *told, size_t num_told)
{
    json_t *array = json_array();
    for (size_t i = 0; i < num_told; i++)
        json_array_append_new(array, told_object(a, &told[i]));
    return array;
}

char *admissions_to_json(arena *a, const char *server, const admission_told *told, size_t num_told)
{
    json_t *document = json_object();
    json_object_set_new(document, "schema", json_string("tlswhy.admission/1"));
    json_object_set_new(document, "tlswhy", json_string(TLSWHY_VERSION));
    json_object_set_new(document, "server", text_or_null(a, server));
    json_object_set_new(document, "clients", admission_array(a, told, num_told));
    char *encoded = json_dumps(document, JSON_INDENT(2));
    char *copy = arena_printf(a, "%s\n", encoded == NULL ? "" : encoded);
    json_decref(document);
    free(encoded);
    return copy;
}
