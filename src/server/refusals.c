/*
 * Whether a refusal is to be believed. An alert that is about the offer, or an answer in another version, says no; a connection
 * that was reset or closed, a word in clear, or an alert about something else, may have been about anything. Two kinds are asked
 * again:
 *
 *  1. An unclear one, for each topic once, by the same hello twice: a server that resets every nth connection does not reset both.
 *     Where all three were refused, so are the others of that topic; habits count each for itself. Where one was answered the
 *     server is erratic: from then on each unclear refusal is asked again, twice in a wave, until something else comes of it; what
 *     was refused ERRATIC_REFUSALS times so is unknown.
 *  2. A version of which nothing is known but that so large an offer of all suites was refused: by a few usual ones alone, since
 *     there are servers that bear no large hellos. Where those are answered the large one was not refused for its suites; hunt.h
 *     has the rest.
 *
 * What was believed of the first kind, but for an alert, which is a word at least, is asked for once more in the end, when nothing
 * else is left, after a pause: a burst of resets is over by then. Where that is answered, all that rests on such refusals is asked
 * for again, as an erratic server is (contradictions.c, which also has the alerts that say no by chance).
 *
 * Silence has rules of its own (silences.c), but where it comes and goes it counts as unclear too.
 *
 * A limiter may say its no by an alert, to all that is asked until there is quiet: what contradicts other answers and was refused
 * three times is asked for once more after a pause. Where it is taken then, all is asked for again, and slowly.
 */
#include "registry/registry.h"
#include "server/facts.h"
#include "wire/hello_edit.h"

enum { STEADY_REFUSALS = 3, ERRATIC_REFUSALS = 7, CHANCE_REFUSALS = 9, LARGE_OFFER = 64 };
#define QUIET_US ((int64_t)500000) /* before what was believed is asked for once more */
#define SLOW_US ((int64_t)1200000) /* limiters count by the second */
#define SLOW_GAP_US ((int64_t)250000)
enum {
    ALERT_HANDSHAKE_FAILURE = 40,
    ALERT_PROTOCOL_VERSION = 70,
    ALERT_INSUFFICIENT_SECURITY = 71,
    ALERT_INAPPROPRIATE_FALLBACK = 86,
    ALERT_MISSING_EXTENSION = 109,
    ALERT_UNRECOGNIZED_NAME = 112,
    ALERT_CERTIFICATE_REQUIRED = 116,
    ALERT_NO_APPLICATION_PROTOCOL = 120,
};

/* RFC 8446, 6.2, and RFC 7507: those that are about what was offered. */
static bool is_about_the_offer(uint8_t description)
{
    static const uint8_t alerts[] = {ALERT_HANDSHAKE_FAILURE,      ALERT_PROTOCOL_VERSION,       ALERT_INSUFFICIENT_SECURITY,
                                     ALERT_INAPPROPRIATE_FALLBACK, ALERT_MISSING_EXTENSION,      ALERT_UNRECOGNIZED_NAME,
                                     ALERT_CERTIFICATE_REQUIRED,   ALERT_NO_APPLICATION_PROTOCOL};
    for (size_t i = 0; i < sizeof alerts; i++)
        if (alerts[i] == description)
            return true;
    return false;
}

bool alert_is_about_the_offer(const answer *given)
{
    return given->kind == ANSWER_ALERT && is_about_the_offer(given->alert.description);
}

bool refusals_any_alert_by_chance(const survey *s)
{
    for (unsigned description = 0; description <= UINT8_MAX; description++)
        if (s->refusals_asked.comes_by_chance[description])
            return true;
    return false;
}

static bool is_unclear(const survey *s, const answer *given)
{
    switch (given->kind) {
    case ANSWER_RESET:
    case ANSWER_CLOSED:
    case ANSWER_PLAIN:
        return !given->ended_before_hello;
    case ANSWER_ALERT:
        return !is_about_the_offer(given->alert.description) || s->refusals_asked.comes_by_chance[given->alert.description];
    case ANSWER_SILENCE:
        return !survey_says_nothing(given) && s->silences.asks_few;
    default:
        return false;
    }
}

