/*
 * Sessions: what is given to the client, and whether it is taken back. The handshakes that bring them are among the first
 * questions, the hellos that offer them again among the late ones. Up to TLS 1.2 no key is needed to see that a server resumes: its
 * ChangeCipherSpec comes in place of its Certificate. Where a handshake was whole all the same, the session is offered some times
 * more at once.
 */
#include "crypto/resumption.h"
#include "registry/registry.h"
#include "server/facts.h"
#include "wire/extension.h"
#include "wire/hello_edit.h"

#include <string.h>

static bool was_finished(const answer *given)
{
    const server_flight *f = given->flight;
    return f != NULL && f->sent_finished && !server_flight_was_refused(f) && (f->has_finished || f->num_tickets > 0);
}

/* Why nothing can be said of what comes after the handshake, or NULL. */
static const char *why_unfinished(survey *s, const answer *given)
{
    const server_flight *f = given->flight;
    if (f == NULL || was_finished(given))
        return NULL;
    return f->has_alert
               ? arena_printf(s->arena, "the server ended the handshake: alert %s", alert_name(s->arena, f->alert.description))
               : f->why_not;
}

static void add_after_handshake(survey *s, const char *id, const char *label, const answer *given, bool shown)
{
    bool was_taken = fact_was_taken(given);
    enum known known = !was_finished(given) ? KNOWN_UNKNOWN : shown ? KNOWN_YES : KNOWN_NO;
    server_fact *fact = fact_add(s, id, label, known, known == KNOWN_NO ? FACT_WITHOUT : why_unfinished(s, given));
    fact->was_refused = !was_taken;
    fact->refusal = refusal_of(given);
}

/* ---- up to TLS 1.2 ------------------------------------------------------------------------------------------------------ */

static bool make_ticket_wish(survey *s, client_hello *hello)
{
    *hello = hello_with_extension(s->arena, hello, EXTENSION_SESSION_TICKET, bytes_from(NULL, 0));
    return true;
}

static void hear_ticket(survey *s, const answer *given)
{
    bool has_ticket = was_finished(given) && given->flight->ticket.ticket.len > 0;
    add_after_handshake(s, "session-tickets-tls12", "Session tickets (up to TLS 1.2)", given, has_ticket);
    s->sessions.ticket_finished = was_finished(given);
    if (has_ticket)
        s->sessions.ticket_tls12 = given->flight->ticket.ticket;
}

static void hear_id(survey *s, const answer *given)
{
    const server_hello *hello = fact_server_hello(given);
    bool has_id = hello != NULL && hello->session_id.len > 0;
    fact_add_shown(s, "session-ids", "Session ids (up to TLS 1.2)", given, has_id, NULL);
    if (!survey_takes(s, VERSION_TLS13))
        fact_add_client_certificate(s, given);
    s->sessions.id_finished = was_finished(given);
    if (has_id && was_finished(given))
        s->sessions.id = hello->session_id;
}

/* The ChangeCipherSpec alone tells: what is protected by it may come later than the probe waits. */
static bool was_resumed_in_clear(const answer *given)
{
    const conversation *c = given->conversation;
    for (size_t i = 0; c != NULL && given->kind == ANSWER_ACCEPTED && i < c->num_events; i++)
        if (c->events[i].side == SIDE_SERVER && c->events[i].kind == EVENT_CHANGE_CIPHER_SPEC)
            return true;
    return false;
}

enum { TIMES_AGAIN = 4 };

static const struct {
    const char *id, *label, *lack;
} resumptions[] = {
    [BY_TICKET] = {"resumption-ticket-tls12", "Resumes by ticket (up to TLS 1.2)", "no ticket is given"},
    [BY_ID] = {"resumption-id", "Resumes by session id (up to TLS 1.2)", "no session id is given"},
    [BY_TICKET_TLS13] = {"resumption", "Resumes by ticket (TLS 1.3)", "no ticket is given"},
};

/* Where there was nothing to offer: no, if that is known. */
static bool add_without_session(survey *s, enum resumption which, bool was_looked_for)
{
    (void)fact_add(s, resumptions[which].id, resumptions[which].label, was_looked_for ? KNOWN_NO : KNOWN_UNKNOWN,
                   was_looked_for ? resumptions[which].lack : "no handshake could be finished");
    return false;
}

