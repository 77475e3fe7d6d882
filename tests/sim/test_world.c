/* The simulated world itself: its servers do what servers of their kind do, whatever the engine makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "demands.h"
#include "family.h"
#include "probe/answer.h"
#include "registry/registry.h"
#include "wire/hello_edit.h"
#include <string.h>

enum { SERVERS_OF_A_FAMILY = 40, CLIENTS_SERVED_AT_LEAST = 60 };

typedef struct world {
    arena *arena;
    hello_store store;
} world;

static int set_up(void **state)
{
    static world w;
    w.arena = arena_new();
    *state = &w;
    return hello_store_read(w.arena, HELLOS_FOLDER, &w.store) ? 0 : -1;
}

static int tear_down(void **state)
{
    arena_free(((world *)*state)->arena);
    return 0;
}

static const client_hello *stored(const world *w, const char *name)
{
    for (size_t i = 0; i < w->store.num_hellos; i++)
        if (strcmp(w->store.names[i], name) == 0)
            return &w->store.hellos[i];
    fail_msg("no hello %s", name);
    return NULL;
}

/* What a prober would make of the server's answer to that hello. */
static answer answer_to(world *w, const sim_server *s, const client_hello *hello)
{
    static const enum stream_end ends[] = {STREAM_TIMEOUT, STREAM_FIN, STREAM_RESET, STREAM_TIMEOUT};
    sim_answer given = sim_server_answer(w->arena, s, hello, false);
    bytes_view flight;
    flow *f = flow_new(w->arena, 443);
    assert_true(client_hello_write(w->arena, hello, &flight, NULL));
    flow_connected(f, 0);
    flow_bytes(f, SIDE_CLIENT, flight, 0);
    flow_bytes(f, SIDE_SERVER, given.bytes, 1);
    flow_end(f, SIDE_SERVER, ends[given.ends], 2);
    const conversation *c = flow_conversation(f);
    flow_free(f);
    return answer_from_conversation(c);
}

static const family *family_named(const char *name)
{
    for (size_t i = 0; i < num_families(); i++)
        if (strcmp(family_at(i)->name, name) == 0)
            return family_at(i);
    fail_msg("no family %s", name);
    return NULL;
}

/* A server of today that takes nearly every client of today, to be narrowed. */
static sim_server modern_server(world *w)
{
    dice d = {.state = 7};
    family whole = *family_named("Apache with OpenSSL 1.1.1");
    whole.keeps_suites = whole.keeps_groups = whole.rsa = whole.ecdsa = 100;
    whole.pss_key = whole.warns_of_name = 0;
    whole.low_first = whole.low_last = 1;
    whole.high_first = whole.high_last = 4;
    sim_server s = family_server(&d, w->arena, &whole);
    assert_int_equal(s.versions.num_codes, 4);
    return s;
}

static void every_family_has_servers_that_serve_some_client(void **state)
{
    world *w = *state;
    for (size_t f = 0; f < num_families(); f++) {
        size_t num_served = 0;
        for (uint64_t seed = 0; seed < SERVERS_OF_A_FAMILY; seed++) {
            dice d = {.state = seed};
            sim_server s = family_server(&d, w->arena, family_at(f));
            if (s.versions.num_codes == 0)
                continue;
            for (size_t i = 0; i < w->store.num_hellos; i++)
                num_served += server_accepts(w->arena, &s, &w->store.hellos[i]);
        }
        if (num_served == 0)
            fail_msg("no client is served by any %s", family_at(f)->name);
    }
}

static void real_clients_from_tls10_to_tls13_are_served_by_a_server_of_today(void **state)
{
    world *w = *state;
    sim_server s = modern_server(w);
    size_t num_served = 0;
    s.reads_sslv2 = true;
    for (size_t i = 0; i < w->store.num_hellos; i++)
        num_served += server_accepts(w->arena, &s, &w->store.hellos[i]);
    assert_true(num_served >= CLIENTS_SERVED_AT_LEAST);
}

static void a_server_without_the_clients_version_says_protocol_version(void **state)
{
    world *w = *state;
    sim_server s = modern_server(w);
    s.versions = codes_one(w->arena, VERSION_TLS13);
    answer given = answer_to(w, &s, stored(w, "node-0.10.48.bin"));
    assert_int_equal(given.kind, ANSWER_ALERT);
    assert_int_equal(given.alert.description, 70);
}

static void a_server_without_a_suite_of_the_client_says_handshake_failure(void **state)
{
    world *w = *state;
    sim_server s = modern_server(w);
    s.suites = codes_one(w->arena, 0x0005);
    answer given = answer_to(w, &s, stored(w, "curl-debian-bookworm.bin"));
    assert_int_equal(given.kind, ANSWER_ALERT);
    assert_int_equal(given.alert.description, 40);
}

static void a_strict_server_refuses_another_name_and_none(void **state)
{
    world *w = *state;
    sim_server s = modern_server(w);
    const client_hello *hello = stored(w, "curl-debian-bookworm.bin");
    s.name_rule = NAME_STRICT;
    s.name = bytes_from_text("known.example.com");
    client_hello other = hello_with_server_name(w->arena, hello, bytes_from_text("other.example.com")),
                 none = hello_with_server_name(w->arena, hello, bytes_from(NULL, 0)),
                 known = hello_with_server_name(w->arena, hello, s.name);
    assert_int_equal(answer_to(w, &s, &other).alert.description, 112);
    assert_int_equal(answer_to(w, &s, &none).alert.description, 112);
    assert_int_equal(answer_to(w, &s, &known).kind, ANSWER_ACCEPTED);
}

