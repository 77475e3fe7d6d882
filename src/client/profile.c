#include "client/profile.h"

#include "trace/snapshot.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROFILE_LEN_MAX ((size_t)1024 * 1024)
#define PROFILES_MAX ((size_t)1000)
#define SUFFIX ".hello"
#define PATH_LEN_MAX ((size_t)4096)

/* ---- one file ---------------------------------------------------------------------------------------------------- */

static bool next_line(bytes_view v, size_t *offset, bytes_view *line)
{
    if (*offset >= v.len)
        return false;
    *line = bytes_until(bytes_slice(v, *offset, v.len), '\n');
    *offset += line->len + 1;
    while (line->len > 0 && bytes_at(*line, line->len - 1) <= ' ')
        *line = bytes_slice(*line, 0, line->len - 1);
    return true;
}

/* What a digit of base64 stands for (RFC 4648, 4); -1 where it is none. */
static int base64_digit(int byte)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = byte <= 0 ? NULL : strchr(digits, byte);
    return at == NULL ? -1 : (int)(at - digits);
}

/* Lines of base64 from `offset` on. False where there is anything else. */
static bool decode(arena *a, bytes_view file, size_t offset, bytes_view *out)
{
    uint8_t *bytes = ARENA_ARRAY(a, file.len + 1, uint8_t);
    size_t len = 0;
    unsigned bits = 0, num_bits = 0;
    bool is_padded = false;
    for (size_t i = offset; i < file.len; i++) {
        int byte = bytes_at(file, i), digit = base64_digit(byte);
        if (byte == '\n' || byte == '\r' || byte == ' ' || byte == '\t')
            continue;
        is_padded = is_padded || byte == '=';
        if (digit < 0 || is_padded) {
            if (byte != '=')
                return false;
            continue;
        }
        bits = bits << 6 | (unsigned)digit;
        num_bits += 6;
        if (num_bits >= 8) {
            num_bits -= 8;
            bytes[len++] = (uint8_t)(bits >> num_bits);
        }
    }
    *out = bytes_from(bytes, len);
    return len > 0;
}

/* Passes the lines of comment; `*what` is the first of them. */
static size_t pass_comment(arena *a, bytes_view file, const char **what)
{
    size_t offset = 0, end = 0;
    bytes_view line;
    *what = "";
    while (next_line(file, &offset, &line) && (line.len == 0 || bytes_at(line, 0) == '#')) {
        end = offset;
        bytes_view text = bytes_slice(line, bytes_at(line, 1) == ' ' ? 2 : 1, line.len);
        if (**what == '\0')
            *what = bytes_to_text(a, text);
    }
    return end;
}

static bool is_flight(bytes_view v)
{
    return bytes_at(v, 0) == 0x16 || bytes_at(v, 0) >= 0x80; /* a handshake record, or a hello in SSLv2 format */
}

bool profile_read(arena *a, const char *name, bytes_view file, client_profile *out, error *e)
{
    bytes_view flight = file;
    *out = (client_profile){.name = name, .what = ""};
    if (!is_flight(file) && !decode(a, file, pass_comment(a, file, &out->what), &flight))
        return error_set(e, ERROR_MALFORMED, "%s: neither TLS records nor base64 of them", name);
    enum parse_status status = client_hello_parse(a, flight, &out->hello);
    if (status == PARSE_MORE)
        return error_set(e, ERROR_MALFORMED, "%s: its ClientHello is cut", name);
    return status != PARSE_BAD || error_set(e, ERROR_MALFORMED, "%s: its bytes are no ClientHello", name);
}

/* ---- the folder -------------------------------------------------------------------------------------------------- */

const char *profile_folder(arena *a)
{
    static const char *const beside[] = {"../share/tlswhy/profiles", "../data/profiles"};
    char exe[PATH_LEN_MAX];
    struct stat found;
    ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (len <= 0)
        return NULL;
    exe[len] = '\0';
    char *slash = strrchr(exe, '/');
    if (slash == NULL)
        return NULL;
    *slash = '\0';
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        const char *folder = arena_printf(a, "%s/%s", exe, beside[i]);
        if (stat(folder, &found) == 0 && S_ISDIR(found.st_mode))
            return folder;
    }
    return NULL;
}

static int compare_names(const void *one, const void *other)
{
    return strverscmp(*(const char *const *)one, *(const char *const *)other);
}

size_t profile_names(arena *a, const char *folder, const char ***names)
{
    size_t num = 0, suffix_len = strlen(SUFFIX);
    *names = ARENA_ARRAY(a, PROFILES_MAX, const char *);
    DIR *opened = folder == NULL ? NULL : opendir(folder);
    struct dirent *entry;
    while (opened != NULL && num < PROFILES_MAX && (entry = readdir(opened)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (len > suffix_len && strcmp(entry->d_name + len - suffix_len, SUFFIX) == 0)
            (*names)[num++] = bytes_to_text(a, bytes_from(entry->d_name, len - suffix_len));
    }
    if (opened != NULL)
        closedir(opened);
    qsort(*names, num, sizeof **names, compare_names);
    return num;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether `name` is `wanted`, or `wanted` and a version, or the rest of one: "openssl", "openssl-1.0" and "openssl-1.0.2" all are
 * openssl-1.0.2u, and "node-1" is not node-18. */
static bool is_wanted(const char *name, const char *wanted)
{
    size_t len = strlen(wanted);
    if (len == 0 || strncmp(name, wanted, len) != 0)
        return false;
    bool begins_version = name[len] == '-' && is_digit(name[len + 1]);
    bool ends_number = is_digit(wanted[len - 1]) && !is_digit(name[len]);
    return name[len] == '\0' || begins_version || ends_number;
}

/* "curl, go, node ...": each name once, without its versions. */
static const char *kinds(arena *a, const char *const *names, size_t num_names)
{
    const char *text = "", *last = "";
    for (size_t i = 0; i < num_names; i++) {
        size_t len = strcspn(names[i], "0123456789");
        if (strncmp(last, names[i], len) != 0 || last[0] == '\0')
            text = arena_printf(a, "%s%s%.*s", text, text[0] == '\0' ? "" : ", ", (int)(len > 0 ? len - 1 : 0), names[i]);
        last = names[i];
    }
    return text;
}

const char *profile_newest(const char *const *names, size_t num_names, const char *wanted)
{
    const char *newest = NULL;
    for (size_t i = 0; i < num_names; i++)
        if (is_wanted(names[i], wanted))
            newest = names[i];
    return newest;
}

bool profile_find(arena *a, const char *wanted, client_profile *out, error *e)
{
    struct stat found;
    bytes_view file;
    const char **names, *folder = profile_folder(a), *path = NULL, *name = wanted;
    if (stat(wanted, &found) == 0 && S_ISREG(found.st_mode))
        path = wanted;
    size_t num = path != NULL ? 0 : profile_names(a, folder, &names);
    const char *newest = num == 0 ? NULL : profile_newest(names, num, wanted);
    if (newest != NULL) {
        name = newest;
        path = arena_printf(a, "%s/%s" SUFFIX, folder, name);
    }
    if (path == NULL && num == 0)
        return error_set(e, ERROR_NOT_FOUND, "%s: no such file, and no profiles are installed", wanted);
    if (path == NULL)
        return error_set(e, ERROR_NOT_FOUND, "%s: neither a file nor a profile; there are profiles of %s", wanted,
                         kinds(a, names, num));
    if (!file_read(a, path, PROFILE_LEN_MAX, &file))
        return error_set(e, ERROR_NOT_FOUND, "%s: it cannot be read", path);
    return profile_read(a, name, file, out, e);
}