static void add_resumption(survey *s, enum resumption which, const answer *given, bool resumed)
{
    bool is_whole = fact_was_taken(given) && !resumed;
    s->sessions.num_whole[which] += is_whole;
    fact_add_shown(s, resumptions[which].id, resumptions[which].label, given, resumed,
                   is_whole ? "the handshake is a whole one" : NULL);
}

/* Behind one address there may be several processes or machines, of which each knows its own sessions only. */
static void hear_again(survey *s, enum resumption which, bool resumed)
{
    server_fact *fact = fact_find(s, resumptions[which].id);
    if (fact == NULL || !resumed)
        return;
    fact->known = KNOWN_YES;
    fact->detail = "at times: not all of its processes or machines take it";
}

static bool was_whole(const survey *s, enum resumption which)
{
    return s->sessions.num_whole[which] > 0;
}

/* With an id of our own, which comes back where the ticket was taken (RFC 5077, 3.4). */
static bool make_resume_by_ticket(survey *s, client_hello *hello)
{
    uint8_t id[32];
    if (s->sessions.ticket_tls12.len == 0)
        return add_without_session(s, BY_TICKET, s->sessions.ticket_finished);
    s->tools->random_bytes(s->tools->user, id, sizeof id);
    *hello = hello_with_random(s->arena, hello, hello->random, bytes_copy(s->arena, bytes_from(id, sizeof id)));
    *hello = hello_with_extension(s->arena, hello, EXTENSION_SESSION_TICKET, s->sessions.ticket_tls12);
    return true;
}

static void hear_resumed_by_ticket(survey *s, const answer *given)
{
    add_resumption(s, BY_TICKET, given, was_resumed_in_clear(given));
}

static bool make_ticket_again(survey *s, client_hello *hello)
{
    return was_whole(s, BY_TICKET) && make_resume_by_ticket(s, hello);
}

static void hear_ticket_again(survey *s, const answer *given)
{
    hear_again(s, BY_TICKET, was_resumed_in_clear(given));
}

static bool make_resume_by_id(survey *s, client_hello *hello)
{
    if (s->sessions.id.len == 0)
        return add_without_session(s, BY_ID, s->sessions.id_finished);
    *hello = hello_with_random(s->arena, hello, hello->random, s->sessions.id);
    return true;
}

static void hear_resumed_by_id(survey *s, const answer *given)
{
    add_resumption(s, BY_ID, given, was_resumed_in_clear(given));
}

static bool make_id_again(survey *s, client_hello *hello)
{
    return was_whole(s, BY_ID) && make_resume_by_id(s, hello);
}

static void hear_id_again(survey *s, const answer *given)
{
    hear_again(s, BY_ID, was_resumed_in_clear(given));
}

/* ---- TLS 1.3 ------------------------------------------------------------------------------------------------------------ */

/* Some give tickets only to clients that say how they would use them (RFC 8446, 4.2.9). */
static bool make_ticket_wish_tls13(survey *s, client_hello *hello)
{
    static const uint8_t psk_dhe_ke[] = {1, 1};
    *hello = hello_with_extension(s->arena, hello, EXTENSION_PSK_KEY_EXCHANGE_MODES, bytes_from(psk_dhe_ke, sizeof psk_dhe_ke));
    return true;
}

