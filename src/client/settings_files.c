/* The files that GnuTLS, curl, wget and git read. */
#include "client/narrowing_option.h"
#include "client/settings_inner.h"

#include <string.h>
#include <strings.h>

/* ---- GnuTLS: its manual, "System-wide configuration of the library" ---------------------------------------------------------- */

static const struct {
    const char *section, *name; /* name NULL: any */
    unsigned narrows;
} gnutls_names[] = {
    {"overrides", "disabled-version", NARROWED_VERSION},
    {"overrides", "enabled-version", NARROWED_VERSION},
    {"overrides", "tls-disabled-cipher", NARROWED_ANY_CIPHER},
    {"overrides", "tls-enabled-cipher", NARROWED_ANY_CIPHER},
    {"overrides", "tls-disabled-mac", NARROWED_ANY_CIPHER},
    {"overrides", "tls-enabled-mac", NARROWED_ANY_CIPHER},
    {"overrides", "tls-disabled-kx", NARROWED_CIPHER},
    {"overrides", "tls-enabled-kx", NARROWED_CIPHER},
    {"overrides", "tls-disabled-group", NARROWED_GROUP},
    {"overrides", "tls-enabled-group", NARROWED_GROUP},
    {"overrides", "disabled-curve", NARROWED_GROUP | NARROWED_SCHEME},
    {"overrides", "enabled-curve", NARROWED_GROUP | NARROWED_SCHEME},
    {"overrides", "insecure-sig", NARROWED_SCHEME | NARROWED_LEVEL},
    {"overrides", "secure-sig", NARROWED_SCHEME | NARROWED_LEVEL},
    {"overrides", "insecure-hash", NARROWED_SCHEME | NARROWED_LEVEL},
    {"overrides", "secure-hash", NARROWED_SCHEME | NARROWED_LEVEL},
    {"overrides", "min-verification-profile", NARROWED_LEVEL},
    {"overrides", "default-priority-string", NARROWED_ALL_OFFERS},
    {"priorities", NULL, NARROWED_ALL_OFFERS},
};

static unsigned gnutls_narrows(const char *section, const char *name)
{
    for (size_t i = 0; i < sizeof gnutls_names / sizeof *gnutls_names; i++)
        if (strcasecmp(section, gnutls_names[i].section) == 0 &&
            (gnutls_names[i].name == NULL || strcasecmp(name, gnutls_names[i].name) == 0))
            return gnutls_names[i].narrows;
    return 0;
}

void settings_of_gnutls(arena *a, const client *c, setting_list *out)
{
    const char *named = process_variable(c->process, "GNUTLS_SYSTEM_PRIORITY_FILE"), *section = "", *name, *value;
    settings_reader lines;
    settings_line line;
    out->file = named != NULL ? process_path(a, c->process, named) : "/etc/gnutls/config";
    if (!settings_open(a, out->file, &lines))
        return;
    while (settings_next_line(a, &lines, &line)) {
        if (bytes_at(line.text, 0) == '[')
            section = bytes_to_text(a, settings_trimmed(bytes_until(bytes_slice(line.text, 1, line.text.len), ']')));
        else if (settings_split(a, line.text, '=', &name, &value) && gnutls_narrows(section, name) != 0)
            settings_add(a, out,
                         (setting){.narrows = gnutls_narrows(section, name),
                                   .name = name,
                                   .value = value,
                                   .file = out->file,
                                   .line = line.number,
                                   .from = named == NULL ? NULL : "GNUTLS_SYSTEM_PRIORITY_FILE"});
    }
}

/* ---- curl: curl(1), --config ----------------------------------------------------------------------------------------------------
 */

/* "tls-max = 1.2", "--tls-max 1.2", "tls-max: \"1.2\"" */
static void curl_line(arena *a, const settings_line *line, const char *file, const char *from, setting_list *out)
{
    char *text = bytes_to_text(a, line->text), *rest = NULL;
    char *word = text[0] == '#' ? NULL : strtok_r(text, " \t=:", &rest);
    if (word == NULL)
        return;
    bool has_dash = word[0] == '-';
    const narrowing_option *option = narrowing_option_find(RUNTIME_CURL, has_dash ? word : arena_printf(a, "--%s", word));
    const char *value = option == NULL || !option->takes_value || rest == NULL ? "" : strtok_r(NULL, " \t=\"", &rest);
    if (option != NULL)
        settings_add(a, out,
                     (setting){.narrows = option->narrows,
                               .name = word + (has_dash ? strspn(word, "-") : 0),
                               .value = value == NULL ? "" : value,
                               .file = file,
                               .line = line->number,
                               .from = from});
}

static bool curl_file(arena *a, const char *file, const char *from, setting_list *out)
{
    settings_reader lines;
    settings_line line;
    if (!settings_open(a, file, &lines))
        return false;
    while (settings_next_line(a, &lines, &line))
        curl_line(a, &line, file, from, out);
    return true;
}

