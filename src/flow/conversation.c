#include "flow/conversation.h"

#include "flow/machine.h"
#include "registry/registry.h"

/* Bytes that may be looked at again and again for a preamble before looks become rare: more than any real exchange needs,
 * little enough that one that comes byte by byte stays cheap. */
#define PREAMBLE_LOOKS_MAX ((size_t)16 * 1024 * 1024)
/* After so many bytes nobody needs to read along what is no TLS. */
#define PLAIN_LEN_MAX ((size_t)64 * 1024)

flow *flow_new(arena *a, uint16_t port)
{
    flow *f = ARENA_NEW(a, flow);
    f->conversation.arena = a;
    f->conversation.port = port;
    f->preamble_pending = true;
    f->flight_open = true;
    buffer_init(&f->flight, FLIGHT_LEN_MAX);
    for (int side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        buffer_init(&f->pending[side], PREAMBLE_LEN_MAX);
        buffer_init(&f->streams[side].record, RECORD_BUFFER_LEN_MAX);
        buffer_init(&f->streams[side].message, HANDSHAKE_HEADER_LEN + HANDSHAKE_MESSAGE_LEN_MAX);
    }
    return f;
}

static void stream_release(flow *f, enum side side)
{
    buffer_free(&f->pending[side]);
    buffer_free(&f->streams[side].record);
    buffer_free(&f->streams[side].message);
}

const conversation *flow_conversation(const flow *f)
{
    return &f->conversation;
}

void flow_connected(flow *f, int64_t now_us)
{
    note_event(f, (event){.at_us = now_us, .side = SIDE_CLIENT, .kind = EVENT_CONNECTED});
}

/* ---- what comes before TLS --------------------------------------------------------------------------------------- */

/* Both sides' bytes so far go to where TLS is read, from those offsets on. */
static void leave_preamble(flow *f, size_t client_offset, size_t server_offset, int64_t now_us)
{
    size_t offsets[2] = {client_offset, server_offset};
    f->preamble_pending = false;
    for (int turn = 0; turn < 2; turn++) {
        enum side side = turn == 0 ? f->pending_first : f->pending_first == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
        bytes_view rest = bytes_slice(buffer_view(&f->pending[side]), offsets[side], PREAMBLE_LEN_MAX);
        f->streams[side].offset = offsets[side];
        if (rest.len == 0)
            continue;
        if (side == SIDE_CLIENT)
            f->conversation.client_chunk_lens[f->conversation.num_client_chunks++] = rest.len;
        records_feed(f, side, rest, now_us);
    }
    buffer_free(&f->pending[SIDE_CLIENT]);
    buffer_free(&f->pending[SIDE_SERVER]);
}

/* Each exchange that is over is noted once; the first bytes begin anew after it. */
static void note_exchanges(flow *f, const preamble *read, int64_t now_us)
{
    size_t num_over = read->num_tunnels + (read->complete ? 1 : 0);
    while (f->num_exchanges < num_over) {
        size_t index = f->num_exchanges++, client_len = 0, server_len = 0;
        preamble_tunnel_lens(read, &client_len, &server_len);
        const tunnel *t = index < read->num_tunnels ? &read->tunnels[index] : NULL;
        size_t len = t == NULL ? read->client_bytes.len + read->server_bytes.len - client_len - server_len
                               : t->client_bytes.len + t->server_bytes.len;
        enum protocol protocol = t == NULL ? read->protocol : t->protocol;
        note_event(f,
                   (event){.at_us = now_us, .side = SIDE_CLIENT, .kind = EVENT_PREAMBLE, .code = (uint16_t)protocol, .len = len});
    }
}

/* How much of what was said is over: TLS, or what is neither TLS nor a preamble, begins there. */
static void preamble_lens(const preamble *p, size_t *client_len, size_t *server_len)
{
    preamble_tunnel_lens(p, client_len, server_len);
    if (p->complete) {
        *client_len = p->client_bytes.len;
        *server_len = p->server_bytes.len;
    }
}

static void restart_first_bytes(flow *f, const preamble *p)
{
    size_t client_len, server_len;
    preamble_lens(p, &client_len, &server_len);
    note_first_bytes_restart(f, SIDE_CLIENT);
    note_first_bytes_restart(f, SIDE_SERVER);
    note_first_bytes(f, SIDE_CLIENT, bytes_slice(buffer_view(&f->pending[SIDE_CLIENT]), client_len, FIRST_BYTES_LEN_MAX));
    note_first_bytes(f, SIDE_SERVER, bytes_slice(buffer_view(&f->pending[SIDE_SERVER]), server_len, FIRST_BYTES_LEN_MAX));
}

