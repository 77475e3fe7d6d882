/*
 * Any bytes as what two sides say on a connection. The input is a script of steps: a byte whose top bit is the side and whose
 * second says that this side's stream ends there, then two bytes of length, then that many bytes; what is too short is taken as
 * it is. The port comes first.
 */
#include "flow/conversation.h"
#include "fuzz.h"
#include "wire/reader.h"
#include <stdlib.h>

#define STEP_SIDE 0x80
#define STEP_END 0x40
#define STEP_SINGLE_BYTES 0x20
#define STEP_PASSED 0x10

static void feed(flow *f, enum side side, bytes_view bytes, bool singly, int64_t *now_us)
{
    for (size_t i = 0; singly && i < bytes.len; i++)
        flow_bytes(f, side, bytes_slice(bytes, i, 1), ++*now_us);
    if (!singly)
        flow_bytes(f, side, bytes, ++*now_us);
}

static bool step(flow *f, reader *script, int64_t *now_us)
{
    uint8_t what;
    uint16_t len;
    bytes_view bytes;
    if (!read_u8(script, "step", &what) || !read_u16(script, "length", &len))
        return false;
    if (!read_bytes(script, "bytes", len, &bytes))
        bytes = read_rest(script);
    enum side side = what & STEP_SIDE ? SIDE_SERVER : SIDE_CLIENT;
    if (flow_is_settled(f) && what & STEP_PASSED)
        flow_passed(f, side, bytes, ++*now_us);
    else
        feed(f, side, bytes, (what & STEP_SINGLE_BYTES) != 0, now_us);
    if (what & STEP_END)
        flow_end(f, side, (enum stream_end)(STREAM_FIN + what % 3), ++*now_us);
    return true;
}

/* What its header promises of every conversation. */
static void promises_check(const conversation *c)
{
    bool kept = c->num_events <= CONVERSATION_EVENTS_MAX && c->client_first_bytes.len <= 1024 && c->server_first_bytes.len <= 1024;
    if (!kept || c->preamble.client_bytes.len > PREAMBLE_LEN_MAX || c->preamble.server_bytes.len > PREAMBLE_LEN_MAX)
        abort();
    for (size_t i = 1; i < c->num_events; i++)
        if (c->events[i].at_us < c->events[i - 1].at_us)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *a = arena_new();
    reader script = reader_from(bytes_from(data, size));
    uint16_t port = 0;
    int64_t now_us = 0;
    if (!read_u16(&script, "port", &port))
        port = 443;
    flow *f = flow_new(a, port);
    flow_connected(f, ++now_us);
    while (step(f, &script, &now_us))
        promises_check(flow_conversation(f));
    flow_end(f, SIDE_CLIENT, STREAM_FIN, ++now_us);
    flow_end(f, SIDE_SERVER, STREAM_RESET, ++now_us);
    promises_check(flow_conversation(f));
    flow_free(f);
    arena_free(a);
    return 0;
}
