#include "run/hello_trial.h"

#include "run/admission.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOOKUP_TIMEOUT_MS = 3000 };

/* ---- which hello ------------------------------------------------------------------------------------------------------------ */

/* Profiles that a library's usual hello was recorded by. */
static const struct {
    enum library_kind kind;
    const char *name;
} recorded_by[] = {
    {LIBRARY_GO, "go"},         {LIBRARY_OPENSSL, "openssl"}, {LIBRARY_GNUTLS, "gnutls-cli"},
    {LIBRARY_RUSTLS, "rustls"}, {LIBRARY_JSSE, "java"},
};

/* "1.23" of 1.23.1, "3.0" of 3.0.22, "1.0.2" of 1.0.2u: patches do not change what is offered. Java's is its first number since 9.
 */
static const char *release_of(arena *a, const tls_library *library)
{
    bool is_old_openssl = library->kind == LIBRARY_OPENSSL && library->version[0] < '3';
    size_t num_parts = library->kind == LIBRARY_JSSE && library->version[1] != '.' ? 1 : is_old_openssl ? 3 : 2, len = 0;
    for (; library->version[len] != '\0'; len++)
        if ((library->version[len] == '.' && --num_parts == 0) || isalpha((unsigned char)library->version[len]))
            break;
    return bytes_to_text(a, bytes_from(library->version, len));
}

/* Go has a release every half year, and what it offers changes little from one to the next: an older one stands in. */
static const char *profile_of_older_go(arena *a, const char *const *names, size_t num, const char *release)
{
    enum { RELEASES_BACK_MAX = 2 };
    long minor = strncmp(release, "1.", 2) == 0 ? strtol(release + 2, NULL, 10) : 0;
    for (long back = 1; back <= RELEASES_BACK_MAX && back < minor; back++) {
        const char *found = profile_newest(names, num, arena_printf(a, "go-1.%ld", minor - back));
        if (found != NULL)
            return found;
    }
    return NULL;
}

const char *hello_trial_profile(arena *a, const char *folder, const tls_library *library, bool *is_near)
{
    const char **names, *found = NULL, *release = library->version == NULL ? NULL : release_of(a, library);
    size_t num = release == NULL ? 0 : profile_names(a, folder, &names);
    for (size_t i = 0; num > 0 && found == NULL && i < sizeof recorded_by / sizeof *recorded_by; i++)
        if (recorded_by[i].kind == library->kind)
            found = profile_newest(names, num, arena_printf(a, "%s-%s", recorded_by[i].name, release));
    *is_near = num > 0 && found == NULL && library->kind == LIBRARY_GO;
    return *is_near ? profile_of_older_go(a, names, num, release) : found;
}

/* ---- in a process of its own --------------------------------------------------------------------------------------------------
 */

static void send_hello(void *user, int keep)
{
    static const network_options none = {.family = AF_UNSPEC};
    const hello_trial *t = user;
    arena *a = arena_new();
    error e;
    client_profile profile;
    target to = *t->to;
    bool is_ready = to.num_addresses > 0 || target_resolve(a, &to, &none, LOOKUP_TIMEOUT_MS, &e);
    loop *l = is_ready && profile_find(a, t->profile, &profile, &e) ? loop_new(&e) : NULL;
    admission_target asked = {.host = to.host,
                              .host_is_address = to.host_is_address,
                              .server_name = to.server_name,
                              .port = to.port,
                              .addresses = to.addresses,
                              .num_addresses = to.num_addresses,
                              .route = &to.route,
                              .timeout_us = t->timeout_us,
                              .gap_us = t->gap_us,
                              .only_asks = t->only_asks};
    if (l != NULL) {
        admission came = admission_ask(a, l, &profile.hello, &asked);
        admission_told told = admission_tell(a, &profile, &came);
        told.problem = came.is_silent ? "silent" : came.verdict != NULL ? NULL : told.problem; /* what is known is told */
        job_write(keep, admissions_to_json(a, to.host, &told, 1));
    }
    loop_free(l);
    arena_free(a);
}

job hello_trial_job(hello_trial *t)
{
    return (job){.body = send_hello, .user = t};
}

/* ---- what came of it ------------------------------------------------------------------------------------------------------------
 */

static const char *text_of(arena *a, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? NULL : bytes_to_text(a, bytes_from_text(text));
}

hello_told hello_trial_read(arena *a, const job *done)
{
    json_t *document = json_loads(bytes_to_text(a, done->written), 0, NULL);
    const json_t *one = json_array_get(json_object_get(document, "clients"), 0);
    const json_t *reasons = json_object_get(one, "verdict");
    hello_told told = {.is_admitted = json_is_true(json_object_get(one, "admitted")),
                       .what = text_of(a, one, "what"),
                       .version = text_of(a, one, "version"),
                       .cipher = text_of(a, one, "cipher"),
                       .cause = text_of(a, reasons, "cause"),
                       .headline = text_of(a, reasons, "headline"),
                       .problem = text_of(a, one, "problem")};
    told.is_silent = told.problem != NULL && strcmp(told.problem, "silent") == 0;
    told.is_known = one != NULL && (told.problem == NULL || told.is_silent);
    json_decref(document);
    return told;
}