/* Keeps what was said, in the conversation's own memory. */
static void keep_preamble(flow *f, int64_t now_us)
{
    conversation *c = &f->conversation;
    bytes_view client = bytes_copy(c->arena, buffer_view(&f->pending[SIDE_CLIENT]));
    bytes_view server = bytes_copy(c->arena, buffer_view(&f->pending[SIDE_SERVER]));
    preamble read = {0};
    if (!preamble_read(c->arena, client, server, c->port, &read) || read.protocol == PROTOCOL_UNKNOWN)
        return;
    c->preamble = read;
    note_exchanges(f, &read, now_us);
    if (!read.complete) {
        size_t client_len = 0, server_len = 0;
        preamble_tunnel_lens(&read, &client_len, &server_len);
        size_t len = read.client_bytes.len + read.server_bytes.len - client_len - server_len;
        note_event(
            f, (event){.at_us = now_us, .side = SIDE_CLIENT, .kind = EVENT_PREAMBLE, .code = (uint16_t)read.protocol, .len = len});
    }
}

/* There will be no more of it. */
static void preamble_is_over(flow *f, int64_t now_us)
{
    size_t client_len, server_len;
    keep_preamble(f, now_us);
    restart_first_bytes(f, &f->conversation.preamble);
    preamble_lens(&f->conversation.preamble, &client_len, &server_len);
    leave_preamble(f, client_len, server_len, now_us);
}

/* The views point to what moves as it grows: they are kept when the preamble is over. */
static preamble without_views(const preamble *p)
{
    preamble out = *p;
    out.client_bytes = out.server_bytes = out.authority = out.refusal = bytes_from(NULL, 0);
    for (size_t i = 0; i < out.num_tunnels; i++)
        out.tunnels[i] = (tunnel){.protocol = p->tunnels[i].protocol};
    return out;
}

/* Looks whether what was said so far is a preamble, has become one, or is none. Each look reads everything again, so the
 * looks become rare where there were too many: a preamble is then found a little later, at the same place. */
static void look_for_preamble(flow *f, bool must_look, int64_t now_us)
{
    conversation *c = &f->conversation;
    size_t len = f->pending[SIDE_CLIENT].len + f->pending[SIDE_SERVER].len;
    if (!must_look && len < f->pending_next_len)
        return;
    f->pending_looked_at += len;
    f->pending_next_len = f->pending_looked_at > PREAMBLE_LOOKS_MAX ? len + len / 8 : 0;
    arena *scratch = arena_new();
    preamble read = {0};
    bool may_be =
        preamble_read(scratch, buffer_view(&f->pending[SIDE_CLIENT]), buffer_view(&f->pending[SIDE_SERVER]), c->port, &read);
    bool is_over = may_be && read.complete && !read.may_go_on;
    bool has_advanced = may_be && read.num_tunnels + (read.complete ? 1 : 0) > f->num_exchanges;
    c->preamble = may_be ? without_views(&read) : (preamble){0};
    if (has_advanced && !is_over) {
        note_exchanges(f, &read, now_us);
        restart_first_bytes(f, &read);
    }
    arena_free(scratch);
    if (is_over)
        preamble_is_over(f, now_us);
    else if (!may_be)
        leave_preamble(f, 0, 0, now_us);
}

static void pending_feed(flow *f, enum side side, bytes_view bytes, int64_t now_us)
{
    if (f->pending[SIDE_CLIENT].len + f->pending[SIDE_SERVER].len == 0)
        f->pending_first = side;
    size_t room = PREAMBLE_LEN_MAX - f->pending[side].len;
    bytes_view part = bytes_slice(bytes, 0, room);
    bytes_view rest = bytes_slice(bytes, part.len, bytes.len);
    bool is_full = rest.len > 0;
    if (part.len > 0 && !buffer_append(&f->pending[side], part.data, part.len))
        is_full = true;
    look_for_preamble(f, is_full, now_us);
    if (f->preamble_pending && is_full) /* too long for one */
        preamble_is_over(f, now_us);
    if (!f->preamble_pending && rest.len > 0)
        records_feed(f, side, rest, now_us);
}

/* A stream has ended: what is no whole preamble now will never be one. */
static void pending_end(flow *f, int64_t now_us)
{
    look_for_preamble(f, true, now_us);
    if (f->preamble_pending)
        preamble_is_over(f, now_us);
}

/* ---- bytes and ends ---------------------------------------------------------------------------------------------- */

static void count(flow *f, enum side side, size_t len)
{
    conversation *c = &f->conversation;
    if (side == SIDE_CLIENT)
        c->client_len += len;
    else
        c->server_len += len;
}

