#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bytes_view bytes_from(const void *data, size_t len)
{
    return (bytes_view){.data = data, .len = len};
}

bytes_view bytes_from_text(const char *text)
{
    return bytes_from(text, text == NULL ? 0 : strlen(text));
}

bytes_view bytes_copy(arena *a, bytes_view v)
{
    return bytes_from(arena_copy(a, v.data, v.len), v.len);
}

bool bytes_equal(bytes_view a, bytes_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool bytes_start_with(bytes_view v, const char *prefix)
{
    size_t len = strlen(prefix);
    return v.len >= len && (len == 0 || memcmp(v.data, prefix, len) == 0);
}

bool bytes_start_with_ignoring_case(bytes_view v, const char *prefix)
{
    size_t len = strlen(prefix);
    return v.len >= len && (len == 0 || strncasecmp((const char *)v.data, prefix, len) == 0);
}

bool bytes_contain_ignoring_case(bytes_view v, const char *text)
{
    size_t len = strlen(text);
    for (size_t offset = 0; offset + len <= v.len; offset++)
        if (bytes_start_with_ignoring_case(bytes_slice(v, offset, len), text))
            return true;
    return false;
}

size_t bytes_find(bytes_view v, const char *text, size_t offset)
{
    if (v.data == NULL || offset > v.len)
        return v.len;
    const uint8_t *found = memmem(v.data + offset, v.len - offset, text, strlen(text));
    return found == NULL ? v.len : (size_t)(found - v.data);
}

/* Two pairs may share a place: the smaller step of them is taken then. */
static size_t place_of_pair(uint8_t first, uint8_t second)
{
    return ((size_t)first << 5 ^ second) % BYTES_FINDER_PAIRS;
}

void bytes_finder_init(bytes_finder *f, const char *const *texts, size_t num_texts)
{
    *f = (bytes_finder){.texts = texts, .num_texts = num_texts, .len_min = UINT8_MAX};
    for (size_t i = 0; i < num_texts; i++)
        f->len_min = strlen(texts[i]) < f->len_min ? strlen(texts[i]) : f->len_min;
    memset(f->steps, (int)f->len_min - 1, sizeof f->steps);
    for (size_t i = 0; i < num_texts; i++)
        for (size_t at = 0; at + 1 < f->len_min; at++) {
            uint8_t *step = &f->steps[place_of_pair((uint8_t)texts[i][at], (uint8_t)texts[i][at + 1])];
            size_t behind = f->len_min - 2 - at;
            *step = behind < *step ? (uint8_t)behind : *step;
        }
}

size_t bytes_find_any(bytes_view v, const bytes_finder *f, size_t offset, size_t *which)
{
    for (size_t at = offset + f->len_min - 2; at + 1 < v.len;) {
        size_t step = f->steps[place_of_pair(v.data[at], v.data[at + 1])], begin = at + 2 - f->len_min;
        for (size_t i = 0; step == 0 && i < f->num_texts; i++)
            if (bytes_start_with(bytes_from(v.data + begin, v.len - begin), f->texts[i])) {
                *which = i;
                return begin;
            }
        at += step == 0 ? 1 : step;
    }
    return v.len;
}

bytes_view bytes_slice(bytes_view v, size_t offset, size_t len)
{
    if (offset >= v.len)
        return bytes_from(NULL, 0);
    size_t available = v.len - offset;
    return bytes_from(v.data + offset, len < available ? len : available);
}

int bytes_at(bytes_view v, size_t index)
{
    return index < v.len ? v.data[index] : -1;
}

bytes_view bytes_until(bytes_view v, uint8_t byte)
{
    const uint8_t *found = v.len == 0 ? NULL : memchr(v.data, byte, v.len);
    return found == NULL ? v : bytes_from(v.data, (size_t)(found - v.data));
}

char *bytes_to_text(arena *a, bytes_view v)
{
    return arena_copy(a, v.data, v.len);
}

char *bytes_to_hex(arena *a, bytes_view v)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc_array(a, v.len * 2 + 1, 1);
    for (size_t i = 0; i < v.len; i++) {
        text[2 * i] = digits[v.data[i] >> 4];
        text[2 * i + 1] = digits[v.data[i] & 15];
    }
    return text;
}

