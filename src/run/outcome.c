#include "run/outcome.h"

#include "client/trust_program.h"
#include "registry/registry.h"
#include "wire/hello_edit.h"

#include <string.h>

/* An alert record, an HTTP 400, an end without a word, or a word that TLS is wanted, to a client that speaks in clear. */
static bool plain_was_refused(const conversation *c)
{
    if (c->client_first_bytes.len == 0)
        return false;
    bool closed =
        c->server_first_bytes.len == 0 && !conversation_has_word_of_server(c) && c->has_first_end && c->first_end == SIDE_SERVER;
    bool bad_request =
        bytes_start_with(c->server_first_bytes, "HTTP/1.1 400") || bytes_start_with(c->server_first_bytes, "HTTP/1.0 400");
    return closed || bad_request || conversation_demand_for_tls(c).len > 0 || c->server_spoke_tls ||
           bytes_at(c->server_first_bytes, 0) == CONTENT_ALERT;
}

static enum course course_without_hello(const trace_connection *t, const conversation *c)
{
    if (preamble_was_in_vain(&c->preamble))
        return c->preamble.refused || t->ended || c->has_first_end ? COURSE_NOT_LED_ON : COURSE_OPEN;
    if (c->client_spoke_tls) /* an alert, or a hello that was cut */
        return t->ended ? COURSE_REFUSED : COURSE_OPEN;
    if (c->client_first_bytes.len > 0)
        return plain_was_refused(c) || (t->ended && !conversation_has_word_of_server(c)) ? COURSE_PLAIN_REFUSED : COURSE_PLAIN;
    /* A TLS server answers the end of a client that said nothing with an alert: that is no greeting. */
    bool client_left_first = c->has_first_end && c->first_end == SIDE_CLIENT && c->client_len == c->preamble.client_bytes.len;
    if (t->ended && client_left_first && c->server_spoke_tls)
        return COURSE_NOTHING_SAID;
    if (conversation_has_word_of_server(c))
        return COURSE_PLAIN;
    bool led_on = c->preamble.complete || c->client_len == 0;
    return t->ended && led_on ? COURSE_NOTHING_SAID : t->ended ? COURSE_PLAIN : COURSE_OPEN;
}

/* A server of TLS 1.3 that wants a certificate says no only after the client's Finished, when the client may have sent data
 * already: a record of an alert's size and the end are all that it gets. An empty answer looks the same; the command's end tells.
 */
static bool server_ended_unanswered(const conversation *c)
{
    return c->has_encrypted_alert[SIDE_SERVER] && c->has_first_end && c->first_end == SIDE_SERVER &&
           !c->established_data[SIDE_SERVER];
}

bool client_left_by_itself(const trace_connection *t)
{
    const conversation *c = t->conversation;
    bool server_said_no = c != NULL && c->has_encrypted_alert[SIDE_SERVER] && !c->has_encrypted_alert[SIDE_CLIENT];
    return c != NULL && !server_said_no && !server_ended_unanswered(c) && !c->has_alert[SIDE_CLIENT] &&
           !c->has_alert[SIDE_SERVER] && (c->has_first_end ? c->first_end == SIDE_CLIENT : t->ended);
}

static enum course course_with_hello(const trace_connection *t, const conversation *c)
{
    /* Its own end says enough: the server's may come long after the command's. */
    bool ended_first = c->has_first_end && c->first_end == SIDE_CLIENT;
    bool left = (ended_first || (t->ended && c->has_encrypted_alert[SIDE_CLIENT])) && !c->established_data[SIDE_CLIENT];
    if (conversation_was_cut(c))
        return COURSE_CUT;
    if (conversation_was_left_unanswered(c))
        return COURSE_UNANSWERED;
    if (conversation_was_left_unheard(c))
        return COURSE_UNHEARD;
    if (c->phase >= PHASE_ESTABLISHED)
        return left || server_ended_unanswered(c) ? COURSE_LEFT : COURSE_FINE;
    if (c->has_alert[SIDE_SERVER] && c->alerts[SIDE_SERVER].level == ALERT_FATAL)
        return COURSE_REFUSED;
    if (c->has_first_end && c->first_end == SIDE_SERVER)
        return COURSE_REFUSED;
    if (t->ended || c->has_first_end)
        return COURSE_REFUSED;
    return conversation_has_word_of_server(c) ? COURSE_OPEN : COURSE_SILENT;
}

enum course course_of(const trace_connection *t)
{
    if (t->tcp_state == TRACE_CONNECT_FAILED)
        return COURSE_NO_TCP;
    if (t->tcp_state == TRACE_CONNECT_GIVEN_UP)
        return COURSE_TCP_GIVEN_UP;
    if (t->is_forgotten)
        return t->went_fine ? COURSE_FINE : COURSE_PLAIN;
    if (t->tcp_state == TRACE_CONNECTING || t->conversation == NULL)
        return COURSE_OPEN;
    return t->conversation->has_hello ? course_with_hello(t, t->conversation) : course_without_hello(t, t->conversation);
}

/* Another address of the same name: the same process, the same port, tried at about the same time, and connected. */
static bool another_connected(const trace_connection *own, const trace_connection *const *all, size_t num_all)
{
    const int64_t same_attempt_us = (int64_t)30 * 1000000;
    for (size_t i = 0; i < num_all; i++) {
        const trace_connection *other = all[i];
        int64_t apart = other->began_us > own->began_us ? other->began_us - own->began_us : own->began_us - other->began_us;
        if (other != own && other->pid == own->pid && address_port(&other->to) == address_port(&own->to) &&
            other->tcp_state == TRACE_CONNECTED && apart < same_attempt_us)
            return true;
    }
    return false;
}

