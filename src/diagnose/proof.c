/* From a candidate to a proof: which code of several, which sizes, five and five in turn. */
#include "diagnose/engine.h"
#include "diagnose/statistics.h"

enum { EACH_OF_DROPS = 3, EACH_AT_FIRST = 5, EACH_ELSEWHERE = 2, ADDRESSES_MAX = 4 };
static const size_t totals_of_looks[] = {EACH_AT_FIRST, 10, 20, 40};
/* A look at 10, 20 and 40 of each: three chances to be fooled, so each may be wrong once in 400. */
static const double alpha_of_a_look = 0.0025;

static bool can_be_narrowed(const change *c)
{
    bool several = c->kind == CHANGE_EXTENSIONS_REMOVED || c->kind == CHANGE_SUITES_ADDED || c->kind == CHANGE_SCHEMES_ADDED ||
                   c->kind == CHANGE_GROUPS_ADDED;
    return several && c->codes.num_codes > 1;
}

void candidate_chosen(diagnosis *d)
{
    const change_set *set = &d->candidate.set;
    d->stage = d->candidate.cause == &cause_hello_size_intolerance ? STAGE_SIZES : STAGE_CONFIRM;
    for (size_t i = 0; i < set->num_changes && !d->narrowed && d->stage == STAGE_CONFIRM; i++)
        if (can_be_narrowed(&set->changes[i])) {
            d->narrow_index = i;
            d->stage = STAGE_NARROW;
        }
}

/* ---- which code of several ------------------------------------------------------------------------------------------ */

static change_set set_with_codes(diagnosis *d, code_list codes)
{
    change_set set = d->candidate.set;
    set.changes[d->narrow_index].codes = codes;
    return set;
}

/* Where there are many, each half is tried before the codes alone. */
static size_t num_parts(code_list codes)
{
    enum { HALVED_FROM = 6 };
    return codes.num_codes < HALVED_FROM ? codes.num_codes : 2;
}

static code_list part_of(diagnosis *d, code_list codes, size_t index)
{
    size_t half = codes.num_codes / 2;
    if (num_parts(codes) == codes.num_codes)
        return codes_one(d->arena, codes.codes[index]);
    return index == 0 ? codes_from(d->arena, codes.codes, half) : codes_from(d->arena, codes.codes + half, codes.num_codes - half);
}

/* Of the codes that were added, the one that the server chose; 0 where its answer does not say. */
static uint16_t chosen_code(const diagnosis *d)
{
    const change *added = &d->candidate.set.changes[d->narrow_index];
    const conversation *c = d->change.last_accepted.conversation;
    uint16_t code = added->kind == CHANGE_SUITES_ADDED    ? chosen_suite(c)
                    : added->kind == CHANGE_GROUPS_ADDED  ? chosen_group(c)
                    : added->kind == CHANGE_SCHEMES_ADDED ? chosen_scheme(c)
                                                          : 0;
    return codes_contain(added->codes, code) ? code : 0;
}

void narrow_plan(diagnosis *d)
{
    d->narrow_codes = d->candidate.set.changes[d->narrow_index].codes;
    uint16_t chosen = d->choice_was_tried ? 0 : chosen_code(d);
    d->choice_was_tried = true;
    if (chosen != 0)
        d->narrow_codes = codes_one(d->arena, chosen);
    /* Where the forty are nearly spent, several codes are named in place of one: less exact, and not wrong. */
    bool affordable = can_spend(d, num_parts(d->narrow_codes));
    for (size_t i = 0; i < num_parts(d->narrow_codes) && affordable; i++) {
        change_set set = set_with_codes(d, part_of(d, d->narrow_codes, i));
        d->narrow[i] = (trial){.planned = false};
        if (trial_plan_changes(d, &d->narrow[i], &set))
            ask(d, &d->narrow[i], 1, 0);
    }
    d->narrowed = d->num_askings == 0;
    if (d->narrowed)
        candidate_chosen(d);
}

void narrow_read(diagnosis *d)
{
    bool was_chosen = d->narrow_codes.num_codes == 1;
    d->narrowed = !was_chosen;
    for (size_t i = 0; i < num_parts(d->narrow_codes); i++) {
        if (!trial_works(&d->narrow[i]))
            continue;
        d->candidate.set = set_with_codes(d, part_of(d, d->narrow_codes, i));
        d->change = d->narrow[i];
        d->narrowed = d->candidate.set.changes[d->narrow_index].codes.num_codes == 1;
        break;
    }
    candidate_chosen(d);
}

