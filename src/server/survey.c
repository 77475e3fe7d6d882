/*
 * Speculate, then verify. A probe that needs no answer of another goes out in the same wave; a prober asks 16 of a wave at once, so
 * that a wave of k probes lasts 2 round trips (connect, hello) for each 16 of them.
 *
 *  1. TLS 1.0 to 1.3: all suites of each forwards; of TLS 1.2 backwards too, and each family of them (hunt.h): 16 probes.
 *  2. What that makes likely is verified, for each version that was accepted: one probe for each suite that was not chosen yet, one
 *     that is expected to be refused, one backwards. SSL 2.0 and 3.0, of which a few usual suites too. In the same wave all habits
 * (facts.c), and groups, signature schemes and protocols, of which the likely ones are known beforehand.
 *  3. Habits that need the answers of others: what resumes a session. What was guessed wrong. A wave
 *     later some times more what did not resume it.
 *  And so on, until nothing is open.
 *
 * A server whose order is one of those known (orders.c) takes two waves for its suites and three for all. For n pairs of version
 * and suite that is n + 10 to n + 25 probes: 58 for the 45 of nginx's defaults, 138 for the 126 of all that OpenSSL 3.0 has in
 * TLS 1.0 to 1.3; and 65 to 110 more for all the rest. One whose order has to be put right takes more: a wave and up to n probes
 * where it is another one of those known. test_survey.c holds the figures. Each pair costs a connection of its own, so that no way
 * of asking does with fewer than n / 16 times 2 round trips. Silence costs more (silences.c), and so does what refuses without a
 * word about the offer (refusals.c).
 */
#include "registry/registry.h"
#include "server/facts.h"
#include "wire/hello_edit.h"

enum { ALERT_HANDSHAKE_FAILURE = 40 };
static const refusal not_asked = {.kind = ANSWER_FAILED};

survey *survey_new(arena *a, const survey_settings *settings, const diagnosis_tools *tools)
{
    survey *s = ARENA_NEW(a, survey);
    *s = (survey){.arena = a, .settings = *settings, .tools = tools};
    s->server.versions[0] = (server_version){.version = VERSION_SSL2, .suites.refusal = not_asked};
    for (unsigned t = TOPIC_SSL3; t <= TOPIC_TLS13; t++)
        s->server.versions[t + 1].version = topic_version(s, t);
    for (unsigned t = 0; t < TOPIC_HUNTS; t++)
        hunt_init(&s->hunts[t], a, topic_candidates(a, t));
    for (unsigned t = 0; t < TOPIC_HUNTS; t++)
        s->hunts[t].num_usual = topic_num_usual(a, t);
    for (unsigned t = TOPIC_SSL3; t <= TOPIC_TLS13; t++)
        s->hunts[t].asks_backwards_late = t != TOPIC_TLS12;
    s->hunts[TOPIC_FINITE_FIELD].asks_backwards_late = true;
    topic_hints(&s->hunts[TOPIC_TLS12]);
    s->hunts[TOPIC_SCHEMES12].has_other_reasons = s->hunts[TOPIC_SCHEMES13].has_other_reasons = true;
    return s;
}

survey_probe *survey_ask(survey *s, const client_hello *hello, enum question_depth depth, unsigned topic, unsigned index,
                         code_list offer)
{
    if (s->num_probes == SURVEY_PROBES_MAX)
        return NULL;
    survey_probe *p = &s->probes[s->num_probes++];
    *p = (survey_probe){
        .hello = arena_copy(s->arena, hello, sizeof *hello), .depth = depth, .topic = topic, .index = index, .offer = offer};
    return p;
}

/* ---- asking ---------------------------------------------------------------------------------------------------------- */

bool survey_takes(const survey *s, uint16_t version)
{
    for (unsigned t = TOPIC_SSL3; t <= TOPIC_TLS13; t++)
        if (s->server.versions[t + 1].version == version)
            return hunt_taken(&s->hunts[t]).num_codes > 0;
    return false;
}

uint16_t survey_highest(const survey *s, uint16_t version_max)
{
    for (uint16_t version = version_max; version >= VERSION_SSL3; version--)
        if (survey_takes(s, version))
            return version;
    return 0;
}

/* Whether a hunt may begin: those of groups and schemes once their version is known to be there. */
static bool may_begin(const survey *s, unsigned topic)
{
    if (topic <= TOPIC_TLS13)
        return topic != TOPIC_SSL3 || s->num_waves > 0; /* so that the first wave has no more probes than go out at once */
    uint16_t version = topic_version(s, topic);
    bool may_be = topic != TOPIC_FINITE_FIELD || survey_has_finite_field_suite(s);
    return !s->settings.suites_only && version != 0 && survey_takes(s, version) && may_be;
}

