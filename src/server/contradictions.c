/*
 * An alert that is about the offer is believed at once, since asking each of them again would cost as much as all the rest. But a
 * limiter may answer with the same alert whatever is asked. Then answers contradict each other: an offer is refused in which there
 * is something that the server takes, in this version or in another, or a habit's hello. It is asked again, twice: a server that
 * refuses it again means it (it stumbles over its own choice, hunt.h; it wants a certificate); where it is taken, that alert comes
 * by chance. Then all that rests on it is asked for again, and the alert is believed of what got it whenever it was asked
 * (refusals.c).
 */
#include "server/facts.h"

#include <string.h>

enum { CONTRARY_MAX = 4 }; /* so many of one topic are asked again */
enum { ALERT_HANDSHAKE_FAILURE = 40 };

/* An alert that does not say what it is about. */
static bool is_general(const answer *given)
{
    return given->kind == ANSWER_ALERT && given->alert.description == ALERT_HANDSHAKE_FAILURE;
}

void contradictions_keep(survey *s, const survey_probe *asked, const answer *given)
{
    refusals *k = &s->refusals_asked;
    bool tells = asked->topic == TOPIC_FACTS ? is_general(given)
                                             : !s->hunts[asked->topic].has_other_reasons && alert_is_about_the_offer(given);
    if (!tells || k->num_alerts == SURVEY_PROBES_MAX)
        return;
    if (k->alerts == NULL)
        k->alerts = ARENA_ARRAY(s->arena, SURVEY_PROBES_MAX, believed_alert);
    k->alerts[k->num_alerts++] = (believed_alert){.asked = *asked, .given = *given};
}

/* What each hunt has found, by topic. */
typedef struct findings_so_far {
    code_list taken[TOPIC_HUNTS];
} findings_so_far;

static bool any_taken(const findings_so_far *f, unsigned topic, code_list offer)
{
    for (size_t i = 0; topic < TOPIC_HUNTS && i < f->taken[topic].num_codes; i++)
        if (codes_contain(offer, f->taken[topic].codes[i]))
            return true;
    return false;
}

static bool takes_version(const findings_so_far *f, unsigned topic)
{
    return f->taken[topic].num_codes > 0;
}

/* Servers hardly ever have a suite in one version and not in another that it fits, nor a gap between their versions;
 * and who does not know TLS 1.3 says that it is the version. */
static bool is_taken_in_other_versions(const survey *s, const findings_so_far *f, const believed_alert *b)
{
    unsigned topic = b->asked.topic;
    bool here = takes_version(f, topic), below = false, above = false, suite = false;
    for (unsigned t = TOPIC_SSL3; t <= TOPIC_TLS13; t++) {
        below = below || (t < topic && takes_version(f, t));
        above = above || (t > topic && takes_version(f, t));
        suite = suite || (t != topic && any_taken(f, t, b->asked.offer));
    }
    bool was_asked_again = topic == TOPIC_TLS13 && s->refusals_asked.was_asked_smaller[topic];
    return here ? suite : below && (above || topic == TOPIC_TLS13) && !was_asked_again && is_general(&b->given);
}

/* Of a habit: its suites. Besides them its hello has nothing but what is taken, and one thing more. */
static bool is_taken_elsewhere(const survey *s, const findings_so_far *f, const believed_alert *b)
{
    const survey_probe *asked = &b->asked;
    if (asked->topic <= TOPIC_TLS13 && is_taken_in_other_versions(s, f, b))
        return true;
    if (asked->topic != TOPIC_FACTS)
        return any_taken(f, asked->topic, asked->offer);
    /* Of a version to come it is not known which one the server would have taken. */
    for (unsigned t = TOPIC_SSL3; t <= TOPIC_TLS13; t++)
        if (any_taken(f, t, asked->hello->cipher_suites))
            return true;
    return false;
}

