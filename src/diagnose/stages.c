/* The stages' table; the control, the versions that the server takes, and what follows where the control was accepted. The others
 * have files of their own. */
#include "diagnose/engine.h"
#include "registry/registry.h"

enum { ALERT_PROTOCOL_VERSION = 70, CONTROLS_AGAIN = 9 };

/* ---- control and versions ------------------------------------------------------------------------------------------ */

bool says_protocol_version(const trial *t)
{
    return t->asked > 0 && t->last.kind == ANSWER_ALERT && t->last.alert.description == ALERT_PROTOCOL_VERSION;
}

static void plan_versions(diagnosis *d)
{
    size_t lowest =
        d->stage == STAGE_VERSIONS && facts_client_version_max(&d->facts) > VERSION_TLS10 ? 1 : 0; /* SSL 3.0 was tried */
    for (size_t i = NUM_TRIED_VERSIONS; i-- > lowest;) {
        client_hello hello = broad_hello(d->arena, d->tools, tried_versions[i], &d->base);
        trial_plan(&d->versions[i], &hello);
        ask(d, &d->versions[i], 1, 0);
    }
}

static void first_plan(diagnosis *d)
{
    trial_plan(&d->control, &d->replayed);
    d->control.keeps_chunks = true;
    ask(d, &d->control, 1, 0);
    plan_versions(d);
}

/* No version in common: what the server likes at the version that the client would have to go to. */
static void learn_agreeable(diagnosis *d)
{
    facts *f = &d->facts;
    for (size_t i = 0; f->agreeable == NULL && i < NUM_TRIED_VERSIONS; i++)
        if (f->broad[i] != NULL && tried_versions[i] > facts_client_version_max(f))
            f->agreeable = f->broad[i];
    for (size_t i = NUM_TRIED_VERSIONS; f->agreeable == NULL && i-- > 0;)
        if (f->broad[i] != NULL)
            f->agreeable = f->broad[i];
}

/* Whether any of the client's versions is the server's; and the conversation that shows what the server likes there. */
void learn_versions(diagnosis *d)
{
    facts *f = &d->facts;
    f->server_versions = (code_list){.codes = ARENA_ARRAY(d->arena, NUM_TRIED_VERSIONS, uint16_t)};
    f->server_versions_refused = (code_list){.codes = ARENA_ARRAY(d->arena, NUM_TRIED_VERSIONS, uint16_t)};
    f->shared_version = 0;
    f->agreeable = NULL;
    for (size_t i = 0; i < NUM_TRIED_VERSIONS; i++) {
        const conversation *c = d->versions[i].last_accepted.conversation;
        /* A server that answers with another version than the one asked for has not accepted this one. */
        bool accepted = d->versions[i].accepted > 0 && (!c->has_server_hello || c->server_hello.version == tried_versions[i]);
        code_list *list = accepted ? &f->server_versions : &f->server_versions_refused;
        list->codes[list->num_codes++] = tried_versions[i];
        f->broad[i] = accepted ? c : NULL;
        if (accepted && facts_client_offers_version(f, tried_versions[i])) {
            f->shared_version = tried_versions[i];
            f->agreeable = c;
        }
    }
    learn_agreeable(d);
}

/* Our hello for SSL 3.0 has no extension and no name. Where it alone was accepted, and no other was refused as a version, those may
 * be what the others were refused for. */
static bool only_the_bare_hello_was_accepted(const diagnosis *d)
{
    return codes_max(d->facts.server_versions) == VERSION_SSL3 && facts_client_version_max(&d->facts) > VERSION_SSL3;
}

static const conversation *accepted_variant(const diagnosis *d)
{
    for (size_t i = 0; i < d->num_variants; i++)
        if (d->variants[i].accepted > 0)
            return d->variants[i].last_accepted.conversation;
    return NULL;
}

static void versions_read(diagnosis *d)
{
    learn_versions(d);
    bool any_accepted = d->facts.server_versions.num_codes > 0;
    if (!d->has_learnt && (!any_accepted || only_the_bare_hello_was_accepted(d)))
        d->stage = STAGE_NAMES;
    else
        d->stage = any_accepted || d->has_learnt ? STAGE_SINGLES : STAGE_SILENT_UPGRADES;
    /* A variant was accepted, though none of the versions alone: what it was answered is what is known. */
    if (d->has_learnt && d->facts.agreeable == NULL)
        d->facts.agreeable = accepted_variant(d);
}

