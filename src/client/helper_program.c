#include "client/helper_program.h"

#include "client/executable.h"
#include "client/trust_program.h"

#include <glob.h>
#include <string.h>

#define SETTINGS_LEN_MAX ((size_t)64 * 1024)

enum helper_place {
    HELPER_FILE,      /* at that path */
    HELPER_NEWEST,    /* by the name that was called, in the newest folder of that pattern */
    HELPER_TOOLCHAIN, /* of rustup's toolchain, by that name */
    HELPER_JAVA,      /* JAVA_HOME's, or the one on the PATH */
};

/* `file`: the name that links lead to; NULL: whatever it is. */
static const struct {
    const char *name, *file;
    enum helper_place place;
    const char *path, *how;
    const char *source;
} helpers[] = {
    {"apt", NULL, HELPER_FILE, "/usr/lib/apt/methods/https", "fetches by", "apt-transport-https(1)"},
    {"apt-get", NULL, HELPER_FILE, "/usr/lib/apt/methods/https", "fetches by", "apt-transport-https(1)"},
    {"aptitude", NULL, HELPER_FILE, "/usr/lib/apt/methods/https", "fetches by", "apt-transport-https(1)"},
    {NULL, "pg_wrapper", HELPER_NEWEST, "/usr/lib/postgresql/*/bin", "is Debian's wrapper of", "pg_wrapper(1)"},
    {NULL, "rustup", HELPER_TOOLCHAIN, NULL, "is rustup's proxy of", "The rustup book, Concepts: Proxies"},
    {"mvn", NULL, HELPER_JAVA, NULL, "starts", "mvn, its last lines"},
    {"gradle", NULL, HELPER_JAVA, NULL, "starts", "Gradle's start script"},
    {"ant", NULL, HELPER_JAVA, NULL, "starts", "Ant's start script"},
    {"sbt", NULL, HELPER_JAVA, NULL, "starts", "sbt's start script"},
};

static const char *newest_match(arena *a, const char *pattern)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0)
        return NULL;
    const char *best = found.gl_pathv[0];
    for (size_t i = 1; i < found.gl_pathc; i++)
        best = strverscmp(found.gl_pathv[i], best) > 0 ? found.gl_pathv[i] : best;
    const char *path = arena_printf(a, "%s", best);
    globfree(&found);
    return path;
}

/* default_toolchain = "stable-x86_64-unknown-linux-gnu" of settings.toml, unless a variable says another. */
static const char *toolchain_of(arena *a, const process_snapshot *s, const char *root)
{
    static const char before[] = "default_toolchain = \"";
    const char *set = process_variable(s, "RUSTUP_TOOLCHAIN");
    bytes_view text;
    if (set != NULL && set[0] != '\0')
        return set;
    if (!file_read(a, arena_printf(a, "%s/settings.toml", root), SETTINGS_LEN_MAX, &text))
        return NULL;
    size_t at = bytes_find(text, before, 0);
    return at == text.len ? NULL : bytes_to_text(a, bytes_until(bytes_slice(text, at + sizeof before - 1, 128), '"'));
}

static const char *of_toolchain(arena *a, const process_snapshot *s, const char *name)
{
    const char *root = process_variable(s, "RUSTUP_HOME"), *home = process_variable(s, "HOME");
    if (root == NULL)
        root = arena_printf(a, "%s/.rustup", home == NULL ? "" : home);
    const char *toolchain = toolchain_of(a, s, root);
    /* "stable" stands for the one of this machine's kind */
    return toolchain == NULL || strchr(toolchain, '/') != NULL
               ? NULL
               : newest_match(a, arena_printf(a, "%s/toolchains/%s*/bin/%s", root, toolchain, name));
}

static const char *java_of(arena *a, const process_snapshot *s)
{
    const char *home = process_variable(s, "JAVA_HOME");
    return home != NULL && home[0] == '/' ? arena_printf(a, "%s/bin/java", home) : executable_on_path(a, s, "java");
}

static const char *place_of(arena *a, const process_snapshot *s, size_t helper, const char *name)
{
    switch (helpers[helper].place) {
    case HELPER_FILE:
        return newest_match(a, helpers[helper].path);
    case HELPER_NEWEST:
        return newest_match(a, arena_printf(a, "%s/%s", helpers[helper].path, name));
    case HELPER_TOOLCHAIN:
        return strcmp(name, "rustup") == 0 ? NULL : of_toolchain(a, s, name);
    default:
        return java_of(a, s);
    }
}

const char *helper_program_find(arena *a, const process_snapshot *surroundings, const char *path, const char *file,
                                const char **how)
{
    const char *name = base_name(path), *real = base_name(file);
    for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++) {
        bool is_it = helpers[i].name != NULL ? strcmp(name, helpers[i].name) == 0 : strcmp(real, helpers[i].file) == 0;
        const char *found = is_it ? place_of(a, surroundings, i, name) : NULL;
        if (found == NULL || strcmp(found, path) == 0)
            continue;
        *how = helpers[i].how;
        return found;
    }
    return NULL;
}
