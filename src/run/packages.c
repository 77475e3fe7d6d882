#include "run/packages.h"

#include <string.h>

enum { OS_RELEASE_LEN_MAX = 64 * 1024 };

/* ---- who keeps the program --------------------------------------------------------------------------------------------------- */

/* A folder in the program's path, and the command of its keeper; {} is the runtime's name there. */
static const struct {
    const char *folder;
    enum runtime runtime; /* RUNTIME_OTHER: any */
    const char *command;
} keepers[] = {
    {"/.pyenv/", RUNTIME_PYTHON, "pyenv install 3.12 && pyenv local 3.12"},
    {"/.nvm/", RUNTIME_NODE, "nvm install --lts"},
    {"/.rbenv/", RUNTIME_RUBY, "rbenv install 3.3.0 && rbenv local 3.3.0"},
    {"/.sdkman/", RUNTIME_JAVA, "sdk install java"},
    {"conda", RUNTIME_PYTHON, "conda install 'python>=3.10' openssl"},
    {"/linuxbrew/", RUNTIME_OTHER, "brew install {}"},
    {"/homebrew/", RUNTIME_OTHER, "brew install {}"},
};

/* By ID and ID_LIKE of os-release(5). */
enum manager { MANAGER_APT, MANAGER_DNF, MANAGER_APK, MANAGER_PACMAN, MANAGER_ZYPPER, NUM_MANAGERS };
static const struct {
    const char *system;
    enum manager manager;
} systems[] = {
    {"debian", MANAGER_APT}, {"ubuntu", MANAGER_APT}, {"fedora", MANAGER_DNF},  {"rhel", MANAGER_DNF},
    {"centos", MANAGER_DNF}, {"alpine", MANAGER_APK}, {"arch", MANAGER_PACMAN}, {"suse", MANAGER_ZYPPER},
};
static const char *const install[NUM_MANAGERS] = {"apt-get install", "dnf install", "apk add", "pacman -S", "zypper install"};

/* The packages' names, by manager, and brew's last. */
static const struct {
    enum runtime runtime;
    const char *names[NUM_MANAGERS + 1];
} packages[] = {
    {RUNTIME_PYTHON, {"python3", "python3", "python3", "python", "python3", "python"}},
    {RUNTIME_NODE, {"nodejs", "nodejs", "nodejs", "nodejs", "nodejs", "node"}},
    {RUNTIME_JAVA,
     {"default-jre-headless", "java-latest-openjdk-headless", "openjdk21-jre-headless", "jre-openjdk-headless",
      "java-21-openjdk-headless", "openjdk"}},
    {RUNTIME_RUBY, {"ruby", "ruby", "ruby", "ruby", "ruby", "ruby"}},
    {RUNTIME_PHP, {"php-cli", "php-cli", "php", "php", "php", "php"}},
    {RUNTIME_PERL,
     {"libio-socket-ssl-perl", "perl-IO-Socket-SSL", "perl-io-socket-ssl", "perl-io-socket-ssl", "perl-IO-Socket-SSL", "perl"}},
    {RUNTIME_CURL, {"curl", "curl", "curl", "curl", "curl", "curl"}},
    {RUNTIME_WGET, {"wget", "wget", "wget", "wget", "wget", "wget"}},
    {RUNTIME_GIT, {"git", "git", "git", "git", "git", "git"}},
    {RUNTIME_OPENSSL, {"openssl", "openssl", "openssl", "openssl", "openssl", "openssl"}},
    {RUNTIME_GNUTLS_CLI, {"gnutls-bin", "gnutls-utils", "gnutls-utils", "gnutls", "gnutls", "gnutls"}},
};

static const char *package_name(enum runtime runtime, size_t manager)
{
    for (size_t i = 0; i < sizeof packages / sizeof *packages; i++)
        if (packages[i].runtime == runtime)
            return packages[i].names[manager];
    return NULL;
}

static const char *from_keeper(arena *a, const client *c)
{
    const char *exe = c->process->exe == NULL ? "" : c->process->exe;
    for (size_t i = 0; i < sizeof keepers / sizeof *keepers; i++) {
        if (strstr(exe, keepers[i].folder) == NULL || (keepers[i].runtime != RUNTIME_OTHER && keepers[i].runtime != c->runtime))
            continue;
        const char *hole = strstr(keepers[i].command, "{}"), *name = package_name(c->runtime, NUM_MANAGERS);
        if (hole == NULL)
            return keepers[i].command;
        if (name != NULL)
            return arena_printf(a, "%.*s%s", (int)(hole - keepers[i].command), keepers[i].command, name);
    }
    return NULL;
}

/* ---- the system's --------------------------------------------------------------------------------------------------------------
 */

static bool manager_of(arena *a, bytes_view os_release, enum manager *out)
{
    for (size_t at = 0; at < os_release.len;) {
        bytes_view line = bytes_until(bytes_slice(os_release, at, os_release.len), '\n');
        at += line.len + 1;
        if (!bytes_start_with(line, "ID=") && !bytes_start_with(line, "ID_LIKE="))
            continue;
        const char *value = bytes_to_text(a, line);
        for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
            if (strstr(value, systems[i].system) != NULL) {
                *out = systems[i].manager;
                return true;
            }
    }
    return false;
}

const char *package_for_runtime_of(arena *a, const client *c, bytes_view os_release)
{
    enum manager m;
    const char *kept = from_keeper(a, c);
    if (kept != NULL || !manager_of(a, os_release, &m))
        return kept;
    const char *name = package_name(c->runtime, m);
    return name == NULL ? NULL : arena_printf(a, "%s %s", install[m], name);
}

const char *package_for_roots_of(arena *a, bytes_view os_release)
{
    enum manager m;
    return manager_of(a, os_release, &m)
               ? arena_printf(a, "%s %s", install[m], m == MANAGER_ZYPPER ? "ca-certificates-mozilla" : "ca-certificates")
               : NULL;
}

static bytes_view os_release_read(arena *a)
{
    bytes_view text = bytes_from(NULL, 0);
    if (!file_read(a, "/etc/os-release", OS_RELEASE_LEN_MAX, &text) &&
        !file_read(a, "/usr/lib/os-release", OS_RELEASE_LEN_MAX, &text))
        return bytes_from(NULL, 0);
    return text;
}

const char *package_for_runtime(arena *a, const client *c)
{
    return package_for_runtime_of(a, c, os_release_read(a));
}

const char *package_for_roots(arena *a)
{
    return package_for_roots_of(a, os_release_read(a));
}
