#include "client/settings_inner.h"

#include <ctype.h>
#include <string.h>

enum { SETTINGS_MAX = 64, VALUE_LEN_MAX = 200 };

/* ---- lines and lists ---------------------------------------------------------------------------------------------------- */

bytes_view settings_trimmed(bytes_view v)
{
    size_t start = 0, end = v.len;
    while (start < end && isspace(bytes_at(v, start)))
        start++;
    while (end > start && isspace(bytes_at(v, end - 1)))
        end--;
    return bytes_slice(v, start, end - start);
}

settings_reader settings_reader_of(bytes_view text)
{
    return (settings_reader){.rest = text};
}

bool settings_open(arena *a, const char *file, settings_reader *out)
{
    bytes_view text;
    if (file == NULL || !file_read(a, file, SETTINGS_FILE_LEN_MAX, &text))
        return false;
    *out = settings_reader_of(text);
    return true;
}

static bytes_view next_part(settings_reader *r)
{
    bytes_view line = bytes_until(r->rest, '\n');
    r->rest = bytes_slice(r->rest, line.len + 1, r->rest.len);
    r->number++;
    return settings_trimmed(line);
}

bool settings_next_line(arena *a, settings_reader *r, settings_line *out)
{
    if (r->rest.len == 0)
        return false;
    *out = (settings_line){.text = next_part(r), .number = r->number};
    while (out->text.len > 0 && bytes_at(out->text, out->text.len - 1) == '\\' && r->rest.len > 0) {
        bytes_view begun = bytes_slice(out->text, 0, out->text.len - 1), more = next_part(r);
        out->text = bytes_from_text(arena_printf(a, "%s%s", bytes_to_text(a, begun), bytes_to_text(a, more)));
    }
    return true;
}

bool settings_split(arena *a, bytes_view line, char separator, const char **name, const char **value)
{
    line = settings_trimmed(bytes_until(line, '#'));
    bytes_view left = bytes_until(line, (uint8_t)separator);
    if (separator == ' ')
        left = bytes_until(left, '\t');
    if (left.len == line.len)
        return false;
    *name = bytes_to_text(a, settings_trimmed(left));
    *value = bytes_to_text(a, settings_trimmed(bytes_slice(line, left.len + 1, line.len)));
    return true;
}

void settings_add(arena *a, setting_list *list, setting s)
{
    if (list->settings == NULL)
        list->settings = ARENA_ARRAY(a, SETTINGS_MAX, setting);
    if (s.value != NULL && strlen(s.value) > VALUE_LEN_MAX)
        s.value = arena_printf(a, "%s...", bytes_to_text(a, bytes_from(s.value, VALUE_LEN_MAX)));
    if (list->num_settings < SETTINGS_MAX)
        list->settings[list->num_settings++] = s;
}

const setting *setting_on(const setting_list *list, unsigned narrows)
{
    for (size_t i = list->num_settings; i-- > 0;)
        if ((list->settings[i].narrows & narrows) != 0)
            return &list->settings[i];
    return NULL;
}

const char *settings_in_folder(arena *a, const client *c, const char *variable, const char *name)
{
    const char *folder = process_variable(c->process, variable);
    return folder == NULL || folder[0] == '\0' ? NULL : arena_printf(a, "%s/%s", folder, name);
}

/* ---- arguments, and variables that hold some ------------------------------------------------------------------------------- */

/* The variable whose words a runtime takes as arguments. Node.js: node(1); Java: the java command's manual, and JVMTI's. */
static const struct {
    enum runtime runtime;
    const char *variable;
} argument_variables[] = {
    {RUNTIME_NODE, "NODE_OPTIONS"},
    {RUNTIME_JAVA, "JAVA_TOOL_OPTIONS"},
    {RUNTIME_JAVA, "JDK_JAVA_OPTIONS"},
    {RUNTIME_JAVA, "_JAVA_OPTIONS"},
};
enum { NUM_ARGUMENT_VARIABLES = sizeof argument_variables / sizeof *argument_variables };

/* The first word that begins with that; NULL where there is none. */
static const char *word_in(arena *a, const char *text, const char *beginning)
{
    char *copy = text == NULL ? NULL : bytes_to_text(a, bytes_from_text(text)), *rest = NULL;
    for (char *word = copy == NULL ? NULL : strtok_r(copy, " \t\"'", &rest); word != NULL; word = strtok_r(NULL, " \t\"'", &rest))
        if (strncmp(word, beginning, strlen(beginning)) == 0)
            return word;
    return NULL;
}

/* "--option=VALUE", or "--option" with the value in the argument after it. */
static const char *value_of(const char *argument, const char *next, const char *option)
{
    size_t len = strlen(option);
    if (strncmp(argument, option, len) != 0)
        return NULL;
    return argument[len] == '=' ? argument + len + 1 : argument[len] == '\0' ? next : NULL;
}

