/* java.security, and the file that -Djava.security.properties puts over it. */
#include "client/settings_inner.h"

#include <string.h>

/* The security properties of JSSE (the JSSE reference guide, "Disabled and restricted cryptographic algorithms"). */
static const struct {
    const char *name;
    unsigned narrows;
} properties[] = {
    {"jdk.tls.disabledAlgorithms", NARROWED_ALL_OFFERS | NARROWED_LEVEL},
    {"jdk.disabled.namedCurves", NARROWED_GROUP},
    {"jdk.certpath.disabledAlgorithms", NARROWED_LEVEL},
};

/* The JDK's own file: conf/security since 9, jre/lib/security before. */
static const char *own_file(arena *a, const client *c)
{
    const char *home = java_home(a, c->library.file == NULL ? "" : c->library.file);
    bytes_view ignored;
    const char *newer = arena_printf(a, "%s/conf/security/java.security", home);
    return file_read(a, newer, SETTINGS_FILE_LEN_MAX, &ignored) ? newer : arena_printf(a, "%s/lib/security/java.security", home);
}

static void read_file(arena *a, const char *file, const char *from, setting_list *out)
{
    settings_reader lines;
    settings_line line;
    const char *name, *value;
    if (!settings_open(a, file, &lines))
        return;
    while (settings_next_line(a, &lines, &line))
        for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
            if (bytes_at(line.text, 0) != '!' && settings_split(a, line.text, '=', &name, &value) &&
                strcmp(name, properties[i].name) == 0)
                settings_add(a, out,
                             (setting){.narrows = properties[i].narrows,
                                       .name = properties[i].name,
                                       .value = value,
                                       .file = file,
                                       .line = line.number,
                                       .from = from});
}

/* With "==" the file stands in the place of the JDK's own. */
void settings_of_java(arena *a, const client *c, setting_list *out)
{
    const char *named, *from = settings_argument(a, c, "-Djava.security.properties", &named);
    bool replaces = from != NULL && named[0] == '=';
    out->file = own_file(a, c);
    if (!replaces)
        read_file(a, out->file, NULL, out);
    if (from == NULL)
        return;
    named += replaces ? 1 : 0;
    named += strncmp(named, "file:", 5) == 0 ? 5 : 0;
    read_file(a, process_path(a, c->process, named), from, out);
}
