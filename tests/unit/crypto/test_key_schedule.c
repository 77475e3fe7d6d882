/* The key schedule against the example of RFC 8448, section 3, and records that are sealed and opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/key_schedule.h"
#include "wire/record.h"

#include <string.h>

#define VIEW(...) bytes_from((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void assert_secret(const secret *is, const char *hex)
{
    arena *a = arena_new();
    assert_string_equal(bytes_to_hex(a, bytes_from(is->bytes, 32)), hex);
    arena_free(a);
}

static void the_secrets_are_those_of_rfc_8448(void **state)
{
    (void)state;
    const suite_parameters *suite = suite_parameters_find(0x1301);
    bytes_view none = bytes_from(NULL, 0);
    bytes_view shared = VIEW(0x8b, 0xd4, 0x05, 0x4f, 0xb5, 0x5b, 0x9d, 0x63, 0xfd, 0xfb, 0xac, 0xf9, 0xf0, 0x4b, 0x9f, 0x0d, 0x35,
                             0xe6, 0xd6, 0x3f, 0x53, 0x75, 0x63, 0xef, 0xd4, 0x62, 0x72, 0x90, 0x0f, 0x89, 0x49, 0x2d);
    secret early, empty, derived, handshake, master;
    assert_true(hkdf_extract(suite, none, none, &early));
    assert_secret(&early, "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
    assert_true(transcript_hash(suite, none, &empty));
    assert_true(derive_secret(suite, &early, "derived", &empty, &derived));
    assert_secret(&derived, "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba");
    assert_true(hkdf_extract(suite, bytes_from(derived.bytes, 32), shared, &handshake));
    assert_secret(&handshake, "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac");
    assert_true(derive_secret(suite, &handshake, "derived", &empty, &derived));
    assert_true(hkdf_extract(suite, bytes_from(derived.bytes, 32), none, &master));
    assert_secret(&master, "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919");
}

static void what_is_sealed_can_be_opened_and_nothing_else(void **state)
{
    (void)state;
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303, 0x1304, 0x1305};
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        arena *a = arena_new();
        const suite_parameters *suite = suite_parameters_find(suites[i]);
        secret traffic = {{1, 2, 3}};
        traffic_keys writing, reading;
        bytes_view sealed, opened;
        uint8_t type;
        assert_true(traffic_keys_from(suite, &traffic, &writing));
        for (int number = 0; number < 3; number++) {
            assert_true(record_seal(&writing, a, CONTENT_ALERT, bytes_from_text("hello"), &sealed));
            assert_int_equal(sealed.len, RECORD_HEADER_LEN + 5 + 1 + suite->tag_len);
        }
        assert_true(traffic_keys_from(suite, &traffic, &reading));
        bytes_view header = bytes_slice(sealed, 0, RECORD_HEADER_LEN), payload = bytes_slice(sealed, RECORD_HEADER_LEN, sealed.len);
        assert_false(record_open(&reading, a, header, payload, &type, &opened)); /* it is the third, not the first */
        reading.sequence = 2;
        assert_true(record_open(&reading, a, header, payload, &type, &opened));
        assert_int_equal(type, CONTENT_ALERT);
        assert_true(bytes_equal(opened, bytes_from_text("hello")));
        assert_false(record_open(&reading, a, header, bytes_slice(payload, 0, suite->tag_len), &type, &opened));
        arena_free(a);
    }
}

static void a_suite_of_tls12_has_no_place_here(void **state)
{
    (void)state;
    assert_null(suite_parameters_find(0xc02f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_secrets_are_those_of_rfc_8448),
        cmocka_unit_test(what_is_sealed_can_be_opened_and_nothing_else),
        cmocka_unit_test(a_suite_of_tls12_has_no_place_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
