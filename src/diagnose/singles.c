/* The search for the change that makes the difference: each change alone, and in pairs where none does it alone. */
#include "diagnose/engine.h"
#include "registry/registry.h"

enum { VERSIONS_ASKED_AGAIN_MAX = 2 };

static bool is_version_change(const proposal *p)
{
    return p->change.kind == CHANGE_VERSION_RAISED || p->change.kind == CHANGE_VERSION_LOWERED;
}

/* What is negotiated below a version: of no use alone where there is no version in common. */
static bool needs_a_version(const proposal *p)
{
    return p->change.kind == CHANGE_SUITES_ADDED || p->change.kind == CHANGE_GROUPS_ADDED ||
           p->change.kind == CHANGE_SCHEMES_ADDED || p->change.kind == CHANGE_EXTENDED_MASTER_SECRET;
}

enum naming_rank naming_rank_of(const cause *c, const change *made)
{
    bool encoding = made->kind == CHANGE_SIZE || made->kind == CHANGE_ONE_RECORD || made->kind == CHANGE_GREASE;
    return encoding ? RANK_ENCODING : c->rank;
}

static bool changes_something(diagnosis *d, const trial *t)
{
    bytes_view before, after;
    if (!client_hello_write(d->arena, &d->replayed, &before, NULL) || !client_hello_write(d->arena, &t->hello, &after, NULL))
        return false;
    return !bytes_equal(before, after) || d->facts.evidence->failed->num_client_chunks > 1;
}

/* A version that was refused once is decisive only if it is refused again: a server may fail by chance. */
static void ask_decisive_versions_again(diagnosis *d)
{
    size_t asked = 0;
    for (size_t i = NUM_TRIED_VERSIONS; i-- > 0 && asked < VERSIONS_ASKED_AGAIN_MAX;) {
        if (!facts_client_offers_version(&d->facts, tried_versions[i]) || tried_versions[i] <= d->facts.shared_version)
            continue;
        ask(d, &d->versions[i], 1, 0);
        asked++;
    }
}

static void collect_proposals(diagnosis *d)
{
    d->proposals.num_proposals = 0;
    for (size_t i = 0; i < num_causes; i++)
        if (causes[i]->propose != NULL)
            causes[i]->propose(causes[i], &d->facts, &d->proposals);
}

/* A hello of our own was accepted with the client's header: all of ours but the one for SSL 3.0 have TLS 1.0 there. */
static bool header_is_fine(const diagnosis *d, const change *c)
{
    /* Our hello of SSL 3.0 has another header than the rest. */
    bool ours_had_it = d->base.record_version == 0 && codes_max(d->facts.server_versions) > VERSION_SSL3;
    return c->kind == CHANGE_RECORD_VERSION && d->replayed.record_version == VERSION_TLS10 && ours_had_it;
}

/* Whether a change has no place beside those that are in the set already. */
static bool is_superfluous(const diagnosis *d, const change_set *set, const change *c)
{
    bool name_is_fine = c->kind == CHANGE_NAME_REMOVED && d->base.server_name.len > 0;
    bool is_capped = change_set_has_kind(set, CHANGE_VERSION_CAPPED) && d->facts.shared_version < VERSION_TLS13;
    bool shares_are_gone =
        c->kind == CHANGE_LARGE_SHARES_REMOVED && (is_capped || change_set_has_kind(set, CHANGE_VERSION_LOWERED));
    return header_is_fine(d, c) || change_set_has_kind(set, c->kind) || c->kind == CHANGE_SIZE || name_is_fine || shares_are_gone;
}

change_set full_set(diagnosis *d)
{
    change_set set = {.num_changes = 0};
    for (size_t i = 0; i < d->proposals.num_proposals; i++)
        if (!is_superfluous(d, &set, &d->proposals.proposals[i].change))
            change_set_add(&set, d->proposals.proposals[i].change);
    return set;
}

/* Not one of our own hellos was accepted before it was changed so: what they needed, the client's needs as well. */
static bool was_taught(const diagnosis *d, const change *c)
{
    bool size = d->taught == CHANGE_SIZE && (c->kind == CHANGE_LARGE_SHARES_REMOVED || c->kind == CHANGE_ONE_RECORD);
    return c->kind == d->taught || size;
}

