/* What runtimes print when they are asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/library_versions.h"
#include "client/own_words.h"
#include "registry/registry.h"

static own_words said(arena *a, enum runtime runtime, const char *printed)
{
    return own_words_read(a, runtime, bytes_from_text(printed));
}

static void each_says_its_version_and_its_library(void **state)
{
    (void)state;
    arena *a = arena_new();
    own_words python = said(a, RUNTIME_PYTHON, "runtime 2.7.10\nlibrary OpenSSL 0.9.8zg 14 July 2015\nmodule /opt/_ssl.so\n");
    assert_string_equal(python.runtime_version, "2.7.10");
    assert_string_equal(python.module, "/opt/_ssl.so");
    assert_string_equal(own_words_library_version(a, &python, LIBRARY_OPENSSL), "0.9.8zg");
    own_words curl =
        said(a, RUNTIME_CURL, "curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1 GnuTLS/3.7.9 zlib/1.2.13\nRelease-Date: 2023\n");
    assert_string_equal(curl.runtime_version, "7.88.1");
    assert_string_equal(curl.library, "GnuTLS/3.7.9");
    assert_string_equal(own_words_library_version(a, &curl, LIBRARY_GNUTLS), "3.7.9");
    own_words openssl = said(a, RUNTIME_OPENSSL, "OpenSSL 3.0.22 25 Aug 2026 (Library: OpenSSL 3.0.22 25 Aug 2026)\n");
    assert_string_equal(openssl.library, "OpenSSL 3.0.22 25 Aug 2026");
    own_words java = said(a, RUNTIME_JAVA, "openjdk version \"17.0.15\" 2025-04-15\n");
    assert_string_equal(java.runtime_version, "17.0.15");
    assert_true(said(a, RUNTIME_PHP, "library OpenSSL 3.0.22 7 Apr 2026\n").is_built_with);
    arena_free(a);
}

static void nonsense_says_nothing(void **state)
{
    (void)state;
    arena *a = arena_new();
    static const char *const printed[] = {
        "", "\n", "runtime ", "library", "runtime \nlibrary \nmodule \n", "Traceback (most recent call last):\n"};
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        own_words words = said(a, RUNTIME_PYTHON, printed[i]);
        assert_null(words.runtime_version);
        assert_null(words.library);
        assert_null(own_words_library_version(a, &words, LIBRARY_OPENSSL));
    }
    assert_null(said(a, RUNTIME_OTHER, "runtime 1\n").runtime_version);
    arena_free(a);
}

static uint16_t highest(arena *a, enum library_kind kind, const char *version)
{
    tls_library library = {.kind = kind, .version = version};
    return codes_max(library_versions(a, &library));
}

static void what_a_library_can_speak_follows_from_its_version(void **state)
{
    (void)state;
    arena *a = arena_new();
    assert_int_equal(highest(a, LIBRARY_OPENSSL, "0.9.8zg"), VERSION_TLS10);
    assert_int_equal(highest(a, LIBRARY_OPENSSL, "1.0.0t"), VERSION_TLS10);
    assert_int_equal(highest(a, LIBRARY_OPENSSL, "1.0.1e"), VERSION_TLS12);
    assert_int_equal(highest(a, LIBRARY_OPENSSL, "1.1.0l"), VERSION_TLS12);
    assert_int_equal(highest(a, LIBRARY_OPENSSL, "1.1.1"), VERSION_TLS13);
    assert_int_equal(highest(a, LIBRARY_OPENSSL, "3.0.22"), VERSION_TLS13);
    assert_int_equal(highest(a, LIBRARY_GNUTLS, "3.6.2"), VERSION_TLS12);
    assert_int_equal(highest(a, LIBRARY_GO, "1.11.13"), VERSION_TLS12);
    assert_int_equal(highest(a, LIBRARY_JSSE, "1.8.0_252"), VERSION_TLS12);
    assert_int_equal(highest(a, LIBRARY_JSSE, "1.8.0_261"), VERSION_TLS13);
    assert_int_equal(highest(a, LIBRARY_JSSE, "10.0.2"), VERSION_TLS12);
    assert_int_equal(highest(a, LIBRARY_JSSE, "17.0.15"), VERSION_TLS13);
    assert_int_equal(highest(a, LIBRARY_BORINGSSL, NULL), VERSION_TLS13);
    assert_int_equal(highest(a, LIBRARY_OPENSSL, NULL), 0);
    assert_int_equal(highest(a, LIBRARY_UNKNOWN, "1.0"), 0);
    arena_free(a);
}

static void defaults_follow_from_the_version_too(void **state)
{
    (void)state;
    library_default is;
    tls_library openssl = {.kind = LIBRARY_OPENSSL, .version = "3.0.22"}, go = {.kind = LIBRARY_GO, .version = "1.17.13"};
    assert_true(library_default_find(&openssl, &is));
    assert_int_equal(is.version_min, VERSION_TLS12);
    assert_int_equal(is.level, 1);
    assert_true(library_default_find(&go, &is));
    assert_int_equal(is.version_min, VERSION_TLS10);
    go.version = "1.18";
    assert_true(library_default_find(&go, &is));
    assert_int_equal(is.version_min, VERSION_TLS12);
    go.version = NULL;
    assert_false(library_default_find(&go, &is));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_says_its_version_and_its_library),
        cmocka_unit_test(nonsense_says_nothing),
        cmocka_unit_test(what_a_library_can_speak_follows_from_its_version),
        cmocka_unit_test(defaults_follow_from_the_version_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
