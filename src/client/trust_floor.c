/* Whose floor it is: the security level of OpenSSL, GnuTLS's profile, Java's lists of disabled algorithms, and what sets them. */
#include "client/settings.h"
#include "client/trust_inner.h"
#include "client/trust_read.h"

#include <stdlib.h>
#include <string.h>

enum { VERSION_3_0 = 30000, VERSION_3_2 = 30200, VERSION_1_1_0 = 10100, PYTHON_3_10 = 310 };
/* GnuTLS's and Java's own, in OpenSSL's levels: RSA from 1008 and 1024 bits on. */
enum { LEVEL_OF_OTHERS = 1 };

/* ---- OpenSSL ------------------------------------------------------------------------------------------------------------- */

static int digit_after(const char *text, const char *words)
{
    const char *found = text == NULL ? NULL : strstr(text, words);
    int level = -1;
    for (; found != NULL; found = strstr(found + 1, words)) { /* the last one counts */
        char digit = found[strlen(words)];
        if (digit >= '0' && digit <= '5')
            level = digit - '0';
    }
    return level;
}

static void set_level(const trust_program *p, trust_store *store, int level, enum trust_floor_origin origin, const char *by)
{
    store->rules.security_level = level;
    store->floor = (trust_floor){.origin = origin, .text = arena_printf(p->arena, "SECLEVEL=%d, %s", level, by)};
}

static bool level_of_program(const trust_program *p, trust_store *store)
{
    int by_option = digit_after(p->text, "-auth_level\n"), said = digit_after(p->text, "SECLEVEL=");
    if (by_option >= 0)
        set_level(p, store, by_option, FLOOR_BY_PROGRAM, "by -auth_level");
    else if (said >= 0)
        set_level(p, store, said, FLOOR_BY_PROGRAM, "in its arguments or its text");
    return by_option >= 0 || said >= 0;
}

static bool level_of_configuration(const trust_program *p, const client *of, trust_store *store)
{
    setting_list list = client_settings(p->arena, of);
    const setting *last = NULL;
    for (size_t i = 0; i < list.num_settings; i++)
        if (strcmp(list.settings[i].name, "CipherString") == 0 && digit_after(list.settings[i].value, "SECLEVEL=") >= 0)
            last = &list.settings[i];
    if (last == NULL || last->file == NULL)
        return false;
    set_level(p, store, digit_after(last->value, "SECLEVEL="), FLOOR_BY_FILE,
              arena_printf(p->arena, "CipherString in %s, line %d%s%s", last->file, last->line,
                           last->from == NULL ? "" : ", which the variable names: ", last->from == NULL ? "" : last->from));
    store->floor.file = last->file;
    store->floor.line = last->line;
    return true;
}

/* CPython's own cipher list begins with "@SECLEVEL=2:" since 3.10 (Modules/_ssl.c, PY_SSL_DEFAULT_CIPHER_STRING); Debian's takes
 * its library's. */
static bool is_pythons_own(const trust_program *p, const trust_store *store)
{
    return store->runtime == RUNTIME_PYTHON && trust_runtime_version(p) >= PYTHON_3_10 && p->process != NULL &&
           p->process->exe != NULL && strstr(p->process->exe, "/usr/bin/") == NULL;
}

static void level_of_library(const trust_program *p, trust_store *store)
{
    int version = trust_library_version(store);
    const char *file = store->library_file, *name = file == NULL ? "its library" : file;
    const char *built = file == NULL ? NULL : trust_file_text_after(p->arena, file, "-DOPENSSL_TLS_SECURITY_LEVEL=", ' ');
    if (built != NULL && built[0] >= '0' && built[0] <= '5')
        set_level(p, store, built[0] - '0', FLOOR_BY_BUILD, arena_printf(p->arena, "compiled into %s", name));
    else
        set_level(p, store,
                  version != 0 && version < VERSION_1_1_0 ? 0
                  : version >= VERSION_3_2                ? 2
                                                          : 1,
                  FLOOR_BY_DEFAULT, arena_printf(p->arena, "the default of %s", name));
    if (is_pythons_own(p, store) && store->rules.security_level < 2)
        set_level(p, store, 2, FLOOR_BY_DEFAULT, "the default of Python's ssl module since 3.10");
}

static void find_openssl_level(const trust_program *p, const client *of, trust_store *store)
{
    int version = trust_library_version(store);
    bool knows_levels = version == 0 || version >= VERSION_1_1_0;
    store->rules.takes_sha1 = version != 0 && version < VERSION_3_0;
    if (!level_of_program(p, store) && !(knows_levels && level_of_configuration(p, of, store)))
        level_of_library(p, store);
}

/* ---- GnuTLS ---------------------------------------------------------------------------------------------------------------- */

/* Its profiles in OpenSSL's levels (gnutls_priority_init(3), "security parameters"): by the bits of RSA that they want. */
static const struct {
    const char *name;
    int level;
} profiles[] = {
    {"%PROFILE_ULTRA", 4},  {"%PROFILE_HIGH", 3}, {"%PROFILE_MEDIUM", 2},
    {"%PROFILE_LEGACY", 1}, {"%PROFILE_LOW", 1},  {"%PROFILE_VERY_WEAK", 0},
};

