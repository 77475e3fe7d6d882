/* The stages up to where the search for a change begins: what is plain, the control, and what the server takes at all. */
#include "causes/after_hello.h"
#include "client/trust_store.h"
#include "diagnose/engine.h"
#include "diagnose/own_keys.h"
#include "registry/registry.h"
#include <errno.h>
#include <string.h>

enum { ALERT_PROTOCOL_VERSION = 70 };
enum { CONTROLS_AGAIN = 9, EXTENSION_EXTENDED_MASTER_SECRET = 23 };

/* ---- what is plain without a probe ------------------------------------------------------------------------------ */

/* What is firm goes first: a guess of one cause must not stand before what another one knows. */
static bool observed_by_some_cause(diagnosis *d)
{
    for (int round = 0; round < 2; round++) {
        d->facts.takes_guesses = round > 0;
        for (size_t i = 0; i < num_causes; i++)
            if (causes[i]->observe != NULL && causes[i]->observe(&d->facts, &d->verdict)) {
                decide(d, causes[i], d->verdict.proof);
                return true;
            }
    }
    return false;
}

static void go_on_after_a_cut(diagnosis *d)
{
    if (may_be_asked_after_handshake(&d->facts))
        d->stage = STAGE_REQUEST;
    else
        decide_unknown(d, NULL);
}

/* The client had no time to say hello before the server ended it, or waited for the server to begin. */
static bool is_left_unsaid(const conversation *c)
{
    bool ended_by_server = c->has_first_end && c->first_end == SIDE_SERVER && c->client_len == 0 && c->server_len == 0;
    return ended_by_server || conversation_waited_in_vain(c);
}

static void observe_plan(diagnosis *d)
{
    const conversation *c = d->facts.evidence->failed;
    bool server_plain = c != NULL && c->client_spoke_tls && !c->server_spoke_tls && c->server_first_bytes.len > 0;
    bool never_begun = c != NULL && preamble_was_in_vain(&c->preamble);
    if (c != NULL && ((!c->client_spoke_tls && c->client_first_bytes.len > 0 && !never_begun) || is_left_unsaid(c)))
        d->stage = STAGE_PLAIN;
    else if (server_plain && c->has_hello && protocol_upgrades(protocol_of_greeting(c->server_first_bytes, c->port)))
        d->stage = STAGE_UPGRADE;
    else if (observed_by_some_cause(d))
        return;
    else if (c == NULL || !c->has_hello)
        decide_unknown(d, NULL);
    else if (conversation_was_cut(c) && d->facts.evidence->refusal == NULL)
        go_on_after_a_cut(d);
    else if (answer_accepts(&d->facts.failure) || (d->facts.failure.kind == ANSWER_SILENCE && c->has_server_hello))
        d->stage = STAGE_FLIGHT;
    else
        d->stage = STAGE_FIRST;
}

static void plain_plan(diagnosis *d)
{
    client_hello all = broad_hello_of_all_versions(d->arena, d->tools, &d->base);
    client_hello old = broad_hello(d->arena, d->tools, VERSION_TLS12, &d->base);
    trial_plan(&d->variants[0], &all);
    trial_plan(&d->variants[1], &old);
    ask(d, &d->variants[0], 1, 0);
    ask(d, &d->variants[1], 1, 0);
}

/* A reset may come before the connection is known to be up. */
static bool ended_unanswered(const answer *a)
{
    return a->kind == ANSWER_RESET || a->kind == ANSWER_CLOSED ||
           (a->kind == ANSWER_NOT_CONNECTED && a->connect_errno == ECONNRESET);
}

/* Nothing was said: both of our hellos have to be refused in the way that the client's connection was ended. */
static void refused_before_hello(diagnosis *d)
{
    bool is_dropped = ended_unanswered(&d->variants[0].last) && ended_unanswered(&d->variants[1].last);
    d->facts.control = d->variants[0].last;
    if (!is_dropped || conversation_waited_in_vain(d->facts.evidence->failed)) {
        decide_unknown(d, NULL);
        return;
    }
    cause_server_drops_all.tell(&d->facts, NULL, &d->verdict);
    decide(d, &cause_server_drops_all, PROOF_OBSERVED);
}

