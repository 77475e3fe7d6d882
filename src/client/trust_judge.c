/* A server's certificates against what this client trusts, and against the other stores. Pure. */
#include "client/trust_store.h"

#include <strings.h>

typedef struct known_list {
    bytes_view *list;
    const trust_other **from; /* NULL: handed in */
    size_t num;
} known_list;

static known_list known_of(arena *a, const trust_store *store, const bytes_view *further, size_t num_further)
{
    size_t max = num_further;
    for (size_t i = 0; i < store->num_others; i++)
        max += store->others[i].num_certificates;
    known_list known = {.list = ARENA_ARRAY(a, max, bytes_view), .from = ARENA_ARRAY(a, max, const trust_other *)};
    for (size_t i = 0; i < num_further; i++)
        known.list[known.num++] = further[i];
    for (size_t i = 0; i < store->num_others; i++)
        for (size_t k = 0; k < store->others[i].num_certificates; k++) {
            known.from[known.num] = &store->others[i];
            known.list[known.num++] = store->others[i].certificates[k];
        }
    return known;
}

static bool lacks_issuer(const trust_judgement *j)
{
    return trust_finding_of(j, TRUST_UNKNOWN_ISSUER) != NULL || trust_finding_of(j, TRUST_SELF_SIGNED) != NULL ||
           trust_finding_of(j, TRUST_INCOMPLETE) != NULL;
}

/* A store that has an intermediate alone does not trust the server; one that would complete the path to an anchor of its own does.
 */
static void find_trusting(arena *a, const trust_store *store, const trust_question *question, client_judgement *out)
{
    for (size_t i = 0; i < store->num_others; i++) {
        const trust_other *other = &store->others[i];
        trust_question asked = *question;
        asked.anchors = other->certificates;
        asked.num_anchors = other->num_certificates;
        if (other->num_certificates > 0 && !lacks_issuer(trust_judge(a, &asked)))
            out->trusted_by[out->num_trusted_by++] = other;
    }
}

/* What was left out of the judgement without hint may be what trusts the server: then the program does not use it here. */
static void find_trusting_of_its_own(arena *a, const trust_store *store, const trust_question *question, client_judgement *out)
{
    bool hint_alone = !store->hint_replaces;
    for (size_t i = 0; i < store->num_sources && out->num_trusted_by < TRUST_OTHERS_MAX; i++) {
        const trust_source *source = &store->sources[i];
        if ((source->origin == TRUST_FROM_TEXT) == hint_alone || source->num_certificates == 0)
            continue;
        trust_question asked = *question;
        asked.anchors = source->certificates;
        asked.num_anchors = source->num_certificates;
        if (lacks_issuer(trust_judge(a, &asked)))
            continue;
        trust_other *other = ARENA_NEW(a, trust_other);
        *other =
            (trust_other){.name = source->origin == TRUST_FROM_TEXT
                                      ? arena_printf(a, "%s, which the program's text names and does not use here,", source->path)
                                      : source->path,
                          .path = source->path,
                          .certificates = source->certificates,
                          .num_certificates = source->num_certificates};
        out->trusted_by[out->num_trusted_by++] = other;
    }
}

static bool is_out_of_time(const trust_judgement *j)
{
    return trust_finding_of(j, TRUST_EXPIRED) != NULL || trust_finding_of(j, TRUST_NOT_YET_VALID) != NULL;
}

static bool are_all_out_of_time(const trust_judgement *j)
{
    bool is_early = trust_finding_of(j, TRUST_NOT_YET_VALID) != NULL;
    for (size_t i = 0; i < j->path_len; i++) {
        const certificate_summary *c = &j->path[i].certificate;
        if (is_early ? c->not_before <= j->now_unix : c->not_after >= j->now_unix)
            return false;
    }
    return j->path_len > 1;
}

/* As OpenSSL does since 1.1.0: its own store before what was sent. */
static bool finds_another_path(arena *a, const trust_question *question)
{
    trust_question asked = *question;
    asked.rules.takes_sent_first = asked.rules.takes_no_other = false;
    return question->rules.takes_sent_first && !is_out_of_time(trust_judge(a, &asked)) && !lacks_issuer(trust_judge(a, &asked));
}

