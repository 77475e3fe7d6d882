/* Is it the change that makes the difference, or the size that comes with it? Each that helped is tried at the size that it had
 * without, and the size alone. */
#include "diagnose/engine.h"

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

void choose_change(diagnosis *d, const cause *c, change_set set, const trial *of)
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
        choose_change(d, w->cause, w->set, w->of);
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
            choose_change(d, &cause_hello_size_intolerance, w->set, w->of);
        else
            choose_change(d, &cause_hello_size_intolerance,
                          change_set_of((change){.kind = CHANGE_SIZE, .len = trial_message_len(d, w->of)}), &w->twin);
        return;
    }
    choose_change(d, &cause_unknown, d->winners[0].set, d->winners[0].of);
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
        choose_change(d, w->cause, w->set, w->of);
        return;
    }
    choose_size(d);
}
