#include "client/runtime_version.h"

#include <ctype.h>
#include <string.h>

/* What stands before the version in the name of a mapped file or of the program: _ssl.cpython-312-x86_64-linux-gnu.so,
 * libpython3.11.so, ruby's libruby-3.1.so, php8.2. "NNN" has no point: its first digit is the major version. */
static const struct {
    enum runtime runtime;
    const char *before;
    bool has_no_point;
} marks[] = {
    {RUNTIME_PYTHON, ".cpython-", true},  {RUNTIME_PYTHON, "libpython", false}, {RUNTIME_PYTHON, "/python", false},
    {RUNTIME_RUBY, "libruby-", false},    {RUNTIME_RUBY, "/ruby", false},       {RUNTIME_PHP, "/php", false},
    {RUNTIME_PERL, "libperl.so.", false}, {RUNTIME_PERL, "/perl", false},
};

static const char *version_after(arena *a, const char *path, const char *before, bool has_no_point)
{
    for (const char *at = strstr(path, before); at != NULL; at = strstr(at + 1, before)) {
        const char *digits = at + strlen(before);
        size_t len = strspn(digits, has_no_point ? "0123456789" : "0123456789.");
        while (len > 0 && digits[len - 1] == '.')
            len--;
        if (has_no_point && len >= 2)
            return arena_printf(a, "%c.%.*s", digits[0], (int)len - 1, digits + 1);
        if (!has_no_point && len >= 3 && memchr(digits, '.', len) != NULL)
            return arena_printf(a, "%.*s", (int)len, digits);
    }
    return NULL;
}

const char *client_runtime_version(arena *a, const client *c)
{
    if (c->runtime == RUNTIME_JAVA || c->runtime == RUNTIME_GO)
        return c->library.version;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (marks[i].runtime != c->runtime)
            continue;
        const char *const *files = c->process->mapped_files;
        const char *found =
            c->process->exe == NULL ? NULL : version_after(a, c->process->exe, marks[i].before, marks[i].has_no_point);
        for (size_t k = 0; files != NULL && files[k] != NULL && found == NULL; k++)
            found = version_after(a, files[k], marks[i].before, marks[i].has_no_point);
        if (found != NULL)
            return found;
    }
    return NULL;
}
