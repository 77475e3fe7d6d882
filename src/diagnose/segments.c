/* Where no change of the hello helps, and yet it is not the client that gave up: the way the flight comes, and what the hello
 * refers to. */
#include "diagnose/engine.h"
#include "diagnose/own_keys.h"

enum { STALLS_AGAIN = 2 };

/* The same hello on a connection that takes small segments only; and again as it was. */
void segments_plan(diagnosis *d)
{
    client_hello hello = d->control.hello;
    trial_plan(&d->control, &hello);
    d->control.keeps_chunks = true;
    d->control.depth = DEPTH_FLIGHT;
    trial_plan(&d->change, &hello);
    d->change.keeps_chunks = true;
    d->change.depth = DEPTH_FLIGHT;
    d->change.small_segments = true;
    ask(d, &d->change, 1, 0);
    ask(d, &d->control, STALLS_AGAIN, 0);
}

void segments_read(diagnosis *d)
{
    if (d->control.accepted > 0) { /* it came after all */
        client_hello hello = d->replayed;
        trial_plan(&d->control, &hello);
        d->stage = STAGE_AGAIN;
        return;
    }
    if (d->change.accepted > 0) {
        d->candidate =
            (candidate){.cause = &cause_large_flight_lost, .name = "small segments", .label = "in segments of at most 536 bytes"};
        d->facts.control = d->control.last;
        d->is_serial = true; /* a control that stalls holds a server that takes one connection at a time */
        candidate_chosen(d);
        return;
    }
    d->facts.control = d->control.last;
    tell_experiment(d, &d->control, "none", "the client's hello, unchanged");
    tell_experiment(d, &d->change, "small segments", "the same, in small segments");
    cause_handshake_timeout.tell(&d->facts, NULL, &d->verdict);
    decide(d, &cause_handshake_timeout, PROOF_EXPERIMENT);
}

bool try_resumption(diagnosis *d)
{
    if (!d->left_out_resumption || client_hello_extension(&d->original, 41) == NULL || d->candidate.cause != NULL)
        return false;
    d->change = d->control;
    trial_plan(&d->control, &d->original);
    d->control.keeps_chunks = true;
    d->control.is_binding = true;
    d->candidate = (candidate){
        .cause = &cause_psk_rejected, .name = "without pre_shared_key", .label = "without the session or key that it refers to"};
    candidate_chosen(d);
    return true;
}
