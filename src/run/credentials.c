#include "run/credentials.h"

#include "crypto/credentials.h"
#include "crypto/keystore.h"
#include "trace/snapshot.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_LEN_MAX ((size_t)4 * 1024 * 1024)
#define SCRIPT_LEN_MAX ((size_t)1024 * 1024)

#define NO_ROLE NUM_CREDENTIAL_ROLES

/* Options whose next word, or what follows their '=', is such a file: curl(1), wget's manual, gnutls-cli(1), openssl-s_client(1),
 * git-config(1), the JSSE reference guide. */
static const struct {
    const char *option;
    enum credential_role role;
} options[] = {
    {"--cert", CREDENTIAL_CERTIFICATE},
    {"-E", CREDENTIAL_CERTIFICATE},
    {"--certificate", CREDENTIAL_CERTIFICATE},
    {"--x509certfile", CREDENTIAL_CERTIFICATE},
    {"-cert", CREDENTIAL_CERTIFICATE},
    {"--key", CREDENTIAL_KEY},
    {"--private-key", CREDENTIAL_KEY},
    {"--x509keyfile", CREDENTIAL_KEY},
    {"-key", CREDENTIAL_KEY},
    {"--cacert", CREDENTIAL_TRUST},
    {"--capath", CREDENTIAL_TRUST},
    {"--ca-certificate", CREDENTIAL_TRUST},
    {"--x509cafile", CREDENTIAL_TRUST},
    {"-CAfile", CREDENTIAL_TRUST},
    {"-CApath", CREDENTIAL_TRUST},
    {"http.sslCert", CREDENTIAL_CERTIFICATE},
    {"http.sslKey", CREDENTIAL_KEY},
    {"http.sslCAInfo", CREDENTIAL_TRUST},
    {"-Djavax.net.ssl.keyStore", CREDENTIAL_KEYSTORE},
    {"-Djavax.net.ssl.trustStore", CREDENTIAL_TRUST_KEYSTORE},
};

/* What stands before the texts in code that is given as an argument, and what those texts are, in their order: Python's ssl and
 * requests, Perl's IO::Socket::SSL, Node.js, Ruby's and PHP's openssl. */
static const struct {
    const char *call;
    enum credential_role first, second; /* NO_ROLE: no second one */
} calls[] = {
    {"load_cert_chain(", CREDENTIAL_CERTIFICATE, CREDENTIAL_KEY},
    {"certfile=", CREDENTIAL_CERTIFICATE, NO_ROLE},
    {"keyfile=", CREDENTIAL_KEY, NO_ROLE},
    {"load_verify_locations(", CREDENTIAL_TRUST, NO_ROLE},
    {"cafile=", CREDENTIAL_TRUST, NO_ROLE},
    {"SSL_cert_file", CREDENTIAL_CERTIFICATE, NO_ROLE},
    {"SSL_key_file", CREDENTIAL_KEY, NO_ROLE},
    {"SSL_ca_file", CREDENTIAL_TRUST, NO_ROLE},
    {"cert:", CREDENTIAL_CERTIFICATE, NO_ROLE},
    {"key:", CREDENTIAL_KEY, NO_ROLE},
    {"ca_file", CREDENTIAL_TRUST, NO_ROLE},
    {"'cafile'", CREDENTIAL_TRUST, NO_ROLE},
    {"X509::Certificate.new(File.read(", CREDENTIAL_CERTIFICATE, NO_ROLE},
    {"PKey.read(File.read(", CREDENTIAL_KEY, NO_ROLE},
    {"RSA.new(File.read(", CREDENTIAL_KEY, NO_ROLE},
    {"'local_cert'", CREDENTIAL_CERTIFICATE, NO_ROLE},
    {"'local_pk'", CREDENTIAL_KEY, NO_ROLE},
};

/* libpq's, in a connection string or in an URI (PostgreSQL, 34.1.2). */
static const struct {
    const char *key;
    enum credential_role role;
} connection_keys[] = {{"sslcert=", CREDENTIAL_CERTIFICATE}, {"sslkey=", CREDENTIAL_KEY}, {"sslrootcert=", CREDENTIAL_TRUST}};

typedef struct named_files {
    const char *of[NUM_CREDENTIAL_ROLES];
} named_files;

static void take_option(const char *word, const char *next, named_files *out)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        size_t len = strlen(options[i].option);
        if (strcmp(word, options[i].option) == 0 && next != NULL)
            out->of[options[i].role] = next;
        else if (strncmp(word, options[i].option, len) == 0 && word[len] == '=')
            out->of[options[i].role] = word + len + 1;
    }
}

/* The next text in quotes that has a '/' or a '.' in it, as paths do; its end in `*end`. NULL where there is none before the call
 * is closed, the statement or the line ends. */