void contradictions_find(survey *s)
{
    refusals *k = &s->refusals_asked;
    findings_so_far f = {0};
    for (unsigned t = 0; t < TOPIC_HUNTS && k->num_alerts > 0; t++)
        f.taken[t] = hunt_taken(&s->hunts[t]);
    for (size_t i = 0; i < k->num_alerts; i++) {
        believed_alert *b = &k->alerts[i];
        unsigned topic = b->asked.topic;
        bool is_known = b->was_checked || k->comes_by_chance[b->given.alert.description];
        if (is_known || k->num_contrary[topic] == CONTRARY_MAX || !is_taken_elsewhere(s, &f, b))
            continue;
        b->was_checked = true;
        k->num_contrary[topic]++;
        refusals_doubt_contrary(s, &b->asked, &b->given, any_taken(&f, topic, b->asked.offer));
    }
}

/* Those of the first time, which is the longest: what was answered then is true, whatever comes of it now. */
static void keep_earlier_facts(survey *s)
{
    const server *v = &s->server;
    if (s->earlier_facts != NULL)
        return;
    s->earlier_facts = ARENA_ARRAY(s->arena, SERVER_FACTS_MAX, server_fact);
    for (size_t i = 0; i < v->num_facts; i++)
        if (v->facts[i].place == FACT_PLACE_LAST || (!v->facts[i].was_refused && v->facts[i].known != KNOWN_UNKNOWN))
            s->earlier_facts[s->num_earlier_facts++] = v->facts[i];
}

void contradictions_put_back_facts(survey *s)
{
    server *v = &s->server;
    for (size_t i = 0; i < s->num_earlier_facts; i++) {
        server_fact *at = fact_find(s, s->earlier_facts[i].id);
        if (at == NULL && v->num_facts < SERVER_FACTS_MAX)
            v->facts[v->num_facts++] = s->earlier_facts[i];
        else if (at != NULL && (at->was_refused || at->known == KNOWN_UNKNOWN))
            *at = s->earlier_facts[i];
    }
}

/* What is not heard yet of habits would be heard twice. */
static void forget_facts(survey *s)
{
    refusals *k = &s->refusals_asked;
    for (size_t i = 0; i < k->num_doubts; i++)
        if (k->doubts[i].asked.topic == TOPIC_FACTS) {
            k->doubts[i].is_over = true;
            k->doubts[i].is_believed = false;
        }
    size_t num_left = 0;
    for (size_t i = 0; i < s->silences.num_doubts; i++)
        if (s->silences.doubts[i].asked.topic != TOPIC_FACTS)
            s->silences.doubts[num_left++] = s->silences.doubts[i];
    s->silences.num_doubts = num_left;
    keep_earlier_facts(s);
    memset(s->server.facts, 0, sizeof s->server.facts);
    s->server.num_facts = 0;
    s->sessions = (sessions){0};
    s->facts_wave = 0;
    s->facts_wave_min = s->num_waves + 1; /* a version that was refused by chance may be found first */
}

void contradictions_start_over(survey *s)
{
    refusals *k = &s->refusals_asked;
    accepted_list *ssl2 = &s->server.versions[0].suites;
    bool by_alert = k->asks_slowly || refusals_any_alert_by_chance(s);
    k->starts_over = false;
    k->num_alerts = 0; /* what they refused is asked for again */
    for (unsigned t = 0; t < TOPIC_HUNTS; t++)
        if (s->is_begun[t] && (by_alert || k->was_believed[t])) {
            hunt_forget_refusals(&s->hunts[t]);
            s->refusals[t] = s->unknowns[t] = (refusal){0};
            k->was_asked_smaller[t] = false;
        }
    if (s->facts_wave != 0 && (by_alert || k->was_believed[TOPIC_FACTS]))
        forget_facts(s);
    if (ssl2->accepted == KNOWN_NO && (by_alert || k->was_believed[TOPIC_SSL2])) {
        ssl2->accepted = KNOWN_UNKNOWN;
        s->is_ssl2_asked = false;
    }
    for (unsigned t = 0; t < TOPIC_COUNT; t++)
        k->is_believed[t] = k->was_believed[t] = false;
}
