#include "report/check.h"

#include "report/json_values.h"

static json_t *library_object(arena *a, const client *c)
{
    return json_pack("{s:o, s:o, s:o}", "name", json_of_text(a, c == NULL ? NULL : library_name(c->library.kind)), "version",
                     json_of_text(a, c == NULL ? NULL : c->library.version), "file",
                     json_of_text(a, c == NULL ? NULL : c->library.file));
}

static json_t *attempt_array(arena *a, const check_row *row)
{
    json_t *array = json_array();
    for (size_t i = 0; i < row->num_attempts; i++)
        json_array_append_new(array, json_pack("{s:o, s:s, s:o}", "name", json_of_text(a, row->attempts[i].name), "result",
                                               check_result_name(row->attempts[i].result), "detail",
                                               json_of_text(a, row->attempts[i].detail)));
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
    json_object_set_new(object, "program", json_of_text(a, row->program));
    json_object_set_new(object, "library", library_object(a, row->client));
    json_object_set_new(object, "result", json_string(check_result_name(row->result)));
    json_object_set_new(object, "version", json_of_text(a, row->version));
    json_object_set_new(object, "cipher", json_of_text(a, row->cipher));
    json_object_set_new(object, "cause", json_of_text(a, row->cause));
    json_object_set_new(object, "headline", json_of_text(a, row->headline));
    json_object_set_new(object, "why", json_of_text(a, row->why));
    json_object_set_new(object, "reason", json_of_text(a, row->reason));
    json_object_set_new(object, "attempts", attempt_array(a, row));
    json_object_set_new(object, "constants", json_of_text(a, row->constants));
    json_object_set_new(object, "connections", connection_array(row));
    return object;
}

char *check_to_json(arena *a, const check_report *r)
{
    json_t *document = json_object(), *rows = json_array();
    json_object_set_new(document, "schema", json_string("tlswhy.check/1"));
    json_object_set_new(document, "tlswhy", json_string(TLSWHY_VERSION));
    json_object_set_new(document, "started", json_of_time(r->started_unix));
    json_object_set_new(document, "target",
                        json_pack("{s:o, s:i, s:o, s:o}", "host", json_of_text(a, r->host), "port", (int)r->port, "proxy",
                                  json_of_text(a, r->proxy), "starttls", json_of_text(a, r->starttls)));
    for (size_t i = 0; i < r->num_rows; i++)
        json_array_append_new(rows, row_object(a, &r->rows[i]));
    json_object_set_new(document, "clients", rows);
    return json_document(a, document);
}