static void find_gnutls_profile(const trust_program *p, const client *of, trust_store *store)
{
    setting_list list = client_settings(p->arena, of);
    store->rules.security_level = LEVEL_OF_OTHERS;
    store->floor = (trust_floor){.origin = FLOOR_BY_DEFAULT,
                                 .text = "GnuTLS's own, without a profile: RSA and Diffie-Hellman from 1008 bits on"};
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        if (program_text_has(p, profiles[i].name)) {
            store->rules.security_level = profiles[i].level;
            store->floor = (trust_floor){.origin = FLOOR_BY_PROGRAM,
                                         .text = arena_printf(p->arena, "the profile %s of its priority string", profiles[i].name)};
            return;
        }
        for (size_t k = 0; k < list.num_settings; k++)
            if (list.settings[k].value != NULL && strstr(list.settings[k].value, profiles[i].name) != NULL) {
                store->rules.security_level = profiles[i].level;
                store->floor = (trust_floor){.origin = FLOOR_BY_FILE,
                                             .text = arena_printf(p->arena, "the profile %s in %s, line %d", profiles[i].name,
                                                                  list.settings[k].file, list.settings[k].line),
                                             .file = list.settings[k].file,
                                             .line = list.settings[k].line};
                return;
            }
    }
}

/* ---- Java ------------------------------------------------------------------------------------------------------------------ */

/* "DH keySize < 2048" of a list of disabled algorithms; NULL where it says nothing of that algorithm. */
static const char *constraint_on(arena *a, const char *value, const char *algorithm)
{
    size_t len = strlen(algorithm);
    for (bytes_view rest = bytes_from_text(value); rest.len > 0;) {
        bytes_view item = bytes_until(rest, ',');
        rest = bytes_slice(rest, item.len + 1, rest.len);
        while (bytes_at(item, 0) == ' ')
            item = bytes_slice(item, 1, item.len);
        if (bytes_start_with(item, algorithm) && (item.len == len || bytes_at(item, len) == ' '))
            return bytes_to_text(a, item);
    }
    return NULL;
}

static trust_floor java_floor(arena *a, const setting *s, const char *algorithm, const char *standard)
{
    const char *constraint = s == NULL ? NULL : constraint_on(a, s->value, algorithm);
    if (constraint == NULL)
        return (trust_floor){.origin = FLOOR_BY_DEFAULT, .text = standard};
    bool is_own = s->from != NULL;
    return (trust_floor){.origin = is_own ? FLOOR_BY_PROGRAM : FLOOR_BY_FILE,
                         .text = arena_printf(a, "\"%s\" in %s of %s, line %d%s%s", constraint, s->name, s->file, s->line,
                                              is_own ? ", which the program's argument names: " : "", is_own ? s->from : ""),
                         .file = s->file,
                         .line = s->line};
}

static const setting *last_named(const setting_list *list, const char *name)
{
    const setting *found = NULL;
    for (size_t i = 0; i < list->num_settings; i++)
        if (strcmp(list->settings[i].name, name) == 0)
            found = &list->settings[i];
    return found;
}

static void find_java_floor(const trust_program *p, const client *of, trust_store *store)
{
    setting_list list = client_settings(p->arena, of);
    store->rules.security_level = LEVEL_OF_OTHERS;
    store->rules.takes_sha1 = true;
    store->floor = java_floor(p->arena, last_named(&list, "jdk.certpath.disabledAlgorithms"), "RSA",
                              "Java's own (jdk.certpath.disabledAlgorithms of java.security)");
    store->groups_floor = java_floor(p->arena, last_named(&list, "jdk.tls.disabledAlgorithms"), "DH",
                                     "Java's own (jdk.tls.disabledAlgorithms of java.security)");
}

/* ---- Node.js --------------------------------------------------------------------------------------------------------------- */

/* "minDHSize: 2048" or "minDHSize = 2048" of its text, the largest; 0 where there is none. */
static size_t min_dh_size(const trust_program *p)
{
    static const char option[] = "minDHSize";
    size_t largest = 0;
    for (const char *at = p->text == NULL ? NULL : strstr(p->text, option); at != NULL; at = strstr(at + 1, option)) {
        const char *value = at + sizeof option - 1;
        value += strspn(value, " \t\r\n:='\"");
        size_t bits = strspn(value, "0123456789") > 5 ? 0 : (size_t)strtoul(value, NULL, 10);
        largest = bits > largest ? bits : largest;
    }
    return largest;
}

/* tls.connect() holds the size against its option minDHSize when the handshake is over (lib/internal/tls/wrap.js, onConnectSecure;
 * since Node.js 5). */
static void find_late_floor(const trust_program *p, trust_store *store)
{
    enum { STANDARD = 1024 };
    size_t own = min_dh_size(p);
    store->late_groups_floor = (trust_floor){.origin = own > 0 ? FLOOR_BY_PROGRAM : FLOOR_BY_DEFAULT,
                                             .text = own > 0 ? arena_printf(p->arena, "minDHSize, %zu in the program's text", own)
                                                             : "Node.js's own for minDHSize, 1024",
                                             .bits = own > 0 ? own : STANDARD};
}

void trust_find_floor(const trust_program *p, const client *of, trust_store *store)
{
    store->rules.security_level = LEVEL_OF_OTHERS;
    if (store->library == LIBRARY_OPENSSL)
        find_openssl_level(p, of, store);
    else if (store->library == LIBRARY_GNUTLS && of != NULL)
        find_gnutls_profile(p, of, store);
    else if (store->runtime == RUNTIME_JAVA && of != NULL)
        find_java_floor(p, of, store);
    if (store->groups_floor.origin == FLOOR_UNKNOWN)
        store->groups_floor = store->floor;
    if (store->runtime == RUNTIME_NODE)
        find_late_floor(p, store);
}