static void plain_read(diagnosis *d)
{
    const trial *taken = d->variants[0].accepted > 0 ? &d->variants[0] : &d->variants[1];
    const conversation *failed = d->facts.evidence->failed;
    if (taken->accepted == 0 && failed->client_len == 0) {
        refused_before_hello(d);
        return;
    }
    if (taken->accepted > 0 && failed->client_len == 0 && !conversation_waited_in_vain(failed)) {
        decide_unknown(d, "The server ended this connection before the client had said anything; asked again, it takes a hello.");
        return;
    }
    if (taken->accepted == 0) {
        decide_unknown(d, "The client speaks in clear, and the server does not take TLS either.");
        return;
    }
    d->facts.agreeable = taken->last_accepted.conversation;
    tell_experiment(d, taken, "a TLS hello of our own", "a TLS hello of our own");
    cause_client_speaks_plain.tell(&d->facts, NULL, &d->verdict);
    decide(d, &cause_client_speaks_plain, failed->client_len == 0 ? PROOF_INFERRED : PROOF_OBSERVED);
}

/* ---- protocols that upgrade --------------------------------------------------------------------------------------- */

static void upgrade_plan(diagnosis *d)
{
    const conversation *c = d->facts.evidence->failed;
    client_hello own = broad_hello_of_all_versions(d->arena, d->tools, &d->base);
    trial_plan(&d->upgrades[0], &d->replayed);
    trial_plan(&d->upgrades[1], &own);
    for (size_t i = 0; i < 2; i++) {
        d->upgrades[i].preamble = protocol_of_greeting(c->server_first_bytes, c->port);
        ask(d, &d->upgrades[i], 1, 0);
    }
}

static void upgrade_chosen(diagnosis *d, const trial *t)
{
    d->candidate = (candidate){.cause = &cause_starttls_needed, .upgrade = t->preamble};
    d->change = *t;
    candidate_chosen(d);
}

static void upgrade_read(diagnosis *d)
{
    if (d->upgrades[0].accepted + d->upgrades[1].accepted > 0) {
        upgrade_chosen(d, d->upgrades[0].accepted > 0 ? &d->upgrades[0] : &d->upgrades[1]);
        return;
    }
    if (!observed_by_some_cause(d))
        decide_unknown(d, NULL);
}

/* Those whose server waits for the client: nothing it says tells which one it is. */
static const enum protocol silent_protocols[] = {PROTOCOL_POSTGRESQL, PROTOCOL_LDAP, PROTOCOL_XMPP, PROTOCOL_RDP, PROTOCOL_IRC};

static void silent_upgrades_plan(diagnosis *d)
{
    for (size_t i = 0; i < sizeof silent_protocols / sizeof *silent_protocols; i++) {
        trial_plan(&d->upgrades[i], &d->replayed);
        d->upgrades[i].preamble = silent_protocols[i];
        ask(d, &d->upgrades[i], 1, 0);
    }
}

static void silent_upgrades_read(diagnosis *d)
{
    for (size_t i = 0; i < sizeof silent_protocols / sizeof *silent_protocols; i++)
        if (d->upgrades[i].accepted > 0) {
            upgrade_chosen(d, &d->upgrades[i]);
            return;
        }
    d->facts.all_were_refused = true;
    if (!observed_by_some_cause(d))
        d->stage = STAGE_CONFIRM_DROPS;
}

/* ---- control and versions ------------------------------------------------------------------------------------------ */

static bool says_protocol_version(const trial *t)
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

/* ---- after the hellos -------------------------------------------------------------------------------------------------- */

/* With keys of ours, so that the server's flight can be read; a group whose keys cannot be made takes one probe more, without it.
 */
