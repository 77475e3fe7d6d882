#include "causes/host_names.h"

#include <string.h>
#include <strings.h>

bool host_is_address(const char *host)
{
    return strchr(host, ':') != NULL || strspn(host, "0123456789.") == strlen(host);
}

static bool ends_with(const char *host, const char *end)
{
    size_t len = strlen(host), end_len = strlen(end);
    return len >= end_len && strcasecmp(host + len - end_len, end) == 0;
}

/* RFC 6761, 6762, 8375, 9476, ICANN's resolution on .internal, and what is in use without any. */
bool host_is_public_name(const char *host)
{
    static const char *const private_ends[] = {".test",     ".example",   ".invalid", ".localhost", ".local", ".onion",      ".alt",
                                               ".internal", ".home.arpa", ".lan",     ".home",      ".corp",  ".localdomain"};
    if (host_is_address(host) || strchr(host, '.') == NULL)
        return false;
    for (size_t i = 0; i < sizeof private_ends / sizeof *private_ends; i++)
        if (ends_with(host, private_ends[i]))
            return false;
    return true;
}

/* RFC 9525, 6.3: a pattern stands for exactly one label. */
const char *host_pattern_text(arena *a, const char *host, const char *names)
{
    char *rest, *list = bytes_to_text(a, bytes_from_text(names == NULL ? "" : names));
    for (char *one = strtok_r(list, ", ", &rest); one != NULL; one = strtok_r(NULL, ", ", &rest)) {
        if (strncmp(one, "*.", 2) != 0 || host_is_address(host))
            continue;
        const char *domain = one + 2, *below = one + 1;
        if (strcasecmp(host, domain) == 0)
            return arena_printf(a, "%s does not cover %s itself: the * stands for exactly one label (RFC 9525, 6.3).", one, host);
        if (ends_with(host, below))
            return arena_printf(a, "%s does not cover %s: the * stands for exactly one label (RFC 9525, 6.3).", one, host);
    }
    return NULL;
}
