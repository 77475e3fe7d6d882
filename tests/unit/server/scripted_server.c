#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scripted_server.h"

#include "registry/registry.h"
#include "wire/hello_edit.h"

enum { TIMEOUT_US = 3000000 };
enum { ALERT_HANDSHAKE_FAILURE = 40, ALERT_PROTOCOL_VERSION = 70, ALERT_NO_APPLICATION_PROTOCOL = 120, ROUND_TRIP_US = 100000 };

static uint16_t choose(code_list has, bool own_order, code_list offer)
{
    code_list first = own_order ? has : offer, second = own_order ? offer : has;
    for (size_t i = 0; i < first.num_codes; i++)
        if (codes_contain(second, first.codes[i]))
            return first.codes[i];
    return 0;
}

static code_list fitting(arena *a, code_list suites, uint16_t version)
{
    code_list list = {.codes = ARENA_ARRAY(a, suites.num_codes, uint16_t)};
    for (size_t i = 0; i < suites.num_codes; i++)
        if (cipher_suite_fits_version(suites.codes[i], version))
            list.codes[list.num_codes++] = suites.codes[i];
    return list;
}

static uint16_t choose_suite(arena *a, const scripted_server *s, uint16_t version, code_list offer)
{
    code_list has = fitting(a, s->suites, version), equal = has;
    equal.num_codes = s->num_equal < has.num_codes ? s->num_equal : has.num_codes;
    uint16_t best = choose(equal, false, offer);
    if (s->favourite != 0 && offer.num_codes > 0 && offer.codes[0] == s->favourite && codes_contain(has, s->favourite))
        return s->favourite;
    return best != 0 ? best : choose(has, s->own_order, offer);
}

static answer refuse(conversation *c, uint8_t description)
{
    c->end[SIDE_SERVER] = STREAM_FIN;
    return (answer){.kind = ANSWER_ALERT, .alert = {.level = ALERT_FATAL, .description = description}, .conversation = c};
}

static bool has_finite_field_keys(uint16_t suite)
{
    const cipher_suite_row *row = cipher_suite_find(suite);
    return row != NULL && row->key_exchange == SUITE_KX_DHE;
}

/* With a group that the client names too, or with a prime of its own. */
static bool exchange_finite_field_keys(arena *a, const scripted_server *s, const client_hello *hello, server_key_exchange *out)
{
    enum { OWN_PRIME_BITS = 2048 };
    uint16_t group = choose(s->finite_field_groups, false, client_hello_groups(a, hello));
    *out = (server_key_exchange){.kind = KEY_EXCHANGE_DHE,
                                 .prime_bits = OWN_PRIME_BITS,
                                 .finite_field_group = group,
                                 .signature_scheme = choose(s->schemes, false, client_hello_signature_schemes(a, hello))};
    return group != 0 || s->finite_field_groups.num_codes == 0;
}

/* The key exchange of the chosen version. Returns whether there is one. */
static bool exchange_keys(arena *a, const scripted_server *s, const client_hello *hello, conversation *c, bool *is_retry)
{
    uint16_t group = choose(s->groups, false, client_hello_groups(a, hello));
    code_list shares = client_hello_key_share_groups(a, hello);
    *is_retry = false;
    if (c->server_hello.version < VERSION_TLS13) {
        c->has_server_key_exchange = true;
        if (has_finite_field_keys(c->server_hello.cipher_suite))
            return exchange_finite_field_keys(a, s, hello, &c->server_key_exchange);
        c->server_key_exchange =
            (server_key_exchange){.kind = KEY_EXCHANGE_ECDHE,
                                  .group = group,
                                  .signature_scheme = choose(s->schemes, false, client_hello_signature_schemes(a, hello))};
        return true;
    }
    uint16_t shared = choose(s->groups, false, shares);
    *is_retry = shared == 0 && group != 0;
    c->server_hello.group = shared;
    return group != 0;
}

static bool chooses_protocol(const scripted_server *s, arena *a, const client_hello *hello, bytes_view *protocol, bool *refuses)
{
    bytes_view *offered;
    size_t num = client_hello_alpn(a, hello, &offered);
    *refuses = s->protocol != NULL && num > 0;
    for (size_t i = 0; i < num && s->protocol != NULL; i++)
        if (bytes_equal(offered[i], bytes_from_text(s->protocol))) {
            *protocol = offered[i];
            *refuses = false;
            return true;
        }
    return false;
}

