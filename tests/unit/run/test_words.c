#include "../with_arena.h"
#include <string.h>

#include "run/credentials.h"
#include "run/words.h"

static void assert_one_host(arena *a, const char *word, const char *host, uint16_t port)
{
    const char *argv[] = {"command", word, NULL};
    named_host hosts[4];
    assert_int_equal(words_hosts(a, argv, hosts, 4), 1);
    assert_string_equal(hosts[0].host, host);
    assert_int_equal(hosts[0].port, port);
}

static void a_url_names_its_host_and_port(void **state)
{
    assert_one_host(*state, "https://api.example.com/x", "api.example.com", 443);
    assert_one_host(*state, "http://api.example.com", "api.example.com", 80);
    assert_one_host(*state, "https://localhost:8443/", "localhost", 8443);
    assert_one_host(*state, "https://me:secret@api.example.com:1/", "api.example.com", 1);
}

static void a_url_within_code_counts(void **state)
{
    assert_one_host(*state, "require('https').get('https://api.example.com/')", "api.example.com", 443);
}

static void a_host_and_port_or_a_name_with_a_dot_is_a_host(void **state)
{
    assert_one_host(*state, "localhost:7001", "localhost", 7001);
    assert_one_host(*state, "www.example.com", "www.example.com", 0);
}

static void options_words_and_numbers_are_no_hosts(void **state)
{
    const char *argv[] = {"command", "-v", "run", "1.5", "--max-time", "10", "./script.sh", NULL};
    named_host hosts[4];
    assert_int_equal(words_hosts(*state, argv, hosts, 4), 0);
}

static void an_address_is_found_only_as_a_word_of_its_own(void **state)
{
    (void)state;
    const char *argv[] = {"curl", "https://192.0.2.70/", NULL}, *other[] = {"curl", "https://192.0.2.7:8443/", NULL};
    assert_false(words_contain(argv, "192.0.2.7"));
    assert_true(words_contain(other, "192.0.2.7"));
}

static void a_ca_file_that_is_not_there_is_found(void **state)
{
    (void)state;
    const char *argv[] = {"curl", "--cacert", "/nonexistent/ca.pem", "https://example.com", NULL};
    const char *joined[] = {"wget", "--ca-certificate=/nonexistent/ca.pem", NULL}, *none[] = {"curl", "https://example.com", NULL},
               *empty[] = {"curl", "--cert", "/dev/null", NULL};
    assert_int_equal(credentials_problem(*state, argv)->role, CREDENTIAL_TRUST);
    assert_string_equal(credentials_problem(*state, argv)->text, "/nonexistent/ca.pem cannot be read: No such file or directory");
    assert_string_equal(credentials_problem(*state, joined)->text, "/nonexistent/ca.pem cannot be read: No such file or directory");
    assert_string_equal(credentials_problem(*state, empty)->text, "/dev/null is empty");
    assert_null(credentials_problem(*state, none));
}

static void files_that_code_names_are_looked_at(void **state)
{
    const char *python[] = {"python3", "-c", "ctx.load_verify_locations('/etc/hosts.pem')", NULL};
    const char *node[] = {
        "node", "-e", "o = {cert: require('fs').readFileSync('/none/c.pem'), key: require('fs').readFileSync('/none/k')}", NULL};
    const char *perl[] = {"perl", "-e", "IO::Socket::SSL->new(SSL_ca_file=>'/none/ca.pem')", NULL};
    const char *java[] = {"java", "-Djavax.net.ssl.keyStore=/none/k.p12", "Get.java", NULL};
    const char *harmless[] = {"node", "-e", "monkey: '/none/of/this'; hash({key: 'a'})", NULL};
    assert_non_null(strstr(credentials_problem(*state, python)->text, "/etc/hosts.pem"));
    assert_non_null(strstr(credentials_problem(*state, node)->text, "/none/c.pem"));
    assert_non_null(strstr(credentials_problem(*state, perl)->text, "/none/ca.pem"));
    assert_non_null(strstr(credentials_problem(*state, java)->text, "/none/k.p12"));
    assert_null(credentials_problem(*state, harmless));
}

static void an_endpoint_is_found_in_code_and_after_an_option(void **state)
{
    const char *python[] = {"python3", "-c", "s = socket.create_connection(('localhost', 8443), 15)", NULL};
    const char *gnutls[] = {"gnutls-cli", "-p", "8443", "localhost", NULL};
    const char *url[] = {"java", "Get.java", "https://localhost:8443/", NULL};
    const char *none[] = {"python3", "-c", "print('localhost')", NULL};
    named_host found;
    for (size_t i = 0; i < 3; i++) {
        const char **argv = i == 0 ? python : i == 1 ? gnutls : url;
        assert_true(words_endpoint(*state, argv, &found));
        assert_string_equal(found.host, "localhost");
        assert_int_equal(found.port, 8443);
    }
    assert_false(words_endpoint(*state, none, &found));
}

#define IN_ARENA(test) WITH_ARENA(test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(a_url_names_its_host_and_port),
        IN_ARENA(a_url_within_code_counts),
        IN_ARENA(a_host_and_port_or_a_name_with_a_dot_is_a_host),
        IN_ARENA(options_words_and_numbers_are_no_hosts),
        IN_ARENA(an_address_is_found_only_as_a_word_of_its_own),
        IN_ARENA(a_ca_file_that_is_not_there_is_found),
        IN_ARENA(files_that_code_names_are_looked_at),
        IN_ARENA(an_endpoint_is_found_in_code_and_after_an_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
