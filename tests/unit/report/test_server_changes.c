/* What changed between two reports of a server, and what only differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../with_arena.h"

#include "report/server_differences.h"

#include <string.h>

#define LIST(accepted, names, order, settled, equal, complete, refused)                                                            \
    "{\"accepted\": " accepted ", \"names\": [" names "], \"order\": \"" order "\", \"order_settled\": " settled                   \
    ", \"equal\": [" equal "], \"complete\": " complete ", \"others_refused_by\": " refused "}"
#define SUITES LIST("true", "\"A\", \"B\", \"C\"", "server", "true", "", "true", "\"alert handshake_failure (40)\"")
#define GROUPS LIST("true", "\"x25519\", \"secp256r1\"", "client", "true", "", "true", "null")
#define NOT_ASKED LIST("null", "", "unknown", "false", "", "false", "null")
#define FACT(id, value, refused, detail)                                                                                           \
    "{\"id\": \"" id "\", \"value\": " value ", \"refused_by\": " refused ", \"detail\": " detail "}"
#define FACTS FACT("session-tickets", "true", "null", "null")
#define PARTS(suites, groups, bits, facts, late)                                                                                   \
    "{\"schema\": \"tlswhy.server/1\", \"started\": \"2026-11-27T00:00:00Z\", \"addresses\": [{\"address\": \"192.0.2.7\", "       \
    "\"versions\": [{\"version\": \"TLS 1.2\", \"suites\": " suites "}], \"groups_tls12\": " groups                                \
    ", \"finite_field_bits\": [" bits "], \"facts\": [" facts "], \"ran_out_of_time\": " late "}]}"
#define WITH_SUITES(suites) PARTS(suites, GROUPS, "2048", FACTS, "false")
#define WITH_GROUPS(groups) PARTS(SUITES, groups, "2048", FACTS, "false")
#define WITH_FACT(fact) PARTS(SUITES, GROUPS, "2048", fact, "false")
#define PLAIN WITH_SUITES(SUITES)

static server_comparison compare(arena *a, const char *before, const char *now)
{
    server_comparison c;
    error e = {.code = ERROR_NONE};
    if (!server_report_compare(a, before, now, &c, &e))
        fail_msg("%s", e.message);
    return c;
}

static void assert_counts(arena *a, const char *before, const char *now, size_t num_changes, size_t num_unknowns)
{
    server_comparison c = compare(a, before, now);
    if (c.num_changes != num_changes || c.num_unknowns != num_unknowns)
        fail_msg("%s", server_comparison_to_text(a, &c));
}

static void what_changed_is_told(void **state)
{
    arena *a = *state;
    const char *without_b = WITH_SUITES(LIST("true", "\"A\", \"C\"", "server", "true", "", "true", "\"silence\""));
    server_comparison c = compare(a, PLAIN, without_b);
    assert_int_equal(c.num_changes, 2);
    assert_string_equal(c.changes[0], "addresses[192.0.2.7].versions[TLS 1.2].suites.names: without B");
    assert_non_null(strstr(c.document, "\"compared\""));
    assert_non_null(strstr(c.document, "\"with\": \"2026-11-27T00:00:00Z\""));
    assert_counts(a, PLAIN, WITH_SUITES(LIST("true", "\"B\", \"A\", \"C\"", "server", "true", "", "true", "null")), 1, 0);
    assert_counts(a, PLAIN, WITH_SUITES(LIST("false", "", "unknown", "false", "", "true", "\"silence\"")), 2, 0);
    assert_counts(a, PLAIN, WITH_FACT(FACT("session-tickets", "false", "null", "null")), 1, 0);
    assert_counts(a, PLAIN, PLAIN, 0, 0);
}

static void what_is_unknown_in_one_is_no_change(void **state)
{
    arena *a = *state;
    const char *partial = WITH_SUITES(LIST("true", "\"A\", \"C\"", "server", "true", "", "false", "null"));
    assert_counts(a, PLAIN, partial, 0, 2); /* the names, and that they are not complete */
    assert_counts(a, partial, PLAIN, 0, 2);
    assert_counts(a, partial, WITH_SUITES(LIST("true", "\"A\"", "unknown", "false", "", "true", "null")), 1, 1);
    assert_counts(a, PLAIN, WITH_GROUPS(NOT_ASKED), 0, 1);
    assert_counts(a, PLAIN, WITH_FACT(FACT("session-tickets", "null", "\"alert close_notify (0)\"", "\"unknown\"")), 0, 1);
    assert_counts(a, PLAIN, WITH_FACT(FACTS ", " FACT("early-data", "true", "null", "null")), 0, 1);
    server_comparison c = compare(a, WITH_GROUPS(NOT_ASKED), PLAIN);
    assert_non_null(strstr(server_comparison_to_text(a, &c), "Nothing has changed.\n\nNot known in one of the two"));
}

static void an_order_that_was_not_settled_did_not_change(void **state)
{
    arena *a = *state;
    const char *guessed = WITH_SUITES(LIST("true", "\"B\", \"A\", \"C\"", "server", "false", "", "true", "null"));
    assert_counts(a, PLAIN, guessed, 0, 2);
    const char *one = WITH_SUITES(LIST("true", "\"A\", \"B\", \"C\"", "mixed", "true", "[\"A\", \"B\"]", "true", "null"));
    const char *other = WITH_SUITES(LIST("true", "\"B\", \"A\", \"C\"", "mixed", "true", "[\"B\", \"A\"]", "true", "null"));
    const char *moved = WITH_SUITES(LIST("true", "\"C\", \"A\", \"B\"", "mixed", "true", "[\"A\", \"B\"]", "true", "null"));
    assert_counts(a, one, other, 0, 0);
    assert_counts(a, one, moved, 1, 0);
    assert_counts(a, one, PLAIN, 2, 0);
    assert_counts(a, PLAIN, WITH_GROUPS(LIST("true", "\"secp256r1\", \"x25519\"", "client", "true", "", "true", "null")), 0, 0);
}