static void a_warning_about_the_name_is_no_refusal(void **state)
{
    world *w = *state;
    sim_server s = modern_server(w);
    s.warns_of_name = true;
    client_hello named = hello_with_server_name(w->arena, stored(w, "openssl-1.0.2u-s_client.bin"), bytes_from_text(HOST_NAME));
    assert_int_equal(answer_to(w, &s, &named).kind, ANSWER_ACCEPTED);
}

static void a_group_without_a_key_is_asked_for_and_then_taken(void **state)
{
    world *w = *state;
    sim_server s = modern_server(w);
    s.groups = codes_one(w->arena, 0x0018);
    const client_hello *hello = stored(w, "openssl-3.0.20-debian-bookworm-s_client.bin");
    assert_true(sim_server_answer(w->arena, &s, hello, false).wants_retry);
    assert_int_equal(answer_to(w, &s, hello).kind, ANSWER_RETRY);
    assert_true(server_accepts(w->arena, &s, hello));
}

static void what_java_cannot_sign_it_says_encrypted(void **state)
{
    world *w = *state;
    sim_server s = modern_server(w);
    s.refuses_encrypted = true;
    client_hello hello = hello_with_signature_schemes(w->arena, stored(w, "openssl-3.0.20-debian-bookworm-s_client.bin"),
                                                      codes_one(w->arena, 0x0808));
    assert_int_equal(answer_to(w, &s, &hello).kind, ANSWER_ENCRYPTED_ALERT);
}

static void an_rsa_pss_key_signs_only_its_own_schemes(void **state)
{
    world *w = *state;
    sim_server s = modern_server(w);
    const client_hello *hello = stored(w, "curl-debian-bookworm.bin");
    s.has_rsa = s.has_ecdsa = s.has_ed25519 = false;
    s.has_rsa_pss = true;
    client_hello with = hello_with_signature_schemes(w->arena, hello, codes_one(w->arena, 0x0809)),
                 without = hello_with_signature_schemes(w->arena, hello, codes_one(w->arena, 0x0804));
    assert_true(server_accepts(w->arena, &s, &with));
    assert_false(server_accepts(w->arena, &s, &without));
}

static void openssl_wants_the_certificates_curve_among_the_groups(void **state)
{
    world *w = *state;
    sim_server s = modern_server(w);
    s.has_rsa = s.has_ed25519 = false;
    s.versions = codes_one(w->arena, VERSION_TLS12);
    s.ecdsa_curve = 0x0018;
    const client_hello *hello = stored(w, "curl-debian-bookworm.bin");
    client_hello without = hello_with_groups(w->arena, hello, codes_one(w->arena, 0x0017));
    assert_true(server_accepts(w->arena, &s, hello));
    assert_false(server_accepts(w->arena, &s, &without));
    s.looks_at_curve = false;
    assert_true(server_accepts(w->arena, &s, &without));
}

static void a_flight_in_one_record_is_a_flight(void **state)
{
    world *w = *state;
    sim_server s = modern_server(w);
    s.shares_records = s.asks_certificate = true;
    answer given = answer_to(w, &s, stored(w, "openssl-1.0.2u-s_client.bin"));
    assert_int_equal(given.kind, ANSWER_ACCEPTED);
    assert_true(given.conversation->has_certificate_request);
    assert_true(given.conversation->has_server_key_exchange);
}

static void the_same_seed_draws_the_same_pair(void **state)
{
    world *w = *state;
    size_t num_drawn = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        pair one, other;
        bool drawn = hard_pair_draw(w->arena, &w->store, seed, OBSTACLE_COUNT, &one);
        assert_int_equal(drawn, hard_pair_draw(w->arena, &w->store, seed, OBSTACLE_COUNT, &other));
        if (!drawn)
            continue;
        bytes_view first, second;
        assert_int_equal(one.obstacle, other.obstacle);
        assert_true(client_hello_write(w->arena, &one.hello, &first, NULL) &&
                    client_hello_write(w->arena, &other.hello, &second, NULL));
        assert_true(bytes_equal(first, second));
        num_drawn++;
    }
    assert_true(num_drawn > 20);
}

static void every_obstacle_can_be_drawn(void **state)
{
    world *w = *state;
    for (size_t o = 0; o < OBSTACLE_COUNT; o++) {
        bool drawn = false;
        for (uint64_t seed = 0; seed < 4000 && !drawn; seed++) {
            arena *a = arena_new();
            pair p;
            drawn = hard_pair_draw(a, &w->store, seed, (enum obstacle)o, &p);
            arena_free(a);
        }
        if (!drawn)
            fail_msg("no pair for obstacle %zu, %s", o, obstacle_cause((enum obstacle)o));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_family_has_servers_that_serve_some_client),
        cmocka_unit_test(real_clients_from_tls10_to_tls13_are_served_by_a_server_of_today),
        cmocka_unit_test(a_server_without_the_clients_version_says_protocol_version),
        cmocka_unit_test(a_server_without_a_suite_of_the_client_says_handshake_failure),
        cmocka_unit_test(a_strict_server_refuses_another_name_and_none),
        cmocka_unit_test(a_warning_about_the_name_is_no_refusal),
        cmocka_unit_test(a_group_without_a_key_is_asked_for_and_then_taken),
        cmocka_unit_test(what_java_cannot_sign_it_says_encrypted),
        cmocka_unit_test(an_rsa_pss_key_signs_only_its_own_schemes),
        cmocka_unit_test(openssl_wants_the_certificates_curve_among_the_groups),
        cmocka_unit_test(a_flight_in_one_record_is_a_flight),
        cmocka_unit_test(the_same_seed_draws_the_same_pair),
        cmocka_unit_test(every_obstacle_can_be_drawn),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
