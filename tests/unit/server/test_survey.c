/* Surveys of servers that are lists: what they find, and how many waves and connections that takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scripted_server.h"

#include "registry/registry.h"
#include "server/facts.h"
#include "server/survey_state.h"
#include <string.h>

static const uint16_t modern[] = {VERSION_TLS13, VERSION_TLS12},
                      all_versions[] = {VERSION_TLS13, VERSION_TLS12, VERSION_TLS11, VERSION_TLS10};
static const uint16_t usual_groups[] = {0x001D, 0x0017, 0x0018}, usual_schemes[] = {0x0403, 0x0804, 0x0805, 0x0806, 0x0401};

/* Nothing is written to it. */
#define LIST(array)                                                                                                                \
    {                                                                                                                              \
        .codes = (uint16_t *)(uintptr_t)(array), .num_codes = sizeof(array) / sizeof *(array)                                      \
    }

static const code_list modern_versions = LIST(modern), old_versions = LIST(all_versions), groups = LIST(usual_groups),
                       schemes = LIST(usual_schemes);

static scripted_server usual_server(code_list suites, bool own_order)
{
    return (scripted_server){
        .versions = modern_versions, .suites = suites, .groups = groups, .schemes = schemes, .own_order = own_order};
}

/* What nginx has by default with OpenSSL 3.0 and an RSA and an ECDSA certificate, in its order; and Mozilla's intermediate list. */
static const uint16_t of_nginx[] = {0x1302, 0x1303, 0x1301, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC0AF, 0xC0AD, 0xC05D, 0xC061, 0xC02B,
                                    0xC02F, 0xC0AE, 0xC0AC, 0xC05C, 0xC060, 0xC024, 0xC028, 0xC073, 0xC077, 0xC023, 0xC027, 0xC072,
                                    0xC076, 0xC00A, 0xC014, 0xC009, 0xC013, 0x009D, 0xC0A1, 0xC09D, 0xC051, 0x009C, 0xC0A0, 0xC09C,
                                    0xC050, 0x003D, 0x00C0, 0x003C, 0x00BA, 0x0035, 0x0084, 0x002F, 0x0041};
static const uint16_t of_mozilla[] = {0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C,
                                      0xC030, 0xCCA9, 0xCCA8, 0x009E, 0x009F, 0xCCAA};
static const uint16_t of_go[] = {0x1301, 0x1302, 0x1303, 0xC02F, 0xC030, 0xCCA8, 0xC013, 0xC014, 0x009C, 0x009D, 0x002F, 0x0035};
static const uint16_t of_schannel[] = {0x1302, 0x1301, 0xC030, 0xC02F, 0x009F, 0x009E, 0xC028, 0xC027,
                                       0xC014, 0xC013, 0x009D, 0x009C, 0x003D, 0x003C, 0x0035, 0x002F};
/* HIGH:!aNULL:!3DES:@STRENGTH of OpenSSL 3.0 with an RSA certificate, which is what ejabberd has by default. */
static const uint16_t by_strength[] = {
    0x1302, 0x1303, 0x1301, 0xC030, 0x009F, 0xCCA8, 0xCCAA, 0xC0A3, 0xC09F, 0xC061, 0xC053, 0xC028, 0x006B, 0xC077, 0x00C4, 0xC014,
    0x0039, 0x0088, 0x009D, 0xC0A1, 0xC09D, 0xC051, 0x003D, 0x00C0, 0x0035, 0x0084, 0xC02F, 0x009E, 0xC0A2, 0xC09E, 0xC060, 0xC052,
    0xC027, 0x0067, 0xC076, 0x00BE, 0xC013, 0x0033, 0x0045, 0x009C, 0xC0A0, 0xC09C, 0xC050, 0x003C, 0x00BA, 0x002F, 0x0041};
/* An order that nobody guesses. */
static const uint16_t odd[] = {0x002F, 0xC030, 0xC013, 0x009C, 0xC02F, 0x0035, 0xC014};
static const code_list nginx_suites = LIST(of_nginx), mozilla_suites = LIST(of_mozilla), go_suites = LIST(of_go),
                       schannel_suites = LIST(of_schannel), strong_suites = LIST(by_strength), odd_suites = LIST(odd);

static const accepted_list *suites_at(const server *found, uint16_t version)
{
    for (size_t i = 0; i < SERVER_VERSIONS_MAX; i++)
        if (found->versions[i].version == version)
            return &found->versions[i].suites;
    return NULL;
}

static size_t count_pairs(const server *found)
{
    size_t num = 0;
    for (size_t i = 0; i < SERVER_VERSIONS_MAX; i++)
        num += found->versions[i].suites.codes.num_codes;
    return num;
}

static void assert_found(const server *found, uint16_t version, code_list suites)
{
    const accepted_list *told = suites_at(found, version);
    size_t at = 0;
    for (size_t i = 0; i < suites.num_codes; i++) {
        if (!cipher_suite_fits_version(suites.codes[i], version))
            continue;
        assert_true(at < told->codes.num_codes);
        assert_int_equal(told->codes.codes[at++], suites.codes[i]);
    }
    assert_int_equal(told->codes.num_codes, at);
    assert_true(told->is_complete);
}

/* ---- what it costs: the figures that survey.c states ---------------------------------------------------------------------- */

static const struct {
    const char *name;
    const code_list *suites;
    bool own_order, has_old_versions;
    size_t num_waves, num_probes, num_probes_in_full; /* of the suites alone, and in full; three waves in full */
} courses[] = {
    {"nginx", &nginx_suites, false, false, 2, 58, 134},
    {"nginx, server's order", &nginx_suites, true, false, 2, 67, 143},
    {"nginx, TLS 1.0 to 1.3", &nginx_suites, false, true, 2, 74, 150},
    {"Mozilla's list", &mozilla_suites, false, false, 2, 28, 105},
    {"Mozilla's list, server's order", &mozilla_suites, true, false, 2, 32, 109},
    {"Go", &go_suites, true, false, 2, 37, 115},
    {"Schannel", &schannel_suites, true, false, 3, 49, 128} /* taken for OpenSSL, and put right */,
};

