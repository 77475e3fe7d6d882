/* Every number that a real client offers has a name here: a server could choose any of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flights.h"
#include "registry/registry.h"

static void assert_known(const char *file, const char *what, code_list codes, bool (*is_known)(uint16_t))
{
    for (size_t i = 0; i < codes.num_codes; i++)
        if (!code_is_grease(codes.codes[i]) && !is_known(codes.codes[i]))
            fail_msg("%s: no name for %s 0x%04X", file, what, codes.codes[i]);
}

static bool is_version(uint16_t code)
{
    return version_find(code) != NULL;
}

static bool is_suite(uint16_t code)
{
    return cipher_suite_find(code) != NULL;
}

static bool is_group(uint16_t code)
{
    return group_find(code) != NULL;
}

static bool is_signature_scheme(uint16_t code)
{
    return signature_scheme_find(code) != NULL;
}

static void what_real_clients_offer_has_names(void **state)
{
    (void)state;
    arena *a = arena_new();
    flight_file *files = NULL;
    size_t num_files = flights_load(a, &files);
    assert_true(num_files > 70);
    for (size_t i = 0; i < num_files; i++) {
        client_hello hello = hello_load(a, files[i].name);
        assert_known(files[i].name, "version", client_hello_versions(a, &hello), is_version);
        assert_known(files[i].name, "suite", hello.cipher_suites, is_suite);
        assert_known(files[i].name, "group", client_hello_groups(a, &hello), is_group);
        assert_known(files[i].name, "key share", client_hello_key_share_groups(a, &hello), is_group);
        assert_known(files[i].name, "signature scheme", client_hello_signature_schemes(a, &hello), is_signature_scheme);
        for (size_t k = 0; k < hello.num_extensions; k++)
            if (!code_is_grease(hello.extensions[k].type) && extension_find(hello.extensions[k].type) == NULL)
                fail_msg("%s: no name for extension %u", files[i].name, hello.extensions[k].type);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_real_clients_offer_has_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
