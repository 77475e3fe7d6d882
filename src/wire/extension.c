#include "wire/extension.h"

void finding_add(arena *a, finding_list *list, size_t offset, const char *text)
{
    if (list->num_findings == FINDINGS_MAX)
        return;
    if (list->num_findings == 0)
        list->findings = ARENA_ARRAY(a, FINDINGS_MAX, finding);
    list->findings[list->num_findings++] = (finding){.offset = offset, .text = text};
}

void finding_add_unread(arena *a, finding_list *list, const reader *r)
{
    error e = {0};
    reader_explain(r, &e);
    finding_add(a, list, r->field == NULL ? r->offset : r->field_offset, arena_printf(a, "%s", e.message));
}

code_list codes_read(arena *a, reader *list)
{
    code_list codes = {.codes = ARENA_ARRAY(a, reader_len(list) / 2, uint16_t)};
    uint16_t code;
    while (reader_len(list) >= 2 && read_u16(list, "code", &code))
        codes.codes[codes.num_codes++] = code;
    return codes;
}

bool code_list_body_read(arena *a, bytes_view body, size_t length_size, code_list *out)
{
    reader r = reader_from(body);
    reader list;
    *out = (code_list){0};
    bool whole = length_size == 1 ? read_vector8(&r, "list", &list) : read_vector16(&r, "list", &list);
    if (!whole)
        return false;
    *out = codes_read(a, &list);
    return reader_is_empty(&list) && reader_is_empty(&r);
}

size_t code_list_body_length_size(uint16_t type)
{
    static const struct {
        uint16_t type;
        uint8_t length_size;
    } rows[] = {
        {EXTENSION_SUPPORTED_GROUPS, 2},          /* RFC 8422, 5.1.1; RFC 8446, 4.2.7 */
        {EXTENSION_SIGNATURE_ALGORITHMS, 2},      /* RFC 5246, 7.4.1.4.1; RFC 8446, 4.2.3 */
        {EXTENSION_SIGNATURE_ALGORITHMS_CERT, 2}, /* RFC 8446, 4.2.3 */
        {EXTENSION_DELEGATED_CREDENTIAL, 2},      /* RFC 9345, 4.1.1 */
        {EXTENSION_SUPPORTED_VERSIONS, 1},        /* RFC 8446, 4.2.1 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].type == type)
            return rows[i].length_size;
    return 0;
}

const extension *extension_in(const extension *extensions, size_t num_extensions, uint16_t type)
{
    for (size_t i = 0; i < num_extensions; i++)
        if (extensions[i].type == type)
            return &extensions[i];
    return NULL;
}

static bool extension_read(reader *block, extension *out)
{
    reader body;
    if (!read_u16(block, "extension type", &out->type) || !read_vector16(block, "extension", &body))
        return false;
    out->body = read_rest(&body);
    return true;
}

void extensions_read(arena *a, reader *block, extension **out, size_t *num_extensions, finding_list *findings)
{
    /* An extension takes at least 4 bytes. */
    *out = ARENA_ARRAY(a, reader_len(block) / 4, extension);
    *num_extensions = 0;
    uint8_t seen[65536 / 8] = {0}; /* a bit for each type */
    while (!reader_is_empty(block)) {
        size_t offset = block->offset;
        extension one;
        if (!extension_read(block, &one)) {
            finding_add_unread(a, findings, block);
            return;
        }
        if (seen[one.type / 8] >> (one.type % 8) & 1)
            finding_add(a, findings, offset, arena_printf(a, "extension %u comes twice", one.type));
        seen[one.type / 8] |= (uint8_t)(1u << (one.type % 8));
        (*out)[(*num_extensions)++] = one;
    }
}

void extensions_write(writer *w, const extension *extensions, size_t num_extensions)
{
    writer_vector block = writer_open16(w);
    for (size_t i = 0; i < num_extensions; i++) {
        write_u16(w, extensions[i].type);
        writer_vector body = writer_open16(w);
        write_bytes(w, extensions[i].body);
        writer_close(w, body);
    }
    writer_close(w, block);
}
