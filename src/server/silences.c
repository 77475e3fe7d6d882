/*
 * Silence is believed only of a probe that ran alone: some servers serve one connection at a time, and some drop what is too much.
 * One silent probe for each topic is asked again alone, with max(1 s, 8 round trips) to be answered; where it is silent again, so
 * are the others of that topic, and where it is answered, they are asked again alone too, and from then on two at once. Of a server
 * that has never said a byte one probe tells for all.
 */
#include "server/survey_state.h"

#define PATIENCE_US_MIN ((int64_t)1000000)
#define PATIENCE_US_MAX ((int64_t)5000000)
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
static void learn_round_trip(silences *k, const answer *given)
{
    bool is_whole = said_something(given) && given->kind != ANSWER_SILENCE;
    int64_t us = is_whole && given->total_us / 2 > given->connect_us ? given->total_us / 2 : given->connect_us;
    k->round_trip_us = us > k->round_trip_us ? us : k->round_trip_us;
}

bool silence_is_doubted(survey *s, const survey_probe *asked, const answer *given)
{
    silences *k = &s->silences;
    learn_round_trip(k, given);
    k->has_answered = k->has_answered || said_something(given);
    if (asked->runs_alone && said_something(given))
        k->asks_few = k->asks_few || k->num_last >= COMPANY_MIN;
    if (!is_silence(given) || k->is_believed[asked->topic])
        return false;
    if (asked->runs_alone) {
        k->is_believed[asked->topic] = asked->topic != TOPIC_FACTS && !k->asks_few;
        return false;
    }
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
    us = us < PATIENCE_US_MAX ? us : PATIENCE_US_MAX;
    return us > PATIENCE_US_MIN ? us : PATIENCE_US_MIN;
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

static void ask(survey *s, const doubt *d)
{
    survey_probe *p = &s->probes[s->num_probes++];
    *p = d->asked;
    p->runs_alone = true;
    p->delay_us = 0;
    p->timeout_us = patience_us(&s->silences);
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
    for (size_t i = 0; i < k->num_doubts; i++) {
        doubt d = k->doubts[i];
        if (goes_out(k, &d, is_asked, s->num_probes))
            ask(s, &d);
        else
            k->doubts[num_left++] = d;
        is_asked[d.asked.topic] = true;
    }
    k->num_doubts = num_left;
    return s->num_probes;
}