/* ---- at which sizes it breaks --------------------------------------------------------------------------------------- */

/* Bounds at which such boxes are known to break, and one segment of Ethernet. */
static const size_t usual_sizes[] = {200, 256, 384, 512, 768, 1024, 1280, 1460};

/* Three: where the server is silent, two are asked again alone. */
static void plan_size(diagnosis *d, const client_hello *smaller, size_t len)
{
    client_hello resized;
    if (!can_spend(d, 3) || d->num_sizes == sizeof d->sizes / sizeof *d->sizes ||
        !hello_padded_to(d->arena, smaller, len, &resized))
        return;
    d->sizes[d->num_sizes] = len;
    trial_plan(&d->size_trials[d->num_sizes], &resized);
    ask(d, &d->size_trials[d->num_sizes++], 1, 0);
}

void sizes_plan(diagnosis *d)
{
    size_t own = d->facts.hello_len, changed = trial_message_len(d, &d->change);
    const client_hello *smaller = changed < own ? &d->change.hello : &d->replayed;
    size_t low = changed < own ? changed : own, high = changed < own ? own : changed;
    if (own != changed)
        plan_size(d, smaller, high);
    for (size_t i = 0; i < sizeof usual_sizes / sizeof *usual_sizes; i++)
        if (usual_sizes[i] > low + 4 && usual_sizes[i] < high)
            plan_size(d, smaller, usual_sizes[i]);
    d->stage = d->num_askings == 0 ? STAGE_CONFIRM : STAGE_SIZES;
}

static const char *list_of_sizes(diagnosis *d, bool accepted)
{
    const char *list = NULL;
    for (size_t i = 0; i < d->num_sizes; i++)
        if (trial_works(&d->size_trials[i]) == accepted)
            list = list == NULL ? arena_printf(d->arena, "%zu", d->sizes[i]) : arena_printf(d->arena, "%s, %zu", list, d->sizes[i]);
    return list;
}

void sizes_read(diagnosis *d)
{
    const char *works = list_of_sizes(d, true), *breaks = list_of_sizes(d, false);
    verdict_add_detail(d->arena, &d->verdict,
                       arena_printf(d->arena, "Padded to other sizes, the hello is accepted at %s and refused at %s bytes.",
                                    works == NULL ? "none" : works, breaks == NULL ? "none" : breaks));
    d->stage = STAGE_CONFIRM;
}

/* ---- five and five in turn ------------------------------------------------------------------------------------------ */

static void ask_pairs(diagnosis *d, size_t pairs, size_t address_index)
{
    for (size_t i = 0; i < pairs; i++) {
        ask(d, &d->control, 1, address_index);
        ask(d, &d->change, 1, address_index);
    }
}

/* A trial of its own, so that its figures count only what was asked in turn. */
static void begin_proof(diagnosis *d)
{
    trial control = d->control, changed = d->change;
    trial_plan(&d->control, control.is_binding || control.depth != DEPTH_HELLO ? &control.hello : &d->replayed);
    d->control.keeps_chunks = true;
    d->control.is_binding = control.is_binding;
    d->control.depth = control.depth;
    d->control.last = control.last;
    trial_plan(&d->change, &changed.hello);
    d->change.depth = changed.depth;
    d->change.small_segments = changed.small_segments;
    d->change.keeps_chunks = changed.keeps_chunks;
    d->change.preamble = changed.preamble;
}

/* A verdict on versions stands on those that were refused: asked twice more, beside the proof. */
static void ask_refused_versions(diagnosis *d)
{
    enum { AGAIN = 2, VERSIONS_MAX = 2 };
    size_t asked = 0;
    bool on_versions = d->candidate.cause != NULL && d->candidate.cause->rank == RANK_VERSION;
    for (size_t i = NUM_TRIED_VERSIONS; on_versions && i-- > 0 && asked < VERSIONS_MAX;) {
        if (!facts_client_offers_version(&d->facts, tried_versions[i]) || tried_versions[i] <= d->facts.shared_version)
            continue;
        if (!can_spend(d, AGAIN))
            return;
        ask(d, &d->versions[i], AGAIN, 0);
        asked++;
    }
}

