/* openssl.cnf: of all its sections those count that the application's name leads to (config(5), SSL_CONF_cmd(3)). */
#include "client/settings_inner.h"

#include "client/capability.h"
#include "client/library_file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ENTRIES_MAX = 1024, INCLUDES_MAX = 8, FOLDER_FILES_MAX = 64 };

/* SSL_CONF_cmd(3), "SUPPORTED CONFIGURATION FILE COMMANDS": what narrows an offer; they are matched without regard to case. */
static const struct {
    const char *name;
    unsigned narrows;
} commands[] = {
    {"MinProtocol", NARROWED_VERSION_MIN},
    {"MaxProtocol", NARROWED_VERSION_MAX},
    {"Protocol", NARROWED_VERSION},
    {"CipherString", NARROWED_CIPHER | NARROWED_LEVEL},
    {"Ciphersuites", NARROWED_CIPHER13},
    {"Groups", NARROWED_GROUP},
    {"Curves", NARROWED_GROUP},
    {"SignatureAlgorithms", NARROWED_SCHEME},
    {"Options", 0},
    {"ClientSignatureAlgorithms", 0},
};

typedef struct entry {
    const char *section, *name, *value, *file;
    int line;
} entry;

typedef struct configuration {
    arena *arena;
    const char *folder; /* relative names of included files stand in it; NULL unknown */
    const char *section;
    entry *entries;
    size_t num_entries;
} configuration;

static void read_file(configuration *f, const char *file, int depth);

static int by_name(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* Of a folder those files whose names end in .cnf or .conf. */
static void read_folder(configuration *f, const char *path, int depth)
{
    DIR *folder = opendir(path);
    const char *names[FOLDER_FILES_MAX];
    size_t num = 0;
    for (struct dirent *d = folder == NULL ? NULL : readdir(folder); d != NULL && num < FOLDER_FILES_MAX; d = readdir(folder)) {
        const char *ending = strrchr(d->d_name, '.');
        if (ending != NULL && (strcmp(ending, ".cnf") == 0 || strcmp(ending, ".conf") == 0))
            names[num++] = arena_printf(f->arena, "%s/%s", path, d->d_name);
    }
    if (folder != NULL)
        (void)closedir(folder);
    qsort((void *)names, num, sizeof *names, by_name);
    for (size_t i = 0; i < num; i++)
        read_file(f, names[i], depth);
}

/* ".include FILE" or ".include = FILE"; NULL where the line is none. */
static const char *included(const configuration *f, bytes_view line)
{
    static const char word[] = ".include";
    line = settings_trimmed(bytes_until(line, '#'));
    if (!bytes_start_with(line, word))
        return NULL;
    line = settings_trimmed(bytes_slice(line, sizeof word - 1, line.len));
    if (bytes_at(line, 0) == '=')
        line = settings_trimmed(bytes_slice(line, 1, line.len));
    if (line.len == 0)
        return NULL;
    const char *path = bytes_to_text(f->arena, line);
    return path[0] == '/' || f->folder == NULL ? path : arena_printf(f->arena, "%s/%s", f->folder, path);
}

static void read_line(configuration *f, bytes_view line, const char *file, int number)
{
    const char *name, *value;
    if (bytes_at(line, 0) == '[') {
        bytes_view inner = bytes_until(bytes_slice(line, 1, line.len), ']');
        f->section = bytes_to_text(f->arena, settings_trimmed(inner));
        return;
    }
    if (!settings_split(f->arena, line, '=', &name, &value) || f->num_entries == ENTRIES_MAX)
        return;
    f->entries[f->num_entries++] = (entry){.section = f->section, .name = name, .value = value, .file = file, .line = number};
}

static void read_text(configuration *f, bytes_view text, const char *file, int depth)
{
    settings_reader lines = settings_reader_of(text);
    settings_line line;
    while (settings_next_line(f->arena, &lines, &line)) {
        const char *more = included(f, line.text);
        if (more != NULL && depth < INCLUDES_MAX) {
            read_file(f, more, depth + 1);
            read_folder(f, more, depth + 1);
        } else if (more == NULL) {
            read_line(f, line.text, file, line.number);
        }
    }
}

static void read_file(configuration *f, const char *file, int depth)
{
    bytes_view text;
    if (file_read(f->arena, file, SETTINGS_FILE_LEN_MAX, &text))
        read_text(f, text, file, depth);
}

/* ---- the chain of sections --------------------------------------------------------------------------------------------------- */

/* The last one counts. NULL where it is not set. */
static const char *value_in(const configuration *f, const char *section, const char *name)
{
    for (size_t i = f->num_entries; section != NULL && i-- > 0;)
        if (strcmp(f->entries[i].section, section) == 0 && strcmp(f->entries[i].name, name) == 0)
            return f->entries[i].value;
    return NULL;
}

/* The number before the last point is there to make names differ: "1.Options" (SSL_CONF_cmd(3)). */
static const char *command_of(const char *name)
{
    const char *point = strrchr(name, '.');
    return point == NULL ? name : point + 1;
}

static void add_entry(const configuration *f, const entry *e, const char *from, setting_list *out)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcasecmp(command_of(e->name), commands[i].name) == 0)
            settings_add(f->arena, out,
                         (setting){.narrows = commands[i].narrows,
                                   .name = commands[i].name,
                                   .value = e->value,
                                   .file = e->file,
                                   .line = e->line,
                                   .from = from});
}

