#include "../with_arena.h"

#include "diagnose/broad.h"
#include "registry/registry.h"

static void zero_bytes(void *user, uint8_t *out, size_t len)
{
    (void)user;
    for (size_t i = 0; i < len; i++)
        out[i] = 0;
}

static const diagnosis_tools tools = {.random_bytes = zero_bytes};

static const uint16_t versions[] = {VERSION_SSL3, VERSION_TLS10, VERSION_TLS11, VERSION_TLS12, VERSION_TLS13};

static client_hello for_version(arena *a, uint16_t version)
{
    return broad_hello(a, &tools, version, &(broad_options){.server_name = bytes_from_text("www.example.com")});
}

static void a_hello_for_one_version_offers_no_other_on_top(void **state)
{
    arena *a = *state;
    for (size_t i = 0; i < 5; i++) {
        client_hello hello = for_version(a, versions[i]);
        assert_int_equal(client_hello_version_max(&hello), versions[i]);
    }
    client_hello newest = for_version(a, VERSION_TLS13);
    assert_int_equal(client_hello_versions(a, &newest).num_codes, 1);
}

static void all_its_suites_fit_the_version(void **state)
{
    arena *a = *state;
    for (size_t i = 0; i < 5; i++) {
        code_list suites = broad_suites(a, versions[i], false);
        assert_true(suites.num_codes > 2);
        for (size_t k = 0; k < suites.num_codes; k++)
            assert_true(cipher_suite_fits_version(suites.codes[k], versions[i]));
    }
}

static void ssl_3_has_no_extensions(void **state)
{
    client_hello hello = for_version(*state, VERSION_SSL3);
    assert_false(hello.has_extensions);
}

static void it_stays_below_four_hundred_bytes(void **state)
{
    arena *a = *state;
    for (size_t i = 0; i < 5; i++) {
        client_hello hello = for_version(a, versions[i]);
        size_t len = hello_message_len(a, &hello);
        assert_true(len > 0 && len < 400);
    }
}

static void it_is_padded_when_asked(void **state)
{
    arena *a = *state;
    client_hello hello = broad_hello_of_all_versions(a, &tools, &(broad_options){.message_len = 800});
    assert_int_equal(hello_message_len(a, &hello), 800);
}

static void rare_suites_are_those_that_the_usual_list_lacks(void **state)
{
    arena *a = *state;
    code_list rare = broad_suites(a, VERSION_TLS12, true), usual = broad_suites(a, VERSION_TLS12, false);
    assert_int_equal(codes_in_both(a, rare, usual).num_codes, 0);
    assert_true(codes_contain(rare, 0x0018)); /* TLS_DH_anon_WITH_RC4_128_MD5 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_hello_for_one_version_offers_no_other_on_top),
        WITH_ARENA(all_its_suites_fit_the_version),
        WITH_ARENA(ssl_3_has_no_extensions),
        WITH_ARENA(it_stays_below_four_hundred_bytes),
        WITH_ARENA(it_is_padded_when_asked),
        WITH_ARENA(rare_suites_are_those_that_the_usual_list_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
