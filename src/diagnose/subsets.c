/* Where no change helps alone: all together, and which of them are needed. */
#include "diagnose/engine.h"
#include "registry/registry.h"

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
        if (change_set_has_kind(&set, d->full.changes[i].kind))
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
        choose_change(d, &cause_unknown, d->full, &d->full_trial);
}

/* A server that chose the version, and has nothing for it there that the client has: it says so with these (RFC 8446, 6.2), and
 * goes on saying so without the version, where it has nothing for the client either. One that breaks on the version says something
 * else then. */
static bool version_was_understood(const diagnosis *d)
{
    enum { HANDSHAKE_FAILURE = 40, INSUFFICIENT_SECURITY = 71 };
    const answer *control = &d->facts.control;
    bool finds_nothing = control->kind == ANSWER_ALERT &&
                         (control->alert.description == HANDSHAKE_FAILURE || control->alert.description == INSUFFICIENT_SECURITY);
    return finds_nothing && !change_set_has_kind(&d->lead, CHANGE_VERSION_CAPPED);
}

/* Behind what is lacking, where the version is taken out only because all of it is lacking there as well. */
static int rank_in_set(const diagnosis *d, const change_set *set, size_t index)
{
    const change *c = &set->changes[index];
    bool something_lacks = change_set_has_kind(set, CHANGE_SUITES_ADDED) || change_set_has_kind(set, CHANGE_GROUPS_ADDED) ||
                           change_set_has_kind(set, CHANGE_SCHEMES_ADDED);
    if (c->kind == CHANGE_VERSION_CAPPED && something_lacks && version_was_understood(d))
        return RANK_SCHEME + 1;
    return (int)naming_rank_of(cause_of_kind(d, c->kind), c);
}

static size_t first_by_rank(const diagnosis *d, const change_set *set)
{
    size_t best = 0;
    for (size_t i = 1; i < set->num_changes; i++)
        if (rank_in_set(d, set, i) < rank_in_set(d, set, best))
            best = i;
    return best;
}

/* With a key of its own, which a hello of ours cannot have, the client would be taken at the version above as well. */
static bool is_needed_without_key_alone(const change_set *set, const change *c)
{
    for (size_t i = 0; i < set->num_changes; i++)
        if (set->changes[i].kind == CHANGE_SUITES_ADDED && !cipher_suite_goes_by_certificate(set->changes[i].codes.codes[0]))
            return c->kind == CHANGE_VERSION_CAPPED;
    return false;
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
        if (!is_needed_without_key_alone(set, &left.changes[best]))
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
        choose_change(d, &cause_hello_size_intolerance, d->necessary, &d->necessary_trial);
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
    choose_change(d, &cause_unknown, d->full, &d->full_trial);
}