/* False where that application has no section of its own. */
static bool add_settings(const configuration *f, const char *application, const char *from, setting_list *out)
{
    const char *modules = value_in(f, "default", application);
    const char *usual = value_in(f, value_in(f, modules, "ssl_conf"), "system_default");
    for (size_t i = 0; usual != NULL && i < f->num_entries; i++)
        if (strcmp(f->entries[i].section, usual) == 0)
            add_entry(f, &f->entries[i], from, out);
    return modules != NULL;
}

static configuration configuration_new(arena *a, const char *folder)
{
    return (configuration){.arena = a, .folder = folder, .section = "default", .entries = ARENA_ARRAY(a, ENTRIES_MAX, entry)};
}

void openssl_settings_read(arena *a, bytes_view text, const char *application, const char *file, const char *from,
                           setting_list *out)
{
    configuration f = configuration_new(a, NULL);
    read_text(&f, text, file, INCLUDES_MAX);
    (void)add_settings(&f, application, from, out);
}

/* ---- which file -----------------------------------------------------------------------------------------------------------------
 */

static const char *libcrypto_of(const client *c)
{
    const char *const *files = c->process->mapped_files;
    for (size_t i = 0; files != NULL && files[i] != NULL; i++)
        if (strstr(files[i], "/libcrypto") != NULL)
            return files[i];
    return c->library.file;
}

/* With --trace-files it is known which file the process did open. */
static const char *opened_configuration(const client *c)
{
    const char *const *files = c->process->opened_files;
    for (size_t i = 0; files != NULL && files[i] != NULL; i++)
        if (strstr(files[i], "/openssl.cnf") != NULL)
            return files[i];
    return NULL;
}

static const char *compiled_in_configuration(arena *a, const client *c)
{
    const char *library = libcrypto_of(c);
    const char *folder = library == NULL ? NULL : openssl_folder_in_file(a, library);
    return folder == NULL ? NULL : arena_printf(a, "%s/openssl.cnf", folder);
}

static const char *configuration_file(arena *a, const client *c, const char **from)
{
    const char *argument, *variable = process_variable(c->process, "OPENSSL_CONF");
    *from = c->runtime != RUNTIME_NODE ? NULL : settings_argument(a, c, "--openssl-config", &argument);
    if (*from != NULL)
        return process_path(a, c->process, argument);
    *from = variable == NULL ? NULL : "OPENSSL_CONF";
    if (variable != NULL)
        return process_path(a, c->process, variable);
    const char *opened = opened_configuration(c);
    return opened != NULL ? opened : compiled_in_configuration(a, c);
}

/* system_default came with 1.1.1. Node.js has an application's name of its own since 18. */
void settings_of_openssl(arena *a, const client *c, setting_list *out)
{
    const char *from;
    bool knows_it =
        c->library.kind == LIBRARY_OPENSSL && (c->library.version == NULL || version_compare(c->library.version, "1.1.1") >= 0);
    out->file = configuration_file(a, c, &from);
    if (out->file == NULL || !knows_it)
        return;
    configuration f = configuration_new(a, c->process->working_directory);
    read_file(&f, out->file, 0);
    if (c->runtime != RUNTIME_NODE || !add_settings(&f, "nodejs_conf", from, out))
        (void)add_settings(&f, "openssl_conf", from, out);
}
