#include "wire/record.h"

static bool type_is_known(int content_type)
{
    return content_type >= CONTENT_CHANGE_CIPHER_SPEC && content_type <= CONTENT_HEARTBEAT;
}

bool record_looks_possible(bytes_view input)
{
    return input.len >= 3 && type_is_known(bytes_at(input, 0)) && bytes_at(input, 1) == 3;
}

/* Whether the header's bytes, as far as they came, rule a record out. */
static bool cannot_be(bytes_view input)
{
    if (input.len >= 1 && !type_is_known(bytes_at(input, 0)))
        return true;
    return input.len >= 2 && bytes_at(input, 1) != 3;
}

enum parse_status record_read(reader *r, record *out)
{
    *out = (record){0};
    reader ahead = *r;
    if (cannot_be(ahead.rest))
        return PARSE_BAD;
    uint16_t len;
    if (!read_u8(&ahead, "record type", &out->content_type) || !read_u16(&ahead, "record version", &out->version) ||
        !read_u16(&ahead, "record length", &len))
        return PARSE_MORE;
    if (len > RECORD_PAYLOAD_LEN_MAX)
        return PARSE_BAD;
    if (!read_bytes(&ahead, "record payload", len, &out->payload))
        return PARSE_MORE;
    *r = ahead;
    return PARSE_DONE;
}

void record_write(writer *w, uint8_t content_type, uint16_t version, bytes_view payload)
{
    write_u8(w, content_type);
    write_u16(w, version);
    writer_vector fragment = writer_open16(w);
    write_bytes(w, payload);
    writer_close(w, fragment);
}

enum parse_status alert_read(bytes_view payload, alert *out)
{
    *out = (alert){0};
    reader r = reader_from(payload);
    if (!read_u8(&r, "level", &out->level) || !read_u8(&r, "description", &out->description) || !reader_is_empty(&r))
        return PARSE_BAD;
    return PARSE_DONE;
}