static void a_server_of_a_known_kind_takes_two_waves_for_its_suites_and_three_for_all(void **state)
{
    (void)state;
    enum { WAVE_MAX_FIRST = 16, PROBES_BESIDES = 38 };
    for (size_t i = 0; i < sizeof courses / sizeof *courses; i++) {
        arena *a = arena_new();
        scripted_server s = usual_server(*courses[i].suites, courses[i].own_order);
        if (courses[i].has_old_versions)
            s.versions = old_versions;
        survey_course suites = scripted_survey(a, &s, true), all = scripted_survey(a, &s, false);
        if (suites.num_probes != courses[i].num_probes || all.num_probes != courses[i].num_probes_in_full)
            print_message("%s: %zu probes in %zu waves, %zu in %zu\n", courses[i].name, suites.num_probes, suites.num_waves,
                          all.num_probes, all.num_waves);
        assert_int_equal(suites.wave_lens[0], WAVE_MAX_FIRST);
        assert_int_equal(suites.num_waves, courses[i].num_waves);
        assert_int_equal(all.num_waves, 3);
        assert_int_equal(suites.num_probes, courses[i].num_probes);
        assert_int_equal(all.num_probes, courses[i].num_probes_in_full);
        assert_true(suites.num_probes <= count_pairs(suites.found) + PROBES_BESIDES);
        if (courses[i].own_order)
            assert_found(suites.found, VERSION_TLS12, *courses[i].suites);
        assert_int_equal(suites_at(all.found, VERSION_TLS12)->codes.num_codes,
                         suites_at(suites.found, VERSION_TLS12)->codes.num_codes);
        arena_free(a);
    }
}

/* The first wave cannot tell it from OpenSSL's usual order; the answers to the second, that was asked in that order, do. */
static void a_known_order_that_was_not_guessed_at_first_takes_one_more_wave(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(strong_suites, true);
    survey_course c = scripted_survey(a, &s, true);
    assert_int_equal(c.num_waves, 3);
    assert_int_equal(c.num_probes, 104);
    assert_int_equal(suites_at(c.found, VERSION_TLS12)->order, ORDER_SERVER);
    assert_true(suites_at(c.found, VERSION_TLS12)->is_order_settled);
    assert_found(c.found, VERSION_TLS12, strong_suites);
    arena_free(a);
}

static void an_order_that_nobody_guesses_is_found_all_the_same(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(odd_suites, true);
    survey_course c = scripted_survey(a, &s, true);
    assert_found(c.found, VERSION_TLS12, s.suites);
    assert_int_equal(suites_at(c.found, VERSION_TLS12)->order, ORDER_SERVER);
    assert_true(c.num_waves <= 7); /* in one of them TLS 1.3 is asked for again, since its alert does not speak of the version */
    arena_free(a);
}

/* As BoringSSL's are: nothing that such a server passed over may be taken for refused. */
static void a_server_to_which_some_suites_are_equal_is_told_whole(void **state)
{
    (void)state;
    static const uint16_t of_boringssl[] = {0xC02B, 0xC02F, 0xCCA9, 0xCCA8, 0xC02C, 0xC030, 0xC009, 0xC013, 0x009C, 0x002F};
    static const code_list suites = LIST(of_boringssl);
    enum { NUM_EQUAL = 4 };
    arena *a = arena_new();
    scripted_server s = usual_server(suites, true);
    s.num_equal = NUM_EQUAL;
    survey_course c = scripted_survey(a, &s, true);
    const accepted_list *told = suites_at(c.found, VERSION_TLS12);
    assert_int_equal(told->codes.num_codes, suites.num_codes);
    assert_int_equal(told->order, ORDER_MIXED);
    assert_true(told->is_complete);
    assert_true(told->is_order_settled);
    assert_int_equal(told->num_equals, 1);
    assert_int_equal(told->equals[0].num_codes, NUM_EQUAL);
    for (size_t i = 0; i < NUM_EQUAL; i++)
        assert_true(codes_contain(told->equals[0], of_boringssl[i]));
    for (size_t i = NUM_EQUAL; i < suites.num_codes; i++)
        assert_int_equal(told->codes.codes[i], of_boringssl[i]);
    arena_free(a);
}

/* PrioritizeChaCha of OpenSSL: ChaCha comes before all where the client has it first. What it is put before are no equals. */
static void a_suite_that_comes_first_where_the_client_has_it_first_is_told(void **state)
{
    (void)state;
    static const uint16_t of_openssl[] = {0xC030, 0xC02F, 0xCCA8, 0xC014};
    static const code_list suites = LIST(of_openssl);
    arena *a = arena_new();
    scripted_server s = usual_server(suites, true);
    s.favourite = 0xCCA8;
    survey_course c = scripted_survey(a, &s, true);
    const accepted_list *told = suites_at(c.found, VERSION_TLS12);
    assert_int_equal(told->codes.num_codes, suites.num_codes);
    assert_int_equal(told->order, ORDER_MIXED);
    assert_true(told->is_order_settled);
    assert_int_equal(told->num_equals, 2);
    for (size_t i = 0; i < told->num_equals; i++) {
        assert_int_equal(told->equals[i].num_codes, 2);
        assert_true(codes_contain(told->equals[i], of_openssl[i]));
        assert_true(codes_contain(told->equals[i], 0xCCA8));
    }
    arena_free(a);
}

/* It is found in the second wave; what is asked of it is then asked a wave later. */
static void the_habits_of_a_server_of_ssl3_alone_are_told(void **state)
{
    (void)state;
    static const uint16_t ssl3[] = {VERSION_SSL3}, suites[] = {0x0035, 0x002F};
    static const code_list versions = LIST(ssl3), both = LIST(suites);
    arena *a = arena_new();
    scripted_server s = usual_server(both, false);
    s.versions = versions;
    survey_course c = scripted_survey(a, &s, false);
    bool is_told = false;
    assert_int_equal(suites_at(c.found, VERSION_SSL3)->codes.num_codes, 2);
    for (size_t i = 0; i < c.found->num_facts; i++)
        is_told = is_told || strcmp(c.found->facts[i].id, "session-ids") == 0;
    assert_true(is_told);
    arena_free(a);
}

