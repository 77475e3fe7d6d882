#include "client/client.h"

#include "client/library_file.h"
#include "client/reach.h"
#include "client/runtime_module.h"

#include <string.h>

#define RELEASE_LEN_MAX ((size_t)64 * 1024)

static const char *const library_names[] = {
    [LIBRARY_OPENSSL] = "OpenSSL", [LIBRARY_LIBRESSL] = "LibreSSL", [LIBRARY_BORINGSSL] = "BoringSSL",
    [LIBRARY_GNUTLS] = "GnuTLS",   [LIBRARY_NSS] = "NSS",           [LIBRARY_MBEDTLS] = "Mbed TLS",
    [LIBRARY_WOLFSSL] = "wolfSSL", [LIBRARY_GO] = "Go crypto/tls",  [LIBRARY_JSSE] = "Java JSSE",
    [LIBRARY_RUSTLS] = "rustls",
};

const char *library_name(enum library_kind kind)
{
    return library_names[kind];
}

/* By the beginning of the executable's name: python3.11, php8.2, perl5.36, git-remote-https. */
static const struct {
    const char *prefix;
    enum runtime runtime;
    const char *name;
} runtimes[] = {
    {"python", RUNTIME_PYTHON, "Python"}, {"pypy", RUNTIME_PYTHON, "Python"},      {"nodejs", RUNTIME_NODE, "Node.js"},
    {"node", RUNTIME_NODE, "Node.js"},    {"java", RUNTIME_JAVA, "Java"},          {"curl", RUNTIME_CURL, "curl"},
    {"wget", RUNTIME_WGET, "wget"},       {"openssl", RUNTIME_OPENSSL, "openssl"}, {"gnutls-cli", RUNTIME_GNUTLS_CLI, "gnutls-cli"},
    {"perl", RUNTIME_PERL, "Perl"},       {"ruby", RUNTIME_RUBY, "Ruby"},          {"php", RUNTIME_PHP, "PHP"},
    {"git", RUNTIME_GIT, "git"},
};

const char *runtime_name(enum runtime runtime)
{
    for (size_t i = 0; i < sizeof runtimes / sizeof *runtimes; i++)
        if (runtimes[i].runtime == runtime)
            return runtimes[i].name;
    return runtime == RUNTIME_GO ? "Go" : NULL;
}

static const char *file_name(const char *path)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    return slash != NULL ? slash + 1 : path == NULL ? "" : path;
}

enum runtime runtime_of_name(const char *program)
{
    for (size_t i = 0; i < sizeof runtimes / sizeof *runtimes; i++)
        if (strncmp(program, runtimes[i].prefix, strlen(runtimes[i].prefix)) == 0)
            return runtimes[i].runtime;
    return RUNTIME_OTHER;
}

/* ---- libraries beside the program ---------------------------------------------------------------------------------------- */

/* The file that carries the version of that kind: libssl's is in libcrypto, NSS's in libnss3. */
static const char *const version_files[] = {
    [LIBRARY_OPENSSL] = "libcrypto",        [LIBRARY_GNUTLS] = "libgnutls.so",   [LIBRARY_NSS] = "libnss3.so",
    [LIBRARY_MBEDTLS] = "libmbedcrypto.so", [LIBRARY_WOLFSSL] = "libwolfssl.so",
};

static bool read_library(arena *a, const process_snapshot *p, const char *path, enum library_kind kind, tls_library *out)
{
    bool found = library_of_kind_in_file(a, readable_path(a, p, path), kind, out) || library_of_kind_in_file(a, path, kind, out);
    out->file = path;
    return found;
}

static bool library_beside(arena *a, const process_snapshot *p, client *c)
{
    reach found;
    tls_library inside;
    if (!reach_find(p, &found))
        return false;
    const char *with_version = mapped_file(p, version_files[found.kind]);
    c->library = (tls_library){.kind = found.kind, .file = found.library};
    c->module = found.module;
    if (with_version != NULL && read_library(a, p, with_version, LIBRARY_UNKNOWN, &inside)) {
        c->library.version = inside.version;
        c->library.kind = inside.kind; /* a libssl may be LibreSSL's or BoringSSL's */
    }
    return true;
}

/* ---- a library within a file --------------------------------------------------------------------------------------------- */

