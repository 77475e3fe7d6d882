/* The versions of a client's runtime and library, as numbers. */
#include "client/trust_inner.h"

#include <stdlib.h>
#include <string.h>

static long number_at(const char **at)
{
    char *end;
    long number = strtol(*at, &end, 10);
    *at = end;
    return number;
}

int trust_runtime_version(const trust_program *p)
{
    const char *exe = p->process == NULL ? NULL : p->process->exe;
    const char *name = base_name(exe), *versions = exe == NULL ? NULL : strstr(exe, "/versions/");
    const char *at = name == NULL ? NULL : name + strcspn(name, "0123456789");
    if (at == NULL || strchr(at, '.') == NULL)
        at = versions == NULL ? NULL : versions + strlen("/versions/");
    if (at == NULL)
        return 0;
    long major = number_at(&at);
    if (*at != '.')
        return 0;
    at++;
    long minor = number_at(&at);
    return major >= 0 && major < 100 && minor >= 0 && minor < 100 ? (int)(major * 100 + minor) : 0;
}

char trust_openssl_letter(const trust_store *store)
{
    const char *text = store->library_version;
    size_t len = text == NULL ? 0 : strspn(text, "0123456789.");
    return text == NULL || text[len] < 'a' || text[len] > 'z' ? '\0' : text[len];
}

int trust_library_version(const trust_store *store)
{
    const char *at = store->library_version;
    long parts[3] = {0};
    for (size_t i = 0; at != NULL && i < 3; i++) {
        parts[i] = number_at(&at);
        if (*at != '.')
            break;
        at++;
    }
    return parts[0] < 0 || parts[0] > 99 || parts[1] > 99 || parts[2] > 99 ? 0
                                                                           : (int)(parts[0] * 10000 + parts[1] * 100 + parts[2]);
}
