/* What single numbers are called and can do, against the RFCs that gave them. */
#include "../with_arena.h"

#include "registry/registry.h"
#include <string.h>

typedef struct suite_fact {
    uint16_t code;
    const char *name, *openssl_name, *cipher, *hash;
    enum suite_key_exchange key_exchange;
    enum suite_authentication authentication;
    uint16_t version_min, version_max;
    bool is_export, is_aead;
} suite_fact;

static const suite_fact suite_facts[] = {
    {0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5", "EXP-RC4-MD5", "RC4_40", "MD5", SUITE_KX_RSA, SUITE_AUTH_RSA, VERSION_SSL3,
     VERSION_TLS12, true, false},
    {0x000A, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "DES-CBC3-SHA", "3DES_EDE_CBC", "SHA", SUITE_KX_RSA, SUITE_AUTH_RSA, VERSION_SSL3,
     VERSION_TLS12, false, false},
    {0x001F, "TLS_KRB5_WITH_3DES_EDE_CBC_SHA", "KRB5-DES-CBC3-SHA", "3DES_EDE_CBC", "SHA", SUITE_KX_KRB5, SUITE_AUTH_KRB5,
     VERSION_SSL3, VERSION_TLS12, false, false},
    {0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA", "ADH-AES128-SHA", "AES_128_CBC", "SHA", SUITE_KX_DHE, SUITE_AUTH_ANONYMOUS,
     VERSION_SSL3, VERSION_TLS12, false, false},
    {0x003D, "TLS_RSA_WITH_AES_256_CBC_SHA256", "AES256-SHA256", "AES_256_CBC", "SHA256", SUITE_KX_RSA, SUITE_AUTH_RSA,
     VERSION_TLS12, VERSION_TLS12, false, false},
    {0x0093, "TLS_RSA_PSK_WITH_3DES_EDE_CBC_SHA", "RSA-PSK-3DES-EDE-CBC-SHA", "3DES_EDE_CBC", "SHA", SUITE_KX_RSA_PSK,
     SUITE_AUTH_RSA, VERSION_TLS10, VERSION_TLS12, false, false},
    {0x009E, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "DHE-RSA-AES128-GCM-SHA256", "AES_128_GCM", "SHA256", SUITE_KX_DHE,
     SUITE_AUTH_RSA, VERSION_TLS12, VERSION_TLS12, false, true},
    {0x1301, "TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", "AES_128_GCM", "SHA256", SUITE_KX_ANY, SUITE_AUTH_ANY,
     VERSION_TLS13, VERSION_TLS13, false, true},
    {0xC009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA", "AES_128_CBC", "SHA", SUITE_KX_ECDHE,
     SUITE_AUTH_ECDSA, VERSION_TLS10, VERSION_TLS12, false, false},
    {0xC01B, "TLS_SRP_SHA_RSA_WITH_3DES_EDE_CBC_SHA", "SRP-RSA-3DES-EDE-CBC-SHA", "3DES_EDE_CBC", "SHA", SUITE_KX_SRP,
     SUITE_AUTH_RSA, VERSION_TLS10, VERSION_TLS12, false, false},
    {0xC031, "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", "ECDH-RSA-AES128-GCM-SHA256", "AES_128_GCM", "SHA256", SUITE_KX_ECDH,
     SUITE_AUTH_RSA, VERSION_TLS12, VERSION_TLS12, false, true},
    {0xC037, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256", "ECDHE-PSK-AES128-CBC-SHA256", "AES_128_CBC", "SHA256", SUITE_KX_ECDHE_PSK,
     SUITE_AUTH_PSK, VERSION_TLS10, VERSION_TLS12, false, false},
    {0xC0A1, "TLS_RSA_WITH_AES_256_CCM_8", "AES256-CCM8", "AES_256_CCM_8", "SHA256", SUITE_KX_RSA, SUITE_AUTH_RSA, VERSION_TLS12,
     VERSION_TLS12, false, true},
    {0xC0AA, "TLS_PSK_DHE_WITH_AES_128_CCM_8", "DHE-PSK-AES128-CCM8", "AES_128_CCM_8", "SHA256", SUITE_KX_DHE_PSK, SUITE_AUTH_PSK,
     VERSION_TLS12, VERSION_TLS12, false, true},
    {0xC100, "TLS_GOSTR341112_256_WITH_KUZNYECHIK_CTR_OMAC", "GOST2012-KUZNYECHIK-KUZNYECHIKOMAC", "KUZNYECHIK_CTR", "OMAC",
     SUITE_KX_GOST, SUITE_AUTH_GOST, VERSION_TLS12, VERSION_TLS12, false, false},
    {0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305", "CHACHA20_POLY1305", "SHA256",
     SUITE_KX_ECDHE, SUITE_AUTH_RSA, VERSION_TLS12, VERSION_TLS12, false, true},
};

