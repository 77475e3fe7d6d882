/* Where each client looks for what it trusts. */
#include "client/capability.h"
#include "client/libpq.h"
#include "client/store_naming.h"
#include "client/trust_inner.h"
#include "client/trust_read.h"

#include <string.h>
#include <sys/stat.h>

/* The system's bundle, by distribution: Debian and its kin, Fedora and its kin, SUSE, Alpine and the BSDs (Go:
 * crypto/x509/root_linux.go). */
static const char *const system_files[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                           "/etc/ssl/ca-bundle.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                                           "/etc/ssl/cert.pem"};

static bool exists(const char *path)
{
    struct stat is;
    return stat(path, &is) == 0;
}

const char *trust_system_file(void)
{
    for (size_t i = 0; i < sizeof system_files / sizeof *system_files; i++)
        if (exists(system_files[i]))
            return system_files[i];
    return NULL;
}

static const char *system_file(void)
{
    const char *found = trust_system_file();
    return found != NULL ? found : system_files[0];
}

void trust_keep_revocations(arena *a, trust_store *store, const keystore *read, const char *path)
{
    if (read->num_revocations == 0)
        return;
    size_t num = store->num_revocations + read->num_revocations;
    bytes_view *all = ARENA_ARRAY(a, num, bytes_view);
    for (size_t i = 0; i < num; i++)
        all[i] = i < store->num_revocations ? store->revocations[i] : read->revocations[i - store->num_revocations];
    store->revocations = all;
    store->num_revocations = num;
    store->revocations_from = store->revocations_from == NULL ? path : store->revocations_from;
}

/* Java opens its store with the password that it was told, by an argument or in a variable of arguments, and with none where it was
 * told none: of PKCS #12 it then sees only what is in clear (the JSSE reference guide, "javax.net.ssl.trustStorePassword").
 * Whatever else a program opens by its own code, with a password of its own. */
static const char *password_for(const trust_program *p, const trust_store *store, const trust_source *source)
{
    static const char option[] = "-Djavax.net.ssl.trustStorePassword";
    const char *told = NULL;
    if (source->form != TRUST_KEYSTORE)
        return NULL;
    if (store->runtime == RUNTIME_JAVA && p->client != NULL && settings_argument(p->arena, p->client, option, &told) == NULL)
        told = NULL;
    if (told != NULL && told[0] == '\0') /* an empty one counts as none (sun.security.ssl.TrustStoreManager) */
        told = NULL;
    return told != NULL || (store->runtime == RUNTIME_JAVA && source->origin != TRUST_FROM_OPENED) ? told : TRUST_USUAL_PASSWORD;
}

trust_source *trust_source_add(const trust_program *p, trust_store *store, const char *path, trust_source like)
{
    if (path == NULL || store->num_sources == TRUST_SOURCES_MAX)
        return NULL;
    const char *full = program_path(p, path);
    for (size_t i = 0; i < store->num_sources; i++)
        if (strcmp(store->sources[i].path, full) == 0)
            return &store->sources[i];
    trust_source *source = &store->sources[store->num_sources++];
    *source = like;
    source->path = full;
    keystore read;
    trust_source_load(p->arena, source, password_for(p, store, source), &read);
    if (source->lacks_password)
        source->problem = "is empty to Java, which was told no password for it";
    trust_keep_revocations(p->arena, store, &read, source->path);
    return source;
}

static bool add_variable(const trust_program *p, trust_store *store, const char *name, enum trust_form form)
{
    const char *path = program_variable(p, name);
    return path != NULL &&
           trust_source_add(p, store, path, (trust_source){.form = form, .origin = TRUST_FROM_VARIABLE, .named = name}) != NULL;
}

static bool add_option(const trust_program *p, trust_store *store, const char *name, enum trust_form form)
{
    const char *path = program_option(p, name);
    return path != NULL &&
           trust_source_add(p, store, path, (trust_source){.form = form, .origin = TRUST_FROM_ARGUMENT, .named = name}) != NULL;
}

/* The last of the client's own files that names one counts. */
static bool add_setting(const trust_program *p, trust_store *store, enum trust_form form)
{
    for (size_t i = p->settings.num_settings; i-- > 0;) {
        const setting *one = &p->settings.settings[i];
        bool is_meant = store_name_is_of_folder(one->name) == (form == TRUST_FOLDER);
        if (one->narrows == NARROWED_STORE && is_meant && one->value[0] != '\0' && one->file != NULL)
            return trust_source_add(p, store, one->value,
                                    (trust_source){.form = form,
                                                   .origin = TRUST_FROM_FILE,
                                                   .named = one->name,
                                                   .named_in = one->file,
                                                   .named_at = one->line}) != NULL;
    }
    return false;
}

static void add_system(const trust_program *p, trust_store *store)
{
    trust_source_add(p, store, system_file(), (trust_source){.form = TRUST_FILE, .origin = TRUST_FROM_SYSTEM});
}

/* ---- OpenSSL's default: the variables, else the folder that is compiled in (X509_get_default_cert_file(3)) ------------------- */

static bool add_variable_folders(const trust_program *p, trust_store *store)
{
    const char *list = program_variable(p, "SSL_CERT_DIR");
    for (bytes_view rest = bytes_from_text(list); rest.len > 0;) {
        bytes_view folder = bytes_until(rest, ':');
        rest = bytes_slice(rest, folder.len + 1, rest.len);
        if (folder.len > 0)
            trust_source_add(p, store, bytes_to_text(p->arena, folder),
                             (trust_source){.form = TRUST_FOLDER, .origin = TRUST_FROM_VARIABLE, .named = "SSL_CERT_DIR"});
    }
    return list != NULL;
}

static void add_openssl_defaults(const trust_program *p, trust_store *store)
{
    const char *library = base_name(store->library_file);
    const char *folder =
        store->library_file == NULL ? NULL : trust_file_text_after(p->arena, store->library_file, "OPENSSLDIR: \"", '"');
    trust_source like = {.form = TRUST_FILE, .origin = TRUST_FROM_LIBRARY, .named = library};
    bool has_file = add_variable(p, store, "SSL_CERT_FILE", TRUST_FILE), has_folder = add_variable_folders(p, store);
    if (folder == NULL && !has_file && !has_folder)
        add_system(p, store);
    if (folder == NULL)
        return;
    if (!has_file)
        trust_source_add(p, store, arena_printf(p->arena, "%s/cert.pem", folder), like);
    like.form = TRUST_FOLDER;
    if (!has_folder)
        trust_source_add(p, store, arena_printf(p->arena, "%s/certs", folder), like);
}

/* ---- the clients ------------------------------------------------------------------------------------------------------------ */

/* Until curl 8.2.0 a folder kept it from looking at the other variable (curl's issue 11325). */
static bool reads_both_variables(const trust_program *p)
{
    const char *library = program_mapped(p, "libcurl"), *file = library != NULL || p->process == NULL ? library : p->process->exe;
    const char *version = file == NULL ? NULL : trust_file_text_after(p->arena, file, "libcurl/", '\0');
    return version == NULL || version[0] < '0' || version[0] > '9' || version_compare(version, "8.2.0") >= 0;
}

static void add_curl_variables(const trust_program *p, trust_store *store, bool *has_file, bool *has_folder)
{
    *has_file = add_variable(p, store, "CURL_CA_BUNDLE", TRUST_FILE);
    *has_folder = !*has_file && add_variable_folders(p, store);
    if (!*has_file && (!*has_folder || reads_both_variables(p)))
        *has_file = add_variable(p, store, "SSL_CERT_FILE", TRUST_FILE);
}

static void find_curl(const trust_program *p, trust_store *store)
{
    add_option(p, store, "--crlfile", TRUST_FILE);
    bool has_file = add_option(p, store, "--cacert", TRUST_FILE) || add_setting(p, store, TRUST_FILE);
    bool has_folder = add_option(p, store, "--capath", TRUST_FOLDER) || add_setting(p, store, TRUST_FOLDER);
    if (!has_file && !has_folder)
        add_curl_variables(p, store, &has_file, &has_folder);
    if (!has_file)
        add_system(p, store);
    if (store->library == LIBRARY_OPENSSL && !has_folder && exists("/etc/ssl/certs"))
        trust_source_add(
            p, store, "/etc/ssl/certs",
            (trust_source){.form = TRUST_FOLDER, .origin = TRUST_FROM_LIBRARY, .named = base_name(program_mapped(p, "libcurl"))});
}

static void find_wget(const trust_program *p, trust_store *store)
{
    add_option(p, store, "--crl-file", TRUST_FILE);
    if (!add_option(p, store, "--ca-certificate", TRUST_FILE))
        (void)add_setting(p, store, TRUST_FILE);
    if (add_option(p, store, "--ca-directory", TRUST_FOLDER) || add_setting(p, store, TRUST_FOLDER))
        return;
    if (store->library == LIBRARY_OPENSSL)
        add_openssl_defaults(p, store);
    else
        add_system(p, store);
}

/* "http.sslCAInfo" of `git -c`. */
static const char *git_argument(const trust_program *p)
{
    static const char name[] = "http.sslcainfo'='";
    const char *given = program_variable(p, "GIT_CONFIG_PARAMETERS"), *found = given == NULL ? NULL : strcasestr(given, name);
    return found == NULL ? NULL : bytes_to_text(p->arena, bytes_until(bytes_from_text(found + strlen(name)), '\''));
}

static void find_git(const trust_program *p, trust_store *store)
{
    if (add_variable(p, store, "GIT_SSL_CAINFO", TRUST_FILE) || add_variable(p, store, "GIT_SSL_CAPATH", TRUST_FOLDER) ||
        trust_source_add(p, store, git_argument(p),
                         (trust_source){.form = TRUST_FILE, .origin = TRUST_FROM_ARGUMENT, .named = "http.sslCAInfo"}) != NULL)
        return;
    if (!add_setting(p, store, TRUST_FILE) && !add_setting(p, store, TRUST_FOLDER))
        add_system(p, store);
}

static void find_gnutls_cli(const trust_program *p, trust_store *store)
{
    add_option(p, store, "--x509crlfile", TRUST_FILE);
    if (!add_option(p, store, "--x509cafile", TRUST_FILE))
        add_system(p, store);
}

static void find_openssl_tool(const trust_program *p, trust_store *store)
{
    add_option(p, store, "-CRL", TRUST_FILE);
    bool has_file = add_option(p, store, "-CAfile", TRUST_FILE), has_folder = add_option(p, store, "-CApath", TRUST_FOLDER);
    if (!has_file && !has_folder)
        add_openssl_defaults(p, store);
}

static void find_java(const trust_program *p, trust_store *store)
{
    const char *by_variable = program_variable(p, "JAVA_TOOL_OPTIONS");
    const char *given = by_variable == NULL ? NULL : strstr(by_variable, "-Djavax.net.ssl.trustStore=");
    if (add_option(p, store, "-Djavax.net.ssl.trustStore", TRUST_KEYSTORE))
        return;
    if (given != NULL) {
        const char *path = bytes_to_text(p->arena, bytes_until(bytes_from_text(strchr(given, '=') + 1), ' '));
        trust_source_add(p, store, path,
                         (trust_source){.form = TRUST_KEYSTORE, .origin = TRUST_FROM_VARIABLE, .named = "JAVA_TOOL_OPTIONS"});
        return;
    }
    const char *exe = p->process == NULL ? NULL : p->process->exe;
    const char *home = exe == NULL ? NULL : bytes_to_text(p->arena, bytes_from(exe, strlen(exe) - strlen(base_name(exe))));
    const char *path = home == NULL ? NULL : arena_printf(p->arena, "%s../lib/security/cacerts", home);
    trust_source_add(p, store, path != NULL && exists(path) ? path : "/etc/ssl/certs/java/cacerts",
                     (trust_source){.form = TRUST_KEYSTORE, .origin = TRUST_FROM_RUNTIME, .named = "Java's cacerts"});
}

/* An old Node.js reads neither the variable nor the option; one that does has its name in it (since 7.3.0, and 4.9 and 6.10). */
static bool node_knows(const trust_program *p, const char *word)
{
    const char *library = program_mapped(p, "libnode.so");
    return trust_file_text_after(p->arena, library != NULL ? library : p->process->exe, word, '\0') != NULL;
}

static void find_node(const trust_program *p, trust_store *store)
{
    static const char more[] = "NODE_EXTRA_CA_CERTS";
    const char *options = program_variable(p, "NODE_OPTIONS");
    bool by_openssl =
        program_has_argument(p, "--use-openssl-ca") || (options != NULL && strstr(options, "--use-openssl-ca") != NULL);
    bool by_system = program_has_argument(p, "--use-system-ca") || (options != NULL && strstr(options, "--use-system-ca") != NULL);
    if (program_variable(p, more) != NULL && node_knows(p, more))
        (void)add_variable(p, store, more, TRUST_FILE);
    if (by_openssl || program_mapped(p, "libnode.so") != NULL) /* Debian's is built with --openssl-use-def-ca-store */
        add_openssl_defaults(p, store);
    else /* also where a hint replaces them: it may be that the program does not come to that line */
        trust_source_add(p, store, p->process->exe,
                         (trust_source){.form = TRUST_BUILT_IN, .origin = TRUST_FROM_RUNTIME, .named = "Node.js' own roots"});
    if (by_system)
        add_system(p, store);
}

/* pip takes an option and a variable of its own before those of requests (pip's manual, "SSL Certificate Verification"). */
static bool add_pip(const trust_program *p, trust_store *store)
{
    return program_text_has(p, "\npip\n") || program_text_has(p, "/pip")
               ? add_option(p, store, "--cert", TRUST_FILE) || add_variable(p, store, "PIP_CERT", TRUST_FILE)
               : false;
}

/* requests, pip and httpx bring certifi; the first takes a variable for it. */
static void find_python(const trust_program *p, trust_store *store)
{
    bool is_requests = program_text_has(p, "requests") || program_text_has(p, "/pip") || program_text_has(p, "\npip\n");
    if (add_pip(p, store))
        return;
    bool is_certifi = is_requests || program_text_has(p, "httpx") || program_text_has(p, "certifi");
    if (is_requests &&
        (add_variable(p, store, "REQUESTS_CA_BUNDLE", TRUST_FILE) || add_variable(p, store, "CURL_CA_BUNDLE", TRUST_FILE)))
        return;
    if (is_certifi &&
        trust_source_add(p, store, trust_certifi_path(p),
                         (trust_source){.form = TRUST_FILE, .origin = TRUST_FROM_RUNTIME, .named = "certifi"}) != NULL)
        return;
    bool only_given = program_text_has(p, "create_default_context(cafile=") ||
                      (program_text_has(p, "SSLContext(") && !program_text_has(p, "create_default_context") &&
                       !program_text_has(p, "load_default_certs") && !program_text_has(p, "set_default_verify_paths"));
    if (only_given && store->has_hint)
        store->hint_replaces = store->hint_is_given = true;
    add_openssl_defaults(p, store);
}

static void find_go(const trust_program *p, trust_store *store)
{
    if (!add_variable(p, store, "SSL_CERT_FILE", TRUST_FILE))
        add_system(p, store);
    add_variable_folders(p, store);
}

/* Whether OpenSSL's variable means something to that program: its name stands in the file then, with or without an end of its own.
 */
static bool reads_variable(const trust_program *p, const char *file)
{
    return file != NULL && trust_file_text_after(p->arena, file, "SSL_CERT_FIL", 'E') != NULL;
}

/* rustls-native-certs, and rustls-platform-verifier by it: the two variables, else what openssl-probe finds. A program without the
 * name of the first has roots of its own, or takes the system's in another way. */
static void find_rustls(const trust_program *p, trust_store *store)
{
    if (reads_variable(p, store->library_file))
        find_go(p, store);
    else
        add_system(p, store);
}

static bool takes_no_hints(enum runtime runtime)
{
    return runtime == RUNTIME_CURL || runtime == RUNTIME_WGET || runtime == RUNTIME_GIT || runtime == RUNTIME_GNUTLS_CLI ||
           runtime == RUNTIME_OPENSSL || runtime == RUNTIME_JAVA;
}

/* NSS has no bundle of its own: a database, which its tools are told by -d and others by SSL_DIR ("sql:" before the folder), and
 * the roots of libnssckbi where that is loaded, which on Debian and Fedora are the system's. */
static void find_nss(const trust_program *p, trust_store *store)
{
    const char *told = program_option(p, "-d"), *by_variable = program_variable(p, "SSL_DIR"), *home = program_variable(p, "HOME");
    trust_source like = {.form = TRUST_KEYSTORE, .origin = TRUST_FROM_RUNTIME, .named = "NSS"};
    const char *folder = home == NULL ? NULL : arena_printf(p->arena, "%s/.pki/nssdb", home);
    if (told != NULL || by_variable != NULL) {
        folder = told != NULL ? told : by_variable;
        folder += strncmp(folder, "sql:", 4) == 0 ? 4 : 0;
        like.origin = told != NULL ? TRUST_FROM_ARGUMENT : TRUST_FROM_VARIABLE;
        like.named = told != NULL ? "-d" : "SSL_DIR";
    }
    if (folder != NULL)
        trust_source_add(p, store, arena_printf(p->arena, "%s/cert9.db", folder), like);
    if (program_has_argument(p, "-b") || program_mapped(p, "libnssckbi") != NULL || program_mapped(p, "p11-kit-trust") != NULL)
        add_system(p, store);
}

/* OpenSSL's variable is no other library's, but some programs read it themselves, whatever library they were built with (lynx). */
static bool add_own_variable(const trust_program *p, trust_store *store)
{
    return program_variable(p, "SSL_CERT_FILE") != NULL && p->process != NULL && reads_variable(p, p->process->exe) &&
           add_variable(p, store, "SSL_CERT_FILE", TRUST_FILE);
}

static trust_source *add_named(const trust_program *p, trust_store *store, const store_naming *n)
{
    trust_source like = {.form = n->is_folder ? TRUST_FOLDER : TRUST_FILE,
                         .origin = n->is_argument    ? TRUST_FROM_ARGUMENT
                                   : n->file != NULL ? TRUST_FROM_FILE
                                                     : TRUST_FROM_VARIABLE,
                         .named = n->name,
                         .named_in = n->file,
                         .named_at = n->line,
                         .argument = n->argument,
                         .before = n->before,
                         .is_inside = n->is_inside};
    return trust_source_add(p, store, n->value, like);
}

/* Where the program's own arguments, variables and files name a store, that one takes the place of its default. */
static bool add_own(const trust_program *p, trust_store *store)
{
    store_naming file, folder, known;
    bool has_file = store_naming_find(p->arena, p->client, &p->settings, false, &file);
    bool has_folder = store_naming_find(p->arena, p->client, &p->settings, true, &folder);
    if (store_naming_known(p->arena, p->client, has_file ? &file : NULL, &known)) {
        store->told_by = known.name;
        store->told_by_option = known.before;
    }
    if (has_file)
        (void)add_named(p, store, &file);
    if (has_folder)
        (void)add_named(p, store, &folder);
    return has_file || has_folder;
}

/* libpq has a file of its own by default, and no other (PostgreSQL's manual, "SSL Support", 34.19.1). */
static bool add_libpq(const trust_program *p, trust_store *store)
{
    const char *library = program_mapped(p, "libpq.so");
    if (store->runtime != RUNTIME_OTHER || !libpq_is_used(p->client))
        return false;
    libpq_trust told = libpq_trust_find(p->arena, p->client, &p->settings);
    trust_source like = {.form = TRUST_FILE, .origin = TRUST_FROM_LIBRARY, .named = library == NULL ? "libpq" : base_name(library)};
    return told.is_default && trust_source_add(p, store, told.root, like) != NULL;
}

static void find_by_library(const trust_program *p, trust_store *store)
{
    if (add_libpq(p, store))
        return;
    if (store->library == LIBRARY_OPENSSL)
        add_openssl_defaults(p, store);
    else if (store->library == LIBRARY_NSS)
        find_nss(p, store);
    else if (store->library == LIBRARY_RUSTLS)
        find_rustls(p, store);
    else if (!add_own_variable(p, store))
        add_system(p, store);
}

void trust_find_sources(const trust_program *p, trust_store *store)
{
    static void (*const finders[])(const trust_program *, trust_store *) = {
        [RUNTIME_OTHER] = find_by_library, [RUNTIME_OPENSSL] = find_openssl_tool,
        [RUNTIME_CURL] = find_curl,        [RUNTIME_WGET] = find_wget,
        [RUNTIME_GIT] = find_git,          [RUNTIME_GNUTLS_CLI] = find_gnutls_cli,
        [RUNTIME_PYTHON] = find_python,    [RUNTIME_NODE] = find_node,
        [RUNTIME_JAVA] = find_java,        [RUNTIME_GO] = find_go,
        [RUNTIME_PERL] = find_by_library,  [RUNTIME_RUBY] = find_by_library,
        [RUNTIME_PHP] = find_by_library,
    };
    bool traced = p->process != NULL && p->process->opened_files != NULL, is_own = add_own(p, store);
    if (traced)
        trust_find_opened(p, store);
    store->is_certain = (traced && store->num_sources > 0) || takes_no_hints(store->runtime) || is_own;
    if (!traced && !takes_no_hints(store->runtime))
        trust_find_hints(p, store, !is_own);
    if (!is_own && (!traced || store->num_sources == 0 || store->runtime == RUNTIME_NODE))
        finders[store->runtime](p, store);
    if (!store->is_certain)
        store->uncertain = store->has_hint ? "it is told by a file that the program's text names; --trace-files shows what it opens"
                                           : "a program may load others by its own code; --trace-files shows what it opens";
}