static bool is_hunt_of_suites(unsigned topic)
{
    return topic <= TOPIC_TLS13;
}

static bool names_the_version(const answer *given)
{
    bool is_other = given->conversation != NULL && given->conversation->has_server_hello;
    return is_other || (given->kind == ANSWER_ALERT && given->alert.description == ALERT_PROTOCOL_VERSION);
}

/* Whether it is all that is known of a version, and may have been refused for its size; or, of TLS 1.3, for its hybrid groups. */
static bool is_too_large(const survey *s, const survey_probe *asked, const answer *given)
{
    return is_hunt_of_suites(asked->topic) && (asked->offer.num_codes > LARGE_OFFER || asked->topic == TOPIC_TLS13) &&
           !fact_was_taken(given) && !s->silences.is_mute && !survey_says_nothing(given) && !names_the_version(given) &&
           !survey_takes(s, topic_version(s, asked->topic));
}

/* ---- hearing --------------------------------------------------------------------------------------------------------- */

static void believe(survey *s, refusal_doubt *d)
{
    d->is_over = true;
    survey_hear(s, &d->asked, &d->given);
}

/* It ends so at times, and did whenever this was asked: that tells nothing. */
static void give_up(survey *s, refusal_doubt *d)
{
    refusal r = refusal_of(&d->given);
    d->given = (answer){.kind = ANSWER_FAILED,
                        .problem = arena_printf(s->arena, "%s, %zu times of %zu, where others end so at random",
                                                refusal_text(s->arena, &r), d->num_refused, d->num_asked)};
    believe(s, d);
}

/* Of an offer with something in it that is taken: an alert that does not come again came by chance. Heard once: two are out. */
static void hear_contrary(survey *s, refusal_doubt *d, const survey_probe *asked, const answer *given)
{
    refusals *k = &s->refusals_asked;
    d->num_asked++;
    if (d->is_over || (!fact_was_taken(given) && !costly_is_chosen(s, asked, given)))
        return;
    d->is_over = k->starts_over = true;
    if (d->is_slow)
        k->asks_slowly = true;
    else
        k->is_erratic = k->comes_by_chance[d->given.alert.description] = true;
    survey_hear(s, asked, given);
}

static void turn_erratic(refusals *k)
{
    k->starts_over = k->starts_over || !k->is_erratic;
    k->is_erratic = true;
}

static bool was_not_asked(const answer *given)
{
    return survey_says_nothing(given) && given->kind != ANSWER_MALFORMED && given->kind != ANSWER_SILENCE;
}

/* It was not the suites that were refused: all hellos that follow are without hybrid groups. */
static void keep_off_hybrids(survey *s, refusal_doubt *d)
{
    s->minds_hybrids = true;
    s->fact_place = FACT_PLACE_LAST;
    server_fact *fact = fact_add(s, "tolerates-hybrid-groups", "Tolerates hybrid groups (ML-KEM) in a hello", KNOWN_NO, NULL);
    fact->was_refused = true;
    fact->refusal = refusal_of(&d->given);
    fact->hello_len = hello_message_len(s->arena, d->asked.hello);
}

/* The same twice more, and then one without. */
static void hear_with_or_without_hybrids(survey *s, refusal_doubt *d, const survey_probe *asked, const answer *given)
{
    bool was_taken = fact_was_taken(given);
    if (!asked->is_smaller)
        d->num_asked++;
    if (!asked->is_smaller && !was_taken)
        d->num_refused++;
    if (d->is_over || !was_taken)
        return;
    if (asked->is_smaller && d->num_refused == d->num_asked)
        keep_off_hybrids(s, d);
    else if (!asked->is_smaller && d->is_unclear)
        turn_erratic(&s->refusals_asked);
    d->is_over = true;
    survey_hear(s, asked, given);
}

