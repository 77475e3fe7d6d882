#include "in_arena.h"
#include "report/fingerprint.h"
#include <stdio.h>

static client_hello hello_from(arena *a, const char *file)
{
    static uint8_t bytes[65536];
    FILE *f = fopen(arena_printf(a, "%s/%s", HELLOS_FOLDER, file), "rb");
    assert_non_null(f);
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    client_hello hello;
    assert_true(client_hello_parse(a, bytes_copy(a, bytes_from(bytes, len)), &hello) <= PARSE_NOTE);
    return hello;
}

/* The text by hand from the bytes of the file; its MD5 by md5sum. */
static void ja3_of_an_old_client(void **state)
{
    arena *a = *state;
    client_hello hello = hello_from(a, "python-3.5.0-openssl-0.9.8zg-urllib.bin");
    assert_string_equal(fingerprint_ja3_text(a, &hello), "769,57-56-51-50-22-19-53-47-10-255,0-35,,");
    assert_string_equal(fingerprint_ja3(a, &hello), "ba502b2f5d64ac3d1d54646c0d6dd4dc");
}

/* 0149f47eabf9a20d0893e2a44e5a6323 is what other tools call curl with OpenSSL 3.0 and ALPN h2, http/1.1. */
static void ja3_of_curl_on_openssl_3_is_what_others_say(void **state)
{
    arena *a = *state;
    client_hello hello = hello_from(a, "curl-debian-bookworm.bin");
    assert_string_equal(fingerprint_ja3(a, &hello), "0149f47eabf9a20d0893e2a44e5a6323");
}

static void ja4_tells_version_name_counts_and_alpn(void **state)
{
    arena *a = *state;
    client_hello hello = hello_from(a, "curl-debian-bookworm.bin");
    assert_true(strncmp(fingerprint_ja4(a, &hello), "t13d3112h2_e8f1e7e78f70_", 24) == 0);
}

static void grease_changes_nothing(void **state)
{
    arena *a = *state;
    client_hello hello = hello_from(a, "curl-debian-bookworm.bin"), with_grease = hello;
    code_list grease = codes_one(a, 0x2A2A);
    with_grease.cipher_suites = codes_joined(a, grease, hello.cipher_suites);
    assert_string_equal(fingerprint_ja3(a, &with_grease), fingerprint_ja3(a, &hello));
    assert_string_equal(fingerprint_ja4(a, &with_grease), fingerprint_ja4(a, &hello));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(ja3_of_an_old_client),
        IN_ARENA(ja3_of_curl_on_openssl_3_is_what_others_say),
        IN_ARENA(ja4_tells_version_name_counts_and_alpn),
        IN_ARENA(grease_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