static bool any_was_taught(const diagnosis *d)
{
    for (size_t i = 0; i < d->proposals.num_proposals; i++)
        if (was_taught(d, &d->proposals.proposals[i].change))
            return true;
    return false;
}

static bool has_no_version(const diagnosis *d)
{
    return d->facts.shared_version == 0 && d->facts.server_versions.num_codes > 0;
}

/* What was taught is tried before the rest; without a version in common it cannot be enough. */
static bool tries_taught_first(const diagnosis *d)
{
    return d->has_learnt && !d->taught_was_tried && !has_no_version(d) && any_was_taught(d);
}

/* Not one of our own hellos was accepted without what was taught, so no other change is enough alone: what was taught, and one
 * more. Not where it is of size: the client's hello has another. */
static bool tries_taught_pairs(const diagnosis *d)
{
    return d->lead.num_changes == 0 && d->has_learnt && d->taught_was_tried && !d->pairs_were_tried && !has_no_version(d) &&
           d->taught != CHANGE_SIZE && any_was_taught(d);
}

static bool tries_pairs(const diagnosis *d)
{
    return tries_taught_pairs(d) || (d->lead.num_changes > 0 && !d->pairs_were_tried);
}

/* What is in every pair. */
static change_set pairs_base(const diagnosis *d)
{
    change_set set = {.num_changes = 0};
    if (!tries_taught_pairs(d))
        return d->lead;
    for (size_t i = 0; i < d->proposals.num_proposals && set.num_changes == 0; i++)
        if (was_taught(d, &d->proposals.proposals[i].change))
            change_set_add(&set, d->proposals.proposals[i].change);
    return set;
}

static void plan_single(diagnosis *d, size_t index)
{
    const change *c = &d->proposals.proposals[index].change;
    change_set set = change_set_of(*c);
    if (!header_is_fine(d, c) && trial_plan_changes(d, &d->singles[index], &set) && changes_something(d, &d->singles[index]))
        ask(d, &d->singles[index], 1, 0);
}

/* Where it is the size that matters, something else was taught only because it made our hellos smaller. */
static bool is_of_size(const change *c)
{
    return c->kind == CHANGE_SIZE || c->kind == CHANGE_ONE_RECORD || c->kind == CHANGE_LARGE_SHARES_REMOVED;
}

/* What an alert is usually sent for (RFC 8446, 6.2; RFC 6066, 3; RFC 7301, 3.2): only which pair is tried before the others. */
static bool alert_points_to(const answer *given, const change *c)
{
    enum { HANDSHAKE_FAILURE = 40, UNRECOGNIZED_NAME = 112, NO_APPLICATION_PROTOCOL = 120 };
    if (given->kind != ANSWER_ALERT)
        return false;
    switch (c->kind) {
    case CHANGE_NAME_ADDED:
    case CHANGE_NAME_REMOVED:
        return given->alert.description == UNRECOGNIZED_NAME;
    case CHANGE_ALPN_REMOVED:
        return given->alert.description == NO_APPLICATION_PROTOCOL;
    case CHANGE_SUITES_ADDED:
    case CHANGE_GROUPS_ADDED:
    case CHANGE_SCHEMES_ADDED:
        return given->alert.description == HANDSHAKE_FAILURE;
    default:
        return false;
    }
}

/* The control may have failed by chance, and then all of them are refused otherwise. */
static bool most_are_refused_alike(const diagnosis *d)
{
    size_t alike = 0, others = 0;
    for (size_t i = 0; i < d->proposals.num_proposals; i++)
        if (d->singles[i].asked > 0)
            *(answers_alike(&d->singles[i].last, &d->facts.control) ? &alike : &others) += 1;
    return alike > others || (d->has_learnt && others == 1);
}

static bool is_refused_otherwise(const diagnosis *d, const trial *t)
{
    return t->asked > 0 && t->last.kind == ANSWER_ALERT && !answers_alike(&t->last, &d->facts.control);
}

