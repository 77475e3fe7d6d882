#include "client/trust_program.h"

#include "client/trust_read.h"

#include <string.h>
#include <sys/stat.h>

enum { SCRIPT_LEN_MAX = 512 * 1024, TEXT_LEN_MAX = 1024 * 1024, PATH_LEN_MAX = 4096 };

const char *base_name(const char *path)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

bool program_is(const trust_program *p, const char *name)
{
    const char *file = p->process == NULL ? NULL : p->process->exe;
    return file != NULL && strcmp(base_name(file), name) == 0;
}

const char *program_path(const trust_program *p, const char *path)
{
    return p->process == NULL || path == NULL ? path : process_path(p->arena, p->process, path);
}

const char *program_variable(const trust_program *p, const char *name)
{
    const char *value = p->process == NULL ? NULL : process_variable(p->process, name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

const char *program_option(const trust_program *p, const char *name)
{
    size_t len = strlen(name);
    const char *value = NULL;
    const char *const *list = p->process == NULL ? NULL : p->process->argv;
    for (; list != NULL && *list != NULL; list++) {
        if (strncmp(*list, name, len) != 0)
            continue;
        if ((*list)[len] == '=')
            value = *list + len + 1;
        else if ((*list)[len] == '\0' && list[1] != NULL)
            value = list[1];
    }
    return value;
}

bool program_has_argument(const trust_program *p, const char *argument)
{
    const char *const *list = p->process == NULL ? NULL : p->process->argv;
    for (; list != NULL && *list != NULL; list++)
        if (strcmp(*list, argument) == 0)
            return true;
    return false;
}

bool program_text_has(const trust_program *p, const char *words)
{
    return p->text != NULL && strstr(p->text, words) != NULL;
}

const char *program_mapped(const trust_program *p, const char *name)
{
    const char *const *list = p->process == NULL ? NULL : p->process->mapped_files;
    for (; list != NULL && *list != NULL; list++)
        if (strncmp(base_name(*list), name, strlen(name)) == 0)
            return *list;
    return NULL;
}

static bool is_script(const char *argument)
{
    static const char *const endings[] = {".py", ".js", ".mjs", ".cjs", ".ts", ".pl", ".rb", ".php", ".java", ".sh"};
    const char *ending = strrchr(base_name(argument), '.');
    for (size_t i = 0; ending != NULL && i < sizeof endings / sizeof *endings; i++)
        if (strcmp(ending, endings[i]) == 0)
            return true;
    return false;
}

trust_program trust_program_read(arena *a, const process_snapshot *process)
{
    trust_program p = {.arena = a, .process = process};
    const char *const *list = process == NULL ? NULL : process->argv;
    const char *text = "";
    bool has_script = false;
    for (size_t i = 0; list != NULL && list[i] != NULL && strlen(text) < TEXT_LEN_MAX; i++) {
        bytes_view script;
        text = i == 0 ? "" : arena_printf(a, "%s%s\n", text, list[i]);
        bool may_be = i > 0 && !has_script && (is_script(list[i]) || (i == 1 && strchr(list[i], '/') != NULL));
        if (may_be && file_read(a, program_path(&p, list[i]), SCRIPT_LEN_MAX, &script) &&
            bytes_until(script, 0).len == script.len) {
            text = arena_printf(a, "%s%s\n", text, bytes_to_text(a, script));
            has_script = true;
            const char *path = program_path(&p, list[i]), *slash = strrchr(path, '/');
            p.script_folder = slash == NULL ? NULL : bytes_to_text(a, bytes_from(path, (size_t)(slash - path)));
        }
    }
    p.text = text;
    p.text_len = strlen(text);
    return p;
}

/* ---- files that the text names ------------------------------------------------------------------------------------------ */

static bool ends_a_word(char c)
{
    return c == '\0' || strchr("\"'`\n\r\t ,;=()[]{}<>|&", c) != NULL;
}

static bool looks_like_store(const char *path)
{
    static const char *const endings[] = {".pem", ".crt", ".cer", ".cert", ".ca", ".bundle", ".p12", ".pfx", ".jks", ".0", ".crl"};
    const char *ending = strrchr(base_name(path), '.');
    for (size_t i = 0; ending != NULL && i < sizeof endings / sizeof *endings; i++)
        if (strcmp(ending, endings[i]) == 0)
            return true;
    return false;
}

static bool is_file(const char *path)
{
    struct stat is;
    return stat(path, &is) == 0 && S_ISREG(is.st_mode);
}

/* As the process would open it; else beside the script, as __dirname + '/ca.pem' and its like have it. NULL where it is not there.
 */
static const char *file_named(const trust_program *p, const char *word)
{
    const char *path = program_path(p, word);
    if (is_file(path) || p->script_folder == NULL)
        return is_file(path) ? path : NULL;
    const char *beside = arena_printf(p->arena, "%s/%s", p->script_folder, word + strspn(word, "/"));
    return is_file(beside) ? beside : NULL;
}

const char *program_next_file(const trust_program *p, size_t *from)
{
    while (*from < p->text_len) {
        size_t begin = *from;
        while (begin < p->text_len && ends_a_word(p->text[begin]))
            begin++;
        size_t end = begin;
        while (end < p->text_len && !ends_a_word(p->text[end]))
            end++;
        *from = end;
        if (end == begin || end - begin > PATH_LEN_MAX)
            continue;
        const char *word = bytes_to_text(p->arena, bytes_from(p->text + begin, end - begin));
        const char *path = looks_like_store(word) ? file_named(p, word) : NULL;
        if (path != NULL)
            return path;
    }
    return NULL;
}