/* ---- silence --------------------------------------------------------------------------------------------------------------- */

static void a_version_that_is_met_with_silence_is_asked_for_once_more_alone(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, true);
    s.silent_to_version = VERSION_TLS11;
    survey_course c = scripted_survey(a, &s, true);
    const accepted_list *told = suites_at(c.found, VERSION_TLS11);
    assert_int_equal(c.num_alone, 1);
    assert_int_equal(told->accepted, KNOWN_NO);
    assert_int_equal(told->refusal.kind, ANSWER_SILENCE);
    assert_found(c.found, VERSION_TLS12, s.suites);
    arena_free(a);
}

static void a_server_that_never_says_a_byte_is_asked_alone_once(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = {.is_mute = true};
    survey_course c = scripted_survey(a, &s, false);
    assert_int_equal(c.num_alone, 1);
    assert_int_equal(suites_at(c.found, VERSION_TLS12)->refusal.kind, ANSWER_SILENCE);
    for (uint16_t version = VERSION_SSL3; version <= VERSION_TLS13; version++)
        assert_int_equal(suites_at(c.found, version)->accepted, KNOWN_UNKNOWN);
    assert_int_equal(c.found->versions[0].suites.accepted, KNOWN_UNKNOWN);
    arena_free(a);
}

/* The first that runs alone is waited for longer, and the others are then asked together. */
static void one_that_takes_seconds_to_answer_is_told_whole(void **state)
{
    (void)state;
    static const int64_t times_us[] = {2900000, 4400000, 6500000};
    for (size_t i = 0; i < sizeof times_us / sizeof *times_us; i++) {
        arena *a = arena_new();
        scripted_server s = usual_server(mozilla_suites, true);
        s.answers_after_us = times_us[i];
        survey_course c = scripted_survey(a, &s, true);
        assert_found(c.found, VERSION_TLS12, s.suites);
        assert_int_equal(suites_at(c.found, VERSION_TLS13)->codes.num_codes, 3);
        assert_int_equal(suites_at(c.found, VERSION_TLS11)->accepted, KNOWN_NO);
        assert_int_equal(c.num_alone, times_us[i] > 3000000);
        arena_free(a);
    }
}

static void one_that_serves_one_at_a_time_is_told_whole(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, true);
    s.serves_one_at_a_time = true;
    survey_course c = scripted_survey(a, &s, true);
    assert_found(c.found, VERSION_TLS12, s.suites);
    assert_int_equal(suites_at(c.found, VERSION_TLS13)->codes.num_codes, 3);
    assert_in_range(c.num_alone, 16, 16); /* the first wave; the others two at once */
    arena_free(a);
}

static void silence_after_a_server_hello_is_unknown_and_never_no(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, false);
    s.falls_silent = true;
    survey_course c = scripted_survey(a, &s, true);
    const accepted_list *told = suites_at(c.found, VERSION_TLS12);
    assert_int_equal(told->accepted, KNOWN_UNKNOWN);
    assert_true(told->refusal.has_begun);
    assert_string_equal(refusal_text(a, &told->refusal), "silence after it had begun to answer");
    assert_int_equal(c.found->num_lies, 0); /* between two messages it may take its time */
    arena_free(a);
}

static void an_answer_that_breaks_off_is_unknown_and_never_no(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, false);
    s.breaks_off = true;
    survey_course c = scripted_survey(a, &s, false);
    for (uint16_t version = VERSION_TLS10; version <= VERSION_TLS13; version++)
        assert_int_equal(suites_at(c.found, version)->accepted, version >= VERSION_TLS12 ? KNOWN_UNKNOWN : KNOWN_NO);
    for (uint16_t version = VERSION_TLS12; version <= VERSION_TLS13; version++) {
        const accepted_list *told = suites_at(c.found, version);
        assert_false(told->is_complete);
        assert_string_equal(refusal_text(a, &told->refusal), "closed after it had begun to answer");
    }
    arena_free(a);
}

static enum known known_of(const server *found, const char *id)
{
    for (size_t i = 0; i < found->num_facts; i++)
        if (strcmp(found->facts[i].id, id) == 0)
            return found->facts[i].known;
    fail_msg("no %s", id);
    return KNOWN_UNKNOWN;
}

/* ---- sessions ------------------------------------------------------------------------------------------------------------ */

static enum known resumes_by_id(const server *found, const char **detail)
{
    for (size_t i = 0; i < found->num_facts; i++)
        if (strcmp(found->facts[i].id, "resumption-id") == 0) {
            *detail = found->facts[i].detail;
            return found->facts[i].known;
        }
    return KNOWN_UNKNOWN;
}

static void a_session_that_was_not_taken_is_offered_again(void **state)
{
    (void)state;
    static const struct {
        size_t num_processes, num_tries;
        enum known known;
        const char *detail;
    } servers[] = {{1, 1, KNOWN_YES, NULL},
                   {2, 5, KNOWN_YES, "at times"},
                   {5, 5, KNOWN_YES, "at times"},
                   {SIZE_MAX, 5, KNOWN_NO, "the handshake is a whole one"}};
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        arena *a = arena_new();
        size_t num_tries = 0;
        const char *detail = NULL;
        scripted_server s = usual_server(mozilla_suites, false);
        s.resumes_every = servers[i].num_processes;
        s.num_resumptions = &num_tries;
        assert_int_equal(resumes_by_id(scripted_survey(a, &s, false).found, &detail), servers[i].known);
        assert_int_equal(num_tries, servers[i].num_tries);
        if (servers[i].detail == NULL)
            assert_null(detail);
        else
            assert_true(bytes_start_with(bytes_from_text(detail), servers[i].detail));
        arena_free(a);
    }
}

