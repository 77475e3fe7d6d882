/* The verdict: what was found, in the words of its cause, with the experiments that show it. */
#include "diagnose/engine.h"
#include "registry/registry.h"
#include <string.h>

enum { EXPERIMENTS_MAX = 16 };

void tell_experiment(diagnosis *d, const trial *t, const char *name, const char *label)
{
    verdict *v = &d->verdict;
    if (v->experiments == NULL)
        v->experiments = ARENA_ARRAY(d->arena, EXPERIMENTS_MAX, experiment);
    if (t->asked == 0 || v->num_experiments == EXPERIMENTS_MAX)
        return;
    bool mostly_works = trial_works(t);
    const answer *shown = mostly_works ? &t->last_accepted : t->accepted == t->asked ? &t->last : &t->last_failure;
    v->experiments[v->num_experiments++] = (experiment){.change = name,
                                                        .label = label,
                                                        .result = answer_text(d->arena, shown),
                                                        .times = t->asked,
                                                        .agreed = mostly_works ? t->accepted : t->asked - t->accepted,
                                                        .hello = t->last_bytes};
}

static code_list one_code_list(diagnosis *d, uint16_t code)
{
    return code == 0 ? (code_list){0} : codes_one(d->arena, code);
}

static void add_seen_of(diagnosis *d, const conversation *c)
{
    verdict *v = &d->verdict;
    arena *a = d->arena;
    if (c == NULL)
        return;
    v->server_cipher_suites = codes_joined(a, v->server_cipher_suites, one_code_list(d, chosen_suite(c)));
    v->server_groups = codes_joined(a, v->server_groups, one_code_list(d, chosen_group(c)));
    v->server_signature_schemes = codes_joined(a, v->server_signature_schemes, one_code_list(d, chosen_scheme(c)));
    if (v->num_certificates == 0 && c->certificates.num_certificates > 0) {
        v->certificates = c->certificates.certificates;
        v->num_certificates = c->certificates.num_certificates;
    }
}

void tell_server(diagnosis *d)
{
    verdict *v = &d->verdict;
    v->server_versions = d->facts.server_versions;
    v->server_versions_refused = d->facts.server_versions_refused;
    for (size_t i = NUM_TRIED_VERSIONS; i-- > 0;)
        add_seen_of(d, d->facts.broad[i]);
    add_seen_of(d, d->change.last_accepted.conversation);
    const server_flight *flight = d->facts.flight; /* what TLS 1.3 shows to a probe alone */
    if (v->num_certificates == 0 && flight != NULL) {
        v->certificates = flight->certificates.certificates;
        v->num_certificates = flight->certificates.num_certificates;
    }
}

static void tell_seen(diagnosis *d)
{
    const evidence *e = d->facts.evidence;
    verdict *v = &d->verdict;
    size_t num = e->num_addresses < 8 ? e->num_addresses : 8;
    v->seen = ARENA_ARRAY(d->arena, num, seen);
    for (size_t i = 0; i < num; i++) {
        const tally *control = &d->control_seen[i], *changed = &d->change_seen[i];
        if (control->failed + control->worked + changed->failed + changed->worked == 0)
            continue;
        v->seen[v->num_seen++] = (seen){.address = e->addresses[i],
                                        .control_failed = control->failed,
                                        .control_worked = control->worked,
                                        .change_failed = changed->failed,
                                        .change_worked = changed->worked};
    }
}

/* "Only at 192.0.2.7": where another address takes the client's own hello. */
static void tell_address(diagnosis *d)
{
    const evidence *e = d->facts.evidence;
    for (size_t i = 1; i < e->num_addresses && i < 8; i++) {
        if (d->control_seen[i].worked == 0 || d->control_seen[i].failed > 0)
            continue;
        d->verdict.headline = arena_printf(d->arena, "%s Only at %s: at %s the client's own hello is accepted.",
                                           d->verdict.headline, e->addresses[0], e->addresses[i]);
        return;
    }
    if (d->control_seen[0].worked > 0)
        d->verdict.headline =
            arena_printf(d->arena, "%s It does not happen every time: the client's own hello failed %zu of %zu times.",
                         d->verdict.headline, d->control_seen[0].failed, d->control_seen[0].failed + d->control_seen[0].worked);
}

static void finish(diagnosis *d, const cause *c, enum proof proof)
{
    verdict *v = &d->verdict;
    v->cause = c->id;
    v->where = c->where;
    v->proof = proof;
    tell_server(d);
    tell_seen(d);
    if (d->left_out_resumption)
        verdict_add_detail(d->arena, v,
                           "The replays leave out the client's pre-shared key, early data and cookie, which cannot be made again.");
    v->fetched = d->facts.fetched;
    v->num_fetched = d->facts.num_fetched;
    v->num_connections = d->num_connections;
    v->num_waves = d->num_waves;
    d->stage = STAGE_DECIDED;
}

