/*
 * The header by which a proxy tells a backend whose connection it passes on (HAProxy's "PROXY protocol", versions 1 and 2). It is
 * not answered. One of ours says that the connection is our own (UNKNOWN, LOCAL): no address is invented.
 */
#include "flow/preamble_kinds.h"

#include "wire/reader.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define SIGNATURE_LEN ((size_t)12)
#define TEXT_LEN_MAX ((size_t)107)      /* of version 1, line end included */
#define LOCAL_HEADER "\x20\x00\x00\x00" /* version 2, LOCAL, no address family, no address */

static enum match match_of_signature(bytes_view client)
{
    bytes_view wanted = bytes_from(SIGNATURE, SIGNATURE_LEN);
    size_t len = client.len < wanted.len ? client.len : wanted.len;
    if (!bytes_equal(bytes_slice(client, 0, len), bytes_slice(wanted, 0, len)))
        return MATCH_NO;
    return len < wanted.len ? MATCH_PERHAPS : MATCH_YES;
}

enum match proxy_header_match(const dialog *d)
{
    if (d->client.len == 0)
        return MATCH_NO;
    enum match text = text_match(d->client, "PROXY "), signature = match_of_signature(d->client);
    return text > signature ? text : signature;
}

static bool read_text_header(bytes_view client, preamble *out)
{
    size_t end = 0;
    bytes_view line;
    if (text_line(client, &end, &line) && end <= TEXT_LEN_MAX)
        preamble_finish(out, end, 0);
    return out->complete || client.len < TEXT_LEN_MAX;
}

bool proxy_header_read(const dialog *d, preamble *out)
{
    reader r = reader_from(d->client), rest;
    uint8_t command = 0, family = 0;
    bytes_view signature;
    if (match_of_signature(d->client) != MATCH_YES)
        return read_text_header(d->client, out);
    if (read_bytes(&r, "signature", SIGNATURE_LEN, &signature) && read_u8(&r, "command", &command) &&
        read_u8(&r, "family", &family) && read_vector16(&r, "addresses", &rest))
        preamble_finish(out, r.offset, 0);
    return true;
}

bytes_view proxy_header(arena *a, unsigned version)
{
    static const char binary[] = SIGNATURE LOCAL_HEADER;
    return version == 2 ? bytes_copy(a, bytes_from(binary, sizeof binary - 1)) : bytes_from_text("PROXY UNKNOWN\r\n");
}