static void a_server_that_leaves_after_the_handshake_has_given_its_ticket(void **state)
{
    arena *a = arena_new();
    (void)state;
    scripted_server s = usual_server(mozilla_suites, false);
    s.leaves_at_once = true;
    const server *found = scripted_survey(a, &s, false).found;
    size_t num_found = 0;
    for (size_t i = 0; i < found->num_facts; i++)
        if (strcmp(found->facts[i].id, "session-tickets-tls12") == 0) {
            num_found++;
            assert_int_equal(found->facts[i].known, KNOWN_YES);
            assert_null(found->facts[i].detail);
        }
    assert_int_equal(num_found, 1);
    arena_free(a);
}

/* ---- suites that cost the server much ---------------------------------------------------------------------------------- */

/* All that OpenSSL has for an RSA and an ECDSA certificate, and for none: many need keys of finite-field groups. */
static code_list all_kinds(arena *a)
{
    code_list known = usual_suites(a), list = {.codes = ARENA_ARRAY(a, known.num_codes, uint16_t)};
    for (size_t i = 0; i < known.num_codes; i++) {
        const cipher_suite_row *row = cipher_suite_find(known.codes[i]);
        bool is_exchanged = row->key_exchange == SUITE_KX_RSA || row->key_exchange == SUITE_KX_DHE ||
                            row->key_exchange == SUITE_KX_ECDHE || row->key_exchange == SUITE_KX_ANY;
        if (is_exchanged && row->authentication != SUITE_AUTH_DSS)
            list.codes[list.num_codes++] = row->code;
    }
    return list;
}

static scripted_server server_of_all_kinds(arena *a)
{
    scripted_server s = usual_server(all_kinds(a), false);
    s.versions = old_versions;
    return s;
}

static void assert_the_same(arena *a, const server *found, const server *plain)
{
    for (size_t i = 0; i < old_versions.num_codes; i++) {
        const accepted_list *one = suites_at(found, old_versions.codes[i]), *other = suites_at(plain, old_versions.codes[i]);
        assert_int_equal(one->codes.num_codes, other->codes.num_codes);
        assert_int_equal(codes_without(a, one->codes, other->codes).num_codes, 0);
        assert_int_equal(one->order, other->order);
        assert_int_equal(one->is_order_settled, other->is_order_settled);
        assert_int_equal(one->is_complete, other->is_complete);
    }
    assert_int_equal(found->num_lies, 0);
}

static void a_server_that_refuses_protocols_after_its_choice_makes_few_keys(void **state)
{
    (void)state;
    enum { KEYS_MAX = 12 };
    arena *a = arena_new();
    size_t num_keys = 0, num_keys_plain = 0;
    scripted_server s = server_of_all_kinds(a);
    s.num_finite_field_keys = &num_keys_plain;
    survey_course plain = scripted_survey(a, &s, true);
    s.protocol = "http/1.1";
    s.num_finite_field_keys = &num_keys;
    survey_course c = scripted_survey(a, &s, true);
    assert_the_same(a, c.found, plain.found);
    assert_int_equal(c.num_waves, 2);
    assert_int_equal(c.num_probes, plain.num_probes);
    assert_true(num_keys_plain > 3 * KEYS_MAX);
    assert_true(num_keys <= KEYS_MAX);
    arena_free(a);
}

/* As Java does: the alert is no sign of a choice, and nothing is believed of it. */
/* As one whose parameters are too short for its own level: what it says of its choice is not what comes of it. */
static void suites_whose_keys_it_cannot_make_are_not_told(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = server_of_all_kinds(a);
    s.protocol = "http/1.1";
    s.fails_at_keys_of = VERSION_TLS10;
    survey_course c = scripted_survey(a, &s, true);
    code_list told = suites_at(c.found, VERSION_TLS10)->codes;
    assert_true(told.num_codes > 0);
    for (size_t i = 0; i < told.num_codes; i++)
        assert_int_not_equal(cipher_suite_find(told.codes[i])->key_exchange, SUITE_KX_DHE);
    arena_free(a);
}

static void one_that_refuses_protocols_first_is_asked_as_any_other(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = server_of_all_kinds(a);
    survey_course plain = scripted_survey(a, &s, true);
    s.protocol = "http/1.1";
    s.looks_at_protocols_first = true;
    survey_course c = scripted_survey(a, &s, true);
    assert_the_same(a, c.found, plain.found);
    assert_int_equal(c.num_waves, 3); /* and each such suite is asked for twice */
    arena_free(a);
}

static void a_suite_that_is_refused_among_those_that_are_taken_is_not_told(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = server_of_all_kinds(a);
    s.suites = codes_without(a, all_kinds(a), codes_from(a, (uint16_t[]){0x0088, 0xC052, 0x003A}, 3));
    s.protocol = "http/1.1";
    survey_course c = scripted_survey(a, &s, true);
    for (size_t i = 0; i < old_versions.num_codes; i++) {
        code_list told = suites_at(c.found, old_versions.codes[i])->codes;
        assert_int_equal(codes_without(a, told, s.suites).num_codes, 0);
        assert_true(suites_at(c.found, old_versions.codes[i])->is_complete);
    }
    assert_int_equal(suites_at(c.found, VERSION_TLS12)->codes.num_codes, s.suites.num_codes - 3 /* of TLS 1.3 */);
    arena_free(a);
}

static void suites_that_cost_much_are_found_through_resets_and_alerts_by_chance(void **state)
{
    (void)state;
    for (size_t nth = 3; nth <= 15; nth += 4) {
        arena *a = arena_new();
        size_t num_connections = 0;
        scripted_server s = server_of_all_kinds(a);
        survey_course plain = scripted_survey(a, &s, true);
        s.protocol = "http/1.1";
        s.num_connections = &num_connections;
        s.resets_every = nth;
        assert_the_same(a, scripted_survey(a, &s, true).found, plain.found);
        s.resets_every = 0;
        s.alerts_every = nth;
        assert_the_same(a, scripted_survey(a, &s, true).found, plain.found);
        arena_free(a);
    }
}

