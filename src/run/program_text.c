#include "run/program_text.h"

#include <ctype.h>
#include <string.h>

#define SOURCE_LEN_MAX ((size_t)1024 * 1024)

/* ---- comments -------------------------------------------------------------------------------------------------------------- */

static bool has_hash_comments(enum runtime r)
{
    return r == RUNTIME_PYTHON || r == RUNTIME_PERL || r == RUNTIME_RUBY || r == RUNTIME_PHP;
}

static bool has_slash_comments(enum runtime r)
{
    return r == RUNTIME_NODE || r == RUNTIME_JAVA || r == RUNTIME_GO || r == RUNTIME_PHP;
}

/* From a quotation mark to past its end: of Python's threefold ones, or on its line. A backquoted one may go over lines. */
static size_t end_of_text(enum runtime r, bytes_view text, size_t at)
{
    int mark = bytes_at(text, at);
    bool threefold = r == RUNTIME_PYTHON && bytes_at(text, at + 1) == mark && bytes_at(text, at + 2) == mark;
    if (threefold) {
        const char end[] = {(char)mark, (char)mark, (char)mark, '\0'};
        return bytes_find(text, end, at + 3) + 3;
    }
    for (at++; at < text.len && bytes_at(text, at) != mark && (mark == '`' || bytes_at(text, at) != '\n'); at++)
        if (bytes_at(text, at) == '\\')
            at++;
    return at + 1;
}

/* Where the comment that begins at `at` ends; `at` itself where none does. */
static size_t end_of_comment(enum runtime r, bytes_view text, size_t at)
{
    int one = bytes_at(text, at), two = bytes_at(text, at + 1), before = at == 0 ? '\n' : bytes_at(text, at - 1);
    bool is_hash = one == '#' && has_hash_comments(r) && (r == RUNTIME_PYTHON || isspace(before) || before == ';');
    bool is_slash = one == '/' && two == '/' && has_slash_comments(r);
    if (is_hash || is_slash)
        return at + bytes_until(bytes_slice(text, at, text.len), '\n').len;
    if (one == '/' && two == '*' && has_slash_comments(r))
        return bytes_find(text, "*/", at + 2);
    return at;
}

/* A docstring says what code does, and is none. */
static bool is_docstring(enum runtime r, bytes_view text, size_t at, size_t end)
{
    return r == RUNTIME_PYTHON && end > at + 5 && bytes_at(text, at + 1) == bytes_at(text, at) &&
           bytes_at(text, at + 2) == bytes_at(text, at);
}

static void blank(char *copy, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (copy[i] != '\n')
            copy[i] = ' ';
}

bytes_view program_without_comments(arena *a, enum runtime runtime, bytes_view text)
{
    char *copy = bytes_to_text(a, text);
    for (size_t at = 0; at < text.len;) {
        size_t end = end_of_comment(runtime, text, at);
        bool is_comment = end > at;
        int byte = bytes_at(text, at);
        if (!is_comment && (byte == '"' || byte == '\'' || (byte == '`' && runtime == RUNTIME_NODE)))
            end = end_of_text(runtime, text, at);
        end = end > text.len ? text.len : end;
        if (is_comment || is_docstring(runtime, text, at, end))
            blank(copy, at, end);
        at = end > at ? end : at + 1;
    }
    return bytes_from(copy, text.len);
}

int program_line_at(bytes_view text, size_t offset)
{
    int line = 1;
    for (size_t i = 0; i < offset && i < text.len; i++)
        line += bytes_at(text, i) == '\n';
    return line;
}

/* ---- files ------------------------------------------------------------------------------------------------------------------- */

static bool has_source(const source_list *list, const char *path)
{
    for (size_t i = 0; i < list->num_items; i++)
        if (list->items[i].path != NULL && strcmp(list->items[i].path, path) == 0)
            return true;
    return false;
}

static bool add_file(arena *a, const client *c, const char *path, source_list *out)
{
    bytes_view text;
    if (out->num_items == SOURCES_MAX || has_source(out, path) || !file_read(a, path, SOURCE_LEN_MAX, &text) ||
        bytes_until(text, 0).len != text.len || text.len == 0)
        return false;
    out->items[out->num_items++] = (source){.path = path, .text = program_without_comments(a, c->runtime, text)};
    return true;
}

/* What precedes a program's text on the command line. */
static bool introduces_text(enum runtime runtime, const char *option)
{
    static const struct {
        enum runtime runtime;
        const char *option;
    } rows[] = {{RUNTIME_PYTHON, "-c"}, {RUNTIME_NODE, "-e"},      {RUNTIME_NODE, "--eval"}, {RUNTIME_NODE, "-p"},
                {RUNTIME_NODE, "-pe"},  {RUNTIME_NODE, "--print"}, {RUNTIME_PERL, "-e"},     {RUNTIME_PERL, "-E"},
                {RUNTIME_RUBY, "-e"},   {RUNTIME_PHP, "-r"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].runtime == runtime && strcmp(rows[i].option, option) == 0)
            return true;
    return false;
}

