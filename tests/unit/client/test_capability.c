/* What a library of a version can do, and which of two versions is the later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/capability.h"
#include "client/go_defaults.h"
#include "client/library_versions.h"
#include "registry/registry.h"

static void versions_are_compared_as_each_library_numbers_them(void **state)
{
    (void)state;
    static const char *const rising[][2] = {
        {"0.9.8", "0.9.8a"},  {"0.9.8z", "0.9.8za"}, {"0.9.8zg", "1.0.0"}, {"1.0.1", "1.0.1e"},        {"1.0.1e", "1.0.2"},
        {"1.0.2zg", "1.1.0"}, {"1.1.1w", "3.0.0"},   {"3.0.9", "3.0.22"},  {"1.8.0_252", "1.8.0_261"}, {"1.8.0_261", "11.0.2"},
        {"1.21.5", "1.22"},   {"3.6.2", "3.6.12"},   {"17.0.15", "21"},    {"1.7", "1.8.0"},
    };
    for (size_t i = 0; i < sizeof rising / sizeof *rising; i++) {
        assert_true(version_compare(rising[i][0], rising[i][1]) < 0);
        assert_true(version_compare(rising[i][1], rising[i][0]) > 0);
        assert_int_equal(version_compare(rising[i][0], rising[i][0]), 0);
    }
    assert_int_equal(version_compare("3.0", "3.0.0"), 0);
}

static void a_library_that_is_too_old_lacks_it(void **state)
{
    (void)state;
    const char *since;
    tls_library old = {.kind = LIBRARY_OPENSSL, .version = "0.9.8zg"};
    assert_true(library_lacks(&old, ABILITY_VERSION, VERSION_TLS12, &since));
    assert_string_equal(since, "1.0.1");
    assert_false(library_lacks(&old, ABILITY_VERSION, VERSION_TLS10, &since));
    tls_library middle = {.kind = LIBRARY_OPENSSL, .version = "1.0.1e"};
    assert_false(library_lacks(&middle, ABILITY_VERSION, VERSION_TLS12, &since));
    assert_true(library_lacks(&middle, ABILITY_CIPHER, 0xcca8, &since)); /* ECDHE-RSA-CHACHA20-POLY1305 */
    assert_string_equal(since, "1.1.0");
}

/* Both tell of the same table. */
static void a_version_that_is_lacked_is_none_that_is_listed(void **state)
{
    (void)state;
    static const struct {
        enum library_kind kind;
        const char *version;
        uint16_t code;
        const char *since; /* NULL: no later one has it either */
    } rows[] = {
        {LIBRARY_JSSE, "10.0.2", VERSION_TLS13, "11"},       {LIBRARY_JSSE, "1.8.0_252", VERSION_TLS13, "1.8.0_261"},
        {LIBRARY_GO, "1.14.1", VERSION_SSL3, NULL},          {LIBRARY_LIBRESSL, "3.8.2", VERSION_TLS11, NULL},
        {LIBRARY_OPENSSL, "1.1.0l", VERSION_SSL2, NULL},     {LIBRARY_GNUTLS, "3.6.2", VERSION_TLS13, "3.6.3"},
        {LIBRARY_LIBRESSL, "3.0.2", VERSION_TLS13, "3.1.0"}, {LIBRARY_WOLFSSL, "3.6.6", VERSION_SSL3, NULL},
        {LIBRARY_GNUTLS, "3.6.3", VERSION_SSL3, NULL},       {LIBRARY_NSS, "3.38", VERSION_TLS13, "3.39"},
        {LIBRARY_MBEDTLS, "3.0.0", VERSION_TLS10, NULL},
    };
    arena *a = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *since = "";
        tls_library library = {.kind = rows[i].kind, .version = rows[i].version};
        assert_true(library_lacks(&library, ABILITY_VERSION, rows[i].code, &since));
        assert_string_equal(since == NULL ? "none" : since, rows[i].since == NULL ? "none" : rows[i].since);
        assert_false(codes_contain(library_versions(a, &library), rows[i].code));
    }
    const char *since;
    assert_false(library_lacks(&(tls_library){.kind = LIBRARY_GO, .version = "1.13.5"}, ABILITY_VERSION, VERSION_SSL3, &since));
    assert_true(codes_contain(library_versions(a, &(tls_library){.kind = LIBRARY_GO, .version = "1.13.5"}), VERSION_SSL3));
    arena_free(a);
}

static void a_suite_is_not_older_than_its_version(void **state)
{
    (void)state;
    assert_string_equal(ability_since(LIBRARY_OPENSSL, ABILITY_CIPHER, 0x1301), "1.1.1");
    assert_string_equal(ability_since(LIBRARY_OPENSSL, ABILITY_CIPHER, 0x003c), "1.0.1"); /* AES128-SHA256 is of TLS 1.2 */
    assert_null(ability_since(LIBRARY_OPENSSL, ABILITY_CIPHER, 0x002f));
}