static void hear_tickets_tls13(survey *s, const answer *given)
{
    const server_flight *f = given->flight;
    const server_hello *hello = fact_server_hello(given);
    bool was_right = f != NULL && f->sent_finished && !server_flight_was_refused(f), has_ticket = was_right && f->num_tickets > 0;
    bool went_on = has_ticket || (was_right && !f->has_alert); /* who leaves at once gave none, and might have later */
    const char *why = was_right ? FACT_LEFT : why_unfinished(s, given), *size = "its ticket allows none";
    fact_add_client_certificate(s, given);
    if (has_ticket && f->ticket.has_early_data)
        size = arena_printf(s->arena, "up to %u bytes", f->ticket.max_early_data_size);
    (void)fact_add(s, "session-tickets", "Session tickets (TLS 1.3)",
                   !went_on     ? KNOWN_UNKNOWN
                   : has_ticket ? KNOWN_YES
                                : KNOWN_NO,
                   !went_on     ? why
                   : has_ticket ? NULL
                                : FACT_WITHOUT);
    (void)fact_add(s, "early-data", "0-RTT offered (TLS 1.3 early data)",
                   !went_on                                 ? KNOWN_UNKNOWN
                   : has_ticket && f->ticket.has_early_data ? KNOWN_YES
                                                            : KNOWN_NO,
                   !went_on     ? why
                   : has_ticket ? size
                                : "no ticket is given");
    s->sessions.tls13_finished = went_on;
    if (!has_ticket || hello == NULL)
        return;
    s->sessions.ticket_tls13 = f->ticket;
    s->sessions.key_tls13 = f->resumption_key;
    s->sessions.suite_tls13 = hello->cipher_suite;
    s->sessions.group_tls13 = hello->group;
}

/* With a key of the group that the server chose then: a binder does not outlive a HelloRetryRequest. */
static client_hello with_right_key(const survey *s, const client_hello *hello)
{
    key_share share = {.group = s->sessions.group_tls13};
    if (share.group == 0 || s->tools->make_key_share == NULL ||
        !s->tools->make_key_share(s->tools->user, s->arena, share.group, &share.key_exchange))
        return *hello;
    return hello_with_key_shares(s->arena, hello, &share, 1);
}

static bool make_resume_tls13(survey *s, client_hello *hello)
{
    client_hello resuming, keyed = with_right_key(s, hello);
    if (s->sessions.ticket_tls13.ticket.len == 0)
        return add_without_session(s, BY_TICKET_TLS13, s->sessions.tls13_finished);
    if (!hello_resuming(s->arena, &keyed, &s->sessions.ticket_tls13, s->sessions.suite_tls13, s->sessions.key_tls13, &resuming))
        return add_without_session(s, BY_TICKET_TLS13, false);
    *hello = resuming;
    return true;
}

static void hear_resumed_tls13(survey *s, const answer *given)
{
    add_resumption(s, BY_TICKET_TLS13, given, fact_echoes(given, EXTENSION_PRE_SHARED_KEY));
}

static bool make_tls13_again(survey *s, client_hello *hello)
{
    return was_whole(s, BY_TICKET_TLS13) && make_resume_tls13(s, hello);
}

static void hear_tls13_again(survey *s, const answer *given)
{
    hear_again(s, BY_TICKET_TLS13, fact_echoes(given, EXTENSION_PRE_SHARED_KEY));
}

/* ---- the table ----------------------------------------------------------------------------------------------------------- */

static const fact_row rows[] = {
    {.version = FACT_UP_TO_TLS12, .depth = DEPTH_FINISH, .make = make_ticket_wish, .hear = hear_ticket},
    {.version = FACT_UP_TO_TLS12, .depth = DEPTH_FINISH, .hear = hear_id},
    {.version = FACT_TLS13, .depth = DEPTH_FINISH, .make = make_ticket_wish_tls13, .hear = hear_tickets_tls13},
    {.version = FACT_UP_TO_TLS12, .stage = FACT_LATE, .make = make_resume_by_ticket, .hear = hear_resumed_by_ticket},
    {.version = FACT_UP_TO_TLS12, .stage = FACT_LATE, .make = make_resume_by_id, .hear = hear_resumed_by_id},
    {.version = FACT_TLS13, .stage = FACT_LATE, .make = make_resume_tls13, .hear = hear_resumed_tls13},
    {.version = FACT_UP_TO_TLS12,
     .stage = FACT_AGAIN,
     .num_times = TIMES_AGAIN,
     .make = make_ticket_again,
     .hear = hear_ticket_again},
    {.version = FACT_UP_TO_TLS12, .stage = FACT_AGAIN, .num_times = TIMES_AGAIN, .make = make_id_again, .hear = hear_id_again},
    {.version = FACT_TLS13, .stage = FACT_AGAIN, .num_times = TIMES_AGAIN, .make = make_tls13_again, .hear = hear_tls13_again},
};
const fact_table facts_of_sessions = {rows, sizeof rows / sizeof *rows};