/* ---- refusals that tell nothing --------------------------------------------------------------------------------------------- */

static void what_is_reset_at_times_is_asked_again_until_it_is_answered(void **state)
{
    (void)state;
    for (size_t nth = 2; nth <= 11; nth++) {
        arena *a = arena_new();
        size_t num_connections = 0;
        scripted_server s = usual_server(mozilla_suites, true);
        s.resets_every = nth;
        s.num_connections = &num_connections;
        survey_course c = scripted_survey(a, &s, true);
        assert_found(c.found, VERSION_TLS12, s.suites);
        assert_int_equal(suites_at(c.found, VERSION_TLS13)->codes.num_codes, 3);
        assert_int_equal(suites_at(c.found, VERSION_TLS11)->accepted, KNOWN_NO);
        assert_int_equal(suites_at(c.found, VERSION_TLS11)->refusal.kind, ANSWER_ALERT);
        arena_free(a);
    }
}

static void a_version_that_is_always_reset_is_refused_and_asked_for_three_times_and_in_the_end(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, true);
    size_t num_probes = scripted_survey(a, &s, true).num_probes;
    s.resets_version = VERSION_TLS11;
    survey_course c = scripted_survey(a, &s, true);
    assert_int_equal(suites_at(c.found, VERSION_TLS11)->accepted, KNOWN_NO);
    assert_int_equal(suites_at(c.found, VERSION_TLS11)->refusal.kind, ANSWER_RESET);
    assert_int_equal(c.num_probes, num_probes + 4); /* and once by a smaller offer */
    assert_int_equal(c.wave_lens[c.num_waves - 1], 1);
    arena_free(a);
}

static void silence_when_a_reset_is_asked_for_in_the_end_changes_nothing(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, true);
    s.resets_version = VERSION_TLS11;
    size_t num_probes = scripted_survey(a, &s, true).num_probes;
    s.dies_in_the_end = true;
    survey_course c = scripted_survey(a, &s, true);
    assert_int_equal(suites_at(c.found, VERSION_TLS11)->accepted, KNOWN_NO);
    assert_int_equal(c.num_probes, num_probes + 1); /* alone */
    arena_free(a);
}

static const server_fact *fact_of(const survey *s, const char *id)
{
    for (size_t i = 0; i < s->server.num_facts; i++)
        if (strcmp(s->server.facts[i].id, id) == 0)
            return &s->server.facts[i];
    return NULL;
}

static void what_was_answered_before_all_is_asked_again_stays(void **state)
{
    (void)state;
    arena *a = arena_new();
    survey *s = ARENA_NEW(a, survey);
    s->arena = a;
    s->facts_wave = 1;
    s->refusals_asked.was_believed[TOPIC_FACTS] = true;
    (void)fact_add(s, "one", "One", KNOWN_YES, NULL);
    (void)fact_add(s, "other", "Other", KNOWN_YES, NULL);
    fact_add(s, "refused", "Refused", KNOWN_NO, NULL)->was_refused = true;
    contradictions_start_over(s);
    assert_int_equal(s->server.num_facts, 0);
    fact_add(s, "other", "Other", KNOWN_NO, NULL)->was_refused = true;
    contradictions_put_back_facts(s);
    assert_int_equal(s->server.num_facts, 2);
    assert_int_equal(fact_of(s, "one")->known, KNOWN_YES);
    assert_int_equal(fact_of(s, "other")->known, KNOWN_YES);
    assert_null(fact_of(s, "refused"));
    arena_free(a);
}

/* An answer to a second hello under protection, or to none. */
static answer end_after_handshake(arena *a, enum stream_end end, bool by_close_notify)
{
    conversation *c = ARENA_NEW(a, conversation);
    server_flight *f = ARENA_NEW(a, server_flight);
    *c = (conversation){.arena = a, .phase = PHASE_SERVER_FLIGHT};
    c->end[SIDE_SERVER] = end;
    *f = (server_flight){.asked_to_renegotiate = true, .finished_is_right = true, .has_alert = by_close_notify};
    return (answer){.kind = ANSWER_ACCEPTED, .conversation = c, .flight = f};
}

/* What a server that ends the connection meant by it, one that ends it by itself or not. */
static void an_end_after_the_handshake_refuses_no_renegotiation_unless_it_stays_else(void **state)
{
    (void)state;
    enum { ROW_RENEGOTIATION = 0, ROW_LINGERING = 2 };
    for (int i = 0; i < 2 * 3; i++) {
        arena *a = arena_new();
        survey *s = ARENA_NEW(a, survey);
        s->arena = a;
        bool stays = i % 2 == 1;
        answer ended = end_after_handshake(a, i / 2 == 0 ? STREAM_OPEN : i / 2 == 1 ? STREAM_FIN : STREAM_RESET, i / 2 == 0);
        answer left_alone = stays ? end_after_handshake(a, STREAM_OPEN, false) : ended;
        facts_hear(s, ROW_RENEGOTIATION, &ended);
        const server_fact *fact = fact_of(s, "client-renegotiation");
        assert_int_equal(fact->known, KNOWN_UNKNOWN);
        assert_string_equal(fact->detail, "the server ended the connection after the handshake");
        facts_hear(s, ROW_LINGERING, &left_alone);
        assert_int_equal(fact->known, stays ? KNOWN_NO : KNOWN_UNKNOWN);
        assert_int_equal(fact->was_refused, stays);
        arena_free(a);
    }
}

static void a_version_that_gets_a_word_is_asked_for_three_times_and_without_a_pause(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, true);
    size_t num_probes = scripted_survey(a, &s, true).num_probes;
    s.resets_version = VERSION_TLS11;
    s.resets_alert = 80; /* internal_error, of OpenSSL where it cannot sign for that version */
    survey_course c = scripted_survey(a, &s, true);
    assert_int_equal(suites_at(c.found, VERSION_TLS11)->accepted, KNOWN_NO);
    assert_int_equal(c.num_probes, num_probes + 3);
    arena_free(a);
}