static void count_chunk(flow *f, size_t len)
{
    conversation *c = &f->conversation;
    if (c->num_client_chunks < sizeof c->client_chunk_lens / sizeof *c->client_chunk_lens)
        c->client_chunk_lens[c->num_client_chunks] = len;
    c->num_client_chunks++;
}

/* After an SSLv2 SERVER-HELLO nothing is read any more; that both sides went on means that they agreed. */
static void sslv2_goes_on(flow *f, enum side side)
{
    enum handshake_phase phase = f->conversation.phase;
    if (side == SIDE_CLIENT && phase == PHASE_SERVER_FLIGHT)
        note_phase(f, PHASE_CLIENT_FINISHED);
    if (side == SIDE_SERVER && phase == PHASE_CLIENT_FINISHED)
        note_phase(f, PHASE_ESTABLISHED);
}

void flow_bytes(flow *f, enum side side, bytes_view bytes, int64_t now_us)
{
    conversation *c = &f->conversation;
    if (bytes.len == 0)
        return;
    bool was_sslv2 = c->has_server_hello && c->server_hello.version == VERSION_SSL2;
    count(f, side, bytes.len);
    note_tail(f, side, bytes);
    note_first_bytes(f, side, bytes);
    if (f->preamble_pending) {
        pending_feed(f, side, bytes, now_us);
        return;
    }
    if (side == SIDE_CLIENT && !c->has_hello && !c->plain[SIDE_CLIENT])
        count_chunk(f, bytes.len);
    records_feed(f, side, bytes, now_us);
    if (was_sslv2)
        sslv2_goes_on(f, side);
}

void flow_end(flow *f, enum side side, enum stream_end end, int64_t now_us)
{
    conversation *c = &f->conversation;
    if (end == STREAM_OPEN || c->end[side] != STREAM_OPEN)
        return;
    if (f->preamble_pending)
        pending_end(f, now_us);
    records_end(f, side, end, now_us);
    protection_end(f, side, end);
    c->end[side] = end;
    if (!c->has_first_end) {
        c->has_first_end = true;
        c->first_end = side;
    }
    note_event(f, (event){.at_us = now_us, .side = side, .kind = EVENT_STREAM_END, .code = (uint16_t)end});
}

void flow_free(flow *f)
{
    if (f == NULL)
        return;
    if (f->preamble_pending)
        keep_preamble(f, 0);
    f->preamble_pending = false;
    stream_release(f, SIDE_CLIENT);
    stream_release(f, SIDE_SERVER);
    buffer_free(&f->flight);
}

bool flow_is_settled(const flow *f)
{
    const conversation *c = &f->conversation;
    if (c->end[SIDE_CLIENT] != STREAM_OPEN && c->end[SIDE_SERVER] != STREAM_OPEN)
        return true;
    if (f->preamble_pending)
        return false;
    if (c->plain[SIDE_CLIENT] && c->plain[SIDE_SERVER])
        return true;
    if (c->phase == PHASE_ESTABLISHED)
        return c->established_data[SIDE_CLIENT] || c->established_data[SIDE_SERVER];
    /* A side that cannot be read, but the other may still say why: an alert, a sentence. Not after so much. */
    bool is_lost = c->plain[SIDE_CLIENT] || c->plain[SIDE_SERVER] || c->malformed[SIDE_CLIENT] || c->malformed[SIDE_SERVER];
    return is_lost && c->client_len + c->server_len > PLAIN_LEN_MAX;
}

/* What was not seen cannot be read on from. */
static void leave_off(flow *f, enum side side)
{
    f->preamble_pending = false;
    f->streams[side].kind = STREAM_OPAQUE;
    stream_release(f, side);
}

void flow_skipped(flow *f, enum side side, size_t len)
{
    conversation *c = &f->conversation;
    count(f, side, len);
    c->tail_lens[side] = 0;
    if (c->phase == PHASE_ESTABLISHED && len > 0)
        note_established_data(f, side);
    leave_off(f, side);
}

void flow_passed(flow *f, enum side side, bytes_view bytes, int64_t now_us)
{
    size_t len = bytes.len;
    (void)now_us;
    count(f, side, len);
    note_tail(f, side, bytes);
    if (len == 0)
        return;
    bool is_over = f->conversation.phase == PHASE_ESTABLISHED, is_alert = is_over && is_alert_alone(&f->conversation, bytes);
    if (is_alert)
        f->conversation.has_encrypted_alert[side] = true;
    else if (is_over)
        note_established_data(f, side);
    leave_off(f, side);
}
