/* A run as one JSON document: DESIGN.md's, as doc/schema/report.schema.json describes it. */
#include "client/client.h"
#include "report/certificate_json.h"
#include "report/fingerprint.h"
#include "report/json_values.h"
#include "report/report.h"
#include "report/story.h"
#include "report/verdict_json.h"

#include "registry/registry.h"
#include <jansson.h>
#include <string.h>

#ifndef TLSWHY_VERSION
#define TLSWHY_VERSION "0"
#endif

static json_t *number(int64_t value)
{
    return json_integer((json_int_t)value);
}

/* Tenths of a millisecond are enough. */
static json_t *milliseconds(int64_t us)
{
    return json_real((double)(us / 100) / 10.0);
}

static json_t *code_or_null(arena *a, uint16_t code, const char *(*name)(arena *, uint16_t))
{
    return code == 0 ? json_null() : json_string(name(a, code));
}

static json_t *text_array(arena *a, const char *const *items, size_t num_items)
{
    json_t *array = json_array();
    for (size_t i = 0; i < num_items; i++)
        json_array_append_new(array, json_of_text(a, items[i]));
    return array;
}

/* ---- the client and the server --------------------------------------------------------------------------------------- */

static json_t *library_object(arena *a, const client *c)
{
    json_t *library = json_object();
    json_object_set_new(library, "name", json_of_text(a, c == NULL ? NULL : library_name(c->library.kind)));
    json_object_set_new(library, "version", json_of_text(a, c == NULL ? NULL : c->library.version));
    json_object_set_new(library, "file", json_of_text(a, c == NULL ? NULL : c->library.file));
    return library;
}

/* Of --trace-files. */
static json_t *opened_files_array(arena *a, const process_snapshot *process)
{
    json_t *array = json_array();
    for (size_t i = 0; process != NULL && process->opened_files != NULL && process->opened_files[i] != NULL; i++)
        json_array_append_new(array, json_of_text(a, process->opened_files[i]));
    return array;
}

static json_t *client_object(arena *a, const conversation *c, const evidence *known)
{
    json_t *object = json_object();
    bool has_hello = c != NULL && c->has_hello;
    bytes_view flight = bytes_from(NULL, 0);
    if (has_hello && !client_hello_write(a, &c->hello, &flight, NULL))
        flight = bytes_from(NULL, 0);
    json_object_set_new(object, "library", library_object(a, known->client));
    json_object_set_new(object, "offers", has_hello ? json_of_offers(a, &c->hello) : json_null());
    json_object_set_new(object, "hello", base64_to_json(a, flight));
    json_object_set_new(object, "ja3", has_hello ? json_string(fingerprint_ja3(a, &c->hello)) : json_null());
    json_object_set_new(object, "ja4", has_hello ? json_string(fingerprint_ja4(a, &c->hello)) : json_null());
    json_object_set_new(object, "opened_files", opened_files_array(a, known->process));
    return object;
}

static json_t *chosen_object(arena *a, const conversation *c)
{
    const server_hello *hello = c != NULL && c->has_server_hello ? &c->server_hello : NULL;
    uint16_t group = hello == NULL                ? 0
                     : hello->group != 0          ? hello->group
                     : c->has_server_key_exchange ? c->server_key_exchange.group
                                                  : 0;
    json_t *chosen = json_object();
    json_object_set_new(chosen, "version", hello == NULL ? json_null() : json_string(version_name(a, hello->version)));
    json_object_set_new(chosen, "cipher", hello == NULL ? json_null() : json_string(cipher_suite_name(a, hello->cipher_suite)));
    json_object_set_new(chosen, "group", code_or_null(a, group, group_name));
    json_object_set_new(chosen, "alpn", hello == NULL ? json_null() : json_of_bytes(a, hello->alpn));
    return chosen;
}

static json_t *certificate_array(arena *a, const bytes_view *certificates, size_t num_certificates)
{
    enum { CERTIFICATES_MAX = 32 };
    json_t *array = json_array();
    for (size_t i = 0; i < num_certificates && i < CERTIFICATES_MAX; i++)
        json_array_append_new(array, certificate_to_json(a, certificates[i]));
    return array;
}