static void a_version_that_is_refused_for_the_name_is_unknown(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, true);
    s.resets_version = VERSION_TLS11;
    s.resets_alert = 112;
    survey_course c = scripted_survey(a, &s, true);
    assert_int_equal(suites_at(c.found, VERSION_TLS11)->accepted, KNOWN_UNKNOWN);
    assert_false(suites_at(c.found, VERSION_TLS11)->is_complete);
    assert_string_equal(refusal_text(a, server_refusal_of_name(c.found)), "alert unrecognized_name (112)");
    assert_int_equal(suites_at(c.found, VERSION_TLS10)->accepted, KNOWN_NO);
    arena_free(a);
}

static void a_version_that_is_reset_until_the_end_is_asked_for_anew(void **state)
{
    (void)state;
    arena *a = arena_new();
    size_t num_resets = 0;
    scripted_server s = usual_server(nginx_suites, true);
    s.versions = old_versions;
    s.resets_version = VERSION_TLS11;
    s.resets_times = 4; /* three times, and the smaller offer */
    s.num_connections = &num_resets;
    survey_course c = scripted_survey(a, &s, true);
    assert_int_equal(suites_at(c.found, VERSION_TLS11)->accepted, KNOWN_YES);
    assert_true(suites_at(c.found, VERSION_TLS11)->is_complete);
    assert_found(c.found, VERSION_TLS12, s.suites);
    arena_free(a);
}

/* handshake_failure by turns: where it came of what is taken, nothing rests on it any more. */
static void what_gets_an_alert_by_chance_is_asked_again(void **state)
{
    (void)state;
    for (size_t nth = 3; nth <= 15; nth++) {
        arena *a = arena_new();
        size_t num_connections = 0;
        scripted_server s = usual_server(mozilla_suites, true);
        survey_course plain = scripted_survey(a, &s, false);
        s.alerts_every = nth;
        s.num_connections = &num_connections;
        survey_course c = scripted_survey(a, &s, false);
        assert_found(c.found, VERSION_TLS12, s.suites);
        assert_int_equal(suites_at(c.found, VERSION_TLS13)->codes.num_codes, 3);
        assert_int_equal(suites_at(c.found, VERSION_TLS11)->accepted, KNOWN_NO);
        assert_int_equal(suites_at(c.found, VERSION_TLS11)->refusal.alert, 70);
        assert_int_equal(c.found->num_lies, 0);
        assert_int_equal(c.found->num_facts, plain.found->num_facts);
        for (size_t i = 0; i < plain.found->num_facts; i++) {
            assert_string_equal(c.found->facts[i].id, plain.found->facts[i].id);
            assert_int_equal(c.found->facts[i].known, plain.found->facts[i].known);
        }
        arena_free(a);
    }
}

/* As a limiter that counts by the second: refused whenever it is asked at once, and taken after a pause. */
static void what_is_refused_until_there_is_a_pause_is_asked_slowly(void **state)
{
    (void)state;
    for (size_t after = 2; after <= 24; after += 5) {
        arena *a = arena_new();
        size_t num_connections = 0;
        scripted_server s = usual_server(mozilla_suites, after % 2 == 0);
        survey_course plain = scripted_survey(a, &s, false);
        s.alerts_after = after;
        s.num_connections = &num_connections;
        survey_course c = scripted_survey(a, &s, false);
        assert_the_same(a, c.found, plain.found);
        assert_int_equal(c.found->num_facts, plain.found->num_facts);
        arena_free(a);
    }
}

static size_t num_pairs_lost(const server *found, const server *whole)
{
    size_t num = 0;
    for (size_t i = 0; i < old_versions.num_codes; i++)
        num += suites_at(whole, old_versions.codes[i])->codes.num_codes - suites_at(found, old_versions.codes[i])->codes.num_codes;
    return num;
}

/* Of suites alone there are no habits to contradict it, but the versions do. */
static void one_alert_by_chance_anywhere_loses_next_to_nothing(void **state)
{
    (void)state;
    size_t num_lost = 0;
    arena *a = arena_new();
    scripted_server s = usual_server(nginx_suites, true);
    s.versions = old_versions;
    survey_course plain = scripted_survey(a, &s, true);
    for (size_t at = 1; at <= plain.num_probes; at++) {
        size_t num_connections = 0;
        s.alert_at = at;
        s.num_connections = &num_connections;
        survey_course c = scripted_survey(a, &s, true);
        num_lost += num_pairs_lost(c.found, plain.found);
        assert_int_equal(c.found->num_facts, 0); /* and nothing is blamed on what the hello has */
    }
    assert_int_equal(num_lost, 1); /* the last suite of TLS 1.3, which nothing else shows */
    arena_free(a);
}

static void a_version_that_is_always_reset_among_others_at_random_is_unknown(void **state)
{
    (void)state;
    arena *a = arena_new();
    size_t num_connections = 0;
    scripted_server s = usual_server(mozilla_suites, true);
    s.resets_version = VERSION_TLS11;
    s.resets_every = 5;
    s.num_connections = &num_connections;
    survey_course c = scripted_survey(a, &s, true);
    assert_int_equal(suites_at(c.found, VERSION_TLS11)->accepted, KNOWN_UNKNOWN);
    assert_found(c.found, VERSION_TLS12, s.suites);
    arena_free(a);
}

static void a_version_that_always_gets_one_alert_among_resets_at_random_is_refused_by_it(void **state)
{
    (void)state;
    enum { INTERNAL_ERROR = 80 };
    arena *a = arena_new();
    size_t num_connections = 0;
    scripted_server s = usual_server(mozilla_suites, true);
    s.resets_version = VERSION_TLS11;
    s.resets_alert = INTERNAL_ERROR;
    s.resets_every = 7;
    s.num_connections = &num_connections;
    survey_course c = scripted_survey(a, &s, true);
    assert_int_equal(suites_at(c.found, VERSION_TLS11)->accepted, KNOWN_NO);
    assert_int_equal(suites_at(c.found, VERSION_TLS11)->refusal.alert, INTERNAL_ERROR);
    arena_free(a);
}