static const char *quoted_path(arena *a, bytes_view code, size_t from, size_t *end)
{
    int depth = 0;
    for (size_t i = from; i < code.len && depth >= 0 && bytes_at(code, i) != '\n' && bytes_at(code, i) != ';'; i++) {
        int mark = bytes_at(code, i);
        depth += mark == '(' ? 1 : mark == ')' ? -1 : 0;
        if (mark != '\'' && mark != '"')
            continue;
        bytes_view text = bytes_until(bytes_slice(code, i + 1, code.len), (uint8_t)mark);
        *end = i = i + 1 + text.len;
        ++*end;
        if (bytes_until(text, '/').len < text.len || bytes_until(text, '.').len < text.len)
            return bytes_to_text(a, text);
    }
    return NULL;
}

static bool begins_a_word(bytes_view code, size_t at)
{
    int before = at == 0 ? ' ' : bytes_at(code, at - 1);
    return !((before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') || before == '_');
}

static void take_call(arena *a, bytes_view code, size_t call, size_t at, named_files *out)
{
    size_t end = 0;
    const char *first = begins_a_word(code, at) ? quoted_path(a, code, at + strlen(calls[call].call), &end) : NULL;
    if (first == NULL)
        return;
    out->of[calls[call].first] = first;
    if (calls[call].second != NO_ROLE)
        out->of[calls[call].second] = quoted_path(a, code, end, &end);
}

/* The last call of its kind counts: what came before it has worked. */
static void take_code(arena *a, const char *word, named_files *out)
{
    bytes_view code = bytes_from_text(word);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        for (size_t at = bytes_find(code, calls[i].call, 0); at < code.len; at = bytes_find(code, calls[i].call, at + 1))
            take_call(a, code, i, at, out);
}

static void take_script(arena *a, const char *word, named_files *out)
{
    static const char *const endings[] = {".py", ".js", ".mjs", ".cjs", ".pl", ".rb", ".php"};
    const char *ending = strrchr(word, '.');
    bytes_view script;
    for (size_t i = 0; ending != NULL && i < sizeof endings / sizeof *endings; i++)
        if (strcmp(ending, endings[i]) == 0 && file_read(a, word, SCRIPT_LEN_MAX, &script))
            take_code(a, bytes_to_text(a, script), out);
}

static void take_connection_string(arena *a, const char *word, named_files *out)
{
    bytes_view text = bytes_from_text(word);
    for (size_t i = 0; i < sizeof connection_keys / sizeof *connection_keys; i++) {
        size_t at = bytes_find(text, connection_keys[i].key, 0);
        int before = at == 0 ? ' ' : bytes_at(text, at - 1);
        if (at == text.len || (before != ' ' && before != '?' && before != '&'))
            continue;
        bytes_view value = bytes_slice(text, at + strlen(connection_keys[i].key), text.len);
        value = bytes_until(bytes_until(value, ' '), '&');
        if (bytes_at(value, 0) == '/')
            out->of[connection_keys[i].role] = bytes_to_text(a, value);
    }
}

static bool is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* What follows the name of a curl certificate is its password: "client.pem:secret". */
static const char *without_password(arena *a, const char *path)
{
    struct stat s;
    bytes_view all = bytes_from_text(path), before = bytes_until(all, ':');
    return stat(path, &s) == 0 || before.len == 0 ? path : bytes_to_text(a, before);
}

static const char *problem_of_file(arena *a, const char *path, enum credential_role role, bytes_view *content)
{
    if (!file_read(a, path, FILE_LEN_MAX, content))
        return is_folder(path) ? NULL : arena_printf(a, "%s cannot be read: %s", path, strerror(errno));
    const char *problem = role == CREDENTIAL_KEY       ? key_file_problem(*content)
                          : role < CREDENTIAL_KEYSTORE ? certificate_file_problem(*content)
                          : content->len == 0          ? "is empty"
                                                       : NULL;
    return problem == NULL ? NULL : arena_printf(a, "%s %s", path, problem);
}

static const unusable_credential *unusable(arena *a, const char *text, enum credential_role role, const char *file, const char *key)
{
    unusable_credential *u = ARENA_NEW(a, unusable_credential);
    *u = (unusable_credential){.text = text, .role = role, .file = file, .key = key};
    return u;
}

static named_files find_files(arena *a, const char *const *argv)
{
    named_files files = {.of = {NULL}};
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++) {
        take_option(argv[i], argv[i + 1], &files);
        take_code(a, argv[i], &files);
        take_connection_string(a, argv[i], &files);
        take_script(a, argv[i], &files);
    }
    for (int role = 0; role < NUM_CREDENTIAL_ROLES; role++) {
        if (files.of[role] != NULL && files.of[role][0] == '\0')
            files.of[role] = NULL;
        if (files.of[role] != NULL)
            files.of[role] = without_password(a, files.of[role]);
    }
    return files;
}

/* Of Java's key store; it is used to read the certificates in it, and goes nowhere else. */
static const char *keystore_password(const char *const *argv)
{
    static const char option[] = "-Djavax.net.ssl.keyStorePassword=";
    for (size_t i = 1; argv[0] != NULL && argv[i] != NULL; i++)
        if (strncmp(argv[i], option, sizeof option - 1) == 0)
            return argv[i] + sizeof option - 1;
    return NULL;
}

const given_credential *credentials_own(arena *a, const char *const *argv)
{
    named_files files = find_files(a, argv);
    bool is_keystore = files.of[CREDENTIAL_CERTIFICATE] == NULL;
    const char *file = files.of[is_keystore ? CREDENTIAL_KEYSTORE : CREDENTIAL_CERTIFICATE];
    bytes_view content;
    if (file == NULL)
        return NULL;
    given_credential *own = ARENA_NEW(a, given_credential);
    *own = (given_credential){.file = file};
    if (!file_read(a, file, FILE_LEN_MAX, &content))
        return own;
    keystore read = keystore_read(a, content, is_keystore ? keystore_password(argv) : NULL);
    own->certificates = read.certificates;
    own->num_certificates = read.num_certificates;
    return own;
}

/* libpq takes no key that others may read (fe-secure-openssl.c); one of root's the group may. */
static bool is_open_to_others(const char *const *argv, const char *key)
{
    struct stat s;
    bool is_of_libpq = false;
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++)
        is_of_libpq = is_of_libpq || strstr(argv[i], "sslkey=") != NULL;
    if (!is_of_libpq || key == NULL || stat(key, &s) != 0)
        return false;
    return (s.st_mode & (s.st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO)) != 0;
}

