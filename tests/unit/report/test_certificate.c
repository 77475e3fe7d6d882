#include "../with_arena.h"

#include "report/report.h"
#include <string.h>

#include "certificate.h"
#include "report/certificate_json.h"

static const char *text_at(json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void a_certificate_is_told_with_its_names_and_times(void **state)
{
    arena *a = *state;
    bytes_view der =
        make_certificate(a, bytes_from_text("M\xC3\xBCller"), "DNS:example.com,DNS:*.example.com,IP:192.0.2.7,IP:2001:db8::1");
    json_t *object = certificate_to_json(a, der), *names = json_object_get(object, "names");
    assert_string_equal(text_at(object, "subject"), "CN=M\xC3\xBCller");
    assert_string_equal(text_at(object, "issuer"), "CN=M\xC3\xBCller");
    assert_string_equal(text_at(object, "not_before"), "2020-01-01T00:00:00Z");
    assert_string_equal(text_at(object, "not_after"), "2030-02-03T04:05:06Z");
    assert_int_equal(json_array_size(names), 4);
    assert_string_equal(json_string_value(json_array_get(names, 1)), "*.example.com");
    assert_string_equal(json_string_value(json_array_get(names, 2)), "192.0.2.7");
    assert_string_equal(json_string_value(json_array_get(names, 3)), "2001:db8::1");
    assert_int_equal(strlen(text_at(object, "sha256")), 64);
    assert_non_null(text_at(object, "der"));
    json_decref(object);
}

/* FIPS 180-2, B.1: the digest of "abc", which is no certificate. */
static void what_is_no_certificate_is_told_by_its_bytes_alone(void **state)
{
    arena *a = *state;
    json_t *object = certificate_to_json(a, bytes_from_text("abc"));
    assert_true(json_is_null(json_object_get(object, "subject")));
    assert_true(json_is_null(json_object_get(object, "not_after")));
    assert_int_equal(json_array_size(json_object_get(object, "names")), 0);
    assert_string_equal(text_at(object, "sha256"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(text_at(object, "der"), "YWJj");
    json_decref(object);
}

static void a_certificate_cut_anywhere_or_with_a_wrong_byte_anywhere_does_no_harm(void **state)
{
    arena *a = *state;
    bytes_view der = make_certificate(a, bytes_from_text("x"), "DNS:example.com,IP:192.0.2.7");
    for (size_t len = 0; len < der.len; len++)
        json_decref(certificate_to_json(a, bytes_slice(der, 0, len)));
    uint8_t *changed = arena_copy(a, der.data, der.len);
    for (size_t i = 0; i < der.len; i++) {
        changed[i] ^= 0xFF;
        json_decref(certificate_to_json(a, bytes_from(changed, der.len)));
        changed[i] ^= 0xFF;
    }
}

static void a_hostile_name_is_escaped(void **state)
{
    arena *a = *state;
    json_t *object = certificate_to_json(a, make_certificate(a, bytes_from("a\0\033[2J\xE2\x80\xAE", 9), NULL));
    const char *subject = text_at(object, "subject");
    assert_non_null(subject);
    for (size_t i = 0; subject[i] != '\0'; i++)
        assert_true(subject[i] >= ' ' && subject[i] <= '~');
    assert_non_null(strstr(subject, "202E"));
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_certificate_is_told_with_its_names_and_times),
        WITH_ARENA(what_is_no_certificate_is_told_by_its_bytes_alone),
        WITH_ARENA(a_certificate_cut_anywhere_or_with_a_wrong_byte_anywhere_does_no_harm),
        WITH_ARENA(a_hostile_name_is_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