static void ask_hunt(survey *s, unsigned topic)
{
    code_list *offers;
    size_t num = hunt_next(&s->hunts[topic], &offers);
    s->is_begun[topic] = true;
    bool reads_on = topic == TOPIC_SCHEMES13 || topic == TOPIC_ALPN;
    for (size_t i = 0; i < num; i++) {
        client_hello hello = survey_offer(s, topic, offers[i]);
        bool is_costly = hunt_is_of_costly(&s->hunts[topic], offers[i]);
        hello = is_costly ? costly_hello(s, &hello) : hello;
        survey_probe *p = survey_ask(s, &hello, reads_on ? DEPTH_FLIGHT : DEPTH_HELLO, topic, 0, offers[i]);
        if (p == NULL)
            return;
        p->stops_at_choice = is_costly;
        p->stays_at_retry = topic == TOPIC_GROUPS13;
    }
}

/* After the first wave: what TLS 1.2 showed is the guess for all; where it is not there, each version asks its own families. */
static void make_guesses(survey *s)
{
    const hunt *donor = &s->hunts[TOPIC_TLS12];
    bool has_donor = hunt_taken(donor).num_codes > 0;
    for (unsigned t = TOPIC_SSL3; t <= TOPIC_TLS13; t++) {
        hunt *h = &s->hunts[t];
        if (has_donor || t == TOPIC_TLS13)
            topic_guess(h, has_donor ? donor : h);
        else if (hunt_taken(h).num_codes > 0)
            topic_hints(h);
    }
}

static void make_late_guesses(survey *s)
{
    bool has_donor = hunt_taken(&s->hunts[TOPIC_TLS12]).num_codes > 0;
    for (unsigned t = TOPIC_SSL3; !has_donor && t < TOPIC_TLS12; t++)
        topic_guess(&s->hunts[t], &s->hunts[t]);
    for (unsigned t = TOPIC_SSL3; t <= TOPIC_TLS13; t++)
        topic_guess_order_again(&s->hunts[t]);
}

/* As soon as a version is known to be there; of a server of SSL 3.0 that is a wave later. */
static void ask_facts(survey *s)
{
    if (s->facts_wave == 0 && s->num_waves >= s->facts_wave_min && survey_highest(s, VERSION_TLS13) != 0) {
        s->facts_wave = s->num_waves;
        facts_ask(s, FACT_AT_ONCE);
    } else if (s->facts_wave != 0 && s->num_waves > s->facts_wave && s->num_waves - s->facts_wave <= FACT_AGAIN) {
        facts_ask(s, (enum fact_stage)(s->num_waves - s->facts_wave));
    }
}

static size_t next_wave(survey *s)
{
    s->probes = ARENA_ARRAY(s->arena, SURVEY_PROBES_MAX, survey_probe);
    s->num_probes = 0;
    if (s->num_waves > 0 && !s->was_reached)
        return 0;
    if (silences_ask(s) > 0 || refusals_ask(s) > 0)
        return s->num_probes;
    if (s->num_waves == 1) {
        make_guesses(s);
        for (unsigned t = TOPIC_TLS13 + 1; t < TOPIC_HUNTS; t++)
            topic_guess_usual(s, t, &s->hunts[t]);
        costly_plan(s);
    } else if (s->num_waves == 2) {
        make_late_guesses(s);
    }
    bool asks_facts = s->num_waves > 0 && !s->settings.suites_only, facts_first = !s->silences.asks_few;
    if (asks_facts && facts_first)
        ask_facts(s); /* some of them take more round trips than all others; but one by one they take too long to come first */
    for (unsigned t = TOPIC_HUNTS; t > 0; t--)
        if (s->is_begun[t - 1] || may_begin(s, t - 1))
            ask_hunt(s, t - 1);
    bool facts_waited = s->num_probes == 0 && s->facts_wave < s->facts_wave_min;
    if (facts_waited)
        s->facts_wave_min = 0;
    if (asks_facts && (!facts_first || facts_waited))
        ask_facts(s);
    if (s->num_waves == 1)
        refusals_ask_smaller(s, TOPIC_SSL3);
    if (s->num_waves > 0 && !s->is_ssl2_asked) {
        s->is_ssl2_asked = true;
        client_hello hello = survey_hello_ssl2(s);
        survey_ask(s, &hello, DEPTH_HELLO, TOPIC_SSL2, 0, (code_list){0});
    }
    for (size_t i = 0; i < s->num_probes; i++) {
        s->probes[i].at_once_max = silences_at_once_max(&s->silences);
        s->probes[i].timeout_us = silences_timeout_us(&s->silences);
    }
    s->num_waves++;
    return s->num_probes > 0 ? s->num_probes : refusals_ask_quietly(s);
}

size_t survey_next_wave(survey *s, const survey_probe **probes)
{
    size_t num = next_wave(s);
    refusals_slow_down(s);
    *probes = s->probes;
    return num;
}

/* ---- hearing --------------------------------------------------------------------------------------------------------- */

static bool reached_server(const answer *given)
{
    bool was_turned_away = given->ended_before_hello && given->kind != ANSWER_SILENCE; /* silence is asked for again alone */
    return !was_turned_away && given->kind != ANSWER_NOT_CONNECTED && given->kind != ANSWER_FAILED &&
           given->kind != ANSWER_PREAMBLE_REFUSED;
}

