#include "client/library_file.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PIECE_LEN ((size_t)1024 * 1024)
#define OVERLAP_LEN ((size_t)256) /* no mark with its version is longer */
#define FILE_LEN_MAX ((uint64_t)1024 * 1024 * 1024)

/* What stands before the version. The order is that in which they are believed: a program with OpenSSL in it may carry texts of
 * others. */
typedef struct mark {
    enum library_kind kind;
    const char *text;
    bool has_date; /* "OpenSSL 1.0.1e 11 Feb 2013": without the date it may be any text that speaks of OpenSSL */
} mark;

static const mark marks[] = {
    {LIBRARY_LIBRESSL, "LibreSSL ", false},     /* OPENSSL_VERSION_TEXT in its opensslv.h */
    {LIBRARY_OPENSSL, "OpenSSL ", true},        /* OPENSSL_VERSION_TEXT in opensslv.h */
    {LIBRARY_GO, "\xff Go buildinf:", false},   /* debug/buildinfo of Go */
    {LIBRARY_GNUTLS, "Enabled GnuTLS ", false}, /* lib/global.c */
    {LIBRARY_NSS, "Header: NSS ", false},       /* lib/nss/nssver.c */
    {LIBRARY_MBEDTLS, "Mbed TLS ", false},      /* MBEDTLS_VERSION_STRING_FULL, from 3.0 on */
    {LIBRARY_MBEDTLS, "mbed TLS ", false},      /* and before */
    {LIBRARY_WOLFSSL, "wolfSSL ", false},       /* wolfssl/version.h, where the build keeps it */
    {LIBRARY_RUSTLS, "/rustls-", false},        /* paths of the crate in panic messages */
    {LIBRARY_BORINGSSL, "BoringSSL", false},    /* it has no versions */
};

const char *version_at(arena *a, bytes_view text)
{
    size_t len = 0;
    while (isdigit(bytes_at(text, len)) || (bytes_at(text, len) == '.' && isdigit(bytes_at(text, len + 1))))
        len++;
    bool has_point = bytes_find(bytes_slice(text, 0, len), ".", 0) < len;
    while (has_point && len < 16 && islower(bytes_at(text, len)))
        len++;
    return has_point ? bytes_to_text(a, bytes_slice(text, 0, len)) : NULL;
}

/* " 11 Feb 2013", perhaps after "+quic" or "-fips", or as Debian's "15 Mar 2022" with two blanks. */
static bool date_follows(bytes_view text)
{
    size_t at = 0;
    while (at < OVERLAP_LEN / 4 && bytes_at(text, at) > ' ')
        at++;
    while (bytes_at(text, at) == ' ')
        at++;
    if (!isdigit(bytes_at(text, at)))
        return false;
    at += isdigit(bytes_at(text, at + 1)) ? 2 : 1;
    return bytes_at(text, at) == ' ' && isupper(bytes_at(text, at + 1)) && bytes_at(text, at + 4) == ' ' &&
           isdigit(bytes_at(text, at + 5)) && isdigit(bytes_at(text, at + 8));
}

/* Whether what follows the mark is a version as that library writes it. */
static bool mark_holds(arena *a, const mark *m, bytes_view after, tls_library *out)
{
    const char *version = version_at(a, after);
    bool needs_version = m->kind != LIBRARY_GO && m->kind != LIBRARY_BORINGSSL;
    if ((needs_version && version == NULL) || (m->has_date && !date_follows(bytes_slice(after, strlen(version), after.len))))
        return false;
    *out = (tls_library){.kind = m->kind, .version = version};
    return true;
}

static bool mark_in_piece(arena *a, const mark *m, bytes_view piece, tls_library *out)
{
    for (size_t at = bytes_find(piece, m->text, 0); at < piece.len; at = bytes_find(piece, m->text, at + 1))
        if (mark_holds(a, m, bytes_slice(piece, at + strlen(m->text), OVERLAP_LEN), out))
            return true;
    return false;
}