/* That each of several changes is needed, and that the size is what matters, stands on single probes that were refused; a server
 * that fails by chance refuses one in some. */
static void ask_rivals(diagnosis *d)
{
    enum { AGAIN = 2 };
    const change_set *set = &d->candidate.set;
    for (size_t i = 0; i < set->num_changes; i++)
        d->rivals[i] = (trial){.planned = false};
    bool is_size = d->candidate.cause == &cause_hello_size_intolerance; /* then fewer of them may do as well */
    for (size_t i = 0; i < set->num_changes && set->num_changes > 1 && !is_size && can_spend(d, AGAIN); i++) {
        change_set rest = change_set_without(set, i);
        if (trial_plan_changes(d, &d->rivals[i], &rest))
            ask(d, &d->rivals[i], AGAIN, 0);
    }
    if (is_size && d->size_twin.planned && d->size_twin.accepted == 0 && can_spend(d, AGAIN))
        ask(d, &d->size_twin, AGAIN, 0);
}

static bool a_rival_is_accepted(const diagnosis *d)
{
    for (size_t i = 0; i < d->candidate.set.num_changes; i++)
        if (d->rivals[i].accepted > 0)
            return true;
    return d->candidate.cause == &cause_hello_size_intolerance && d->size_twin.accepted > 0 &&
           d->size_twin.accepted < d->size_twin.asked;
}

void confirm_plan(diagnosis *d)
{
    if (d->looks == 0)
        begin_proof(d);
    size_t done = d->looks == 0 ? 0 : totals_of_looks[d->looks - 1];
    ask_pairs(d, totals_of_looks[d->looks] - done, 0);
    if (d->looks == 0)
        ask_refused_versions(d);
    if (d->looks == 0)
        ask_rivals(d);
    for (size_t i = 1; d->looks == 0 && i < d->facts.evidence->num_addresses && i < ADDRESSES_MAX; i++)
        ask_pairs(d, can_spend(d, 2 * EACH_ELSEWHERE) ? EACH_ELSEWHERE : can_spend(d, 2) ? 1 : 0, i);
}

/* One of them was accepted after all: the search begins again with what is known now. */
static bool versions_were_wrong(diagnosis *d)
{
    uint16_t shared = d->facts.shared_version;
    if (d->looks > 1 || d->candidate.cause->rank != RANK_VERSION)
        return false;
    learn_versions(d);
    if (d->facts.shared_version == shared)
        return false;
    d->looks = 0;
    d->full_trial = (trial){.planned = false};
    d->necessary_asked = d->twins_were_asked = d->narrowed = d->choice_was_tried = false;
    for (size_t i = 0; i < 8; i++)
        d->control_seen[i] = d->change_seen[i] = (tally){0};
    d->stage = STAGE_SINGLES;
    return true;
}

/* Where the server is said to break on the highest version, it has to choose one that the client has: the hello that offers less
 * offers all below as well. */
static bool chose_below_the_client(const diagnosis *d, const answer *got)
{
    const conversation *c = got->conversation;
    return d->candidate.cause == &cause_version_intolerance && c != NULL && c->has_server_hello &&
           c->server_hello.version < facts_client_version_min(&d->facts);
}

static void count_pairs(diagnosis *d)
{
    for (size_t i = 0; i < d->num_askings; i++) {
        const asking *a = &d->wave[i];
        if (a->of != &d->control && a->of != &d->change)
            continue;
        tally *t = a->of == &d->control ? &d->control_seen[a->address_index] : &d->change_seen[a->address_index];
        if (answer_accepts(&a->got) && !chose_below_the_client(d, &a->got))
            t->worked++;
        else
            t->failed++;
    }
}

static bool is_proved(const diagnosis *d)
{
    const tally *control = &d->control_seen[0], *changed = &d->change_seen[0];
    if (d->looks == 1)
        return control->worked == 0 && changed->failed == 0 && !d->is_fickle;
    return fisher_probability(control->failed, control->worked, changed->failed, changed->worked) <= alpha_of_a_look;
}