static void judge_clock(arena *a, const trust_question *question, int64_t now_unix, client_judgement *out)
{
    if (!is_out_of_time(out->trust))
        return;
    out->is_all_out_of_time = are_all_out_of_time(out->trust);
    trust_question asked = *question;
    asked.now_unix = now_unix;
    out->has_valid_other_path = finds_another_path(a, question);
    out->would_be_valid_now = now_unix != question->now_unix && !is_out_of_time(trust_judge(a, &asked));
}

static bool turn_to_other_anchors(arena *a, const trust_store *store, trust_question *question, client_judgement *out)
{
    bool hint_alone = !store->hint_replaces;
    question->anchors = hint_alone ? store->anchors_hinted : store->anchors_default;
    question->num_anchors = hint_alone ? store->num_anchors_hinted : store->num_anchors_default;
    out->trust = trust_judge(a, question);
    out->without_hint = true;
    return lacks_issuer(out->trust);
}

/* Nothing is wrong with what it seems to trust, and a file that its text names is among that: it may trust that file alone, or all
 * but that file. */
static void judge_without_hint(arena *a, const trust_store *store, trust_question *question, client_judgement *out)
{
    const trust_judgement *first = out->trust;
    trust_question asked = *question;
    bool may_differ = store->num_anchors_default > 0 && store->has_hint;
    if (first->num_findings == 0 && may_differ && turn_to_other_anchors(a, store, &asked, out)) {
        *question = asked;
        return;
    }
    out->trust = first;
    out->without_hint = false;
}

static bool takes_own_name(const trust_store *store, const char *host)
{
    return store->expected_host == NULL && store->localhost_is != NULL && host != NULL && strcasecmp(host, "localhost") == 0;
}

static const char *host_compared(const trust_store *store, const char *host)
{
    if (store->expected_host != NULL)
        return store->expected_host;
    return takes_own_name(store, host) ? store->localhost_is : host;
}

static trust_question question_of(const trust_store *store, const trust_flight *flight, const char *host, int64_t now_unix,
                                  const known_list *known)
{
    return (trust_question){.sent = flight->certificates,
                            .num_sent = flight->num_certificates,
                            .message_len = flight->message_len,
                            .anchors = store->anchors,
                            .num_anchors = store->num_anchors,
                            .known = known->list,
                            .num_known = known->num,
                            .revocations = store->revocations,
                            .num_revocations = store->num_revocations,
                            .staple = flight->staple,
                            .is_staple_known = flight->is_staple_known,
                            .now_unix = now_unix + store->clock_offset,
                            .host = host_compared(store, host),
                            .rules = store->rules};
}

const trust_judgement *trust_store_judge_alone(arena *a, const trust_store *store, const trust_flight *flight, const char *host,
                                               int64_t now_unix)
{
    known_list known = known_of(a, store, NULL, 0);
    trust_question question = question_of(store, flight, host, now_unix, &known);
    return trust_judge(a, &question);
}

const client_judgement *trust_store_judge(arena *a, const trust_store *store, const trust_flight *flight, const char *host,
                                          int64_t now_unix, const bytes_view *further, size_t num_further)
{
    client_judgement *out = ARENA_NEW(a, client_judgement);
    known_list known = known_of(a, store, further, num_further);
    trust_question question = question_of(store, flight, host, now_unix, &known);
    out->store = store;
    out->took_own_name = takes_own_name(store, host);
    out->trust = trust_judge(a, &question);
    judge_without_hint(a, store, &question, out);
    const trust_finding *incomplete = trust_finding_of(out->trust, TRUST_INCOMPLETE);
    if (incomplete != NULL && incomplete->missing_known >= 0) {
        out->missing_in = known.from[incomplete->missing_known];
        out->missing = &known.list[incomplete->missing_known];
    }
    if (lacks_issuer(out->trust)) {
        find_trusting(a, store, &question, out);
        if (out->without_hint)
            find_trusting_of_its_own(a, store, &question, out);
    }
    judge_clock(a, &question, now_unix, out);
    return out;
}
