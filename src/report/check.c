#include "report/check.h"

#include "causes/catalogue.h"
#include "report/json_values.h"
#include "report/page.h"
#include "report/report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { INDENT = 2, GAP = 2, PROGRAM_WIDTH_MAX = 48, RESULT_WIDTH = 11, ATTEMPT_WIDTH = 43 };
#define SHOWN_LEN_MAX ((size_t)1000)

static const char *const result_names[] = {"works", "fails", "not tried"};

const char *check_result_name(enum check_result r)
{
    return result_names[r];
}

static size_t count(const check_report *r, enum check_result result)
{
    size_t num = 0;
    for (size_t i = 0; i < r->num_rows; i++)
        num += r->rows[i].result == result;
    return num;
}

bool check_all_work(const check_report *r)
{
    return count(r, CHECK_FAILS) == 0 && count(r, CHECK_WORKS) > 0;
}

/* ---- text ------------------------------------------------------------------------------------------------------------------ */

static const char *safe(arena *a, const char *text)
{
    return text_escape(a, bytes_from_text(text == NULL ? "" : text), SHOWN_LEN_MAX);
}

static const char *library_text(arena *a, const check_row *row)
{
    const char *name = row->client == NULL ? NULL : library_name(row->client->library.kind);
    const char *version = name == NULL ? NULL : row->client->library.version;
    return name == NULL ? "?" : safe(a, version == NULL ? name : arena_printf(a, "%s %s", name, version));
}

/* The cause's title, from its page: its first line is "# id: title". */
static const char *cause_title(arena *a, const char *id)
{
    const cause_page *found = cause_page_find(id);
    const char *title = found == NULL ? NULL : strstr(found->text, ": ");
    return title == NULL ? NULL : bytes_to_text(a, bytes_until(bytes_from_text(title + 2), '\n'));
}

static const char *result_text(arena *a, const check_row *row)
{
    if (row->result == CHECK_WORKS)
        return safe(a, row->cipher == NULL ? row->version : arena_printf(a, "%s, %s", row->version, row->cipher));
    if (row->cause == NULL)
        return safe(a, row->reason);
    const char *title = cause_title(a, row->cause);
    return title == NULL ? row->cause : arena_printf(a, "%s: %s", row->cause, title);
}

static enum page_style style_of(enum check_result r)
{
    return r == CHECK_WORKS ? STYLE_GREEN : r == CHECK_FAILS ? STYLE_RED : STYLE_PLAIN;
}

static void padded_result(page *p, enum check_result result)
{
    const char *name = check_result_name(result);
    page_text(p, style_of(result), name);
    page_printf(p, "%*s", RESULT_WIDTH - (int)strlen(name), "");
}

static void column(page *p, const char *text, size_t width)
{
    page_padded(p, text, width);
    page_printf(p, "%*s", GAP, "");
}

static void table(page *p, const check_report *r)
{
    size_t program_max = 0, library_max = 0;
    for (size_t i = 0; i < r->num_rows; i++) {
        size_t program = text_columns(safe(p->arena, r->rows[i].program)),
               library = text_columns(library_text(p->arena, &r->rows[i]));
        program_max = program > program_max && program <= PROGRAM_WIDTH_MAX ? program : program_max;
        library_max = library > library_max ? library : library_max;
    }
    for (size_t i = 0; i < r->num_rows; i++) {
        const check_row *row = &r->rows[i];
        page_printf(p, "%*s", INDENT, "");
        column(p, safe(p->arena, row->program), program_max);
        column(p, library_text(p->arena, row), library_max);
        padded_result(p, row->result);
        page_text(p, STYLE_PLAIN, result_text(p->arena, row));
        page_newline(p);
    }
}

static const char *explanation(arena *a, const check_row *row)
{
    if (row->result != CHECK_FAILS || row->headline == NULL)
        return NULL;
    return safe(a, row->why == NULL ? row->headline : arena_printf(a, "%s Why: %s", row->headline, row->why));
}

static bool was_explained(arena *a, const check_report *r, size_t index, const char *text)
{
    for (size_t i = 0; i < index; i++) {
        const char *earlier = explanation(a, &r->rows[i]);
        if (earlier != NULL && strcmp(earlier, text) == 0)
            return true;
    }
    return false;
}

/* All for which that is the explanation: "curl, git". */
static const char *programs_explained(arena *a, const check_report *r, const char *text)
{
    const char *names = NULL;
    for (size_t i = 0; i < r->num_rows; i++) {
        const char *own = explanation(a, &r->rows[i]);
        if (own != NULL && strcmp(own, text) == 0)
            names = arena_printf(a, "%s%s%s", names == NULL ? "" : names, names == NULL ? "" : ", ", safe(a, r->rows[i].program));
    }
    return names;
}

/* What is behind each failure, once for those that say the same. */
static void explanations(page *p, const check_report *r)
{
    for (size_t i = 0; i < r->num_rows; i++) {
        const char *text = explanation(p->arena, &r->rows[i]);
        if (text == NULL || was_explained(p->arena, r, i, text))
            continue;
        page_newline(p);
        page_wrapped(p, STYLE_PLAIN, INDENT, "  ", arena_printf(p->arena, "%s: %s", programs_explained(p->arena, r, text), text));
    }
}

