#include "wire/dns_message.h"

#include <stdio.h>

#define NAME_LEN_MAX ((size_t)255) /* RFC 1035, 2.3.4: bytes on the wire, of all labels and their lengths */

/* RFC 1035, 4.1.1 and 4.1.4. */
enum {
    FLAG_ANSWER = 0x8000,
    FLAG_CUT = 0x0200,
    OPCODE_MASK = 0x7800,
    CODE_MASK = 0x000f,
    POINTER_BITS = 0xc0,
    POINTER_OFFSET_MASK = 0x3fff,
    CLASS_INTERNET = 1,
};

typedef struct header {
    uint16_t id, flags, num_questions, num_answers;
} header;

static bool read_header(reader *r, header *out)
{
    uint16_t num_authorities, num_additional;
    return read_u16(r, "id", &out->id) && read_u16(r, "flags", &out->flags) && read_u16(r, "qdcount", &out->num_questions) &&
           read_u16(r, "ancount", &out->num_answers) && read_u16(r, "nscount", &num_authorities) &&
           read_u16(r, "arcount", &num_additional);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static bool is_plain(int byte)
{
    return byte > ' ' && byte < 0x7f && byte != '.' && byte != '\\';
}

/* Appends a label, as text. False where the whole becomes too long. */
static bool add_label(buffer *text, bytes_view label)
{
    char written[8];
    if (text->len > 0 && !buffer_append(text, ".", 1))
        return false;
    for (size_t i = 0; i < label.len; i++) {
        int byte = bytes_at(label, i);
        int len = snprintf(written, sizeof written, is_plain(byte) ? "%c" : "\\%03d", byte);
        if (!buffer_append(text, written, (size_t)len))
            return false;
    }
    return true;
}

/* One step through a name: a label, or a jump to an earlier place. A name that jumps forward, or nowhere, could go round for ever:
 * each jump has to lead before where the name stood last. */
typedef struct name_walk {
    reader at;
    size_t before; /* the next jump has to lead before this */
    size_t len;    /* of the name so far, bytes */
} name_walk;

enum step { STEP_GOES_ON, STEP_ENDED, STEP_BAD };

static enum step jump(name_walk *w, bytes_view message, uint8_t first)
{
    uint8_t second;
    if (!read_u8(&w->at, "pointer", &second))
        return STEP_BAD;
    size_t offset = (size_t)((first << 8 | second) & POINTER_OFFSET_MASK);
    if (offset >= w->before)
        return STEP_BAD;
    w->before = offset;
    w->at = reader_from(bytes_slice(message, offset, message.len));
    return STEP_GOES_ON;
}

static enum step walk(name_walk *w, bytes_view message, buffer *text)
{
    uint8_t len;
    bytes_view label;
    if (!read_u8(&w->at, "label length", &len))
        return STEP_BAD;
    if ((len & POINTER_BITS) == POINTER_BITS)
        return jump(w, message, len);
    w->len += 1 + (size_t)len;
    if ((len & POINTER_BITS) != 0 || w->len > NAME_LEN_MAX)
        return STEP_BAD;
    if (len == 0)
        return STEP_ENDED;
    return read_bytes(&w->at, "label", len, &label) && add_label(text, label) ? STEP_GOES_ON : STEP_BAD;
}

static const char *name_text(arena *a, bytes_view message, size_t offset)
{
    name_walk w = {.at = reader_from(bytes_slice(message, offset, message.len)), .before = offset};
    buffer text;
    enum step step;
    buffer_init(&text, DNS_NAME_TEXT_LEN_MAX);
    do
        step = walk(&w, message, &text);
    while (step == STEP_GOES_ON);
    const char *name = step == STEP_ENDED ? bytes_to_text(a, buffer_view(&text)) : NULL;
    buffer_free(&text);
    return name;
}

/* Past a name: it ends with its first pointer, or with the empty label. */
static bool skip_name(reader *r)
{
    uint8_t len;
    bytes_view label;
    while (read_u8(r, "label length", &len)) {
        if ((len & POINTER_BITS) == POINTER_BITS)
            return read_u8(r, "pointer", &len);
        if (len == 0)
            return true;
        if ((len & POINTER_BITS) != 0 || !read_bytes(r, "label", len, &label))
            return false;
    }
    return false;
}

/* ---- sections ---------------------------------------------------------------------------------------------------- */

static void keep_address(dns_message *out, uint16_t type, bytes_view data)
{
    size_t len = type == DNS_TYPE_A ? 4 : type == DNS_TYPE_AAAA ? 16 : 0;
    if (len == 0 || data.len != len || out->num_addresses == DNS_ADDRESSES_MAX)
        return;
    dns_address *kept = &out->addresses[out->num_addresses++];
    kept->len = len;
    for (size_t i = 0; i < len; i++)
        kept->bytes[i] = (uint8_t)bytes_at(data, i);
}

static bool read_answer(reader *r, dns_message *out)
{
    uint16_t type, class;
    uint32_t seconds_to_live;
    reader data;
    if (!skip_name(r) || !read_u16(r, "type", &type) || !read_u16(r, "class", &class) || !read_u32(r, "ttl", &seconds_to_live) ||
        !read_vector16(r, "rdata", &data))
        return false;
    if (class == CLASS_INTERNET)
        keep_address(out, type, read_rest(&data));
    return true;
}

enum parse_status dns_message_read(arena *a, bytes_view bytes, dns_message *out)
{
    reader r = reader_from(bytes);
    header h;
    uint16_t class;
    *out = (dns_message){0};
    if (!read_header(&r, &h) || (h.flags & OPCODE_MASK) != 0 || h.num_questions != 1)
        return PARSE_BAD;
    *out = (dns_message){.id = h.id,
                         .is_answer = (h.flags & FLAG_ANSWER) != 0,
                         .is_cut = (h.flags & FLAG_CUT) != 0,
                         .code = (uint8_t)(h.flags & CODE_MASK)};
    out->name = name_text(a, bytes, r.offset);
    if (out->name == NULL || !skip_name(&r) || !read_u16(&r, "qtype", &out->type) || !read_u16(&r, "qclass", &class))
        return PARSE_BAD;
    for (uint16_t i = 0; i < h.num_answers && read_answer(&r, out); i++)
        continue;
    return PARSE_DONE;
}
