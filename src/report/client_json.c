/* Clients as one JSON document, as doc/schema/clients.schema.json describes it. */
#include "report/client_report.h"

#include "registry/registry.h"
#include "report/certificate_json.h"
#include "report/fingerprint.h"
#include "report/json_values.h"

#include <string.h>

#ifndef TLSWHY_VERSION
#define TLSWHY_VERSION "0"
#endif

static json_t *library_object(arena *a, const client *c)
{
    json_t *library = json_object();
    json_object_set_new(library, "name", json_of_text(a, library_name(c->library.kind)));
    json_object_set_new(library, "version", json_of_text(a, c->library.version));
    json_object_set_new(library, "file", json_of_text(a, c->library.file));
    json_object_set_new(library, "inside", json_boolean(c->library.is_inside));
    json_object_set_new(library, "loaded_by_name", json_boolean(c->is_loaded_by_name));
    json_object_set_new(library, "through", json_of_text(a, c->module));
    return library;
}

static json_t *versions_where(arena *a, const summary_version *versions, size_t which)
{
    json_t *array = json_array();
    bool is_known = false;
    for (size_t i = 0; i < SUMMARY_VERSIONS; i++) {
        enum summary_answer answers[] = {versions[i].can, versions[i].by_default, versions[i].by_policy};
        is_known = is_known || answers[which] != SUMMARY_UNKNOWN;
        if (answers[which] == SUMMARY_YES)
            json_array_append_new(array, json_string(version_name(a, versions[i].version)));
    }
    if (is_known)
        return array;
    json_decref(array);
    return json_null();
}

static json_t *versions_object(arena *a, const summary_version *versions)
{
    json_t *object = json_object();
    json_object_set_new(object, "library", versions_where(a, versions, 0));
    json_object_set_new(object, "defaults", versions_where(a, versions, 1));
    json_object_set_new(object, "policy", versions_where(a, versions, 2));
    return object;
}