static void hear_again(survey *s, const survey_probe *asked, const answer *given)
{
    refusals *k = &s->refusals_asked;
    refusal_doubt *d = &k->doubts[asked->doubt - 1];
    bool was_taken = fact_was_taken(given);
    if (d->is_of_hybrids) {
        hear_with_or_without_hybrids(s, d, asked, given);
        return;
    }
    if (asked->is_smaller) {
        if (was_taken)
            survey_hear(s, asked, given);
        return;
    }
    if (d->is_contrary) {
        hear_contrary(s, d, asked, given);
        return;
    }
    d->num_asked++;
    d->num_refused += is_unclear(s, given);
    if (!is_unclear(s, given) && !survey_says_nothing(given) && given->kind != ANSWER_SILENCE)
        turn_erratic(k);
    if (is_unclear(s, given) || was_not_asked(given) || d->is_over)
        return;
    d->given = *given;
    believe(s, d);
}

/* Returns whether there was room. */
static bool keep_doubt(survey *s, const refusal_doubt *d)
{
    refusals *k = &s->refusals_asked;
    if (k->num_doubts == SURVEY_PROBES_MAX)
        return false;
    if (k->doubts == NULL)
        k->doubts = ARENA_ARRAY(s->arena, SURVEY_PROBES_MAX, refusal_doubt);
    k->doubts[k->num_doubts++] = *d;
    return true;
}

bool refusal_is_doubted(survey *s, const survey_probe *asked, const answer *given)
{
    refusals *k = &s->refusals_asked;
    if (asked->doubt > 0) {
        hear_again(s, asked, given);
        return true;
    }
    bool unclear = is_unclear(s, given) && (k->is_erratic || !k->is_believed[asked->topic]);
    bool is_large = is_too_large(s, asked, given) && !k->was_asked_smaller[asked->topic];
    if (!unclear && !is_large)
        return false;
    return keep_doubt(
        s, &(refusal_doubt){
               .asked = *asked, .given = *given, .num_asked = 1, .num_refused = 1, .is_unclear = unclear, .is_large = is_large});
}

void refusals_doubt_contrary(survey *s, const survey_probe *asked, const answer *given, bool is_flat)
{
    keep_doubt(s, &(refusal_doubt){
                      .asked = *asked, .given = *given, .num_asked = 1, .num_refused = 1, .is_contrary = true, .is_flat = is_flat});
}

static bool comes_by_chance(const refusals *k, const answer *given)
{
    return given->kind == ANSWER_ALERT && k->comes_by_chance[given->alert.description];
}

/* Whether no more has to be asked for this one. */
static bool is_enough(const refusals *k, const refusal_doubt *d)
{
    if (d->is_large)
        return false;
    if (d->is_contrary)
        return d->num_asked >= (d->is_slow ? STEADY_REFUSALS + 1 : STEADY_REFUSALS);
    if (!d->is_unclear || (!k->is_erratic && k->is_believed[d->asked.topic]))
        return true;
    return d->num_asked >= (comes_by_chance(k, &d->given) ? CHANCE_REFUSALS : k->is_erratic ? ERRATIC_REFUSALS : STEADY_REFUSALS);
}

static void settle(survey *s, refusal_doubt *d)
{
    refusals *k = &s->refusals_asked;
    unsigned topic = d->asked.topic;
    bool is_steady = d->num_refused > 1 && !k->is_erratic;
    bool is_meant = d->given.kind == ANSWER_ALERT && d->num_refused == d->num_asked; /* so many times in a row is no chance */
    if (d->is_contrary && d->is_flat && !k->was_asked_slowly) {
        k->was_asked_slowly = d->is_slow = true;
        return;
    }
    if (d->is_contrary) { /* it was heard, and means it */
        d->is_over = true;
        return;
    }
    if (d->is_unclear && !is_steady && !is_meant && !k->is_believed[topic]) {
        give_up(s, d);
        return;
    }
    d->is_believed = d->is_unclear && !k->is_erratic && !survey_says_nothing(&d->given); /* of what broke off nothing follows */
    k->is_believed[topic] = k->is_believed[topic] || (d->is_believed && topic != TOPIC_FACTS);
    k->was_believed[topic] = k->was_believed[topic] || d->is_believed;
    believe(s, d);
}