/* Whether a group or a scheme gets as far as more suites do: then the client's own suites are the server's as well. */
static bool group_or_scheme_does_as_well(const diagnosis *d, const trial *suites)
{
    for (size_t i = 0; i < d->proposals.num_proposals; i++) {
        enum change_kind kind = d->proposals.proposals[i].change.kind;
        if ((kind == CHANGE_GROUPS_ADDED || kind == CHANGE_SCHEMES_ADDED) && is_refused_otherwise(d, &d->singles[i]) &&
            answers_alike(&d->singles[i].last, &suites->last))
            return true;
    }
    return false;
}

/* A single change after which the server refuses for another reason has removed one obstacle of several. */
static void find_lead(diagnosis *d)
{
    bool can_be_told = !d->is_fickle && answers_alike(&d->control.last, &d->facts.control) && most_are_refused_alike(d);
    for (size_t i = 0; can_be_told && i < d->proposals.num_proposals && d->lead.num_changes == 0; i++) {
        const trial *t = &d->singles[i];
        const change *c = &d->proposals.proposals[i].change;
        bool own_suites_do = c->kind == CHANGE_SUITES_ADDED && group_or_scheme_does_as_well(d, t);
        if (!is_refused_otherwise(d, t) || own_suites_do)
            continue;
        d->lead = change_set_of(*c);
        d->lead_answer = t->last;
    }
}

static void plan_pairs(diagnosis *d)
{
    const change_set base = pairs_base(d);
    bool follows_lead = !tries_taught_pairs(d);
    for (size_t i = 0; i < d->proposals.num_proposals; i++) {
        const change *c = &d->proposals.proposals[i].change;
        change_set set = base;
        d->singles[i] = (trial){.planned = false};
        if (is_of_size(c) && !follows_lead)
            plan_single(d, i);
        if (is_of_size(c) || is_superfluous(d, &base, c) || (follows_lead && !alert_points_to(&d->lead_answer, c)))
            continue;
        change_set_add(&set, *c);
        if (trial_plan_changes(d, &d->singles[i], &set))
            ask(d, &d->singles[i], 1, 0);
    }
}

void singles_plan(diagnosis *d)
{
    collect_proposals(d);
    if (d->control.asked < 2 && !d->has_learnt && !d->is_serial)
        ask(d, &d->control, 1, 0); /* once more: a server that is fickle may show it here */
    bool taught = tries_taught_first(d), no_version = has_no_version(d);
    if (tries_pairs(d))
        plan_pairs(d);
    if (d->num_askings > 0 && tries_pairs(d))
        return;
    bool no_pair = tries_pairs(d);
    d->pairs_were_tried = d->pairs_were_tried || no_pair;
    if (no_pair && d->lead.num_changes > 0) { /* the singles were asked before */
        d->stage = STAGE_SUBSET;
        return;
    }
    for (size_t i = 0; i < d->proposals.num_proposals; i++) {
        const proposal *p = &d->proposals.proposals[i];
        d->singles[i] = (trial){.planned = false};
        bool passed_over = no_version && (needs_a_version(p) || (!d->versions_tried && !is_version_change(p)));
        if (!passed_over && (!taught || was_taught(d, &p->change)))
            plan_single(d, i);
    }
    if (!d->versions_asked_again && !taught && !d->is_serial && facts_client_version_max(&d->facts) > d->facts.shared_version)
        ask_decisive_versions_again(d);
    if (no_version && !taught && !d->versions_tried) {
        d->full = full_set(d);
        if (d->full.num_changes > 1 && trial_plan_changes(d, &d->full_trial, &d->full))
            ask(d, &d->full_trial, 1, 0);
    }
    if (d->num_askings == 0)
        decide_unknown(d, NULL);
}

static enum naming_rank rank_of_winner(const winner *w)
{
    return naming_rank_of(w->cause, &w->set.changes[0]);
}

static void add_winner(diagnosis *d, const proposal *p, trial *of)
{
    if (d->num_winners == WINNERS_MAX)
        return;
    enum naming_rank rank = naming_rank_of(p->cause, &p->change);
    size_t place = d->num_winners++;
    while (place > 0 && rank_of_winner(&d->winners[place - 1]) > rank) {
        d->winners[place] = d->winners[place - 1];
        place--;
    }
    d->winners[place] = (winner){.cause = p->cause, .set = change_set_of(p->change), .of = of};
}