/* Go's version stands by itself elsewhere: "go1.21.5". */
static const char *go_version_in(arena *a, bytes_view piece)
{
    for (size_t at = bytes_find(piece, "go1.", 0); at < piece.len; at = bytes_find(piece, "go1.", at + 1)) {
        const char *version = version_at(a, bytes_slice(piece, at + 2, 16));
        if (version != NULL)
            return version;
    }
    return NULL;
}

/* ---- files in pieces --------------------------------------------------------------------------------------------------- */

/* Looks at one piece; true ends the search. */
typedef bool piece_callback(arena *a, bytes_view piece, void *user);

static bool fill(int fd, uint8_t *at, size_t len, size_t *got)
{
    *got = 0;
    while (*got < len) {
        ssize_t n = read(fd, at + *got, len - *got);
        if (n < 0)
            return false;
        if (n == 0)
            return true;
        *got += (size_t)n;
    }
    return true;
}

/* The end of one piece is looked at again with the next, so that nothing is cut in two. */
static bool for_each_piece(arena *a, const char *path, piece_callback *look, void *user)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    arena *own = arena_new();
    uint8_t *bytes = arena_alloc(own, PIECE_LEN);
    size_t got = 0;
    bool found = false;
    for (uint64_t at = 0; !found && at < FILE_LEN_MAX; at += PIECE_LEN - OVERLAP_LEN) {
        if (lseek(fd, (off_t)at, SEEK_SET) < 0 || !fill(fd, bytes, PIECE_LEN, &got) || got == 0)
            break;
        found = look(a, bytes_from(bytes, got), user);
        if (got < PIECE_LEN)
            break;
    }
    (void)close(fd);
    arena_free(own);
    return found;
}

typedef struct search {
    enum library_kind kind; /* LIBRARY_UNKNOWN: any */
    tls_library found[sizeof marks / sizeof *marks];
    const char *go_version;
} search;

/* A whole file is looked through, unless what is most believed has been found: texts of others may come first. */
static bool look_for_marks(arena *a, bytes_view piece, void *user)
{
    search *s = user;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (s->found[i].kind == LIBRARY_UNKNOWN && (s->kind == LIBRARY_UNKNOWN || s->kind == marks[i].kind))
            (void)mark_in_piece(a, &marks[i], piece, &s->found[i]);
    if (s->go_version == NULL)
        s->go_version = go_version_in(a, piece);
    return s->found[0].kind != LIBRARY_UNKNOWN || s->found[1].kind != LIBRARY_UNKNOWN;
}

bool library_of_kind_in_file(arena *a, const char *path, enum library_kind kind, tls_library *out)
{
    search *s = ARENA_NEW(a, search);
    s->kind = kind;
    *out = (tls_library){.kind = LIBRARY_UNKNOWN};
    (void)for_each_piece(a, path, look_for_marks, s);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (s->found[i].kind == LIBRARY_UNKNOWN)
            continue;
        *out = s->found[i];
        out->file = path;
        if (out->kind == LIBRARY_GO)
            out->version = s->go_version;
        return true;
    }
    return false;
}

bool library_in_file(arena *a, const char *path, tls_library *out)
{
    return library_of_kind_in_file(a, path, LIBRARY_UNKNOWN, out);
}

static bool look_for_folder(arena *a, bytes_view piece, void *user)
{
    static const char before[] = "OPENSSLDIR: \"";
    size_t at = bytes_find(piece, before, 0);
    if (at == piece.len)
        return false;
    *(const char **)user = bytes_to_text(a, bytes_until(bytes_slice(piece, at + sizeof before - 1, OVERLAP_LEN), '"'));
    return true;
}

const char *openssl_folder_in_file(arena *a, const char *path)
{
    const char *folder = NULL;
    (void)for_each_piece(a, path, look_for_folder, &folder);
    return folder;
}