static void attempts(page *p, const check_row *row)
{
    page_newline(p);
    page_line(p, STYLE_PLAIN, INDENT, arena_printf(p->arena, "What is tried in code, with %s:", safe(p->arena, row->program)));
    for (size_t i = 0; i < row->num_attempts; i++) {
        const check_attempt *attempt = &row->attempts[i];
        page_printf(p, "%*s", 2 * INDENT, "");
        page_padded(p, safe(p->arena, attempt->name), ATTEMPT_WIDTH);
        padded_result(p, attempt->result);
        page_text(p, STYLE_PLAIN, safe(p->arena, attempt->detail));
        page_newline(p);
    }
    if (row->constants != NULL)
        page_wrapped(p, STYLE_PLAIN, 2 * INDENT, "    ", arena_printf(p->arena, "It has: %s", safe(p->arena, row->constants)));
}

char *check_to_text(arena *a, const check_report *r, bool color, size_t columns)
{
    page p;
    size_t works = count(r, CHECK_WORKS), fails = count(r, CHECK_FAILS);
    page_init(&p, a, color, columns);
    page_line(&p, STYLE_BOLD, 0,
              works + fails == 0
                  ? arena_printf(a, "tlswhy: no TLS client was found that could be tried against %s:%u", safe(a, r->host), r->port)
                  : arena_printf(a, "tlswhy: %zu of %zu TLS clients reach %s:%u", works, works + fails, safe(a, r->host), r->port));
    page_newline(&p);
    table(&p, r);
    explanations(&p, r);
    for (size_t i = 0; i < r->num_rows; i++)
        if (r->rows[i].num_attempts > 0)
            attempts(&p, &r->rows[i]);
    if (fails > 0) {
        page_newline(&p);
        page_line(&p, STYLE_PLAIN, INDENT,
                  "More about a cause: tlswhy explain CAUSE. More about one client: --json, or tlswhy run -- COMMAND.");
    }
    return page_take(&p);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------------------- */

static json_t *text_value(arena *a, const char *text)
{
    return text == NULL ? json_null() : json_string(safe(a, text));
}

static json_t *library_object(arena *a, const client *c)
{
    return json_pack("{s:o, s:o, s:o}", "name", text_value(a, c == NULL ? NULL : library_name(c->library.kind)), "version",
                     text_value(a, c == NULL ? NULL : c->library.version), "file",
                     text_value(a, c == NULL ? NULL : c->library.file));
}

static json_t *attempt_array(arena *a, const check_row *row)
{
    json_t *array = json_array();
    for (size_t i = 0; i < row->num_attempts; i++)
        json_array_append_new(array, json_pack("{s:o, s:s, s:o}", "name", text_value(a, row->attempts[i].name), "result",
                                               check_result_name(row->attempts[i].result), "detail",
                                               text_value(a, row->attempts[i].detail)));
    return array;
}

/* The connections of its run, as `tlswhy run --json` tells them. */
static json_t *connection_array(const check_row *row)
{
    json_t *document = row->document == NULL ? NULL : json_loads(row->document, 0, NULL);
    json_t *connections = json_incref(json_object_get(document, "connections"));
    json_decref(document);
    return connections == NULL ? json_array() : connections;
}

static json_t *row_object(arena *a, const check_row *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "program", text_value(a, row->program));
    json_object_set_new(object, "library", library_object(a, row->client));
    json_object_set_new(object, "result", json_string(check_result_name(row->result)));
    json_object_set_new(object, "version", text_value(a, row->version));
    json_object_set_new(object, "cipher", text_value(a, row->cipher));
    json_object_set_new(object, "cause", text_value(a, row->cause));
    json_object_set_new(object, "headline", text_value(a, row->headline));
    json_object_set_new(object, "why", text_value(a, row->why));
    json_object_set_new(object, "reason", text_value(a, row->reason));
    json_object_set_new(object, "attempts", attempt_array(a, row));
    json_object_set_new(object, "constants", text_value(a, row->constants));
    json_object_set_new(object, "connections", connection_array(row));
    return object;
}

char *check_to_json(arena *a, const check_report *r)
{
    json_t *document = json_object(), *rows = json_array();
    json_object_set_new(document, "schema", json_string("tlswhy.check/1"));
    json_object_set_new(document, "tlswhy", json_string(TLSWHY_VERSION));
    json_object_set_new(document, "started", json_of_time(r->started_unix));
    json_object_set_new(document, "target", json_pack("{s:o, s:i}", "host", text_value(a, r->host), "port", (int)r->port));
    for (size_t i = 0; i < r->num_rows; i++)
        json_array_append_new(rows, row_object(a, &r->rows[i]));
    json_object_set_new(document, "clients", rows);
    char *dumped = json_dumps(document, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    char *done = arena_printf(a, "%s\n", dumped == NULL ? "{}" : dumped);
    free(dumped);
    json_decref(document);
    return done;
}