static json_t *trust_array(arena *a, const trust_store *store)
{
    static const char *const forms[] = {
        [TRUST_FILE] = "file", [TRUST_FOLDER] = "folder", [TRUST_KEYSTORE] = "keystore", [TRUST_BUILT_IN] = "built-in"};
    json_t *array = json_array();
    for (size_t i = 0; store != NULL && i < store->num_sources; i++) {
        const trust_source *s = &store->sources[i];
        json_t *object = json_object();
        json_object_set_new(object, "path", json_of_text(a, s->path));
        json_object_set_new(object, "form", json_string(forms[s->form]));
        json_object_set_new(object, "from", json_of_text(a, trust_origin_name(s->origin)));
        json_object_set_new(object, "named_by", json_of_text(a, s->named));
        json_object_set_new(object, "exists", json_boolean(s->exists));
        json_object_set_new(object, "certificates", json_integer((json_int_t)s->num_certificates));
        json_object_set_new(object, "roots", json_integer((json_int_t)s->num_roots));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *setting_array(arena *a, const setting_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->num_settings; i++) {
        const setting *s = &list->settings[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", json_of_text(a, s->name));
        json_object_set_new(object, "value", json_of_text(a, s->value));
        json_object_set_new(object, "file", json_of_text(a, s->file));
        json_object_set_new(object, "line", s->line == 0 ? json_null() : json_integer(s->line));
        json_object_set_new(object, "from", json_of_text(a, s->from));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *texts(arena *a, const char *const *list, size_t num)
{
    json_t *array = json_array();
    for (size_t i = 0; i < num && list[i] != NULL; i++)
        json_array_append_new(array, json_of_text(a, list[i]));
    return array;
}

static void set_program(arena *a, json_t *object, const client *c, const char *path, const char *keeper, int pid)
{
    const char *name = runtime_name(c->runtime);
    json_object_set_new(object, "path", json_of_text(a, path));
    json_object_set_new(object, "keeper", json_of_text(a, keeper));
    json_object_set_new(object, "pid", pid == 0 ? json_null() : json_integer(pid));
    json_object_set_new(object, "file", json_of_text(a, c->process->exe));
    json_object_set_new(object, "runtime", json_of_text(a, name));
    json_object_set_new(object, "library", library_object(a, c));
}

static void set_hello(arena *a, json_t *object, const client_summary *p)
{
    bytes_view flight = bytes_from(NULL, 0);
    if (p->has_hello && !client_hello_write(a, &p->hello, &flight, NULL))
        flight = bytes_from(NULL, 0);
    json_object_set_new(object, "offers", p->has_hello ? json_of_offers(a, &p->hello) : json_null());
    json_object_set_new(object, "hello", base64_to_json(a, flight));
    json_object_set_new(object, "ja3", p->has_hello ? json_string(fingerprint_ja3(a, &p->hello)) : json_null());
    json_object_set_new(object, "ja4", p->has_hello ? json_string(fingerprint_ja4(a, &p->hello)) : json_null());
}

static json_t *summary_object(arena *a, const client_summary *p)
{
    enum { VARIABLES_MAX = 64 };
    json_t *object = json_object();
    set_program(a, object, p->client, p->found.path, NULL, p->pid);
    json_object_set_new(object, "versions", versions_object(a, p->versions));
    json_object_set_new(object, "runtime_version", json_of_text(a, p->runtime_version));
    json_object_set_new(object, "build_id", json_of_text(a, p->elf.build_id));
    json_object_set_new(object, "says", json_of_text(a, p->said.library));
    json_object_set_new(object, "steps", texts(a, p->found.steps, p->found.num_steps));
    set_hello(a, object, p);
    json_object_set_new(object, "trusts", trust_array(a, p->store));
    json_object_set_new(object, "settings_file", json_of_text(a, p->settings.file));
    json_object_set_new(object, "settings", setting_array(a, &p->settings));
    json_object_set_new(object, "variables", texts(a, client_variables(a, p->client), VARIABLES_MAX));
    json_object_set_new(object, "notes", texts(a, p->notes, p->num_notes));
    return object;
}

static json_t *found_object(arena *a, const found_client *f)
{
    json_t *object = json_object();
    summary_version versions[SUMMARY_VERSIONS];
    summary_versions_told(a, f->client, versions);
    set_program(a, object, f->client, f->path, f->keeper, 0);
    json_object_set_new(object, "versions", versions_object(a, versions));
    return object;
}

static char *document(arena *a, json_t *clients, size_t num_late)
{
    json_t *whole = json_object();
    json_object_set_new(whole, "schema", json_string("tlswhy.clients/1"));
    json_object_set_new(whole, "tlswhy", json_string(TLSWHY_VERSION));
    json_object_set_new(whole, "clients", clients);
    json_object_set_new(whole, "files_not_read", json_integer((json_int_t)num_late));
    return json_document(a, whole);
}

char *clients_to_json(arena *a, const found_clients *list)
{
    json_t *clients = json_array();
    for (size_t i = 0; i < list->num_clients; i++)
        json_array_append_new(clients, found_object(a, &list->clients[i]));
    return document(a, clients, list->num_late);
}

char *summary_to_json(arena *a, const client_summary *p)
{
    json_t *clients = json_array();
    json_array_append_new(clients, summary_object(a, p));
    return document(a, clients, 0);
}

/* ---- variables ------------------------------------------------------------------------------------------------------------- */

/* Those that name a file, a folder or a setting; none carries a secret. By whom they are read: a library, or a runtime. */
static const struct {
    enum library_kind library;
    enum runtime runtime;
    const char *name;
} variables[] = {
    {LIBRARY_OPENSSL, RUNTIME_OTHER, "OPENSSL_CONF"},
    {LIBRARY_OPENSSL, RUNTIME_OTHER, "OPENSSL_CONF_INCLUDE"},
    {LIBRARY_OPENSSL, RUNTIME_OTHER, "OPENSSL_MODULES"},
    {LIBRARY_OPENSSL, RUNTIME_OTHER, "SSL_CERT_FILE"},
    {LIBRARY_OPENSSL, RUNTIME_OTHER, "SSL_CERT_DIR"},
    {LIBRARY_LIBRESSL, RUNTIME_OTHER, "OPENSSL_CONF"},
    {LIBRARY_GNUTLS, RUNTIME_OTHER, "GNUTLS_SYSTEM_PRIORITY_FILE"},
    {LIBRARY_GNUTLS, RUNTIME_OTHER, "GNUTLS_FORCE_FIPS_MODE"},
    {LIBRARY_NSS, RUNTIME_OTHER, "NSS_IGNORE_SYSTEM_POLICY"},
    {LIBRARY_GO, RUNTIME_OTHER, "GODEBUG"},
    {LIBRARY_GO, RUNTIME_OTHER, "SSL_CERT_FILE"},
    {LIBRARY_GO, RUNTIME_OTHER, "SSL_CERT_DIR"},
    {LIBRARY_JSSE, RUNTIME_OTHER, "JAVA_TOOL_OPTIONS"},
    {LIBRARY_JSSE, RUNTIME_OTHER, "JDK_JAVA_OPTIONS"},
    {LIBRARY_UNKNOWN, RUNTIME_NODE, "NODE_OPTIONS"},
    {LIBRARY_UNKNOWN, RUNTIME_NODE, "NODE_EXTRA_CA_CERTS"},
    {LIBRARY_UNKNOWN, RUNTIME_PYTHON, "REQUESTS_CA_BUNDLE"},
    {LIBRARY_UNKNOWN, RUNTIME_PYTHON, "PYTHONHOME"},
    {LIBRARY_UNKNOWN, RUNTIME_CURL, "CURL_CA_BUNDLE"},
    {LIBRARY_UNKNOWN, RUNTIME_CURL, "CURL_HOME"},
    {LIBRARY_UNKNOWN, RUNTIME_GIT, "GIT_SSL_CAINFO"},
    {LIBRARY_UNKNOWN, RUNTIME_GIT, "GIT_SSL_VERSION"},
    {LIBRARY_UNKNOWN, RUNTIME_GIT, "GIT_SSL_CIPHER_LIST"},
    {LIBRARY_UNKNOWN, RUNTIME_OTHER, "LD_LIBRARY_PATH"},
    {LIBRARY_UNKNOWN, RUNTIME_OTHER, "LD_PRELOAD"},
};
enum { NUM_VARIABLES = sizeof variables / sizeof *variables };

const char *const *client_variables(arena *a, const client *c)
{
    const char **list = ARENA_ARRAY(a, NUM_VARIABLES + 1, const char *);
    size_t num = 0;
    for (size_t i = 0; i < NUM_VARIABLES; i++) {
        bool is_read = (variables[i].library == LIBRARY_UNKNOWN || variables[i].library == c->library.kind) &&
                       (variables[i].runtime == RUNTIME_OTHER || variables[i].runtime == c->runtime);
        const char *value = is_read ? process_variable(c->process, variables[i].name) : NULL;
        if (value != NULL)
            list[num++] = arena_printf(a, "%s=%s", variables[i].name, value);
    }
    return list;
}
