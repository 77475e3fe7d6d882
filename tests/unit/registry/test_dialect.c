/* The same version, suite, group and scheme as each program spells it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "registry/dialect.h"

static void a_version_as_each_spells_it(void **state)
{
    (void)state;
    static const char *const tls10[NUM_DIALECTS] = {"TLS 1.0", "1.0",     "TLSv1", "TLSv1", "TLSv1",
                                                    "TLS1",    "TLSv1_0", "TLS10", "Tls",   "VERS-TLS1.0"};
    for (int d = 0; d < NUM_DIALECTS; d++)
        assert_string_equal(dialect_version(NULL, (enum dialect)d, VERSION_TLS10), tls10[d]);
    assert_null(dialect_version(NULL, DIALECT_GO, VERSION_SSL3));
    assert_null(dialect_version(NULL, DIALECT_OPENSSL, 0x7f1c));
}

static void a_suite_as_each_spells_it(void **state)
{
    (void)state;
    arena *a = arena_new();
    assert_string_equal(dialect_suite(a, DIALECT_OPENSSL, 0x002F), "AES128-SHA");
    assert_string_equal(dialect_suite(a, DIALECT_JAVA, 0x002F), "TLS_RSA_WITH_AES_128_CBC_SHA");
    assert_string_equal(dialect_suite(a, DIALECT_GO, 0x002F), "tls.TLS_RSA_WITH_AES_128_CBC_SHA");
    assert_string_equal(dialect_suite(a, DIALECT_GNUTLS, 0x002F), "RSA:+AES-128-CBC:+SHA1");
    assert_string_equal(dialect_suite(a, DIALECT_GNUTLS, 0xC030), "ECDHE-RSA:+AES-256-GCM:+AEAD");
    assert_string_equal(dialect_suite(a, DIALECT_GNUTLS, 0x1302), "AES-256-GCM:+AEAD");
    assert_null(dialect_suite(a, DIALECT_OPENSSL, 0x00FF));
    arena_free(a);
}

static void groups_and_schemes_as_each_spells_them(void **state)
{
    (void)state;
    arena *a = arena_new();
    assert_string_equal(dialect_group(a, DIALECT_OPENSSL, 0x0018), "P-384");
    assert_string_equal(dialect_group(a, DIALECT_PYTHON, 0x0017), "prime256v1");
    assert_string_equal(dialect_group(a, DIALECT_JAVA, 0x0018), "secp384r1");
    assert_string_equal(dialect_group(a, DIALECT_GNUTLS, 0x0018), "GROUP-SECP384R1");
    assert_string_equal(dialect_group(a, DIALECT_GO, 0x001D), "tls.X25519");
    assert_null(dialect_group(a, DIALECT_GO, 0x001E));
    assert_string_equal(dialect_scheme(a, DIALECT_OPENSSL, 0x0401), "RSA+SHA256");
    assert_string_equal(dialect_scheme(a, DIALECT_GNUTLS, 0x0807), "SIGN-EDDSA-ED25519");
    assert_string_equal(dialect_scheme(a, DIALECT_GNUTLS, 0x0804), "SIGN-RSA-PSS-RSAE-SHA256");
    assert_string_equal(dialect_scheme(a, DIALECT_GNUTLS, 0x0401), "SIGN-RSA-SHA256");
    arena_free(a);
}

static void a_list_leaves_out_what_has_no_word(void **state)
{
    (void)state;
    arena *a = arena_new();
    static const uint16_t groups[] = {0x001D, 0x001E, 0x0018};
    code_list list = codes_from(a, groups, 3);
    assert_string_equal(dialect_list(a, DIALECT_GO, dialect_group, list, ", "), "tls.X25519, tls.CurveP384");
    assert_null(dialect_list(a, DIALECT_GO, dialect_group, codes_one(a, 0x001E), ", "));
    enum dialect found;
    assert_true(dialect_find(bytes_from_text("gnutls"), &found));
    assert_int_equal(found, DIALECT_GNUTLS);
    assert_false(dialect_find(bytes_from_text("cobol"), &found));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_version_as_each_spells_it),
        cmocka_unit_test(a_suite_as_each_spells_it),
        cmocka_unit_test(groups_and_schemes_as_each_spells_them),
        cmocka_unit_test(a_list_leaves_out_what_has_no_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
