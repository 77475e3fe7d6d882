/* The stages after the hellos: the server's flight is read with keys of ours, and judged as the client judges it. */
#include "causes/after_hello.h"
#include "client/trust_store.h"
#include "diagnose/engine.h"
#include "diagnose/own_keys.h"

/* ---- after the hellos -------------------------------------------------------------------------------------------------- */

/* With keys of ours, so that the server's flight can be read; a group whose keys cannot be made takes one probe more, without it.
 */
void flight_plan(diagnosis *d)
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

void flight_read(diagnosis *d)
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
void request_plan(diagnosis *d)
{
    enum { EXTENSION_POST_HANDSHAKE_AUTH = 49 };
    client_hello own = hello_with_own_keys_only(d->arena, d->tools, &d->replayed);
    own = hello_with_extension(d->arena, &own, EXTENSION_POST_HANDSHAKE_AUTH, bytes_from(NULL, 0));
    trial_plan(&d->change, &own);
    d->change.depth = DEPTH_REQUEST;
    ask(d, &d->change, 1, 0);
}

void request_read(diagnosis *d)
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