static void tls13_is_found_where_hybrid_groups_are_refused(void **state)
{
    (void)state;
    enum { X25519_MLKEM768 = 0x11EC };
    arena *a = arena_new();
    scripted_server s = usual_server(nginx_suites, true);
    survey_course plain = scripted_survey(a, &s, false);
    s.chokes_on_group = X25519_MLKEM768;
    survey_course c = scripted_survey(a, &s, false);
    assert_the_same(a, c.found, plain.found);
    assert_int_equal(c.found->groups_tls13.codes.num_codes, plain.found->groups_tls13.codes.num_codes);
    assert_string_equal(c.found->facts[c.found->num_facts - 1].id, "tolerates-hybrid-groups");
    assert_int_equal(c.found->facts[c.found->num_facts - 1].known, KNOWN_NO);
    assert_int_equal(c.found->num_facts, plain.found->num_facts + 1);
    arena_free(a);
}

static void versions_are_found_where_large_offers_are_refused(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(nginx_suites, true);
    s.versions = old_versions;
    survey_course plain = scripted_survey(a, &s, true);
    s.offer_max = 64;
    survey_course c = scripted_survey(a, &s, true);
    for (size_t i = 0; i < old_versions.num_codes; i++) {
        const accepted_list *told = suites_at(c.found, old_versions.codes[i]), *all = suites_at(plain.found, old_versions.codes[i]);
        assert_int_equal(told->accepted, KNOWN_YES);
        assert_int_equal(codes_without(a, all->codes, told->codes).num_codes, 0);
    }
    assert_int_equal(c.found->num_lies, 0);
    arena_free(a);
}

static void what_a_hello_that_is_too_large_was_to_show_is_unknown(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, true);
    s.hello_max = 270;
    survey_course c = scripted_survey(a, &s, false);
    assert_int_equal(known_of(c.found, "tolerates-large-hellos"), KNOWN_NO);
    assert_int_equal(known_of(c.found, "tolerates-high-legacy-version"), KNOWN_UNKNOWN);
    assert_int_equal(c.found->num_lies, 0);
    arena_free(a);
}

/* The costliest that a server can be: some five thousand probes, and a second of ours to think of them. */
static void a_server_that_takes_everything_in_an_odd_order_is_told_whole(void **state)
{
    (void)state;
    arena *a = arena_new();
    code_list all = {.codes = ARENA_ARRAY(a, num_cipher_suite_rows, uint16_t)};
    for (size_t i = num_cipher_suite_rows; i > 0; i--) {
        size_t at = (i * 7919) % num_cipher_suite_rows;
        if (cipher_suite_rows[at].kind == SUITE_NORMAL && cipher_suite_rows[at].code != 0)
            all.codes[all.num_codes++] = cipher_suite_rows[at].code;
    }
    scripted_server s = usual_server(all, true);
    s.versions = old_versions;
    survey_course c = scripted_survey(a, &s, true);
    assert_true(suites_at(c.found, VERSION_TLS12)->is_complete);
    assert_true(suites_at(c.found, VERSION_TLS12)->codes.num_codes > 300);
    arena_free(a);
}

/* ---- the rest ---------------------------------------------------------------------------------------------------------------- */

static bool has_lie(const server *found, const char *what)
{
    bool is_there = false;
    for (size_t i = 0; i < found->num_lies; i++)
        is_there = is_there || strcmp(found->lies[i], what) == 0;
    return is_there;
}

static void a_suite_that_was_not_offered_is_named_and_not_taken_for_accepted(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, false);
    s.always_chooses = 0x00FE; /* assigned to nothing */
    survey_course c = scripted_survey(a, &s, true);
    assert_int_equal(c.found->num_lies, 1);
    assert_false(server_speaks_tls(c.found));
    assert_int_equal(suites_at(c.found, VERSION_TLS12)->accepted, KNOWN_UNKNOWN);
    assert_string_equal(refusal_text(a, &suites_at(c.found, VERSION_TLS12)->refusal), "it chose what was not offered");
    arena_free(a);
}

/* Whatever it is asked, one choice of its own: more questions show no more. */
static void one_that_always_chooses_the_same_is_not_asked_for_all_others(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, false);
    s.versions = codes_one(a, VERSION_TLS12);
    s.always_chooses = s.suites.codes[s.suites.num_codes - 1];
    s.compresses = true;
    survey_course c = scripted_survey(a, &s, true);
    assert_int_equal(suites_at(c.found, VERSION_TLS12)->codes.num_codes, 1);
    assert_false(suites_at(c.found, VERSION_TLS12)->is_complete);
    assert_in_range(c.num_probes, 1, 100);
    assert_true(has_lie(c.found, "it chose compression where that was not offered"));
    arena_free(a);
}

static void a_protocol_that_was_not_offered_is_named_as_one(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, false);
    s.unasked_alpn = "h2";
    survey_course c = scripted_survey(a, &s, false);
    assert_int_equal(c.found->num_lies, 1);
    assert_true(has_lie(c.found, "it chose h2 where that was not offered"));
    arena_free(a);
}

static void the_protocol_of_mail_is_found_among_all(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, false);
    s.protocol = "imap";
    survey_course c = scripted_survey(a, &s, false);
    assert_int_equal(c.found->protocols.codes.num_codes, 1);
    assert_string_equal(application_protocol_name(a, c.found->protocols.codes.codes[0]), "imap");
    assert_true(c.found->protocols.is_complete);
    arena_free(a);
}

/* Those of RFC 7919 up to TLS 1.2: of a server that follows it, of one that has a prime of its own, of one that has no such keys.
 */