static void a_suite_has_the_names_that_libraries_give_it(void **state)
{
    (void)state;
    const cipher_suite_row *both = cipher_suite_find(0xC02F);
    assert_string_equal(both->openssl_name, "ECDHE-RSA-AES128-GCM-SHA256");
    assert_string_equal(both->gnutls_name, "TLS_ECDHE_RSA_AES_128_GCM_SHA256");
    assert_string_equal(cipher_suite_find(0x0005)->gnutls_name, "TLS_RSA_ARCFOUR_128_SHA1");
    assert_null(cipher_suite_find(0x0003)->gnutls_name); /* export suites were never GnuTLS's in 3.x */
}

static void a_suite_is_and_does_what_its_rfc_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof suite_facts / sizeof *suite_facts; i++) {
        const suite_fact *fact = &suite_facts[i];
        const cipher_suite_row *row = cipher_suite_find(fact->code);
        assert_non_null(row);
        assert_string_equal(row->name, fact->name);
        assert_string_equal(row->openssl_name, fact->openssl_name);
        assert_string_equal(row->cipher, fact->cipher);
        assert_string_equal(row->hash, fact->hash);
        assert_int_equal(row->kind, SUITE_NORMAL);
        assert_int_equal(row->key_exchange, fact->key_exchange);
        assert_int_equal(row->authentication, fact->authentication);
        assert_int_equal(row->version_min, fact->version_min);
        assert_int_equal(row->version_max, fact->version_max);
        assert_int_equal(row->is_export, fact->is_export);
        assert_int_equal(row->is_aead, fact->is_aead);
    }
}

static void a_signalling_value_is_never_negotiated(void **state)
{
    (void)state;
    static const uint16_t codes[] = {0x00FF, 0x5600};
    static const uint16_t versions[] = {VERSION_SSL3, VERSION_TLS10, VERSION_TLS11, VERSION_TLS12, VERSION_TLS13};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        assert_int_equal(cipher_suite_find(codes[i])->kind, SUITE_SIGNALLING);
        for (size_t v = 0; v < sizeof versions / sizeof *versions; v++)
            assert_false(cipher_suite_fits_version(codes[i], versions[v]));
    }
}

static void a_group_has_its_size_kind_and_other_names(void **state)
{
    (void)state;
    const group_row *p256 = group_find(0x0017), *hybrid = group_find(0x11EC), *ffdhe = group_find(0x0100);
    assert_string_equal(p256->name, "secp256r1");
    assert_string_equal(p256->openssl_name, "prime256v1");
    assert_string_equal(p256->other_name, "P-256");
    assert_int_equal(p256->bits, 256);
    assert_true(p256->in_tls13);
    assert_false(group_find(0x001A)->in_tls13); /* brainpoolP256r1: TLS 1.3 has 0x001F for it (RFC 8734) */
    assert_string_equal(hybrid->name, "X25519MLKEM768");
    assert_int_equal(hybrid->kind, GROUP_HYBRID);
    assert_int_equal(ffdhe->kind, GROUP_FFDHE);
    assert_int_equal(ffdhe->bits, 2048);
    assert_int_equal(group_find(0x0201)->kind, GROUP_MLKEM);
    assert_string_equal(group_find(0x6399)->name, "X25519Kyber768Draft00");
}