static bool another_went_fine(const trace_connection *own, const trace_connection *const *all, size_t num_all)
{
    for (size_t i = 0; i < num_all; i++)
        if (all[i] != own && address_port(&all[i]->to) == address_port(&own->to) && course_of(all[i]) == COURSE_FINE)
            return true;
    return false;
}

/* A client that left before it said anything has something to say all the same, where it did so there on another one: a hello, or
 * what needs none. */
static bool another_said_something(const trace_connection *own, const trace_connection *const *all, size_t num_all)
{
    if (own->conversation == NULL || !own->conversation->has_first_end || own->conversation->first_end != SIDE_CLIENT)
        return false;
    for (size_t i = 0; i < num_all; i++)
        if (all[i] != own && all[i]->pid == own->pid && address_port(&all[i]->to) == address_port(&own->to) &&
            all[i]->conversation != NULL && (all[i]->conversation->has_hello || all[i]->conversation->client_len > 0))
            return true;
    return false;
}

/* An alert, or an error page, whatever the command makes of it. Some protocols expect no answer, and a client that is told to begin
 * TLS may have asked for nothing that needs it: where such a command is content, so are we. */
static bool was_told_otherwise(const conversation *c)
{
    return conversation_has_word_of_server(c) && conversation_demand_for_tls(c).len == 0;
}

enum outcome outcome_of(const trace_connection *own, const trace_connection *const *all, size_t num_all, bool command_failed)
{
    switch (course_of(own)) {
    case COURSE_FINE:
        return OUTCOME_OK;
    case COURSE_LEFT:
    case COURSE_UNANSWERED:
    case COURSE_UNHEARD:
    case COURSE_CUT:
        return command_failed && !another_went_fine(own, all, num_all) ? OUTCOME_FAILED : OUTCOME_OK;
    case COURSE_PLAIN:
        return OUTCOME_PLAIN;
    case COURSE_PLAIN_REFUSED:
        return command_failed || was_told_otherwise(own->conversation) ? OUTCOME_FAILED : OUTCOME_PLAIN;
    case COURSE_NOT_LED_ON:
        if (another_went_fine(own, all, num_all))
            return OUTCOME_ABANDONED;
        /* Without an upgrade a client may well go on in clear. */
        return command_failed || protocol_is_proxy(own->conversation->preamble.protocol) ? OUTCOME_FAILED : OUTCOME_PLAIN;
    case COURSE_REFUSED:
    case COURSE_SILENT:
        return OUTCOME_FAILED;
    case COURSE_NOTHING_SAID:
        if (another_went_fine(own, all, num_all) || another_said_something(own, all, num_all))
            return OUTCOME_ABANDONED;
        return command_failed ? OUTCOME_FAILED : OUTCOME_PLAIN;
    case COURSE_NO_TCP:
    case COURSE_TCP_GIVEN_UP:
        if (another_connected(own, all, num_all))
            return OUTCOME_SUPERSEDED;
        return command_failed ? OUTCOME_FAILED : OUTCOME_ABANDONED;
    case COURSE_OPEN:
        /* The command ended and a child of it still holds the connection, or it was ended in its middle. */
        if (own->tcp_state == TRACE_CONNECTING)
            return another_connected(own, all, num_all) ? OUTCOME_SUPERSEDED : command_failed ? OUTCOME_FAILED : OUTCOME_ABANDONED;
        return own->conversation != NULL && own->conversation->has_hello && command_failed ? OUTCOME_FAILED : OUTCOME_PLAIN;
    }
    return OUTCOME_PLAIN;
}

const char *server_end_after_handshake(const conversation *c)
{
    if (c->phase < PHASE_ESTABLISHED || !c->has_first_end || c->first_end != SIDE_SERVER)
        return NULL;
    bool is_tls13 = c->has_server_hello && c->server_hello.version >= VERSION_TLS13; /* tickets are no answer */
    bool was_answered = is_tls13 ? c->server_answer_in_time : c->established_data[SIDE_SERVER];
    if (c->end[SIDE_SERVER] == STREAM_RESET)
        return "reset the connection";
    return c->end[SIDE_SERVER] == STREAM_FIN && !was_answered ? "ended the connection without an answer" : NULL;
}

bool status_tells_of_an_answer(const char *program, int status)
{
    /* wget(1) and wget2(1), "EXIT STATUS": the server issued an error response; curl(1), "EXIT CODES": HTTP page not retrieved. */
    static const struct {
        const char *program;
        int status;
    } rows[] = {{"wget", 8}, {"wget2", 8}, {"curl", 22}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status && strcmp(rows[i].program, base_name(program)) == 0)
            return true;
    return false;
}

bool hellos_alike(arena *a, const client_hello *one, const client_hello *other)
{
    enum { EXTENSION_KEY_SHARE = 51, EXTENSION_SESSION_TICKET = 35, EXTENSION_PRE_SHARED_KEY = 41, EXTENSION_PADDING = 21 };
    static const uint16_t changing[] = {EXTENSION_KEY_SHARE, EXTENSION_SESSION_TICKET, EXTENSION_PRE_SHARED_KEY, EXTENSION_PADDING};
    const client_hello *given[2] = {one, other};
    bytes_view written[2];
    for (size_t i = 0; i < 2; i++) {
        client_hello plain = hello_without_grease(a, given[i]);
        for (size_t k = 0; k < sizeof changing / sizeof *changing; k++)
            plain = hello_without_extension(a, &plain, changing[k]);
        plain = hello_with_random(a, &plain, bytes_slice(plain.random, 0, 0), bytes_from(NULL, 0));
        plain.trailing = bytes_from(NULL, 0);
        if (!client_hello_message(a, &plain, &written[i], NULL))
            return false;
    }
    return bytes_equal(written[0], written[1]);
}