static void a_cipher_that_a_library_never_had_is_lacked_by_every_version(void **state)
{
    (void)state;
    const char *since = "";
    tls_library gnutls = {.kind = LIBRARY_GNUTLS, .version = "3.7.9"}, java = {.kind = LIBRARY_JSSE};
    assert_true(library_lacks(&gnutls, ABILITY_CIPHER, 0x0007, &since)); /* IDEA */
    assert_null(since);
    assert_true(library_lacks(&java, ABILITY_CIPHER, 0x0041, &since));    /* CAMELLIA128-SHA */
    assert_false(library_lacks(&gnutls, ABILITY_CIPHER, 0x0041, &since)); /* GnuTLS has that */
    assert_false(library_lacks(&gnutls, ABILITY_CIPHER, 0x002f, &since)); /* AES128-SHA */
}

static void a_group_or_scheme_that_a_library_never_had_is_lacked_by_every_version(void **state)
{
    (void)state;
    const char *since = "";
    tls_library java = {.kind = LIBRARY_JSSE, .version = "17.0.15"}, go = {.kind = LIBRARY_GO, .version = "1.19.8"};
    tls_library openssl = {.kind = LIBRARY_OPENSSL, .version = "3.0.19"};
    assert_true(library_lacks(&java, ABILITY_GROUP, 26, &since)); /* brainpoolP256r1 */
    assert_null(since);
    assert_true(library_lacks(&java, ABILITY_GROUP, 0x11ec, &since)); /* X25519MLKEM768 */
    assert_string_equal(since, "27");
    assert_true(library_lacks(&go, ABILITY_GROUP, 30, &since)); /* X448 */
    assert_null(since);
    assert_true(library_lacks(&go, ABILITY_SCHEME, 0x0808, &since)); /* Ed448 */
    assert_true(library_lacks(&go, ABILITY_CIPHER, 0x009e, &since)); /* DHE-RSA-AES128-GCM-SHA256 */
    assert_null(since);
    assert_true(library_lacks(&go, ABILITY_VERSION, VERSION_SSL3, &since));
    assert_false(library_lacks(&go, ABILITY_CIPHER, 0x0005, &since)); /* RC4, off by default */
    assert_true(library_lacks(&go, ABILITY_EXTENSION, 23, &since));
    assert_string_equal(since, "1.21");
    assert_false(library_lacks(&openssl, ABILITY_GROUP, 0x0301, &since)); /* a provider may bring any */
}

static bool go_offers(const char *version, enum ability what, uint16_t code)
{
    return go_default_of(version, what, code).is_offered;
}

static void what_go_offers_by_default_goes_by_its_version(void **state)
{
    (void)state;
    assert_false(go_offers("1.19.8", ABILITY_CIPHER, 0x0005));
    assert_true(go_offers("1.21.5", ABILITY_CIPHER, 0x002f));
    assert_false(go_offers("1.22.0", ABILITY_CIPHER, 0x002f));
    assert_false(go_offers("1.23.1", ABILITY_CIPHER, 0xc012));
    assert_false(go_offers("1.19.8", ABILITY_VERSION, VERSION_TLS11));
    assert_true(go_offers("1.17.2", ABILITY_VERSION, VERSION_TLS10));
    assert_false(go_offers("1.25.0", ABILITY_SCHEME, 0x0201));
    assert_true(go_offers("1.24.3", ABILITY_GROUP, 0x11ec));
}

static void go_is_told_otherwise_by_its_debug_settings(void **state)
{
    (void)state;
    arena *a = arena_new();
    go_default hybrid = go_default_of("1.24.3", ABILITY_GROUP, 0x11ec), curve = go_default_of("1.24.3", ABILITY_GROUP, 23);
    assert_true(go_debug_changes(a, "http2client=0,tlsmlkem=0", &hybrid));
    assert_false(go_debug_changes(a, "tlsmlkem=0,tlsmlkem=1", &hybrid));
    assert_false(go_debug_changes(a, "xtlsmlkem=0", &hybrid));
    assert_false(go_debug_changes(a, NULL, &hybrid));
    assert_false(go_debug_changes(a, "tlsmlkem=0", &curve));
    arena_free(a);
}

static void without_a_version_nothing_is_claimed(void **state)
{
    (void)state;
    const char *since;
    tls_library unknown = {.kind = LIBRARY_OPENSSL};
    assert_false(library_lacks(&unknown, ABILITY_VERSION, VERSION_TLS13, &since));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_compared_as_each_library_numbers_them),
        cmocka_unit_test(a_library_that_is_too_old_lacks_it),
        cmocka_unit_test(a_version_that_is_lacked_is_none_that_is_listed),
        cmocka_unit_test(a_suite_is_not_older_than_its_version),
        cmocka_unit_test(a_cipher_that_a_library_never_had_is_lacked_by_every_version),
        cmocka_unit_test(a_group_or_scheme_that_a_library_never_had_is_lacked_by_every_version),
        cmocka_unit_test(what_go_offers_by_default_goes_by_its_version),
        cmocka_unit_test(go_is_told_otherwise_by_its_debug_settings),
        cmocka_unit_test(without_a_version_nothing_is_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