/* Returns whether it can. */
static bool makes_key(const scripted_server *s, uint16_t version, uint16_t suite)
{
    bool is_finite_field = has_finite_field_keys(suite);
    if (s->num_finite_field_keys != NULL && is_finite_field)
        ++*s->num_finite_field_keys;
    return !is_finite_field || s->fails_at_keys_of != version;
}

/* Gives an id with its hello, and takes it back where the process that knows it has its turn. */
static void resume(const scripted_server *s, const client_hello *hello, conversation *c, server_flight *f)
{
    bytes_view id = bytes_from_text("the id of a session");
    if (s->resumes_every == 0 || c->server_hello.version >= VERSION_TLS13)
        return;
    f->sent_finished = f->has_finished = true;
    c->server_hello.session_id = id;
    if (bytes_equal(hello->session_id, id) && ++*s->num_resumptions % s->resumes_every == 0)
        c->events[c->num_events++] = (event){.kind = EVENT_CHANGE_CIPHER_SPEC, .side = SIDE_SERVER};
}

/* As Go's server does whose handler does no more than to close the connection. */
static void leave(const scripted_server *s, const conversation *c, server_flight *f)
{
    if (!s->leaves_at_once || c->server_hello.version >= VERSION_TLS13)
        return;
    f->sent_finished = f->has_finished = f->has_alert = true;
    f->num_tickets = 1;
    f->ticket.ticket = bytes_from_text("a ticket");
}

static answer accept(arena *a, const scripted_server *s, const survey_probe *probe, conversation *c)
{
    answer out = {.kind = ANSWER_ACCEPTED, .conversation = c};
    server_flight *f = ARENA_NEW(a, server_flight);
    bool refuses;
    (void)chooses_protocol(s, a, probe->hello, &f->alpn, &refuses);
    if (refuses)
        return refuse(c, ALERT_NO_APPLICATION_PROTOCOL);
    if (s->unasked_alpn != NULL)
        f->alpn = bytes_from_text(s->unasked_alpn);
    if (!makes_key(s, c->server_hello.version, c->server_hello.cipher_suite))
        return refuse(c, ALERT_HANDSHAKE_FAILURE);
    c->has_server_hello = true;
    c->phase = PHASE_SERVER_FLIGHT;
    c->server_first_bytes = bytes_from_text("a ServerHello");
    c->server_spoke_tls = true;
    f->is_read = true;
    f->signature_scheme = choose(s->schemes, false, client_hello_signature_schemes(a, probe->hello));
    if (f->signature_scheme == 0 && c->server_hello.version >= VERSION_TLS13)
        return refuse(c, ALERT_HANDSHAKE_FAILURE);
    resume(s, probe->hello, c, f);
    leave(s, c, f);
    out.flight = probe->depth == DEPTH_HELLO ? NULL : f;
    if (s->falls_silent) {
        out.kind = ANSWER_SILENCE;
        c->phase = PHASE_SERVER_HELLO;
    }
    if (s->breaks_off) {
        c->phase = PHASE_SERVER_HELLO;
        c->end[SIDE_SERVER] = STREAM_FIN;
        out = answer_from_conversation(c);
    }
    return out;
}

static bool is_turn(const scripted_server *s, size_t every)
{
    return every != 0 && *s->num_connections % every == 0;
}

static bool is_reset(const scripted_server *s, const client_hello *hello)
{
    if (is_turn(s, s->resets_every))
        return true;
    if (s->resets_version == 0 || client_hello_version_max(hello) != s->resets_version)
        return false;
    return s->resets_times == 0 || ++*s->num_connections <= s->resets_times;
}

/* One is on its way while the other is served. */
static bool is_borne_in_company(const survey_probe *probe)
{
    return probe->at_once_max > 0 && probe->at_once_max <= 2;
}

static bool refuses_protocols_first(arena *a, const scripted_server *s, const client_hello *hello)
{
    bytes_view protocol;
    bool refuses;
    (void)chooses_protocol(s, a, hello, &protocol, &refuses);
    return s->looks_at_protocols_first && refuses;
}