static bool versions_changed(diagnosis *d)
{
    uint16_t before = d->facts.shared_version;
    size_t num_before = d->facts.server_versions.num_codes;
    if (num_before == 0)
        return false;
    learn_versions(d);
    return before != d->facts.shared_version || num_before != d->facts.server_versions.num_codes;
}

/* Where a group or a scheme does it with the client's own suites, those are the server's as well. */
static bool suites_are_shared(const diagnosis *d, const trial *trials)
{
    for (size_t i = 0; i < d->proposals.num_proposals; i++) {
        enum change_kind kind = d->proposals.proposals[i].change.kind;
        if ((kind == CHANGE_GROUPS_ADDED || kind == CHANGE_SCHEMES_ADDED) && trial_works(&trials[i]))
            return true;
    }
    return false;
}

/* In the order of naming; `trials` are those of the proposals. */
static bool comes_first(const diagnosis *d, const trial *trials, const proposal *p, const proposal *best)
{
    if (p->change.kind == CHANGE_SUITES_ADDED && suites_are_shared(d, trials))
        return false;
    return best == NULL || naming_rank_of(p->cause, &p->change) < naming_rank_of(best->cause, &best->change);
}

/* A pair that is refused for yet another reason has removed one obstacle more. */
static bool extend_lead(diagnosis *d, const change_set *base)
{
    enum { LEAD_MAX = 2 };
    for (size_t i = 0; d->lead.num_changes > 0 && base->num_changes < LEAD_MAX && i < d->proposals.num_proposals; i++) {
        const trial *t = &d->singles[i];
        bool tells = t->asked > 0 && t->last.kind == ANSWER_ALERT && !answers_alike(&t->last, &d->lead_answer);
        if (!tells || answers_alike(&t->last, &d->facts.control))
            continue;
        change_set_add(&d->lead, d->proposals.proposals[i].change);
        d->lead_answer = t->last;
        d->pairs_were_tried = false;
        return true;
    }
    return false;
}

/* One of size that works alone is a winner like others. Else the first of the pairs in the order of naming is the smallest set, and
 * goes the way of every set. */
static void read_pairs(diagnosis *d)
{
    const proposal *best = NULL;
    const change_set base = pairs_base(d);
    d->pairs_were_tried = true;
    d->num_winners = 0;
    for (size_t i = 0; i < d->proposals.num_proposals; i++) {
        const proposal *p = &d->proposals.proposals[i];
        if (!trial_works(&d->singles[i]))
            continue;
        if (is_of_size(&p->change))
            add_winner(d, p, &d->singles[i]);
        else if (comes_first(d, d->singles, p, best))
            best = p;
    }
    if (d->num_winners == 0 && best == NULL && extend_lead(d, &base))
        return; /* the same stage again, with one more */
    d->stage = d->num_winners > 0 ? STAGE_TWINS : best != NULL ? STAGE_NECESSARY : STAGE_SUBSET;
    if (d->stage != STAGE_NECESSARY)
        return;
    d->necessary = base;
    change_set_add(&d->necessary, best->change);
}

void singles_read(diagnosis *d)
{
    if (tries_pairs(d)) {
        read_pairs(d);
        return;
    }
    bool only_taught = tries_taught_first(d);
    bool first_time = !d->versions_asked_again && !only_taught;
    d->versions_asked_again = d->versions_asked_again || first_time;
    if (first_time && versions_changed(d))
        return; /* the same stage again, with what is known now */
    d->num_winners = 0;
    for (size_t i = 0; i < d->proposals.num_proposals; i++)
        if (trial_works(&d->singles[i]))
            add_winner(d, &d->proposals.proposals[i], &d->singles[i]);
    d->taught_was_tried = true;
    if (d->num_winners == 0 && d->facts.shared_version != 0)
        find_lead(d);
    if (d->num_winners == 0 && only_taught)
        return; /* the same stage again, with all of them */
    bool more_to_try = d->facts.shared_version == 0 && !d->versions_tried && !trial_works(&d->full_trial);
    d->versions_tried = true;
    if (d->num_winners == 0 && more_to_try)
        return; /* the same stage again, with the others */
    d->stage = d->num_winners > 0 ? STAGE_TWINS : tries_pairs(d) ? STAGE_SINGLES : STAGE_SUBSET;
}