static void flight_plan(diagnosis *d)
{
    client_hello own;
    bool can_read = hello_with_own_keys(d->arena, d->tools, &d->replayed, &own);
    trial_plan(&d->control, &own);
    d->control.keeps_chunks = true;
    d->control.depth = DEPTH_FINISH;
    ask(d, &d->control, 1, 0);
    if (can_read)
        return;
    own = hello_with_own_keys_only(d->arena, d->tools, &d->replayed);
    trial_plan(&d->readable, &own);
    d->readable.depth = DEPTH_FINISH;
    ask(d, &d->readable, 1, 0);
}

static const server_flight *flight_of(const trial *t)
{
    const server_flight *flight = t->asked > 0 ? t->last.flight : NULL;
    return flight != NULL && (flight->is_read || flight->is_damaged) ? flight : NULL;
}

/* That of the control; or of the hello without what cannot be read, where the server answers that one with the same. */
static const server_flight *flight_to_judge(const diagnosis *d)
{
    if (flight_of(&d->control) != NULL || d->readable.asked == 0)
        return flight_of(&d->control);
    return readable_differs(d) ? NULL : flight_of(&d->readable);
}

/* As this client judges them, where it is known what that one trusts. */
void flight_judge(diagnosis *d)
{
    facts *f = &d->facts;
    const evidence *e = f->evidence;
    bytes_view *certificates;
    size_t num = server_certificates(f, &certificates);
    bool is_read = f->flight != NULL && f->flight->has_certificate;
    if (e->trust == NULL || (num == 0 && !is_read))
        return;
    trust_flight sent = {.certificates = certificates,
                         .num_certificates = num,
                         .message_len = f->flight == NULL ? 0 : f->flight->certificate_len,
                         .staple = is_read ? f->flight->ocsp_response : bytes_from(NULL, 0),
                         .is_staple_known = is_read};
    bytes_view *further;
    size_t num_further = fetched_certificates(f, &further);
    f->judgement = trust_store_judge(d->arena, e->trust, &sent, e->host, e->now_unix, further, num_further);
    d->verdict.certificates_pass = e->trust->unverified != NULL || f->judgement->trust->num_findings == 0;
}

static void flight_read(diagnosis *d)
{
    d->facts.control = d->control.last;
    d->facts.is_after_hello = true;
    d->facts.flight = flight_to_judge(d);
    flight_judge(d);
    tell_experiment(d, &d->control, "none", "the client's hello, unchanged");
    if (wants_fetch(d))
        d->stage = STAGE_FETCH;
    else
        flight_decide(d);
}

void flight_decide(diagnosis *d)
{
    bool is_known = observed_by_some_cause(d);
    tell_readable(d);
    if (is_known)
        return;
    d->facts.is_after_hello = false;
    d->verdict.num_experiments = 0;
    if (d->control.last.kind == ANSWER_SILENCE && d->control.last.conversation->has_server_hello) {
        d->stage = STAGE_SEGMENTS;
        return;
    }
    bool works = trial_works(&d->control);
    trial_plan(&d->control, &d->replayed);
    d->control.keeps_chunks = true;
    d->stage = works ? STAGE_AGAIN : STAGE_FIRST;
}

/* ---- a handshake that went well ------------------------------------------------------------------------------------------- */

/* Nothing of it is to be tried again but what the server does with an offer of post-handshake authentication. */
static void request_plan(diagnosis *d)
{
    enum { EXTENSION_POST_HANDSHAKE_AUTH = 49 };
    client_hello own = hello_with_own_keys_only(d->arena, d->tools, &d->replayed);
    own = hello_with_extension(d->arena, &own, EXTENSION_POST_HANDSHAKE_AUTH, bytes_from(NULL, 0));
    trial_plan(&d->change, &own);
    d->change.depth = DEPTH_REQUEST;
    ask(d, &d->change, 1, 0);
}

