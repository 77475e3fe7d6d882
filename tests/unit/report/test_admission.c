/* Whether clients would get in, told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../with_arena.h"

#include "report/admission.h"
#include "report/report.h"
#include "sample.h"

#include <string.h>

static const admission_told *sample_told(arena *a)
{
    admission_told *told = ARENA_ARRAY(a, 3, admission_told);
    told[0] = (admission_told){.client = "curl-7.88.1",
                               .what = "curl 7.88.1, on Debian",
                               .is_admitted = true,
                               .wants_certificate = true,
                               .version = VERSION_TLS13,
                               .suite = 0x1302,
                               .group = 29,
                               .alpn = bytes_from_text("h2\x1b[31m"),
                               .num_connections = 1};
    told[1] = (admission_told){.client = "old\x1b[31m.bin", .what = "", .verdict = sample_report(a, "x")->connections[0].verdict};
    told[2] = (admission_told){.client = "other", .what = "", .problem = "no local port is left to connect from"};
    return told;
}

static void text_says_for_each_how_it_fares(void **state)
{
    arena *a = *state;
    const char *text = admissions_to_text(a, "example.com:443", sample_told(a), 3, false, 200);
    assert_non_null(strstr(text, "Clients at example.com:443"));
    assert_non_null(strstr(text, "gets in: curl-7.88.1 (curl 7.88.1, on Debian)"));
    assert_non_null(strstr(text, "TLS 1.3, TLS_AES_256_GCM_SHA384, x25519, ALPN h2\\x1B[31m"));
    assert_non_null(strstr(text, "asks for a client certificate"));
    assert_non_null(strstr(text, "refused: old\\x1B[31m.bin"));
    assert_non_null(strstr(text, "it offers TLS 1.0 at most"));
    assert_non_null(strstr(text, "tlswhy explain client-version-too-old"));
    assert_non_null(strstr(text, "unknown: other: no local port"));
    assert_null(strchr(text, '\x1b'));
}

static void where_it_differs_by_address_the_addresses_are_told(void **state)
{
    arena *a = *state;
    static const char *some[] = {"192.0.2.7", "192.0.2.8"}, *other[] = {"2001:db8::1"};
    admission_told told[2] = {sample_told(a)[0], sample_told(a)[0]};
    told[0].addresses = other;
    told[0].num_addresses = 1;
    assert_non_null(strstr(admissions_to_text(a, "s", told, 1, false, 200), "gets in: curl-7.88.1"));
    told[1] = (admission_told){.client = told[0].client,
                               .what = "",
                               .addresses = some,
                               .num_addresses = 2,
                               .is_passed_over = true,
                               .problem = "no connection: Connection refused"};
    const char *text = admissions_to_text(a, "s", told, 2, false, 200);
    assert_non_null(strstr(text, "gets in at 2001:db8::1: curl-7.88.1"));
    assert_non_null(strstr(text, "passed over at 192.0.2.7, 192.0.2.8: curl-7.88.1: no connection: Connection refused"));
}

static void the_trust_is_not_judged_where_nobody_got_in(void **state)
{
    arena *a = *state;
    assert_null(strstr(admissions_to_text(a, "s", sample_told(a) + 1, 2, false, 80), "not judged here"));
    assert_non_null(strstr(admissions_to_text(a, "s", sample_told(a), 3, false, 200), "not judged here"));
}

static void json_has_the_same(void **state)
{
    arena *a = *state;
    json_t *document = json_loads(admissions_to_json(a, "example.com:443", sample_told(a), 3), 0, NULL);
    assert_non_null(document);
    assert_string_equal(json_string_value(json_object_get(document, "schema")), "tlswhy.admission/1");
    json_t *clients = json_object_get(document, "clients"), *first = json_array_get(clients, 0),
           *second = json_array_get(clients, 1);
    assert_int_equal(json_array_size(clients), 3);
    assert_true(json_is_true(json_object_get(first, "admitted")));
    assert_string_equal(json_string_value(json_object_get(first, "group")), "x25519");
    assert_true(json_is_null(json_object_get(first, "verdict")));
    assert_true(json_is_false(json_object_get(second, "admitted")));
    assert_string_equal(json_string_value(json_object_get(json_object_get(second, "verdict"), "cause")), "client-version-too-old");
    assert_true(json_is_null(json_object_get(json_array_get(clients, 2), "admitted")));
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(text_says_for_each_how_it_fares),
        WITH_ARENA(where_it_differs_by_address_the_addresses_are_told),
        WITH_ARENA(the_trust_is_not_judged_where_nobody_got_in),
        WITH_ARENA(json_has_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
