/* Key shares: for each group of TLS 1.3 that this libcrypto knows, a fresh key of the length that the wire wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/key_share.h"

#include <openssl/crypto.h>

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
        cmocka_unit_test(random_bytes_fill_what_they_are_given_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