static void finite_field_groups_are_asked_for_where_they_may_be(void **state)
{
    (void)state;
    enum { IN_FULL = 6, ONE_REFUSED = 1 };
    static const uint16_t some[] = {0x0100, 0x0102, 0x0104};
    static const code_list following = LIST(some), none = {0};
    arena *a = arena_new();
    scripted_server s = usual_server(go_suites, false);
    survey_course without = scripted_survey(a, &s, false);
    assert_int_equal(without.found->finite_field_groups.accepted, KNOWN_UNKNOWN);
    s.suites = mozilla_suites;
    s.finite_field_groups = none;
    survey_course own_prime = scripted_survey(a, &s, false);
    assert_int_equal(own_prime.found->finite_field_groups.accepted, KNOWN_NO);
    assert_string_equal(refusal_text(a, &own_prime.found->finite_field_groups.refusal), "it takes a group of its own");
    s.finite_field_groups = following;
    survey_course c = scripted_survey(a, &s, false);
    const accepted_list *told = &c.found->finite_field_groups;
    assert_int_equal(told->codes.num_codes, following.num_codes);
    assert_int_equal(codes_without(a, told->codes, following).num_codes, 0);
    assert_true(told->is_complete);
    assert_int_equal(told->order, ORDER_CLIENT);
    assert_int_equal(c.num_waves, own_prime.num_waves);
    assert_int_equal(c.found->groups_tls12.codes.num_codes, groups.num_codes);
    assert_in_range(c.num_probes, own_prime.num_probes, own_prime.num_probes - ONE_REFUSED + IN_FULL);
    arena_free(a);
}

static void where_alpn_is_unknown_the_server_goes_on_without(void **state)
{
    (void)state;
    arena *a = arena_new();
    scripted_server s = usual_server(mozilla_suites, false);
    survey_course c = scripted_survey(a, &s, false);
    assert_int_equal(c.found->protocols.accepted, KNOWN_NO);
    assert_string_equal(refusal_text(a, &c.found->protocols.refusal), "it goes on without one");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_of_a_known_kind_takes_two_waves_for_its_suites_and_three_for_all),
        cmocka_unit_test(a_known_order_that_was_not_guessed_at_first_takes_one_more_wave),
        cmocka_unit_test(an_order_that_nobody_guesses_is_found_all_the_same),
        cmocka_unit_test(a_server_to_which_some_suites_are_equal_is_told_whole),
        cmocka_unit_test(the_habits_of_a_server_of_ssl3_alone_are_told),
        cmocka_unit_test(a_suite_that_comes_first_where_the_client_has_it_first_is_told),
        cmocka_unit_test(a_version_that_is_met_with_silence_is_asked_for_once_more_alone),
        cmocka_unit_test(a_server_that_never_says_a_byte_is_asked_alone_once),
        cmocka_unit_test(one_that_takes_seconds_to_answer_is_told_whole),
        cmocka_unit_test(one_that_serves_one_at_a_time_is_told_whole),
        cmocka_unit_test(silence_after_a_server_hello_is_unknown_and_never_no),
        cmocka_unit_test(an_answer_that_breaks_off_is_unknown_and_never_no),
        cmocka_unit_test(a_session_that_was_not_taken_is_offered_again),
        cmocka_unit_test(a_server_that_leaves_after_the_handshake_has_given_its_ticket),
        cmocka_unit_test(a_server_that_refuses_protocols_after_its_choice_makes_few_keys),
        cmocka_unit_test(suites_whose_keys_it_cannot_make_are_not_told),
        cmocka_unit_test(one_that_refuses_protocols_first_is_asked_as_any_other),
        cmocka_unit_test(a_suite_that_is_refused_among_those_that_are_taken_is_not_told),
        cmocka_unit_test(suites_that_cost_much_are_found_through_resets_and_alerts_by_chance),
        cmocka_unit_test(what_is_reset_at_times_is_asked_again_until_it_is_answered),
        cmocka_unit_test(a_version_that_is_always_reset_is_refused_and_asked_for_three_times_and_in_the_end),
        cmocka_unit_test(silence_when_a_reset_is_asked_for_in_the_end_changes_nothing),
        cmocka_unit_test(what_was_answered_before_all_is_asked_again_stays),
        cmocka_unit_test(an_end_after_the_handshake_refuses_no_renegotiation_unless_it_stays_else),
        cmocka_unit_test(a_version_that_gets_a_word_is_asked_for_three_times_and_without_a_pause),
        cmocka_unit_test(a_version_that_is_refused_for_the_name_is_unknown),
        cmocka_unit_test(a_version_that_is_reset_until_the_end_is_asked_for_anew),
        cmocka_unit_test(what_gets_an_alert_by_chance_is_asked_again),
        cmocka_unit_test(what_is_refused_until_there_is_a_pause_is_asked_slowly),
        cmocka_unit_test(one_alert_by_chance_anywhere_loses_next_to_nothing),
        cmocka_unit_test(a_version_that_is_always_reset_among_others_at_random_is_unknown),
        cmocka_unit_test(a_version_that_always_gets_one_alert_among_resets_at_random_is_refused_by_it),
        cmocka_unit_test(tls13_is_found_where_hybrid_groups_are_refused),
        cmocka_unit_test(versions_are_found_where_large_offers_are_refused),
        cmocka_unit_test(what_a_hello_that_is_too_large_was_to_show_is_unknown),
        cmocka_unit_test(a_server_that_takes_everything_in_an_odd_order_is_told_whole),
        cmocka_unit_test(a_suite_that_was_not_offered_is_named_and_not_taken_for_accepted),
        cmocka_unit_test(one_that_always_chooses_the_same_is_not_asked_for_all_others),
        cmocka_unit_test(a_protocol_that_was_not_offered_is_named_as_one),
        cmocka_unit_test(the_protocol_of_mail_is_found_among_all),
        cmocka_unit_test(finite_field_groups_are_asked_for_where_they_may_be),
        cmocka_unit_test(where_alpn_is_unknown_the_server_goes_on_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