/* The first that is there, unless -q is the first argument; then those of -K. */
void settings_of_curl(arena *a, const client *c, setting_list *out)
{
    const char *const *argv = c->process->argv;
    const char *first = argv == NULL || argv[0] == NULL || argv[1] == NULL ? "" : argv[1], *named;
    bool reads_none = strcmp(first, "-q") == 0 || strcmp(first, "--disable") == 0;
    if (!reads_none && !curl_file(a, settings_in_folder(a, c, "CURL_HOME", ".curlrc"), "CURL_HOME", out) &&
        !curl_file(a, settings_in_folder(a, c, "XDG_CONFIG_HOME", "curlrc"), "XDG_CONFIG_HOME", out) &&
        !curl_file(a, settings_in_folder(a, c, "HOME", ".curlrc"), NULL, out))
        (void)curl_file(a, settings_in_folder(a, c, "HOME", ".config/curlrc"), NULL, out);
    const char *option = settings_argument(a, c, "--config", &named);
    if (option == NULL)
        option = settings_argument(a, c, "-K", &named);
    if (option != NULL)
        (void)curl_file(a, process_path(a, c->process, named), option, out);
}

/* ---- wget: its manual, "Wgetrc Commands"; names without regard to case, '-' and '_'
 * ---------------------------------------------- */

static const struct {
    const char *name;
    unsigned narrows;
} wget_names[] = {{"secureprotocol", NARROWED_VERSION},
                  {"ciphers", NARROWED_ALL_OFFERS | NARROWED_LEVEL},
                  {"cacertificate", NARROWED_STORE},
                  {"cadirectory", NARROWED_STORE}};

static bool wget_name_is(const char *name, const char *plain)
{
    for (; *name != '\0'; name++) {
        if (*name == '-' || *name == '_')
            continue;
        if (strncasecmp(name, plain, 1) != 0)
            return false;
        plain++;
    }
    return *plain == '\0';
}

static void wget_file(arena *a, const char *file, const char *from, setting_list *out)
{
    settings_reader lines;
    settings_line line;
    const char *name, *value;
    if (!settings_open(a, file, &lines))
        return;
    while (settings_next_line(a, &lines, &line))
        for (size_t i = 0; settings_split(a, line.text, '=', &name, &value) && i < sizeof wget_names / sizeof *wget_names; i++)
            if (wget_name_is(name, wget_names[i].name))
                settings_add(a, out,
                             (setting){.narrows = wget_names[i].narrows,
                                       .name = name,
                                       .value = value,
                                       .file = file,
                                       .line = line.number,
                                       .from = from});
}

void settings_of_wget(arena *a, const client *c, setting_list *out)
{
    const char *named, *variable = process_variable(c->process, "WGETRC");
    wget_file(a, "/etc/wgetrc", NULL, out);
    if (settings_argument(a, c, "--config", &named) != NULL)
        wget_file(a, process_path(a, c->process, named), "--config", out);
    else if (variable != NULL && variable[0] != '\0')
        wget_file(a, process_path(a, c->process, variable), "WGETRC", out);
    else
        wget_file(a, settings_in_folder(a, c, "HOME", ".wgetrc"), NULL, out);
}

/* ---- git: git-config(1)
 * ------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    unsigned narrows;
} git_names[] = {{"sslversion", NARROWED_VERSION},
                 {"sslcipherlist", NARROWED_ALL_OFFERS | NARROWED_LEVEL},
                 {"sslcainfo", NARROWED_STORE},
                 {"sslcapath", NARROWED_STORE}};

static void git_file(arena *a, const char *file, const char *from, setting_list *out)
{
    settings_reader lines;
    settings_line line;
    const char *name, *value;
    bool is_http = false;
    if (!settings_open(a, file, &lines))
        return;
    while (settings_next_line(a, &lines, &line)) {
        if (bytes_at(line.text, 0) == '[')
            is_http = bytes_start_with_ignoring_case(line.text, "[http]") || bytes_start_with_ignoring_case(line.text, "[http ");
        for (size_t i = 0; is_http && settings_split(a, line.text, '=', &name, &value) && i < sizeof git_names / sizeof *git_names;
             i++)
            if (strcasecmp(name, git_names[i].name) == 0)
                settings_add(a, out,
                             (setting){.narrows = git_names[i].narrows,
                                       .name = arena_printf(a, "http.%s", name),
                                       .value = value,
                                       .file = file,
                                       .line = line.number,
                                       .from = from});
    }
}

/* In the order in which they count: the system's, the user's, the repository's. */
void settings_of_git(arena *a, const client *c, setting_list *out)
{
    const char *user = process_variable(c->process, "GIT_CONFIG_GLOBAL");
    git_file(a, "/etc/gitconfig", NULL, out);
    if (user != NULL) {
        git_file(a, process_path(a, c->process, user), "GIT_CONFIG_GLOBAL", out);
    } else {
        git_file(a, settings_in_folder(a, c, "XDG_CONFIG_HOME", "git/config"), "XDG_CONFIG_HOME", out);
        git_file(a, settings_in_folder(a, c, "HOME", ".config/git/config"), NULL, out);
        git_file(a, settings_in_folder(a, c, "HOME", ".gitconfig"), NULL, out);
    }
    git_file(a, process_path(a, c->process, ".git/config"), NULL, out);
}
