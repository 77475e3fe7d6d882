/* The engine against servers of a few lines: each is a function from a hello to an answer. The simulated world has the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diagnose/diagnosis.h"
#include "registry/registry.h"
#include <stdio.h>
#include <string.h>

typedef answer server_function(arena *a, const wanted_probe *asked);

static uint64_t next_random = 1;

static void some_bytes(void *user, uint8_t *out, size_t len)
{
    (void)user;
    for (size_t i = 0; i < len; i++) {
        next_random = next_random * 6364136223846793005u + 1442695040888963407u;
        out[i] = (uint8_t)(next_random >> 33);
    }
}

static const diagnosis_tools tools = {.random_bytes = some_bytes};

static answer accepted(arena *a, uint16_t version, uint16_t suite)
{
    conversation *c = ARENA_NEW(a, conversation);
    c->arena = a;
    c->has_server_hello = true;
    c->server_hello.version = version;
    c->server_hello.cipher_suite = suite;
    c->phase = PHASE_SERVER_FLIGHT;
    return (answer){.kind = ANSWER_ACCEPTED, .conversation = c};
}

static answer refused(uint8_t description)
{
    return (answer){.kind = ANSWER_ALERT, .alert = {.level = ALERT_FATAL, .description = description}};
}

static conversation *failed_with(arena *a, const char *file, const answer *given)
{
    static uint8_t bytes[65536];
    FILE *f = fopen(arena_printf(a, "%s/%s", HELLOS_FOLDER, file), "rb");
    assert_non_null(f);
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    conversation *c = ARENA_NEW(a, conversation);
    c->arena = a;
    c->client_spoke_tls = c->has_hello = true;
    assert_true(client_hello_parse(a, bytes_copy(a, bytes_from(bytes, len)), &c->hello) <= PARSE_NOTE);
    c->phase = PHASE_CLIENT_HELLO;
    c->has_alert[SIDE_SERVER] = given->kind == ANSWER_ALERT;
    c->alerts[SIDE_SERVER] = given->alert;
    c->server_spoke_tls = true;
    c->server_len = 7;
    return c;
}

static const verdict *diagnose(arena *a, const char *file, server_function *server)
{
    static const char *addresses[] = {"192.0.2.7"}, *names[] = {"www.example.com"};
    answer first = refused(40);
    evidence *given = ARENA_NEW(a, evidence);
    *given = (evidence){.failed = failed_with(a, file, &first),
                        .host = "www.example.com",
                        .port = 443,
                        .addresses = addresses,
                        .num_addresses = 1,
                        .names = names,
                        .num_names = 1,
                        .command_failed = true};
    diagnosis *d = diagnosis_new(a, given, &tools);
    const wanted_probe *wave;
    for (size_t num = diagnosis_next_wave(d, &wave); num > 0; num = diagnosis_next_wave(d, &wave)) {
        answer *answers = ARENA_ARRAY(a, num, answer);
        for (size_t i = 0; i < num; i++)
            answers[i] = server(a, &wave[i]);
        diagnosis_feed(d, answers, num);
    }
    return diagnosis_verdict(d);
}

static answer only_tls13(arena *a, const wanted_probe *asked)
{
    bool offered = codes_contain(client_hello_versions(a, asked->hello), VERSION_TLS13);
    return offered ? accepted(a, VERSION_TLS13, 0x1301) : refused(70);
}

static void an_old_client_is_told_that_it_is_too_old(void **state)
{
    const verdict *v = diagnose(*state, "node-0.10.48.bin", only_tls13);
    assert_string_equal(v->cause, "client-version-too-old");
    assert_int_equal(v->proof, PROOF_EXPERIMENT);
    assert_int_equal(v->experiments[0].agreed, 5);
    assert_int_equal(v->experiments[1].agreed, 5);
}

static answer only_chacha_with_tls12(arena *a, const wanted_probe *asked)
{
    bool offered = client_hello_version_max(asked->hello) >= VERSION_TLS12 && codes_contain(asked->hello->cipher_suites, 0xCCA8);
    bool speaks = codes_contain(client_hello_versions(a, asked->hello), VERSION_TLS12);
    return offered && speaks ? accepted(a, VERSION_TLS12, 0xCCA8) : refused(40);
}

static void the_suite_that_is_missing_is_named(void **state)
{
    const verdict *v = diagnose(*state, "node-0.10.48.bin", only_chacha_with_tls12);
    assert_string_equal(v->cause, "no-shared-cipher");
    assert_non_null(strstr(v->headline, "ECDHE-RSA-CHACHA20-POLY1305"));
}

/* It has a curve that TLS 1.3 does not take (RFC 8446, 4.2.7), and chooses TLS 1.3 all the same. */
static answer only_brainpool(arena *a, const wanted_probe *asked)
{
    enum { BRAINPOOLP384R1 = 0x001B };
    bool chooses_tls13 = codes_contain(client_hello_versions(a, asked->hello), VERSION_TLS13);
    bool is_shared = codes_contain(client_hello_groups(a, asked->hello), BRAINPOOLP384R1) &&
                     codes_contain(asked->hello->cipher_suites, 0xC02F) && client_hello_version_max(asked->hello) >= VERSION_TLS12;
    if (chooses_tls13 || !is_shared)
        return refused(40);
    answer given = accepted(a, VERSION_TLS12, 0xC02F);
    conversation *c = arena_copy(a, given.conversation, sizeof *given.conversation);
    c->has_server_key_exchange = true;
    c->server_key_exchange.group = BRAINPOOLP384R1;
    given.conversation = c;
    return given;
}