/* "package.module" as a path without its ending. */
static char *module_path(arena *a, bytes_view name)
{
    char *path = bytes_to_text(a, name);
    for (char *at = path; *at != '\0'; at++)
        if (*at == '.')
            *at = '/';
    return path;
}

static void add_python_module(arena *a, const client *c, const char *folder, bytes_view name, source_list *out)
{
    while (bytes_at(name, 0) == '.')
        name = bytes_slice(name, 1, name.len);
    if (name.len == 0)
        return;
    const char *path = module_path(a, name);
    if (!add_file(a, c, arena_printf(a, "%s/%s.py", folder, path), out) &&
        !add_file(a, c, arena_printf(a, "%s/%s/__init__.py", folder, path), out))
        (void)add_file(a, c, arena_printf(a, "%s/%s/__main__.py", folder, path), out);
}

static void add_given(arena *a, const client *c, source_list *out)
{
    const char *const *argv = c->process->argv;
    const char *here = c->process->working_directory == NULL ? "." : c->process->working_directory;
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL && out->num_items < SOURCES_MAX; i++) {
        if (introduces_text(c->runtime, argv[i - 1]))
            out->items[out->num_items++] = (source){.text = program_without_comments(a, c->runtime, bytes_from_text(argv[i]))};
        else if (c->runtime == RUNTIME_PYTHON && strcmp(argv[i - 1], "-m") == 0)
            add_python_module(a, c, here, bytes_from_text(argv[i]), out);
        else if (argv[i][0] != '-')
            (void)add_file(a, c, process_path(a, c->process, argv[i]), out);
    }
}

static const char *folder_of(arena *a, const client *c, const source *s)
{
    const char *slash = s->path == NULL ? NULL : strrchr(s->path, '/');
    if (slash == NULL)
        return c->process->working_directory == NULL ? "." : c->process->working_directory;
    return bytes_to_text(a, bytes_from(s->path, (size_t)(slash - s->path)));
}

static bytes_view word_at(bytes_view text, size_t at)
{
    size_t len = 0;
    while (isalnum(bytes_at(text, at + len)) || bytes_at(text, at + len) == '_' || bytes_at(text, at + len) == '.')
        len++;
    return bytes_slice(text, at, len);
}

/* "import a, b.c" and "from .d import e", wherever a line begins so; __import__('f') and import_module('f'). */
static void add_python_imports(arena *a, const client *c, const source *s, const char *folder, source_list *out)
{
    static const char *const words[] = {"import ", "from ", "__import__('", "__import__(\"", "import_module('", "import_module(\""};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t at = bytes_find(s->text, words[i], 0); at < s->text.len; at = bytes_find(s->text, words[i], at + 1)) {
            bytes_view line = bytes_until(bytes_slice(s->text, at + strlen(words[i]), s->text.len), '\n');
            for (size_t from = 0; from < line.len;) {
                bytes_view name = word_at(line, from);
                add_python_module(a, c, folder, name, out);
                from += name.len;
                if (name.len == 0 || bytes_at(line, from) != ',')
                    break;
                while (bytes_at(line, ++from) == ' ')
                    continue;
            }
        }
}

/* Texts in quotation marks that are paths of files: require('./net'), import x from '../net.js', require_relative 'net'. */
static void add_quoted_files(arena *a, const client *c, const source *s, const char *folder, source_list *out)
{
    static const char *const endings[] = {"", ".js", ".mjs", ".cjs", ".ts", "/index.js", ".rb", ".php", ".pm"};
    for (size_t at = 0; at < s->text.len; at++) {
        int mark = bytes_at(s->text, at);
        if (mark != '\'' && mark != '"')
            continue;
        bytes_view inner = bytes_until(bytes_slice(s->text, at + 1, 256), (uint8_t)mark);
        size_t end = at + 1 + inner.len;
        bool may_be = inner.len > 0 && inner.len < 200 && bytes_until(inner, '\n').len == inner.len &&
                      bytes_until(inner, ':').len == inner.len;
        const char *word = may_be ? bytes_to_text(a, inner) : "";
        bool found = false;
        for (size_t i = 0; may_be && !found && i < sizeof endings / sizeof *endings; i++)
            found = add_file(a, c, arena_printf(a, "%s/%s%s", folder, word, endings[i]), out);
        at = end;
    }
}

source_list program_sources(arena *a, const client *c)
{
    source_list list = {.num_items = 0};
    if (!has_hash_comments(c->runtime) && !has_slash_comments(c->runtime))
        return list;
    add_given(a, c, &list);
    for (size_t i = 0; i < list.num_items; i++) { /* it grows */
        const char *folder = folder_of(a, c, &list.items[i]);
        if (c->runtime == RUNTIME_PYTHON)
            add_python_imports(a, c, &list.items[i], folder, &list);
        else
            add_quoted_files(a, c, &list.items[i], folder, &list);
    }
    return list;
}
