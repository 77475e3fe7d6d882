#include "run/credentials.h"

#include "crypto/credentials.h"
#include "trace/snapshot.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_LEN_MAX ((size_t)4 * 1024 * 1024)

enum role { ROLE_CERTIFICATE, ROLE_KEY, ROLE_TRUST, ROLE_COUNT };

/* Options whose next word, or what follows their '=', is such a file: curl(1), wget's manual, gnutls-cli(1), openssl-s_client(1).
 */
static const struct {
    const char *option;
    enum role role;
} options[] = {
    {"--cert", ROLE_CERTIFICATE},
    {"-E", ROLE_CERTIFICATE},
    {"--certificate", ROLE_CERTIFICATE},
    {"--x509certfile", ROLE_CERTIFICATE},
    {"-cert", ROLE_CERTIFICATE},
    {"--key", ROLE_KEY},
    {"--private-key", ROLE_KEY},
    {"--x509keyfile", ROLE_KEY},
    {"-key", ROLE_KEY},
    {"--cacert", ROLE_TRUST},
    {"--capath", ROLE_TRUST},
    {"--ca-certificate", ROLE_TRUST},
    {"--x509cafile", ROLE_TRUST},
    {"-CAfile", ROLE_TRUST},
    {"-CApath", ROLE_TRUST},
};

/* Calls in code that is given as an argument, whose first two texts are a certificate and its key: Python's ssl, Perl's
 * IO::Socket::SSL, Node.js' fs.readFileSync would be the reader's. */
static const char *const calls[] = {"load_cert_chain(", "certfile="};

typedef struct named_files {
    const char *of[ROLE_COUNT];
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

/* The next text in quotes; its end in `*end`. NULL where there is none before the line's end. */
static const char *quoted(arena *a, bytes_view code, size_t from, size_t *end)
{
    for (size_t i = from; i < code.len && bytes_at(code, i) != ')' && bytes_at(code, i) != '\n'; i++) {
        int mark = bytes_at(code, i);
        if (mark != '\'' && mark != '"')
            continue;
        bytes_view text = bytes_until(bytes_slice(code, i + 1, code.len), (uint8_t)mark);
        *end = i + 1 + text.len + 1;
        return bytes_to_text(a, text);
    }
    return NULL;
}

static void take_code(arena *a, const char *word, named_files *out)
{
    bytes_view code = bytes_from_text(word);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        size_t at = bytes_find(code, calls[i], 0), end = 0;
        if (at == code.len)
            continue;
        out->of[ROLE_CERTIFICATE] = quoted(a, code, at + strlen(calls[i]), &end);
        if (out->of[ROLE_CERTIFICATE] != NULL)
            out->of[ROLE_KEY] = quoted(a, code, end, &end);
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

static const char *problem_of_file(arena *a, const char *path, enum role role, bytes_view *content)
{
    if (!file_read(a, path, FILE_LEN_MAX, content))
        return is_folder(path) ? NULL : arena_printf(a, "%s cannot be read: %s", path, strerror(errno));
    const char *problem = role == ROLE_KEY ? key_file_problem(*content) : certificate_file_problem(*content);
    return problem == NULL ? NULL : arena_printf(a, "%s %s", path, problem);
}

const char *credentials_problem(arena *a, const char *const *argv)
{
    named_files files = {.of = {NULL}};
    bytes_view contents[ROLE_COUNT] = {{.len = 0}};
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++) {
        take_option(argv[i], argv[i + 1], &files);
        take_code(a, argv[i], &files);
    }
    for (int role = 0; role < ROLE_COUNT; role++) {
        if (files.of[role] == NULL || files.of[role][0] == 0)
            continue;
        files.of[role] = without_password(a, files.of[role]);
        const char *problem = problem_of_file(a, files.of[role], (enum role)role, &contents[role]);
        if (problem != NULL)
            return problem;
    }
    const char *certificate = files.of[ROLE_CERTIFICATE], *key = files.of[ROLE_KEY];
    if (certificate == NULL || key == NULL || key_belongs_to_certificate(contents[ROLE_CERTIFICATE], contents[ROLE_KEY]))
        return NULL;
    return arena_printf(a, "the key in %s does not belong to the certificate in %s", key, certificate);
}