void refusals_settle(survey *s)
{
    refusals *k = &s->refusals_asked;
    if (k->starts_over)
        contradictions_start_over(s);
    for (size_t i = 0; i < k->num_doubts; i++)
        if (!k->doubts[i].is_over && is_enough(k, &k->doubts[i]))
            settle(s, &k->doubts[i]);
}

/* ---- asking ---------------------------------------------------------------------------------------------------------- */

static survey_probe *ask_again(survey *s, size_t number)
{
    survey_probe *p = &s->probes[s->num_probes++];
    *p = s->refusals_asked.doubts[number].asked;
    p->doubt = number + 1;
    p->runs_alone = false;
    p->at_once_max = silences_at_once_max(&s->silences);
    return p;
}

static void ask_smaller(survey *s, size_t number)
{
    survey_probe *p = ask_again(s, number);
    p->is_smaller = true;
    if (p->topic == TOPIC_TLS13) {
        client_hello without = survey_hello_without_hybrids(s, p->hello);
        p->hello = arena_copy(s->arena, &without, sizeof without);
        return;
    }
    code_list offer = usual_suites_of(s->arena, topic_version(s, p->topic));
    client_hello hello = survey_offer(s, p->topic, offer);
    p->hello = arena_copy(s->arena, &hello, sizeof hello);
    p->offer = offer;
}

void refusals_ask_smaller(survey *s, unsigned topic)
{
    code_list offer = usual_suites_of(s->arena, topic_version(s, topic));
    client_hello hello = survey_offer(s, topic, offer);
    survey_ask(s, &hello, DEPTH_HELLO, topic, 0, offer);
    s->refusals_asked.was_asked_smaller[topic] = true;
}

/* The second and the third time at once; of an erratic server the next two: one that spoils every other connection spoils one. */
static size_t num_times(const refusals *k, const refusal_doubt *d, bool is_topic_asked)
{
    if (d->is_contrary)
        return d->is_slow ? 1 : STEADY_REFUSALS - d->num_asked;
    if (d->is_of_hybrids)
        return STEADY_REFUSALS - d->num_asked;
    if (!d->is_unclear)
        return 0;
    if (k->is_erratic)
        return 2;
    return is_topic_asked && d->asked.topic != TOPIC_FACTS ? 0 : STEADY_REFUSALS - d->num_asked;
}

size_t refusals_ask(survey *s)
{
    refusals *k = &s->refusals_asked;
    bool is_asked[TOPIC_COUNT] = {0};
    for (size_t i = 0; i < k->num_doubts && s->num_probes + STEADY_REFUSALS <= SURVEY_PROBES_MAX; i++) {
        refusal_doubt *d = &k->doubts[i];
        unsigned topic = d->asked.topic;
        d->is_of_hybrids = d->is_large && topic == TOPIC_TLS13;
        size_t num = d->is_over ? 0 : num_times(k, d, is_asked[topic]);
        for (size_t n = 0; n < num; n++)
            ask_again(s, i)->delay_us = d->is_slow ? SLOW_US : 0;
        if (d->is_large && !k->was_asked_smaller[topic]) {
            ask_smaller(s, i);
            k->was_asked_smaller[topic] = true;
        }
        d->is_large = false;
        is_asked[topic] = is_asked[topic] || num > 0;
    }
    return s->num_probes;
}

size_t refusals_ask_quietly(survey *s)
{
    refusals *k = &s->refusals_asked;
    for (size_t i = 0; i < k->num_doubts && !k->was_asked_quietly && s->num_probes < SURVEY_PROBES_MAX; i++)
        if (k->doubts[i].is_believed && k->doubts[i].given.kind != ANSWER_ALERT)
            ask_again(s, i)->delay_us = QUIET_US;
    k->was_asked_quietly = k->was_asked_quietly || s->num_probes > 0;
    return s->num_probes;
}

bool survey_asks_slowly(const survey *s)
{
    return s->refusals_asked.asks_slowly;
}

void refusals_slow_down(survey *s)
{
    for (size_t i = 0; i < s->num_probes && s->refusals_asked.asks_slowly; i++) {
        s->probes[i].at_once_max = 1;
        s->probes[i].delay_us += (int64_t)(i + 1) * SLOW_GAP_US;
    }
}