static void request_read(diagnosis *d)
{
    d->facts.flight_with_offer = d->change.last.flight;
    d->facts.was_asked_with_offer = true;
    if (!observed_by_some_cause(d)) {
        decide_unknown(d, NULL);
        return;
    }
    if (offers_post_handshake_auth(&d->facts))
        tell_experiment(d, &d->change, "none", "the client's hello, unchanged");
    else
        tell_experiment(d, &d->change, "offer post_handshake_auth", "the client's hello, offering post-handshake authentication");
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

/* ---- nothing of ours was accepted ------------------------------------------------------------------------------------ */

static void add_variant(diagnosis *d, const client_hello *hello, change teaches)
{
    trial_plan(&d->variants[d->num_variants], hello);
    d->variant_changes[d->num_variants++] = teaches;
}

static void add_own_variant(diagnosis *d, const broad_options *options, change teaches)
{
    client_hello hello = broad_hello_of_all_versions(d->arena, d->tools, options);
    add_variant(d, &hello, teaches);
}

/* The client's own hello with everything broadened: for a server that needs something of it that ours lack. */
static void add_widened_variant(diagnosis *d)
{
    arena *a = d->arena;
    change_set set = {.num_changes = 0};
    if (facts_client_version_max(&d->facts) < VERSION_TLS13)
        change_set_add(&set, (change){.kind = CHANGE_VERSION_RAISED, .code = VERSION_TLS13});
    change_set_add(&set, (change){.kind = CHANGE_SUITES_ADDED, .codes = broad_suites(a, VERSION_TLS12, false)});
    change_set_add(&set, (change){.kind = CHANGE_GROUPS_ADDED, .codes = broad_groups(a, VERSION_TLS13)});
    change_set_add(&set, (change){.kind = CHANGE_SCHEMES_ADDED, .codes = broad_schemes(a, VERSION_TLS12)});
    client_hello hello;
    if (change_set_apply(a, d->tools, &d->replayed, &set, &hello))
        add_variant(d, &hello, (change){.kind = CHANGE_KIND_COUNT});
}

/* Whether a name is likely to be what that version was refused for: it was refused otherwise than TLS 1.3, and not as a version. */
static bool may_mind_the_name(const diagnosis *d, size_t version_index)
{
    const trial *t = &d->versions[version_index], *newest = &d->versions[NUM_TRIED_VERSIONS - 1];
    return !says_protocol_version(t) && !answers_alike(&t->last, &newest->last);
}

/* A server that minds the name may break on a version as well, and then on every hello of ours that offers all of them. Where all
 * were left without an answer it is not the name: a name is refused. */
static void add_nameless_variants(diagnosis *d, const broad_options *options)
{
    enum { NAMELESS_MAX = 2 };
    size_t num = 0;
    bool any_tells = false;
    for (size_t i = 1; i + 1 < NUM_TRIED_VERSIONS; i++)
        any_tells = any_tells || may_mind_the_name(d, i);
    if (!any_tells && d->control.last.kind == ANSWER_SILENCE)
        return;
    for (size_t i = NUM_TRIED_VERSIONS - 1; i-- > 1 && num < NAMELESS_MAX;) {
        bool is_bound = tried_versions[i] == VERSION_TLS12 || tried_versions[i] == VERSION_TLS10;
        if (any_tells ? !may_mind_the_name(d, i) : !is_bound)
            continue;
        client_hello hello = broad_hello(d->arena, d->tools, tried_versions[i], options);
        add_variant(d, &hello, (change){.kind = CHANGE_NAME_REMOVED});
        num++;
    }
}

static void add_name_variants(diagnosis *d)
{
    broad_options options = d->base;
    const evidence *e = d->facts.evidence;
    if (d->base.server_name.len > 0) {
        options.server_name = bytes_from(NULL, 0);
        add_own_variant(d, &options, (change){.kind = CHANGE_NAME_REMOVED});
        add_nameless_variants(d, &options);
    }
    for (size_t i = 0; i < e->num_names && i < 2; i++) {
        options.server_name = bytes_from_text(e->names[i]);
        if (!bytes_equal(options.server_name, d->base.server_name))
            add_own_variant(d, &options, (change){.kind = CHANGE_NAME_ADDED, .name = options.server_name});
    }
}

static void ask_variants(diagnosis *d, size_t first)
{
    for (size_t i = first; i < d->num_variants; i++)
        ask(d, &d->variants[i], 1, 0);
}

static void names_plan(diagnosis *d)
{
    add_name_variants(d);
    add_widened_variant(d);
    ask_variants(d, 0);
    if (d->num_askings == 0)
        d->stage = STAGE_VARIANTS;
}

static void variants_plan(diagnosis *d)
{
    enum { PAST_SMALL_WINDOWS = 800 };
    size_t first = d->num_variants;
    broad_options options = d->base;
    options.extended_master_secret = !options.extended_master_secret;
    add_own_variant(d, &options,
                    (change){.kind = options.extended_master_secret ? CHANGE_EXTENDED_MASTER_SECRET : CHANGE_EXTENSIONS_REMOVED,
                             .codes = codes_one(d->arena, EXTENSION_EXTENDED_MASTER_SECRET)});
    options = d->base;
    options.message_len = PAST_SMALL_WINDOWS;
    add_own_variant(d, &options, (change){.kind = CHANGE_SIZE, .len = PAST_SMALL_WINDOWS});
    options = d->base;
    options.record_version = VERSION_TLS12;
    if (d->replayed.record_version == VERSION_TLS10) /* as ours are */
        add_own_variant(d, &options, (change){.kind = CHANGE_RECORD_VERSION, .code = VERSION_TLS12});
    client_hello hello = broad_hello(d->arena, d->tools, VERSION_TLS12, &(broad_options){.no_extensions = true});
    add_variant(d, &hello, (change){.kind = CHANGE_EXTENSIONS_REMOVED});
    options = d->base;
    options.rare_suites = true;
    hello = broad_hello(d->arena, d->tools, VERSION_TLS12, &options);
    add_variant(d, &hello, (change){.kind = CHANGE_SUITES_ADDED});
    ask_variants(d, first);
}

/* Our own hellos are made from now on as the variant that was accepted. */
static void learn_from_variant(diagnosis *d, const change *taught)
{
    switch (taught->kind) {
    case CHANGE_NAME_REMOVED:
        d->base.server_name = bytes_from(NULL, 0);
        break;
    case CHANGE_NAME_ADDED:
        d->base.server_name = taught->name;
        break;
    case CHANGE_EXTENDED_MASTER_SECRET:
        d->base.extended_master_secret = true;
        break;
    case CHANGE_SIZE:
        d->base.message_len = taught->len;
        break;
    case CHANGE_RECORD_VERSION:
        d->base.record_version = taught->code;
        break;
    case CHANGE_SUITES_ADDED:
        d->base.rare_suites = true;
        break;
    case CHANGE_EXTENSIONS_REMOVED:
        d->base.extended_master_secret = false;
        d->facts.broken_extension = taught->codes.num_codes == 1 ? taught->codes.codes[0] : -1;
        d->base.no_extensions = taught->codes.num_codes == 0;
        break;
    default:
        break;
    }
}

bool learnt_from_variants(diagnosis *d)
{
    for (size_t i = 0; i < d->num_variants && !d->has_learnt; i++) {
        if (d->variants[i].accepted == 0)
            continue;
        learn_from_variant(d, &d->variant_changes[i]);
        d->has_learnt = true;
        d->taught = d->variant_changes[i].kind;
        d->stage = STAGE_VERSIONS;
        d->facts.all_were_refused = false;
        if (d->taught == CHANGE_KIND_COUNT) { /* only the client's own, widened: the single changes will tell */
            learn_versions(d);
            d->facts.agreeable = d->variants[i].last_accepted.conversation;
            d->stage = STAGE_SINGLES;
        }
        return true;
    }
    return false;
}

static void variants_read(diagnosis *d)
{
    bool any_accepted = d->facts.server_versions.num_codes > 0;
    if (!learnt_from_variants(d))
        d->stage = d->stage == STAGE_NAMES ? STAGE_VARIANTS : any_accepted ? STAGE_SINGLES : STAGE_SILENT_UPGRADES;
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
