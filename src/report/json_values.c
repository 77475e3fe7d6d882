#include "report/json_values.h"

#include "registry/registry.h"
#include "report/report.h"

#include <stdlib.h>
#include <time.h>

#define TEXT_LEN_MAX ((size_t)8192)

json_t *json_of_text(arena *a, const char *value)
{
    return value == NULL ? json_null() : json_string(text_escape(a, bytes_from_text(value), TEXT_LEN_MAX));
}

json_t *json_of_bytes(arena *a, bytes_view v)
{
    return v.len == 0 ? json_null() : json_string(text_escape(a, v, TEXT_LEN_MAX));
}

json_t *json_of_codes(arena *a, code_list list, const char *(*name)(arena *, uint16_t))
{
    json_t *array = json_array();
    for (size_t i = 0; i < list.num_codes; i++)
        json_array_append_new(array, json_string(name(a, list.codes[i])));
    return array;
}

static json_t *alpn_array(arena *a, const client_hello *hello)
{
    json_t *array = json_array();
    bytes_view *protocols;
    size_t num = client_hello_alpn(a, hello, &protocols);
    for (size_t i = 0; i < num; i++)
        json_array_append_new(array, json_of_bytes(a, protocols[i]));
    return array;
}

json_t *json_of_time(int64_t unix_seconds)
{
    char text[32];
    struct tm parts;
    time_t seconds = (time_t)unix_seconds;
    bool is_told = gmtime_r(&seconds, &parts) != NULL && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) != 0;
    return is_told ? json_string(text) : json_null();
}

json_t *json_of_offers(arena *a, const client_hello *hello)
{
    json_t *offers = json_object();
    json_object_set_new(offers, "versions", json_of_codes(a, client_hello_versions(a, hello), version_name));
    json_object_set_new(offers, "ciphers", json_of_codes(a, hello->cipher_suites, cipher_suite_name));
    json_object_set_new(offers, "groups", json_of_codes(a, client_hello_groups(a, hello), group_name));
    json_object_set_new(offers, "signature_algorithms",
                        json_of_codes(a, client_hello_signature_schemes(a, hello), signature_scheme_name));
    json_object_set_new(offers, "server_name", json_of_bytes(a, client_hello_server_name(hello)));
    json_object_set_new(offers, "alpn", alpn_array(a, hello));
    return offers;
}

char *json_document(arena *a, json_t *document)
{
    char *encoded = json_dumps(document, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    char *copy = arena_printf(a, "%s\n", encoded == NULL ? "" : encoded);
    json_decref(document);
    free(encoded);
    return copy;
}
