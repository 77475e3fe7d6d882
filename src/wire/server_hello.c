#include "wire/server_hello.h"
#include "wire/extension.h"

/* SHA-256("HelloRetryRequest"): RFC 8446, 4.1.3 */
static const uint8_t retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

static reader body_of(const server_hello *hello, uint16_t type)
{
    const extension *e = server_hello_extension(hello, type);
    return reader_from(e == NULL ? bytes_from(NULL, 0) : e->body);
}

/* struct { ProtocolVersion selected_version; } (RFC 8446, 4.2.1) */
static void selected_version_read(server_hello *hello)
{
    reader body = body_of(hello, EXTENSION_SUPPORTED_VERSIONS);
    uint16_t version;
    if (read_u16(&body, "selected_version", &version))
        hello->version = version;
}

/* KeyShareServerHello and KeyShareHelloRetryRequest both begin with the group (RFC 8446, 4.2.8). */
static void group_read(server_hello *hello)
{
    reader body = body_of(hello, EXTENSION_KEY_SHARE);
    uint16_t group;
    if (read_u16(&body, "group", &group))
        hello->group = group;
}

/* struct { opaque cookie<1..2^16-1>; } (RFC 8446, 4.2.2) */
static void cookie_read(server_hello *hello)
{
    reader body = body_of(hello, EXTENSION_COOKIE);
    reader cookie;
    if (read_vector16(&body, "cookie", &cookie))
        hello->cookie = read_rest(&cookie);
}

/* A protocol_name_list of exactly one (RFC 7301, 3.1) */
static void alpn_read(server_hello *hello)
{
    reader body = body_of(hello, EXTENSION_ALPN);
    reader list, name;
    if (read_vector16(&body, "protocol_name_list", &list) && read_vector8(&list, "protocol_name", &name))
        hello->alpn = read_rest(&name);
}

/* struct ServerHello (RFC 8446, 4.1.3; RFC 5246, 7.4.1.3); false where a field is cut. */
static bool fields_read(reader *r, server_hello *out)
{
    reader session_id;
    if (!read_u16(r, "legacy_version", &out->legacy_version) || !read_bytes(r, "random", 32, &out->random) ||
        !read_vector8(r, "session_id", &session_id))
        return false;
    out->session_id = read_rest(&session_id);
    return read_u16(r, "cipher_suite", &out->cipher_suite) && read_u8(r, "compression_method", &out->compression_method);
}

static void extensions_block_read(arena *a, reader *r, server_hello *out)
{
    reader block;
    if (reader_is_empty(r))
        return;
    if (read_vector16(r, "extensions", &block))
        extensions_read(a, &block, &out->extensions, &out->num_extensions, &out->findings);
    if (!reader_is_empty(r))
        finding_add_unread(a, &out->findings, r);
}

enum parse_status server_hello_parse(arena *a, bytes_view body, server_hello *out)
{
    *out = (server_hello){0};
    reader r = reader_from(bytes_copy(a, body));
    if (!fields_read(&r, out)) {
        finding_add_unread(a, &out->findings, &r);
        return PARSE_BAD;
    }
    extensions_block_read(a, &r, out);
    out->is_retry_request = bytes_equal(out->random, bytes_from(retry_random, sizeof retry_random));
    out->version = out->legacy_version;
    selected_version_read(out);
    group_read(out);
    cookie_read(out);
    alpn_read(out);
    out->has_renegotiation_info = server_hello_extension(out, EXTENSION_RENEGOTIATION_INFO) != NULL;
    out->has_extended_master_secret = server_hello_extension(out, EXTENSION_EXTENDED_MASTER_SECRET) != NULL;
    return out->findings.num_findings == 0 ? PARSE_DONE : PARSE_NOTE;
}

const extension *server_hello_extension(const server_hello *hello, uint16_t type)
{
    return extension_in(hello->extensions, hello->num_extensions, type);
}
