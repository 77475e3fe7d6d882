/* A client as its captured hello: files of both forms, and the profiles that come with the program. */
#include "../with_arena.h"

#include "client/profile.h"
#include "client/settled_library.h"
#include "trace/snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bytes_view curl_file(arena *a)
{
    const char **names;
    bytes_view file;
    size_t num = profile_names(a, PROFILES_FOLDER, &names);
    for (size_t i = 0; i < num; i++)
        if (strncmp(names[i], "curl-", 5) == 0) {
            assert_true(file_read(a, arena_printf(a, PROFILES_FOLDER "/%s.hello", names[i]), 100000, &file));
            return file;
        }
    fail_msg("there is no profile of curl");
    return bytes_from(NULL, 0);
}

static void every_profile_is_a_hello_and_says_what_it_is(void **state)
{
    arena *a = *state;
    const char **names;
    size_t num = profile_names(a, PROFILES_FOLDER, &names);
    assert_true(num > 20);
    for (size_t i = 0; i < num; i++) {
        client_profile p;
        bytes_view file;
        error e;
        assert_true(i == 0 || strverscmp(names[i - 1], names[i]) < 0);
        assert_true(file_read(a, arena_printf(a, PROFILES_FOLDER "/%s.hello", names[i]), 100000, &file));
        assert_true(profile_read(a, names[i], file, &p, &e));
        assert_true(strlen(p.what) > 5);
        assert_true(p.hello.cipher_suites.num_codes > 0 || p.hello.sslv2_cipher_specs.len > 0);
        assert_int_equal(p.hello.trailing.len, 0);
    }
}

static void a_file_of_records_is_read_as_it_is(void **state)
{
    arena *a = *state;
    client_profile text, raw;
    bytes_view flight;
    error e;
    assert_true(profile_read(a, "curl", curl_file(a), &text, &e));
    assert_true(client_hello_write(a, &text.hello, &flight, &e));
    assert_true(profile_read(a, "raw", flight, &raw, &e));
    bytes_view again;
    assert_true(client_hello_write(a, &raw.hello, &again, &e));
    assert_true(bytes_equal(flight, again));
    assert_string_equal(raw.what, "");
}

static void assert_refused(arena *a, bytes_view file, const char *part)
{
    client_profile p;
    error e;
    assert_false(profile_read(a, "given", file, &p, &e));
    assert_non_null(strstr(e.message, part));
}

static void what_is_no_hello_is_refused(void **state)
{
    arena *a = *state;
    assert_refused(a, bytes_from(NULL, 0), "neither TLS records nor base64");
    assert_refused(a, bytes_from_text("# a comment\n"), "neither TLS records nor base64");
    assert_refused(a, bytes_from_text("curl: hello, world!\n"), "neither TLS records nor base64");
    assert_refused(a, bytes_from_text("FgMB=A\n"), "neither TLS records nor base64");
    assert_refused(a, bytes_from_text("aGVsbG8sIHdvcmxk\n"), "no ClientHello");
    assert_refused(a, bytes_from("\x16\x03\x01\x00\x02\x02\x28", 7), "no ClientHello");
}

static void a_hello_that_is_cut_is_refused_at_any_byte(void **state)
{
    arena *a = *state;
    client_profile p;
    bytes_view flight;
    error e;
    assert_true(profile_read(a, "curl", curl_file(a), &p, &e));
    assert_true(client_hello_write(a, &p.hello, &flight, &e));
    for (size_t len = 1; len < flight.len; len++)
        assert_false(profile_read(a, "cut", bytes_slice(flight, 0, len), &p, &e));
}

static void a_beginning_is_the_newest_of_its_versions(void **state)
{
    static const char *const names[] = {"node-0.10.48", "node-8.17.0", "node-18.20.8", "openssl-1.0.1u", "openssl-1.0.2u"};
    (void)state;
    assert_string_equal(profile_newest(names, 5, "node"), "node-18.20.8");
    assert_string_equal(profile_newest(names, 5, "node-8"), "node-8.17.0");
    assert_null(profile_newest(names, 5, "node-1"));
    assert_string_equal(profile_newest(names, 5, "openssl-1.0.2"), "openssl-1.0.2u");
    assert_string_equal(profile_newest(names, 5, "openssl-1.0"), "openssl-1.0.2u");
    assert_string_equal(profile_newest(names, 5, "openssl-1.0.1u"), "openssl-1.0.1u");
    assert_null(profile_newest(names, 5, "no"));
    assert_null(profile_newest(names, 5, ""));
}

static void what_is_not_there_is_said_to_be(void **state)
{
    arena *a = *state;
    client_profile p;
    error e;
    assert_false(profile_find(a, "gopher", &p, &e));
    assert_non_null(strstr(e.message, "gopher: no"));
}

static void a_file_is_found_by_its_path(void **state)
{
    arena *a = *state;
    client_profile p;
    error e;
    assert_true(profile_find(a, PROFILES_FOLDER "/openssl-1.0.2u.hello", &p, &e));
    assert_string_equal(p.what, "openssl 1.0.2u, built from its source");
    assert_false(profile_find(a, PROFILES_FOLDER "/README.md", &p, &e));
}

static client_hello hello_of(arena *a, const char *name)
{
    client_profile profile;
    bytes_view file;
    error e;
    assert_true(file_read(a, arena_printf(a, "%s/%s.hello", PROFILES_FOLDER, name), (size_t)1024 * 1024, &file));
    assert_true(profile_read(a, name, file, &profile, &e));
    return profile.hello;
}

/* Recorded of a program that has OpenSSL and rustls in it; and of OpenSSL's own tool. */
static void a_hello_settles_which_of_two_libraries_it_is(void **state)
{
    arena *a = *state;
    client_hello of_rustls = hello_of(a, "rustls-0.23.37"), of_openssl = hello_of(a, "openssl-3.0.22");
    tls_library both = {.kind = LIBRARY_OPENSSL, .version = "3.5.4", .also = "rustls 0.23.37"}, other = both, one = both;
    assert_true(library_settle(a, &both, &of_rustls));
    assert_int_equal(both.kind, LIBRARY_RUSTLS);
    assert_string_equal(both.version, "0.23.37");
    assert_string_equal(both.also, "OpenSSL 3.5.4");
    assert_true(library_settle(a, &other, &of_openssl));
    assert_int_equal(other.kind, LIBRARY_OPENSSL);
    one.also = NULL;
    assert_false(library_settle(a, &one, &of_rustls));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_hello_settles_which_of_two_libraries_it_is), WITH_ARENA(every_profile_is_a_hello_and_says_what_it_is),
        WITH_ARENA(a_file_of_records_is_read_as_it_is),           WITH_ARENA(what_is_no_hello_is_refused),
        WITH_ARENA(a_hello_that_is_cut_is_refused_at_any_byte),   WITH_ARENA(what_is_not_there_is_said_to_be),
        WITH_ARENA(a_beginning_is_the_newest_of_its_versions),    WITH_ARENA(a_file_is_found_by_its_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