const char *settings_argument(arena *a, const client *c, const char *option, const char **value)
{
    const char *const *argv = c->process->argv;
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++)
        if ((*value = value_of(argv[i], argv[i + 1], option)) != NULL)
            return option;
    for (size_t i = 0; i < NUM_ARGUMENT_VARIABLES; i++) {
        const char *text = process_variable(c->process, argument_variables[i].variable);
        const char *word = argument_variables[i].runtime == c->runtime ? word_in(a, text, option) : NULL;
        if (word != NULL && (*value = value_of(word, NULL, option)) != NULL)
            return argument_variables[i].variable;
    }
    return NULL;
}

/* ---- variables ------------------------------------------------------------------------------------------------------------- */

/* A variable, or a word in it, and what it narrows. Node.js: node(1); Java: the JSSE reference guide, networking properties; Go:
 * the history of its GODEBUG settings; git: git(1) and git-config(1). */
static const struct {
    enum runtime runtime;
    const char *variable, *word; /* word NULL: the whole value */
    unsigned narrows;
} variables[] = {
    {RUNTIME_NODE, "NODE_OPTIONS", "--tls-max", NARROWED_VERSION_MAX},
    {RUNTIME_NODE, "NODE_OPTIONS", "--tls-min", NARROWED_VERSION_MIN},
    {RUNTIME_NODE, "NODE_OPTIONS", "--tls-cipher-list", NARROWED_ANY_CIPHER | NARROWED_LEVEL},
    {RUNTIME_JAVA, NULL, "-Djdk.tls.client.protocols", NARROWED_VERSION},
    {RUNTIME_JAVA, NULL, "-Dhttps.protocols", NARROWED_VERSION},
    {RUNTIME_JAVA, NULL, "-Djdk.tls.client.cipherSuites", NARROWED_ANY_CIPHER},
    {RUNTIME_JAVA, NULL, "-Dhttps.cipherSuites", NARROWED_ANY_CIPHER},
    {RUNTIME_JAVA, NULL, "-Djdk.tls.namedGroups", NARROWED_GROUP},
    {RUNTIME_JAVA, NULL, "-Djdk.tls.client.SignatureSchemes", NARROWED_SCHEME},
    {RUNTIME_JAVA, NULL, "-Djsse.enableSNIExtension", NARROWED_NAME},
    {RUNTIME_GIT, "GIT_SSL_VERSION", NULL, NARROWED_VERSION},
    {RUNTIME_GIT, "GIT_SSL_CIPHER_LIST", NULL, NARROWED_ALL_OFFERS},
    {RUNTIME_GO, "GODEBUG", "tls", NARROWED_ANY_CIPHER | NARROWED_VERSION_MIN | NARROWED_GROUP},
};

static void add_variable(arena *a, const client *c, size_t row, const char *variable, setting_list *out)
{
    const char *text = process_variable(c->process, variable), *word = variables[row].word;
    const char *value = text != NULL && word != NULL ? word_in(a, text, word) : text;
    if (c->runtime == RUNTIME_GO && text != NULL) /* "a=1,tlsmlkem=0": not parted by blanks */
        value = strstr(text, word) != NULL ? text : NULL;
    if (value != NULL && value[0] != '\0')
        settings_add(a, out, (setting){.narrows = variables[row].narrows, .name = variable, .value = value, .from = variable});
}

static void settings_of_variables(arena *a, const client *c, setting_list *out)
{
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        if (variables[i].runtime != c->runtime)
            continue;
        if (variables[i].variable != NULL)
            add_variable(a, c, i, variables[i].variable, out);
        for (size_t k = 0; variables[i].variable == NULL && k < NUM_ARGUMENT_VARIABLES; k++)
            if (argument_variables[k].runtime == c->runtime)
                add_variable(a, c, i, argument_variables[k].variable, out);
    }
}

setting_list client_settings(arena *a, const client *c)
{
    setting_list list = {.num_settings = 0};
    switch (c->library.kind) {
    case LIBRARY_OPENSSL:
    case LIBRARY_LIBRESSL:
        settings_of_openssl(a, c, &list);
        break;
    case LIBRARY_JSSE:
        settings_of_java(a, c, &list);
        break;
    case LIBRARY_GNUTLS:
        settings_of_gnutls(a, c, &list);
        break;
    default:
        break;
    }
    if (c->runtime == RUNTIME_CURL)
        settings_of_curl(a, c, &list);
    if (c->runtime == RUNTIME_WGET)
        settings_of_wget(a, c, &list);
    if (c->runtime == RUNTIME_GIT)
        settings_of_git(a, c, &list);
    settings_of_programs(a, c, &list);
    settings_of_variables(a, c, &list);
    return list;
}
