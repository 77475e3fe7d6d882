#include "../with_arena.h"

#include "report/report.h"
#include "sample.h"
#include <jansson.h>
#include <string.h>

static json_t *document_of(arena *a, const report *r)
{
    json_error_t problem;
    json_t *document = json_loads(report_to_json(a, r), 0, &problem);
    assert_non_null(document);
    return document;
}

static const char *text_at(json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void the_verdict_is_where_the_design_has_it(void **state)
{
    arena *a = *state;
    json_t *document = document_of(a, sample_report(a, "api.example.com"));
    json_t *connection = json_array_get(json_object_get(document, "connections"), 0),
           *verdict_object = json_object_get(connection, "verdict");
    assert_string_equal(text_at(document, "schema"), "tlswhy.report/1");
    assert_string_equal(text_at(verdict_object, "cause"), "client-version-too-old");
    assert_string_equal(text_at(verdict_object, "proof"), "experiment");
    assert_int_equal(json_array_size(json_object_get(verdict_object, "experiments")), 2);
    assert_string_equal(text_at(connection, "ended_by"), "server");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(connection, "ended_with"), "code")), 70);
    json_decref(document);
}

static void schema_comes_first(void **state)
{
    arena *a = *state;
    const char *text = report_to_json(a, sample_report(a, "api.example.com"));
    assert_true(strncmp(text, "{\n  \"schema\"", 12) == 0);
    assert_int_equal(text[strlen(text) - 1], '\n');
}

static void a_connection_that_worked_has_no_verdict(void **state)
{
    arena *a = *state;
    report *r = sample_report(a, "api.example.com");
    r->connections[0].outcome = OUTCOME_OK;
    json_t *document = document_of(a, r);
    json_t *connection = json_array_get(json_object_get(document, "connections"), 0);
    assert_true(json_is_null(json_object_get(connection, "verdict")));
    json_decref(document);
}

static void a_name_that_is_no_utf_8_is_still_valid_json(void **state)
{
    arena *a = *state;
    json_t *document = document_of(a, sample_report(a, "\xFF\xFE\033[2J"));
    json_t *target = json_object_get(json_array_get(json_object_get(document, "connections"), 0), "target");
    assert_string_equal(text_at(target, "host"), "\\xFF\\xFE\\x1B[2J");
    json_decref(document);
}

/* A copy of the sample's conversation, to be changed. */
static conversation *conversation_of(arena *a, report *r)
{
    evidence *e = ARENA_NEW(a, evidence);
    conversation *c = ARENA_NEW(a, conversation);
    *e = *r->connections[0].evidence, *c = *e->failed;
    e->failed = c;
    r->connections[0].evidence = e;
    return c;
}

static void who_sent_the_first_fatal_alert_ended_it(void **state)
{
    arena *a = *state;
    report *r = sample_report(a, "api.example.com");
    conversation *c = conversation_of(a, r);
    c->events[c->num_events++] =
        (event){.at_us = 22000, .side = SIDE_CLIENT, .kind = EVENT_ALERT, .code = 80, .level = ALERT_FATAL};
    c->has_alert[SIDE_CLIENT] = true;
    c->alerts[SIDE_CLIENT] = (alert){.level = ALERT_FATAL, .description = 80};
    json_t *document = document_of(a, r), *connection = json_array_get(json_object_get(document, "connections"), 0);
    assert_string_equal(text_at(connection, "ended_by"), "server");
    assert_string_equal(text_at(json_object_get(connection, "ended_with"), "alert"), "protocol_version");
    json_decref(document);
}

/* In TLS 1.3 a client's refusal of the flight is a record of an alert's size; the server's end only follows it. */
static void who_sent_an_alert_under_protection_ended_it(void **state)
{
    arena *a = *state;
    report *r = sample_report(a, "api.example.com");
    conversation *c = conversation_of(a, r);
    c->num_events = 1;
    c->has_alert[SIDE_SERVER] = false;
    c->has_encrypted_alert[SIDE_CLIENT] = true;
    c->has_first_end = true, c->first_end = SIDE_SERVER, c->end[SIDE_SERVER] = c->end[SIDE_CLIENT] = STREAM_FIN;
    json_t *document = document_of(a, r);
    json_t *connection = json_array_get(json_object_get(document, "connections"), 0);
    assert_string_equal(text_at(connection, "ended_by"), "client");
    assert_true(json_is_true(json_object_get(json_object_get(connection, "ended_with"), "encrypted")));
    json_decref(document);
}

static void a_warning_is_not_what_ended_it(void **state)
{
    arena *a = *state;
    report *r = sample_report(a, "api.example.com");
    conversation *c = conversation_of(a, r);
    c->num_events = 1;
    c->alerts[SIDE_SERVER] = (alert){.level = ALERT_WARNING, .description = 112};
    c->has_first_end = true, c->first_end = SIDE_SERVER, c->end[SIDE_SERVER] = STREAM_RESET;
    json_t *document = document_of(a, r);
    json_t *ended_with = json_object_get(json_array_get(json_object_get(document, "connections"), 0), "ended_with");
    assert_true(json_is_null(json_object_get(ended_with, "alert")));
    assert_string_equal(text_at(ended_with, "stream"), "reset");
    json_decref(document);
}

static void the_proxy_is_where_the_connection_went(void **state)
{
    arena *a = *state;
    report *r = sample_report(a, "api.example.com");
    conversation_of(a, r)->preamble =
        (preamble){.protocol = PROTOCOL_HTTP_CONNECT, .authority = bytes_from_text("api.example.com:443")};
    json_t *document = document_of(a, r);
    json_t *via = json_object_get(json_array_get(json_object_get(document, "connections"), 0), "via");
    assert_string_equal(text_at(via, "proxy"), "192.0.2.7:443");
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(the_verdict_is_where_the_design_has_it),  WITH_ARENA(schema_comes_first),
        WITH_ARENA(a_connection_that_worked_has_no_verdict), WITH_ARENA(a_name_that_is_no_utf_8_is_still_valid_json),
        WITH_ARENA(who_sent_the_first_fatal_alert_ended_it), WITH_ARENA(who_sent_an_alert_under_protection_ended_it),
        WITH_ARENA(a_warning_is_not_what_ended_it),          WITH_ARENA(the_proxy_is_where_the_connection_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
