#include "client/own_words.h"

#include "client/library_file.h"
#include "client/quiet_process.h"
#include "client/trust_program.h"

#include <string.h>

#define PRINTED_LEN_MAX ((size_t)64 * 1024)
enum { ARGUMENTS_MAX = 4, ENVIRONMENT_MAX = 4096, TEXT_LEN_MAX = 256 };

/* Each prints lines "runtime ...", "library ...", "module ...". They run in the oldest version of their language that is met. */
static const char python_line[] = "import sys\n"
                                  "print('runtime '+sys.version.split()[0])\n"
                                  "import ssl,_ssl\n"
                                  "print('library '+getattr(ssl,'OPENSSL_VERSION',''))\n"
                                  "print('module '+getattr(_ssl,'__file__',''))\n";
static const char node_line[] =
    "console.log('runtime '+process.version.slice(1));console.log('library OpenSSL '+process.versions.openssl)";
static const char ruby_line[] = "puts 'runtime '+RUBY_VERSION; require 'openssl'; "
                                "puts 'library '+(defined?(OpenSSL::OPENSSL_LIBRARY_VERSION) ? OpenSSL::OPENSSL_LIBRARY_VERSION : "
                                "OpenSSL::OPENSSL_VERSION); puts 'module '+$\".grep(/openssl\\.so$/)[0].to_s";
static const char php_line[] =
    "echo 'runtime '.PHP_VERSION.\"\\n\".'library '.(defined('OPENSSL_VERSION_TEXT')?OPENSSL_VERSION_TEXT:'').\"\\n\";";
static const char perl_line[] = "printf(\"runtime %vd\\n\",$^V); require Net::SSLeay; require DynaLoader; "
                                "print 'library '.Net::SSLeay::SSLeay_version(0).\"\\n\"; "
                                "print 'module '.((grep { /SSLeay/ } @DynaLoader::dl_shared_objects)[0]||'').\"\\n\";";

static const struct {
    enum runtime runtime;
    const char *arguments[ARGUMENTS_MAX];
    /* What stands before each in what it prints; NULL: it does not say. */
    const char *before_version, *before_library, *before_module;
    bool is_built_with;
    bool is_second_word; /* the library's is the second word of what follows, alone */
} questions[] = {
    {RUNTIME_PYTHON, {"-c", python_line}, "runtime ", "library ", "module ", false, false},
    {RUNTIME_NODE, {"-e", node_line}, "runtime ", "library ", NULL, false, false},
    {RUNTIME_RUBY, {"-e", ruby_line}, "runtime ", "library ", "module ", false, false},
    {RUNTIME_PHP, {"-r", php_line}, "runtime ", "library ", NULL, true, false},
    {RUNTIME_PERL, {"-e", perl_line}, "runtime ", "library ", "module ", false, false},
    {RUNTIME_JAVA, {"-version"}, "version \"", NULL, NULL, false, false},
    {RUNTIME_CURL, {"--version"}, "curl ", "libcurl/", NULL, false, true},
    {RUNTIME_WGET, {"--version"}, "GNU Wget ", NULL, NULL, false, false},
    {RUNTIME_GIT, {"--version"}, "git version ", NULL, NULL, false, false},
    {RUNTIME_OPENSSL, {"version"}, "SSL ", "Library: ", NULL, false, false},
    {RUNTIME_GNUTLS_CLI, {"--version"}, "gnutls-cli ", NULL, NULL, false, false},
};
enum { NUM_QUESTIONS = sizeof questions / sizeof *questions };

static size_t question_of(enum runtime runtime)
{
    for (size_t i = 0; i < NUM_QUESTIONS; i++)
        if (questions[i].runtime == runtime)
            return i;
    return NUM_QUESTIONS;
}

/* The first word of a text; without a bracket or quote that closes after it. */
static bytes_view first_word(bytes_view text)
{
    return bytes_until(bytes_until(bytes_until(text, ' '), '"'), ')');
}

/* The rest of the line after `before`, or its first word; NULL where it is missing or empty. */
static const char *text_after(arena *a, bytes_view printed, const char *before, bool is_word)
{
    size_t at = before == NULL ? printed.len : bytes_find(printed, before, 0);
    if (at == printed.len)
        return NULL;
    bytes_view line = bytes_until(bytes_slice(printed, at + strlen(before), TEXT_LEN_MAX), '\n');
    if (is_word)
        line = first_word(line);
    while (line.len > 0 && (bytes_at(line, line.len - 1) <= ' ' || bytes_at(line, line.len - 1) == ')'))
        line = bytes_slice(line, 0, line.len - 1);
    return line.len == 0 ? NULL : bytes_to_text(a, line);
}

static const char *second_word(arena *a, const char *text)
{
    bytes_view line = bytes_from_text(text);
    bytes_view word = first_word(bytes_slice(line, bytes_until(line, ' ').len + 1, line.len));
    return word.len == 0 ? NULL : bytes_to_text(a, word);
}

own_words own_words_read(arena *a, enum runtime runtime, bytes_view printed)
{
    size_t i = question_of(runtime);
    if (i == NUM_QUESTIONS)
        return (own_words){.library = NULL};
    const char *library = text_after(a, printed, questions[i].before_library, false);
    return (own_words){.runtime_version = text_after(a, printed, questions[i].before_version, true),
                       .library = questions[i].is_second_word ? second_word(a, library) : library,
                       .module = text_after(a, printed, questions[i].before_module, false),
                       .is_built_with = questions[i].is_built_with};
}

static char **copied(arena *a, const char *const *texts, size_t max)
{
    char **list = ARENA_ARRAY(a, max + 1, char *);
    for (size_t i = 0; texts != NULL && texts[i] != NULL && i < max; i++)
        list[i] = arena_printf(a, "%s", texts[i]);
    return list;
}

own_words client_own_words(arena *a, const client *c, int64_t time_ms)
{
    size_t i = question_of(c->runtime);
    const char *called = c->process->argv == NULL ? NULL : c->process->argv[0];
    const char *program = called != NULL && called[0] == '/' ? called : c->process->exe;
    const char *argv[ARGUMENTS_MAX + 2] = {program};
    bytes_view printed;
    if (i == NUM_QUESTIONS || program == NULL)
        return (own_words){.library = NULL};
    for (size_t k = 0; k < ARGUMENTS_MAX && questions[i].arguments[k] != NULL; k++)
        argv[k + 1] = questions[i].arguments[k];
    if (!quiet_process_output(a, copied(a, argv, ARGUMENTS_MAX + 1), copied(a, c->process->environment, ENVIRONMENT_MAX),
                              PRINTED_LEN_MAX, time_ms, &printed))
        return (own_words){.library = NULL};
    return own_words_read(a, c->runtime, printed);
}

const char *own_words_library_version(arena *a, const own_words *said, enum library_kind kind)
{
    const char *name = library_name(kind);
    bytes_view text = bytes_from_text(said->library);
    for (size_t at = name == NULL ? text.len : bytes_find(text, name, 0); at < text.len; at = bytes_find(text, name, at + 1)) {
        const char *version = version_at(a, bytes_slice(text, at + strlen(name) + 1, 32));
        if (version != NULL)
            return version;
    }
    return NULL;
}
