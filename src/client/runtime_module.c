#include "client/runtime_module.h"

#include "client/trust_program.h"

#include <glob.h>
#include <string.h>

/* By the beginning of the module's name. */
static const char *const module_names[] = {"_ssl.",      "_ssl-",           "_pypy_openssl", "SSLeay.so",
                                           "openssl.so", "git-remote-http", "libcurl"};

bool runtime_module_is(const char *path)
{
    for (size_t i = 0; i < sizeof module_names / sizeof *module_names; i++)
        if (strncmp(base_name(path), module_names[i], strlen(module_names[i])) == 0)
            return true;
    return false;
}

/* Where each keeps it, below the folder that has the program's bin/ (sysconfig of CPython; perlrun and Config.pm's vendorarch,
 * sitearch; RbConfig's rubyarchdir; php-config --extension-dir; git --exec-path; JDK's layout before and since 9). '?' stands for
 * the version of the program's own name: "3.11" of python3.11, and is tried as '*' where the name has none. */
static const struct {
    enum runtime runtime;
    const char *pattern;
} places[] = {
    {RUNTIME_PYTHON, "lib/python?/lib-dynload/_ssl*.so"},
    {RUNTIME_PYTHON, "lib64/python?/lib-dynload/_ssl*.so"},
    {RUNTIME_PYTHON, "lib/pypy?/_pypy_openssl*.so"},
    {RUNTIME_PYTHON, "lib/pypy?/_ssl*.so"},
    {RUNTIME_PYTHON, "lib_pypy/_pypy_openssl*.so"},
    {RUNTIME_PERL, "local/lib/*/perl/5*/auto/Net/SSLeay/SSLeay.so"},
    {RUNTIME_PERL, "lib/*/perl5/5*/auto/Net/SSLeay/SSLeay.so"},
    {RUNTIME_PERL, "lib/perl5/site_perl/5*/*/auto/Net/SSLeay/SSLeay.so"},
    {RUNTIME_PERL, "lib/perl5/vendor_perl/*/auto/Net/SSLeay/SSLeay.so"},
    {RUNTIME_PERL, "lib/perl5/vendor_perl/auto/Net/SSLeay/SSLeay.so"},
    {RUNTIME_PERL, "lib64/perl5/vendor_perl/auto/Net/SSLeay/SSLeay.so"},
    {RUNTIME_RUBY, "lib/*/ruby/?*/openssl.so"},
    {RUNTIME_RUBY, "lib/ruby/?*/*/openssl.so"},
    {RUNTIME_RUBY, "lib64/ruby/openssl.so"},
    {RUNTIME_PHP, "lib/php/*/openssl.so"},
    {RUNTIME_PHP, "lib/php/extensions/*/openssl.so"},
    {RUNTIME_PHP, "lib64/php/modules/openssl.so"},
    {RUNTIME_GIT, "lib/git-core/git-remote-https"},
    {RUNTIME_GIT, "libexec/git-core/git-remote-https"},
    {RUNTIME_JAVA, "lib/server/libjvm.so"},
    {RUNTIME_JAVA, "lib/*/server/libjvm.so"},
    {RUNTIME_JAVA, "jre/lib/*/server/libjvm.so"},
};

static const char *first_match(arena *a, const char *pattern)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0)
        return NULL;
    const char *path = arena_printf(a, "%s", found.gl_pathv[0]);
    globfree(&found);
    return path;
}

/* The pattern with its '?' replaced. */
static const char *with_version(arena *a, const char *pattern, bytes_view version)
{
    bytes_view all = bytes_from_text(pattern), before = bytes_until(all, '?');
    if (before.len == all.len)
        return pattern;
    return arena_printf(a, "%s%s%s", bytes_to_text(a, before), version.len == 0 ? "*" : bytes_to_text(a, version),
                        pattern + before.len + 1);
}

/* "3.11" of python3.11, python3.11d; empty where the name tells only "3". */
static bytes_view version_of_name(const char *file)
{
    const char *name = base_name(file);
    bytes_view rest = bytes_from_text(name + strcspn(name, "0123456789"));
    size_t len = strspn(name + strcspn(name, "0123456789"), "0123456789.");
    bytes_view version = bytes_slice(rest, 0, len);
    return bytes_until(version, '.').len == version.len ? bytes_from(NULL, 0) : version;
}

/* Two folders up: /usr of /usr/bin/python3.11. A glob's own characters in a folder's name are not met in practice; then nothing is
 * found. */
static const char *prefix_of(arena *a, const char *file)
{
    bytes_view path = bytes_from_text(file);
    for (int up = 0; up < 2; up++) {
        while (path.len > 0 && bytes_at(path, path.len - 1) != '/')
            path = bytes_slice(path, 0, path.len - 1);
        path = bytes_slice(path, 0, path.len > 0 ? path.len - 1 : 0);
    }
    return bytes_to_text(a, path);
}

/* Variables that put another folder in its place. */
static const char *prefix_by_variable(enum runtime runtime, const process_snapshot *s)
{
    return runtime == RUNTIME_PYTHON ? process_variable(s, "PYTHONHOME") : NULL;
}

/* A module of Perl's in one of PERL5LIB's folders: itself, or below the version and machine. */
static const char *perl_module_by_variable(arena *a, const process_snapshot *s)
{
    static const char *const ways_down[] = {"auto", "*/auto", "*/*/auto"};
    for (bytes_view rest = bytes_from_text(process_variable(s, "PERL5LIB")); rest.len > 0;) {
        bytes_view folder = bytes_until(rest, ':');
        rest = bytes_slice(rest, folder.len + 1, rest.len);
        for (size_t i = 0; folder.len > 0 && i < sizeof ways_down / sizeof *ways_down; i++) {
            const char *found =
                first_match(a, arena_printf(a, "%s/%s/Net/SSLeay/SSLeay.so", bytes_to_text(a, folder), ways_down[i]));
            if (found != NULL)
                return found;
        }
    }
    return NULL;
}

const char *runtime_module_find(arena *a, enum runtime runtime, const char *file, const process_snapshot *surroundings)
{
    const char *named = prefix_by_variable(runtime, surroundings);
    const char *prefix = named != NULL && named[0] == '/' ? named : prefix_of(a, file);
    const char *git = runtime == RUNTIME_GIT ? process_variable(surroundings, "GIT_EXEC_PATH") : NULL;
    const char *found = git == NULL ? NULL : first_match(a, arena_printf(a, "%s/git-remote-https", git));
    if (runtime == RUNTIME_PERL)
        found = perl_module_by_variable(a, surroundings);
    for (size_t i = 0; found == NULL && i < sizeof places / sizeof *places; i++)
        if (places[i].runtime == runtime)
            found = first_match(a, arena_printf(a, "%s/%s", prefix, with_version(a, places[i].pattern, version_of_name(file))));
    return found;
}
