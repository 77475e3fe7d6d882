/* A client that connects and leaves without a hello: what shows that TLS was to begin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causes/cause.h"
#include "client/client.h"

static conversation left_without_a_word(void)
{
    return (conversation){.port = 443, .has_first_end = true, .first_end = SIDE_CLIENT};
}

/* The proof where it is named; PROOF_NONE where it is not. */
static enum proof proof_of_client(const conversation *c, const char *program_text, const client *who)
{
    arena *a = arena_new();
    const evidence e = {.failed = c, .command_failed = true, .program_text = program_text, .client = who};
    verdict v = {0};
    for (int round = 0; round < 2 && v.proof == PROOF_NONE; round++) {
        const facts f = {.arena = a, .evidence = &e, .takes_guesses = round > 0};
        (void)cause_nothing_to_offer.observe(&f, &v);
    }
    enum proof proof = v.proof;
    arena_free(a);
    return proof;
}

static enum proof proof_of(const conversation *c, const char *program_text)
{
    return proof_of_client(c, program_text, NULL);
}

static void whoever_looks_whether_a_port_is_open_is_not_told_so(void **state)
{
    (void)state;
    conversation c = left_without_a_word();
    assert_int_equal(proof_of(&c, "nc\n-z\nlocalhost\n443\n"), PROOF_NONE);
    assert_int_equal(proof_of(&c, "python3\n-c\nimport socket; socket.create_connection(('localhost', 443)).close()\n"),
                     PROOF_NONE);
}

static void a_program_with_a_word_of_tls_is_told_as_a_guess(void **state)
{
    (void)state;
    conversation c = left_without_a_word();
    assert_int_equal(proof_of(&c, "python3\n-c\nimport ssl\n"), PROOF_INFERRED);
    assert_int_equal(proof_of(&c, "java\nGet\nhttps://localhost/\n"), PROOF_INFERRED);
    assert_int_equal(proof_of(&c, "openssl\ns_client\n"), PROOF_INFERRED);
    assert_int_equal(proof_of(&c, "ldapsearch\n-H\nldaps://localhost\n"), PROOF_INFERRED);
    assert_int_equal(proof_of(&c, "fetch\nimaps://localhost\n"), PROOF_INFERRED);
    assert_int_equal(proof_of(&c, "redis-cli\n-u\nrediss://localhost\n"), PROOF_INFERRED);
    assert_int_equal(proof_of(&c, "fetch\nimap://localhost\n"), PROOF_NONE);
}

/* An interpreter has a library whatever it runs. */
static void a_program_with_a_library_of_its_own_is_told_as_a_guess(void **state)
{
    (void)state;
    conversation c = left_without_a_word();
    const client of_go = {.runtime = RUNTIME_GO, .library = {.kind = LIBRARY_GO}};
    const client compiled = {.runtime = RUNTIME_OTHER, .library = {.kind = LIBRARY_GNUTLS}};
    const client without = {.runtime = RUNTIME_OTHER};
    const client interpreter = {.runtime = RUNTIME_PYTHON, .library = {.kind = LIBRARY_OPENSSL}};
    assert_int_equal(proof_of_client(&c, "a.out\n", &of_go), PROOF_INFERRED);
    assert_int_equal(proof_of_client(&c, "a.out\n", &compiled), PROOF_INFERRED);
    assert_int_equal(proof_of_client(&c, "nc\n", &without), PROOF_NONE);
    assert_int_equal(proof_of_client(&c, "python3\n", &interpreter), PROOF_NONE);
}

static void an_upgrade_that_was_agreed_on_shows_it(void **state)
{
    (void)state;
    conversation c = left_without_a_word();
    c.preamble = (preamble){.protocol = PROTOCOL_POSTGRESQL, .complete = true};
    assert_int_equal(proof_of(&c, "psql\n"), PROOF_INFERRED);
    c.preamble = (preamble){.protocol = PROTOCOL_HTTP_CONNECT, .complete = true}; /* a tunnel may be for anything */
    assert_int_equal(proof_of(&c, "nc\n"), PROOF_NONE);
}

static void an_alert_in_place_of_the_hello_is_seen(void **state)
{
    (void)state;
    conversation c = left_without_a_word();
    c.client_spoke_tls = c.has_alert[SIDE_CLIENT] = true;
    c.client_len = 7;
    assert_int_equal(proof_of(&c, "a.out\n"), PROOF_OBSERVED);
}

static void who_spoke_in_clear_had_something_to_say(void **state)
{
    (void)state;
    conversation c = left_without_a_word();
    bytes_view said = bytes_from_text("CAPA\r\n");
    c.client_len = said.len;
    c.preamble = (preamble){.protocol = PROTOCOL_POP3, .client_bytes = said};
    assert_int_equal(proof_of(&c, "import ssl\n"), PROOF_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_looks_whether_a_port_is_open_is_not_told_so),
        cmocka_unit_test(a_program_with_a_word_of_tls_is_told_as_a_guess),
        cmocka_unit_test(a_program_with_a_library_of_its_own_is_told_as_a_guess),
        cmocka_unit_test(an_upgrade_that_was_agreed_on_shows_it),
        cmocka_unit_test(an_alert_in_place_of_the_hello_is_seen),
        cmocka_unit_test(who_spoke_in_clear_had_something_to_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