void survey_feed(survey *s, const answer *answers, size_t num_answers)
{
    for (size_t i = 0; i < num_answers && i < s->num_probes; i++) {
        s->was_reached = s->was_reached || reached_server(&answers[i]);
        if (!silence_is_doubted(s, &s->probes[i], &answers[i]))
            survey_hear_believed(s, &s->probes[i], &answers[i]);
    }
    contradictions_find(s);
    silences_settle(s);
    refusals_settle(s);
}

/* ---- what it came to --------------------------------------------------------------------------------------------------- */

static accepted_list outcome_of(const survey *s, unsigned topic)
{
    const hunt *h = &s->hunts[topic];
    code_list taken = hunt_taken(h);
    bool was_asked = s->is_begun[topic] && h->num_sightings > 0, lacks = h->lacks_answers;
    bool is_known = taken.num_codes > 0 || (was_asked && !lacks && h->is_over);
    code_list *equals;
    size_t num_equals = hunt_equals(h, &equals);
    return (accepted_list){.accepted = !is_known             ? KNOWN_UNKNOWN
                                       : taken.num_codes > 0 ? KNOWN_YES
                                                             : KNOWN_NO,
                           .codes = taken,
                           .order = taken.num_codes > 1 ? hunt_order(h) : ORDER_UNKNOWN,
                           .is_order_settled = hunt_order_is_settled(h),
                           .equals = equals,
                           .num_equals = num_equals,
                           .refused = hunt_refused(h),
                           .is_complete = was_asked && !lacks && hunt_is_complete(h),
                           .refusal = h->lacks_answers && !is_known ? s->unknowns[topic] : s->refusals[topic]};
}

/* Whether an offer was refused that has something in it that is taken, by a hello no larger than others that were answered: some
 * servers bear no large ones. */
static bool breaks_off_for_its_choice(const survey *s, unsigned topic)
{
    const hunt *h = &s->hunts[topic];
    code_list taken = hunt_taken(h);
    for (size_t i = 0; i < h->num_sightings; i++) {
        code_list offer = h->sightings[i].offer;
        bool is_refused = h->sightings[i].chosen == 0,
             has_taken = codes_without(s->arena, offer, taken).num_codes < offer.num_codes;
        client_hello hello = survey_offer(s, topic, offer);
        if (is_refused && has_taken && hello_message_len(s->arena, &hello) <= s->largest_taken)
            return true;
    }
    return false;
}

/* Of a hello that was larger than all that were answered it is not known what it was refused for, unless an alert says so. */
static void doubt_what_is_too_large(survey *s)
{
    for (size_t i = 0; i < s->server.num_facts; i++) {
        server_fact *f = &s->server.facts[i];
        bool is_about_size = f->hello_len >= LARGE_HELLO_LEN, is_larger = f->hello_len > s->largest_taken;
        bool says_why = f->refusal.kind == ANSWER_ALERT && f->refusal.alert != ALERT_HANDSHAKE_FAILURE;
        if (f->was_refused && f->known == KNOWN_NO && is_larger && !is_about_size && !says_why)
            f->known = KNOWN_UNKNOWN;
    }
}

/* By place; those of one place stay as they came. */
static void sort_facts(server *v)
{
    for (size_t i = 1; i < v->num_facts; i++) {
        server_fact fact = v->facts[i];
        size_t at = i;
        for (; at > 0 && v->facts[at - 1].place > fact.place; at--)
            v->facts[at] = v->facts[at - 1];
        v->facts[at] = fact;
    }
}

const server *survey_server(survey *s)
{
    server *v = &s->server;
    for (unsigned t = TOPIC_SSL3; t <= TOPIC_TLS13; t++)
        if (s->hunts[t].stumbles && !refusals_any_alert_by_chance(s) && breaks_off_for_its_choice(s, t))
            survey_lie(s, "it broke off where it could have chosen a suite that it takes: it chose one that it cannot do");
    for (unsigned t = TOPIC_SSL3; t <= TOPIC_TLS13; t++) {
        v->versions[t + 1].suites = outcome_of(s, t);
        if (s->hunts[t].num_sightings == 0 && !s->hunts[t].lacks_answers)
            v->versions[t + 1].suites.refusal = not_asked;
    }
    if (s->num_waves > 0 && !s->was_reached) /* these were not asked any more */
        v->versions[0].suites.refusal = v->versions[1].suites.refusal = s->unknowns[TOPIC_TLS12];
    v->groups_tls13 = outcome_of(s, TOPIC_GROUPS13);
    v->groups_tls12 = outcome_of(s, TOPIC_GROUPS12);
    v->finite_field_groups = outcome_of(s, TOPIC_FINITE_FIELD);
    v->schemes_tls13 = outcome_of(s, TOPIC_SCHEMES13);
    v->schemes_tls12 = outcome_of(s, TOPIC_SCHEMES12);
    v->protocols = outcome_of(s, TOPIC_ALPN);
    contradictions_put_back_facts(s);
    doubt_what_is_too_large(s);
    sort_facts(v);
    return v;
}