static void how_a_connection_ended_comes_by_chance(void **state)
{
    arena *a = *state;
    static const char *const ends[] = {WITH_FACT(FACT("renegotiation", "false", "\"connection reset\"", "null")),
                                       WITH_FACT(FACT("renegotiation", "false", "\"closed without an answer\"", "null")),
                                       WITH_FACT(FACT("renegotiation", "false", "\"alert close_notify (0)\"", "null")),
                                       WITH_FACT(FACT("renegotiation", "false", "\"alert no_renegotiation (100)\"", "null"))};
    for (size_t i = 0; i < 4; i++)
        assert_counts(a, ends[0], ends[i], 0, 0);
    assert_counts(a, ends[0], WITH_FACT(FACT("renegotiation", "false", "\"alert handshake_failure (40)\"", "null")), 1, 0);
    assert_counts(a, WITH_SUITES(LIST("true", "\"A\"", "unknown", "false", "", "true", "\"connection reset\"")),
                  WITH_SUITES(LIST("true", "\"A\"", "unknown", "false", "", "true", "\"closed without an answer\"")), 0, 0);
    assert_counts(a, PLAIN, WITH_FACT(FACT("session-tickets", "true", "null", "\"at times: not by all\"")), 0, 0);
}

static void a_report_of_suites_alone_is_held_against_what_it_has(void **state)
{
    arena *a = *state;
    const char *suites_alone = PARTS(SUITES, NOT_ASKED, "", "", "false");
    assert_counts(a, PLAIN, suites_alone, 0, 0);
    assert_counts(a, suites_alone, PLAIN, 0, 0);
    server_comparison c = compare(a, suites_alone, PLAIN);
    assert_true(c.of_suites_alone);
    assert_non_null(strstr(server_comparison_to_text(a, &c), "versions and suites alone"));
    assert_false(compare(a, PLAIN, PLAIN).of_suites_alone);
    assert_counts(
        a, suites_alone,
        PARTS(LIST("true", "\"A\", \"B\", \"C\", \"D\"", "server", "true", "", "true", "null"), GROUPS, "", FACTS, "false"), 1, 0);
}

static void what_time_did_not_suffice_for_is_not_gone(void **state)
{
    arena *a = *state;
    assert_counts(a, PARTS(SUITES, GROUPS, "2048, 4096", FACTS, "false"), PLAIN, 1, 0);
    assert_counts(a, PARTS(SUITES, GROUPS, "2048, 4096", FACTS, "false"), PARTS(SUITES, GROUPS, "2048", FACTS, "true"), 0, 2);
    assert_counts(a, PARTS(SUITES, GROUPS, "2048", FACTS, "false"), PARTS(SUITES, GROUPS, "1024", FACTS, "true"), 1, 1);
}

static const server *server_that_refuses(arena *a, enum answer_kind kind, enum known tickets, enum known ids)
{
    server *s = ARENA_NEW(a, server);
    s->versions[4].suites.accepted = KNOWN_YES;
    s->facts[0] =
        (server_fact){.id = "renegotiation", .label = "", .known = KNOWN_NO, .was_refused = true, .refusal = {.kind = kind}};
    s->facts[1] = (server_fact){.id = "session-tickets", .label = "", .known = tickets};
    s->facts[2] = (server_fact){.id = "session-ids", .label = "", .known = ids};
    s->num_facts = 3;
    return s;
}

static void assert_told(arena *a, const server *other, const char *told, size_t num_in_json)
{
    server_at at[] = {{.address = "192.0.2.7", .server = server_that_refuses(a, ANSWER_RESET, KNOWN_YES, KNOWN_NO)},
                      {.address = "192.0.2.8", .server = other}};
    server_report r = {.host = "x.example", .port = 443, .addresses = at, .num_addresses = 2};
    assert_non_null(strstr(server_report_to_text(a, &r, false, 100, false), told));
    json_t *document = json_loads(server_report_to_json(a, &r), 0, NULL);
    assert_int_equal(json_array_size(json_object_get(document, "differences")), num_in_json);
    json_decref(document);
}

static void addresses_differ_by_the_same_rule(void **state)
{
    arena *a = *state;
    assert_told(a, server_that_refuses(a, ANSWER_CLOSED, KNOWN_YES, KNOWN_NO), "192.0.2.8 is the same as 192.0.2.7\n", 0);
    assert_told(a, server_that_refuses(a, ANSWER_RESET, KNOWN_UNKNOWN, KNOWN_NO),
                "is the same as 192.0.2.7, as far as both are known\n  facts[session-tickets].value: there yes, here unknown", 1);
    assert_told(a, server_that_refuses(a, ANSWER_CLOSED, KNOWN_YES, KNOWN_YES),
                "is different from 192.0.2.7\n  facts[session-ids].value: there no, here yes", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(what_changed_is_told),
        WITH_ARENA(what_is_unknown_in_one_is_no_change),
        WITH_ARENA(an_order_that_was_not_settled_did_not_change),
        WITH_ARENA(how_a_connection_ended_comes_by_chance),
        WITH_ARENA(a_report_of_suites_alone_is_held_against_what_it_has),
        WITH_ARENA(addresses_differ_by_the_same_rule),
        WITH_ARENA(what_time_did_not_suffice_for_is_not_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
