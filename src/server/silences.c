/*
 * Silence is believed only of a probe that ran alone: some servers serve one connection at a time, and some drop what is too much.
 * One silent probe for each topic is asked again alone, with max(1 s, 8 round trips) to be answered; where it is silent again, so
 * are the others of that topic, and where it is answered, they are asked again alone too, and from then on two at once. Of a server
 * that has never said a byte one probe tells for all, with 7 s to be answered: mail servers that greet late do so after 6 s. Where
 * that is silent too, nothing is known; where it was answered later than the others were waited for, the server is slow, and they
 * are asked again together, at its pace.
 */
#include "server/survey_state.h"

#define PATIENCE_US_MIN ((int64_t)1000000)
#define PATIENCE_US_MAX ((int64_t)5000000)
#define PATIENCE_US_NEVER_ANSWERED ((int64_t)7000000)
#define PATIENCE_US_SLOW_MAX ((int64_t)10000000) /* of one that was slow to answer a probe alone */
enum { PATIENCE_ROUND_TRIPS = 8, COMPANY_MIN = 3, DOUBTS_MAX = SURVEY_PROBES_MAX };

static bool is_silence(const answer *given)
{
    return given->kind == ANSWER_SILENCE && given->conversation != NULL && given->conversation->server_first_bytes.len == 0;
}

static bool said_something(const answer *given)
{
    return given->conversation != NULL &&
           (given->conversation->server_first_bytes.len > 0 || given->conversation->has_server_hello ||
            given->kind == ANSWER_ALERT || given->kind == ANSWER_RETRY);
}

/* Behind a proxy a connection is made long before the server is reached: half of the time of an answer is a round trip too. */
static void learn_round_trip(silences *k, const survey_probe *asked, const answer *given)
{
    bool has_waited = asked->depth > DEPTH_FLIGHT; /* for what may not come: that is our time, and not the server's */
    bool is_whole = !has_waited && said_something(given) && given->kind != ANSWER_SILENCE;
    int64_t us = is_whole && given->total_us / 2 > given->connect_us ? given->total_us / 2 : given->connect_us;
    k->round_trip_us = us > k->round_trip_us ? us : k->round_trip_us;
}

/* What an answer to a probe that ran alone says of those that were silent in company. */
static void learn_from_one_alone(silences *k, const answer *given)
{
    if (given->total_us > k->waited_us) {
        k->asks_all_again = true;
        k->slowest_us = given->total_us > k->slowest_us ? given->total_us : k->slowest_us;
    } else {
        k->asks_few = k->asks_few || k->num_last >= COMPANY_MIN;
    }
}

bool silence_is_doubted(survey *s, const survey_probe *asked, const answer *given)
{
    silences *k = &s->silences;
    learn_round_trip(k, asked, given);
    k->has_answered = k->has_answered || said_something(given);
    if (asked->runs_alone && said_something(given))
        learn_from_one_alone(k, given);
    if (!is_silence(given) || k->is_believed[asked->topic])
        return false;
    if (asked->runs_alone) {
        k->is_believed[asked->topic] = asked->topic != TOPIC_FACTS && !k->asks_few;
        k->is_mute = !k->has_answered;
        return false;
    }
    k->waited_us = given->total_us > k->waited_us ? given->total_us : k->waited_us;
    if (k->doubts == NULL)
        k->doubts = ARENA_ARRAY(s->arena, DOUBTS_MAX, doubt);
    if (k->num_doubts == DOUBTS_MAX)
        return false;
    k->doubts[k->num_doubts++] = (doubt){.asked = *asked, .given = *given};
    return true;
}

/* The server was asked alone, and has never said anything. */
static bool is_mute(const silences *k)
{
    bool any_believed = false;
    for (unsigned t = 0; t < TOPIC_COUNT; t++)
        any_believed = any_believed || k->is_believed[t];
    return any_believed && !k->has_answered;
}

void silences_settle(survey *s)
{
    silences *k = &s->silences;
    bool mute = is_mute(k);
    size_t num_left = 0;
    k->is_mute = mute;
    for (size_t i = 0; i < k->num_doubts; i++) {
        doubt *d = &k->doubts[i];
        if (mute || k->is_believed[d->asked.topic])
            survey_hear_believed(s, &d->asked, &d->given);
        else
            k->doubts[num_left++] = *d;
    }
    k->num_doubts = num_left;
    for (unsigned t = 0; t < TOPIC_COUNT && mute; t++)
        k->is_believed[t] = true;
}

static int64_t patience_us(const silences *k)
{
    int64_t us = PATIENCE_ROUND_TRIPS * k->round_trip_us;
    int64_t slow_us = k->slowest_us + k->slowest_us / 2;
    us = us < PATIENCE_US_MAX ? us : PATIENCE_US_MAX;
    us = us > PATIENCE_US_MIN ? us : PATIENCE_US_MIN;
    slow_us = slow_us < PATIENCE_US_SLOW_MAX ? slow_us : PATIENCE_US_SLOW_MAX;
    return us > slow_us ? us : slow_us;
}

bool silence_tells_nothing(const survey *s, const answer *given)
{
    return given->kind == ANSWER_SILENCE && s->silences.is_mute;
}

bool survey_asks_few_at_once(const survey *s)
{
    return s->silences.asks_few;
}

/* One connection is on its way while the other is served: that takes a round trip for each, and not two. */
size_t silences_at_once_max(const silences *k)
{
    return k->asks_few ? 2 : 0;
}

/* In company an answer may take longer; it is asked for again anyway. */
int64_t silences_timeout_us(const silences *k)
{
    if (k->round_trip_us == 0)
        return 0;
    return k->is_mute ? patience_us(k) : 2 * patience_us(k);
}

static survey_probe *ask(survey *s, const doubt *d)
{
    survey_probe *p = &s->probes[s->num_probes++];
    *p = d->asked;
    p->delay_us = 0;
    p->timeout_us = silences_timeout_us(&s->silences);
    return p;
}

static void ask_alone(survey *s, const doubt *d)
{
    const silences *k = &s->silences;
    survey_probe *p = ask(s, d);
    p->runs_alone = true;
    p->timeout_us = k->has_answered || k->is_mute ? patience_us(k) : PATIENCE_US_NEVER_ANSWERED;
}

static void ask_all_again(survey *s)
{
    silences *k = &s->silences;
    for (size_t i = 0; i < k->num_doubts; i++)
        (void)ask(s, &k->doubts[i]);
    k->num_doubts = 0;
    k->asks_all_again = false;
}

/* Whether this one is to go out now: one for each topic, but every fact; one at all, where nothing was ever answered. */
static bool goes_out(const silences *k, const doubt *d, const bool is_asked[TOPIC_COUNT], size_t num_asked)
{
    if (k->asks_few)
        return true;
    return k->has_answered ? d->asked.topic == TOPIC_FACTS || !is_asked[d->asked.topic] : num_asked == 0;
}

size_t silences_ask(survey *s)
{
    silences *k = &s->silences;
    bool is_asked[TOPIC_COUNT] = {0};
    size_t num_left = 0;
    k->num_last = k->num_doubts;
    if (k->asks_all_again)
        ask_all_again(s);
    for (size_t i = 0; i < k->num_doubts; i++) {
        doubt d = k->doubts[i];
        if (goes_out(k, &d, is_asked, s->num_probes))
            ask_alone(s, &d);
        else
            k->doubts[num_left++] = d;
        is_asked[d.asked.topic] = true;
    }
    k->num_doubts = num_left;
    return s->num_probes;
}
