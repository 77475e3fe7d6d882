/* Key shares: for each group of TLS 1.3 that this libcrypto knows, a fresh key of the length that the wire wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/key_share.h"

#include "registry/registry.h"
#include "wire/server_hello.h"
#include "wire/writer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

typedef struct expected {
    uint16_t group;
    size_t len;
    int first_byte; /* of every key: 4 says "uncompressed point" (RFC 8446, 4.2.8.2); -1: any */
} expected;

static void assert_makes_fresh_keys(const expected *e)
{
    arena *a = arena_new();
    bytes_view first, second;
    assert_true(key_share_can_make(e->group));
    assert_true(key_share_make(a, e->group, &first));
    assert_true(key_share_make(a, e->group, &second));
    assert_int_equal(first.len, e->len);
    assert_int_equal(second.len, e->len);
    assert_false(bytes_equal(first, second));
    if (e->first_byte >= 0)
        assert_int_equal(bytes_at(first, 0), e->first_byte);
    arena_free(a);
}

static void elliptic_curves_give_uncompressed_points(void **state)
{
    (void)state;
    static const expected curves[] = {{23, 65, 4},  {24, 97, 4}, {25, 133, 4}, {26, 65, 4}, {27, 97, 4},
                                      {28, 129, 4}, {31, 65, 4}, {32, 97, 4},  {33, 129, 4}};
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
        assert_makes_fresh_keys(&curves[i]);
}

static void montgomery_curves_give_their_bare_keys(void **state)
{
    (void)state;
    assert_makes_fresh_keys(&(expected){29, 32, -1});
    assert_makes_fresh_keys(&(expected){30, 56, -1});
}

static void finite_fields_give_keys_as_long_as_the_prime(void **state)
{
    (void)state;
    static const expected fields[] = {{256, 256, -1}, {257, 384, -1}, {258, 512, -1}, {259, 768, -1}, {260, 1024, -1}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        assert_makes_fresh_keys(&fields[i]);
}

/* One key in 256 begins with a zero byte, which a number's shortest form leaves out: 3000 keys hold one but for 1 in 100,000 runs.
 */
static void a_short_finite_field_key_is_padded_on_the_left(void **state)
{
    (void)state;
    bool zero_seen = false;
    arena *a = arena_new();
    for (int i = 0; i < 3000 && !zero_seen; i++) {
        bytes_view key;
        assert_true(key_share_make(a, 256, &key));
        assert_int_equal(key.len, 256);
        zero_seen = bytes_at(key, 0) == 0;
    }
    assert_true(zero_seen);
    arena_free(a);
}

static void hybrids_are_made_exactly_where_libcrypto_can(void **state)
{
    (void)state;
    static const expected hybrids[] = {{0x11eb, 1249, 4}, {0x11ec, 1216, -1}, {0x11ed, 1665, 4}};
    bool is_new_enough = OpenSSL_version_num() >= 0x30500000UL;
    for (size_t i = 0; i < sizeof hybrids / sizeof *hybrids; i++) {
        assert_int_equal(key_share_can_make(hybrids[i].group), is_new_enough);
        if (is_new_enough)
            assert_makes_fresh_keys(&hybrids[i]);
    }
}

static void groups_that_tls13_does_not_have_cannot_be_made(void **state)
{
    (void)state;
    static const uint16_t groups[] = {0, 1, 22 /* secp256k1 */, 0x0a0a /* GREASE */, 0x6399, 0xff01, 0xffff};
    arena *a = arena_new();
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        bytes_view key = bytes_from("x", 1);
        assert_false(key_share_can_make(groups[i]));
        assert_false(key_share_make(a, groups[i], &key));
        assert_int_equal(key.len, 0);
    }
    arena_free(a);
}

/* The prime that libcrypto has for that group. */
static bytes_view prime_of(arena *a, const char *name)
{
    uint8_t bytes[1024];
    EVP_PKEY *parameters = NULL;
    BIGNUM *prime = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    OSSL_PARAM wanted[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, bytes_to_text(a, bytes_from_text(name)), 0),
                           OSSL_PARAM_construct_end()};
    assert_int_equal(EVP_PKEY_paramgen_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_params(context, wanted), 1);
    assert_int_equal(EVP_PKEY_generate(context, &parameters), 1);
    assert_int_equal(EVP_PKEY_get_bn_param(parameters, OSSL_PKEY_PARAM_FFC_P, &prime), 1);
    assert_true(BN_num_bytes(prime) <= (int)sizeof bytes);
    bytes_view out = bytes_copy(a, bytes_from(bytes, (size_t)BN_bn2bin(prime, bytes)));
    BN_free(prime);
    EVP_PKEY_free(parameters);
    EVP_PKEY_CTX_free(context);
    return out;
}

static uint16_t group_seen_in_key_exchange_of(arena *a, bytes_view prime)
{
    enum { LEN_MAX = 4096 };
    static const uint8_t rest[] = {0, 1, 2, 0, 1, 5}; /* generator, public value */
    bytes_view body;
    writer w;
    server_key_exchange seen;
    writer_init(&w, LEN_MAX);
    writer_vector vector = writer_open16(&w);
    write_bytes(&w, prime);
    writer_close(&w, vector);
    write_bytes(&w, bytes_from(rest, sizeof rest));
    assert_true(writer_take(&w, a, &body));
    assert_int_equal(server_key_exchange_parse(a, body, KEY_EXCHANGE_DHE, true, VERSION_TLS12, &seen), PARSE_DONE);
    return seen.finite_field_group;
}

static void a_finite_field_group_is_known_by_its_prime(void **state)
{
    (void)state;
    static const char *const names[] = {"ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"};
    arena *a = arena_new();
    for (uint16_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(group_seen_in_key_exchange_of(a, prime_of(a, names[i])), 0x0100 + i);
    bytes_view other = prime_of(a, "modp_2048"); /* RFC 3526, 3 */
    assert_int_equal(group_seen_in_key_exchange_of(a, other), 0);
    assert_int_equal(group_seen_in_key_exchange_of(a, bytes_slice(other, 0, 1)), 0);
    arena_free(a);
}

static void random_bytes_fill_what_they_are_given_and_no_more(void **state)
{
    (void)state;
    uint8_t bytes[1026] = {0};
    crypto_random_bytes(NULL, bytes + 1, 1024);
    assert_int_equal(bytes[0], 0);
    assert_int_equal(bytes[1025], 0);
    size_t num_zeros = 0;
    for (size_t i = 1; i <= 1024; i++)
        num_zeros += bytes[i] == 0;
    assert_true(num_zeros < 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elliptic_curves_give_uncompressed_points),
        cmocka_unit_test(montgomery_curves_give_their_bare_keys),
        cmocka_unit_test(finite_fields_give_keys_as_long_as_the_prime),
        cmocka_unit_test(a_short_finite_field_key_is_padded_on_the_left),
        cmocka_unit_test(hybrids_are_made_exactly_where_libcrypto_can),
        cmocka_unit_test(groups_that_tls13_does_not_have_cannot_be_made),
        cmocka_unit_test(a_finite_field_group_is_known_by_its_prime),
        cmocka_unit_test(random_bytes_fill_what_they_are_given_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
