#include "client/library_file.h"

#include "client/elf_file.h"
#include "wire/reader.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PIECE_LEN ((size_t)64 * 1024) /* it stays in a processor's cache */
#define PIECES_OVERLAP ((size_t)8 * 1024)
#define OVERLAP_LEN ((size_t)256) /* no mark with its version is longer */
#define SETTINGS_LEN_MAX PIECES_OVERLAP
#define READ_LEN_MAX ((uint64_t)1024 * 1024 * 1024) /* of one file, in all */

/* What stands before the version. The order is that in which they are believed: a program with OpenSSL in it may carry texts of
 * others. */
enum mark_form {
    MARK_VERSION, /* the version follows */
    MARK_DATED,   /* "OpenSSL 1.0.1e 11 Feb 2013": without the date it may be any text that speaks of OpenSSL */
    MARK_ALONE,   /* the text ends there */
};

typedef struct mark {
    enum library_kind kind;
    const char *text;
    enum mark_form form;
} mark;

static const mark marks[] = {
    {LIBRARY_LIBRESSL, "LibreSSL ", MARK_VERSION},     /* OPENSSL_VERSION_TEXT in its opensslv.h */
    {LIBRARY_OPENSSL, "OpenSSL ", MARK_DATED},         /* OPENSSL_VERSION_TEXT in opensslv.h */
    {LIBRARY_GO, "\xff Go buildinf:", MARK_VERSION},   /* debug/buildinfo of Go */
    {LIBRARY_GNUTLS, "Enabled GnuTLS ", MARK_VERSION}, /* lib/global.c */
    {LIBRARY_NSS, "Header: NSS ", MARK_VERSION},       /* lib/nss/nssver.c, up to 3.1x */
    {LIBRARY_NSS, "Version: NSS ", MARK_VERSION},      /* and since */
    {LIBRARY_MBEDTLS, "Mbed TLS ", MARK_VERSION},      /* MBEDTLS_VERSION_STRING_FULL, from 3.0 on */
    {LIBRARY_MBEDTLS, "mbed TLS ", MARK_VERSION},      /* and before */
    {LIBRARY_WOLFSSL, "wolfSSL ", MARK_VERSION},       /* src/internal.c */
    {LIBRARY_RUSTLS, "/rustls-", MARK_VERSION},        /* paths of the crate in panic messages */
    {LIBRARY_OPENSSL, "ssl/ssl_lib.c",
     MARK_ALONE}, /* of its error messages: a static program may have no use for the version text */
    {LIBRARY_BORINGSSL, "ssl/ssl_lib.cc", MARK_ALONE}, /* of its error messages; it has no versions */
    {LIBRARY_BORINGSSL, "BoringSSL", MARK_ALONE},      /* its OpenSSL_version() */
};
enum { NUM_MARKS = sizeof marks / sizeof *marks, MARK_OF_GO = 2 };

/* A name of the Go linker's function table, which stays in stripped programs: a Go program without it has no TLS. */
static const char go_tls_mark[] = "crypto/tls.(*Conn)";

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

/* ---- Go ---------------------------------------------------------------------------------------------------------------- */

/* Of 4 or 8 bytes. */
static bool read_address(reader *r, size_t len, bool is_big_endian, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t byte;
        if (!read_u8(r, "address", &byte))
            return false;
        *out = is_big_endian ? *out << 8 | byte : *out | (uint64_t)byte << (8 * i);
    }
    return true;
}

/* Up to Go 1.17: the address of a string, which is the address of its bytes and their number. */
static bytes_view go_version_by_address(arena *a, const char *path, reader *r, size_t address_len, bool is_big_endian)
{
    uint64_t string = 0, bytes = 0, len = 0;
    if ((address_len != 4 && address_len != 8) || !read_address(r, address_len, is_big_endian, &string))
        return bytes_from(NULL, 0);
    reader header = reader_from(elf_file_bytes_at(a, path, string, 2 * address_len));
    if (!read_address(&header, address_len, is_big_endian, &bytes) || !read_address(&header, address_len, is_big_endian, &len) ||
        len > OVERLAP_LEN)
        return bytes_from(NULL, 0);
    return elf_file_bytes_at(a, path, bytes, (size_t)len);
}

/* What follows "\xff Go buildinf:" (debug/buildinfo): the length of an address, flags (1: big-endian, 2: the version itself follows
 * at byte 32, after its length). NULL where there is no version; "go1.19.8" gives "1.19.8". */