/* The change that a cause would tell: the one of its own among several. */
static const change *change_to_tell(const diagnosis *d, const cause *of)
{
    const change_set *set = &d->candidate.set;
    for (size_t i = 0; i < set->num_changes; i++)
        for (size_t p = 0; p < d->proposals.num_proposals; p++)
            if (d->proposals.proposals[p].cause == of && d->proposals.proposals[p].change.kind == set->changes[i].kind)
                return &set->changes[i];
    return set->num_changes > 0 ? &set->changes[0] : NULL;
}

/* What removes another obstacle, in the words of its own cause, and said to be for that one. */
static void tell_remedies_of_also(diagnosis *d, const cause *other)
{
    verdict told = {.cause = other->id};
    const change *own = change_to_tell(d, other);
    if (other->tell == NULL || own == NULL)
        return;
    d->facts.proved = own;
    other->tell(&d->facts, own, &told);
    for (size_t i = 0; i < told.num_remedies; i++) {
        remedy r = told.remedies[i];
        r.of_cause = other->id;
        r.text = arena_printf(d->arena, "Also needed, for %s: %s", other->id, r.text);
        verdict_add_remedy(d->arena, &d->verdict, r);
    }
}

static void tell_also(diagnosis *d)
{
    verdict *v = &d->verdict;
    v->also = ARENA_ARRAY(d->arena, d->candidate.num_also, const char *);
    for (size_t i = 0; i < d->candidate.num_also; i++) {
        v->also[v->num_also++] = d->candidate.also[i]->id;
        tell_remedies_of_also(d, d->candidate.also[i]);
    }
}

const char *candidate_name(const diagnosis *d)
{
    const candidate *c = &d->candidate;
    if (c->cause == &cause_starttls_needed)
        return arena_printf(d->arena, "upgrade %s first", protocol_name(c->upgrade));
    return c->name != NULL ? c->name : change_set_name(d->arena, &c->set);
}

const char *candidate_label(const diagnosis *d)
{
    const candidate *c = &d->candidate;
    if (c->cause == &cause_starttls_needed)
        return arena_printf(d->arena, "the same, after the upgrade of %s", protocol_name(c->upgrade));
    return arena_printf(d->arena, "the same, %s", c->label != NULL ? c->label : change_set_label(d->arena, &c->set));
}

static void tell_candidate(diagnosis *d)
{
    arena *a = d->arena;
    const change_set *set = &d->candidate.set;
    change upgrade = {.kind = CHANGE_KIND_COUNT, .code = (uint16_t)d->candidate.upgrade};
    bool is_upgrade = d->candidate.cause == &cause_starttls_needed;
    const char *name = candidate_name(d), *label = candidate_label(d);
    tell_experiment(d, &d->control, "none", "the client's hello, unchanged");
    tell_experiment(d, &d->change, name, label);
    if (d->candidate.cause == &cause_hello_size_intolerance && d->size_twin.asked > 0)
        tell_experiment(d, &d->size_twin, "padded back", "that, at the client's own size");
    d->facts.proved = change_to_tell(d, d->candidate.cause);
    d->facts.proved_is_enough = set->num_changes == 1 && !is_upgrade;
    if (d->candidate.cause->tell != NULL)
        d->candidate.cause->tell(&d->facts, is_upgrade ? &upgrade : d->facts.proved, &d->verdict);
    if (d->candidate.num_also > 0)
        verdict_add_detail(a, &d->verdict,
                           arena_printf(a, "That alone is not enough: only with all of this does the server accept: %s.",
                                        change_set_label(a, set)));
}

void decide(diagnosis *d, const cause *c, enum proof proof)
{
    bool from_candidate = d->candidate.cause != NULL && proof == PROOF_EXPERIMENT;
    if (from_candidate && c == &cause_unknown) {
        tell_candidate(d);
        decide_unknown(
            d,
            arena_printf(d->arena, "Nothing in the catalogue explains this. The smallest change found that the server accepts: %s.",
                         change_set_label(d->arena, &d->candidate.set)));
        return;
    }
    if (from_candidate) {
        tell_candidate(d);
        d->verdict.changes = arena_copy(d->arena, &d->candidate.set, sizeof d->candidate.set);
        tell_also(d);
        tell_address(d);
    }
    finish(d, c, proof);
}

void decide_unknown(diagnosis *d, const char *headline)
{
    d->verdict.headline = headline;
    if (d->verdict.num_experiments == 0)
        tell_experiment(d, &d->control, "none", "the client's hello, unchanged");
    cause_unknown.tell(&d->facts, NULL, &d->verdict);
    finish(d, &cause_unknown, PROOF_NONE);
}