/* A program that is linked with libcrypto alone (ssh, say) has OpenSSL's version text from its headers, and no TLS. */
static bool is_only_a_text(const process_snapshot *p, const tls_library *found)
{
    return found->kind == LIBRARY_OPENSSL && mapped_file(p, "libcrypto.so") != NULL;
}

static bool library_inside(arena *a, const process_snapshot *p, client *c)
{
    if (p->exe != NULL && read_library(a, p, p->exe, LIBRARY_UNKNOWN, &c->library) && !is_only_a_text(p, &c->library)) {
        c->library.is_inside = true;
        return true;
    }
    for (size_t i = 0; p->mapped_files != NULL && p->mapped_files[i] != NULL; i++) {
        const char *file = p->mapped_files[i];
        bool may_have_one = runtime_module_is(file) || strncmp(file_name(file), "libnode.so", 10) == 0;
        if (may_have_one && read_library(a, p, file, LIBRARY_UNKNOWN, &c->library) && !is_only_a_text(p, &c->library)) {
            c->module = file;
            return true;
        }
    }
    c->library = (tls_library){.kind = LIBRARY_UNKNOWN};
    return false;
}

/* ---- Java -------------------------------------------------------------------------------------------------------------- */

const char *java_home(arena *a, const char *libjvm)
{
    static const char *const ways_down[] = {"/jre/lib/", "/lib/"}; /* up to Java 8, and since */
    bytes_view path = bytes_from_text(libjvm);
    for (size_t i = 0; i < sizeof ways_down / sizeof *ways_down; i++) {
        size_t last = path.len;
        for (size_t at = bytes_find(path, ways_down[i], 0); at < path.len; at = bytes_find(path, ways_down[i], at + 1))
            last = at;
        if (last < path.len)
            return bytes_to_text(a, bytes_slice(path, 0, last));
    }
    return bytes_to_text(a, path);
}

/* JAVA_VERSION="17.0.15" in the file `release` of the folder above bin/ and lib/. */
static bool library_of_java(arena *a, const process_snapshot *p, tls_library *out)
{
    static const char variable[] = "JAVA_VERSION=\"";
    const char *library = mapped_file(p, "libjvm.so");
    bytes_view release = bytes_from(NULL, 0);
    if (library == NULL)
        return false;
    const char *file = arena_printf(a, "%s/release", java_home(a, library));
    *out = (tls_library){.kind = LIBRARY_JSSE, .file = library};
    if (!file_read(a, readable_path(a, p, file), RELEASE_LEN_MAX, &release) && !file_read(a, file, RELEASE_LEN_MAX, &release))
        return true;
    size_t at = bytes_find(release, variable, 0);
    if (at < release.len)
        out->version = bytes_to_text(a, bytes_until(bytes_slice(release, at + sizeof variable - 1, 32), '"'));
    return true;
}

const client *client_identify(arena *a, const process_snapshot *process)
{
    client *c = ARENA_NEW(a, client);
    *c = (client){.process = process, .program = file_name(process->exe)};
    c->runtime = runtime_of_name(c->program);
    if (library_of_java(a, process, &c->library)) {
        c->runtime = c->runtime == RUNTIME_OTHER ? RUNTIME_JAVA : c->runtime;
        return c;
    }
    if (!library_beside(a, process, c))
        (void)library_inside(a, process, c);
    if (c->library.kind == LIBRARY_GO && c->runtime == RUNTIME_OTHER)
        c->runtime = RUNTIME_GO;
    return c;
}

const char *client_library_short(arena *a, const client *c)
{
    const char *name = c == NULL ? NULL : library_name(c->library.kind), *version = name == NULL ? NULL : c->library.version;
    if (name == NULL)
        return NULL;
    return arena_printf(a, "%s%s%s%s%s", name, version == NULL ? "" : " ", version == NULL ? "" : version,
                        c->library.also == NULL ? "" : " or ", c->library.also == NULL ? "" : c->library.also);
}

const char *client_library_text(arena *a, const client *c)
{
    const char *name = c == NULL ? NULL : library_name(c->library.kind);
    if (name == NULL)
        return NULL;
    return arena_printf(a, "%s%s%s%s%s%s", name, c->library.version == NULL ? "" : " ",
                        c->library.version == NULL ? "" : c->library.version, c->library.file == NULL ? "" : " (",
                        c->library.file == NULL ? "" : c->library.file,
                        c->library.file == NULL ? ""
                        : c->library.is_inside  ? ", built into it)"
                                                : ")");
}