bool codes_contain(code_list list, uint16_t code)
{
    for (size_t i = 0; i < list.num_codes; i++)
        if (list.codes[i] == code)
            return true;
    return false;
}

code_list codes_from(arena *a, const uint16_t *codes, size_t num_codes)
{
    return (code_list){.codes = arena_copy(a, codes, num_codes * sizeof *codes), .num_codes = num_codes};
}

/* Appends those of `from` whose being in `filter` is as wanted. */
static void append_if(code_list *list, code_list from, code_list filter, bool must_be_in_filter)
{
    for (size_t i = 0; i < from.num_codes; i++)
        if (codes_contain(filter, from.codes[i]) == must_be_in_filter)
            list->codes[list->num_codes++] = from.codes[i];
}

code_list codes_joined(arena *a, code_list first, code_list second)
{
    code_list joined = {.codes = ARENA_ARRAY(a, first.num_codes + second.num_codes, uint16_t)};
    append_if(&joined, first, (code_list){0}, false);
    append_if(&joined, second, first, false);
    return joined;
}

code_list codes_without(arena *a, code_list list, code_list unwanted)
{
    code_list rest = {.codes = ARENA_ARRAY(a, list.num_codes, uint16_t)};
    append_if(&rest, list, unwanted, false);
    return rest;
}

code_list codes_in_both(arena *a, code_list list, code_list other)
{
    code_list both = {.codes = ARENA_ARRAY(a, list.num_codes, uint16_t)};
    append_if(&both, list, other, true);
    return both;
}

code_list codes_one(arena *a, uint16_t code)
{
    return codes_from(a, &code, 1);
}

uint16_t codes_max(code_list list)
{
    uint16_t max = 0;
    for (size_t i = 0; i < list.num_codes; i++)
        if (list.codes[i] > max)
            max = list.codes[i];
    return max;
}

uint16_t codes_min(code_list list)
{
    uint16_t min = list.num_codes == 0 ? 0 : list.codes[0];
    for (size_t i = 1; i < list.num_codes; i++)
        if (list.codes[i] < min)
            min = list.codes[i];
    return min;
}

void buffer_init(buffer *b, size_t len_max)
{
    *b = (buffer){.len_max = len_max};
}

void buffer_free(buffer *b)
{
    free(b->data);
    *b = (buffer){.len_max = b->len_max};
}

static bool grow(buffer *b, size_t needed)
{
    size_t capacity = b->capacity == 0 ? 512 : b->capacity;
    while (capacity < needed)
        capacity *= 2;
    if (capacity > b->len_max)
        capacity = b->len_max;
    uint8_t *data = realloc(b->data, capacity);
    if (data == NULL)
        return false;
    b->data = data;
    b->capacity = capacity;
    return true;
}

bool buffer_append(buffer *b, const void *data, size_t len)
{
    if (len > b->len_max - b->len)
        return false;
    if (len == 0)
        return true;
    if (b->len + len > b->capacity && !grow(b, b->len + len))
        return false;
    memcpy(b->data + b->len, data, len);
    b->len += len;
    return true;
}

void buffer_consume(buffer *b, size_t len)
{
    if (len > b->len)
        len = b->len;
    if (len == 0)
        return;
    memmove(b->data, b->data + len, b->len - len);
    b->len -= len;
}

void buffer_trim(buffer *b, uint8_t byte)
{
    while (b->len > 0 && b->data[b->len - 1] == byte)
        b->len--;
}

bytes_view buffer_view(const buffer *b)
{
    return bytes_from(b->data, b->len);
}