static const char *go_version(arena *a, const char *path, bytes_view after)
{
    enum { FLAG_BIG_ENDIAN = 1, FLAG_INLINE = 2, MAGIC_LEN = 14, INLINE_AT = 32 };
    uint8_t address_len, flags, len;
    bytes_view text = bytes_from(NULL, 0);
    reader r = reader_from(after);
    if (!read_u8(&r, "length of an address", &address_len) || !read_u8(&r, "flags", &flags))
        return NULL;
    if ((flags & FLAG_INLINE) != 0) {
        reader inlined = reader_from(bytes_slice(after, INLINE_AT - MAGIC_LEN, after.len));
        if (!read_u8(&inlined, "length of the version", &len) || len > 127 || !read_bytes(&inlined, "version", len, &text))
            return NULL;
    } else {
        text = go_version_by_address(a, path, &r, address_len, (flags & FLAG_BIG_ENDIAN) != 0);
    }
    size_t at = bytes_find(text, "go1", 0);
    return at == text.len ? NULL : version_at(a, bytes_slice(text, at + 2, 16));
}

/* Whether what follows the mark is a version as that library writes it. */
static bool mark_holds(arena *a, const char *path, const mark *m, bytes_view after, tls_library *out)
{
    if (m->form == MARK_ALONE) {
        *out = (tls_library){.kind = m->kind};
        return bytes_at(after, 0) == 0;
    }
    const char *version = m->kind == LIBRARY_GO ? go_version(a, path, after) : version_at(a, after);
    if (version == NULL || (m->form == MARK_DATED && !date_follows(bytes_slice(after, strlen(version), after.len))))
        return false;
    *out = (tls_library){.kind = m->kind, .version = version};
    return true;
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

/* A part of an open file; `*left` is what may still be read of it. The end of one piece is looked at again with the next, so that
 * nothing is cut in two. True where `look` has ended the search. */
static bool look_through(arena *a, int fd, elf_part part, uint8_t *bytes, uint64_t *left, piece_callback *look, void *user)
{
    size_t got = 0;
    for (uint64_t at = 0; at < part.len; at += PIECE_LEN - PIECES_OVERLAP) {
        size_t wanted = part.len - at < PIECE_LEN ? (size_t)(part.len - at) : PIECE_LEN;
        if (*left < wanted || part.offset + at > INT64_MAX || lseek(fd, (off_t)(part.offset + at), SEEK_SET) < 0 ||
            !fill(fd, bytes, wanted, &got) || got == 0)
            return false;
        *left -= got;
        if (look(a, bytes_from(bytes, got), user))
            return true;
        if (got < PIECE_LEN)
            return false;
    }
    return false;
}

/* Of a program its constants; of what is none, or has no section headers, all of it. */
static bool for_each_piece(arena *a, const char *path, const elf_file *elf, piece_callback *look, void *user)
{
    static const elf_part whole = {0, READ_LEN_MAX};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    arena *own = arena_new();
    uint8_t *bytes = arena_alloc(own, PIECE_LEN);
    uint64_t left = READ_LEN_MAX;
    bool found = elf->num_constants == 0 && look_through(a, fd, whole, bytes, &left, look, user);
    bool is_go = elf->go_build_info.len > 0; /* what tells Go stands behind the largest part */
    for (size_t i = 0; i < elf->num_constants && !found; i++)
        found = look_through(a, fd, elf->constants[is_go ? elf->num_constants - 1 - i : i], bytes, &left, look, user);
    (void)close(fd);
    arena_free(own);
    return found;
}

static elf_file elf_of(arena *a, const char *path)
{
    elf_file elf;
    return elf_file_read(a, path, &elf, NULL) ? elf : (elf_file){.needed = NULL};
}

typedef struct search {
    const char *path;
    bool is_go;     /* it has build information of Go: nothing else is believed before that is read */
    bool is_shared; /* a shared library: what it is of is in it once */
    const char *texts[NUM_MARKS + 1];
    bytes_finder finder;
    size_t of_text[NUM_MARKS + 1]; /* the mark; NUM_MARKS: go_tls_mark */
    tls_library found[NUM_MARKS];
    bool has_go_tls;
} search;

static void search_init(search *s, enum library_kind kind)
{
    size_t num = 0;
    for (size_t i = 0; i < NUM_MARKS; i++)
        if (kind == LIBRARY_UNKNOWN || marks[i].kind == kind) {
            s->texts[num] = marks[i].text;
            s->of_text[num++] = i;
        }
    s->texts[num] = go_tls_mark;
    s->of_text[num++] = NUM_MARKS;
    bytes_finder_init(&s->finder, s->texts, num);
}

/* A program is looked through whole: it may have two of them. */
static bool look_for_marks(arena *a, bytes_view piece, void *user)
{
    search *s = user;
    size_t which = 0;
    for (size_t at = bytes_find_any(piece, &s->finder, 0, &which); at < piece.len;
         at = bytes_find_any(piece, &s->finder, at + 1, &which)) {
        size_t i = s->of_text[which];
        if (i == NUM_MARKS)
            s->has_go_tls = true;
        else if (s->found[i].kind == LIBRARY_UNKNOWN &&
                 !mark_holds(a, s->path, &marks[i], bytes_slice(piece, at + strlen(marks[i].text), OVERLAP_LEN), &s->found[i]))
            s->found[i].kind = LIBRARY_UNKNOWN;
    }
    bool has_openssl = s->found[0].kind != LIBRARY_UNKNOWN || s->found[1].kind != LIBRARY_UNKNOWN;
    bool has_go = s->found[MARK_OF_GO].kind != LIBRARY_UNKNOWN && s->has_go_tls;
    return (s->is_shared && has_openssl) || (s->is_go && has_go);
}

static bool is_believed(const search *s, size_t i)
{
    return s->found[i].kind != LIBRARY_UNKNOWN && (s->found[i].kind != LIBRARY_GO || s->has_go_tls);
}

bool library_of_kind_in_file(arena *a, const char *path, enum library_kind kind, tls_library *out)
{
    elf_file elf = elf_of(a, path);
    search *s = ARENA_NEW(a, search);
    s->path = path;
    s->is_go = elf.go_build_info.len > 0;
    s->is_shared = elf.name != NULL;
    search_init(s, kind);
    *out = (tls_library){.kind = LIBRARY_UNKNOWN};
    (void)for_each_piece(a, path, &elf, look_for_marks, s);
    for (size_t i = 0; i < NUM_MARKS; i++) {
        bool is_first = s->is_go ? s->found[i].kind == LIBRARY_GO : out->kind == LIBRARY_UNKNOWN;
        if (is_first && is_believed(s, i)) {
            *out = s->found[i];
            out->file = path;
        } else if (is_believed(s, i) && s->found[i].kind != out->kind && s->found[i].version != NULL && out->also == NULL) {
            out->also = arena_printf(a, "%s %s", library_name(s->found[i].kind), s->found[i].version);
        }
    }
    return out->kind != LIBRARY_UNKNOWN;
}

bool library_in_file(arena *a, const char *path, tls_library *out)
{
    return library_of_kind_in_file(a, path, LIBRARY_UNKNOWN, out);
}

/* What stands in a file between a text and the first of a byte after it. */
typedef struct text_search {
    const char *before;
    uint8_t end;
    size_t len_max;
    const char *found; /* NULL: not yet */
} text_search;

static bool look_for_text(arena *a, bytes_view piece, void *user)
{
    text_search *s = user;
    size_t at = bytes_find(piece, s->before, 0);
    if (at == piece.len)
        return false;
    s->found = bytes_to_text(a, bytes_until(bytes_slice(piece, at + strlen(s->before), s->len_max), s->end));
    return true;
}

static const char *text_in_file(arena *a, const char *path, text_search s)
{
    elf_file elf = elf_of(a, path);
    (void)for_each_piece(a, path, &elf, look_for_text, &s);
    return s.found;
}

const char *openssl_folder_in_file(arena *a, const char *path)
{
    return text_in_file(a, path, (text_search){.before = "OPENSSLDIR: \"", .end = '"', .len_max = OVERLAP_LEN});
}

const char *go_debug_in_file(arena *a, const char *path)
{
    return text_in_file(a, path, (text_search){.before = "build\tDefaultGODEBUG=", .end = '\n', .len_max = SETTINGS_LEN_MAX});
}

/* ---- names ----------------------------------------------------------------------------------------------------------------- */

static const char *const shared_names[] = {"libssl.so", "libgnutls.so", "libssl3.so", "libmbedtls.so", "libwolfssl.so"};

typedef struct name_search {
    bytes_finder finder;
    const char **names;
    size_t num_names, max;
} name_search;

static bool is_known(const name_search *s, const char *name)
{
    for (size_t i = 0; i < s->num_names; i++)
        if (strcmp(s->names[i], name) == 0)
            return true;
    return false;
}

/* A whole text: it ends with NUL, and "lib" is its beginning. */
static bool look_for_names(arena *a, bytes_view piece, void *user)
{
    enum { NAME_LEN_MAX = 64 };
    name_search *s = user;
    size_t which = 0;
    for (size_t at = bytes_find_any(piece, &s->finder, 0, &which); at < piece.len;
         at = bytes_find_any(piece, &s->finder, at + 1, &which)) {
        bytes_view text = bytes_slice(piece, at, NAME_LEN_MAX), name = bytes_until(text, 0);
        if (name.len == text.len || (at > 0 && bytes_at(piece, at - 1) != 0))
            continue;
        const char *copy = bytes_to_text(a, name);
        if (strspn(copy + strlen(shared_names[which]), "0123456789.") == name.len - strlen(shared_names[which]) &&
            !is_known(s, copy) && s->num_names < s->max)
            s->names[s->num_names++] = copy;
    }
    return s->num_names == s->max;
}

size_t library_names_in_file(arena *a, const char *path, const char **names, size_t max)
{
    elf_file elf = elf_of(a, path);
    name_search *s = ARENA_NEW(a, name_search);
    s->names = names;
    s->max = max;
    bytes_finder_init(&s->finder, shared_names, sizeof shared_names / sizeof *shared_names);
    (void)for_each_piece(a, path, &elf, look_for_names, s);
    return s->num_names;
}