static json_t *server_object(arena *a, const report_connection *c)
{
    const verdict *v = c->verdict;
    const conversation *seen_on_wire = c->evidence->failed;
    bool own = seen_on_wire != NULL && seen_on_wire->certificates.num_certificates > 0;
    code_list none = {0};
    json_t *server = json_object();
    json_object_set_new(server, "versions", json_of_codes(a, v == NULL ? none : v->server_versions, version_name));
    json_object_set_new(server, "versions_refused", json_of_codes(a, v == NULL ? none : v->server_versions_refused, version_name));
    json_object_set_new(server, "ciphers", json_of_codes(a, v == NULL ? none : v->server_cipher_suites, cipher_suite_name));
    json_object_set_new(server, "groups", json_of_codes(a, v == NULL ? none : v->server_groups, group_name));
    json_object_set_new(server, "signature_algorithms",
                        json_of_codes(a, v == NULL ? none : v->server_signature_schemes, signature_scheme_name));
    json_object_set_new(server, "chosen", chosen_object(a, seen_on_wire));
    json_object_set_new(
        server, "certificates",
        own ? certificate_array(a, seen_on_wire->certificates.certificates, seen_on_wire->certificates.num_certificates)
            : certificate_array(a, v == NULL ? NULL : v->certificates, v == NULL ? 0 : v->num_certificates));
    return server;
}

static json_t *fetched_array(arena *a, const verdict *v)
{
    json_t *array = json_array();
    for (size_t i = 0; i < v->num_fetched; i++) {
        const fetched *f = &v->fetched[i];
        json_array_append_new(array,
                              json_pack("{s:o, s:o, s:o}", "uri", json_of_text(a, f->uri), "problem", json_of_text(a, f->problem),
                                        "certificates", certificate_array(a, f->certificates, f->num_certificates)));
    }
    return array;
}

/* ---- the verdict ------------------------------------------------------------------------------------------------------- */

static json_t *seen_array(arena *a, const verdict *v)
{
    json_t *array = json_array();
    for (size_t i = 0; i < v->num_seen; i++) {
        const seen *s = &v->seen[i];
        json_array_append_new(array, json_pack("{s:o, s:I, s:I, s:I, s:I}", "address", json_of_text(a, s->address),
                                               "control_failed", (json_int_t)s->control_failed, "control_worked",
                                               (json_int_t)s->control_worked, "change_failed", (json_int_t)s->change_failed,
                                               "change_worked", (json_int_t)s->change_worked));
    }
    return array;
}

static json_t *why_object(arena *a, const why *w)
{
    json_t *object = json_object();
    json_object_set_new(object, "kind", json_string(why_kind_name(w->kind)));
    json_object_set_new(object, "detail", json_of_text(a, w->detail));
    json_object_set_new(object, "file", json_of_text(a, w->file));
    json_object_set_new(object, "line", w->line == 0 ? json_null() : number(w->line));
    return object;
}

