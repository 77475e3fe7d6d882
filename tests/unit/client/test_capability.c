/* What a library of a version can do, and which of two versions is the later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/capability.h"
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
        cmocka_unit_test(a_suite_is_not_older_than_its_version),
        cmocka_unit_test(a_cipher_that_a_library_never_had_is_lacked_by_every_version),
        cmocka_unit_test(without_a_version_nothing_is_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