static answer answer_of(arena *a, const scripted_server *s, const survey_probe *probe)
{
    const client_hello *hello = probe->hello;
    conversation *c = ARENA_NEW(a, conversation);
    bool is_retry;
    *c = (conversation){.arena = a, .client_spoke_tls = true};
    code_list offered = client_hello_versions(a, hello);
    bool is_dropped = s->silent_to_version != 0 && client_hello_version_max(hello) == s->silent_to_version;
    is_dropped = is_dropped || (s->dies_in_the_end && probe->delay_us > 0);
    if (is_dropped || s->is_mute || (s->serves_one_at_a_time && !probe->runs_alone && !is_borne_in_company(probe)))
        return (answer){.kind = ANSWER_SILENCE, .conversation = c};
    if (s->num_connections != NULL && s->resets_times == 0)
        ++*s->num_connections;
    bool is_that_one = s->alert_at != 0 && *s->num_connections == s->alert_at;
    bool is_limited = s->alerts_after != 0 && *s->num_connections > s->alerts_after && probe->delay_us == 0;
    if (is_turn(s, s->alerts_every) || is_that_one || is_limited)
        return refuse(c, ALERT_HANDSHAKE_FAILURE);
    if (is_reset(s, hello))
        return s->resets_alert != 0 && !is_turn(s, s->resets_every) ? refuse(c, s->resets_alert)
                                                                    : (answer){.kind = ANSWER_RESET, .conversation = c};
    if (s->chokes_on_group != 0 && codes_contain(client_hello_groups(a, hello), s->chokes_on_group))
        return refuse(c, ALERT_HANDSHAKE_FAILURE);
    if (s->offer_max != 0 && hello->cipher_suites.num_codes > s->offer_max)
        return refuse(c, ALERT_HANDSHAKE_FAILURE);
    if (s->hello_max != 0 && hello_message_len(a, hello) > s->hello_max)
        return refuse(c, ALERT_HANDSHAKE_FAILURE);
    uint16_t version = hello->format == HELLO_FORMAT_SSLV2 ? 0 : choose(s->versions, true, offered);
    if (version == 0)
        return refuse(c, ALERT_PROTOCOL_VERSION);
    if (refuses_protocols_first(a, s, hello))
        return refuse(c, ALERT_NO_APPLICATION_PROTOCOL);
    uint16_t suite = choose_suite(a, s, version, hello->cipher_suites);
    suite = s->always_chooses != 0 ? s->always_chooses : suite;
    c->server_hello = (server_hello){.version = version, .cipher_suite = suite, .compression_method = s->compresses};
    if (suite == 0 || !exchange_keys(a, s, hello, c, &is_retry))
        return refuse(c, ALERT_HANDSHAKE_FAILURE);
    if (!is_retry)
        return accept(a, s, probe, c);
    c->has_retry_request = true;
    c->retry_request = (server_hello){.is_retry_request = true,
                                      .version = version,
                                      .cipher_suite = suite,
                                      .group = choose(s->groups, true, client_hello_groups(a, hello))};
    return (answer){.kind = ANSWER_RETRY, .conversation = c};
}

answer scripted_answer(arena *a, const scripted_server *s, const survey_probe *probe)
{
    answer given = answer_of(a, s, probe);
    int64_t timeout_us = probe->timeout_us > 0 ? probe->timeout_us : TIMEOUT_US;
    if (s->answers_after_us > timeout_us)
        given = (answer){.kind = ANSWER_SILENCE, .conversation = ARENA_NEW(a, conversation)};
    given.total_us = given.kind == ANSWER_SILENCE ? timeout_us : s->answers_after_us;
    given.connect_us = ROUND_TRIP_US;
    return given;
}

/* ---- a survey ------------------------------------------------------------------------------------------------------------ */

/* All that is random is alike: nothing depends on it here. */
static void no_random_bytes(void *user, uint8_t *out, size_t len)
{
    (void)user;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)i;
}

static bool some_key_share(void *user, arena *a, uint16_t group, bytes_view *out)
{
    (void)user;
    (void)group;
    *out = bytes_copy(a, bytes_from_text("a key of thirty-two bytes or some"));
    return true;
}

survey_course scripted_survey(arena *a, const scripted_server *s, bool suites_only)
{
    survey_course course = {0};
    diagnosis_tools *tools = ARENA_NEW(a, diagnosis_tools);
    *tools = (diagnosis_tools){.random_bytes = no_random_bytes, .make_key_share = some_key_share};
    survey *v =
        survey_new(a, &(survey_settings){.server_name = bytes_from_text("known.example"), .suites_only = suites_only}, tools);
    const survey_probe *probes;
    for (size_t num = survey_next_wave(v, &probes); num > 0; num = survey_next_wave(v, &probes)) {
        assert_true(course.num_waves < WAVES_MAX);
        course.wave_lens[course.num_waves++] = num;
        course.num_probes += num;
        course.num_alone += probes[0].runs_alone ? num : 0;
        answer *answers = ARENA_ARRAY(a, num, answer);
        for (size_t i = 0; i < num; i++)
            answers[i] = scripted_answer(a, s, &probes[i]);
        survey_feed(v, answers, num);
    }
    course.found = survey_server(v);
    return course;
}
