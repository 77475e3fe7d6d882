/* The stages before any hello of the client is replayed: what is plain from what was seen, and protocols that upgrade. */
#include "causes/after_hello.h"
#include "diagnose/engine.h"
#include "registry/registry.h"
#include <errno.h>

/* ---- what is plain without a probe ------------------------------------------------------------------------------ */

/* What is firm goes first: a guess of one cause must not stand before what another one knows. */
bool observed_by_some_cause(diagnosis *d)
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

void observe_plan(diagnosis *d)
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

void plain_plan(diagnosis *d)
{
    client_hello all = broad_hello_of_all_versions(d->arena, d->tools, &d->base);
    client_hello old = broad_hello(d->arena, d->tools, VERSION_TLS12, &d->base);
    enum protocol spoken = conversation_protocol_in_clear(d->facts.evidence->failed);
    for (size_t i = 0; i < 2; i++) {
        trial_plan(&d->variants[i], i == 0 ? &all : &old);
        d->variants[i].preamble = PROTOCOL_TLS; /* at once, whatever the client had begun to say */
        ask(d, &d->variants[i], 1, 0);
        if (!protocol_upgrades(spoken))
            continue;
        trial_plan(&d->upgrades[i], i == 0 ? &all : &old);
        d->upgrades[i].preamble = spoken;
        ask(d, &d->upgrades[i], 1, 0);
    }
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

/* Which of our hellos was accepted; `upgraded`: not at once, but after the upgrade. NULL: none. */
static const trial *plain_taken(const diagnosis *d, bool *upgraded)
{
    const trial *all[] = {&d->variants[0], &d->variants[1], &d->upgrades[0], &d->upgrades[1]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->accepted > 0) {
            *upgraded = i >= 2;
            return all[i];
        }
    return NULL;
}

static void tell_plain(diagnosis *d, const trial *taken, bool upgraded)
{
    const change upgrade = {.code = (uint16_t)taken->preamble};
    const char *label = upgraded ? "a TLS hello of our own, after the upgrade" : "a TLS hello of our own";
    d->facts.agreeable = taken->last_accepted.conversation;
    tell_experiment(d, taken, "a TLS hello of our own", label);
    cause_client_speaks_plain.tell(&d->facts, upgraded ? &upgrade : NULL, &d->verdict);
    decide(d, &cause_client_speaks_plain, d->facts.evidence->failed->client_len == 0 ? PROOF_INFERRED : PROOF_OBSERVED);
}

void plain_read(diagnosis *d)
{
    bool upgraded = false;
    const trial *taken = plain_taken(d, &upgraded);
    const conversation *failed = d->facts.evidence->failed;
    if (taken == NULL && failed->client_len == 0)
        refused_before_hello(d);
    else if (taken == NULL)
        decide_unknown(d, "The client speaks in clear, and the server does not take TLS either.");
    else if (failed->client_len == 0 && !conversation_waited_in_vain(failed))
        decide_unknown(d, "The server ended this connection before the client had said anything; asked again, it takes a hello.");
    else if (upgraded && conversation_demand_for_tls(failed).len == 0)
        decide_unknown(
            d, "The client speaks in clear, as the server's protocol begins; the server takes TLS, and was not heard to want it.");
    else
        tell_plain(d, taken, upgraded);
}

/* ---- protocols that upgrade --------------------------------------------------------------------------------------- */

void upgrade_plan(diagnosis *d)
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

void upgrade_read(diagnosis *d)
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

void silent_upgrades_plan(diagnosis *d)
{
    for (size_t i = 0; i < sizeof silent_protocols / sizeof *silent_protocols; i++) {
        trial_plan(&d->upgrades[i], &d->replayed);
        d->upgrades[i].preamble = silent_protocols[i];
        ask(d, &d->upgrades[i], 1, 0);
    }
}

void silent_upgrades_read(diagnosis *d)
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
