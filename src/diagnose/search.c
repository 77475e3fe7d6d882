/* The search for the change that makes the difference: single changes, what is only a matter of size, the smallest set. */
#include "diagnose/engine.h"
#include "registry/registry.h"

enum { VERSIONS_ASKED_AGAIN_MAX = 2 };

/* ---- single changes ---------------------------------------------------------------------------------------------- */

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

/* Changes of the encoding leave what is offered as it is: where one of them alone works, nothing offered is at fault. */
static enum naming_rank rank_of(const cause *c, const change *made)
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

static bool set_has_kind(const change_set *set, enum change_kind kind)
{
    for (size_t i = 0; i < set->num_changes; i++)
        if (set->changes[i].kind == kind)
            return true;
    return false;
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
    bool is_capped = set_has_kind(set, CHANGE_VERSION_CAPPED) && d->facts.shared_version < VERSION_TLS13;
    bool shares_are_gone = c->kind == CHANGE_LARGE_SHARES_REMOVED && (is_capped || set_has_kind(set, CHANGE_VERSION_LOWERED));
    return header_is_fine(d, c) || set_has_kind(set, c->kind) || c->kind == CHANGE_SIZE || name_is_fine || shares_are_gone;
}

static change_set full_set(diagnosis *d)
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

static void add_winner(diagnosis *d, const proposal *p, trial *of)
{
    if (d->num_winners == WINNERS_MAX)
        return;
    size_t place = d->num_winners++;
    while (place > 0 &&
           rank_of(d->winners[place - 1].cause, &d->winners[place - 1].set.changes[0]) > rank_of(p->cause, &p->change)) {
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
    return best == NULL || rank_of(p->cause, &p->change) < rank_of(best->cause, &best->change);
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

/* ---- is it the change, or the size that comes with it? ------------------------------------------------------------ */

static bool plan_twin(diagnosis *d, winner *w)
{
    size_t before = d->facts.hello_len, after = trial_message_len(d, w->of);
    w->shrinks = after < before;
    change_set set = w->shrinks ? w->set : (change_set){.num_changes = 0};
    change_set_add(&set, (change){.kind = CHANGE_SIZE, .len = w->shrinks ? before : after});
    enum change_kind kind = w->set.changes[0].kind;
    if (after == before || kind == CHANGE_SIZE || kind == CHANGE_ONE_RECORD)
        return false;
    if (trial_plan_changes(d, &w->twin, &set))
        return true;
    set.changes[set.num_changes - 1].len += 4; /* the gap was less than an extension costs */
    return trial_plan_changes(d, &w->twin, &set);
}

/* The change at the old size fails again, each time; or the new size without the change works, each time. */
static bool twin_tells_size(const winner *w)
{
    if (w->twin.asked == 0)
        return false;
    return w->shrinks ? w->twin.accepted == 0 : w->twin.accepted == w->twin.asked;
}

static bool has_winner(const diagnosis *d, const cause *c)
{
    for (size_t i = 0; i < d->num_winners; i++)
        if (d->winners[i].cause == c)
            return true;
    return false;
}

/* More groups or schemes help, and so do more suites: are the client's own suites the server's as well? */
static void plan_suites_shared(diagnosis *d)
{
    bool doubt = has_winner(d, &cause_no_shared_cipher) &&
                 (has_winner(d, &cause_no_shared_group) || has_winner(d, &cause_no_shared_signature_algorithm));
    if (!doubt)
        return;
    change_set set = {.num_changes = 0};
    change_set_add(&set, (change){.kind = CHANGE_GROUPS_ADDED, .codes = broad_groups(d->arena, d->facts.shared_version)});
    change_set_add(&set, (change){.kind = CHANGE_SCHEMES_ADDED, .codes = broad_schemes(d->arena, d->facts.shared_version)});
    if (trial_plan_changes(d, &d->suites_shared, &set))
        ask(d, &d->suites_shared, 1, 0);
}

static void choose_winner(diagnosis *d);

/* The same offer made smaller is accepted, and refused again at its old size. */
static bool size_proves_itself(const diagnosis *d)
{
    for (size_t i = 0; i < d->num_winners; i++)
        if (d->winners[i].cause == &cause_hello_size_intolerance && twin_tells_size(&d->winners[i]))
            return true;
    return false;
}

/* One probe decides against a change only if two more agree: a server may fail by chance. */
static void ask_telling_twins_again(diagnosis *d)
{
    enum { AGAIN = 2 };
    bool any_tells = false;
    for (size_t i = 0; i < d->num_winners; i++)
        any_tells = any_tells || twin_tells_size(&d->winners[i]);
    for (size_t i = 0; any_tells && i < d->num_winners; i++) {
        winner *w = &d->winners[i];
        if (w->twin.asked == 1 && twin_tells_size(w))
            ask(d, &w->twin, can_spend(d, AGAIN) ? AGAIN : 1, 0);
        else if (!w->twin.planned && !size_proves_itself(d) &&
                 plan_twin(d, w)) /* where size is at fault it may be so with each of them */
            ask(d, &w->twin, 1, 0);
    }
}

static void choose(diagnosis *d, const cause *c, change_set set, const trial *of)
{
    d->candidate = (candidate){.cause = c, .set = set};
    d->change = *of;
    candidate_chosen(d);
}

/* Nothing but the size or the pieces was changed, and it helped: no twin could say more. */
static bool chose_pure_size(diagnosis *d)
{
    for (size_t i = 0; i < d->num_winners; i++) {
        winner *w = &d->winners[i];
        if (w->set.changes[0].kind != CHANGE_SIZE && w->set.changes[0].kind != CHANGE_ONE_RECORD)
            continue;
        choose(d, w->cause, w->set, w->of);
        return true;
    }
    return false;
}

void twins_plan(diagnosis *d)
{
    enum { TWINS_MAX = 2 };
    if (chose_pure_size(d))
        return;
    if (d->twins_were_asked) {
        ask_telling_twins_again(d);
        if (d->num_askings == 0)
            choose_winner(d);
        return;
    }
    for (size_t i = 0; i < d->num_winners; i++)
        if ((i < TWINS_MAX || d->winners[i].cause == &cause_hello_size_intolerance) && plan_twin(d, &d->winners[i]))
            ask(d, &d->winners[i].twin, 1, 0);
    plan_suites_shared(d);
    if (d->num_askings == 0)
        choose_winner(d);
}

void twins_read(diagnosis *d)
{
    d->twins_were_asked = true;
}

static bool winner_holds(const diagnosis *d, const winner *w)
{
    if (w->cause == &cause_no_shared_cipher && trial_works(&d->suites_shared))
        return false;
    bool size_is_its_business = w->set.changes[0].kind == CHANGE_LARGE_SHARES_REMOVED;
    return size_is_its_business ? twin_tells_size(w) : !twin_tells_size(w);
}

/* All that worked did so by its size. */
static void choose_size(diagnosis *d)
{
    for (size_t i = 0; i < d->num_winners; i++) {
        winner *w = &d->winners[i];
        bool another_first = size_proves_itself(d) && w->cause != &cause_hello_size_intolerance;
        if (!twin_tells_size(w) || another_first)
            continue;
        d->size_twin = w->twin;
        if (w->shrinks)
            choose(d, &cause_hello_size_intolerance, w->set, w->of);
        else
            choose(d, &cause_hello_size_intolerance,
                   change_set_of((change){.kind = CHANGE_SIZE, .len = trial_message_len(d, w->of)}), &w->twin);
        return;
    }
    choose(d, &cause_unknown, d->winners[0].set, d->winners[0].of);
}

static void choose_winner(diagnosis *d)
{
    if (size_proves_itself(d)) {
        choose_size(d);
        return;
    }
    for (size_t i = 0; i < d->num_winners; i++) {
        winner *w = &d->winners[i];
        if (!winner_holds(d, w))
            continue;
        d->size_twin = w->twin;
        choose(d, w->cause, w->set, w->of);
        return;
    }
    choose_size(d);
}

/* ---- several changes together -------------------------------------------------------------------------------------- */

static const cause *cause_of_kind(const diagnosis *d, enum change_kind kind)
{
    for (size_t i = 0; i < d->proposals.num_proposals; i++)
        if (d->proposals.proposals[i].change.kind == kind)
            return d->proposals.proposals[i].cause;
    return &cause_unknown;
}

void subset_plan(diagnosis *d)
{
    bool asked_before = d->full_trial.asked > 0;
    if (!asked_before)
        d->full = full_set(d);
    if (d->full.num_changes < 2 || (!asked_before && !trial_plan_changes(d, &d->full_trial, &d->full))) {
        if (!search_again(d))
            decide_unknown(d,
                           "No change of the client's hello was found that this server accepts, though it accepts hellos of ours.");
        return;
    }
    if (!asked_before)
        ask(d, &d->full_trial, 1, 0);
    else if (!trial_works(&d->full_trial)) {
        subset_read(d);
        return;
    }
    for (size_t i = 0; i < d->full.num_changes; i++) {
        change_set rest = change_set_without(&d->full, i);
        if (trial_plan_changes(d, &d->all_but[i], &rest))
            ask(d, &d->all_but[i], 1, 0);
    }
}

void subset_read(diagnosis *d)
{
    if (!trial_works(&d->full_trial)) {
        if (!search_again(d))
            decide_unknown(d,
                           "No change of the client's hello was found that this server accepts, though it accepts hellos of ours.");
        return;
    }
    d->necessary.num_changes = 0;
    for (size_t i = 0; i < d->full.num_changes; i++)
        if (d->all_but[i].asked > 0 && !trial_works(&d->all_but[i]))
            change_set_add(&d->necessary, d->full.changes[i]);
    d->stage = STAGE_NECESSARY;
}

static void plan_necessary_and_one(diagnosis *d)
{
    for (size_t i = 0; i < d->full.num_changes; i++) {
        change_set set = d->necessary;
        d->necessary_and[i] = (trial){.planned = false};
        if (set_has_kind(&set, d->full.changes[i].kind))
            continue;
        change_set_add(&set, d->full.changes[i]);
        if (trial_plan_changes(d, &d->necessary_and[i], &set))
            ask(d, &d->necessary_and[i], 1, 0);
    }
}

/* Each of them was found by one probe that failed: without it once more. Of two, each alone is a single change that failed. */
static void plan_necessary_without_one(diagnosis *d)
{
    size_t num = d->necessary.num_changes;
    bool affordable = can_spend(d, num + 4);
    for (size_t i = 0; i < num; i++)
        d->necessary_but[i] = (trial){.planned = false};
    for (size_t i = 0; i < num && (num > 2 || d->pairs_were_tried) && affordable; i++) {
        change_set set = change_set_without(&d->necessary, i);
        if (trial_plan_changes(d, &d->necessary_but[i], &set))
            ask(d, &d->necessary_but[i], 1, 0);
    }
}

/* The same set at the client's own size, where it makes the hello smaller. */
static void plan_necessary_twin(diagnosis *d)
{
    change_set set = d->necessary;
    if (trial_message_len(d, &d->necessary_trial) >= d->facts.hello_len)
        return;
    change_set_add(&set, (change){.kind = CHANGE_SIZE, .len = d->facts.hello_len});
    if (trial_plan_changes(d, &d->size_twin, &set))
        ask(d, &d->size_twin, can_spend(d, 2) ? 2 : 1, 0);
}

void necessary_plan(diagnosis *d)
{
    if (!d->necessary_asked && d->necessary.num_changes > 0 && trial_plan_changes(d, &d->necessary_trial, &d->necessary)) {
        bool is_short = !can_spend(d, 2) && d->size_twin.asked == 0;
        plan_necessary_twin(d);
        if (!is_short || d->num_askings == 0) /* at the client's own size it says as much, if it is accepted */
            ask(d, &d->necessary_trial, 1, 0);
        plan_necessary_without_one(d);
    }
    if (d->num_askings == 0)
        plan_necessary_and_one(d);
    if (d->num_askings == 0)
        choose(d, &cause_unknown, d->full, &d->full_trial);
}

static size_t first_by_rank(const diagnosis *d, const change_set *set)
{
    size_t best = 0;
    for (size_t i = 1; i < set->num_changes; i++)
        if (rank_of(cause_of_kind(d, set->changes[i].kind), &set->changes[i]) <
            rank_of(cause_of_kind(d, set->changes[best].kind), &set->changes[best]))
            best = i;
    return best;
}

/* The cause is what has to be removed first, in the order of naming; the others follow in `also`. */
static void choose_set(diagnosis *d, const change_set *set, const trial *of)
{
    change_set left = *set;
    size_t best = first_by_rank(d, &left);
    d->candidate = (candidate){.cause = cause_of_kind(d, left.changes[best].kind), .set = *set};
    left = change_set_without(&left, best);
    while (left.num_changes > 0) {
        best = first_by_rank(d, &left);
        d->candidate.also[d->candidate.num_also++] = cause_of_kind(d, left.changes[best].kind);
        left = change_set_without(&left, best);
    }
    d->change = *of;
    candidate_chosen(d);
}

/* One of them was not needed: the stage again, with the others. */
static bool found_a_smaller_set(diagnosis *d)
{
    for (size_t i = 0; i < d->necessary.num_changes && d->necessary.num_changes > 1; i++) {
        if (!trial_works(&d->necessary_but[i]))
            continue;
        d->necessary = change_set_without(&d->necessary, i);
        d->necessary_asked = false;
        d->necessary_trial = d->size_twin = (trial){.planned = false};
        return true;
    }
    return false;
}

void necessary_read(diagnosis *d)
{
    bool twin_alone = d->necessary_trial.asked == 0 && d->size_twin.asked > 0;
    if (twin_alone && trial_works(&d->size_twin)) {
        choose_set(d, &d->necessary, &d->necessary_trial);
        return;
    }
    if (twin_alone && !d->necessary_asked)
        return; /* the same stage again, with both */
    bool first_time = !d->necessary_asked && d->necessary_trial.asked > 0;
    d->necessary_asked = true;
    if (first_time && found_a_smaller_set(d))
        return;
    if (first_time && trial_works(&d->necessary_trial) && d->size_twin.asked > 0 && d->size_twin.accepted == 0) {
        choose(d, &cause_hello_size_intolerance, d->necessary, &d->necessary_trial);
        return;
    }
    if (first_time && trial_works(&d->necessary_trial)) {
        choose_set(d, &d->necessary, &d->necessary_trial);
        return;
    }
    if (first_time)
        return; /* the same stage again: one more with them */
    for (size_t i = 0; i < d->full.num_changes; i++) {
        if (!trial_works(&d->necessary_and[i]))
            continue;
        change_set set = d->necessary;
        change_set_add(&set, d->full.changes[i]);
        choose_set(d, &set, &d->necessary_and[i]);
        return;
    }
    choose(d, &cause_unknown, d->full, &d->full_trial);
}
