#include "client/settings.h"

#include "client/library_file.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define FILE_LEN_MAX ((size_t)1024 * 1024)
enum { SETTINGS_MAX = 64, INCLUDES_MAX = 8 };

/* SSL_CONF_cmd(3), "SUPPORTED CONFIGURATION FILE COMMANDS": what narrows an offer; they are matched without regard to case. */
static const struct {
    const char *name;
    enum setting_topic topic;
} openssl_commands[] = {
    {"MinProtocol", SETTING_VERSION}, {"MaxProtocol", SETTING_VERSION},
    {"Protocol", SETTING_VERSION},    {"CipherString", SETTING_CIPHER},
    {"Ciphersuites", SETTING_CIPHER}, {"Groups", SETTING_GROUP},
    {"Curves", SETTING_GROUP},        {"SignatureAlgorithms", SETTING_SCHEME},
    {"Options", SETTING_OTHER},       {"ClientSignatureAlgorithms", SETTING_OTHER},
};

static void add(arena *a, setting_list *list, setting s)
{
    if (list->settings == NULL)
        list->settings = ARENA_ARRAY(a, SETTINGS_MAX, setting);
    if (list->num_settings < SETTINGS_MAX)
        list->settings[list->num_settings++] = s;
}

const setting *setting_on(const setting_list *list, enum setting_topic topic)
{
    for (size_t i = list->num_settings; i-- > 0;)
        if (list->settings[i].topic == topic)
            return &list->settings[i];
    return NULL;
}

/* ---- lines -------------------------------------------------------------------------------------------------------------- */

static bytes_view trimmed(bytes_view v)
{
    size_t start = 0, end = v.len;
    while (start < end && isspace(bytes_at(v, start)))
        start++;
    while (end > start && isspace(bytes_at(v, end - 1)))
        end--;
    return bytes_slice(v, start, end - start);
}

/* "name = value", without what follows a '#'. False where the line has no '='. */
static bool split(arena *a, bytes_view line, char separator, const char **name, const char **value)
{
    line = trimmed(bytes_until(line, '#'));
    bytes_view left = bytes_until(line, (uint8_t)separator);
    if (left.len == line.len)
        return false;
    *name = bytes_to_text(a, trimmed(left));
    *value = bytes_to_text(a, trimmed(bytes_slice(line, left.len + 1, line.len)));
    return true;
}

/* ---- openssl.cnf ---------------------------------------------------------------------------------------------------------- */

/* "system_default.MinProtocol" and plain "MinProtocol" are both in use. */
static const char *command_of(const char *name)
{
    const char *point = strrchr(name, '.');
    return point == NULL ? name : point + 1;
}

static void openssl_line(arena *a, bytes_view line, const char *file, int number, const char *from, setting_list *out)
{
    const char *name, *value;
    if (!split(a, line, '=', &name, &value))
        return;
    for (size_t i = 0; i < sizeof openssl_commands / sizeof *openssl_commands; i++)
        if (strcasecmp(command_of(name), openssl_commands[i].name) == 0)
            add(a, out,
                (setting){.topic = openssl_commands[i].topic,
                          .name = openssl_commands[i].name,
                          .value = value,
                          .file = file,
                          .line = number,
                          .from = from});
}

/* ".include FILE" or ".include = FILE" (config(5)); NULL where the line is none. */
static const char *included(arena *a, bytes_view line)
{
    static const char word[] = ".include";
    line = trimmed(bytes_until(line, '#'));
    if (!bytes_start_with(line, word))
        return NULL;
    line = trimmed(bytes_slice(line, sizeof word - 1, line.len));
    if (bytes_at(line, 0) == '=')
        line = trimmed(bytes_slice(line, 1, line.len));
    return line.len == 0 ? NULL : bytes_to_text(a, line);
}

static void openssl_file_read(arena *a, const char *file, const char *from, int depth, setting_list *out);

static void openssl_text_read(arena *a, bytes_view text, const char *file, const char *from, int depth, setting_list *out)
{
    int number = 0;
    for (size_t at = 0; at < text.len;) {
        bytes_view line = bytes_until(bytes_slice(text, at, text.len), '\n');
        const char *more = included(a, line);
        number++;
        if (more != NULL && depth < INCLUDES_MAX)
            openssl_file_read(a, more, from, depth + 1, out);
        openssl_line(a, line, file, number, from, out);
        at += line.len + 1;
    }
}

void openssl_settings_read(arena *a, bytes_view text, const char *file, const char *from, setting_list *out)
{
    openssl_text_read(a, text, file, from, INCLUDES_MAX, out);
}

static void openssl_file_read(arena *a, const char *file, const char *from, int depth, setting_list *out)
{
    bytes_view text;
    if (file_read(a, file, FILE_LEN_MAX, &text))
        openssl_text_read(a, text, file, from, depth, out);
}

static const char *libcrypto_of(const client *c)
{
    const char *const *files = c->process->mapped_files;
    for (size_t i = 0; files != NULL && files[i] != NULL; i++)
        if (strstr(files[i], "/libcrypto") != NULL)
            return files[i];
    return c->library.file;
}

static void openssl_settings(arena *a, const client *c, setting_list *out)
{
    const char *named = process_variable(c->process, "OPENSSL_CONF");
    const char *library = libcrypto_of(c);
    if (named != NULL) {
        out->file = process_path(a, c->process, named);
        openssl_file_read(a, out->file, "OPENSSL_CONF", 0, out);
        return;
    }
    const char *folder = library == NULL ? NULL : openssl_folder_in_file(a, library);
    if (folder == NULL)
        return;
    out->file = arena_printf(a, "%s/openssl.cnf", folder);
    openssl_file_read(a, out->file, NULL, 0, out);
}

