#include "crypto/certificate_names.h"

#include "wire/reader.h"

/* X.690, 8.1.2 and 8.1.3. */
enum { TAG_VERSION = 0xA0, LENGTH_LONG = 0x80, LENGTH_1 = 0x81, LENGTH_2 = 0x82, LENGTH_3 = 0x83 };

typedef struct element {
    uint8_t tag;
    bytes_view content, whole;
} element;

static bool read_length(reader *r, size_t *len)
{
    uint8_t first, one;
    uint16_t two;
    uint32_t three;
    if (!read_u8(r, "length", &first))
        return false;
    *len = first;
    if (first < LENGTH_LONG)
        return true;
    if (first == LENGTH_1 && read_u8(r, "length", &one))
        *len = one;
    else if (first == LENGTH_2 && read_u16(r, "length", &two))
        *len = two;
    else if (first == LENGTH_3 && read_u24(r, "length", &three))
        *len = three;
    else
        return false;
    return true;
}

static bool read_element(reader *r, element *out)
{
    bytes_view from = r->rest;
    size_t len;
    if (!read_u8(r, "tag", &out->tag) || !read_length(r, &len) || !read_bytes(r, "content", len, &out->content))
        return false;
    out->whole = bytes_slice(from, 0, from.len - reader_len(r));
    return true;
}

bool certificate_names_read(bytes_view der, certificate_names *out)
{
    reader r = reader_from(der);
    element certificate, signed_part, field;
    if (!read_element(&r, &certificate))
        return false;
    out->whole = certificate.whole;
    r = reader_from(certificate.content);
    if (!read_element(&r, &signed_part))
        return false;
    r = reader_from(signed_part.content);
    /* version, which may be absent; serialNumber; signature */
    if (!read_element(&r, &field) || (field.tag == TAG_VERSION && !read_element(&r, &field)) || !read_element(&r, &field))
        return false;
    element issuer, validity, subject;
    if (!read_element(&r, &issuer) || !read_element(&r, &validity) || !read_element(&r, &subject))
        return false;
    out->issuer = issuer.whole;
    out->subject = subject.whole;
    return true;
}

/* Goes through the attributes of a Name: SEQUENCE of SET of SEQUENCE of type and value. */
typedef struct name_walk {
    reader sets, attributes;
} name_walk;

static name_walk walk_begin(bytes_view name)
{
    reader r = reader_from(name);
    element sequence;
    bytes_view none = bytes_from(NULL, 0);
    return (name_walk){.sets = reader_from(read_element(&r, &sequence) ? sequence.content : none), .attributes = reader_from(none)};
}

static bool walk_next(name_walk *w, element *type, element *value)
{
    element part;
    while (reader_is_empty(&w->attributes)) {
        if (!read_element(&w->sets, &part))
            return false;
        w->attributes = reader_from(part.content);
    }
    if (!read_element(&w->attributes, &part))
        return false;
    reader attribute = reader_from(part.content);
    return read_element(&attribute, type) && read_element(&attribute, value);
}

bytes_view name_folded(arena *a, bytes_view name)
{
    uint8_t *folded = arena_alloc(a, name.len);
    size_t len = 0;
    element type, value;
    for (name_walk w = walk_begin(name); walk_next(&w, &type, &value);) {
        for (size_t i = 0; i < type.content.len; i++)
            folded[len++] = (uint8_t)bytes_at(type.content, i);
        for (size_t i = 0; i < value.content.len; i++) {
            int byte = bytes_at(value.content, i);
            if (byte != ' ')
                folded[len++] = (uint8_t)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
        }
    }
    return bytes_from(folded, len);
}

bytes_view name_organization(bytes_view name)
{
    static const uint8_t organization[] = {0x55, 0x04, 0x0A}; /* 2.5.4.10 */
    element type, value;
    for (name_walk w = walk_begin(name); walk_next(&w, &type, &value);)
        if (bytes_equal(type.content, bytes_from(organization, sizeof organization)))
            return value.content;
    return bytes_from(NULL, 0);
}
