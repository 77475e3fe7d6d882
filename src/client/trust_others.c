/* The other stores of this machine: who would have trusted the server. */
#include "client/trust_inner.h"
#include "client/trust_read.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

/* A path without its symbolic links: Debian's Java has several to one store. */
static const char *real_path(arena *a, const char *path)
{
    char *real = realpath(path, NULL);
    const char *kept = real == NULL ? path : arena_printf(a, "%s", real);
    free(real);
    return kept;
}

static bool is_among(const trust_program *p, const trust_store *store, const char *given)
{
    const char *path = real_path(p->arena, given);
    for (size_t i = 0; i < store->num_sources; i++)
        if (strcmp(real_path(p->arena, store->sources[i].path), path) == 0)
            return true;
    for (size_t i = 0; i < store->num_others; i++)
        if (strcmp(real_path(p->arena, store->others[i].path), path) == 0)
            return true;
    return false;
}

static void add(const trust_program *p, trust_store *store, const char *name, const char *path, enum trust_form form)
{
    if (path == NULL || store->num_others == TRUST_OTHERS_MAX || is_among(p, store, path))
        return;
    trust_source source = {.path = path, .form = form};
    keystore read;
    trust_source_load(p->arena, &source, TRUST_USUAL_PASSWORD, &read);
    if (source.num_certificates > 0)
        store->others[store->num_others++] = (trust_other){.name = arena_printf(p->arena, "%s (%s)", name, path),
                                                           .path = path,
                                                           .form = form,
                                                           .certificates = source.certificates,
                                                           .num_certificates = source.num_certificates};
}

static void add_all(const trust_program *p, trust_store *store, const char *name, const char *pattern)
{
    glob_t found;
    if (pattern == NULL || glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        add(p, store, name, arena_printf(p->arena, "%s", found.gl_pathv[i]), TRUST_KEYSTORE);
    globfree(&found);
}

/* Chromium's and its kin, Firefox', the system's. */
static void add_nss(const trust_program *p, trust_store *store)
{
    const char *home = program_variable(p, "HOME");
    add_all(p, store, "an NSS database", home == NULL ? NULL : arena_printf(p->arena, "%s/.pki/nssdb/cert9.db", home));
    add_all(p, store, "Firefox' NSS database",
            home == NULL ? NULL : arena_printf(p->arena, "%s/.mozilla/firefox/*/cert9.db", home));
    add_all(p, store, "the system's NSS database", "/etc/pki/nssdb/cert9.db");
}

static const char *first_of(arena *a, const char *pattern)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0)
        return NULL;
    const char *path = arena_printf(a, "%s", found.gl_pathv[0]);
    globfree(&found);
    return path;
}

const char *trust_certifi_path(const trust_program *p)
{
    static const char *const places[] = {"lib/python3*/site-packages/certifi/cacert.pem",
                                         "lib/python2*/site-packages/certifi/cacert.pem",
                                         "lib/python3*/site-packages/pip/_vendor/certifi/cacert.pem"};
    const char *exe = p->process == NULL ? NULL : p->process->exe, *environment = program_variable(p, "VIRTUAL_ENV");
    const char *folder = exe == NULL || strstr(exe, "/bin/") == NULL
                             ? NULL
                             : bytes_to_text(p->arena, bytes_from(exe, (size_t)(strstr(exe, "/bin/") - exe)));
    const char *prefixes[] = {environment, folder};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        for (size_t k = 0; prefixes[i] != NULL && k < sizeof places / sizeof *places; k++) {
            const char *found = first_of(p->arena, arena_printf(p->arena, "%s/%s", prefixes[i], places[k]));
            if (found != NULL)
                return found;
        }
    return first_of(p->arena, "/usr/lib/python3/dist-packages/certifi/cacert.pem");
}

void trust_find_others(const trust_program *p, trust_store *store)
{
    static const char *const system_files[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                               "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};
    for (size_t i = 0; i < sizeof system_files / sizeof *system_files; i++)
        add(p, store, "the system's store", system_files[i], TRUST_FILE);
    add(p, store, "Java's", "/etc/ssl/certs/java/cacerts", TRUST_KEYSTORE);
    add(p, store, "Java's", first_of(p->arena, "/usr/lib/jvm/*/lib/security/cacerts"), TRUST_KEYSTORE);
    add(p, store, "Python's certifi", trust_certifi_path(p), TRUST_FILE);
    static const char *const variables[] = {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
                                            "GIT_SSL_CAINFO"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        add(p, store, arena_printf(p->arena, "what %s names", variables[i]), program_path(p, program_variable(p, variables[i])),
            TRUST_FILE);
    add_nss(p, store);
}