/* ---- java.security --------------------------------------------------------------------------------------------------------- */

/* The JDK's own file: conf/security since 9, jre/lib/security before. */
static const char *java_security_file(arena *a, const client *c)
{
    const char *home = java_home(a, c->library.file == NULL ? "" : c->library.file);
    bytes_view ignored;
    const char *newer = arena_printf(a, "%s/conf/security/java.security", home);
    return file_read(a, newer, FILE_LEN_MAX, &ignored) ? newer : arena_printf(a, "%s/lib/security/java.security", home);
}

/* The value goes on where the line ends in a backslash. */
static void java_settings(arena *a, const client *c, setting_list *out)
{
    static const char name[] = "jdk.tls.disabledAlgorithms";
    bytes_view text;
    int number = 0;
    out->file = java_security_file(a, c);
    if (!file_read(a, out->file, FILE_LEN_MAX, &text))
        return;
    for (size_t at = 0; at < text.len;) {
        bytes_view line = bytes_until(bytes_slice(text, at, text.len), '\n');
        number++;
        if (bytes_start_with(line, name)) {
            size_t end = at + line.len;
            while (end > at && bytes_at(text, end - 1) == '\\')
                end += 1 + bytes_until(bytes_slice(text, end + 1, text.len), '\n').len;
            bytes_view whole = bytes_slice(text, at, end - at);
            bytes_view value = bytes_slice(whole, bytes_until(whole, '=').len + 1, whole.len);
            add(a, out,
                (setting){.topic = SETTING_VERSION,
                          .name = name,
                          .value = bytes_to_text(a, trimmed(value)),
                          .file = out->file,
                          .line = number});
        }
        at += line.len + 1;
    }
}

/* ---- GnuTLS, Node.js, Go ------------------------------------------------------------------------------------------------------
 */

static void gnutls_settings(arena *a, const client *c, setting_list *out)
{
    const char *named = process_variable(c->process, "GNUTLS_SYSTEM_PRIORITY_FILE"), *name, *value;
    bytes_view text;
    int number = 0;
    out->file = named != NULL ? process_path(a, c->process, named) : "/etc/gnutls/config";
    if (!file_read(a, out->file, FILE_LEN_MAX, &text))
        return;
    for (size_t at = 0; at < text.len;) {
        bytes_view line = bytes_until(bytes_slice(text, at, text.len), '\n');
        number++;
        if (split(a, line, '=', &name, &value)) {
            enum setting_topic topic = strstr(name, "version") != NULL                                  ? SETTING_VERSION
                                       : strstr(name, "cipher") != NULL                                 ? SETTING_CIPHER
                                       : strstr(name, "curve") != NULL || strstr(name, "group") != NULL ? SETTING_GROUP
                                       : strstr(name, "sig") != NULL                                    ? SETTING_SCHEME
                                                                                                        : SETTING_OTHER;
            add(a, out,
                (setting){.topic = topic,
                          .name = name,
                          .value = value,
                          .file = out->file,
                          .line = number,
                          .from = named == NULL ? NULL : "GNUTLS_SYSTEM_PRIORITY_FILE"});
        }
        at += line.len + 1;
    }
}

static const struct {
    enum runtime runtime;
    const char *variable, *word;
    enum setting_topic topic;
} variables[] = {
    {RUNTIME_NODE, "NODE_OPTIONS", "--tls-max", SETTING_VERSION},
    {RUNTIME_NODE, "NODE_OPTIONS", "--tls-min", SETTING_VERSION},
    {RUNTIME_NODE, "NODE_OPTIONS", "--tls-cipher-list", SETTING_CIPHER},
    {RUNTIME_JAVA, "JAVA_TOOL_OPTIONS", "jdk.tls.client.protocols", SETTING_VERSION},
    {RUNTIME_JAVA, "JAVA_TOOL_OPTIONS", "https.protocols", SETTING_VERSION},
    {RUNTIME_JAVA, "JAVA_TOOL_OPTIONS", "jdk.tls.namedGroups", SETTING_GROUP},
    {RUNTIME_JAVA, "JDK_JAVA_OPTIONS", "jdk.tls.client.protocols", SETTING_VERSION},
    {RUNTIME_JAVA, "JDK_JAVA_OPTIONS", "https.protocols", SETTING_VERSION},
    {RUNTIME_JAVA, "JDK_JAVA_OPTIONS", "jdk.tls.namedGroups", SETTING_GROUP},
    {RUNTIME_GO, "GODEBUG", "tls", SETTING_OTHER},
};

static void variable_settings(arena *a, const client *c, setting_list *out)
{
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = process_variable(c->process, variables[i].variable);
        if (variables[i].runtime == c->runtime && value != NULL && strstr(value, variables[i].word) != NULL)
            add(a, out,
                (setting){
                    .topic = variables[i].topic, .name = variables[i].variable, .value = value, .from = variables[i].variable});
    }
}

setting_list client_settings(arena *a, const client *c)
{
    setting_list list = {.num_settings = 0};
    switch (c->library.kind) {
    case LIBRARY_OPENSSL:
    case LIBRARY_LIBRESSL:
        openssl_settings(a, c, &list);
        break;
    case LIBRARY_JSSE:
        java_settings(a, c, &list);
        break;
    case LIBRARY_GNUTLS:
        gnutls_settings(a, c, &list);
        break;
    default:
        break;
    }
    variable_settings(a, c, &list);
    return list;
}
