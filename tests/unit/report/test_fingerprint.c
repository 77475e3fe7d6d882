#include "../with_arena.h"
#include "flights.h"

#include "report/fingerprint.h"
#include <stdio.h>
#include <string.h>

/* The text by hand from the bytes of the file; its MD5 by md5sum. */
static void ja3_of_an_old_client(void **state)
{
    arena *a = *state;
    client_hello hello = hello_load(a, "python-3.5.0-openssl-0.9.8zg-urllib");
    assert_string_equal(fingerprint_ja3_text(a, &hello), "769,57-56-51-50-22-19-53-47-10-255,0-35,,");
    assert_string_equal(fingerprint_ja3(a, &hello), "ba502b2f5d64ac3d1d54646c0d6dd4dc");
}

/* 0149f47eabf9a20d0893e2a44e5a6323 is what other tools call curl with OpenSSL 3.0 and ALPN h2, http/1.1. */
static void ja3_of_curl_on_openssl_3_is_what_others_say(void **state)
{
    arena *a = *state;
    client_hello hello = hello_load(a, "curl-debian-bookworm");
    assert_string_equal(fingerprint_ja3(a, &hello), "0149f47eabf9a20d0893e2a44e5a6323");
}

static void ja4_tells_version_name_counts_and_alpn(void **state)
{
    arena *a = *state;
    client_hello hello = hello_load(a, "curl-debian-bookworm");
    assert_true(strncmp(fingerprint_ja4(a, &hello), "t13d3112h2_e8f1e7e78f70_", 24) == 0);
}

static void grease_changes_nothing(void **state)
{
    arena *a = *state;
    client_hello hello = hello_load(a, "curl-debian-bookworm"), with_grease = hello;
    code_list grease = codes_one(a, 0x2A2A);
    with_grease.cipher_suites = codes_joined(a, grease, hello.cipher_suites);
    assert_string_equal(fingerprint_ja3(a, &with_grease), fingerprint_ja3(a, &hello));
    assert_string_equal(fingerprint_ja4(a, &with_grease), fingerprint_ja4(a, &hello));
}

/* The example of JA4's public description (FoxIO, "JA4: TLS Client Fingerprinting"): the codes that it gives, and its value. */
static void ja4_of_the_published_example(void **state)
{
    arena *a = *state;
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                                      0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
    static const uint16_t types[] = {0x0000, 0x0017, 0xff01, 0x000a, 0x000b, 0x0023, 0x0010, 0x0005,
                                     0x000d, 0x0012, 0x0033, 0x002d, 0x002b, 0x001b, 0x0015, 0x4469};
    static const uint8_t schemes[] = {0, 16, 4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1}, versions[] = {2, 3, 4};
    static const uint8_t alpn[] = {0, 3, 2, 'h', '2'};
    extension list[sizeof types / sizeof *types];
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        bytes_view body = types[i] == 13   ? bytes_from(schemes, sizeof schemes)
                          : types[i] == 16 ? bytes_from(alpn, sizeof alpn)
                          : types[i] == 43 ? bytes_from(versions, sizeof versions)
                                           : bytes_from(NULL, 0);
        list[i] = (extension){.type = types[i], .body = body};
    }
    client_hello hello = {.legacy_version = 0x0303,
                          .cipher_suites = codes_from(a, suites, sizeof suites / sizeof *suites),
                          .extensions = list,
                          .num_extensions = sizeof types / sizeof *types};
    assert_string_equal(fingerprint_ja4(a, &hello), "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

static void every_recorded_hello_has_the_fingerprints_that_others_find(void **state)
{
    arena *a = *state;
    char line[512], file[128], ja3[64], ja4[64];
    size_t num = 0;
    FILE *table = fopen(HELLOS_FOLDER "/fingerprints.tsv", "r");
    assert_non_null(table);
    while (fgets(line, sizeof line, table) != NULL) {
        if (line[0] == '#' || sscanf(line, "%127s %63s %63s", file, ja3, ja4) != 3)
            continue;
        client_hello hello = hello_load(a, file);
        assert_string_equal(fingerprint_ja3(a, &hello), ja3);
        assert_string_equal(fingerprint_ja4(a, &hello), ja4);
        num++;
    }
    (void)fclose(table);
    assert_true(num > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(ja3_of_an_old_client),
        WITH_ARENA(ja3_of_curl_on_openssl_3_is_what_others_say),
        WITH_ARENA(ja4_tells_version_name_counts_and_alpn),
        WITH_ARENA(grease_changes_nothing),
        WITH_ARENA(ja4_of_the_published_example),
        WITH_ARENA(every_recorded_hello_has_the_fingerprints_that_others_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