static void a_group_that_is_missing_in_every_version_is_the_cause(void **state)
{
    const verdict *v = diagnose(*state, "curl-debian-bookworm.bin", only_brainpool);
    assert_string_equal(v->cause, "no-shared-group");
    assert_int_equal(v->num_also, 1);
    assert_string_equal(v->also[0], "version-intolerance");
}

static answer brainpool_behind_a_box(arena *a, const wanted_probe *asked)
{
    bool breaks = codes_contain(client_hello_versions(a, asked->hello), VERSION_TLS13);
    return breaks ? (answer){.kind = ANSWER_RESET} : only_brainpool(a, asked);
}

static void a_version_that_something_breaks_on_comes_before_the_group(void **state)
{
    const verdict *v = diagnose(*state, "curl-debian-bookworm.bin", brainpool_behind_a_box);
    assert_string_equal(v->cause, "version-intolerance");
    assert_int_equal(v->num_also, 1);
    assert_string_equal(v->also[0], "no-shared-group");
}

static answer only_a_pre_shared_key(arena *a, const wanted_probe *asked)
{
    enum { PSK_WITH_AES_128_CBC_SHA = 0x008C };
    bool chooses_tls13 = codes_contain(client_hello_versions(a, asked->hello), VERSION_TLS13);
    bool is_shared = codes_contain(asked->hello->cipher_suites, PSK_WITH_AES_128_CBC_SHA);
    return chooses_tls13 || !is_shared ? refused(40) : accepted(a, VERSION_TLS12, PSK_WITH_AES_128_CBC_SHA);
}

/* No list of suites supplies a key, and with one the version above would do as well. */
static void a_server_that_wants_a_key_is_said_to_and_no_suite_is_a_remedy(void **state)
{
    const verdict *v = diagnose(*state, "curl-debian-bookworm.bin", only_a_pre_shared_key);
    assert_string_equal(v->cause, "no-shared-cipher");
    assert_non_null(strstr(v->headline, "pre-shared key"));
    assert_int_equal(v->num_also, 0);
    assert_true(v->num_remedies > 0);
    for (size_t i = 0; i < v->num_remedies; i++) {
        assert_null(v->remedies[i].line);
        assert_null(v->remedies[i].command);
    }
}

static answer only_for_another_name(arena *a, const wanted_probe *asked)
{
    enum { UNRECOGNIZED_NAME = 112 };
    bool is_known = bytes_equal(client_hello_server_name(asked->hello), bytes_from_text("another.example.com"));
    return is_known ? accepted(a, VERSION_TLS12, 0xC02F) : refused(UNRECOGNIZED_NAME);
}