/* What a client authenticated with is not said again: a proxy that let it pass may refuse us, which tells nothing of the server. */
static bool is_kept_out(const diagnosis *d)
{
    const conversation *c = d->facts.evidence->failed;
    return d->control.last.kind == ANSWER_PREAMBLE_REFUSED && c != NULL && c->preamble.complete;
}

static const char *kept_out_text(const diagnosis *d)
{
    const conversation *own = d->control.last.conversation;
    int status = own == NULL ? 0 : own->preamble.status;
    const bool wants_login = status == 407; /* RFC 9110, 15.5.8 */
    return arena_printf(
        d->arena,
        "The failure could not be tried again: what leads to the server let the client pass, and refuses us before TLS%s. "
        "What the client authenticated itself with is not said again.%s",
        status == 0 ? "" : arena_printf(d->arena, " (status %d)", status),
        wants_login ? " With tlswhy check --proxy http://USER:PASSWORD@PROXY it is, and the clients of this machine are tried."
                    : "");
}

static void first_read(diagnosis *d)
{
    d->facts.control = d->control.last;
    if (is_kept_out(d)) {
        decide_unknown(d, kept_out_text(d));
        return;
    }
    if (d->control.last.kind == ANSWER_NOT_CONNECTED || d->control.last.kind == ANSWER_FAILED) {
        decide_unknown(
            d, arena_printf(d->arena, "The failure could not be tried again: %s.", answer_text(d->arena, &d->control.last)));
        return;
    }
    if (trial_works(&d->control))
        d->stage = STAGE_AGAIN;
    else
        versions_read(d);
}

/* ---- the control worked --------------------------------------------------------------------------------------------- */

static void again_plan(diagnosis *d)
{
    size_t num = d->facts.evidence->num_addresses;
    size_t times = d->control.asked == 0 ? CONTROLS_AGAIN + 1 : CONTROLS_AGAIN;
    for (size_t i = 0; i < times; i++)
        ask(d, &d->control, 1, num > 1 && i % 3 == 2 ? 1 + i / 3 % (num - 1) : 0);
}

static void again_read(diagnosis *d)
{
    size_t failed = d->control.asked - d->control.accepted;
    if (d->control.accepted * 2 < d->control.asked) { /* it was luck: mostly it fails */
        d->facts.control = d->control.last_failure;
        versions_read(d);
        return;
    }
    if (failed == 0 && try_resumption(d))
        return;
    tell_experiment(d, &d->control, "none", "the client's hello, unchanged");
    learn_versions(d);
    tell_server(d);
    const char *times = arena_printf(d->arena, "%zu of %zu times", d->control.accepted, d->control.asked);
    decide_unknown(
        d,
        failed == 0
            ? arena_printf(
                  d->arena,
                  "The same hello, sent again, was accepted %s: the failure lies elsewhere, or does not happen every time.", times)
            : arena_printf(d->arena, "The failure does not happen every time: the same hello was accepted %s.", times));
}

const stage stages[STAGE_COUNT] = {
    [STAGE_OBSERVE] = {observe_plan, NULL},
    [STAGE_PLAIN] = {plain_plan, plain_read},
    [STAGE_UPGRADE] = {upgrade_plan, upgrade_read},
    [STAGE_FIRST] = {first_plan, first_read},
    [STAGE_FLIGHT] = {flight_plan, flight_read},
    [STAGE_FETCH] = {fetch_plan, NULL},
    [STAGE_REQUEST] = {request_plan, request_read},
    [STAGE_SEGMENTS] = {segments_plan, segments_read},
    [STAGE_AGAIN] = {again_plan, again_read},
    [STAGE_NAMES] = {names_plan, variants_read},
    [STAGE_VARIANTS] = {variants_plan, variants_read},
    [STAGE_SILENT_UPGRADES] = {silent_upgrades_plan, silent_upgrades_read},
    [STAGE_VERSIONS] = {plan_versions, versions_read},
    [STAGE_SINGLES] = {singles_plan, singles_read},
    [STAGE_TWINS] = {twins_plan, twins_read},
    [STAGE_SUBSET] = {subset_plan, subset_read},
    [STAGE_NECESSARY] = {necessary_plan, necessary_read},
    [STAGE_NARROW] = {narrow_plan, narrow_read},
    [STAGE_SIZES] = {sizes_plan, sizes_read},
    [STAGE_CONFIRM] = {confirm_plan, confirm_read},
    [STAGE_CONFIRM_DROPS] = {confirm_drops_plan, confirm_drops_read},
};