/* The password of a key, as curl is told it: by an option, or behind the certificate's name. `is_told` also where it is told in
 * another way, which is not read. */
static const char *key_password(const char *const *argv, bool *is_told)
{
    *is_told = false;
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++) {
        const char *next = argv[i + 1];
        bool is_certificate = strcmp(argv[i], "-E") == 0 || strcmp(argv[i], "--cert") == 0;
        const char *colon = is_certificate && next != NULL ? strrchr(next, ':') : NULL;
        *is_told = *is_told || strstr(argv[i], "pass") != NULL || colon != NULL;
        if ((strcmp(argv[i], "--pass") == 0 || strcmp(argv[i], "--key-pass") == 0) && next != NULL)
            return next;
        if (colon != NULL)
            return colon + 1;
    }
    return NULL;
}

static const char *problem_of_closed_key(arena *a, const char *const *argv, const char *key, bytes_view content)
{
    bool is_told;
    const char *password = key_password(argv, &is_told);
    if (key == NULL || (is_told && password == NULL) || !key_file_stays_closed(content, password))
        return NULL;
    return arena_printf(a, "%s is protected by a password, %s", key,
                        is_told ? "which the one that is given does not open" : "and none is given");
}

/* Where no key is named, it has to be in the certificate's file: curl(1), openssl-s_client(1), SSLContext.load_cert_chain. One in
 * DER or PKCS #12 is another matter. */
static bool lacks_key(bytes_view certificate)
{
    return bytes_find(certificate, "-----BEGIN CERTIFICATE", 0) < certificate.len &&
           bytes_find(certificate, "PRIVATE KEY-----", 0) == certificate.len;
}

const unusable_credential *credentials_problem(arena *a, const char *const *argv)
{
    named_files files = find_files(a, argv);
    bytes_view contents[NUM_CREDENTIAL_ROLES] = {{.len = 0}};
    for (int role = 0; role < NUM_CREDENTIAL_ROLES; role++) {
        if (files.of[role] == NULL)
            continue;
        const char *problem = problem_of_file(a, files.of[role], (enum credential_role)role, &contents[role]);
        if (problem != NULL)
            return unusable(a, problem, (enum credential_role)role, files.of[role], NULL);
    }
    const char *certificate = files.of[CREDENTIAL_CERTIFICATE], *key = files.of[CREDENTIAL_KEY];
    if (certificate != NULL && key == NULL && lacks_key(contents[CREDENTIAL_CERTIFICATE]))
        return unusable(a, arena_printf(a, "%s holds no private key, and none is named beside it", certificate), CREDENTIAL_KEY,
                        certificate, NULL);
    if (is_open_to_others(argv, key))
        return unusable(a, arena_printf(a, "%s can be read by others, and this client takes no such key", key), CREDENTIAL_KEY, key,
                        NULL);
    const char *closed = problem_of_closed_key(a, argv, key, contents[CREDENTIAL_KEY]);
    if (closed != NULL)
        return unusable(a, closed, CREDENTIAL_KEY, key, NULL);
    if (certificate == NULL || key == NULL ||
        key_belongs_to_certificate(contents[CREDENTIAL_CERTIFICATE], contents[CREDENTIAL_KEY]))
        return NULL;
    return unusable(a, arena_printf(a, "the key in %s does not belong to the certificate in %s", key, certificate),
                    CREDENTIAL_CERTIFICATE, certificate, key);
}