static void a_signature_scheme_has_its_key_and_hash(void **state)
{
    (void)state;
    assert_string_equal(signature_scheme_find(0x0804)->name, "rsa_pss_rsae_sha256");
    assert_true(signature_scheme_find(0x0804)->in_tls13);
    assert_string_equal(signature_scheme_find(0x0201)->hash, "SHA1");
    assert_false(signature_scheme_find(0x0201)->in_tls13);
    assert_string_equal(signature_scheme_find(0x0202)->key_type, "DSA");
    assert_string_equal(signature_scheme_find(0x0303)->name, "ecdsa_sha224");
    assert_null(signature_scheme_find(0x0807)->hash); /* Ed25519 has none to choose */
    assert_string_equal(signature_scheme_find(0x0905)->name, "mldsa65");
}

static void what_is_known_is_told_by_name(void **state)
{
    arena *a = *state;
    assert_string_equal(version_name(a, 0x0303), "TLS 1.2");
    assert_string_equal(cipher_suite_name(a, 0xC02F), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    assert_string_equal(extension_name(a, 13172), "next_protocol_negotiation");
    assert_string_equal(extension_name(a, 0xfe0d), "encrypted_client_hello");
    assert_string_equal(alert_name(a, 40), "handshake_failure (40)");
    assert_string_equal(alert_name(a, 41), "no_certificate (41)");
    assert_string_equal(alert_name(a, 121), "ech_required (121)");
}

static void what_is_not_known_is_told_by_number(void **state)
{
    arena *a = *state;
    assert_string_equal(version_name(a, 0x7F1C), "unknown (0x7F1C)");
    assert_string_equal(cipher_suite_name(a, 0xFFFF), "unknown (0xFFFF)");
    assert_string_equal(extension_name(a, 40), "unknown (40)");
    assert_string_equal(alert_name(a, 255), "unknown (255)");
}

static void grease_is_told_as_such(void **state)
{
    arena *a = *state;
    assert_string_equal(cipher_suite_name(a, 0x0A0A), "GREASE (0x0A0A)");
    assert_string_equal(group_name(a, 0xFAFA), "GREASE (0xFAFA)");
    assert_string_equal(extension_name(a, 0x1A1A), "GREASE (6682)");
    assert_string_equal(group_name(a, 0x0A1A), "unknown (0x0A1A)"); /* the bytes differ */
}

static void a_list_is_told_in_one_line(void **state)
{
    arena *a = *state;
    uint16_t codes[] = {0x0304, 0x0303, 0x0302};
    assert_string_equal(code_names(a, (code_list){codes, 0}, version_name, 3), "");
    assert_string_equal(code_names(a, (code_list){codes, 1}, version_name, 3), "TLS 1.3");
    assert_string_equal(code_names(a, (code_list){codes, 2}, version_name, 3), "TLS 1.3 and TLS 1.2");
    assert_string_equal(code_names(a, (code_list){codes, 3}, version_name, 3), "TLS 1.3, TLS 1.2 and TLS 1.1");
    assert_string_equal(code_names(a, (code_list){codes, 3}, version_name, 2), "TLS 1.3, TLS 1.2 and 1 more");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suite_has_the_names_that_libraries_give_it),
        cmocka_unit_test(a_suite_is_and_does_what_its_rfc_says),
        cmocka_unit_test(a_signalling_value_is_never_negotiated),
        cmocka_unit_test(a_group_has_its_size_kind_and_other_names),
        cmocka_unit_test(a_signature_scheme_has_its_key_and_hash),
        WITH_ARENA(what_is_known_is_told_by_name),
        WITH_ARENA(what_is_not_known_is_told_by_number),
        WITH_ARENA(grease_is_told_as_such),
        WITH_ARENA(a_list_is_told_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
