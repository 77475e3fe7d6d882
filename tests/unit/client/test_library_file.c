/* The library that a file carries, by its texts: made-up files, also hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/library_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

/* A file with this text at this place, and zeros around it. */
static void write_file(char *path, off_t at, const char *text, size_t len)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, text, len, at), (ssize_t)len);
    assert_int_equal(ftruncate(fd, at + (off_t)len + 4096), 0);
    assert_int_equal(close(fd), 0);
}

static enum library_kind kind_of_bytes(off_t at, const char *text, size_t len, const char *version)
{
    char path[] = "/tmp/test-library-XXXXXX";
    arena *a = arena_new();
    tls_library found;
    write_file(path, at, text, len);
    (void)library_in_file(a, path, &found);
    if (version != NULL)
        assert_string_equal(found.version, version);
    assert_int_equal(unlink(path), 0);
    arena_free(a);
    return found.kind;
}

static enum library_kind kind_at(off_t at, const char *text, const char *version)
{
    return kind_of_bytes(at, text, strlen(text), version);
}

static void each_library_is_known_by_its_own_text(void **state)
{
    (void)state;
    assert_int_equal(kind_at(100, "OpenSSL 0.9.8zg 11 Jun 2015", "0.9.8zg"), LIBRARY_OPENSSL);
    assert_int_equal(kind_at(100, "OpenSSL 1.1.1n  15 Mar 2022", "1.1.1n"), LIBRARY_OPENSSL);
    assert_int_equal(kind_at(100, "OpenSSL 3.0.15+quic 3 Sep 2024", "3.0.15"), LIBRARY_OPENSSL);
    assert_int_equal(kind_at(100, "LibreSSL 3.8.2", "3.8.2"), LIBRARY_LIBRESSL);
    assert_int_equal(kind_at(100, "Enabled GnuTLS 3.7.9 logging...", "3.7.9"), LIBRARY_GNUTLS);
    assert_int_equal(kind_at(100, "/registry/src/rustls-0.21.7/src/lib.rs", "0.21.7"), LIBRARY_RUSTLS);
}

/* Build information as Go writes it since 1.18: the version's length and the version from byte 32 on. */
static void go_is_known_by_its_build_information(void **state)
{
    (void)state;
    static const char with_tls[] = "\xff Go buildinf:\x08\x02................\x08go1.21.5 and crypto/tls.(*Conn).Read";
    static const char without_tls[] = "\xff Go buildinf:\x08\x02................\x08go1.21.5 and no more";
    static const char cut[] = "crypto/tls.(*Conn) \xff Go buildinf:\x08\x02................\x7fgo1.21.5";
    static const char by_address[] = "crypto/tls.(*Conn) \xff Go buildinf:\x08\x00................";
    assert_int_equal(kind_of_bytes(100, with_tls, sizeof with_tls - 1, "1.21.5"), LIBRARY_GO);
    assert_int_equal(kind_of_bytes(100, without_tls, sizeof without_tls - 1, NULL), LIBRARY_UNKNOWN);
    assert_int_equal(kind_of_bytes(100, cut, sizeof cut - 1, NULL), LIBRARY_GO); /* zeros follow: the version is there */
    assert_int_equal(kind_of_bytes(100, by_address, sizeof by_address - 1, NULL), LIBRARY_UNKNOWN);
}

static void a_text_that_only_speaks_of_openssl_is_none(void **state)
{
    (void)state;
    assert_int_equal(kind_at(100, "needs OpenSSL 1.0.1 or later", NULL), LIBRARY_UNKNOWN);
    assert_int_equal(kind_at(100, "OpenSSL ", NULL), LIBRARY_UNKNOWN);
}

static void a_text_across_two_pieces_is_found(void **state)
{
    (void)state;
    for (off_t at = PIECE - 30; at <= PIECE; at += 5)
        assert_int_equal(kind_at(at, "OpenSSL 1.0.2d 9 Jul 2015", "1.0.2d"), LIBRARY_OPENSSL);
}

static void what_is_cut_at_the_files_end_does_no_harm(void **state)
{
    (void)state;
    static const char *const cut[] = {"OpenSSL 1", "OpenSSL 1.", "OpenSSL 1.0.1e 1", "LibreSSL", "\xff Go buildinf:", "go1."};
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        char path[] = "/tmp/test-library-XXXXXX";
        arena *a = arena_new();
        tls_library found;
        int fd = mkstemp(path);
        assert_int_equal(write(fd, cut[i], strlen(cut[i])), (ssize_t)strlen(cut[i]));
        assert_int_equal(close(fd), 0);
        (void)library_in_file(a, path, &found);
        assert_int_equal(unlink(path), 0);
        arena_free(a);
    }
}

static void what_cannot_be_read_has_none(void **state)
{
    (void)state;
    arena *a = arena_new();
    tls_library found;
    assert_false(library_in_file(a, "/nonexistent/file", &found));
    assert_false(library_in_file(a, "/", &found));
    assert_int_equal(found.kind, LIBRARY_UNKNOWN);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_library_is_known_by_its_own_text),      cmocka_unit_test(go_is_known_by_its_build_information),
        cmocka_unit_test(a_text_that_only_speaks_of_openssl_is_none), cmocka_unit_test(a_text_across_two_pieces_is_found),
        cmocka_unit_test(what_is_cut_at_the_files_end_does_no_harm),  cmocka_unit_test(what_cannot_be_read_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
