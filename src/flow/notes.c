#include "flow/machine.h"

#include "registry/registry.h"

/* The last events of a conversation tell how it ended: protected records and warnings must leave room for them. */
static size_t events_max(const event *e)
{
    if (e->kind == EVENT_STREAM_END)
        return CONVERSATION_EVENTS_MAX;
    if (e->kind == EVENT_ALERT && e->level != ALERT_WARNING)
        return CONVERSATION_EVENTS_MAX - 4;
    if (e->kind == EVENT_PROTECTED_RECORD)
        return CONVERSATION_EVENTS_MAX / 2;
    return CONVERSATION_EVENTS_MAX - 8;
}

void note_event(flow *f, event e)
{
    conversation *c = &f->conversation;
    if (c->num_events < events_max(&e))
        c->events[c->num_events++] = e;
    else
        c->num_events_dropped++;
}

void note_finding(flow *f, size_t offset, const char *text)
{
    conversation *c = &f->conversation;
    if (c->findings.findings == NULL)
        c->findings.findings = ARENA_ARRAY(c->arena, FINDINGS_MAX, finding);
    if (c->findings.num_findings == FINDINGS_MAX)
        return;
    c->findings.findings[c->findings.num_findings++] = (finding){.offset = offset, .text = text};
}

void note_cut(flow *f, enum side side, enum stream_end end, const char *what, size_t len, size_t wanted)
{
    conversation *c = &f->conversation;
    const char *whose = side == SIDE_CLIENT ? "client" : "server";
    const char *text = arena_printf(c->arena, "the %s's stream ends in the middle of a %s", whose, what);
    c->was_cut[side] = true;
    if (end != STREAM_TIMEOUT)
        note_finding(f, f->streams[side].offset,
                     wanted > len && len > 0 ? arena_printf(c->arena, "%s: after %zu of %zu bytes", text, len, wanted) : text);
}

void note_first_bytes(flow *f, enum side side, bytes_view bytes)
{
    side_stream *stream = &f->streams[side];
    if (bytes.len == 0 || stream->num_first_bytes == FIRST_BYTES_LEN_MAX)
        return;
    if (stream->first_bytes == NULL)
        stream->first_bytes = arena_alloc(f->conversation.arena, FIRST_BYTES_LEN_MAX);
    for (size_t i = 0; i < bytes.len && stream->num_first_bytes < FIRST_BYTES_LEN_MAX; i++)
        stream->first_bytes[stream->num_first_bytes++] = (uint8_t)bytes_at(bytes, i);
    bytes_view first = bytes_from(stream->first_bytes, stream->num_first_bytes);
    if (side == SIDE_CLIENT)
        f->conversation.client_first_bytes = first;
    else
        f->conversation.server_first_bytes = first;
}

void note_first_bytes_restart(flow *f, enum side side)
{
    f->streams[side].num_first_bytes = 0;
    if (side == SIDE_CLIENT)
        f->conversation.client_first_bytes = (bytes_view){0};
    else
        f->conversation.server_first_bytes = (bytes_view){0};
}

void note_phase(flow *f, enum handshake_phase phase)
{
    if (phase > f->conversation.phase)
        f->conversation.phase = phase;
}

void note_established_data(flow *f, enum side side)
{
    conversation *c = &f->conversation;
    c->established_data[side] = true;
    bool is_in_time = side == SIDE_SERVER && !c->has_first_end;
    c->server_data_in_time = c->server_data_in_time || is_in_time;
    c->server_answer_in_time = c->server_answer_in_time || (is_in_time && c->established_data[SIDE_CLIENT]);
}

int64_t conversation_answer_time_us(const conversation *c)
{
    int64_t asked_us = -1;
    for (size_t i = 0; i < c->num_events; i++) {
        const event *e = &c->events[i];
        if (e->kind == EVENT_STREAM_END)
            return 0;
        if (e->side == SIDE_CLIENT && e->kind == EVENT_CLIENT_HELLO && asked_us < 0)
            asked_us = e->at_us;
        else if (e->side == SIDE_SERVER && asked_us >= 0)
            return e->at_us - asked_us;
    }
    return 0;
}

/* From the last that was read of what the client said to its end. */
static int64_t time_to_leave_us(const conversation *c)
{
    int64_t said_us = 0;
    for (size_t i = 0; i < c->num_events; i++) {
        const event *e = &c->events[i];
        if (e->side == SIDE_CLIENT && e->kind == EVENT_STREAM_END)
            return e->at_us - said_us;
        said_us = e->side == SIDE_CLIENT ? e->at_us : said_us;
    }
    return INT64_MAX;
}

/* One that waited for an answer, and gave up, waited longer. */
static bool asked_and_left_at_once(const conversation *c)
{
    const int64_t at_once_us = 250000;
    return c->phase >= PHASE_ESTABLISHED && c->established_data[SIDE_CLIENT] && time_to_leave_us(c) <= at_once_us;
}

bool conversation_was_left_unanswered(const conversation *c)
{
    return asked_and_left_at_once(c) && c->has_first_end && c->first_end == SIDE_CLIENT && !c->server_data_in_time;
}

bool conversation_was_left_unheard(const conversation *c)
{
    bool is_tls13 = c->has_server_hello && c->server_hello.version >= VERSION_TLS13;
    bool left_first = c->has_first_end && c->first_end == SIDE_CLIENT;
    return asked_and_left_at_once(c) &&
           (c->end[SIDE_CLIENT] == STREAM_RESET || (is_tls13 && left_first && !c->server_answer_in_time));
}

bool conversation_waited_in_vain(const conversation *c)
{
    const int64_t long_us = 3000000;
    int64_t connected_us = 0;
    if (c->client_len > 0)
        return false;
    for (size_t i = 0; i < c->num_events; i++) {
        const event *e = &c->events[i];
        if (e->kind == EVENT_CONNECTED)
            connected_us = e->at_us;
        else if (e->side == SIDE_SERVER) /* what comes after the client's end, an alert perhaps, is another matter */
            return false;
        if (e->kind == EVENT_STREAM_END)
            return e->at_us - connected_us >= long_us;
    }
    return false;
}