static void tell_undecided(diagnosis *d)
{
    if (search_again(d))
        return;
    const tally *control = &d->control_seen[0], *changed = &d->change_seen[0];
    tell_experiment(d, &d->control, "none", "the client's hello, unchanged");
    tell_experiment(d, &d->change, candidate_name(d), candidate_label(d));
    decide_unknown(
        d, arena_printf(d->arena,
                        "The figures do not decide: the client's own hello failed %zu of %zu times, and %s %zu of %zu times.",
                        control->failed, control->failed + control->worked, candidate_label(d), changed->failed,
                        changed->failed + changed->worked));
}

void confirm_read(diagnosis *d)
{
    count_pairs(d);
    d->looks++;
    if (versions_were_wrong(d))
        return;
    /* That several changes are all needed was found by single probes, which a server that fails by chance makes worthless. */
    bool found_by_luck = d->looks > 1 && d->candidate.set.num_changes > 1;
    if (found_by_luck || (d->looks == 1 && a_rival_is_accepted(d)))
        tell_undecided(d);
    else if (is_proved(d))
        decide(d, d->candidate.cause, PROOF_EXPERIMENT);
    else if (d->looks == sizeof totals_of_looks / sizeof *totals_of_looks)
        tell_undecided(d);
}

/* ---- nothing is accepted ---------------------------------------------------------------------------------------------- */

void confirm_drops_plan(diagnosis *d)
{
    client_hello hello = broad_hello_of_all_versions(d->arena, d->tools, &d->base);
    trial_plan(&d->agreeable, &hello);
    begin_proof(d);
    for (size_t i = 0; i < EACH_OF_DROPS; i++) {
        ask(d, &d->control, 1, 0);
        ask(d, &d->agreeable, 1, 0);
    }
    /* A server that fails by chance may have refused just the one version that it has; chance is seldom silent. */
    for (size_t i = 1; i < NUM_TRIED_VERSIONS; i++)
        ask(d, &d->versions[i], d->control.last.kind == ANSWER_SILENCE ? 1 : 2, 0);
    /* Of the variants first the record's: a box that minds its version refuses every other hello just so. */
    for (size_t i = 0; i < d->num_variants; i++)
        if (d->variant_changes[i].kind == CHANGE_RECORD_VERSION && can_spend(d, 3))
            ask(d, &d->variants[i], 1, 0);
    for (size_t i = d->num_variants; i-- > 0 && can_spend(d, 3);)
        if (d->variant_changes[i].kind != CHANGE_RECORD_VERSION)
            ask(d, &d->variants[i], 1, 0);
}

static bool all_refused_alike(const diagnosis *d)
{
    for (size_t i = 0; i < d->num_askings; i++)
        if (answer_accepts(&d->wave[i].got) || !answers_alike(&d->wave[i].got, &d->wave[0].got))
            return false;
    for (size_t i = 0; i < NUM_TRIED_VERSIONS; i++)
        if (!answers_alike(&d->versions[i].last, &d->wave[0].got) && tried_versions[i] != 0x0300)
            return false;
    return true;
}

static bool some_version_is_accepted(const diagnosis *d)
{
    for (size_t i = 0; i < NUM_TRIED_VERSIONS; i++)
        if (d->versions[i].accepted > 0)
            return true;
    return false;
}

void confirm_drops_read(diagnosis *d)
{
    if (some_version_is_accepted(d)) {
        d->facts.all_were_refused = false;
        learn_versions(d);
        d->stage = STAGE_SINGLES;
        return;
    }
    if (learnt_from_variants(d))
        return;
    count_pairs(d);
    tell_experiment(d, &d->control, "none", "the client's hello, unchanged");
    tell_experiment(d, &d->agreeable, "an agreeable hello", "our own, most agreeable hello");
    d->facts.control = d->wave[0].got;
    if (!all_refused_alike(d)) {
        if (!search_again(d))
            decide_unknown(d, "Every hello that was tried is refused, though not all in the same way.");
        return;
    }
    const cause *c = d->wave[0].got.kind == ANSWER_SILENCE ? &cause_handshake_timeout : &cause_server_drops_all;
    c->tell(&d->facts, NULL, &d->verdict);
    decide(d, c, PROOF_EXPERIMENT);
}
