/* Bytes from outside, made safe for a terminal. */
#include "report/report.h"

#include "wire/reader.h"

enum { REPLACEMENT_LEN_MAX = 16 };

typedef struct character {
    uint32_t code_point;
    size_t len;   /* bytes taken */
    bool invalid; /* one byte that is no UTF-8 */
} character;

/* The length that a lead byte promises; 0 where it cannot lead (RFC 3629, 3). */
static size_t promised_len(int lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

static bool is_overlong_or_surrogate(uint32_t code_point, size_t len)
{
    return (len == 3 && code_point < 0x800) || (len == 4 && code_point < 0x10000) || code_point > 0x10FFFF ||
           (code_point >= 0xD800 && code_point <= 0xDFFF);
}

static character character_at(bytes_view v, size_t offset)
{
    int lead = bytes_at(v, offset);
    size_t len = promised_len(lead);
    uint32_t code_point = len <= 1 ? (uint32_t)lead : (uint32_t)lead & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        int next = bytes_at(v, offset + i);
        if (next < 0x80 || next > 0xBF)
            return (character){.code_point = (uint32_t)lead, .len = 1, .invalid = true};
        code_point = code_point << 6 | ((uint32_t)next & 0x3F);
    }
    if (len == 0 || is_overlong_or_surrogate(code_point, len))
        return (character){.code_point = (uint32_t)lead, .len = 1, .invalid = true};
    return (character){.code_point = code_point, .len = len};
}

typedef struct code_point_range {
    uint32_t first, last;
} code_point_range;

/* What a terminal obeys or does not show: controls, C1, soft hyphen, zero-width, bidirectional marks and overrides (Unicode
 * 15, 3.4, 23.2), line and paragraph separators, fillers, byte order mark, interlinear and tag characters. */
static const code_point_range unsafe_ranges[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x00AD, 0x00AD}, {0x061C, 0x061C}, {0x115F, 0x1160}, {0x180E, 0x180E}, {0x200B, 0x200F},
    {0x2028, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFB}, {0xE0000, 0xE0FFF},
};

static bool is_unsafe(uint32_t code_point)
{
    for (size_t i = 0; i < sizeof unsafe_ranges / sizeof *unsafe_ranges; i++)
        if (code_point >= unsafe_ranges[i].first && code_point <= unsafe_ranges[i].last)
            return true;
    return false;
}

static const char *shown(arena *a, bytes_view v, size_t offset, character c)
{
    if (c.invalid || (c.code_point < 0x100 && is_unsafe(c.code_point)))
        return arena_printf(a, "\\x%02X", c.code_point);
    if (is_unsafe(c.code_point))
        return arena_printf(a, "\\u{%X}", c.code_point);
    return bytes_to_text(a, bytes_slice(v, offset, c.len));
}

char *text_escape(arena *a, bytes_view v, size_t len_max)
{
    buffer out;
    buffer_init(&out, (v.len < len_max ? v.len : len_max) * REPLACEMENT_LEN_MAX + REPLACEMENT_LEN_MAX);
    arena *scratch = arena_new();
    size_t offset = 0, count = 0;
    for (; offset < v.len && count < len_max; count++) {
        character c = character_at(v, offset);
        bytes_view piece = bytes_from_text(shown(scratch, v, offset, c));
        if (!buffer_append(&out, piece.data, piece.len))
            break;
        offset += c.len;
    }
    char *text = arena_printf(a, "%s%s", bytes_to_text(scratch, buffer_view(&out)), offset < v.len ? "..." : "");
    arena_free(scratch);
    buffer_free(&out);
    return text;
}
