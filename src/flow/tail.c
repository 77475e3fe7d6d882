/* The last bytes of each side's stream: whether it said close_notify before it ended, also where nothing is read along any more. */
#include "flow/machine.h"

#include "registry/registry.h"

void note_tail(flow *f, enum side side, bytes_view bytes)
{
    conversation *c = &f->conversation;
    bytes_view added = bytes.len > CONVERSATION_TAIL_LEN ? bytes_slice(bytes, bytes.len - CONVERSATION_TAIL_LEN, bytes.len) : bytes;
    size_t room = CONVERSATION_TAIL_LEN - added.len, kept = c->tail_lens[side] < room ? c->tail_lens[side] : room;
    size_t dropped = c->tail_lens[side] - kept;
    for (size_t i = 0; i < kept; i++)
        c->tails[side][i] = c->tails[side][dropped + i];
    for (size_t i = 0; i < added.len; i++)
        c->tails[side][kept + i] = (uint8_t)bytes_at(added, i);
    c->tail_lens[side] = kept + added.len;
}

static bool ends_in_record(bytes_view tail, uint8_t content_type, size_t payload_len)
{
    enum { HEADER_LEN = 5, VERSION_MAJOR = 3 };
    if (tail.len < HEADER_LEN + payload_len)
        return false;
    size_t at = tail.len - HEADER_LEN - payload_len;
    return bytes_at(tail, at) == content_type && bytes_at(tail, at + 1) == VERSION_MAJOR && bytes_at(tail, at + 3) == 0 &&
           bytes_at(tail, at + 4) == (int)payload_len;
}

/* An alert of TLS 1.3 is told by its size, bare or padded by 16 bytes as Java does; up to TLS 1.2 the content type is in clear, and
 * what is protected has two bytes, an explicit nonce or IV, a tag or MAC, and padding. The length of that record, its header
 * included; 0 where the bytes do not end in one. */
static size_t final_alert_len(const conversation *c, bytes_view bytes)
{
    enum { HEADER_LEN = 5, ALERT_TLS13_LEN = 19, PADDING_LEN = 16, ALERT_LEN = 2, PAYLOAD_LEN_MAX = CONVERSATION_TAIL_LEN - 5 };
    if (c->server_hello.version >= VERSION_TLS13) {
        for (size_t len = ALERT_TLS13_LEN; len <= ALERT_TLS13_LEN + PADDING_LEN; len += PADDING_LEN)
            if (ends_in_record(bytes, CONTENT_APPLICATION_DATA, len))
                return HEADER_LEN + len;
        return 0;
    }
    for (size_t len = ALERT_LEN; len <= PAYLOAD_LEN_MAX; len++)
        if (ends_in_record(bytes, CONTENT_ALERT, len))
            return HEADER_LEN + len;
    return 0;
}

bool conversation_ended_with_alert(const conversation *c, enum side side)
{
    return final_alert_len(c, bytes_from(c->tails[side], c->tail_lens[side])) != 0;
}

bool is_alert_alone(const conversation *c, bytes_view bytes)
{
    return bytes.len > 0 && final_alert_len(c, bytes) == bytes.len;
}

bool conversation_was_cut(const conversation *c)
{
    return c->phase >= PHASE_ESTABLISHED && c->established_data[SIDE_CLIENT] && c->has_first_end && c->first_end == SIDE_SERVER &&
           !c->has_alert[SIDE_SERVER] && !c->has_encrypted_alert[SIDE_SERVER] && !conversation_ended_with_alert(c, SIDE_SERVER);
}