static void a_name_that_is_refused_as_well_is_no_remedy(void **state)
{
    const verdict *v = diagnose(*state, "openssl-0.9.8zg-s_client.bin", only_for_another_name);
    assert_string_equal(v->cause, "sni-missing");
    assert_non_null(strstr(v->headline, "With www.example.com it refuses hellos as well"));
    for (size_t i = 0; i < v->num_remedies; i++) {
        assert_null(v->remedies[i].line);
        assert_null(v->remedies[i].command);
    }
}

static answer never(arena *a, const wanted_probe *asked)
{
    (void)a;
    (void)asked;
    return (answer){.kind = ANSWER_RESET};
}

static void a_server_that_resets_everything_is_said_to(void **state)
{
    const verdict *v = diagnose(*state, "curl-debian-bookworm.bin", never);
    assert_string_equal(v->cause, "server-drops-all");
}

static answer silent(arena *a, const wanted_probe *asked)
{
    (void)a;
    (void)asked;
    return (answer){.kind = ANSWER_SILENCE};
}

static void a_server_that_never_answers_is_said_to(void **state)
{
    const verdict *v = diagnose(*state, "curl-debian-bookworm.bin", silent);
    assert_string_equal(v->cause, "handshake-timeout");
}

static answer always(arena *a, const wanted_probe *asked)
{
    return accepted(a, client_hello_version_max(asked->hello), 0x1301);
}

static void a_failure_that_does_not_come_again_has_no_cause(void **state)
{
    const verdict *v = diagnose(*state, "curl-debian-bookworm.bin", always);
    assert_string_equal(v->cause, "unknown");
    assert_non_null(strstr(v->headline, "10 of 10"));
}

static answer different_every_time(arena *a, const wanted_probe *asked)
{
    next_random = next_random * 6364136223846793005u + 1442695040888963407u;
    return next_random >> 63 ? accepted(a, client_hello_version_max(asked->hello), 0x1301) : refused(40);
}

static void a_server_that_tosses_a_coin_is_not_given_a_cause(void **state)
{
    for (int i = 0; i < 40; i++) /* each alone would be fooled about once in 500 */
        assert_string_equal(diagnose(*state, "curl-debian-bookworm.bin", different_every_time)->cause, "unknown");
}

/* Breaks on more than 500 bytes: a client's hello of 512 has to be padded back before the size is blamed. */
static answer breaks_above_500(arena *a, const wanted_probe *asked)
{
    if (hello_message_len(a, asked->hello) > 500)
        return (answer){.kind = ANSWER_CLOSED};
    return accepted(a, client_hello_version_max(asked->hello), 0x1301);
}

static void the_size_is_blamed_and_not_what_made_it_smaller(void **state)
{
    const verdict *v = diagnose(*state, "node-24.21.0.bin", breaks_above_500);
    assert_string_equal(v->cause, "hello-size-intolerance");
}

static int make_arena(void **state)
{
    next_random = 1;
    *state = arena_new();
    return 0;
}

static int drop_arena(void **state)
{
    arena_free(*state);
    return 0;
}

#define IN_ARENA(test) cmocka_unit_test_setup_teardown(test, make_arena, drop_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(an_old_client_is_told_that_it_is_too_old),
        IN_ARENA(the_suite_that_is_missing_is_named),
        IN_ARENA(a_server_that_resets_everything_is_said_to),
        IN_ARENA(a_server_that_never_answers_is_said_to),
        IN_ARENA(a_group_that_is_missing_in_every_version_is_the_cause),
        IN_ARENA(a_version_that_something_breaks_on_comes_before_the_group),
        IN_ARENA(a_name_that_is_refused_as_well_is_no_remedy),
        IN_ARENA(a_server_that_wants_a_key_is_said_to_and_no_suite_is_a_remedy),
        IN_ARENA(a_failure_that_does_not_come_again_has_no_cause),
        IN_ARENA(a_server_that_tosses_a_coin_is_not_given_a_cause),
        IN_ARENA(the_size_is_blamed_and_not_what_made_it_smaller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
