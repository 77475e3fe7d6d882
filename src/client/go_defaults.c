#include "client/go_defaults.h"

#include "client/library_versions.h"

#include <string.h>

/* What another row does not say is offered by every version that has it. The first row that holds counts. Sources: Go's
 * doc/godebug.md, the release notes of 1.8, 1.22, 1.23, 1.24, 1.25 and 1.26, crypto/tls/defaults.go and cipher_suites.go. */
static const struct {
    enum ability what;
    uint16_t first, last;
    const char *since; /* the row holds from this version on */
    go_default is;
} rows[] = {
    {ABILITY_CIPHER, 0x0005, 0x0005, "1.5", {false, NULL, NULL}}, /* RC4 */
    {ABILITY_CIPHER, 0xc007, 0xc007, "1.5", {false, NULL, NULL}},
    {ABILITY_CIPHER, 0xc011, 0xc011, "1.5", {false, NULL, NULL}},
    {ABILITY_CIPHER, 0x003c, 0x003c, "1.8", {false, NULL, NULL}}, /* CBC with SHA-256 */
    {ABILITY_CIPHER, 0xc023, 0xc023, "1.8", {false, NULL, NULL}},
    {ABILITY_CIPHER, 0xc027, 0xc027, "1.8", {false, NULL, NULL}},
    {ABILITY_CIPHER, 0x000a, 0x000a, "1.23", {false, NULL, NULL}}, /* 3DES with RSA: two settings together */
    {ABILITY_CIPHER, 0x000a, 0x000a, "1.22", {false, "tlsrsakex", "1"}},
    {ABILITY_CIPHER, 0xc012, 0xc012, "1.23", {false, "tls3des", "1"}},
    {ABILITY_CIPHER, 0x002f, 0x0035, "1.22", {false, "tlsrsakex", "1"}},
    {ABILITY_CIPHER, 0x009c, 0x009d, "1.22", {false, "tlsrsakex", "1"}},
    {ABILITY_GROUP, 0x11ec, 0x11ec, "1.24", {true, "tlsmlkem", "0"}},
    {ABILITY_GROUP, 0x11eb, 0x11ed, "1.26", {true, "tlssecpmlkem", "0"}},
    {ABILITY_SCHEME, 0x0201, 0x0201, "1.25", {false, "tlssha1", "1"}},
    {ABILITY_SCHEME, 0x0203, 0x0203, "1.25", {false, "tlssha1", "1"}},
};

static bool is_default_version(const char *version, uint16_t code)
{
    library_default is;
    tls_library go = {.kind = LIBRARY_GO, .version = version};
    return library_default_find(&go, &is) && code >= is.version_min && code <= is.version_max;
}

go_default go_default_of(const char *version, enum ability what, uint16_t code)
{
    if (what == ABILITY_VERSION)
        return (go_default){.is_offered = is_default_version(version, code)};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].what == what && code >= rows[i].first && code <= rows[i].last && version_compare(version, rows[i].since) >= 0)
            return rows[i].is;
    return (go_default){.is_offered = true};
}

bool go_debug_changes(arena *a, const char *text, const go_default *is)
{
    char *copy = text == NULL || is->setting == NULL ? NULL : bytes_to_text(a, bytes_from_text(text)), *rest = NULL;
    size_t len = copy == NULL ? 0 : strlen(is->setting);
    bool changes = false;
    for (char *word = copy == NULL ? NULL : strtok_r(copy, ", ", &rest); word != NULL; word = strtok_r(NULL, ", ", &rest))
        if (strncmp(word, is->setting, len) == 0 && word[len] == '=')
            changes = strcmp(word + len + 1, is->value) == 0;
    return changes;
}
