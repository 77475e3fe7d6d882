#include "client/client.h"

#include "client/library_file.h"

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

static enum runtime runtime_of(const char *program)
{
    for (size_t i = 0; i < sizeof runtimes / sizeof *runtimes; i++)
        if (strncmp(program, runtimes[i].prefix, strlen(runtimes[i].prefix)) == 0)
            return runtimes[i].runtime;
    return RUNTIME_OTHER;
}

/* ---- libraries beside the program ---------------------------------------------------------------------------------------- */

/* Shared libraries by the beginning of their names. libcurl-gnutls comes first: what it is linked with is what is used, also where
 * libssl is mapped for something else. */
static const struct {
    const char *prefix;
    enum library_kind kind;
} shared[] = {
    {"libcurl-gnutls.so", LIBRARY_GNUTLS}, {"libssl.so", LIBRARY_OPENSSL},        {"libssl-", LIBRARY_OPENSSL},
    {"libgnutls.so", LIBRARY_GNUTLS},      {"libssl3.so", LIBRARY_NSS},           {"libmbedtls.so", LIBRARY_MBEDTLS},
    {"libwolfssl.so", LIBRARY_WOLFSSL},    {"libgnutls-openssl", LIBRARY_GNUTLS},
};

/* The file that carries the version of that kind: libssl's is in libcrypto, NSS's in libnss3. */
static const char *const version_files[] = {
    [LIBRARY_OPENSSL] = "libcrypto",        [LIBRARY_GNUTLS] = "libgnutls.so",   [LIBRARY_NSS] = "libnss3.so",
    [LIBRARY_MBEDTLS] = "libmbedcrypto.so", [LIBRARY_WOLFSSL] = "libwolfssl.so",
};

static const char *mapped_file(const process_snapshot *p, const char *prefix)
{
    for (size_t i = 0; p->mapped_files != NULL && p->mapped_files[i] != NULL; i++)
        if (strncmp(file_name(p->mapped_files[i]), prefix, strlen(prefix)) == 0)
            return p->mapped_files[i];
    return NULL;
}

/* Seen from here: a process in a container has a root of its own. */
static const char *readable_path(arena *a, const process_snapshot *p, const char *path)
{
    return p->pid == 0 ? path : arena_printf(a, "/proc/%d/root%s", p->pid, path);
}

static bool read_library(arena *a, const process_snapshot *p, const char *path, enum library_kind kind, tls_library *out)
{
    bool found = library_of_kind_in_file(a, readable_path(a, p, path), kind, out) || library_of_kind_in_file(a, path, kind, out);
    out->file = path;
    return found;
}

static bool library_beside(arena *a, const process_snapshot *p, tls_library *out)
{
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        const char *file = mapped_file(p, shared[i].prefix);
        if (file == NULL)
            continue;
        enum library_kind kind = shared[i].kind;
        const char *with_version = mapped_file(p, version_files[kind]);
        tls_library inside;
        *out = (tls_library){.kind = kind, .file = file};
        if (with_version != NULL && read_library(a, p, with_version, LIBRARY_UNKNOWN, &inside)) {
            out->version = inside.version;
            out->kind = inside.kind; /* a libssl may be LibreSSL's or BoringSSL's */
        }
        if (kind == LIBRARY_GNUTLS && mapped_file(p, "libgnutls.so") != NULL)
            out->file = mapped_file(p, "libgnutls.so");
        return true;
    }
    return false;
}

/* ---- Java -------------------------------------------------------------------------------------------------------------- */

/* JAVA_VERSION="17.0.15" in the file `release` of the folder above bin/ and lib/. */
static bool library_of_java(arena *a, const process_snapshot *p, tls_library *out)
{
    static const char variable[] = "JAVA_VERSION=\"";
    const char *library = mapped_file(p, "libjvm.so");
    bytes_view release = bytes_from(NULL, 0);
    if (library == NULL)
        return false;
    bytes_view path = bytes_from_text(library);
    size_t home_len = bytes_find(path, "/lib/", 0);
    if (bytes_find(path, "/jre/lib/", 0) < home_len)
        home_len = bytes_find(path, "/jre/lib/", 0);
    const char *file = arena_printf(a, "%s/release", bytes_to_text(a, bytes_slice(path, 0, home_len)));
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
    c->runtime = runtime_of(c->program);
    if (library_of_java(a, process, &c->library)) {
        c->runtime = c->runtime == RUNTIME_OTHER ? RUNTIME_JAVA : c->runtime;
        return c;
    }
    if (library_beside(a, process, &c->library) || process->exe == NULL)
        return c;
    c->library.is_inside = read_library(a, process, process->exe, LIBRARY_UNKNOWN, &c->library);
    if (!c->library.is_inside)
        c->library.file = NULL;
    if (c->library.kind == LIBRARY_GO && c->runtime == RUNTIME_OTHER)
        c->runtime = RUNTIME_GO;
    return c;
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
