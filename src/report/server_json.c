/* What servers accept as one JSON document, as doc/schema/server.schema.json describes it. */
#include "registry/registry.h"
#include "report/certificate_json.h"
#include "report/json_values.h"
#include "report/report.h"
#include "report/server_differences.h"

static json_t *known(enum known k)
{
    return k == KNOWN_UNKNOWN ? json_null() : json_boolean(k == KNOWN_YES);
}

static json_t *equal_lists(arena *a, const accepted_list *list, const char *(*name)(arena *, uint16_t))
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->num_equals; i++)
        json_array_append_new(array, json_of_codes(a, list->equals[i], name));
    return array;
}

static json_t *accepted_object(arena *a, const accepted_list *list, const char *(*name)(arena *, uint16_t))
{
    json_t *object = json_object();
    bool was_refused = accepted_list_has_refusal(list);
    json_object_set_new(object, "accepted", known(list->accepted));
    json_object_set_new(object, "names", json_of_codes(a, list->codes, name));
    json_object_set_new(object, "order", json_string(server_order_name(list->order)));
    json_object_set_new(object, "order_settled", json_boolean(list->is_order_settled));
    json_object_set_new(object, "equal", equal_lists(a, list, name));
    json_object_set_new(object, "complete", json_boolean(list->is_complete));
    json_object_set_new(object, "others_refused_by", was_refused ? json_of_text(a, refusal_text(a, &list->refusal)) : json_null());
    return object;
}

/* The names that another library has for the same suites, in the same places; null where it has none. */
static json_t *other_names(arena *a, code_list suites, bool of_gnutls)
{
    json_t *array = json_array();
    for (size_t i = 0; i < suites.num_codes; i++) {
        const cipher_suite_row *row = cipher_suite_find(suites.codes[i]);
        const char *name = row == NULL ? NULL : of_gnutls ? row->gnutls_name : row->openssl_name;
        json_array_append_new(array, json_of_text(a, name));
    }
    return array;
}

static json_t *suites_object(arena *a, const server_version *v)
{
    bool is_ssl2 = v->version == VERSION_SSL2;
    code_list suites = is_ssl2 ? (code_list){0} : v->suites.codes;
    json_t *object = accepted_object(a, &v->suites, is_ssl2 ? ssl2_cipher_name : cipher_suite_name);
    json_object_set_new(object, "openssl_names", other_names(a, suites, false));
    json_object_set_new(object, "gnutls_names", other_names(a, suites, true));
    return object;
}

static json_t *version_array(arena *a, const server *s)
{
    json_t *array = json_array();
    for (size_t i = 0; i < SERVER_VERSIONS_MAX; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "version", json_string(version_name(a, s->versions[i].version)));
        json_object_set_new(object, "suites", suites_object(a, &s->versions[i]));
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
        certificate_summary leaf;
        bool is_readable = certificate_summarise(a, chain->certificates[0], &leaf);
        json_t *object = json_object(), *certificates = json_array();
        for (size_t k = 0; k < chain->num_certificates && k < 32; k++)
            json_array_append_new(certificates, certificate_to_json(a, chain->certificates[k]));
        json_object_set_new(object, "certificates", certificates);
        json_object_set_new(object, "key_type", is_readable ? json_of_text(a, leaf.key_type) : json_null());
        json_object_set_new(object, "key_bits", is_readable ? json_integer((json_int_t)leaf.key_bits) : json_null());
        json_object_set_new(object, "signed_by", is_readable ? json_of_text(a, leaf.signature_algorithm) : json_null());
        json_object_set_new(object, "certificate_timestamps", json_integer((json_int_t)chain->num_timestamps));
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

json_t *server_address_json(arena *a, const server_at *at)
{
    const server *s = at->server;
    json_t *object = json_object(), *sizes = json_array();
    for (size_t i = 0; i < s->num_group_sizes; i++)
        json_array_append_new(sizes, json_integer((json_int_t)s->group_sizes[i]));
    json_object_set_new(object, "address", json_of_text(a, at->address));
    json_object_set_new(object, "plain_protocol",
                        s->answered_in_clear ? json_string(protocol_name(s->plain_protocol)) : json_null());
    json_object_set_new(object, "versions", version_array(a, s));
    json_object_set_new(object, "groups_tls13", accepted_object(a, &s->groups_tls13, group_name));
    json_object_set_new(object, "groups_tls12", accepted_object(a, &s->groups_tls12, group_name));
    json_object_set_new(object, "finite_field_groups_tls12", accepted_object(a, &s->finite_field_groups, group_name));
    json_object_set_new(object, "finite_field_bits", sizes);
    json_object_set_new(object, "signature_schemes_tls13", accepted_object(a, &s->schemes_tls13, signature_scheme_name));
    json_object_set_new(object, "signature_schemes_tls12", accepted_object(a, &s->schemes_tls12, signature_scheme_name));
    json_object_set_new(object, "alpn", accepted_object(a, &s->protocols, application_protocol_name));
    json_object_set_new(object, "chains", chain_array(a, at));
    json_object_set_new(object, "facts", fact_array(a, s));
    json_object_set_new(object, "client_certificate_issuers", text_array(a, s->issuers, s->num_issuers));
    json_object_set_new(object, "broke_the_protocol", text_array(a, s->lies, s->num_lies));
    json_object_set_new(object, "limit", s->limit == NULL ? json_null() : json_string(s->limit));
    json_object_set_new(object, "ran_out_of_time", json_boolean(s->ran_out_of_time));
    return object;
}

static json_t *difference_array(arena *a, const server_report *r)
{
    json_t *array = json_array();
    size_t base = server_report_base(r);
    for (size_t i = 0; i < r->num_addresses; i++) {
        server_differences found = server_address_differences(a, &r->addresses[base], &r->addresses[i]);
        for (size_t k = 0; k < found.num_differences; k++) {
            const server_difference *d = &found.differences[k];
            if (server_difference_meaning(d) == MEANS_NOTHING)
                continue;
            json_t *object = json_object();
            json_object_set_new(object, "address", json_of_text(a, r->addresses[i].address));
            json_object_set_new(object, "than", json_of_text(a, r->addresses[base].address));
            json_object_set_new(object, "path", json_of_text(a, d->path));
            json_object_set_new(object, "here", d->now == NULL ? json_null() : json_incref(d->now));
            json_object_set_new(object, "there", d->before == NULL ? json_null() : json_incref(d->before));
            json_array_append_new(array, object);
        }
        server_differences_free(&found);
    }
    return array;
}

char *server_report_to_json(arena *a, const server_report *r)
{
    json_t *document = json_object(), *addresses = json_array();
    for (size_t i = 0; i < r->num_addresses; i++)
        json_array_append_new(addresses, server_address_json(a, &r->addresses[i]));
    json_object_set_new(document, "schema", json_string("tlswhy.server/1"));
    json_object_set_new(document, "tlswhy", json_string(TLSWHY_VERSION));
    json_object_set_new(document, "started", json_of_time(r->started_unix));
    json_object_set_new(document, "target",
                        json_pack("{s:o, s:i, s:o, s:o}", "host", json_of_text(a, r->host), "port", (int)r->port, "server_name",
                                  json_of_text(a, r->server_name), "proxy", json_of_text(a, r->proxy)));
    json_object_set_new(document, "addresses", addresses);
    json_object_set_new(document, "differences", difference_array(a, r));
    json_object_set_new(
        document, "probes",
        json_pack("{s:I, s:f}", "connections", (json_int_t)r->num_connections, "seconds", (double)(r->probing_us / 1000) / 1000.0));
    return json_document(a, document);
}
