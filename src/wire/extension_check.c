#include "wire/extension_check.h"
#include "wire/extension.h"

/* struct { NameType name_type; opaque HostName<1..2^16-1>; } ServerNameList<1..2^16-1> (RFC 6066, 3) */
static bool server_name_is_whole(reader *body)
{
    reader list, name;
    uint8_t type;
    if (!read_vector16(body, "server_name_list", &list) || reader_is_empty(&list))
        return false;
    while (!reader_is_empty(&list))
        if (!read_u8(&list, "name_type", &type) || !read_vector16(&list, "host_name", &name) || reader_is_empty(&name))
            return false;
    return reader_is_empty(body);
}

/* opaque ProtocolName<1..2^8-1>; ProtocolName protocol_name_list<2..2^16-1> (RFC 7301, 3.1) */
static bool alpn_is_whole(reader *body)
{
    reader list, name;
    if (!read_vector16(body, "protocol_name_list", &list) || reader_is_empty(&list))
        return false;
    while (!reader_is_empty(&list))
        if (!read_vector8(&list, "protocol_name", &name) || reader_is_empty(&name))
            return false;
    return reader_is_empty(body);
}

/* struct { NamedGroup group; opaque key_exchange<1..2^16-1>; } client_shares<0..2^16-1> (RFC 8446, 4.2.8) */
static bool key_share_is_whole(reader *body)
{
    reader list, key_exchange;
    uint16_t group;
    if (!read_vector16(body, "client_shares", &list))
        return false;
    while (!reader_is_empty(&list))
        if (!read_u16(&list, "group", &group) || !read_vector16(&list, "key_exchange", &key_exchange))
            return false;
    return reader_is_empty(body);
}

/* A list of bytes behind a length of one: ec_point_formats (RFC 8422, 5.1.2), psk_key_exchange_modes (RFC 8446, 4.2.9). */
static bool byte_list_is_whole(reader *body)
{
    reader list;
    return read_vector8(body, "list", &list) && !reader_is_empty(&list) && reader_is_empty(body);
}

static bool body_is_whole(arena *a, const extension *e)
{
    reader body = reader_from(e->body);
    size_t length_size = code_list_body_length_size(e->type);
    code_list codes;
    if (length_size != 0)
        return code_list_body_read(a, e->body, length_size, &codes) && codes.num_codes > 0;
    switch (e->type) {
    case EXTENSION_SERVER_NAME:
        return server_name_is_whole(&body);
    case EXTENSION_ALPN:
        return alpn_is_whole(&body);
    case EXTENSION_KEY_SHARE:
        return key_share_is_whole(&body);
    case EXTENSION_EC_POINT_FORMATS:
    case EXTENSION_PSK_KEY_EXCHANGE_MODES:
        return byte_list_is_whole(&body);
    default:
        return true;
    }
}

void extensions_check(arena *a, const client_hello *hello, size_t block_offset, finding_list *findings)
{
    size_t offset = block_offset;
    for (size_t i = 0; i < hello->num_extensions; i++) {
        const extension *e = &hello->extensions[i];
        if (!body_is_whole(a, e))
            finding_add(a, findings, offset, arena_printf(a, "the body of extension %u breaks its own structure", e->type));
        if (e->type == EXTENSION_PRE_SHARED_KEY && i + 1 < hello->num_extensions)
            finding_add(a, findings, offset, "pre_shared_key is not the last extension"); /* RFC 8446, 4.2.11 */
        offset += 4 + e->body.len;
    }
}