static json_t *experiment_array(arena *a, const verdict *v)
{
    json_t *array = json_array();
    for (size_t i = 0; i < v->num_experiments; i++) {
        const experiment *e = &v->experiments[i];
        json_t *object = json_object();
        json_object_set_new(object, "change", json_of_text(a, e->change));
        json_object_set_new(object, "result", json_of_text(a, e->result));
        json_object_set_new(object, "times", number((int64_t)e->times));
        json_object_set_new(object, "agreed", number((int64_t)e->agreed));
        json_object_set_new(object, "hello", base64_to_json(a, e->hello));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *remedy_array(arena *a, const verdict *v)
{
    json_t *array = json_array();
    for (size_t i = 0; i < v->num_remedies; i++) {
        const remedy *r = &v->remedies[i];
        json_t *object = json_object();
        json_object_set_new(object, "who", json_string(remedy_owner_name(r->who)));
        json_object_set_new(object, "removes", json_of_text(a, r->of_cause != NULL ? r->of_cause : v->cause));
        json_object_set_new(object, "text", json_of_text(a, r->text));
        json_object_set_new(object, "command", json_of_text(a, r->command));
        json_object_set_new(object, "line", json_of_text(a, r->line));
        json_t *env = json_object();
        if (r->variable != NULL)
            json_object_set_new(env, r->variable, json_of_text(a, r->value));
        json_object_set_new(object, "env", env);
        json_object_set_new(object, "lowers_security", json_string(lowers_security_name(r->lowers_security)));
        json_object_set_new(object, "verified", json_boolean(r->verified));
        json_object_set_new(object, "verified_by",
                            !r->verified ? json_null() : json_string(r->is_verified_by_hello ? "hello" : "run"));
        json_array_append_new(array, object);
    }
    return array;
}

json_t *verdict_to_json(arena *a, const verdict *v)
{
    if (v == NULL)
        return json_null();
    json_t *object = json_object();
    json_object_set_new(object, "cause", json_string(v->cause));
    json_object_set_new(object, "where", json_string(where_name(v->where)));
    json_object_set_new(object, "proof", v->proof == PROOF_NONE ? json_null() : json_string(proof_name(v->proof)));
    json_object_set_new(object, "headline", json_of_text(a, v->headline));
    json_object_set_new(object, "details", text_array(a, v->details, v->num_details));
    json_object_set_new(object, "also", text_array(a, v->also, v->num_also));
    if (v->num_fetched > 0)
        json_object_set_new(object, "fetched", fetched_array(a, v));
    json_object_set_new(object, "seen", seen_array(a, v));
    json_object_set_new(object, "why", why_object(a, &v->why));
    json_object_set_new(object, "experiments", experiment_array(a, v));
    json_object_set_new(object, "remedies", remedy_array(a, v));
    return object;
}

/* ---- the connection ------------------------------------------------------------------------------------------------------ */

static json_t *timeline_array(arena *a, const report_connection *c)
{
    const conversation *watched = c->evidence->failed;
    json_t *array = json_array();
    for (size_t i = 0; watched != NULL && i < watched->num_events; i++) {
        const event *e = &watched->events[i];
        json_t *object = json_object();
        json_object_set_new(object, "ms", milliseconds(e->at_us - c->began_us));
        json_object_set_new(object, "who", json_string(side_name(e->side)));
        json_object_set_new(object, "what", json_of_text(a, event_text(a, e, watched)));
        json_object_set_new(object, "bytes", number((int64_t)e->len));
        json_array_append_new(array, object);
    }
    return array;
}

static bool sent_fatal_alert(const conversation *c, enum side s)
{
    return c->has_alert[s] && c->alerts[s].level == ALERT_FATAL;
}

/* Who gave up: who sent the first fatal alert, or else whose end came first. */
/* Before any data: a record of an alert's size under protection is one, for what else would a side say and go? */
static bool ended_with_encrypted_alert(const conversation *c, enum side *who)
{
    bool by[2];
    for (enum side s = SIDE_CLIENT; s <= SIDE_SERVER; s++)
        by[s] = c->has_encrypted_alert[s] && !c->established_data[s];
    if (!by[SIDE_CLIENT] && !by[SIDE_SERVER])
        return false;
    bool client_first = c->last_records[SIDE_CLIENT].at_us <= c->last_records[SIDE_SERVER].at_us;
    *who = by[SIDE_CLIENT] && (!by[SIDE_SERVER] || client_first) ? SIDE_CLIENT : SIDE_SERVER;
    return true;
}

static bool ender(const conversation *c, enum side *who)
{
    for (size_t i = 0; c != NULL && i < c->num_events; i++)
        if (c->events[i].kind == EVENT_ALERT && c->events[i].level == ALERT_FATAL) {
            *who = c->events[i].side;
            return true;
        }
    for (enum side s = SIDE_CLIENT; c != NULL && s <= SIDE_SERVER; s++)
        if (sent_fatal_alert(c, s)) {
            *who = s;
            return true;
        }
    if (c != NULL && ended_with_encrypted_alert(c, who))
        return true;
    if (c == NULL || !c->has_first_end)
        return false;
    *who = c->first_end;
    return true;
}

static json_t *ended_with_object(arena *a, const conversation *c)
{
    enum { CLOSE_NOTIFY = 0 };
    enum side who;
    if (!ender(c, &who))
        return json_null();
    json_t *object = json_object();
    /* Any other warning did not end it. */
    bool in_clear = sent_fatal_alert(c, who) || (c->has_alert[who] && c->alerts[who].description == CLOSE_NOTIFY);
    const alert_row *row = in_clear ? alert_find(c->alerts[who].description) : NULL;
    json_object_set_new(object, "alert", row == NULL ? json_null() : json_string(row->name));
    json_object_set_new(object, "code", in_clear ? number(c->alerts[who].description) : json_null());
    json_object_set_new(object, "encrypted", json_boolean(!in_clear && c->has_encrypted_alert[who]));
    json_object_set_new(object, "stream", json_of_text(a, stream_end_name(c->end[who])));
    return object;
}

static json_t *target_object(arena *a, const report_connection *c)
{
    const evidence *e = c->evidence;
    json_t *object = json_object();
    json_object_set_new(object, "host", json_of_text(a, e->host));
    json_object_set_new(object, "host_from", json_of_text(a, host_source_name(e->host_from)));
    json_object_set_new(object, "port", e->port == 0 ? json_null() : number(e->port));
    json_object_set_new(object, "address", json_of_text(a, c->address));
    return object;
}

static json_t *via_object(arena *a, const report_connection *c)
{
    const preamble *p = c->evidence->failed == NULL ? NULL : &c->evidence->failed->preamble;
    bool is_preamble = p != NULL && p->protocol != PROTOCOL_UNKNOWN;
    json_t *object = json_object();
    json_object_set_new(object, "proxy", json_of_text(a, proxy_of(a, c)));
    json_object_set_new(object, "proxy_from", json_of_text(a, c->evidence->proxy_variable));
    json_object_set_new(object, "preamble", is_preamble ? json_string(protocol_name(p->protocol)) : json_null());
    return object;
}

static json_t *process_object(arena *a, const report_connection *c)
{
    json_t *object = json_object();
    json_object_set_new(object, "pid", c->pid == 0 ? json_null() : number(c->pid));
    json_object_set_new(object, "exe", json_of_text(a, c->exe));
    return object;
}

static json_t *connection_object(arena *a, const report_connection *c)
{
    const conversation *watched = c->evidence->failed;
    enum side who;
    json_t *object = json_object();
    json_object_set_new(object, "target", target_object(a, c));
    json_object_set_new(object, "process", process_object(a, c));
    json_object_set_new(object, "via", via_object(a, c));
    json_object_set_new(object, "outcome", json_string(outcome_name(c->outcome)));
    json_object_set_new(object, "timeline", timeline_array(a, c));
    json_object_set_new(object, "ended_by", ender(watched, &who) ? json_string(side_name(who)) : json_null());
    json_object_set_new(object, "ended_with", ended_with_object(a, watched));
    json_object_set_new(object, "client", client_object(a, watched, c->evidence));
    json_object_set_new(object, "server", server_object(a, c));
    json_object_set_new(object, "more", number((int64_t)c->num_more));
    json_object_set_new(object, "same_as", c->same_as == 0 ? json_null() : number((int64_t)c->same_as - 1));
    json_object_set_new(object, "verdict", c->outcome == OUTCOME_FAILED ? verdict_to_json(a, c->verdict) : json_null());
    return object;
}

/* ---- the document ---------------------------------------------------------------------------------------------------------- */

static json_t *command_object(arena *a, const report *r)
{
    json_t *argv = json_array(), *object = json_object();
    for (size_t i = 0; r->argv != NULL && r->argv[i] != NULL; i++)
        json_array_append_new(argv, json_string(command_argument_for_display(a, r->argv, i)));
    json_object_set_new(object, "argv", argv);
    json_object_set_new(object, "exit", r->signal_number != 0 ? json_null() : number(r->exit_status));
    json_object_set_new(object, "signal", r->signal_number == 0 ? json_null() : number(r->signal_number));
    json_object_set_new(object, "told_after_ms", json_real((double)r->told_after_us / 1000.0));
    return object;
}

static json_t *not_observed_array(arena *a, const report *r)
{
    json_t *array = json_array();
    for (size_t i = 0; i < r->num_not_observed; i++) {
        const report_unobserved *u = &r->not_observed[i];
        json_t *object = json_object();
        json_object_set_new(object, "what", json_of_text(a, u->what));
        json_object_set_new(object, "pid", number(u->pid));
        json_object_set_new(object, "exe", json_of_text(a, u->exe));
        json_object_set_new(object, "detail", json_of_text(a, u->detail));
        json_array_append_new(array, object);
    }
    return array;
}

char *report_to_json(arena *a, const report *r)
{
    json_t *document = json_object(), *connections = json_array(), *probes = json_object();
    for (size_t i = 0; i < r->num_connections; i++)
        json_array_append_new(connections, connection_object(a, &r->connections[i]));
    json_object_set_new(probes, "connections", number((int64_t)r->num_probe_connections));
    json_object_set_new(probes, "seconds", json_real((double)(r->probing_us / 1000) / 1000.0));
    json_object_set_new(document, "schema", json_string("tlswhy.report/1"));
    json_object_set_new(document, "tlswhy", json_string(TLSWHY_VERSION));
    json_object_set_new(document, "started", json_of_time(r->started_unix));
    json_object_set_new(document, "command", command_object(a, r));
    json_object_set_new(document, "connections", connections);
    json_object_set_new(document, "connections_only_counted",
                        json_pack("{s:I, s:I, s:I}", "ok", (json_int_t)r->num_more_ok, "plain", (json_int_t)r->num_more_plain,
                                  "others", (json_int_t)r->num_more_others));
    json_object_set_new(document, "not_observed", not_observed_array(a, r));
    json_object_set_new(document, "notes", text_array(a, r->notes, r->num_notes));
    json_object_set_new(document, "probes", probes);
    return json_document(a, document);
}
